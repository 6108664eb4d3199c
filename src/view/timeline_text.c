// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_text.h"

#include "base/clock.h"
#include "base/must.h"
#include "log/describe.h"
#include "log/schema.h"
#include "sync/sync.h"
#include "view/event_text.h"
#include "view/looks.h"
#include "view/timeline_steps.h"
#include "view/ticks.h"
#include "view/color.h"
#include "view/glyphs.h"

#include <stdlib.h>
#include <string.h>

// What a cell of a bar shows. The first ones are the looks of slices.
enum cell {
    CELL_NOTHING = LOOKS,
    CELL_RELEASED,
    CELL_SIGNAL,
    CELL_KILLED,
    CELL_LOST,
    CELL_BROKEN,
    CELLS
};

struct cell_look {
    const char *utf8, *ascii;
    enum color color;
    const char *meaning; // NULL: what looks_add_meaning() says
};

// A wait has the glyph of its object's kind; the colours here repeat after a few kinds.
static const struct cell_look cell_looks[CELLS] = {
    [LOOK_STARTING] = {"░", ":", COLOR_DIM, NULL},
    [LOOK_WORKING] = {"█", "#", COLOR_GREEN, NULL},
    [LOOK_OTHER_CHUNK] = {"▓", "%", COLOR_CYAN, NULL},
    [LOOK_IDLE] = {"·", ".", COLOR_DIM, NULL},
    [LOOK_WAITING] = {NULL, NULL, COLOR_YELLOW, NULL},
    [LOOK_WAITING + 1] = {NULL, NULL, COLOR_MAGENTA, NULL},
    [LOOK_WAITING + 2] = {NULL, NULL, COLOR_CYAN, NULL},
    [LOOK_WAITING + 3] = {NULL, NULL, COLOR_YELLOW, NULL},
    [LOOK_WAITING + 4] = {NULL, NULL, COLOR_MAGENTA, NULL},
    [LOOK_WAITING + 5] = {NULL, NULL, COLOR_CYAN, NULL},
    [LOOK_WAITING + 6] = {NULL, NULL, COLOR_YELLOW, NULL},
    [LOOK_WAITING + 7] = {NULL, NULL, COLOR_MAGENTA, NULL},
    [LOOK_HOLDING] = {"▆", "h", COLOR_GREEN, NULL},
    [LOOK_STOPPED] = {"═", "=", COLOR_BLUE, NULL},
    [LOOK_ZOMBIE] = {"z", "z", COLOR_RED, NULL},
    [CELL_NOTHING] = {" ", " ", COLOR_PLAIN, ""},
    [CELL_RELEASED] = {"│", "|", COLOR_BOLD, "released"},
    [CELL_SIGNAL] = {"▼", "!", COLOR_BOLD, "signal sent"},
    [CELL_KILLED] = {"†", "+", COLOR_RED, "killed"},
    [CELL_LOST] = {"?", "?", COLOR_RED, "lost: it can't be heard any more"},
    [CELL_BROKEN] = {"X", "X", COLOR_RED, "the barrier broke"},
};

enum {
    NARROWEST_BAR = 10, // however narrow the terminal is
    END_WIDTH = 15,     // of the state at the right, with a blank before it
    NAME_MOST = 20,
    TICK_WIDTH = 12, // columns from one label to the next, at least
    MARKS_TOLD = 12, // in words, below the picture
    NAME_SIZE = 256,
};

struct picture {
    const struct past *past;
    struct text *text;
    size_t name_width, bar_width;
    bool shows_end;
    bool shows_releases;  // they lie so far apart that the phases stay visible
    int64_t span;         // ns from the left to the right
    bool seen[CELLS];     // drawn somewhere
    unsigned char *cells; // of one bar, each an enum cell
};

static const char *timeline_text_glyph(enum cell cell)
{
    size_t kind = 0;
    if (cell < (enum cell)LOOK_WAITING || cell >= (enum cell)LOOK_HOLDING)
        return glyphs_are_utf8() ? cell_looks[cell].utf8 : cell_looks[cell].ascii;
    while (sync_kinds[kind + 1] && kind < cell - (size_t)LOOK_WAITING)
        kind++;
    return glyphs_are_utf8() ? sync_kinds[kind]->glyph : sync_kinds[kind]->mark;
}

static size_t timeline_text_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t timeline_text_column_of(const struct picture *picture, int64_t time)
{
    int64_t since = time - picture->past->begin;
    if (since <= 0)
        return 0;
    size_t column = (size_t)((double)since / (double)picture->span * (double)picture->bar_width);
    return timeline_text_least(column, picture->bar_width - 1);
}

