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

// Sends the results of the tasks before it, as tasks are told of in their order.
static void pool_worker_fail(const struct self *self, int64_t first, int64_t task,
                             const int64_t *block)
{
    if (task > first)
        report_results(self, first, task - first, block);
    report_output(self, "task %lld failed in %s: it lives on", (long long)task, self->name);
    report_task_failed(self, task);
}

static void pool_worker_run_chunk(const struct self *self, const struct pool_work *work,
                                  struct frame chunk, bool misbehave)
{
    static int64_t block[FRAME_BLOCK_MAX / sizeof(int64_t)];
    const int64_t room = sizeof block / sizeof *block;
    // Where tasks take longer than a look at the clock, results don't wait for the chunk's end.
    bool slow = work->map != MAP_SQUARE || self->for_ns > 0;
    int64_t end = chunk.a + chunk.b;
    int64_t middle = chunk.a + chunk.b / 2;
    int64_t first = chunk.a, reported = clock_now();
    for (int64_t task = chunk.a; task < end; task++) {
        atomic_store_explicit(work->in_hand, task, memory_order_relaxed);
        if (misbehave && task == middle)
            faults_strike(self);
        int64_t result = pool_worker_run_task(self, work, task);
        if (task == work->fail) {
            pool_worker_fail(self, first, task, block);
            first = task + 1;
            continue;
        }
        block[task - first] = result;
        bool due = slow && clock_now() - reported >= WORKLOAD_REPORT_EVERY;
        if (!due && task + 1 < end && task + 1 - first < room)
            continue;
        report_results(self, first, task + 1 - first, block);
        first = task + 1;
        reported = slow ? clock_now() : reported;
    }
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
