// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/watch.h"

#include "log/describe.h"
#include "view/color.h"
#include "view/glyphs.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_LEAST = 8, NAME_MOST = 24, BAR_SHORT = 10, BAR_LONG = 20, WHOM_SHOWN = 8, WIDE = 79 };

// Lines as they are counted, and written where they are within the window.
struct page {
    const struct watch_view *view;
    struct text *text; // NULL to count only
    size_t line;
    size_t name_width, bar_width;
};

// Begins the next line. False when it is not to be written.
static bool watch_begin_line(struct page *page)
{
    size_t line = page->line++;
    const struct watch_view *view = page->view;
    return page->text && line >= view->first &&
           (view->rows == 0 || line < view->first + view->rows);
}

static void watch_add_line(struct page *page, const struct text *line, enum color line_color)
{
    text_add_string(page->text, line_color == COLOR_PLAIN ? "" : color(line_color));
    text_add_cut(page->text, text_string(line), page->view->columns);
    text_add_string(page->text, line_color == COLOR_PLAIN ? "" : color(COLOR_PLAIN));
    text_add_string(page->text, "\n");
}

static bool watch_is_wanted(const struct watch_view *view, const struct model_job *job,
                            const struct model_worker *worker)
{
    if (!worker->known)
        return false;
    if (view->wanted)
        return view->wanted(view->wanted_data, job->id, worker->number);
    if (!worker->reaped)
        return true;
    // A pool may wear out any number of workers; those at work are what is to be seen.
    return worker->ended >= view->since && (!job->deals || job->done);
}

static bool watch_has_wanted(const struct watch_view *view, const struct model_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (watch_is_wanted(view, job, job->workers[i]))
            return true;
    return false;
}

static void watch_add_job_line(struct page *page, const struct model_job *job)
{
    struct text line = {0};
    if (!watch_begin_line(page))
        return;
    text_print(&line, "%%%u %s%s", job->id, text_visible(job->title), job->done ? " (done)" : "");
    watch_add_line(page, &line, COLOR_BOLD);
    text_free(&line);
}

static void watch_add_name(struct text *line, const struct model_worker *worker, size_t nth)
{
    if (nth < WHOM_SHOWN)
        text_print(line, "%s%s", nth > 0 ? ", " : "", text_visible(worker->name));
    else if (nth == WHOM_SHOWN)
        text_add_string(line, ", ...");
}

// A party that has not been started yet has no name.
static void watch_add_missing(struct text *line, const struct model_job *job,
                              const struct model_object *object)
{
    size_t missing = 0;
    int64_t unborn = object->parties - (int64_t)job->count;
    for (size_t i = 0; i < job->count && (int64_t)i < object->parties; i++)
        if (job->workers[i]->known && job->workers[i]->waits_for != object->number)
            watch_add_name(line, job->workers[i], missing++);
    if (unborn > 0)
        text_print(line, "%s%" PRId64 " not started yet", missing > 0 ? ", " : "", unborn);
}

// Whether a worker that meets there is still to be expected.
static bool watch_is_met(const struct model_job *job, const struct model_object *object)
{
    bool expected = object->parties > (int64_t)job->count;
    for (size_t i = 0; i < job->count && (int64_t)i < object->parties; i++)
        expected |= job->workers[i]->known && !job->workers[i]->dead;
    return expected;
}

// Of an object where workers meet.
static void watch_add_meeting(struct text *line, const struct model_job *job,
                              const struct model_object *object)
{
    if (object->broken) {
        text_add_string(line, "broken");
    } else if (object->waiter_count == 0) {
        text_print(line, "none of %" PRId64 " is there", object->parties);
    } else {
        text_print(line, "%zu of %" PRId64 " are there, waiting for ", object->waiter_count,
                   object->parties);
        watch_add_missing(line, job, object);
    }
}

// Of any other object: which workers have it, which wait, and its value.
static void watch_add_holders(struct text *line, const struct model_job *job,
                              const struct model_object *object)
{
    for (size_t i = 0; i < object->holder_count; i++)
        watch_add_name(line, job->workers[object->holders[i].worker], i);
    if (object->holder_count > 0)
        text_add_string(line, object->holder_count > 1 ? " have it" : " has it");
    else if (object->broken)
        text_add_string(line, "broken");
    else if (!object->has_value)
        text_add_string(line, "free");
    if (object->has_value)
        text_print(line, "%s%" PRId64, object->holder_count > 0 ? ", value " : "", object->value);
    for (size_t i = 0; i < object->waiter_count; i++) {
        text_add_string(line, i == 0 ? ", waited for by " : "");
        watch_add_name(line, job->workers[object->waiters[i]], i);
    }
}

static void watch_add_object_line(struct page *page, const struct model_job *job,
                                  const struct model_object *object)
{
    struct text line = {0};
    bool meets = object->parties > 0;
    if (job->done || (meets ? !watch_is_met(job, object) : !object->is_used))
        return;
    if (!watch_begin_line(page))
        return;
    text_print(&line, "   %s: ", describe_object_name(job, object->number));
    if (meets)
        watch_add_meeting(&line, job, object);
    else
        watch_add_holders(&line, job, object);
    watch_add_line(page, &line, COLOR_PLAIN);
    text_free(&line);
}

