// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernel says about a process, alive or a zombie: /proc/PID (proc(5)).
#ifndef FORKLAB_OS_PROC_H
#define FORKLAB_OS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What the kernel does not say is -1, or "". In a set of signals, bit N-1 stands for signal N.
struct proc {
    pid_t pid, parent, group;
    char name[64];              // of the program: what is between the brackets in /proc/PID/stat
    char state;                 // R, S, D, T, t, Z, X or I
    int64_t user_ns, kernel_ns; // CPU time in user mode and in the kernel; it grows by clock ticks
    uint64_t started;           // in clock ticks since the machine started
    int64_t resident_kb;        // memory that is there
    int64_t private_kb;         // of that, what no other process shares
    int64_t voluntary, forced;  // context switches: it had to wait, or its time was up
    uint64_t pending, blocked, ignored, caught;
    char waits_in[64]; // the function of the kernel that it sleeps in
};

// One open descriptor.
struct proc_fd {
    int fd;
    bool reads, writes;
    char *what; // "pipe:[4711]", "/dev/null", ...
};

struct proc_fds {
    struct proc_fd *all; // by number
    size_t count;
};

// Read the text of /proc/PID/stat and /proc/PID/status into `proc`, and leave what is not in there
// as it was. False when it is not such a text.
bool proc_parse_stat(const char *text, struct proc *proc);
bool proc_parse_status(const char *text, struct proc *proc);

// Reads the access mode out of the text of /proc/PID/fdinfo/FD. False when it is not such a text.
bool proc_parse_access(const char *text, bool *reads, bool *writes);

// Returns the inode of a pipe's end, from its `what`, or 0 when it is no pipe.
uint64_t proc_pipe_inode(const char *what);

// What errno says when /proc belongs to another pid namespace, where our pids are others': nothing
// here reads it then.
#define PROC_FOREIGN EREMOTE

// Returns in words what errno says after a function of this file or of proc_tree.h has failed.
const char *proc_error(int error);

// Whether /proc is there and ours. False with errno.
bool proc_is_ours(void);

// Reads /proc/PID/stat as a string, cut to `size`. False with errno.
bool proc_read_stat(pid_t pid, char *text, size_t size);

// Reads how long a process was ready to run and had no core, in ns, from /proc/PID/schedstat. -1
// where that is not told.
int64_t proc_read_delay(pid_t pid);

// Whether an errno says that the process, or the item asked for, has gone or is hidden from this
// user; any other errno is a failed call.
bool proc_is_withheld(int error);

// Reads all that there is about one process. False with errno: ENOENT or ESRCH when there is none,
// EPROTO when the kernel's words are not understood.
bool proc_read(pid_t pid, struct proc *proc);

// Reads its open descriptors, of which a zombie has none. False with errno: EACCES when that is not
// told to us, as of a zombie to an ordinary user. proc_free_fds() ends it.
bool proc_read_fds(pid_t pid, struct proc_fds *fds);
void proc_free_fds(struct proc_fds *fds);

// Returns the word for a state's letter: "running", "sleeping", "zombie".
const char *proc_state_word(char state);

#endif
