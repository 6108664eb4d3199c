// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/proc.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t proc_ticks_to_ns(uint64_t ticks)
{
    int64_t per_second = sysconf(_SC_CLK_TCK);
    return (int64_t)ticks * (NS_PER_S / (per_second > 0 ? per_second : 100));
}

bool proc_parse_stat(const char *text, struct proc *proc)
{
    // A name may hold anything, brackets and blanks too; it ends at the last bracket.
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    int pid, parent, group;
    char state;
    uint64_t user, kernel, started;
    if (!open || !close || close < open || sscanf(text, "%d", &pid) != 1)
        return false;
    if (sscanf(close + 1,
               " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
               " %*d %*d %*d %*d %*d %*d %" SCNu64,
               &state, &parent, &group, &user, &kernel, &started) != 6)
        return false;
    proc->pid = pid;
    proc->parent = parent;
    proc->group = group;
    proc->state = state;
    proc->user_ns = proc_ticks_to_ns(user);
    proc->kernel_ns = proc_ticks_to_ns(kernel);
    proc->started = started;
    snprintf(proc->name, sizeof proc->name, "%.*s", (int)(close - open - 1), open + 1);
    return true;
}

// Returns what stands behind "KEY:" at the beginning of a line, or NULL.
static const char *proc_find_line(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ':')
            return line + length + 1;
    }
    return NULL;
}

static void proc_parse_number(const char *text, const char *key, int64_t *value)
{
    const char *found = proc_find_line(text, key);
    if (found)
        sscanf(found, "%" SCNd64, value);
}

static void proc_parse_signals(const char *text, const char *key, uint64_t *set)
{
    const char *found = proc_find_line(text, key);
    if (found)
        sscanf(found, "%" SCNx64, set);
}

bool proc_parse_status(const char *text, struct proc *proc)
{
    uint64_t own = 0;
    if (!proc_find_line(text, "SigBlk"))
        return false;
    proc_parse_number(text, "VmRSS", &proc->resident_kb);
    proc_parse_number(text, "voluntary_ctxt_switches", &proc->voluntary);
    proc_parse_number(text, "nonvoluntary_ctxt_switches", &proc->forced);
    proc_parse_signals(text, "SigPnd", &own);
    proc_parse_signals(text, "ShdPnd", &proc->pending);
    proc->pending |= own;
    proc_parse_signals(text, "SigBlk", &proc->blocked);
    proc_parse_signals(text, "SigIgn", &proc->ignored);
    proc_parse_signals(text, "SigCgt", &proc->caught);
    return true;
}

bool proc_parse_access(const char *text, bool *reads, bool *writes)
{
    const char *found = proc_find_line(text, "flags");
    unsigned flags;
    if (!found || sscanf(found, "%o", &flags) != 1)
        return false;
    *reads = (flags & O_ACCMODE) != O_WRONLY;
    *writes = (flags & O_ACCMODE) != O_RDONLY;
    return true;
}

uint64_t proc_pipe_inode(const char *what)
{
    uint64_t inode = 0;
    return sscanf(what, "pipe:[%" SCNu64 "]", &inode) == 1 ? inode : 0;
}

