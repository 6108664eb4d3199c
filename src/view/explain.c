// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/explain.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "log/describe.h"
#include "view/color.h"
#include "view/conclusions.h"
#include "view/lessons.h"
#include "view/event_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Of events that are alike so many are shown; of a worker's progress fewer.
enum { SHOWN = 8, PROGRESS_SHOWN = 2 };

// Kinds of events that are alike; all others count as one more.
enum { SHAPES = 128 };

enum { TIME_WIDTH = 9, GAP = 2, WHO_LEAST = 7, WHO_MOST = 20 };

struct shape {
    uint64_t key;
    uint64_t seen, hidden;
    char label[32];
};

struct explain {
    struct explain_style style;
    int64_t began; // time of the first event, or -1
    size_t source_width;
    struct shape shapes[SHAPES];
    size_t shape_count;
    uint64_t hidden; // events since the last line
};

struct explain *explain_new(const struct explain_style *style)
{
    struct explain *explain = must_calloc(1, sizeof *explain);
    size_t width = style->columns == 0 ? WHO_MOST : style->columns / 5;
    width = width > WHO_MOST ? WHO_MOST : width < WHO_LEAST ? WHO_LEAST : width;
    *explain = (struct explain){.style = *style, .began = -1, .source_width = width};
    return explain;
}

void explain_free(struct explain *explain)
{
    free(explain);
}

// Adds `words` as the rest of a line that is there up to column `indent`, where later lines begin,
// too.
static void explain_add_wrapped(const struct explain *explain, const char *words, size_t indent,
                                struct text *text)
{
    struct text margin = {0};
    size_t columns = explain->style.columns > 0 ? explain->style.columns : SIZE_MAX;
    text_print(&margin, "%s%*s", explain->style.mark, (int)indent, "");
    text_add_wrapped_behind(text, words, text_columns(text_string(&margin)), text_string(&margin),
                            columns);
    text_add(text, "\n", 1);
    text_free(&margin);
}

// Adds `source`, cut or filled to its column; a worker in its own colour.
static void explain_add_source(const struct explain *explain, const struct event *event,
                               const char *source, struct text *text)
{
    bool speaks = event->worker != NO_WORKER && strcmp(source, "forklab") != 0 &&
                  strcmp(source, "kernel") != 0;
    text_add_string(text, speaks ? color_worker(event->worker) : "");
    size_t used = text_add_cut(text, source, explain->source_width);
    text_add_string(text, speaks ? color_worker_end() : "");
    text_print(text, "%*s", (int)(explain->source_width - used + GAP), "");
}

static size_t explain_words_column(const struct explain *explain)
{
    return TIME_WIDTH + GAP + explain->source_width + GAP;
}

static void explain_add_line(struct explain *explain, const struct event *event, const char *source,
                             const char *words, struct text *text)
{
    double seconds = (double)(event->time - explain->began) / NS_PER_S;
    text_print(text, "%s%s%*.6f%s%*s", explain->style.mark, color(COLOR_DIM), TIME_WIDTH, seconds,
               color(COLOR_PLAIN), GAP, "");
    explain_add_source(explain, event, source, text);
    explain_add_wrapped(explain, words, explain_words_column(explain), text);
}

// Adds a sentence in the place of a line's words, under a mark in the place of its time.
static void explain_add_sentence(const struct explain *explain, const char *mark,
                                 const char *sentence, struct text *text)
{
    text_print(text, "%s%s%*s%s%*s", explain->style.mark, color(COLOR_YELLOW), TIME_WIDTH, mark,
               color(COLOR_PLAIN), GAP, "");
    explain_add_wrapped(explain, sentence, TIME_WIDTH + GAP, text);
}

static struct shape *explain_shape_of(struct explain *explain, const struct event *event)
{
    uint64_t key = event_text_shape(event);
    for (size_t i = 0; i < explain->shape_count; i++)
        if (explain->shapes[i].key == key)
            return &explain->shapes[i];
    if (explain->shape_count == SHAPES)
        return &explain->shapes[SHAPES - 1];
    struct shape *shape = &explain->shapes[explain->shape_count++];
    *shape = (struct shape){.key = key};
    event_text_label(event, shape->label, sizeof shape->label);
    return shape;
}

// Moves what is hidden under the same label to the first shape that has it.
static void explain_gather(struct explain *explain, size_t i)
{
    for (size_t j = i + 1; j < explain->shape_count; j++) {
        if (strcmp(explain->shapes[i].label, explain->shapes[j].label) != 0)
            continue;
        explain->shapes[i].hidden += explain->shapes[j].hidden;
        explain->shapes[j].hidden = 0;
    }
}

