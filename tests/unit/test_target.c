// SPDX-License-Identifier: GPL-3.0-or-later
// Shows whom a word means, and that a word that means nobody, or several, is refused with a reason.
#include "help.h"

#include "jobs/target.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct heard heard;

static struct worker *start_named(struct job *job, const char *name)
{
    struct assignment assignment = {.name = name, .run = wait_for_signal};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    return worker;
}

static void end(struct worker *worker)
{
    worker_end(worker, SIGKILL);
    turn_until(worker->job, EVENT_REAPED, 1);
}

// Expects that `word` means `meant`, or is refused with a message that holds `said`.
static void expect(const char *word, bool living, const struct worker *meant, const char *said)
{
    struct targets targets = {0};
    struct text error = {0};
    assert_int_equal(targets_add(&targets, word, living, &error), meant != NULL);
    assert_int_equal(targets.count, meant ? 1 : 0);
    if (meant)
        assert_ptr_equal(targets.workers[0], meant);
    else
        assert_true(said && strstr(text_string(&error), said));
    assert_int_equal(error.length > 0, !meant);
    text_free(&error);
    targets_free(&targets);
}

static void finds_a_worker_by_name_and_by_pid(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *ann = start_named(job, "ann"), *bob = start_named(job, "bob");
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)bob->pid);
    expect("ann", true, ann, NULL);
    expect(pid, true, bob, NULL);
    expect(pid, false, bob, NULL);
}

static void refuses_who_is_nobody(void **state)
{
    (void)state;
    start_named(begin_job(&heard), "ann");
    expect("Ann", false, NULL, "Ann");
    expect("an", false, NULL, "an");
    expect("", false, NULL, "");
    expect("-1", false, NULL, "-1");
    expect("1", false, NULL, "1");
    expect("99999999999999999999", false, NULL, "99999999999999999999");
    expect("\033[2J", false, NULL, "\\x1b[2J");
}

static void refuses_the_dead_where_the_living_are_wanted(void **state)
{
    (void)state;
    struct worker *ann = start_named(begin_job(&heard), "ann");
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)ann->pid);
    end(ann);
    expect("ann", true, NULL, "ann");
    expect("ann", true, NULL, "SIGKILL");
    expect(pid, true, NULL, pid);
    expect("ann", false, ann, NULL);
    expect(pid, false, ann, NULL);
}

static void refuses_a_name_of_several_and_tells_their_pids(void **state)
{
    (void)state;
    struct worker *one = start_named(begin_job(&heard), "ann");
    struct worker *two = start_named(begin_job(&heard), "ann");
    char pid[16];
    snprintf(pid, sizeof pid, " %d", (int)one->pid);
    expect("ann", true, NULL, pid);
    snprintf(pid, sizeof pid, " %d", (int)two->pid);
    expect("ann", false, NULL, pid);
    end(one);
    expect("ann", true, two, NULL);
}

static void counts_nobody_twice(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct targets targets = {0};
    struct text error = {0};
    char word[16];
    start_named(job, "ann");
    start_named(job, "bob");
    snprintf(word, sizeof word, "%%%u", job->id);
    assert_true(targets_add(&targets, "bob", true, &error));
    assert_true(targets_add(&targets, word, true, &error));
    assert_true(targets_add(&targets, "ann", true, &error));
    assert_true(targets_add(&targets, word, true, &error));
    assert_int_equal(targets.count, 2);
    assert_int_equal(error.length, 0);
    targets_free(&targets);
}

static void a_job_means_its_living_or_all(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct targets living = {0}, all = {0};
    struct text error = {0};
    char word[16];
    struct worker *ann = start_named(job, "ann"), *bob = start_named(job, "bob");
    end(ann);
    snprintf(word, sizeof word, "%%%u", job->id);
    assert_true(targets_add(&living, word, true, &error));
    assert_int_equal(living.count, 1);
    assert_ptr_equal(living.workers[0], bob);
    assert_true(targets_add(&all, word, false, &error));
    assert_int_equal(all.count, 2);
    targets_free(&living);
    targets_free(&all);
}

static void finds_a_worker_by_its_number_in_the_job(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *ann = start_named(job, "ann"), *bob = start_named(job, "bob");
    char word[TARGET_ROOM], before[TARGET_ROOM];
    expect("%%.1", true, bob, NULL);
    target_format(bob, word, sizeof word);
    expect(word, true, bob, NULL);
    job->counted_from = 1;
    expect("%%.1", true, ann, NULL);
    expect("%%.2", true, bob, NULL);
    expect("%%.0", true, NULL, "not %%.0");
    expect("%%.3", true, NULL, "not %%.3");
    expect("%%.x", true, NULL, "'%%.x'");
    expect("%-.1", true, NULL, "before the youngest");
    target_format(bob, before, sizeof before);
    start_named(begin_job(&heard), "cid");
    expect(before, true, bob, NULL);
    expect("%-.2", true, bob, NULL);
    end(bob);
    expect(before, true, NULL, "has ended already");
    expect(before, false, bob, NULL);
}

static void refuses_what_is_no_job(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    char none[16];
    snprintf(none, sizeof none, "%%%u", job->id + 1);
    end(start_named(job, "ann"));
    const char *const words[] = {"%", "%0", "%x", "%-1", "%4294967296", "%1 ", none};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text error = {0};
        assert_null(target_job(words[i], &error));
        assert_true(error.length > 0);
        text_free(&error);
        expect(words[i], false, NULL, words[i]);
    }
    snprintf(none, sizeof none, "%%%u", job->id);
    expect(none, true, NULL, none);
}

static void knows_which_names_are_fit(void **state)
{
    (void)state;
    char name[65] = "";
    assert_true(target_name_is_fit("ann"));
    assert_true(target_name_is_fit("Process-1"));
    assert_true(target_name_is_fit("4x"));
    assert_false(target_name_is_fit(""));
    assert_false(target_name_is_fit("12"));
    assert_false(target_name_is_fit("%1"));
    assert_false(target_name_is_fit("%ann"));
    memset(name, 'x', 63);
    assert_true(target_name_is_fit(name));
    name[63] = 'x';
    assert_false(target_name_is_fit(name));
}

static void a_fit_name_always_finds_its_worker(void **state)
{
    (void)state;
    static const char *const names[] = {"10k", "1M", "0x10", "1.5", "007", "5m", "a b", "ü"};
    struct job *job = begin_job(&heard);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (target_name_is_fit(names[i]))
            expect(names[i], true, start_named(job, names[i]), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(finds_a_worker_by_name_and_by_pid),
        IN_SESSION(refuses_who_is_nobody),
        IN_SESSION(refuses_the_dead_where_the_living_are_wanted),
        IN_SESSION(refuses_a_name_of_several_and_tells_their_pids),
        IN_SESSION(counts_nobody_twice),
        IN_SESSION(a_job_means_its_living_or_all),
        IN_SESSION(finds_a_worker_by_its_number_in_the_job),
        IN_SESSION(refuses_what_is_no_job),
        cmocka_unit_test(knows_which_names_are_fit),
        IN_SESSION(a_fit_name_always_finds_its_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
