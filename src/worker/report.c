// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/report.h"

#include "os/fork.h"
#include "worker/frame.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool report_is_mute;

void report_mute(bool mute)
{
    report_is_mute = mute;
}

static void report_send(uint32_t number, enum frame_type type, int64_t a, int64_t b,
                        const void *block, size_t length)
{
    struct frame frame = {.type = (uint16_t)type, .worker = number, .a = a, .b = b};
    // A worker that can't report is of no use: it exits before it is done, which the parent
    // notices.
    if (!report_is_mute && !frame_write(WORKER_UP_FD, frame, block, length))
        _exit(1);
}

void report_hello(const struct self *self)
{
    report_send(self->number, FRAME_HELLO, getpid(), getppid(), NULL, 0);
}

void report_claim(const struct self *self, enum claim claim, int64_t progress)
{
    report_send(self->number, FRAME_STATE, claim, progress, NULL, 0);
}

static void report_about(const struct self *self, enum frame_type type, uint16_t object, int64_t a,
                         int64_t b)
{
    struct frame frame = {
        .type = (uint16_t)type, .object = object, .worker = self->number, .a = a, .b = b};
    if (!report_is_mute && !frame_write(WORKER_UP_FD, frame, NULL, 0))
        _exit(1);
}

void report_arrived(const struct self *self, uint16_t object, int64_t round, int64_t parties)
{
    report_about(self, FRAME_ARRIVED, object, round, parties);
}

void report_passed(const struct self *self, uint16_t object, int64_t round, int64_t wall_ns)
{
    report_about(self, FRAME_PASSED, object, round, wall_ns);
}

void report_at_lock(const struct self *self, uint16_t object)
{
    report_about(self, FRAME_STATE, object, CLAIM_AT_LOCK, 0);
}

void report_locked(const struct self *self, uint16_t object, int64_t dead_owner)
{
    report_about(self, FRAME_LOCKED, object, dead_owner, 0);
}

void report_waits(const struct self *self, uint16_t object, int64_t detail, int64_t timeout_ns)
{
    report_about(self, FRAME_WAITS, object, detail, timeout_ns);
}

void report_holds(const struct self *self, uint16_t object, int64_t dead_owner, int64_t amount)
{
    report_about(self, FRAME_HOLDS, object, dead_owner, amount);
}

void report_lets_go(const struct self *self, uint16_t object, int64_t amount)
{
    report_about(self, FRAME_LETS_GO, object, amount, 0);
}

void report_goes_on(const struct self *self, uint16_t object, enum went_on how)
{
    report_about(self, FRAME_GOES_ON, object, how, 0);
}

void report_value(const struct self *self, uint16_t object, int64_t value)
{
    report_about(self, FRAME_VALUE, object, value, 0);
}

void report_woke(const struct self *self, uint16_t object, uint32_t worker)
{
    report_about(self, FRAME_WOKE, object, worker, 0);
}

void report_output(const struct self *self, const char *format, ...)
{
    char line[FRAME_ATOMIC];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof line)
        length = sizeof line - 1;
    if (length >= 0)
        report_send(self->number, FRAME_OUTPUT, 0, 0, line, (size_t)length);
}

void report_results(const struct self *self, int64_t first, int64_t count, const int64_t *results)
{
    report_send(self->number, FRAME_RESULTS, first, count, results,
                (size_t)count * sizeof *results);
}

void report_written(const struct self *self, int64_t first, int64_t count)
{
    report_send(self->number, FRAME_WRITTEN, first, count, NULL, 0);
}

void report_done(const struct self *self, int64_t results)
{
    report_send(self->number, FRAME_DONE, results, 0, NULL, 0);
}

void report_task_failed(const struct self *self, int64_t task)
{
    report_send(self->number, FRAME_FAILED, task, 1, NULL, 0);
}

void report_failure(const struct self *self, const char *call)
{
    report_send(self->number, FRAME_ERROR, errno, 0, call, strlen(call));
}
