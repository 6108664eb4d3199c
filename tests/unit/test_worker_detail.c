// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what a worker's portrait says of one that lives, is a zombie, or is remembered.
#include "help.h"

#include "base/clock.h"
#include "worker/frame.h"
#include "os/proc.h"
#include "view/color.h"
#include "view/worker_detail.h"

#include <signal.h>
#include <string.h>

static const struct proc kernel = {.pid = 11,
                                   .parent = 10,
                                   .group = 11,
                                   .state = 'S',
                                   .user_ns = 20 * NS_PER_MS,
                                   .resident_kb = 1724,
                                   .private_kb = 80,
                                   .voluntary = 12,
                                   .forced = 7,
                                   .ignored = 1 << (SIGTERM - 1),
                                   .pending = UINT64_C(1) << 39,
                                   .waits_in = "pipe_read"};

static struct worker_detail living(void)
{
    return (struct worker_detail){.name = "Process-1",
                                  .title = "spawn 1",
                                  .job = 1,
                                  .pid = 11,
                                  .kernel = &kernel,
                                  .said_pid = 11,
                                  .said_parent = 10,
                                  .claim = CLAIM_WORKING,
                                  .results = -1,
                                  .lived = NS_PER_S,
                                  .died = -1};
}

static void expect(const struct worker_detail *portrait, const char *part)
{
    struct text text = {0};
    worker_detail_write(portrait, 0, &text);
    if (!strstr(text_string(&text), part))
        print_message("no '%s' in:\n%s\n", part, text_string(&text));
    assert_non_null(strstr(text_string(&text), part));
    text_free(&text);
}

static void the_kernels_word_stands_beside_the_workers(void **state)
{
    (void)state;
    struct worker_detail portrait = living();
    expect(&portrait, "Process-1 (11), a worker of %1: spawn 1\n");
    expect(&portrait, "             THE KERNEL SAYS         THE WORKER SAYS\n"
                      "state        S sleeping              working\n"
                      "pid          11                      11\n"
                      "parent       10                      10\n"
                      "group        11\n"
                      "CPU time     20.0 ms in its program, 0 s in the kernel\n"
                      "memory       1.7 MB; 80 kB of it not shared\n"
                      "switches     12 because it waited, 7 forced\n"
                      "sleeps in    pipe_read\n"
                      "pending      40\n"
                      "blocked      none\n"
                      "ignored      SIGTERM\n");
    expect(&portrait, "daemon       no: quit joins it\n"
                      "pipe         shared with its job's other workers\n"
                      "time         forked 1.00 s ago\n");
    portrait.daemon = portrait.own_pipe = true;
    expect(&portrait, "daemon       yes: quit terminates it\npipe         its own\n");
}

static void says_what_it_claims(void **state)
{
    (void)state;
    struct worker_detail portrait = living();
    portrait.progress = PROGRESS_WHOLE / 4;
    expect(&portrait, "working, 25 %\n");
    portrait.claim = CLAIM_STARTING;
    expect(&portrait, "S sleeping              starting\n");
    portrait.waits = "the lock, which p2 has";
    expect(&portrait, "waiting for the lock, which p2 has\n");
    portrait.waits = NULL;
    portrait.claim = CLAIM_DONE;
    portrait.results = 1000;
    expect(&portrait, "done, 1000 results\n");
    portrait.said_pid = 0;
    expect(&portrait,
           "S sleeping              nothing yet\npid          11                      -\n");
}

static void names_what_descriptors_are_for(void **state)
{
    (void)state;
    char null[] = "/dev/null", pipe[] = "pipe:[99]", odd[] = "a\tb";
    struct proc_fd fds[] = {{0, true, true, null}, {3, false, true, pipe}, {4, true, false, odd}};
    const struct proc_fds all = {fds, 3};
    const char *const notes[] = {NULL, "reports to forklab", NULL};
    struct worker_detail portrait = living();
    portrait.fds = &all;
    portrait.fd_notes = notes;
    expect(&portrait, "descriptors  3 open\n"
                      "              0  read, write /dev/null\n"
                      "              3  write       pipe:[99] reports to forklab\n"
                      "              4  read        a\\x09b\n");
    portrait.fd_notes = NULL;
    expect(&portrait, "              3  write       pipe:[99]\n");
}

