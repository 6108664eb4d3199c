// SPDX-License-Identifier: GPL-3.0-or-later
// watch: the live table, on a terminal until a key is pressed, elsewhere a snapshot a second.
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/rewind_step.h"
#include "commands/rewound.h"
#include "shell/moment.h"
#include "os/loop.h"
#include "jobs/target.h"
#include "shell/screen.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/terminal.h"
#include "view/color.h"
#include "view/watch.h"
#include "jobs/reaper.h"
#include "base/tty.h"

#include <stdlib.h>
#include <string.h>

#define DRAW_EVERY     (100 * NS_PER_MS)
#define SNAPSHOT_EVERY NS_PER_S

// The width of a snapshot through a pipe, which has none of its own.
enum { SNAPSHOT_COLUMNS = 100 };

struct watch_args {
    struct words targets;
    int64_t timeout;
};

static const struct arg args[] = {
    {.name = "TARGET",
     .type = ARG_TARGETS,
     .field = offsetof(struct watch_args, targets),
     .standard_is = "all that run",
     .help = "workers or jobs: a name, a pid, %J, %J.I"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct watch_args, timeout),
     .min = 1,
     .max = DURATION_MAX,
     .standard = -1,
     .help = "ends after T; off a terminal it must be given"},
    {0},
};

// What was named: a worker of a job, or with NO_WORKER the whole job.
struct wanted {
    uint32_t job, worker;
};

struct watching {
    struct call *call;
    struct wanted *wanted;
    size_t wanted_count;
    struct timer *next, *timeout;
    size_t first; // the line at the top
    int64_t snapshots;
};

static bool watch_is_chosen(const void *data, uint32_t job, uint32_t worker)
{
    const struct watching *watching = data;
    for (size_t i = 0; i < watching->wanted_count; i++)
        if (watching->wanted[i].job == job &&
            (watching->wanted[i].worker == worker || watching->wanted[i].worker == NO_WORKER))
            return true;
    return false;
}

static struct watch_view watch_view_of(const struct watching *watching, size_t columns)
{
    return (struct watch_view){.model = model_now(),
                               .wanted = watching->wanted_count > 0 ? watch_is_chosen : NULL,
                               .wanted_data = watching,
                               .since = watching->call->started,
                               .columns = columns};
}

static void watch_add_where(const struct watching *watching, size_t lines, size_t rows,
                            size_t columns, struct text *text)
{
    struct text line = {0};
    if (lines <= rows)
        text_add_string(&line, "any key ends");
    else
        text_print(&line, "lines %zu-%zu of %zu; arrows j k PgUp PgDn; other keys end",
                   watching->first + 1, watching->first + rows, lines);
    text_add_string(text, color(COLOR_DIM));
    text_add_cut(text, text_string(&line), columns);
    text_add_string(text, color(COLOR_PLAIN));
    text_free(&line);
}

// How many lines of the table the window has room for.
static size_t watch_rows_of_window(void)
{
    return tty_rows() > 3 ? (size_t)tty_rows() - 2 : 1;
}

// Moves the top of the window to `first`, or as far as there are lines below it; returns how many
// there are.
static size_t watch_move_to(struct watching *watching, size_t first)
{
    struct watch_view view = watch_view_of(watching, 0);
    size_t lines = watch_count_lines(&view), rows = watch_rows_of_window();
    size_t last = lines > rows ? lines - rows : 0;
    watching->first = first < last ? first : last;
    return lines;
}

// A line that counts, the table's window, and a line about the keys.
static void watch_draw(struct watching *watching)
{
    // A line that is full to the last column confuses terminals.
    size_t columns = (size_t)tty_columns() > 1 ? (size_t)tty_columns() - 1 : 1;
    size_t rows = watch_rows_of_window(), lines = watch_move_to(watching, watching->first);
    struct watch_view view = watch_view_of(watching, columns);
    struct text text = {0}, sum = {0};
    view.first = watching->first;
    view.rows = rows;
    watch_write_sum(&view, &sum);
    text_add_cut(&text, text_string(&sum), columns);
    text_add_string(&text, "\n");
    watch_write(&view, &text);
    watch_add_where(watching, lines, rows, columns, &text);
    screen_draw(text_string(&text));
    text_free(&text);
    text_free(&sum);
}

static void watch_draw_again(void *data)
{
    struct watching *watching = data;
    watch_draw(watching);
    watching->next = loop_after(DRAW_EVERY, watch_draw_again, watching);
}

static void watch_stop_timer(struct timer **timer)
{
    if (*timer)
        loop_cancel(*timer);
    *timer = NULL;
}

static void watch_stop(struct watching *watching)
{
    watch_stop_timer(&watching->next);
    watch_stop_timer(&watching->timeout);
    screen_close();
    call_finish(watching->call, STATUS_OK);
}

