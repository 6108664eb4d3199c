// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_text.h"

#include "base/clock.h"
#include "base/must.h"
#include "view/ticks.h"
#include "view/color.h"
#include "view/glyphs.h"

#include <stdlib.h>
#include <string.h>

// What a cell of a bar shows. The first ones are the phases.
enum sign {
    SIGN_NOTHING = PHASES,
    SIGN_OTHER_CHUNK, // every second chunk of a lane
    SIGN_RELEASED,
    SIGN_SIGNAL,
    SIGN_KILLED,
    SIGN_LOST,
    SIGN_BROKEN,
    SIGNS
};

struct look {
    const char *utf8, *ascii;
    enum color color;
    const char *meaning; // NULL: what phase_name() says
};

static const struct look looks[SIGNS] = {
    [PHASE_STARTING] = {"░", ":", COLOR_DIM, NULL},
    [PHASE_WORKING] = {"█", "#", COLOR_GREEN, NULL},
    [PHASE_IDLE] = {"·", ".", COLOR_DIM, NULL},
    [PHASE_AT_BARRIER] = {"▒", "-", COLOR_YELLOW, NULL},
    [PHASE_AT_LOCK] = {"╱", "/", COLOR_MAGENTA, NULL},
    [PHASE_STOPPED] = {"═", "=", COLOR_BLUE, NULL},
    [PHASE_ZOMBIE] = {"z", "z", COLOR_RED, NULL},
    [SIGN_NOTHING] = {" ", " ", COLOR_PLAIN, ""},
    [SIGN_OTHER_CHUNK] = {"▓", "%", COLOR_CYAN, "the next chunk"},
    [SIGN_RELEASED] = {"│", "|", COLOR_BOLD, "released"},
    [SIGN_SIGNAL] = {"▼", "!", COLOR_BOLD, "signal sent"},
    [SIGN_KILLED] = {"†", "+", COLOR_RED, "killed"},
    [SIGN_LOST] = {"?", "?", COLOR_RED, "lost: it can't be heard any more"},
    [SIGN_BROKEN] = {"X", "X", COLOR_RED, "the barrier broke"},
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
    const struct lanes *lanes;
    struct text *text;
    size_t name_width, bar_width;
    bool shows_end;
    bool shows_releases;  // they lie so far apart that the phases stay visible
    int64_t span;         // ns from the left to the right
    bool seen[SIGNS];     // drawn somewhere
    unsigned char *cells; // of one bar, each an enum sign
};

static const char *timeline_text_glyph(enum sign sign)
{
    return glyphs_are_utf8() ? looks[sign].utf8 : looks[sign].ascii;
}

static size_t timeline_text_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t timeline_text_column_of(const struct picture *picture, int64_t time)
{
    int64_t since = time - picture->lanes->begin;
    if (since <= 0)
        return 0;
    size_t column = (size_t)((double)since / (double)picture->span * (double)picture->bar_width);
    return timeline_text_least(column, picture->bar_width - 1);
}

static int64_t timeline_text_time_of(const struct picture *picture, size_t column)
{
    return picture->lanes->begin +
           (int64_t)((double)picture->span * (double)column / (double)picture->bar_width);
}

