// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/history_file.h"

#include "base/text.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// As much of the file's end as is read: some thousand lines.
enum { READ_MOST = 65536 };

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

static int history_file_open_history(int flags)
{
    struct text path = {0};
    struct stat status;
    int fd = -1;
    if (history_file_find_path(&path) && history_file_make_folders(path.bytes))
        fd = open(path.bytes, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
    text_free(&path);
    if (fd >= 0 &&
        (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
         ((status.st_mode & 077) != 0 && fchmod(fd, 0600) < 0))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void history_file_load(void (*each)(const char *line))
{
    static char bytes[READ_MOST + 1];
    int fd = history_file_open_history(O_RDONLY);
    if (fd < 0)
        return;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > READ_MOST ? size - READ_MOST : 0;
    ssize_t got = pread(fd, bytes, READ_MOST, from);
    close(fd);
    if (got <= 0)
        return;
    bytes[got] = '\0';
    char *line = bytes;
    if (from > 0) // the first line may have lost its beginning
        line = strchr(bytes, '\n') ? strchr(bytes, '\n') + 1 : bytes + got;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        each(line);
    }
}

// True with all of it at the file's end; else the file is as it was, unless other sessions write
// there, too.
static bool history_file_append_one(int fd, const struct text *entry)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (file_write(fd, entry->bytes, entry->length))
        return true;
    int error = errno;
    if (ftruncate(fd, end) < 0)
        error = errno;
    errno = error;
    return false;
}

bool history_file_append(const char *line)
{
    int fd = history_file_open_history(O_WRONLY | O_APPEND | O_CREAT);
    if (fd < 0)
        return true;
    struct text entry = {0};
    text_print(&entry, "%s\n", line);
    bool appended = history_file_append_one(fd, &entry);
    int error = errno;
    text_free(&entry);
    close(fd);
    errno = error;
    return appended;
}
