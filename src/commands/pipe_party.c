// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/pipe_party.h"

#include "base/clock.h"
#include "base/number.h"
#include "os/fork.h"
#include "worker/gate.h"
#include "worker/message.h"
#include "worker/workload.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

// What a worker finds open: where it writes, where it reads, and a socket to the other.
enum { PARTY_OUT = WORKER_KEPT_FD, PARTY_IN, PARTY_SOCKET };

enum { PARTY_BLOCK = 65536, PARTY_POLL_MS = 100, PARTY_HIGH_FD = 300 };

static int pipe_party_fail(const struct self *self, const char *call)
{
    report_failure(self, call);
    return 1;
}

// Waits for an answer. False, and it has said why, when there is none.
static bool pipe_party_hear(const struct self *self, char *answer)
{
    enum message_answer got = message_receive(PARTY_IN, answer);
    if (got == MESSAGE_END)
        report_output(self, "p1 reads: end of file, p2 is gone");
    else if (got != MESSAGE_HERE)
        report_failure(self, "read");
    return got == MESSAGE_HERE;
}

// Sends a text and says what came back. False, and it has said why, when it can't.
static bool pipe_party_exchange(const struct self *self, const char *text)
{
    char answer[MESSAGE_MOST + 1];
    if (!message_send(PARTY_OUT, text))
        return pipe_party_fail(self, "write") == 0;
    if (!pipe_party_hear(self, answer))
        return false;
    if (text[0])
        report_output(self, "sent %s, got %s", text, answer);
    else
        report_output(self, "sent '', got '%s': an empty message is a message", answer);
    return true;
}

static void pipe_party_poll(const struct self *self, const char *when, int64_t timeout)
{
    char took[32], how[32] = "";
    int64_t before = clock_now();
    enum message_answer answer = message_poll(PARTY_IN, timeout);
    number_format_time(clock_now() - before, took, sizeof took);
    if (timeout > 0)
        snprintf(how, sizeof how, ", waiting %" PRId64 " ms", timeout / NS_PER_MS);
    report_output(self, "poll%s%s: %s, after %s", when, how,
                  answer == MESSAGE_HERE ? "True" : "False", took);
}

// Several messages are written before the first is read: none merges with another.
static bool pipe_party_send_many(const struct self *self)
{
    static const char *const texts[] = {"hello", "",    "a", "b", "",  "bye",
                                        "",      "lop", "a", "b", "cd"};
    char answer[MESSAGE_MOST + 1], list[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!message_send(PARTY_OUT, texts[i]))
            return pipe_party_fail(self, "write") == 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!pipe_party_hear(self, answer))
            return false;
        length += (size_t)snprintf(list + length, sizeof list - length, " '%s'", answer);
    }
    report_output(self, "sent 11 messages, then got%s: each by itself", list);
    return true;
}

// Says what bytes without lengths become.
static bool pipe_party_tell_bytes(const struct self *self, const int ends[2])
{
    char text[8] = "";
    bool written = message_write_all(ends[1], "a", 1) == 1 &&
                   message_write_all(ends[1], "b", 1) == 1 &&
                   message_write_all(ends[1], "cd", 2) == 2;
    if (!written || message_read_all(ends[0], text, 4) < 0)
        return pipe_party_fail(self, written ? "read" : "write") == 0;
    report_output(self, "bytes a, b, cd without their lengths are read as '%s'", text);
    return true;
}

static void pipe_party_tell_room(const struct self *self, const int ends[2])
{
    static char block[4096];
    int full = 0;
    ssize_t more;
    while ((more = write(ends[1], block, sizeof block)) > 0 || (more < 0 && errno == EINTR))
        full += more > 0 ? (int)more : 0;
    report_output(self, "a full pipe: %d bytes went in, the next write: %s", full,
                  errno == EAGAIN ? "would wait" : strerror(errno));
}

// Closes the reading end, and says what comes of writing then.
static void pipe_party_tell_unread(const struct self *self, const int ends[2])
{
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    bool done = message_write_all(ends[1], "x", 1) >= 0;
    report_output(self, "write where nothing reads any more, SIGPIPE ignored: %s",
                  done ? "done" : strerror(errno));
    signal(SIGPIPE, SIG_DFL);
}

// With a pipe that nothing but this worker has.
static bool pipe_party_try_alone(const struct self *self)
{
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) < 0)
        return pipe_party_fail(self, "pipe2") == 0;
    if (!pipe_party_tell_bytes(self, ends))
        return false;
    pipe_party_tell_room(self, ends);
    pipe_party_tell_unread(self, ends);
    close(ends[1]);
    return true;
}

