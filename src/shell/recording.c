// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/recording.h"

#include "base/die.h"
#include "base/must.h"
#include "base/out.h"
#include "base/text.h"
#include "shell/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int record_fd = -1;
static char *path_now;
static size_t count;
static off_t whole; // bytes of whole lines

static const char first_line[] = "#!/usr/bin/env forklab\n";

// Makes the file an empty script. Only a plain file: nothing that blocks, or is more than a file.
// False as recording_open().
static bool recording_begin(const char **failed_call)
{
    struct stat status;
    *failed_call = "fstat";
    if (fstat(record_fd, &status) < 0)
        return false;
    *failed_call = NULL;
    if (!S_ISREG(status.st_mode))
        return false;
    *failed_call = "open";
    errno = ETXTBSY;
    if (file_is_in_use(&status))
        return false;
    *failed_call = "ftruncate";
    if (ftruncate(record_fd, 0) < 0)
        return false;
    file_begin_use(record_fd, true);
    *failed_call = "write";
    return file_write(record_fd, first_line, strlen(first_line));
}

bool recording_open(const char *path, bool overwrite, const char **failed_call)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    BUG_IF(record_fd >= 0);
    path_now = must_strdup(path); // before there is a file to be left behind
    *failed_call = "open";
    record_fd = open(path, flags | (overwrite ? 0 : O_EXCL), 0644);
    if (record_fd < 0) {
        int error = errno;
        recording_close();
        errno = error;
        return false;
    }
    count = 0;
    whole = (off_t)strlen(first_line);
    bool begun = recording_begin(failed_call);
    int error = errno;
    if (!begun) {
        recording_close();
        if (!overwrite) // nor is it left half begun
            unlink(path);
    }
    errno = error;
    return begun;
}

const char *recording_path(void)
{
    return path_now;
}

size_t recording_count(void)
{
    return count;
}

static void recording_give_up(void)
{
    struct text message = {0};
    text_print(&message, "write(%s): %s; the recording ends here", text_visible(path_now),
               strerror(errno));
    error_tell(0, "record", "", text_string(&message), NULL);
    text_free(&message);
    // Half a command would be another one.
    if (ftruncate(record_fd, whole) < 0)
        out_complain("forklab: ftruncate: %s", strerror(errno));
    recording_close();
}

bool recording_command(const struct call *call)
{
    if (record_fd < 0)
        return true;
    struct text line = {0};
    text_print(&line, "%s%s\n", call->text, call->background ? " &" : "");
    bool written = file_write(record_fd, text_string(&line), line.length);
    whole += written ? (off_t)line.length : 0;
    count += written;
    text_free(&line);
    if (!written)
        recording_give_up();
    return written;
}

void recording_close(void)
{
    file_end_use(record_fd);
    if (record_fd >= 0)
        close(record_fd);
    record_fd = -1;
    free(path_now);
    path_now = NULL;
}
