// SPDX-License-Identifier: GPL-3.0-or-later
// Shows when a lab starts its workers, what it tells of them, and that it is over exactly once.
#include "help.h"

#include "base/clock.h"
#include "jobs/lab.h"
#include "jobs/terminate.h"
#include "log/fold.h"
#include "log/model.h"
#include "os/loop.h"
#include "sync/lock.h"
#include "sync/semaphore.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// What a lab's command was told.
struct seen {
    size_t assigned, ended, over, timed_out, paused;
    size_t most_at_once;
    char stuck[256];
    struct sync_death death;
};

static void assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    struct seen *seen = lab->data;
    seen->assigned++;
    assignment->self.tells = true;
    lab_name(lab, number, assignment);
}

static bool frame(struct worker *worker, const struct frame *said, const void *block)
{
    struct seen *seen = lab_of(worker)->data;
    (void)said;
    (void)block;
    if (worker->job->unfinished > seen->most_at_once)
        seen->most_at_once = worker->job->unfinished;
    return true;
}

static void ended(struct worker *worker)
{
    struct seen *seen = lab_of(worker)->data;
    seen->ended++;
}

static void death(struct worker *worker, const struct sync *object, struct sync_death death)
{
    struct seen *seen = lab_of(worker)->data;
    assert_true(object->number > 0);
    seen->death = death;
}

static void stuck(struct lab *lab, const char *words)
{
    struct seen *seen = lab->data;
    snprintf(seen->stuck, sizeof seen->stuck, "%s", words);
}

static void timed_out(struct lab *lab)
{
    struct seen *seen = lab->data;
    seen->timed_out++;
}

static int over(struct lab *lab)
{
    struct seen *seen = lab->data;
    seen->over++;
    return seen->timed_out > 0;
}

static const struct lab_ops ops = {.assign = assign,
                                   .frame = frame,
                                   .ended = ended,
                                   .death = death,
                                   .stuck = stuck,
                                   .timed_out = timed_out,
                                   .over = over};

static void feed_model(const struct event *event)
{
    fold_add(model_now(), event);
}

static struct lab *make(struct lab_plan plan, struct seen *seen)
{
    events_set_listener(feed_model);
    memset(seen, 0, sizeof *seen);
    take_crashes_as_they_are();
    struct lab *lab = lab_new(&plan, &ops, seen);
    lab->job = job_new("lab", &lab_job_ops, lab);
    return lab;
}

static void end(struct lab *lab)
{
    lab_free(lab);
    events_set_listener(NULL);
    model_free(model_now());
}

static void run(struct lab *lab)
{
    while (!lab->job->done)
        loop_turn(-1);
}

static void starts_one_after_another(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make(
        (struct lab_plan){
            .workers = 5, .start = LAB_ONE_BY_ONE, .timeout = -1, .body = end_at_once},
        &seen);
    lab_begin(lab);
    run(lab);
    assert_int_equal(seen.assigned, 5);
    assert_int_equal(seen.ended, 5);
    assert_int_equal(seen.over, 1);
    assert_int_equal(seen.most_at_once, 1);
    end(lab);
}

static void starts_many_in_turns(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make(
        (struct lab_plan){.workers = 40, .start = LAB_TOGETHER, .timeout = -1, .body = end_at_once},
        &seen);
    lab_begin(lab);
    size_t first = lab->job->count;
    assert_true(first > 0 && first < 40);
    assert_int_equal(job_plan(lab->job).starting, 40 - first);
    run(lab);
    assert_int_equal(seen.ended, 40);
    assert_int_equal(seen.over, 1);
    end(lab);
}

static void a_cancelled_one_starts_no_more(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make(
        (struct lab_plan){
            .workers = 40, .start = LAB_TOGETHER, .timeout = -1, .body = wait_for_signal},
        &seen);
    lab_begin(lab);
    size_t first = lab->job->count;
    terminate_job(lab->job);
    assert_int_equal(job_plan(lab->job).starting, 0);
    run(lab);
    assert_int_equal(seen.assigned, first);
    assert_int_equal(seen.over, 1);
    end(lab);
}

