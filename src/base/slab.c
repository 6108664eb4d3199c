// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/slab.h"

#include "base/nofork.h"

#include <string.h>

enum { BLOCK = 1 << 20 };

void *slab_take(struct slab *records)
{
    void *record = records->given;
    if (record) {
        memcpy(&records->given, record, sizeof records->given);
        memset(record, 0, records->size);
        return record;
    }
    if (records->left < records->size) {
        records->fresh = nofork_map(BLOCK);
        records->left = BLOCK;
    }
    record = records->fresh;
    records->fresh += records->size;
    records->left -= records->size;
    return record;
}

void slab_give(struct slab *records, void *record)
{
    memcpy(record, &records->given, sizeof records->given);
    records->given = record;
}
