// SPDX-License-Identifier: GPL-3.0-or-later
// memory: copy-on-write, by the kernel's own words: one page before, two values after a write;
// then shared memory.
#include "commands/table.h"

#include "base/out.h"
#include "commands/board.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "worker/gate.h"
#include "worker/message.h"
#include "worker/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

struct memory_args {
    struct launch_args work;
};

static const char *const memory_steps[] = {"load", "store", NULL};

static const struct arg args[] = {
    ARG_FOR(struct memory_args),      ARG_STAGGER(struct memory_args, 0),
    ARG_DAEMON(struct memory_args),   ARG_TIMEOUT(struct memory_args),
    ARG_AS(struct memory_args),       ARG_AT(struct memory_args, memory_steps),
    ARG_WHICH(struct memory_args, 1), {0}};

enum { MEMORY_BEFORE = 7, MEMORY_AFTER = 42, MEMORY_PAGES = 3, MEMORY_SMAPS = 1 << 20 };

// In shared memory; `y` is what it is about.
struct memory_board {
    int64_t y;
    int64_t faults, child; // what the worker measured, and its x
};

struct memory_scene {
    struct memory_board *board;
    volatile int64_t *x; // in a page that a fork copies; between two that nothing may touch
    char *pages;
    size_t page;
};

// What smaps (proc_pid_smaps(5)) says of a mapping, in kB.
struct memory_share {
    long shared, its_own;
};

static long memory_find(const char *text, const char *end, const char *key)
{
    const char *found = strstr(text, key);
    return found && found < end ? strtol(found + strlen(key), NULL, 10) : 0;
}

// Returns where the entry of the mapping that `address` begins starts, or NULL.
static const char *memory_find_entry(const char *text, const volatile void *address)
{
    char range[32];
    snprintf(range, sizeof range, "%" PRIxPTR "-", (uintptr_t)address);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, range, strlen(range)) == 0)
            return line;
    }
    return NULL;
}

// Asks about the mapping that `address` begins. False with errno.
static bool memory_ask(const volatile void *address, struct memory_share *share)
{
    static char text[MEMORY_SMAPS];
    int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    int64_t length = message_read_all(fd, text, sizeof text - 1);
    int error = length < 0 ? errno : 0;
    close(fd);
    length = length < 0 ? 0 : length;
    text[length] = '\0';
    const char *entry = memory_find_entry(text, address);
    errno = error ? error : ENOENT;
    if (error || !entry)
        return false;
    const char *end = strstr(entry, "VmFlags:");
    end = end ? end : text + length;
    share->shared =
        memory_find(entry, end, "Shared_Clean:") + memory_find(entry, end, "Shared_Dirty:");
    share->its_own =
        memory_find(entry, end, "Private_Clean:") + memory_find(entry, end, "Private_Dirty:");
    return true;
}

static bool memory_tell_page(const struct self *self, const struct memory_scene *scene)
{
    struct memory_share share;
    if (!memory_ask(scene->x, &share)) {
        report_failure(self, "read(/proc/self/smaps)");
        return false;
    }
    report_output(self, "its page: %ld kB shared with the parent, %ld kB of its own", share.shared,
                  share.its_own);
    return true;
}

static int64_t memory_faults(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) < 0 ? -1 : usage.ru_minflt;
}

static int memory_look(const struct self *self, const void *argument)
{
    const struct memory_scene *scene = argument;
    struct memory_board *board = scene->board;
    struct results results;
    report_hello(self);
    if (self->for_ns > 0)
        workload_run(self, 0, &results);
    memory_faults(); // what it takes to ask is not to count
    gate_pass(self, STEP_LOAD, 0);
    report_output(self, "p1 reads x: %" PRId64, *scene->x);
    if (!memory_tell_page(self, scene))
        return 1;
    gate_pass(self, STEP_STORE, 0);
    int64_t before = memory_faults();
    *scene->x = MEMORY_AFTER;
    board->faults = memory_faults() - before;
    board->child = *scene->x;
    report_output(self, "p1 writes x = %d: %" PRId64 " minor fault%s", MEMORY_AFTER, board->faults,
                  board->faults == 1 ? "" : "s");
    if (!memory_tell_page(self, scene))
        return 1;
    report_output(self, "p1 reads x: %" PRId64, *scene->x);
    board->y = MEMORY_AFTER;
    report_output(self, "p1 writes y = %d, in shared memory", MEMORY_AFTER);
    report_done(self, 0);
    return self->exit_status;
}