static int64_t timeline_text_time_of(const struct picture *picture, size_t column)
{
    return picture->past->begin +
           (int64_t)((double)picture->span * (double)column / (double)picture->bar_width);
}

static size_t timeline_text_widest_name(const struct past *past)
{
    char name[NAME_SIZE];
    size_t widest = 0;
    for (size_t i = 0; i < past->lane_count; i++) {
        describe_lane(&past->lanes[i], name, sizeof name);
        size_t width = text_columns(name);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void timeline_text_lay_out(struct picture *picture, size_t columns)
{
    size_t name = timeline_text_widest_name(picture->past);
    picture->name_width = timeline_text_least(timeline_text_least(name, NAME_MOST), columns / 4);
    size_t left = columns > picture->name_width + 1 ? columns - picture->name_width - 1 : 0;
    picture->shows_end = left >= 2 * END_WIDTH + NARROWEST_BAR;
    left -= picture->shows_end ? END_WIDTH : 0;
    picture->bar_width = left < NARROWEST_BAR ? NARROWEST_BAR : left;
    picture->shows_releases = picture->past->releases <= picture->bar_width / 4;
}

static void timeline_text_pad(struct picture *picture, size_t width)
{
    text_print(picture->text, "%*s", (int)width, "");
}

// Adds `string` cut to `width` columns and filled up to them.
static void timeline_text_add_filled(struct picture *picture, const char *string, size_t width)
{
    timeline_text_pad(picture, width - text_add_cut(picture->text, string, width));
}

// The command and a summary, on a line of its own each if one is too short.
static void timeline_text_write_title(struct picture *picture, size_t columns)
{
    const struct past *past = picture->past;
    struct text title = {0}, summary = {0};
    char words[128];
    describe_summary(past, words, sizeof words);
    text_print(&title, "%%%u%s%s", past->job->id, *past->job->title ? " " : "",
               text_visible(past->job->title));
    text_print(&summary, "(%s)", words);
    text_add_string(picture->text, color(COLOR_BOLD));
    size_t width = text_add_cut(picture->text, text_string(&title), columns);
    bool fits = width + 2 + summary.length <= columns;
    text_print(picture->text, "%s%s%s\n", color(COLOR_PLAIN), fits ? "  " : "\n",
               text_string(&summary));
    text_free(&title);
    text_free(&summary);
}

// Two lines: the labels, and a ruler below them with a tick where each label begins.
static void timeline_text_write_axis(struct picture *picture)
{
    struct text labels = {0}, ruler = {0};
    int64_t step = ticks_step(picture->span, (int64_t)(picture->bar_width / TICK_WIDTH));
    bool utf8 = glyphs_are_utf8();
    size_t at = 0;
    int64_t origin = picture->past->origin, end = picture->past->begin + picture->span - origin;
    for (int64_t tick = ticks_first(picture->past->begin - origin, step); tick <= end;
         tick += step) {
        char label[32];
        size_t column = timeline_text_column_of(picture, origin + tick);
        ticks_format(tick, step, end, label, sizeof label);
        if (column < labels.length)
            continue;
        if (column + strlen(label) > picture->bar_width)
            break;
        text_print(&labels, "%*s%s", (int)(column - labels.length), "", label);
        for (; at < column; at++)
            text_add_string(&ruler, utf8 ? "─" : "-");
        text_add_string(&ruler, utf8 ? "┬" : "+");
        at++;
    }
    for (; at < picture->bar_width; at++)
        text_add_string(&ruler, utf8 ? "─" : "-");
    timeline_text_pad(picture, picture->name_width + 1);
    text_print(picture->text, "%s\n", text_string(&labels));
    timeline_text_pad(picture, picture->name_width + 1);
    text_print(picture->text, "%s%s%s\n", color(COLOR_DIM), text_string(&ruler),
               color(COLOR_PLAIN));
    text_free(&labels);
    text_free(&ruler);
}

// Gives every cell the sign that has most of its time. `at` is the first slice that may reach into
// it.
static enum cell timeline_text_fill_cell(const struct picture *picture, const struct lane *lane,
                                         size_t column, size_t *at)
{
    int64_t begin = timeline_text_time_of(picture, column),
            end = timeline_text_time_of(picture, column + 1);
    int64_t share[CELLS] = {0};
    while (*at < lane->count && lane->slices[*at].end <= begin)
        ++*at;
    for (size_t i = *at; i < lane->count && lane->slices[i].begin < end; i++) {
        const struct slice *slice = &lane->slices[i];
        int64_t from = slice->begin > begin ? slice->begin : begin;
        int64_t to = slice->end < end ? slice->end : end;
        share[looks_of(picture->past, slice)] += to - from;
    }
    enum cell most = CELL_NOTHING;
    for (int sign = 0; sign < CELLS; sign++)
        most = share[sign] > share[most] ? (enum cell)sign : most;
    return most;
}

static void timeline_text_fill_bar(struct picture *picture, const struct lane *lane)
{
    size_t at = 0;
    for (size_t column = 0; column < picture->bar_width; column++)
        picture->cells[column] = (unsigned char)timeline_text_fill_cell(picture, lane, column, &at);
}

// Whether the lane has a slice of waiting at an object, where workers meet, that covers or touches
// `time`.
static bool timeline_text_was_at(const struct lane *lane, uint16_t object, int64_t time)
{
    size_t at = past_slice_at(lane, time - 1);
    return at < lane->count && lane->slices[at].begin <= time &&
           lane->slices[at].activity == ACTIVITY_WAITING && lane->slices[at].object == object;
}

// What a mark puts into this lane's bar.
static enum cell timeline_text_sign_of_mark(const struct picture *picture, const struct event *mark,
                                            const struct lane *lane)
{
    bool mine = mark->worker == lane->worker->number;
    switch (schema_sign(mark)) {
    case SIGN_RELEASE:
        mine = picture->shows_releases && timeline_text_was_at(lane, mark->object, mark->time);
        return mine ? CELL_RELEASED : CELL_NOTHING;
    case SIGN_BREAK:
        return timeline_text_was_at(lane, mark->object, mark->time) ? CELL_BROKEN : CELL_NOTHING;
    case SIGN_SIGNAL:
        return mine ? CELL_SIGNAL : CELL_NOTHING;
    case SIGN_DEATH:
        return mine ? CELL_KILLED : CELL_NOTHING;
    case SIGN_LOSS:
        return mine ? CELL_LOST : CELL_NOTHING;
    case SIGN_WAKE:
    case SIGN_NOT:
        break;
    }
    return CELL_NOTHING;
}

static void timeline_text_put_sign(struct picture *picture, size_t column, enum cell sign)
{
    unsigned char *cell = &picture->cells[column];
    // A death in the cell of its signal moves on, or the signal back, so that both are seen.
    if (sign == CELL_KILLED && *cell >= CELL_RELEASED && column + 1 < picture->bar_width)
        cell++;
    else if (sign == CELL_KILLED && *cell == CELL_SIGNAL)
        cell[-1] = CELL_SIGNAL;
    if (sign > *cell || *cell < CELL_RELEASED)
        *cell = (unsigned char)sign;
}

static void timeline_text_put_marks(struct picture *picture, const struct lane *lane)
{
    for (size_t i = 0; i < picture->past->mark_count; i++) {
        const struct event *mark = picture->past->marks[i];
        enum cell sign = timeline_text_sign_of_mark(picture, mark, lane);
        if (sign != CELL_NOTHING)
            timeline_text_put_sign(picture, timeline_text_column_of(picture, mark->time), sign);
    }
}

// A worker's own colour, where it has one, is that of its whole lane: the signs tell the rest. Ends
// that are no exits stay red.
static enum color timeline_text_color(enum cell sign, enum color own)
{
    bool is_plain = own == COLOR_PLAIN || sign == CELL_NOTHING;
    return is_plain || cell_looks[sign].color == COLOR_RED ? cell_looks[sign].color : own;
}

static void timeline_text_write_bar(struct picture *picture, enum color own)
{
    enum color now = COLOR_PLAIN;
    for (size_t column = 0; column < picture->bar_width; column++) {
        enum cell sign = (enum cell)picture->cells[column];
        if (timeline_text_color(sign, own) != now) {
            text_add_string(picture->text, color(COLOR_PLAIN));
            now = timeline_text_color(sign, own);
            if (now != COLOR_PLAIN)
                text_add_string(picture->text, color(now));
        }
        text_add_string(picture->text, timeline_text_glyph(sign));
        picture->seen[sign] = true;
    }
    if (now != COLOR_PLAIN)
        text_add_string(picture->text, color(COLOR_PLAIN));
}

static void timeline_text_write_lane(struct picture *picture, const struct lane *lane)
{
    char name[NAME_SIZE];
    enum color own = color_of_worker(lane->worker->number);
    describe_lane(lane, name, sizeof name);
    text_add_string(picture->text, color_worker(lane->worker->number));
    timeline_text_add_filled(picture, name, picture->name_width);
    text_add_string(picture->text, color_worker_end());
    text_add_string(picture->text, " ");
    timeline_text_fill_bar(picture, lane);
    timeline_text_put_marks(picture, lane);
    timeline_text_write_bar(picture, own);
    if (picture->shows_end) {
        char end[64];
        describe_state(lane->worker, end, sizeof end);
        enum color now = color_of_state(end);
        text_print(picture->text, " %s%s%s", now == COLOR_PLAIN ? "" : color(now), end,
                   now == COLOR_PLAIN ? "" : color(COLOR_PLAIN));
    }
    text_add_string(picture->text, "\n");
}

static void timeline_text_paint_glyph(struct picture *picture, enum cell cell)
{
    enum color mark = cell_looks[cell].color;
    bool is_plain = mark == COLOR_PLAIN || (color_is_strong() && mark != COLOR_RED);
    text_print(picture->text, "%s%s%s", is_plain ? "" : color(mark), timeline_text_glyph(cell),
               is_plain ? "" : color(COLOR_PLAIN));
}

// Adds an entry of the legend, on a new line if it does not fit behind the `used` columns.
static void timeline_text_add_entry(struct picture *picture, enum cell cell, size_t *used,
                                    size_t columns)
{
    struct text meaning = {0};
    const struct cell_look *look = &cell_looks[cell];
    if (!picture->seen[cell] || cell == CELL_NOTHING)
        return;
    if (look->meaning)
        text_add_string(&meaning, look->meaning);
    else
        looks_add_meaning(picture->past, (enum look)cell, &meaning);
    size_t width = text_columns(text_string(&meaning)) + 2;
    if (*used > 0 && *used + 2 + width > columns) {
        text_add_string(picture->text, "\n");
        *used = 0;
    }
    text_add_string(picture->text, *used > 0 ? "  " : "");
    timeline_text_paint_glyph(picture, cell);
    text_print(picture->text, " %s", text_string(&meaning));
    *used += width + (*used > 0 ? 2 : 0);
    text_free(&meaning);
}

// In the order of the looks; a release ends a wait, and so comes before the waits.
static void timeline_text_write_legend(struct picture *picture, size_t columns)
{
    size_t used = 0;
    for (int cell = 0; cell < CELLS; cell++) {
        if (cell == LOOK_WAITING)
            timeline_text_add_entry(picture, CELL_RELEASED, &used, columns);
        if (cell != CELL_RELEASED)
            timeline_text_add_entry(picture, (enum cell)cell, &used, columns);
    }
    if (used > 0)
        text_add_string(picture->text, "\n");
}

static void timeline_text_write_marks(struct picture *picture, size_t columns)
{
    const struct past *past = picture->past;
    size_t told = 0, all = 0;
    bool has_table = timeline_steps_are_possible(past, columns);
    for (size_t i = 0; i < past->mark_count; i++) {
        struct text words = {0};
        if (has_table && past->marks[i]->kind == EVENT_STEP)
            continue;
        if (!event_text_is_told(past->marks[i]) || all++ >= MARKS_TOLD)
            continue;
        told++;
        event_text_mark(past->marks[i], past->job, &words);
        text_print(picture->text, "%10.6f s  ",
                   (double)(past->marks[i]->time - past->origin) / NS_PER_S);
        text_add_cut(picture->text, text_string(&words), columns > 28 ? columns - 14 : 14);
        text_add_string(picture->text, "\n");
        text_free(&words);
    }
    if (all > told)
        text_print(picture->text, "%12s  and %zu more\n", "", all - told);
    if (has_table)
        timeline_steps_write(past, columns, picture->text);
    if (!picture->shows_releases)
        text_print(picture->text, "%zu releases, too many to be drawn here\n", past->releases);
}

void timeline_text_write(const struct past *past, size_t columns, struct text *text)
{
    char dropped[256];
    struct picture picture = {.past = past, .text = text, .span = past->end - past->begin};
    picture.span = picture.span > 0 ? picture.span : 1;
    timeline_text_lay_out(&picture, columns);
    picture.cells = must_calloc(picture.bar_width, 1);
    timeline_text_write_title(&picture, columns);
    if (past->lane_count > 0)
        timeline_text_write_axis(&picture);
    for (size_t i = 0; i < past->lane_count; i++)
        timeline_text_write_lane(&picture, &past->lanes[i]);
    timeline_text_write_legend(&picture, columns);
    timeline_text_write_marks(&picture, columns);
    describe_dropped(past, dropped, sizeof dropped);
    if (*dropped) {
        text_add_wrapped(text, dropped, 0, 0, columns);
        text_add_string(text, "\n");
    }
    free(picture.cells);
}