static void a_zombie_has_no_memory_any_more(void **state)
{
    (void)state;
    struct proc dead = kernel;
    struct worker_detail portrait = living();
    dead.state = 'Z';
    dead.resident_kb = -1;
    portrait.kernel = &dead;
    portrait.zombie = true;
    portrait.died = NS_PER_S;
    portrait.exit_signal = SIGKILL;
    expect(&portrait, "THE WORKER SAID\nstate        Z zombie ");
    expect(&portrait, "only the exit status waits to be\n             collected\n");
    expect(&portrait, "time         lived 1.00 s, ended 1.00 s ago\n"
                      "exit code    -9 (SIGKILL), not collected yet\n");
}

static void who_is_reaped_is_remembered(void **state)
{
    (void)state;
    struct worker_detail portrait = living();
    portrait.kernel = NULL;
    portrait.kernel_silence = "it is reaped";
    portrait.claim = CLAIM_DONE;
    portrait.results = 3;
    portrait.died = 0;
    portrait.exit_code = 7;
    portrait.cpu = 2 * NS_PER_MS;
    expect(&portrait, "             THE KERNEL SAYS         THE WORKER SAID\n"
                      "             nothing: it is reaped\n"
                      "state        -                       done, 3 results\n"
                      "pid          -                       11\n"
                      "parent       -                       10\n"
                      "CPU time     2.0 ms in all, told when it ended\n");
    expect(&portrait, "exit code    7\n");
    portrait.said_pid = 0;
    expect(&portrait, "nothing yet\nCPU time ");
}

static void one_that_lives_is_not_called_dead_when_the_kernel_is_silent(void **state)
{
    (void)state;
    struct worker_detail portrait = living();
    portrait.kernel = NULL;
    portrait.kernel_silence = "No such file or directory";
    expect(&portrait, "             THE KERNEL SAYS         THE WORKER SAYS\n"
                      "             nothing: No such file or directory\n"
                      "state        -                       working\n"
                      "pid          -                       11\n"
                      "parent       -                       10\n"
                      "             FORKLAB KNOWS\n");
    expect(&portrait, "time         forked 1.00 s ago\n");
}

static void unknown_private_memory_is_left_out(void **state)
{
    (void)state;
    struct proc guarded = kernel;
    struct worker_detail portrait = living();
    guarded.private_kb = -1;
    guarded.resident_kb = 900;
    guarded.kernel_ns = NS_PER_MS;
    guarded.user_ns = 0;
    portrait.kernel = &guarded;
    expect(&portrait,
           "CPU time     0 s in its program, 1.0 ms in the kernel\nmemory       900 kB\n");
}

static void long_titles_are_broken_between_words(void **state)
{
    (void)state;
    struct worker_detail portrait = living();
    struct text text = {0};
    portrait.title = "spawn 100 --together --for 20s --as stubborn --which 99 --daemon --exit 3";
    worker_detail_write(&portrait, 60, &text);
    expect(&portrait,
           "Process-1 (11), a worker of %1: spawn 100 --together --for 20s --as stubborn\n  "
           "--which 99 --daemon --exit 3\n");
    for (char *line = text.bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        assert_true(text_columns(line) <= 60);
    }
    text_free(&text);
}

static int set_up(void **state)
{
    (void)state;
    color_set(COLOR_NEVER);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernels_word_stands_beside_the_workers),
        cmocka_unit_test(says_what_it_claims),
        cmocka_unit_test(names_what_descriptors_are_for),
        cmocka_unit_test(a_zombie_has_no_memory_any_more),
        cmocka_unit_test(who_is_reaped_is_remembered),
        cmocka_unit_test(one_that_lives_is_not_called_dead_when_the_kernel_is_silent),
        cmocka_unit_test(unknown_private_memory_is_left_out),
        cmocka_unit_test(long_titles_are_broken_between_words),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