static double watch_part_done(const struct model_job *job, const struct model_worker *worker)
{
    double part = (double)worker->progress / PROGRESS_WHOLE;
    if (job->deals)
        part = worker->dealt > 0 ? (double)worker->done / (double)worker->dealt : 0;
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

static void watch_add_bar(struct page *page, double part)
{
    const char *full = glyphs_are_utf8() ? "█" : "#", *empty = glyphs_are_utf8() ? "░" : "-";
    size_t filled = (size_t)(part * (double)page->bar_width);
    for (size_t i = 0; i < page->bar_width; i++)
        text_add_string(page->text, i < filled ? full : empty);
    text_print(page->text, " %3d%%  ", (int)(part * 100));
}

static void watch_add_state(const struct model_job *job, const struct model_worker *worker,
                            size_t width, struct text *text)
{
    char word[64];
    struct text about = {0};
    describe_state(worker, word, sizeof word);
    text_add_string(&about, word);
    if (model_state(worker) == STATE_WAITING)
        text_print(&about, ": %s", describe_object_name(job, worker->waits_for));
    else if (job->deals)
        text_print(&about, ", %" PRId64 " task%s", worker->done, worker->done == 1 ? "" : "s");
    const char *begin = color(color_of_state(word));
    bool colored = color_of_state(word) != COLOR_PLAIN;
    text_add_string(text, colored ? begin : "");
    text_add_cut(text, text_string(&about), width);
    text_add_string(text, colored ? color(COLOR_PLAIN) : "");
    text_free(&about);
}

static void watch_add_worker_line(struct page *page, const struct model_job *job,
                                  const struct model_worker *worker)
{
    if (!watch_begin_line(page))
        return;
    text_add_string(page->text, "   ");
    text_add_string(page->text, color_worker(worker->number));
    size_t used = text_add_cut(page->text, text_visible(worker->name), page->name_width);
    text_add_string(page->text, color_worker_end());
    text_print(page->text, "%*s %7" PRId64 "  ", (int)(page->name_width - used), "", worker->pid);
    watch_add_bar(page, watch_part_done(job, worker));
    size_t before = 3 + page->name_width + 10 + page->bar_width + 7;
    watch_add_state(job, worker, page->view->columns > before ? page->view->columns - before : 1,
                    page->text);
    text_add_string(page->text, "\n");
}

static void watch_add_job(struct page *page, const struct model_job *job)
{
    watch_add_job_line(page, job);
    for (size_t i = 0; i < job->object_count; i++)
        watch_add_object_line(page, job, &job->objects[i]);
    for (size_t i = 0; i < job->count; i++)
        if (watch_is_wanted(page->view, job, job->workers[i]))
            watch_add_worker_line(page, job, job->workers[i]);
}

// Names get what the others leave; 80 columns are room for a longer bar.
static void watch_measure(struct page *page)
{
    size_t columns = page->view->columns, longest = NAME_LEAST;
    page->bar_width = columns < WIDE ? BAR_SHORT : BAR_LONG;
    size_t others = 3 + 10 + page->bar_width + 7 + sizeof "killed SIGTERM";
    size_t most = columns > others + NAME_LEAST ? columns - others : NAME_LEAST;
    for (size_t i = 0; i < page->view->model->count; i++) {
        const struct model_job *job = page->view->model->jobs[i];
        for (size_t j = 0; j < job->count; j++) {
            if (!watch_is_wanted(page->view, job, job->workers[j]))
                continue;
            size_t width = text_columns(text_visible(job->workers[j]->name));
            longest = width > longest ? width : longest;
        }
    }
    most = most < NAME_MOST ? most : NAME_MOST;
    page->name_width = longest < most ? longest : most;
}

static size_t watch_go_through(const struct watch_view *view, struct text *text)
{
    struct page page = {.view = view, .text = text};
    if (text)
        watch_measure(&page);
    for (size_t i = 0; i < view->model->count; i++)
        if (watch_has_wanted(view, view->model->jobs[i]))
            watch_add_job(&page, view->model->jobs[i]);
    return page.line;
}

size_t watch_count_lines(const struct watch_view *view)
{
    return watch_go_through(view, NULL);
}

void watch_write(const struct watch_view *view, struct text *text)
{
    watch_go_through(view, text);
}

static size_t watch_count_states(const struct watch_view *view, size_t *counts)
{
    size_t workers = 0;
    for (size_t i = 0; i < view->model->count; i++) {
        const struct model_job *job = view->model->jobs[i];
        for (size_t j = 0; j < job->count; j++) {
            if (!watch_is_wanted(view, job, job->workers[j]))
                continue;
            workers++;
            counts[model_state(job->workers[j])]++;
        }
    }
    return workers;
}

void watch_write_sum(const struct watch_view *view, struct text *text)
{
    size_t counts[STATES] = {0}, told = 0;
    size_t workers = watch_count_states(view, counts);
    if (workers == 0) {
        text_add_string(text, "no workers");
        return;
    }
    text_print(text, "%zu worker%s:", workers, workers == 1 ? "" : "s");
    for (size_t k = 0; k < STATES; k++) {
        const char *plural = counts[k] > 1 && k == STATE_ZOMBIE ? "s" : "";
        if (counts[k] > 0)
            text_print(text, "%s %zu %s%s", told++ > 0 ? "," : "", counts[k],
                       describe_state_word((enum state)k), plural);
    }
}