static void memory_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct memory_args *memory_args = launch_call(lab)->args;
    *assignment = launch_assign(&memory_args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&memory_args->work, memory_steps);
    lab_name(lab, number, assignment);
}

static int memory_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct memory_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (scene->board && lab->job->count > 0) {
        out_print("the parent reads x, at the same address: %" PRId64 "\n", *scene->x);
        out_print("the parent reads y: %" PRId64 "\n", scene->board->y);
        figures_begin(call);
        figures_add("parent", *scene->x);
        figures_add("child", scene->board->child);
        figures_add("shared", scene->board->y);
        figures_add("faults", scene->board->faults);
    }
    if (status == STATUS_OK)
        call_summary(call, "a fork copies no page; the first write to one does");
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops memory_lab_ops = {.assign = memory_assign,
                                              .not_started = launch_tell_not_started,
                                              .frame = launch_print_lines,
                                              .timed_out = launch_tell_timeout,
                                              .over = memory_conclude};

static void memory_free(struct call *call)
{
    struct memory_scene *scene = ((struct lab *)call->state)->data;
    board_unmap(scene->board, sizeof *scene->board);
    if (scene->pages)
        munmap(scene->pages, MEMORY_PAGES * scene->page);
    launch_free(call);
}

static const struct call_ops memory_call_ops = {.progress = launch_show_progress,
                                                .free = memory_free};

// Maps the two pages. False after it told why not.
static bool memory_map(struct lab *lab)
{
    struct memory_scene *scene = lab->data;
    scene->page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages =
        mmap(NULL, MEMORY_PAGES * scene->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    scene->pages = pages == MAP_FAILED ? NULL : pages;
    launch_log_mmap(lab->job, false, MEMORY_PAGES * scene->page, "x", scene->pages);
    if (!scene->pages || mprotect(pages + scene->page, scene->page, PROT_READ | PROT_WRITE) < 0) {
        call_fail(launch_call(lab), "%s: %s", scene->pages ? "mprotect" : "mmap", strerror(errno));
        return false;
    }
    scene->x = (volatile int64_t *)(void *)(pages + scene->page);
    *scene->x = MEMORY_BEFORE;
    scene->board = board_map(lab, sizeof *scene->board, "y");
    if (scene->board)
        scene->board->y = MEMORY_BEFORE;
    return scene->board;
}

static int memory_run(struct call *call)
{
    const struct memory_args *memory_args = call->args;
    int status = launch_check(call, &memory_args->work, 1, 1);
    if (status == STATUS_OK)
        status = launch_check_at(call, &memory_args->work);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = 1,
                            .start = LAB_STAGGERED,
                            .stagger = memory_args->work.stagger,
                            .timeout = memory_args->work.timeout,
                            .body = memory_look};
    struct lab *lab =
        launch_lab(call, &plan, &memory_lab_ops, &memory_args->work, sizeof(struct memory_scene));
    lab->plan.argument = lab->data;
    call->ops = &memory_call_ops;
    if (memory_map(lab)) {
        out_print("x is %d, y is %d\n", MEMORY_BEFORE, MEMORY_BEFORE);
        lab_begin(lab);
    } else {
        lab_give_up(lab);
    }
    return STATUS_PENDING;
}

const struct command command_memory = {
    .name = "memory",
    .group = "Sharing",
    .summary = "shows what a worker's write does to its parent's memory",
    .details = "After a fork both have the same page. The first write to it is a fault, and then "
               "there are two. Memory that is mapped as shared stays one.",
    .example = "memory",
    .args = args,
    .args_size = sizeof(struct memory_args),
    .background = true,
    .acts = true,
    .run = memory_run,
};
