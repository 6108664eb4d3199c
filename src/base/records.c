// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/records.h"

#include "base/fail.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 1 << 20 };

static void map_block(struct records *records)
{
    void *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    if (madvise(block, BLOCK, MADV_DONTFORK) < 0)
        die("madvise(MADV_DONTFORK): %s", strerror(errno));
    records->fresh = block;
    records->left = BLOCK;
}

void *records_take(struct records *records)
{
    void *record = records->given;
    if (record) {
        memcpy(&records->given, record, sizeof records->given);
        memset(record, 0, records->size);
        return record;
    }
    if (records->left < records->size)
        map_block(records);
    record = records->fresh;
    records->fresh += records->size;
    records->left -= records->size;
    return record;
}

void records_give(struct records *records, void *record)
{
    memcpy(record, &records->given, sizeof records->given);
    records->given = record;
}
