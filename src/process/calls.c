// SPDX-License-Identifier: GPL-3.0-or-later
// The half of events.h that names system calls.
#include "process/events.h"

#include "base/fail.h"

// By enum system_call.
static const struct {
    const char *name, *a, *b;
} words[CALL_END] = {
    [CALL_PIPE2] = {"pipe2", "read_fd", "write_fd"},
    [CALL_NONBLOCK] = {"fcntl", "fd", NULL},
    [CALL_EPOLL_ADD] = {"epoll_ctl_add", "fd", NULL},
    [CALL_EPOLL_DELETE] = {"epoll_ctl_del", "fd", NULL},
    [CALL_MMAP] = {"mmap", "bytes", "shared"},
    [CALL_FORK] = {"fork", "result", NULL},
    [CALL_CLOSE] = {"close", "fd", NULL},
    [CALL_READ] = {"read", "fd", "bytes"},
    [CALL_WRITE] = {"write", "fd", "bytes"},
    [CALL_KILL] = {"kill", "target", "signal"},
    [CALL_LOOK] = {"waitid_nowait", "target", "answer"},
    [CALL_REAP] = {"waitid", "target", "answer"},
    [CALL_FUTEX_WAKE] = {"futex_wake", "woken", NULL},
};

const char *call_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return words[call].name;
}

const char *call_a_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return words[call].a;
}

const char *call_b_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return words[call].b;
}