static void watch_take_key(enum screen_key key, void *data)
{
    struct watching *watching = data;
    size_t page = tty_rows() > 4 ? (size_t)tty_rows() - 3 : 1;
    size_t first = watching->first;
    switch (key) {
    case KEY_UP:
        first -= first > 0;
        break;
    case KEY_DOWN:
        first++;
        break;
    case KEY_PAGE_UP:
        first -= first < page ? first : page;
        break;
    case KEY_PAGE_DOWN:
        first += page;
        break;
    case KEY_TOP:
        first = 0;
        break;
    case KEY_BOTTOM:
        first = SIZE_MAX;
        break;
    case KEY_LEFT:
    case KEY_RIGHT:
    case KEY_OTHER:
        screen_give_key_back();
        watch_stop(watching);
        return;
    }
    watch_move_to(watching, first);
}

static void watch_print_snapshot(struct watching *watching)
{
    size_t columns = context_columns() > 0 ? context_columns() : SNAPSHOT_COLUMNS;
    struct watch_view view = watch_view_of(watching, columns);
    struct text text = {0};
    text_print(&text, "%swatch, %lld s: ", watching->snapshots > 0 ? "\n" : "",
               (long long)(watching->snapshots * SNAPSHOT_EVERY / NS_PER_S));
    watch_write_sum(&view, &text);
    text_add_string(&text, "\n");
    watch_write(&view, &text);
    out_write(text.bytes, text.length);
    text_free(&text);
}

// Each is due at its own second since the start, however late the one before was.
static void watch_print_again(void *data)
{
    struct watching *watching = data;
    const struct watch_args *watch_args = watching->call->args;
    watch_print_snapshot(watching);
    watching->next = NULL;
    int64_t offset = ++watching->snapshots * SNAPSHOT_EVERY;
    if (watch_args->timeout < 0 || offset < watch_args->timeout)
        watching->next =
            loop_after(watching->call->started + offset - clock_now(), watch_print_again, watching);
}

static void watch_time_out(void *data)
{
    struct watching *watching = data;
    watching->timeout = NULL;
    watch_stop(watching);
}

static void watch_give_up(struct call *call)
{
    watch_stop(call->state);
}

static void watch_free_watching(struct call *call)
{
    struct watching *watching = call->state;
    free(watching->wanted);
    free(watching);
}

static const struct call_ops watch_ops = {.interrupt = watch_give_up, .free = watch_free_watching};

static void watch_add_wanted(struct watching *watching, uint32_t job, uint32_t worker)
{
    watching->wanted =
        must_realloc(watching->wanted, watching->wanted_count + 1, sizeof *watching->wanted);
    watching->wanted[watching->wanted_count++] = (struct wanted){job, worker};
}

// Adds what one word names; a %J as a job, to which workers may still be added.
static bool watch_find(struct watching *watching, const char *word, struct text *error)
{
    if (word[0] == '%') {
        struct job *job = target_job(word, error);
        if (job)
            watch_add_wanted(watching, job->id, NO_WORKER);
        return job != NULL;
    }
    struct targets targets = {0};
    bool found = targets_add(&targets, word, false, error);
    for (size_t i = 0; i < targets.count; i++)
        watch_add_wanted(watching, targets.workers[i]->job->id, targets.workers[i]->number);
    targets_free(&targets);
    return found;
}

static int watch_find_all(struct call *call, struct watching *watching)
{
    const struct watch_args *watch_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < watch_args->targets.count && status == STATUS_OK; i++)
        if (!watch_find(watching, watch_args->targets.all[i], &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

static int watch_run(struct call *call)
{
    const struct watch_args *watch_args = call->args;
    bool screen = context_is_interactive() && screen_is_possible();
    if (moment_is_past())
        return screen ? rewind_step_begin(call) : rewound_watch(call);
    if (!screen && watch_args->timeout < 0)
        return call_misuse(call, "--timeout is missing: without a terminal that can be redrawn "
                                 "there is no key to end it");
    struct watching *watching = must_calloc(1, sizeof *watching);
    watching->call = call;
    call->state = watching;
    call->ops = &watch_ops;
    reaper_collect();
    int status = watch_find_all(call, watching);
    if (status != STATUS_OK)
        return status;
    if (watch_args->timeout >= 0)
        watching->timeout = loop_after(watch_args->timeout, watch_time_out, watching);
    if (screen) {
        screen_open(watch_take_key, watching);
        watch_draw_again(watching);
    } else {
        watch_print_again(watching);
    }
    return STATUS_PENDING;
}

const struct command command_watch = {
    .name = "watch",
    .group = "Looking",
    .summary = "a live table: how far each worker is, and what it waits for",
    .details = "It is redrawn in place until a key is pressed; the arrows, j, k, Home, End and the "
               "page keys move it. What is printed meanwhile appears afterwards. Off a terminal it "
               "prints a snapshot a second. Everything in it is what workers and kernel have "
               "reported.",
    .example = "watch %1",
    .args = args,
    .args_size = sizeof(struct watch_args),
    .run = watch_run,
};