static void explain_add_folded(struct explain *explain, struct text *text)
{
    struct text sentence = {0};
    char number[32];
    if (explain->hidden == 0)
        return;
    event_text_count((int64_t)explain->hidden, number, sizeof number);
    text_print(&sentence, "%s more of the same:", number);
    const char *before = " ";
    for (size_t i = 0; i < explain->shape_count; i++) {
        explain_gather(explain, i);
        if (explain->shapes[i].hidden == 0)
            continue;
        event_text_count((int64_t)explain->shapes[i].hidden, number, sizeof number);
        text_print(&sentence, "%s%s x %s", before, explain->shapes[i].label, number);
        explain->shapes[i].hidden = 0;
        before = ", ";
    }
    explain->hidden = 0;
    explain_add_sentence(explain, "...", text_string(&sentence), text);
    text_free(&sentence);
}

// Whether this one is folded away; counts it.
static bool explain_fold(struct explain *explain, const struct event *event)
{
    struct shape *shape = explain_shape_of(explain, event);
    uint64_t most = event_text_is_progress(event) ? PROGRESS_SHOWN : SHOWN;
    if (explain->style.all || shape->seen++ < most)
        return false;
    shape->hidden++;
    explain->hidden++;
    return true;
}

// Tells one event; `must` shows it in any case.
static void explain_tell(struct explain *explain, const struct event *event,
                         const struct model_job *job, bool must, struct text *text)
{
    struct text words = {0};
    if (explain->began < 0)
        explain->began = event->time;
    const char *source = event_text_sentence(event, job, &words);
    if (words.length > 0 && (!explain_fold(explain, event) || must)) {
        explain_add_folded(explain, text);
        explain_add_line(explain, event, source, text_string(&words), text);
    }
    text_free(&words);
}

void explain_event(struct explain *explain, const struct event *event, const struct model_job *job,
                   struct text *text)
{
    explain_tell(explain, event, job, false, text);
}

// Adds what the whole job shows, and where its workers' time went if that is known.
static void explain_conclude(const struct explain *explain, const struct past *past,
                             struct text *text)
{
    struct text sentences = {0};
    conclusions_add(past, &sentences);
    if (explain->style.spent)
        text_print(&sentences, "Where the workers' time went, added up: %s.\n",
                   explain->style.spent);
    char *rest = NULL, *line = sentences.bytes ? strtok_r(sentences.bytes, "\n", &rest) : NULL;
    for (; line; line = strtok_r(NULL, "\n", &rest))
        explain_add_sentence(explain, ">>>", line, text);
    text_free(&sentences);
}

void explain_end(struct explain *explain, const struct past *past, struct text *text)
{
    struct lessons lessons = lessons_find(past);
    explain_add_folded(explain, text);
    for (size_t i = 0; i < lessons.count; i++)
        explain_add_sentence(explain, ">>>", lessons.all[i].text, text);
    explain_conclude(explain, past, text);
    lessons_free(&lessons);
}

// Makes the column of the names no wider than they need.
static void explain_measure(struct explain *explain, const struct past *past)
{
    size_t widest = WHO_LEAST;
    for (size_t i = 0; i < past->lane_count; i++) {
        uint32_t worker = past->lanes[i].worker->number;
        size_t width = text_columns(describe_worker(past->job, worker));
        widest = width > widest ? width : widest;
    }
    explain->source_width = widest < explain->source_width ? widest : explain->source_width;
}

static void explain_add_title(const struct explain *explain, const struct past *past,
                              struct text *text)
{
    struct text title = {0};
    char events[32], took[32];
    event_text_count((int64_t)past->event_count, events, sizeof events);
    number_format_time(past->events[past->event_count - 1]->time - past->events[0]->time, took,
                       sizeof took);
    text_print(&title, "%%%" PRIu32 " %s: %s events in %s; times are in seconds%s", past->job->id,
               *past->job->title ? text_visible(past->job->title) : "(its beginning was dropped)",
               events, took, past->job->is_whole ? "" : " since the first that is left");
    text_print(text, "%s", explain->style.mark);
    explain_add_wrapped(explain, text_string(&title), 0, text);
    if (past->dropped > 0) {
        char dropped[32];
        event_text_count((int64_t)past->dropped, dropped, sizeof dropped);
        text_clear(&title);
        text_print(&title, "The log has dropped the session's first %s events%s.", dropped,
                   past->job->is_whole ? "" : ", and with them the beginning of this job");
        explain_add_sentence(explain, "...", text_string(&title), text);
    }
    text_free(&title);
}

void explain_past(const struct past *past, const struct explain_style *style, struct text *text)
{
    struct explain *explain = explain_new(style);
    struct lessons lessons = lessons_find(past);
    size_t next = 0;
    explain_measure(explain, past);
    explain_add_title(explain, past, text);
    for (size_t i = 0; i < past->event_count; i++) {
        bool teaches = next < lessons.count && lessons.all[next].event == i;
        explain_tell(explain, past->events[i], past->job, teaches, text);
        for (; next < lessons.count && lessons.all[next].event == i; next++)
            explain_add_sentence(explain, ">>>", lessons.all[next].text, text);
    }
    explain_add_folded(explain, text);
    explain_conclude(explain, past, text);
    lessons_free(&lessons);
    explain_free(explain);
}
