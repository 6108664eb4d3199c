// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include "base/must.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_write(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

// Returns the mode for the file: the one it had, or what the mask leaves of a new one.
static mode_t file_mode_of(const char *path)
{
    struct stat old;
    if (stat(path, &old) == 0)
        return old.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

// Returns the path of a temporary file to be in the folder of `path`, for mkostemp(3).
static char *file_temporary_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct text temporary = {0};
    text_add(&temporary, path, slash ? (size_t)(slash - path) + 1 : 0);
    text_add_string(&temporary, ".forklab-XXXXXX");
    return temporary.bytes;
}

static bool file_sync(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

// Writes, closes and renames; returns NULL or the name of the call that failed. `fd` is closed.
static const char *file_fill(int fd, const char *temporary, const char *path,
                             const struct text *content)
{
    const char *failed = NULL;
    if (!file_write(fd, text_string(content), content->length))
        failed = "write";
    else if (fchmod(fd, file_mode_of(path)) < 0)
        failed = "fchmod";
    else if (!file_sync(fd))
        failed = "fsync";
    int error = errno;
    if (close(fd) < 0 && !failed) {
        failed = "close";
        error = errno;
    }
    errno = error;
    if (!failed && rename(temporary, path) < 0)
        failed = "rename";
    return failed;
}

// Returns NULL or the name of the call that failed, with errno. Without content it only tries
// whether a file can be made there.
static const char *file_replace(const char *path, const struct text *content)
{
    char *temporary = file_temporary_beside(path);
    const char *failed = "mkostemp";
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0 && content)
        failed = file_fill(fd, temporary, path, content);
    else if (fd >= 0)
        failed = close(fd) < 0 ? "close" : NULL;
    int error = errno;
    if (fd >= 0 && (failed || !content))
        unlink(temporary);
    free(temporary);
    errno = error;
    return failed;
}

struct use {
    int fd;
    bool writes;
    dev_t device;
    ino_t inode;
};

static struct use *uses;
static size_t use_count;

void file_begin_use(int fd, bool writes)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return;
    uses = must_realloc(uses, use_count + 1, sizeof *uses);
    uses[use_count++] = (struct use){fd, writes, status.st_dev, status.st_ino};
}

void file_end_use(int fd)
{
    for (size_t i = 0; i < use_count; i++) {
        if (uses[i].fd == fd) {
            uses[i] = uses[--use_count];
            return;
        }
    }
}

static bool file_is_standard(const struct stat *status, int fd)
{
    struct stat standard;
    return fstat(fd, &standard) == 0 && standard.st_dev == status->st_dev &&
           standard.st_ino == status->st_ino;
}

static bool file_is_used(const struct stat *status, bool only_written)
{
    if (!S_ISREG(status->st_mode))
        return false;
    for (int fd = only_written ? STDOUT_FILENO : STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (file_is_standard(status, fd))
            return true;
    for (size_t i = 0; i < use_count; i++)
        if ((uses[i].writes || !only_written) && uses[i].device == status->st_dev &&
            uses[i].inode == status->st_ino)
            return true;
    return false;
}

bool file_is_in_use(const struct stat *status)
{
    return file_is_used(status, false);
}

bool file_is_written(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && file_is_used(&status, true);
}

// Returns why a file must not be replaced, or NULL.
static const char *file_refuse(const struct stat *old)
{
    if (S_ISREG(old->st_mode))
        return file_is_in_use(old) ? FILE_IN_USE : NULL;
    return S_ISDIR(old->st_mode) ? "it is a folder" : "it is no plain file";
}

static bool file_save_one(const char *path, const struct text *content, struct text *error)
{
    // What a link leads to is replaced, not the link; one that leads nowhere, a FIFO or a device is
    // not.
    char *real = realpath(path, NULL);
    const char *target = real ? real : path, *failed = NULL;
    struct stat old;
    const char *refused = lstat(target, &old) == 0 ? file_refuse(&old) : NULL;
    if (refused)
        text_add_string(error, refused);
    else if ((failed = file_replace(target, content)) && errno == ENOENT)
        text_add_string(error, "its folder does not exist");
    else if (failed)
        text_print(error, "%s: %s", failed, strerror(errno));
    free(real);
    return !refused && !failed;
}

bool file_save(const char *path, const struct text *content, struct text *error)
{
    return file_save_one(path, content, error);
}

bool file_try(const char *path, struct text *error)
{
    return file_save_one(path, NULL, error);
}