// Sends a descriptor through the socket. 0, or an errno.
static int pipe_party_send_fd(int fd)
{
    char byte = 'f';
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t sent;
    do
        sent = sendmsg(PARTY_SOCKET, &message, 0);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

// Returns the descriptor that came, or -1.
static int pipe_party_receive_fd(void)
{
    char byte;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    int fd = -1;
    ssize_t got;
    do
        got = recvmsg(PARTY_SOCKET, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

// Passes a file on: its descriptor goes through a socket, the file stays where it is. Once as a
// small number, once as a large.
static bool pipe_party_pass_file(const struct self *self)
{
    char answer[MESSAGE_MOST + 1];
    int error = pipe_party_send_fd(99);
    report_output(self, "a descriptor that is not open: refused, %s", strerror(error));
    for (int large = 0; large < 2; large++) {
        int fd = memfd_create("forklab", MFD_CLOEXEC);
        if (fd < 0)
            return pipe_party_fail(self, "memfd_create") == 0;
        if (large && (fd = fcntl(fd, F_DUPFD_CLOEXEC, PARTY_HIGH_FD)) < 0)
            return pipe_party_fail(self, "fcntl") == 0;
        if (message_write_all(fd, large ? "bar" : "foo", 3) != 3)
            return pipe_party_fail(self, "write") == 0;
        if (!message_send(PARTY_OUT, "") || pipe_party_send_fd(fd) != 0)
            return pipe_party_fail(self, "sendmsg") == 0;
        if (!pipe_party_hear(self, answer))
            return false;
        report_output(self, "sent descriptor %d of a file: p2 has it as %s", fd, answer);
    }
    return true;
}

// Polls an empty pipe, and one that another message is on its way to.
static bool pipe_party_try_polls(const struct self *self)
{
    char answer[MESSAGE_MOST + 1];
    pipe_party_poll(self, "", 0);
    pipe_party_poll(self, "", PARTY_POLL_MS * NS_PER_MS);
    if (!message_send(PARTY_OUT, "more"))
        return pipe_party_fail(self, "write") == 0;
    pipe_party_poll(self, " after another message", 10 * NS_PER_S);
    return pipe_party_hear(self, answer);
}

static bool pipe_party_send_file(const struct self *self)
{
    return message_send(PARTY_OUT, "\x06"
                                   "file") &&
           pipe_party_pass_file(self);
}

static int pipe_party_walk(const struct self *self, const struct pipe_scene *scene)
{
    char answer[MESSAGE_MOST + 1];
    for (size_t i = 0; i < scene->count; i++)
        if (!pipe_party_exchange(self, scene->texts[i]))
            return 1;
    if (!pipe_party_exchange(self, "") || !pipe_party_send_many(self))
        return 1;
    if (!pipe_party_try_polls(self) || !pipe_party_send_file(self) || !pipe_party_try_alone(self))
        return 1;
    report_output(self, "closes the writing end");
    close(PARTY_OUT);
    report_output(self, "reads: %s",
                  message_receive(PARTY_IN, answer) == MESSAGE_END ? "end of file, p2 has ended"
                                                                   : "more");
    return 0;
}

// Writes the next block of many bytes, or, in a full pipe, nothing. Returns how many; -1 with
// errno.
static ssize_t pipe_party_pour_some(int64_t written, int64_t bytes)
{
    static char block[PARTY_BLOCK];
    int64_t left = bytes - written;
    ssize_t more;
    for (int64_t i = 0; i < PARTY_BLOCK; i++)
        block[i] = (char)(written + i);
    do
        more = write(PARTY_OUT, block, left < PARTY_BLOCK ? (size_t)left : PARTY_BLOCK);
    while (more < 0 && errno == EINTR);
    return more < 0 && errno == EAGAIN ? 0 : more;
}

// Writes many bytes, and says how often it had to wait for the reader.
static int pipe_party_pour(const struct self *self, int64_t bytes)
{
    int64_t written = 0, waits = 0, first = -1;
    if (fcntl(PARTY_OUT, F_SETFL, O_NONBLOCK) < 0)
        return pipe_party_fail(self, "fcntl");
    while (written < bytes) {
        ssize_t more = pipe_party_pour_some(written, bytes);
        if (more < 0)
            return pipe_party_fail(self, "write");
        written += more;
        if (more > 0)
            continue;
        struct pollfd ask = {.fd = PARTY_OUT, .events = POLLOUT};
        first = waits++ == 0 ? written : first;
        if (poll(&ask, 1, -1) < 0 && errno != EINTR)
            return pipe_party_fail(self, "poll");
    }
    if (waits > 0)
        report_output(self,
                      "write: %" PRId64 " of %" PRId64
                      " bytes went in, then it waited for the reader: %" PRId64 " time%s in all",
                      first, bytes, waits, waits == 1 ? "" : "s");
    else
        report_output(self, "write: %" PRId64 " bytes went in, without waiting for the reader",
                      bytes);
    close(PARTY_OUT);
    return 0;
}

// Computes, as --for says.
static void pipe_party_work(const struct self *self)
{
    struct results results;
    if (self->for_ns > 0)
        workload_run(self, 0, &results);
}

int pipe_party_ask(const struct self *self, const void *argument)
{
    const struct pipe_scene *scene = argument;
    int status;
    report_hello(self);
    pipe_party_work(self);
    gate_pass(self, STEP_PUT, 0);
    if (scene->closes_reader) {
        // A pipe without a reader is an error for its writer, which poll(2) tells without being
        // asked.
        struct pollfd ask = {.fd = PARTY_OUT};
        while (poll(&ask, 1, -1) < 0 && errno == EINTR)
            continue;
        report_output(self, "writes where nothing reads any more");
        int64_t written = message_write_all(PARTY_OUT, "x", 1);
        report_output(self, "wrote %" PRId64 " byte", written);
        status = 1;
    } else if (scene->bytes >= 0) {
        status = pipe_party_pour(self, scene->bytes);
    } else if (scene->keeps_end) {
        status = 0;
        for (size_t i = 0; i < scene->count && status == 0; i++)
            status = !pipe_party_exchange(self, scene->texts[i]);
        report_output(self, "closes the writing end, and ends");
    } else {
        status = pipe_party_walk(self, scene);
    }
    report_done(self, 0);
    return status;
}

// Reads through the descriptor that it is given, and says what the file holds.
static bool pipe_party_read_file(const struct self *self)
{
    char text[8] = "", answer[64];
    int fd = pipe_party_receive_fd();
    if (fd < 0)
        return pipe_party_fail(self, "recvmsg") == 0;
    if (pread(fd, text, sizeof text - 1, 0) < 0)
        return pipe_party_fail(self, "pread") == 0;
    snprintf(answer, sizeof answer, "%d, and read '%s' there", fd, text);
    close(fd);
    return message_send(PARTY_OUT, answer);
}

// Answers each message with the same in capitals, until the end of file.
static int pipe_party_echo(const struct self *self)
{
    char text[MESSAGE_MOST + 1];
    enum message_answer answer;
    while ((answer = message_receive(PARTY_IN, text)) == MESSAGE_HERE) {
        if (strcmp(text, "\x06"
                         "file") == 0) {
            for (int i = 0; i < 2; i++)
                if (message_receive(PARTY_IN, text) != MESSAGE_HERE || !pipe_party_read_file(self))
                    return 1;
            continue;
        }
        for (char *c = text; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        if (!message_send(PARTY_OUT, text))
            return pipe_party_fail(self, "write");
    }
    if (answer == MESSAGE_FAILED)
        return pipe_party_fail(self, "read");
    report_output(self, "p2 read the end of file");
    return 0;
}

static int pipe_party_drain(const struct self *self)
{
    static char block[PARTY_BLOCK];
    int64_t got = 0, wrong = 0, more;
    while ((more = read(PARTY_IN, block, sizeof block)) != 0) {
        if (more < 0 && errno != EINTR)
            return pipe_party_fail(self, "read");
        for (int64_t i = 0; i < more; i++)
            wrong += block[i] != (char)(got + i);
        got += more > 0 ? more : 0;
    }
    report_output(self, "p2 read %" PRId64 " bytes to the end of file, %" PRId64 " of them wrong",
                  got, wrong);
    return wrong > 0;
}

int pipe_party_answer(const struct self *self, const void *argument)
{
    const struct pipe_scene *scene = argument;
    int status = 0;
    report_hello(self);
    pipe_party_work(self);
    gate_pass(self, STEP_GET, 0);
    if (scene->closes_reader)
        report_output(self, "p2 ends, and has read nothing");
    else if (scene->bytes >= 0)
        status = pipe_party_drain(self);
    else
        status = pipe_party_echo(self);
    report_done(self, 0);
    return status;
}
