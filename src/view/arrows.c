// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/arrows.h"

#include "base/must.h"
#include "log/describe.h"
#include "log/waits.h"
#include "view/color.h"
#include "view/glyphs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Of those that wait for one object, or that have it, so many are named.
enum { ARROWS_WAITERS = 8, ARROWS_HOLDERS = 3, ARROWS_WIDEST = 80 };

void arrows_add_holders(const struct model_job *job, const struct model_object *object,
                        struct text *text)
{
    size_t named = object->holder_count;
    if (named > ARROWS_HOLDERS)
        named = ARROWS_HOLDERS - 1;
    for (size_t i = 0; i < named; i++) {
        const struct model_worker *holder = model_worker(job, object->holders[i].worker);
        bool last = i + 1 == object->holder_count;
        text_print(text, "%s%s%s",
                   i == 0 ? ""
                   : last ? " and "
                          : ", ",
                   describe_worker(job, object->holders[i].worker), waits_hindrance(holder));
    }
    if (named < object->holder_count)
        text_print(text, " and %zu more", object->holder_count - named);
}

static void arrows_add_line(const char *first, const char *words, size_t columns, struct text *text)
{
    text_add_string(text, first);
    text_add_wrapped_behind(text, words, text_columns(first), "    ", columns);
    text_add_string(text, "\n");
}

// One arrow for `who`, which waits for an object.
static void arrows_add(const struct model_job *job, const struct model_object *object,
                       const char *who, size_t columns, struct text *text)
{
    struct text words = {0};
    text_print(&words, "%s %s waits for %s", who, glyphs_are_utf8() ? "\u2192" : "->",
               describe_object(job, object->number));
    if (object->holder_count > 0)
        text_add_string(&words, ", held by ");
    arrows_add_holders(job, object, &words);
    arrows_add_line("  ", text_string(&words), columns, text);
    text_free(&words);
}

static void arrows_add_object(const struct model_job *job, const struct model_object *object,
                              size_t columns, struct text *text)
{
    size_t named = object->waiter_count;
    if (named > ARROWS_WAITERS)
        named = ARROWS_WAITERS - 1;
    for (size_t i = 0; i < named; i++)
        arrows_add(job, object, describe_worker(job, object->waiters[i]), columns, text);
    if (named == object->waiter_count)
        return;
    struct text rest = {0};
    text_print(&rest, "%zu more", object->waiter_count - named);
    arrows_add(job, object, text_string(&rest), columns, text);
    text_free(&rest);
}

// Adds the circle that keeps those that wait for an object, and notes all objects of it as told.
static void arrows_add_circle(const struct model_job *job, const struct model_object *object,
                              bool *told, size_t columns, struct text *text)
{
    struct waits_circle circle;
    struct text words = {0};
    if (told[object->number - 1] || !waits_find_circle(job, object->waiters[0], &circle))
        return;
    bool is_news = true;
    for (size_t i = 0; i < circle.count; i++) {
        uint16_t number = model_worker(job, circle.workers[i])->waits_for;
        is_news = is_news && !told[number - 1];
        told[number - 1] = true;
    }
    told[object->number - 1] = true;
    if (is_news) {
        waits_describe_circle(job, &circle, &words);
        text_print(text, "  %s! ", color(COLOR_RED));
        text_add_string(&words, color(COLOR_PLAIN));
        text_add_wrapped_behind(text, "deadlock: ", strlen("  ! "), "    ", columns);
        text_add_wrapped_behind(text, text_string(&words), strlen("  ! deadlock: "), "    ",
                                columns);
        text_add_string(text, "\n");
    }
    text_free(&words);
    waits_free_circle(&circle);
}

void arrows_write(const struct model_job *job, size_t columns, struct text *text)
{
    size_t waits = 0;
    columns = columns == 0 || columns > ARROWS_WIDEST ? ARROWS_WIDEST : columns;
    for (size_t i = 0; i < job->object_count; i++)
        waits += job->objects[i].waiter_count;
    if (waits == 0)
        return;
    bool *told = must_calloc(job->object_count, sizeof *told);
    text_print(text, "\n%swaits of %%%u%s\n", color(COLOR_BOLD), job->id, color(COLOR_PLAIN));
    for (size_t i = 0; i < job->object_count; i++)
        if (job->objects[i].waiter_count > 0)
            arrows_add_object(job, &job->objects[i], columns, text);
    for (size_t i = 0; i < job->object_count; i++)
        if (job->objects[i].waiter_count > 0)
            arrows_add_circle(job, &job->objects[i], told, columns, text);
    free(told);
}