static size_t timeline_text_widest_name(const struct lanes *lanes)
{
    char name[NAME_SIZE];
    size_t widest = 0;
    for (size_t i = 0; i < lanes->count; i++) {
        lane_format_name(&lanes->all[i], name, sizeof name);
        size_t width = text_columns(name);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void timeline_text_lay_out(struct picture *picture, size_t columns)
{
    size_t name = timeline_text_widest_name(picture->lanes);
    picture->name_width = timeline_text_least(timeline_text_least(name, NAME_MOST), columns / 4);
    size_t left = columns > picture->name_width + 1 ? columns - picture->name_width - 1 : 0;
    picture->shows_end = left >= 2 * END_WIDTH + NARROWEST_BAR;
    left -= picture->shows_end ? END_WIDTH : 0;
    picture->bar_width = left < NARROWEST_BAR ? NARROWEST_BAR : left;
    picture->shows_releases = picture->lanes->releases <= picture->bar_width / 4;
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
    const struct lanes *lanes = picture->lanes;
    struct text title = {0}, summary = {0};
    char words[128];
    lanes_format_summary(lanes, words, sizeof words);
    text_print(&title, "%%%u%s%s", lanes->job, *lanes->title ? " " : "",
               text_visible(lanes->title));
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
    int64_t origin = picture->lanes->origin, end = picture->lanes->begin + picture->span - origin;
    for (int64_t tick = ticks_first(picture->lanes->begin - origin, step); tick <= end;
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

static enum sign timeline_text_sign_of(const struct slice *slice)
{
    if (slice->phase == PHASE_WORKING && slice->chunk > 0 && slice->chunk % 2 == 0)
        return SIGN_OTHER_CHUNK;
    return (enum sign)slice->phase;
}

// Gives every cell the sign that has most of its time. `at` is the first slice that may reach into
// it.
static enum sign timeline_text_fill_cell(const struct picture *picture, const struct lane *lane,
                                         size_t column, size_t *at)
{
    int64_t begin = timeline_text_time_of(picture, column),
            end = timeline_text_time_of(picture, column + 1);
    int64_t share[SIGNS] = {0};
    while (*at < lane->count && lane->slices[*at].end <= begin)
        ++*at;
    for (size_t i = *at; i < lane->count && lane->slices[i].begin < end; i++) {
        const struct slice *slice = &lane->slices[i];
        int64_t from = slice->begin > begin ? slice->begin : begin;
        int64_t to = slice->end < end ? slice->end : end;
        share[timeline_text_sign_of(slice)] += to - from;
    }
    enum sign most = SIGN_NOTHING;
    for (int sign = 0; sign < SIGNS; sign++)
        most = share[sign] > share[most] ? (enum sign)sign : most;
    return most;
}

static void timeline_text_fill_bar(struct picture *picture, const struct lane *lane)
{
    size_t at = 0;
    for (size_t column = 0; column < picture->bar_width; column++)
        picture->cells[column] = (unsigned char)timeline_text_fill_cell(picture, lane, column, &at);
}

// Whether the lane has a slice of that phase which covers or touches `time`.
static bool timeline_text_was_at_barrier(const struct lane *lane, int64_t time)
{
    size_t low = 0, high = lane->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lane->slices[middle].end < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low < lane->count && lane->slices[low].begin <= time &&
           lane->slices[low].phase == PHASE_AT_BARRIER;
}

// What a mark puts into this lane's bar.
static enum sign timeline_text_sign_of_mark(const struct picture *picture, const struct event *mark,
                                            const struct lane *lane)
{
    bool mine = mark->worker == lane->worker;
    switch (mark_drawn(mark)) {
    case DRAWN_RELEASE:
        return picture->shows_releases && timeline_text_was_at_barrier(lane, mark->time)
                   ? SIGN_RELEASED
                   : SIGN_NOTHING;
    case DRAWN_BREAK:
        return timeline_text_was_at_barrier(lane, mark->time) ? SIGN_BROKEN : SIGN_NOTHING;
    case DRAWN_SIGNAL:
        return mine ? SIGN_SIGNAL : SIGN_NOTHING;
    case DRAWN_DEATH:
        return mine ? SIGN_KILLED : SIGN_NOTHING;
    case DRAWN_LOSS:
        return mine ? SIGN_LOST : SIGN_NOTHING;
    case DRAWN_NOT:
        break;
    }
    return SIGN_NOTHING;
}

static void timeline_text_put_sign(struct picture *picture, size_t column, enum sign sign)
{
    unsigned char *cell = &picture->cells[column];
    // A death in the cell of its signal moves on, or the signal back, so that both are seen.
    if (sign == SIGN_KILLED && *cell >= SIGN_RELEASED && column + 1 < picture->bar_width)
        cell++;
    else if (sign == SIGN_KILLED && *cell == SIGN_SIGNAL)
        cell[-1] = SIGN_SIGNAL;
    if (sign > *cell || *cell < SIGN_RELEASED)
        *cell = (unsigned char)sign;
}

static void timeline_text_put_marks(struct picture *picture, const struct lane *lane)
{
    for (size_t i = 0; i < picture->lanes->mark_count; i++) {
        const struct event *mark = picture->lanes->marks[i];
        enum sign sign = timeline_text_sign_of_mark(picture, mark, lane);
        if (sign != SIGN_NOTHING)
            timeline_text_put_sign(picture, timeline_text_column_of(picture, mark->time), sign);
    }
}

static void timeline_text_write_bar(struct picture *picture)
{
    enum color now = COLOR_PLAIN;
    for (size_t column = 0; column < picture->bar_width; column++) {
        enum sign sign = (enum sign)picture->cells[column];
        if (looks[sign].color != now) {
            text_add_string(picture->text, color(COLOR_PLAIN));
            now = looks[sign].color;
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
    lane_format_name(lane, name, sizeof name);
    timeline_text_add_filled(picture, name, picture->name_width);
    text_add_string(picture->text, " ");
    timeline_text_fill_bar(picture, lane);
    timeline_text_put_marks(picture, lane);
    timeline_text_write_bar(picture);
    if (picture->shows_end) {
        char end[64];
        lane_format_end(lane, end, sizeof end);
        enum color now = color_of_state(end);
        text_print(picture->text, " %s%s%s", now == COLOR_PLAIN ? "" : color(now), end,
                   now == COLOR_PLAIN ? "" : color(COLOR_PLAIN));
    }
    text_add_string(picture->text, "\n");
}

static const enum sign legend_order[SIGNS] = {
    (enum sign)PHASE_STARTING,
    (enum sign)PHASE_WORKING,
    SIGN_OTHER_CHUNK,
    (enum sign)PHASE_IDLE,
    SIGN_RELEASED,
    (enum sign)PHASE_AT_BARRIER,
    (enum sign)PHASE_AT_LOCK,
    (enum sign)PHASE_STOPPED,
    (enum sign)PHASE_ZOMBIE,
    SIGN_SIGNAL,
    SIGN_KILLED,
    SIGN_LOST,
    SIGN_BROKEN,
    SIGN_NOTHING,
};

static void timeline_text_write_legend(struct picture *picture, size_t columns)
{
    size_t used = 0;
    for (size_t i = 0; i < SIGNS; i++) {
        enum sign sign = legend_order[i];
        const char *meaning =
            looks[sign].meaning ? looks[sign].meaning : phase_name((enum phase)sign);
        size_t width = strlen(meaning) + 2;
        if (!picture->seen[sign] || sign == SIGN_NOTHING)
            continue;
        if (used > 0 && used + 2 + width > columns) {
            text_add_string(picture->text, "\n");
            used = 0;
        }
        const char *set = looks[sign].color == COLOR_PLAIN ? "" : color(looks[sign].color);
        text_print(picture->text, "%s%s%s%s %s", used > 0 ? "  " : "", set,
                   timeline_text_glyph(sign), *set ? color(COLOR_PLAIN) : "", meaning);
        used += width + (used > 0 ? 2 : 0);
    }
    if (used > 0)
        text_add_string(picture->text, "\n");
}

static void timeline_text_write_marks(struct picture *picture, size_t columns)
{
    const struct lanes *lanes = picture->lanes;
    size_t told = 0, all = 0;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        char words[512];
        if (!mark_is_told(lanes->marks[i]) || all++ >= MARKS_TOLD)
            continue;
        told++;
        lanes_format_mark(lanes, lanes->marks[i], words, sizeof words);
        text_print(picture->text, "%10.6f s  ",
                   (double)(lanes->marks[i]->time - lanes->origin) / NS_PER_S);
        text_add_cut(picture->text, words, columns > 28 ? columns - 14 : 14);
        text_add_string(picture->text, "\n");
    }
    if (all > told)
        text_print(picture->text, "%12s  and %zu more\n", "", all - told);
    if (!picture->shows_releases)
        text_print(picture->text, "%zu releases, too many to be drawn here\n", lanes->releases);
}

void timeline_text_write(const struct lanes *lanes, size_t columns, struct text *text)
{
    char dropped[256];
    struct picture picture = {.lanes = lanes, .text = text, .span = lanes->end - lanes->begin};
    picture.span = picture.span > 0 ? picture.span : 1;
    timeline_text_lay_out(&picture, columns);
    picture.cells = must_calloc(picture.bar_width, 1);
    timeline_text_write_title(&picture, columns);
    if (lanes->count > 0)
        timeline_text_write_axis(&picture);
    for (size_t i = 0; i < lanes->count; i++)
        timeline_text_write_lane(&picture, &lanes->all[i]);
    timeline_text_write_legend(&picture, columns);
    timeline_text_write_marks(&picture, columns);
    lanes_format_dropped(lanes, dropped, sizeof dropped);
    if (*dropped) {
        text_add_wrapped(text, dropped, 0, 0, columns);
        text_add_string(text, "\n");
    }
    free(picture.cells);
}
