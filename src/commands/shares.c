// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/shares.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "jobs/job.h"

// What the slices of a lane are that time was spent in.
static void shares_add_slices(const struct lane *lane, int64_t until, struct shares *shares)
{
    for (size_t i = 0; lane && i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        int64_t end = slice->end < until ? slice->end : until;
        int64_t length = end > slice->begin ? end - slice->begin : 0;
        if (slice->activity == ACTIVITY_STOPPED)
            shares->stopped += length;
        else if (slice->activity == ACTIVITY_IDLE || slice->activity == ACTIVITY_WAITING)
            shares->waiting += length;
    }
}

static int64_t shares_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

struct shares shares_of(const struct worker *worker, const struct past *past)
{
    int64_t end = worker_lives(worker) ? clock_now() : worker->died;
    struct shares shares = {.lived = end - worker->forked, .ready = worker_ready(worker)};
    shares.computing = shares_least(worker_cpu(worker), shares.lived);
    int64_t rest = shares.lived - shares.computing;
    if (shares.ready >= 0)
        shares.ready = shares_least(shares.ready, rest);
    rest -= shares.ready > 0 ? shares.ready : 0;
    if (past)
        shares_add_slices(past_lane(past, worker->number), end, &shares);
    // A worker that was woken waits for a core first: that counts as ready, not as waiting.
    shares.stopped = shares_least(shares.stopped, rest);
    shares.waiting = shares_least(shares.waiting, rest - shares.stopped);
    shares.sleeping = rest - shares.stopped - shares.waiting;
    return shares;
}

struct shares shares_of_job(const struct job *job, const struct past *past)
{
    struct shares all = {0};
    for (size_t i = 0; i < job->count; i++) {
        struct shares one = shares_of(job->workers[i], past);
        all.lived += one.lived;
        all.computing += one.computing;
        all.ready = one.ready < 0 || all.ready < 0 ? -1 : all.ready + one.ready;
        all.sleeping += one.sleeping;
        all.waiting += one.waiting;
        all.stopped += one.stopped;
    }
    return all;
}

static void shares_add(int64_t ns, const char *what, struct text *text)
{
    char time[32];
    if (ns <= 0)
        return;
    number_format_time(ns, time, sizeof time);
    text_print(text, "%s%s %s", text->length > 0 ? ", " : "", time, what);
}

void shares_format(const struct shares *shares, struct text *text)
{
    struct text words = {0};
    shares_add(shares->computing, "computing", &words);
    shares_add(shares->ready, "ready, without a core", &words);
    shares_add(shares->sleeping, "sleeping", &words);
    shares_add(shares->waiting, "waiting for others", &words);
    shares_add(shares->stopped, "stopped", &words);
    text_add_string(text, words.length > 0 ? text_string(&words) : "nothing yet");
    text_free(&words);
}

void shares_add_json(const struct shares *shares, struct text *report)
{
    json_number(report, "lived_ns", shares->lived);
    json_number(report, "ready_ns", shares->ready);
    json_number(report, "sleeping_ns", shares->sleeping);
    json_number(report, "waiting_ns", shares->waiting);
    json_number(report, "stopped_ns", shares->stopped);
}
