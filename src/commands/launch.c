// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/launch.h"

#include "base/clock.h"
#include "base/out.h"
#include "shell/call.h"
#include "shell/context.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int launch_check(struct call *call, const struct launch_args *args, int64_t first, int64_t last)
{
    if (args->which < 0)
        return STATUS_OK;
    if (args->as == AS_NORMAL)
        return call_misuse(call, "--which needs --as: how that worker misbehaves");
    if (args->which < first || args->which > last)
        return call_misuse(
            call, "--which must be a worker from %" PRId64 " to %" PRId64 ", not '%" PRId64 "'",
            first, last, args->which);
    return STATUS_OK;
}

int64_t launch_size(int64_t size, const struct launch_args *args, int64_t otherwise)
{
    if (size >= 0)
        return size;
    return args->size >= 0 ? args->size : otherwise;
}

int64_t launch_for(const struct launch_args *args, int64_t otherwise)
{
    if (args->for_ns >= 0)
        return args->for_ns;
    int64_t usual = context_settings()->for_ns;
    return usual > 0 ? usual : otherwise;
}

struct assignment launch_assign(const struct launch_args *args, int64_t number)
{
    bool misbehaves = args->as != AS_NORMAL && (args->which < 0 || args->which == number);
    return (struct assignment){
        .daemon = args->daemon,
        // A pipe of its own: what a misbehaving worker does to it harms nobody else.
        .own_pipe = misbehaves,
        .self = {.as = misbehaves ? (enum fault)args->as : AS_NORMAL,
                 .exit_status = (int)args->exit,
                 .for_ns = launch_for(args, 0)}};
}

struct worker *launch_start(struct call *call, const struct assignment *assignment, int64_t started,
                            int64_t wanted)
{
    struct worker *worker = job_start(call->job, assignment);
    const char *failed = call->job->failed_call;
    if (!worker && wanted > 0)
        call_fail(call, "%s: %s; %" PRId64 " of %" PRId64 " worker%s started", failed,
                  strerror(errno), started, wanted, wanted == 1 ? " was" : "s were");
    else if (!worker)
        call_fail(call, "%s: %s", failed, strerror(errno));
    return worker;
}

void launch_log_mmap(const struct job *job, bool shared, size_t size, const char *what,
                     const void *memory)
{
    events_call(job->id, NO_WORKER,
                (struct event){.call = CALL_MMAP,
                               .a = (int64_t)size,
                               .b = shared,
                               .text = what,
                               .error = memory ? 0 : errno});
}

void launch_print(const struct frame *frame, const void *block)
{
    struct text line = {0};
    text_add_visible(&line, block, frame->length);
    out_print("%s\n", text_string(&line));
    text_free(&line);
}
