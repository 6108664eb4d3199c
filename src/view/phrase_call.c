// SPDX-License-Identifier: GPL-3.0-or-later
// The half of phrase.h that says what the kernel was asked, and answered.
#include "view/phrase.h"

#include "base/signame.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

// Adds 768 bytes, 9.6 kB or 80 MB.
static void add_bytes(int64_t bytes, struct text *words)
{
    double value = (double)bytes;
    if (bytes < 1000)
        text_print(words, "%" PRId64 " bytes", bytes);
    else if (bytes < 1000000)
        text_print(words, "%.1f kB", value / 1e3);
    else
        text_print(words, "%.1f MB", value / 1e6);
}

void phrase_answer(int64_t answer, struct text *words)
{
    int status = WAIT_STATUS(answer);
    switch (WAIT_CODE(answer)) {
    case 0:
        text_add_string(words, "no change");
        break;
    case CLD_EXITED:
        text_print(words, "exited %d", status);
        break;
    case CLD_STOPPED:
        text_print(words, "stopped %s", signal_name(status));
        break;
    case CLD_CONTINUED:
        text_add_string(words, "continued");
        break;
    default:
        text_print(words, "killed %s", signal_name(status));
        break;
    }
}

static void add_arguments(const struct event *event, struct text *words)
{
    long long a = event->a;
    switch (event->call) {
    case CALL_PIPE2:
        text_add_string(words, "pipe2()");
        break;
    case CALL_NONBLOCK:
        text_print(words, "fcntl(%lld, O_NONBLOCK)", a);
        break;
    case CALL_EPOLL_ADD:
        text_print(words, "epoll_ctl(ADD, %lld)", a);
        break;
    case CALL_EPOLL_DELETE:
        text_print(words, "epoll_ctl(DEL, %lld)", a);
        break;
    case CALL_MMAP:
        text_print(words, "mmap(%s)", event->b ? "shared" : "private");
        break;
    case CALL_FORK:
        text_add_string(words, "fork()");
        break;
    case CALL_CLOSE:
        text_print(words, "close(%lld)", a);
        break;
    case CALL_READ:
        text_print(words, "read(%lld)", a);
        break;
    case CALL_WRITE:
        text_print(words, event->text ? "write(%lld, %s)" : "write(%lld)", a, event->text);
        break;
    case CALL_KILL:
        text_print(words, "kill(%lld, %s)", a, signal_name((int)event->b));
        break;
    case CALL_LOOK:
        text_print(words, "waitid(%lld, WNOWAIT)", a);
        break;
    case CALL_REAP:
        text_print(words, "waitid(%lld)", a);
        break;
    case CALL_FUTEX_WAKE:
        text_add_string(words, "futex(WAKE)");
        break;
    case CALL_END:
        break;
    }
}

static void add_bytes_moved(const struct event *event, struct text *words)
{
    if (event->c > 1) {
        char times[32];
        phrase_count(event->c, times, sizeof times);
        text_print(words, " x %s", times);
    }
    text_add_string(words, " = ");
    if (event->call == CALL_READ && event->b == 0)
        text_add_string(words, "0: the pipe has ended");
    else
        add_bytes(event->b, words);
}

static void add_result(const struct event *event, struct text *words)
{
    switch (event->call) {
    case CALL_PIPE2:
        text_print(words, " = [%lld, %lld]", (long long)event->a, (long long)event->b);
        break;
    case CALL_FORK:
    case CALL_FUTEX_WAKE:
        text_print(words, " = %lld", (long long)event->a);
        if (event->call == CALL_FUTEX_WAKE)
            text_add_string(words, " woken");
        break;
    case CALL_MMAP:
        text_add_string(words, " = memory");
        if (event->text)
            text_print(words, " for %s", event->text);
        if (event->a > 0) {
            text_add_string(words, ", ");
            add_bytes(event->a, words);
        }
        break;
    case CALL_READ:
    case CALL_WRITE:
        add_bytes_moved(event, words);
        break;
    case CALL_LOOK:
    case CALL_REAP:
        text_add_string(words, " = ");
        phrase_answer(event->b, words);
        break;
    case CALL_NONBLOCK:
    case CALL_EPOLL_ADD:
    case CALL_EPOLL_DELETE:
    case CALL_CLOSE:
    case CALL_KILL:
    case CALL_END:
        text_add_string(words, " = 0");
        break;
    }
}

void phrase_call(const struct event *event, struct text *words)
{
    add_arguments(event, words);
    if (event->error) {
        const char *name = strerrorname_np(event->error);
        text_print(words, " = -1 %s: %s", name ? name : "?", strerror(event->error));
    } else {
        add_result(event, words);
    }
}
