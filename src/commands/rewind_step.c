// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/rewind_step.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "base/tty.h"
#include "log/describe.h"
#include "log/fold.h"
#include "log/schema.h"
#include "shell/context.h"
#include "shell/json_output.h"
#include "shell/moment.h"
#include "shell/screen.h"
#include "view/color.h"
#include "view/event_text.h"
#include "view/watch.h"

#include <stdlib.h>
#include <string.h>

// Where the moment lies among the events that can be stepped to. Times that there are none of are
// those of the moment itself.
struct place {
    const struct event *event; // the last one until the moment, or NULL
    size_t number, count;
    int64_t first, before, next, last;
    int64_t origin, end;
};

struct stepping {
    struct call *call;
    size_t first; // the line at the top
};

// What forklab asked the kernel for changes nothing that is seen.
static bool rewind_step_is_stop(const struct event *event)
{
    return event->kind != EVENT_CALL;
}

int64_t rewind_step_last(const struct past *past)
{
    int64_t last = past->begin;
    for (size_t i = 0; i < past->event_count; i++)
        if (rewind_step_is_stop(past->events[i]))
            last = past->events[i]->time;
    return last;
}

static struct place rewind_step_find_place(const struct past *past)
{
    int64_t now = moment_time();
    struct place place = {.first = now,
                          .before = now,
                          .next = now,
                          .last = now,
                          .origin = past->origin,
                          .end = rewind_step_last(past)};
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (!rewind_step_is_stop(event))
            continue;
        place.first = place.count++ == 0 ? event->time : place.first;
        place.last = event->time;
        if (event->time <= now) {
            if (place.event && place.event->time < event->time)
                place.before = place.event->time;
            place.event = event;
            place.number = place.count;
        } else if (place.next == now) {
            place.next = event->time;
        }
    }
    return place;
}

// Adds "p1: arrived at the barrier".
static void rewind_step_add_event(const struct place *place, const struct model_job *job,
                                  struct text *text)
{
    struct text words = {0};
    if (!place->event) {
        text_add_string(text, "nothing has happened yet");
        return;
    }
    const char *speaker = event_text_sentence(place->event, job, &words);
    if (place->event->kind == EVENT_FORKED)
        text_print(text, "forklab: forks %s", describe_worker(job, place->event->worker));
    else if (words.length > 0)
        text_print(text, "%s: %s", speaker, text_string(&words));
    else
        text_print(text, "%s", schema_of(place->event->kind)->name);
    text_free(&words);
}

static struct past *rewind_step_read(void)
{
    return past_read(moment_job(), clock_now());
}

void rewind_step_tell(void)
{
    struct past *past = rewind_step_read();
    struct text line = {0};
    if (json_output_is_on() || !past) {
        past_free(past);
        return;
    }
    struct place place = rewind_step_find_place(past);
    moment_describe(&line);
    text_print(&line,
               " of %.6f s; event %zu of %zu: ", (double)(place.end - place.origin) / NS_PER_S,
               place.number, place.count);
    rewind_step_add_event(&place, past->job, &line);
    struct text shown = {0};
    size_t columns = context_prose_columns() > 0 ? context_prose_columns() : SIZE_MAX;
    text_add_wrapped(&shown, text_string(&line), 0, 2, columns);
    out_print("%s\n", text_string(&shown));
    text_free(&shown);
    text_free(&line);
    past_free(past);
}

bool rewind_step_is_possible(void)
{
    return context_is_interactive() && screen_is_possible();
}

static void rewind_step_add_line(const char *words, enum color line_color, size_t columns,
                                 struct text *text)
{
    text_add_string(text, color(line_color));
    text_add_cut(text, words, columns);
    text_print(text, "%s\n", color(COLOR_PLAIN));
}

static bool rewind_step_wants_all(const void *data, uint32_t job, uint32_t worker)
{
    (void)data;
    (void)job;
    (void)worker;
    return true;
}

// The table of the job as it was, in what the other lines leave of the window.
static void rewind_step_add_table(struct stepping *stepping, size_t columns, struct text *text)
{
    enum { OTHER_LINES = 5 };
    struct model_job *job = fold_at(moment_job(), moment_time());
    struct model model = {.jobs = &job, .count = job ? 1 : 0};
    struct watch_view view = {.model = &model, .wanted = rewind_step_wants_all, .columns = columns};
    size_t rows = (size_t)tty_rows() > OTHER_LINES ? (size_t)tty_rows() - OTHER_LINES : 1;
    size_t lines = watch_count_lines(&view);
    size_t last = lines > rows ? lines - rows : 0;
    stepping->first = stepping->first < last ? stepping->first : last;
    view.first = stepping->first;
    view.rows = rows;
    watch_write(&view, text);
    model_free_job(job);
}

static void rewind_step_draw(struct stepping *stepping)
{
    size_t columns = (size_t)tty_columns() > 1 ? (size_t)tty_columns() - 1 : 1;
    struct past *past = rewind_step_read();
    struct text text = {0}, line = {0};
    if (!past)
        return;
    struct place place = rewind_step_find_place(past);
    moment_describe(&line);
    text_print(&line, " of %.6f s, event %zu of %zu", (double)(place.end - place.origin) / NS_PER_S,
               place.number, place.count);
    rewind_step_add_line(text_string(&line), COLOR_PLAIN, columns, &text);
    text_clear(&line);
    rewind_step_add_event(&place, past->job, &line);
    rewind_step_add_line(text_string(&line), COLOR_BOLD, columns, &text);
    text_add_string(&text, "\n");
    rewind_step_add_table(stepping, columns, &text);
    rewind_step_add_line("Left, Right: an event back, on; Home, End; other keys end", COLOR_DIM,
                         columns, &text);
    screen_draw(text_string(&text));
    text_free(&line);
    text_free(&text);
    past_free(past);
}

static void rewind_step_move(const struct place *place, enum screen_key key)
{
    int64_t to = moment_time();
    switch (key) {
    case KEY_LEFT:
        to = place->before;
        break;
    case KEY_RIGHT:
        to = place->next;
        break;
    case KEY_TOP:
        to = place->first;
        break;
    case KEY_BOTTOM:
        to = place->last;
        break;
    case KEY_UP:
    case KEY_DOWN:
    case KEY_PAGE_UP:
    case KEY_PAGE_DOWN:
    case KEY_OTHER:
        break;
    }
    moment_set(moment_job(), to, place->origin);
}

static void rewind_step_end(struct call *call)
{
    screen_close();
    rewind_step_tell();
    call_finish(call, STATUS_OK);
}

static void rewind_step_take_key(enum screen_key key, void *data)
{
    struct stepping *stepping = data;
    struct past *past = rewind_step_read();
    if (key == KEY_OTHER || !past) {
        past_free(past);
        screen_give_key_back();
        rewind_step_end(stepping->call);
        return;
    }
    struct place place = rewind_step_find_place(past);
    rewind_step_move(&place, key);
    past_free(past);
    if (key == KEY_UP)
        stepping->first -= stepping->first > 0;
    if (key == KEY_DOWN)
        stepping->first++;
    rewind_step_draw(stepping);
}

static void rewind_step_free(struct call *call)
{
    free(call->state);
}

static const struct call_ops rewind_step_ops = {.interrupt = rewind_step_end,
                                                .free = rewind_step_free};

int rewind_step_begin(struct call *call)
{
    struct stepping *stepping = must_calloc(1, sizeof *stepping);
    stepping->call = call;
    call->state = stepping;
    call->ops = &rewind_step_ops;
    screen_open(rewind_step_take_key, stepping);
    rewind_step_draw(stepping);
    return STATUS_PENDING;
}
