// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a fuzzer each file of the folders named on the command line, without libFuzzer: what was
// found once is looked for at every test.
#include "base/die.h"
#include "base/must.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_file(int folder, const char *name)
{
    enum { MOST = 1 << 20 };
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die("openat(%s): %s", name, strerror(errno));
    uint8_t *data = must_calloc(1, MOST);
    ssize_t got = read(fd, data, MOST);
    if (got < 0)
        die("read(%s): %s", name, strerror(errno));
    close(fd);
    uint8_t *exact = must_calloc(1, (size_t)got);
    memcpy(exact, data, (size_t)got);
    free(data);
    LLVMFuzzerTestOneInput(exact, (size_t)got);
    free(exact);
}

int main(int argc, char **argv)
{
    int tried = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder)
            die("opendir(%s): %s", argv[i], strerror(errno));
        for (struct dirent *entry; (entry = readdir(folder));)
            if (entry->d_name[0] != '.') {
                try_file(dirfd(folder), entry->d_name);
                tried++;
            }
        closedir(folder);
    }
    printf("%d inputs\n", tried);
    return tried > 0 ? 0 : 1;
}
