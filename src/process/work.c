// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/work.h"

#include "base/clock.h"
#include "base/number.h"
#include "process/fork.h"
#include "process/frame.h"
#include "process/misbehave.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPORT_EVERY (100 * NS_PER_MS)

// How many results are computed between two looks at the clock: some 20 us.
#define LOOK_EVERY 4096

static volatile sig_atomic_t asked_to_finish;

static void ask_to_finish(int number)
{
    (void)number;
    asked_to_finish = 1;
}

void work_prepare(const struct self *self)
{
    if (self->graceful)
        signal(SIGTERM, ask_to_finish);
    misbehave_from_start(self);
}

static double compute(int64_t i)
{
    // volatile: neither factor may be remembered, nor the product left out.
    volatile double root = sqrt((double)i), square = root * root;
    return square;
}

static void keep(struct results *results, int64_t i, double value)
{
    if (i < LIST_WHOLE)
        results->first[i] = value;
    results->last[i % LIST_TAIL] = value;
}

// Where do_something is.
struct run {
    const struct self *self;
    int64_t size;
    int64_t started;
    int64_t reported;
    int64_t next; // the index computed next
    struct results *results;
};

// Part done of what takes longer: the list, or the time.
static int64_t progress_of(const struct run *run, int64_t now)
{
    double whole = run->size > 0 ? (double)run->next / (double)run->size : 1;
    if (run->self->for_ns > 0) {
        double past = (double)(now - run->started) / (double)run->self->for_ns;
        whole = past < whole ? past : whole;
    }
    return (int64_t)(whole * PROGRESS_WHOLE);
}

// Looks at the clock; returns the time since the start.
static int64_t look(struct run *run)
{
    int64_t now = clock_now();
    if (now - run->reported >= REPORT_EVERY) {
        run->reported = now;
        report_claim(run->self, CLAIM_WORKING, progress_of(run, now));
    }
    return now - run->started;
}

// Computes up to index `end`, then the same again until `ns` have passed since the start.
static void run_until(struct run *run, int64_t end, int64_t ns)
{
    while (run->next < end && !asked_to_finish) {
        keep(run->results, run->next, compute(run->next));
        if (++run->next % LOOK_EVERY == 0)
            look(run);
    }
    for (int64_t i = 0; !asked_to_finish && look(run) < ns;)
        for (int64_t stop = i + LOOK_EVERY; i < stop; i++)
            compute(i);
}

// The last elements were kept in turn: puts the oldest of them first.
static void straighten(struct results *results)
{
    double ring[LIST_TAIL];
    memcpy(ring, results->last, sizeof ring);
    for (int64_t i = 0; i < LIST_TAIL; i++)
        results->last[i] = ring[(results->count + i) % LIST_TAIL];
}

void work_do_something(const struct self *self, int64_t size, struct results *results)
{
    struct run run = {.self = self, .size = size, .started = clock_now(), .results = results};
    *results = (struct results){0};
    run.reported = run.started;
    if (self->as != AS_NORMAL) {
        run_until(&run, size / 2, self->for_ns / 2);
        misbehave_now(self);
    }
    run_until(&run, size, self->for_ns);
    results->count = run.next;
    straighten(results);
}

void work_format_results(const struct results *results, char *text, size_t size)
{
    size_t used = 0;
    bool whole = results->count <= LIST_WHOLE;
    int64_t head = whole ? results->count : LIST_HEAD;
    int64_t shown = whole ? head : LIST_HEAD + LIST_TAIL;
    used += (size_t)snprintf(text, size, "[");
    for (int64_t i = 0; i < shown && used < size; i++) {
        char number[32];
        number_format_real(i < head ? results->first[i] : results->last[i - head], number,
                           sizeof number);
        const char *before = i == 0 ? "" : !whole && i == head ? ", ..., " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, number);
    }
    if (used < size)
        used += (size_t)snprintf(text + used, size - used, "]");
    if (!whole && used < size)
        snprintf(text + used, size - used, " (%lld results)", (long long)results->count);
}

const char *const map_names[] = {"square", "prime", "sleep", NULL};

static bool is_prime(int64_t n)
{
    for (int64_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n >= 2;
}

// Returns prime number i (0 is 2, 1 is 3), found the slow way: the work grows with i.
static int64_t nth_prime(int64_t i)
{
    int64_t n = 2;
    for (int64_t found = 0; found < i || !is_prime(n); n++)
        found += is_prime(n);
    return n;
}

static int64_t map_once(const struct self *self, enum map map, int64_t task)
{
    switch (map) {
    case MAP_SQUARE:
        return task * task;
    case MAP_PRIME:
        return nth_prime(task);
    case MAP_SLEEP: {
        int64_t ns = self->for_ns > 0 ? self->for_ns : 100 * NS_PER_MS;
        struct timespec left = {ns / NS_PER_S, ns % NS_PER_S};
        while (nanosleep(&left, &left) < 0 && errno == EINTR)
            continue;
        return task;
    }
    }
    return 0;
}

// Runs one task, and goes on computing until `self->for_ns` have passed.
static int64_t run_task(const struct self *self, const struct map_work *work, int64_t task)
{
    if (task == work->poison)
        misbehave_now(&(struct self){.as = AS_CRASH});
    if (self->for_ns <= 0 || work->map == MAP_SLEEP)
        return map_once(self, work->map, task);
    int64_t end = clock_now() + self->for_ns;
    int64_t result = map_once(self, work->map, task);
    for (int64_t i = 0; clock_now() < end; i++)
        compute(i);
    return result;
}

static void run_chunk(const struct self *self, const struct map_work *work, struct frame chunk,
                      bool misbehave)
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
            misbehave_now(self);
        block[task - first] = run_task(self, work, task);
        bool due = slow && clock_now() - reported >= REPORT_EVERY;
        if (!due && task + 1 < end && task + 1 - first < room)
            continue;
        report_results(self, first, task + 1 - first, block);
        first = task + 1;
        reported = slow ? clock_now() : reported;
    }
    atomic_store_explicit(work->in_hand, -1, memory_order_relaxed);
}

// Takes the next frame that came down, and waits for one if there is none. False at the pipe's end, or with
// errno when it can't be read or holds something else.
static bool next_frame(struct decoder *decoder, struct frame *frame)
{
    const void *block;
    enum decoded decoded;
    while ((decoded = decoder_next(decoder, frame, &block)) == DECODED_NOTHING) {
        size_t room;
        char *space = decoder_space(decoder, &room);
        ssize_t got = read(WORKER_DOWN_FD, space, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : 0;
            return false;
        }
        decoder_fed(decoder, (size_t)got);
    }
    errno = EBADMSG;
    return decoded == DECODED_FRAME;
}

int work_map(const struct self *self, const struct map_work *work)
{
    static char bytes[DECODER_ROOM];
    struct decoder decoder = {.buffer = bytes};
    struct frame frame;
    bool misbehave = self->as != AS_NORMAL;
    int64_t done = 0;
    report_hello(self);
    if (work->initialize)
        report_output(self, "%s initialized (pid %d)", self->name, (int)getpid());
    bool told;
    while ((told = next_frame(&decoder, &frame)) && frame.type == FRAME_CHUNK) {
        run_chunk(self, work, frame, misbehave);
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
