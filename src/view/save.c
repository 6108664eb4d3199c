// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const struct text *content)
{
    size_t written = 0;
    while (written < content->length) {
        ssize_t count = write(fd, content->bytes + written, content->length - written);
        if (count < 0 && errno != EINTR)
            return false;
        written += count > 0 ? (size_t)count : 0;
    }
    return true;
}

// Leaves the file as open to others as open(2) would have made it. Returns the call that failed, or NULL.
static const char *fill(int fd, const struct text *content)
{
    mode_t mask = umask(0);
    umask(mask);
    if (!write_all(fd, content))
        return "write";
    if (fchmod(fd, 0666 & ~mask) < 0)
        return "fchmod";
    return fsync(fd) < 0 ? "fsync" : NULL;
}

bool save_file(const char *path, const struct text *content, const char **failed_call)
{
    struct text beside = {0};
    text_print(&beside, "%s.XXXXXX", path);
    *failed_call = "mkostemp";
    int fd = mkostemp(beside.bytes, O_CLOEXEC);
    if (fd < 0) {
        text_free(&beside);
        return false;
    }
    *failed_call = fill(fd, content);
    int error = errno;
    if (close(fd) < 0 && !*failed_call) {
        *failed_call = "close";
        error = errno;
    }
    if (!*failed_call && rename(beside.bytes, path) < 0) {
        *failed_call = "rename";
        error = errno;
    }
    if (*failed_call)
        unlink(beside.bytes);
    text_free(&beside);
    errno = error;
    return !*failed_call;
}
