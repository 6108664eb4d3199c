// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/worker_detail.h"

#include "base/number.h"
#include "base/signal.h"
#include "worker/frame.h"
#include "view/color.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Where the second and the third column begin.
enum { LABEL = 13, SIDE = 24, WIDEST = 80 };

struct page {
    size_t columns;
    struct text *text;
};

// Adds `words` behind what is `used` columns wide, broken at blanks; later lines begin at `indent`.
static void worker_detail_add_words(const struct page *page, const char *words, size_t used,
                                    size_t indent)
{
    text_add_wrapped(page->text, words, used, indent, page->columns);
    text_add_string(page->text, "\n");
}

static void worker_detail_add_row(const struct page *page, const char *label, const char *kernel)
{
    text_print(page->text, "%-*s", LABEL, label);
    worker_detail_add_words(page, kernel, LABEL, LABEL);
}

static void worker_detail_add_sides(const struct page *page, const char *label, const char *kernel,
                                    const char *worker)
{
    text_print(page->text, "%-*s%-*s", LABEL, label, SIDE, kernel);
    worker_detail_add_words(page, worker, LABEL + SIDE, LABEL + SIDE);
}

static void worker_detail_add_heading(const struct page *page, const char *first,
                                      const char *second)
{
    text_print(page->text, "%*s%s%-*s%s%s\n", LABEL, "", color(COLOR_BOLD), second ? SIDE : 0,
               first, second ? second : "", color(COLOR_PLAIN));
}

static void worker_detail_describe_claim(const struct worker_detail *portrait, char *text,
                                         size_t size)
{
    int percent = (int)(portrait->progress * 100 / PROGRESS_WHOLE);
    if (portrait->said_pid == 0) {
        snprintf(text, size, "nothing yet");
        return;
    }
    if (portrait->waits) {
        snprintf(text, size, "waiting for %s", portrait->waits);
        return;
    }
    switch (portrait->claim) {
    case CLAIM_STARTING:
        snprintf(text, size, "starting");
        break;
    case CLAIM_AT_BARRIER:
    case CLAIM_AT_LOCK:
    case CLAIM_WORKING:
        if (percent > 0)
            snprintf(text, size, "working, %d %%", percent);
        else
            snprintf(text, size, "working");
        break;
    case CLAIM_DONE:
        snprintf(text, size, "done, %" PRId64 " result%s", portrait->results,
                 portrait->results == 1 ? "" : "s");
        break;
    }
}

static void worker_detail_add_who(const struct page *page, const struct worker_detail *portrait)
{
    const struct proc *kernel = portrait->kernel;
    char state[64], claim[160], pid[24], parent[24], said_pid[24] = "-", said_parent[24] = "-";
    worker_detail_describe_claim(portrait, claim, sizeof claim);
    snprintf(state, sizeof state, "%c %s", kernel->state, proc_state_word(kernel->state));
    snprintf(pid, sizeof pid, "%d", (int)kernel->pid);
    snprintf(parent, sizeof parent, "%d", (int)kernel->parent);
    if (portrait->said_pid > 0) {
        snprintf(said_pid, sizeof said_pid, "%" PRId64, portrait->said_pid);
        snprintf(said_parent, sizeof said_parent, "%" PRId64, portrait->said_parent);
    }
    worker_detail_add_sides(page, "state", state, claim);
    worker_detail_add_sides(page, "pid", pid, said_pid);
    worker_detail_add_sides(page, "parent", parent, said_parent);
    snprintf(pid, sizeof pid, "%d", (int)kernel->group);
    worker_detail_add_row(page, "group", pid);
}

static void worker_detail_describe_size(int64_t kb, char *text, size_t size)
{
    if (kb < 1024)
        snprintf(text, size, "%" PRId64 " kB", kb);
    else
        snprintf(text, size, "%.1f MB", (double)kb / 1024);
}

static void worker_detail_add_use(const struct page *page, const struct proc *kernel)
{
    char user[32], system[32], line[128];
    number_format_time(kernel->user_ns, user, sizeof user);
    number_format_time(kernel->kernel_ns, system, sizeof system);
    snprintf(line, sizeof line, "%s in its program, %s in the kernel",
             kernel->user_ns > 0 ? user : "0 s", kernel->kernel_ns > 0 ? system : "0 s");
    worker_detail_add_row(page, "CPU time", line);
    if (kernel->resident_kb >= 0) {
        char all[32], own[32];
        worker_detail_describe_size(kernel->resident_kb, all, sizeof all);
        worker_detail_describe_size(kernel->private_kb, own, sizeof own);
        if (kernel->private_kb >= 0)
            snprintf(line, sizeof line, "%s; %s of it not shared", all, own);
        worker_detail_add_row(page, "memory", kernel->private_kb >= 0 ? line : all);
    }
    snprintf(line, sizeof line, "%" PRId64 " because it waited, %" PRId64 " forced",
             kernel->voluntary, kernel->forced);
    worker_detail_add_row(page, "switches", line);
    if (kernel->waits_in[0])
        worker_detail_add_row(page, "sleeps in", text_visible(kernel->waits_in));
}

static void worker_detail_add_signals(const struct page *page, const char *label, uint64_t set)
{
    struct text names = {0};
    for (int number = 1; number <= 64; number++) {
        if (!(set & UINT64_C(1) << (number - 1)))
            continue;
        if (number <= SIGNAL_LAST)
            text_print(&names, "%s%s", names.length > 0 ? " " : "", signal_name(number));
        else
            text_print(&names, "%s%d", names.length > 0 ? " " : "", number);
    }
    worker_detail_add_row(page, label, names.length > 0 ? text_string(&names) : "none");
    text_free(&names);
}

