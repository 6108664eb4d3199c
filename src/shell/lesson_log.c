// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/lesson_log.h"

#include "base/file.h"
#include "base/must.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool lesson_log_open(struct lesson_log *log, const char *path)
{
    struct stat status;
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    *log = (struct lesson_log){.fd = open(path, flags, 0644)};
    if (log->fd < 0)
        return false;
    if (fstat(log->fd, &status) == 0 && S_ISREG(status.st_mode)) {
        log->path = must_strdup(path);
        return true;
    }
    close(log->fd);
    log->fd = -1;
    errno = EINVAL; // no plain file
    return false;
}

bool lesson_log_add(struct lesson_log *log, const struct text *text)
{
    return log->fd < 0 || file_write(log->fd, text_string(text), text->length);
}

void lesson_log_close(struct lesson_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->path);
    *log = (struct lesson_log){.fd = -1};
}