static void ends_all_when_time_is_over(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make((struct lab_plan){.workers = 2,
                                             .start = LAB_STAGGERED,
                                             .stagger = 1,
                                             .timeout = 50 * NS_PER_MS,
                                             .body = wait_for_signal},
                           &seen);
    lab_begin(lab);
    run(lab);
    assert_int_equal(seen.timed_out, 1);
    assert_int_equal(seen.over, 1);
    assert_int_equal(lab->job->status, 1);
    end(lab);
}

static void note_pause(struct lab *lab)
{
    struct seen *seen = lab->data;
    seen->paused++;
}

static void is_not_over_before_its_pause(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make(
        (struct lab_plan){.workers = 1, .start = LAB_ON_DEMAND, .timeout = -1, .body = end_at_once},
        &seen);
    lab_begin(lab);
    lab_after(lab, 50 * NS_PER_MS, note_pause);
    while (lab->job->unfinished > 0)
        loop_turn(-1);
    assert_int_equal(seen.over, 0);
    run(lab);
    assert_int_equal(seen.paused, 1);
    assert_int_equal(seen.over, 1);
    end(lab);
}

static int die_with_a_permit(const struct self *self, const void *argument)
{
    report_hello(self);
    if (semaphore_acquire((struct semaphore *)(uintptr_t)argument, self, 0) == SYNC_OK)
        raise(SIGKILL);
    return 1;
}

static void tells_what_a_death_means(void **state)
{
    (void)state;
    struct seen seen;
    struct lab *lab = make(
        (struct lab_plan){
            .workers = 1, .start = LAB_TOGETHER, .timeout = -1, .body = die_with_a_permit},
        &seen);
    struct semaphore *semaphore = lab_share(lab, &sync_semaphore, NULL, 1, 3);
    lab->plan.argument = semaphore;
    lab_begin(lab);
    run(lab);
    assert_int_equal(seen.death.fate, SYNC_RETURNED);
    assert_int_equal(seen.death.amount, 1);
    assert_int_equal(semaphore_value(semaphore), 3);
    end(lab);
}

static int take_crosswise(const struct self *self, const void *argument)
{
    struct lock *const *locks = argument;
    int64_t dead_owner;
    report_hello(self);
    lock_acquire(locks[self->number], self, SYNC_FOREVER, &dead_owner);
    while (lock_owner(locks[1 - self->number]) < 0)
        usleep(1000);
    lock_acquire(locks[1 - self->number], self, SYNC_FOREVER, &dead_owner);
    return 1;
}

static void tells_a_circle_and_breaks_it(void **state)
{
    (void)state;
    struct seen seen;
    struct lock *locks[2];
    struct lab *lab = make((struct lab_plan){.workers = 2,
                                             .start = LAB_TOGETHER,
                                             .timeout = -1,
                                             .circle_timeout = 50 * NS_PER_MS,
                                             .body = take_crosswise,
                                             .argument = locks},
                           &seen);
    locks[0] = lab_share(lab, &sync_lock, "lock A", 2, 0);
    locks[1] = lab_share(lab, &sync_lock, "lock B", 2, 0);
    lab_begin(lab);
    run(lab);
    assert_string_equal(seen.stuck, "deadlock: p1 has lock A, waits for lock B; "
                                    "p2 has lock B, waits for lock A");
    assert_int_equal(lab->deadlocks.circles, 1);
    assert_int_equal(count_events(lab->job, EVENT_DEADLOCK), 1);
    assert_int_equal(seen.over, 1);
    end(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(starts_one_after_another),       IN_SESSION(starts_many_in_turns),
        IN_SESSION(a_cancelled_one_starts_no_more), IN_SESSION(ends_all_when_time_is_over),
        IN_SESSION(is_not_over_before_its_pause),   IN_SESSION(tells_what_a_death_means),
        IN_SESSION(tells_a_circle_and_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
