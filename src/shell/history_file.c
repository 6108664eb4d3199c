// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/history_file.h"

#include "base/text.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// As much of the file's end as is read: some thousand lines.
enum { READ_MOST = 65536 };

// A longer file is cut.
enum { KEPT_MOST = 4 * READ_MOST };

static const char *failed_call;
static int failed_errno;

// Makes the folders of `path` that are missing, private ones.
static bool history_file_make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

static bool history_file_find_path(struct text *path)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        text_print(path, "%s/forklab/history", state);
    else if (home && home[0] == '/')
        text_print(path, "%s/.local/state/forklab/history", home);
    else
        return false;
    return true;
}

// What is there is no file of the history: errno says so.
enum { NOT_OURS = EMEDIUMTYPE };

// Returns 0, or the errno for a file that is to be left alone.
static int history_file_check(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return errno;
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid())
        return NOT_OURS;
    return (status.st_mode & 077) != 0 && fchmod(fd, 0600) < 0 ? errno : 0;
}

// Returns -1 with errno: 0 when neither XDG_STATE_HOME nor HOME tells the file's place.
static int history_file_open(int flags)
{
    struct text path = {0};
    int fd = -1, error = 0;
    failed_call = "mkdir";
    if (history_file_find_path(&path) && !history_file_make_folders(path.bytes)) {
        error = errno;
    } else if (path.length > 0) {
        failed_call = "open";
        fd = open(path.bytes, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
        error = fd < 0 ? errno : history_file_check(fd);
    }
    text_free(&path);
    if (fd >= 0 && error != 0) {
        close(fd);
        fd = -1;
    }
    failed_errno = errno = error == ELOOP || error == ENXIO || error == EISDIR ? NOT_OURS : error;
    return fd;
}

const char *history_file_error(void)
{
    static char words[128];
    if (failed_errno == NOT_OURS)
        return "it is no plain file of yours";
    snprintf(words, sizeof words, "%s: %s", failed_call, strerror(failed_errno));
    return words;
}

// Cuts the file to its end, unless another session writes there just now.
static void history_file_trim(int fd, const char *end)
{
    struct text path = {0}, content = {0}, error = {0};
    if (history_file_find_path(&path) && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        text_add_string(&content, end);
        file_save(path.bytes, &content, &error); // else it is as it was, and long
    }
    text_free(&path);
    text_free(&content);
    text_free(&error);
}

// Hands each line over, whose ends become NULs.
static void history_file_give(char *line, void (*each)(const char *line))
{
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        each(line);
    }
}

// Reads READ_MOST bytes from there on, or fewer, and ends them with a NUL. Returns how many, or -1.
static ssize_t history_file_read(int fd, char *bytes, off_t from)
{
    ssize_t got;
    do
        got = pread(fd, bytes, READ_MOST, from);
    while (got < 0 && errno == EINTR);
    failed_errno = errno;
    failed_call = "read";
    bytes[got > 0 ? got : 0] = '\0';
    return got;
}

bool history_file_load(void (*each)(const char *line))
{
    static char bytes[READ_MOST + 1];
    int fd = history_file_open(O_RDONLY);
    if (fd < 0)
        return errno == 0 || errno == ENOENT;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > READ_MOST ? size - READ_MOST : 0;
    ssize_t got = history_file_read(fd, bytes, from);
    char *line = bytes;
    if (from > 0) // the first line may have lost its beginning
        line = strchr(bytes, '\n') ? strchr(bytes, '\n') + 1 : bytes + strlen(bytes);
    if (size > KEPT_MOST && *line)
        history_file_trim(fd, line);
    close(fd);
    history_file_give(line, each);
    return got >= 0;
}

// True with all of it at the file's end; else the file is as it was, unless other sessions write
// there, too.
static bool history_file_append_one(int fd, const struct text *entry)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (file_write(fd, entry->bytes, entry->length))
        return true;
    failed_errno = errno;
    if (ftruncate(fd, end) < 0)
        failed_errno = errno;
    failed_call = "write";
    return false;
}

// Opens the file to append to it; not one that another session has just replaced by a shorter one.
static int history_file_open_end(void)
{
    struct stat status;
    int fd;
    while ((fd = history_file_open(O_WRONLY | O_APPEND | O_CREAT)) >= 0) {
        bool locked = flock(fd, LOCK_SH | LOCK_NB) == 0;
        if (!locked || fstat(fd, &status) < 0 || status.st_nlink > 0)
            break;
        close(fd);
    }
    return fd;
}

bool history_file_append(const char *line)
{
    int fd = history_file_open_end();
    if (fd < 0)
        return errno == 0;
    struct text entry = {0};
    text_print(&entry, "%s\n", line);
    bool appended = history_file_append_one(fd, &entry);
    text_free(&entry);
    close(fd);
    return appended;
}