// Reads on, however often it is interrupted.
static ssize_t proc_read_some(int fd, char *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(fd, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

const char *proc_error(int error)
{
    return error == PROC_FOREIGN ? "this /proc belongs to another pid namespace" : strerror(error);
}

bool proc_is_ours(void)
{
    static bool known;
    char self[32] = "";
    if (known)
        return true;
    if (readlink("/proc/self", self, sizeof self - 1) < 0 && errno != ENOENT)
        return false;
    known = atoi(self) == getpid();
    errno = access("/proc/version", F_OK) == 0 ? PROC_FOREIGN : ENOENT;
    return known;
}

static int proc_open_one(pid_t pid, const char *name)
{
    char path[64];
    if (!proc_is_ours())
        return -1;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void proc_close_quietly(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

// Reads the whole of /proc/PID/NAME. False with errno.
static bool proc_read_text(pid_t pid, const char *name, struct text *text)
{
    char bytes[4096];
    int fd = proc_open_one(pid, name);
    if (fd < 0)
        return false;
    ssize_t got;
    text_clear(text);
    while ((got = proc_read_some(fd, bytes, sizeof bytes)) > 0)
        text_add(text, bytes, (size_t)got);
    proc_close_quietly(fd);
    return got == 0;
}

// Reads the one line of /proc/PID/NAME, up to its newline, however short the reads are. False with
// errno.
static bool proc_read_line(pid_t pid, const char *name, char *text, size_t size)
{
    size_t have = 0;
    ssize_t got = -1;
    int fd = proc_open_one(pid, name);
    if (fd < 0)
        return false;
    while (have < size - 1 && (have == 0 || text[have - 1] != '\n') &&
           (got = proc_read_some(fd, text + have, size - 1 - have)) > 0)
        have += (size_t)got;
    text[have] = '\0';
    proc_close_quietly(fd);
    return got >= 0;
}

bool proc_read_stat(pid_t pid, char *text, size_t size)
{
    return proc_read_line(pid, "stat", text, size);
}

int64_t proc_read_delay(pid_t pid)
{
    char text[96];
    int64_t computed, delay;
    if (!proc_read_line(pid, "schedstat", text, sizeof text))
        return -1;
    return sscanf(text, "%" SCNd64 " %" SCNd64, &computed, &delay) == 2 ? delay : -1;
}

bool proc_is_withheld(int error)
{
    return error == ENOENT || error == ESRCH || error == EACCES || error == EPERM ||
           error == PROC_FOREIGN;
}

// Reads what not every kernel tells, and not of every process: text is "" then. False with errno
// when a call failed.
static bool proc_read_extra(pid_t pid, const char *name, struct text *text)
{
    bool known = proc_read_text(pid, name, text);
    if (!known)
        text_clear(text);
    return known || proc_is_withheld(errno);
}

static bool proc_read_wchan(pid_t pid, struct text *text, struct proc *proc)
{
    if (!proc_read_extra(pid, "wchan", text))
        return false;
    // "0" stands for one that does not sleep, or for a kernel that does not tell.
    if (strcmp(text_string(text), "0") != 0)
        snprintf(proc->waits_in, sizeof proc->waits_in, "%s", text_string(text));
    return true;
}

static bool proc_read_private(pid_t pid, struct text *text, struct proc *proc)
{
    int64_t clean = -1, dirty = -1;
    if (!proc_read_extra(pid, "smaps_rollup", text))
        return false;
    proc_parse_number(text_string(text), "Private_Clean", &clean);
    proc_parse_number(text_string(text), "Private_Dirty", &dirty);
    if (clean >= 0 && dirty >= 0)
        proc->private_kb = clean + dirty;
    return true;
}

static bool proc_read_stat_one(pid_t pid, struct text *text, struct proc *proc)
{
    *proc = (struct proc){.resident_kb = -1, .private_kb = -1, .voluntary = -1, .forced = -1};
    if (!proc_read_text(pid, "stat", text))
        return false;
    errno = EPROTO;
    return proc_parse_stat(text_string(text), proc);
}

bool proc_read(pid_t pid, struct proc *proc)
{
    struct text text = {0};
    bool known = proc_read_stat_one(pid, &text, proc) && proc_read_text(pid, "status", &text);
    if (known) {
        errno = EPROTO;
        known = proc_parse_status(text_string(&text), proc);
    }
    if (known)
        known = proc_read_wchan(pid, &text, proc) && proc_read_private(pid, &text, proc);
    int error = errno;
    text_free(&text);
    errno = error;
    return known;
}

const char *proc_state_word(char state)
{
    switch (state) {
    case 'R':
        return "running";
    case 'S':
        return "sleeping";
    case 'D':
        return "waiting for a device";
    case 'T':
        return "stopped";
    case 't':
        return "traced";
    case 'Z':
        return "zombie";
    case 'X':
        return "dead";
    case 'I':
        return "idle";
    default:
        return "unknown";
    }
}

// Reads one descriptor of `pid`. False with errno; proc_is_withheld() when it was closed meanwhile.
static bool proc_read_fd(pid_t pid, int number, struct text *text, struct proc_fd *fd)
{
    char name[32], path[64], what[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, number);
    ssize_t length = readlink(path, what, sizeof what - 1);
    if (length < 0)
        return false;
    what[length] = '\0';
    *fd = (struct proc_fd){.fd = number};
    snprintf(name, sizeof name, "fdinfo/%d", number);
    if (!proc_read_text(pid, name, text))
        return false;
    errno = EPROTO;
    if (!proc_parse_access(text_string(text), &fd->reads, &fd->writes))
        return false;
    fd->what = must_strdup(what);
    return true;
}

static int proc_by_number(const void *a, const void *b)
{
    return ((const struct proc_fd *)a)->fd - ((const struct proc_fd *)b)->fd;
}

// Reads the next descriptor of the folder, if it has one. False at the end, with errno, or 0.
static bool proc_read_next_fd(DIR *folder, pid_t pid, int own, struct text *text,
                              struct proc_fds *fds)
{
    struct proc_fd fd;
    errno = 0;
    const struct dirent *entry = readdir(folder);
    if (!entry)
        return false;
    int number = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || number == own)
        return true;
    if (!proc_read_fd(pid, number, text, &fd))
        return proc_is_withheld(errno);
    fds->all = must_realloc(fds->all, fds->count + 1, sizeof *fds->all);
    fds->all[fds->count++] = fd;
    return true;
}

bool proc_read_fds(pid_t pid, struct proc_fds *fds)
{
    char path[64];
    struct text text = {0};
    *fds = (struct proc_fds){0};
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = proc_is_ours() ? opendir(path) : NULL;
    if (!folder)
        return false;
    int own = pid == getpid() ? dirfd(folder) : -1;
    while (proc_read_next_fd(folder, pid, own, &text, fds))
        continue;
    int error = errno;
    closedir(folder);
    text_free(&text);
    if (fds->count > 0)
        qsort(fds->all, fds->count, sizeof *fds->all, proc_by_number);
    if (error != 0)
        proc_free_fds(fds);
    errno = error;
    return error == 0;
}

void proc_free_fds(struct proc_fds *fds)
{
    for (size_t i = 0; i < fds->count; i++)
        free(fds->all[i].what);
    free(fds->all);
    *fds = (struct proc_fds){0};
}
