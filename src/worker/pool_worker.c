// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/pool_worker.h"

#include "base/clock.h"
#include "os/fork.h"
#include "worker/faults.h"
#include "worker/frame.h"
#include "worker/workload.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

const char *const map_names[] = {"square", "prime", "sleep", NULL};
const char *const map_meanings[] = {"i*i", "the i-th prime, found the slow way",
                                    "i itself, after a sleep of 100ms", NULL};
const char *const initializer_names[] = {"fail", NULL};
const char *const initializer_meanings[] = {"the initializer fails, and its worker ends", NULL};

const char *const delivery_names[] = {"memory", "pipe", NULL};
const char *const delivery_meanings[] = {
    "workers write them where they belong, in shared memory",
    "workers send them through their pipes, as Python does: each is copied twice", NULL};

static bool pool_worker_is_prime(int64_t n)
{
    for (int64_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n >= 2;
}

// Returns prime number i (0 is 2, 1 is 3), found the slow way: the work grows with i.
static int64_t pool_worker_nth_prime(int64_t i)
{
    int64_t n = 2;
    for (int64_t found = 0; found < i || !pool_worker_is_prime(n); n++)
        found += pool_worker_is_prime(n);
    return n;
}

static int64_t pool_worker_map_once(const struct self *self, enum map map, int64_t task)
{
    switch (map) {
    case MAP_SQUARE:
        return task * task;
    case MAP_PRIME:
        return pool_worker_nth_prime(task);
    case MAP_SLEEP:
        clock_sleep(self->for_ns > 0 ? self->for_ns : 100 * NS_PER_MS);
        return task;
    }
    return 0;
}

// Runs one task, and goes on computing until `self->for_ns` have passed.
static int64_t pool_worker_run_task(const struct self *self, const struct pool_work *work,
                                    int64_t task)
{
    if (task == work->poison)
        faults_strike(&(struct self){.as = AS_CRASH});
    if (self->for_ns <= 0 || work->map == MAP_SLEEP)
        return pool_worker_map_once(self, work->map, task);
    int64_t end = clock_now() + self->for_ns;
    int64_t result = pool_worker_map_once(self, work->map, task);
    for (int64_t i = 0; clock_now() < end; i++)
        workload_compute(i);
    return result;
}

// Results that wait to be reported: those of the tasks from `first` on, up to where they are given
// to pool_worker_deliver().
struct outbox {
    int64_t first;
    int64_t *results; // where that of `first` goes
    int64_t room;
};

static struct outbox pool_worker_outbox(const struct pool_work *work, int64_t first)
{
    static int64_t block[FRAME_BLOCK_MAX / sizeof(int64_t)];
    if (work->results)
        return (struct outbox){first, work->results + first, POOL_REPORT_MOST};
    return (struct outbox){first, block, sizeof block / sizeof *block};
}

// Reports the results of the tasks before `end`.
static void pool_worker_deliver(const struct self *self, const struct pool_work *work,
                                const struct outbox *out, int64_t end)
{
    if (end == out->first)
        return;
    if (work->results)
        report_written(self, out->first, end - out->first);
    else
        report_results(self, out->first, end - out->first, out->results);
}

// Results of the tasks before it are sent first, as tasks are told of in their order.
static void pool_worker_fail(const struct self *self, const struct pool_work *work,
                             const struct outbox *out, int64_t task)
{
    pool_worker_deliver(self, work, out, task);
    report_output(self, "task %lld failed in %s: it lives on", (long long)task, self->name);
    report_task_failed(self, task);
}

// Runs tasks that take longer than a look at the clock, or one of which something happens to: it
// strikes at task `strike`, if there is one. Results don't wait for the chunk's end.
static void pool_worker_run_slowly(const struct self *self, const struct pool_work *work,
                                   struct frame chunk, int64_t strike)
{
    int64_t end = chunk.a + chunk.b, reported = clock_now();
    struct outbox out = pool_worker_outbox(work, chunk.a);
    for (int64_t task = chunk.a; task < end; task++) {
        atomic_store_explicit(work->in_hand, task, memory_order_relaxed);
        if (task == strike)
            faults_strike(self);
        out.results[task - out.first] = pool_worker_run_task(self, work, task);
        if (task == work->fail) {
            pool_worker_fail(self, work, &out, task);
            out = pool_worker_outbox(work, task + 1);
            continue;
        }
        int64_t ready = task + 1 - out.first;
        if (ready < out.room && clock_now() - reported < WORKLOAD_REPORT_EVERY)
            continue;
        pool_worker_deliver(self, work, &out, task + 1);
        out = pool_worker_outbox(work, task + 1);
        reported = clock_now();
    }
    pool_worker_deliver(self, work, &out, end);
}

// Squares tasks that nothing happens to: as little as can be stands between two of them.
static void pool_worker_run_fast(const struct self *self, const struct pool_work *work,
                                 struct frame chunk)
{
    int64_t end = chunk.a + chunk.b;
    for (int64_t first = chunk.a, next; first < end; first = next) {
        struct outbox out = pool_worker_outbox(work, first);
        next = end - first < out.room ? end : first + out.room;
        for (int64_t task = first; task < next; task++) {
            atomic_store_explicit(work->in_hand, task, memory_order_relaxed);
            out.results[task - first] = task * task;
        }
        pool_worker_deliver(self, work, &out, next);
    }
}

static bool pool_worker_is_in(int64_t task, struct frame chunk)
{
    return task >= chunk.a && task < chunk.a + chunk.b;
}

static void pool_worker_run_chunk(const struct self *self, const struct pool_work *work,
                                  struct frame chunk, bool misbehave)
{
    bool calm = !misbehave && !pool_worker_is_in(work->poison, chunk) &&
                !pool_worker_is_in(work->fail, chunk);
    if (calm && work->map == MAP_SQUARE && self->for_ns <= 0)
        pool_worker_run_fast(self, work, chunk);
    else
        pool_worker_run_slowly(self, work, chunk, misbehave ? chunk.a + chunk.b / 2 : -1);
    atomic_store_explicit(work->in_hand, -1, memory_order_relaxed);
}

// Takes the next frame that came down, and waits for one if there is none. False at the pipe's end,
// or with errno when it can't be read or holds something else.
static bool pool_worker_next_frame(struct frame_decoder *decoder, struct frame *frame)
{
    const void *block;
    enum decoded decoded;
    while ((decoded = frame_decoder_next(decoder, frame, &block)) == DECODED_NOTHING) {
        size_t room;
        char *space = frame_decoder_space(decoder, &room);
        ssize_t got = read(WORKER_DOWN_FD, space, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : 0;
            return false;
        }
        frame_decoder_fed(decoder, (size_t)got);
    }
    errno = EBADMSG;
    return decoded == DECODED_FRAME;
}

int pool_worker_run(const struct self *self, const struct pool_work *work)
{
    static char bytes[DECODER_ROOM];
    struct frame_decoder decoder = {.buffer = bytes};
    struct frame frame;
    bool misbehave = self->as != AS_NORMAL;
    int64_t done = 0;
    report_hello(self);
    if (work->initializer == INIT_FAILS) {
        report_output(self, "%s: the initializer failed (pid %d)", self->name, (int)getpid());
        return 1;
    }
    if (work->initializer == INIT_SAYS)
        report_output(self, "%s initialized (pid %d)", self->name, (int)getpid());
    bool told;
    while ((told = pool_worker_next_frame(&decoder, &frame)) && frame.type == FRAME_CHUNK) {
        pool_worker_run_chunk(self, work, frame, misbehave);
        misbehave = false;
        done += frame.b;
    }
    if (!told && errno != 0) {
        report_failure(self, "read");
        return 1;
    }
    report_done(self, done);
    return self->exit_status;
}