static void worker_detail_add_descriptors(const struct page *page,
                                          const struct worker_detail *portrait)
{
    char line[64];
    snprintf(line, sizeof line, "%zu open", portrait->fds->count);
    worker_detail_add_row(page, "descriptors", line);
    for (size_t i = 0; i < portrait->fds->count; i++) {
        const struct proc_fd *fd = &portrait->fds->all[i];
        const char *note = portrait->fd_notes ? portrait->fd_notes[i] : NULL;
        struct text what = {0};
        text_add_visible(&what, fd->what, strlen(fd->what));
        if (note)
            text_print(&what, " %s", note);
        const char *access = fd->reads && fd->writes ? "read, write" : fd->reads ? "read" : "write";
        int width = snprintf(line, sizeof line, "%*d  %-12s", LABEL + 2, fd->fd, access);
        text_add_string(page->text, line);
        worker_detail_add_words(page, text_string(&what), (size_t)width, (size_t)width);
        text_free(&what);
    }
}

static void worker_detail_add_kernel(const struct page *page, const struct worker_detail *portrait)
{
    const struct proc *kernel = portrait->kernel;
    worker_detail_add_who(page, portrait);
    worker_detail_add_use(page, kernel);
    if (portrait->zombie) {
        worker_detail_add_row(page, "",
                              "memory and descriptors are gone, only the exit status waits to be "
                              "collected");
        return;
    }
    worker_detail_add_signals(page, "pending", kernel->pending);
    worker_detail_add_signals(page, "blocked", kernel->blocked);
    worker_detail_add_signals(page, "ignored", kernel->ignored);
    worker_detail_add_signals(page, "caught", kernel->caught);
    if (portrait->fds)
        worker_detail_add_descriptors(page, portrait);
}

// Adds what is known of a worker that the kernel says nothing about.
static void worker_detail_add_silence(const struct page *page, const struct worker_detail *portrait)
{
    char claim[160], line[128], cpu[32];
    worker_detail_describe_claim(portrait, claim, sizeof claim);
    snprintf(line, sizeof line, "nothing: %s", portrait->kernel_silence);
    worker_detail_add_row(page, "", line);
    worker_detail_add_sides(page, "state", "-", claim);
    if (portrait->said_pid > 0) {
        snprintf(line, sizeof line, "%" PRId64, portrait->said_pid);
        worker_detail_add_sides(page, "pid", "-", line);
        snprintf(line, sizeof line, "%" PRId64, portrait->said_parent);
        worker_detail_add_sides(page, "parent", "-", line);
    }
    if (portrait->died < 0)
        return;
    number_format_time(portrait->cpu, cpu, sizeof cpu);
    snprintf(line, sizeof line, "%s in all, told when it ended", cpu);
    worker_detail_add_row(page, "CPU time", line);
}

static void worker_detail_add_end(const struct page *page, const struct worker_detail *portrait)
{
    char lived[32], ago[32], line[128];
    number_format_time(portrait->lived, lived, sizeof lived);
    if (portrait->time_went)
        worker_detail_add_row(page, "time went", portrait->time_went);
    if (portrait->died < 0) {
        snprintf(line, sizeof line, "forked %s ago", lived);
        worker_detail_add_row(page, "time", line);
        return;
    }
    number_format_time(portrait->died, ago, sizeof ago);
    snprintf(line, sizeof line, "lived %s, ended %s ago", lived, ago);
    worker_detail_add_row(page, "time", line);
    const char *where = portrait->zombie ? ", not collected yet" : "";
    if (portrait->exit_signal)
        snprintf(line, sizeof line, "-%d (%s)%s", portrait->exit_signal,
                 signal_name(portrait->exit_signal), where);
    else
        snprintf(line, sizeof line, "%d%s", portrait->exit_code, where);
    worker_detail_add_row(page, "exit code", line);
}

void worker_detail_write(const struct worker_detail *portrait, size_t columns, struct text *text)
{
    struct page page = {columns == 0 || columns > WIDEST ? WIDEST : columns, text};
    struct text title = {0};
    text_print(&title, "(%" PRId64 "), a worker of %%%u: %s", portrait->pid, portrait->job,
               text_visible(portrait->title));
    text_print(text, "%s%s%s ", color(portrait->color), text_visible(portrait->name),
               color(COLOR_PLAIN));
    worker_detail_add_words(&page, text_string(&title),
                            text_columns(text_visible(portrait->name)) + 1, 2);
    text_free(&title);
    worker_detail_add_heading(&page, "THE KERNEL SAYS",
                              portrait->died < 0 ? "THE WORKER SAYS" : "THE WORKER SAID");
    if (portrait->kernel)
        worker_detail_add_kernel(&page, portrait);
    else
        worker_detail_add_silence(&page, portrait);
    worker_detail_add_heading(&page, "FORKLAB KNOWS", NULL);
    worker_detail_add_row(&page, "daemon",
                          portrait->daemon ? "yes: quit terminates it" : "no: quit joins it");
    worker_detail_add_row(&page, "pipe",
                          portrait->own_pipe ? "its own" : "shared with its job's other workers");
    worker_detail_add_end(&page, portrait);
}
