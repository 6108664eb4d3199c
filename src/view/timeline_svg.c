// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_svg.h"

#include "base/clock.h"
#include "view/ticks.h"
#include "base/escape.h"
#include "view/svg.h"

#include <stdio.h>
#include <string.h>

// Colours that stand on white and on black; heights differ as well, so that no colour is needed to
// tell work from waiting.
struct look {
    const char *color;
    double height; // part of the bar's
};

enum { OTHER_CHUNK = PHASES, LOOKS };

static const struct look looks[LOOKS] = {
    [PHASE_STARTING] = {"#6b7280", 0.6}, [PHASE_WORKING] = {"#15803d", 1},
    [PHASE_IDLE] = {"#8b949e", 0.12},    [PHASE_AT_BARRIER] = {"#d97706", 0.45},
    [PHASE_AT_LOCK] = {"#9333ea", 0.45}, [PHASE_STOPPED] = {"#2563eb", 0.7},
    [PHASE_ZOMBIE] = {"#dc2626", 0.25},  [OTHER_CHUNK] = {"#0e7490", 1},
};

enum {
    WIDTH = 1280,
    MARGIN = 32,
    HEAD = 132,      // above the lanes
    END_WIDTH = 156, // of the states at the right
    TITLE_COLUMNS = 80,
    NAME_COLUMNS = 24,
    NOTE_COLUMNS = 130,
    TICKS = 8,
    MARKS_TOLD = 8,
    LEGEND_LINE = 30,
    NOTE_LINE = 24,
    RELEASES_DRAWN = 100,
    RELEASE_LABEL = 66, // px that one takes
};

struct drawing {
    const struct lanes *lanes;
    struct text *text;
    double left, right, pitch, font; // px: the plot's sides, from lane to lane, of the names
    int64_t span;
    bool seen[LOOKS];
    bool has_sign[DRAWN_LOSS + 1];
};

static double timeline_svg_x_of(const struct drawing *drawing, int64_t time)
{
    double part = (double)(time - drawing->lanes->begin) / (double)drawing->span;
    return drawing->left + part * (drawing->right - drawing->left);
}

static double timeline_svg_y_of(const struct drawing *drawing, size_t lane)
{
    return HEAD + ((double)lane + 0.5) * drawing->pitch;
}

static double timeline_svg_bar_height(const struct drawing *drawing)
{
    return drawing->pitch * 0.7;
}

// Returns the name as it is shown; the caller frees it.
static struct text timeline_svg_lane_label(const struct lane *lane)
{
    char name[256];
    struct text label = {0};
    lane_format_name(lane, name, sizeof name);
    text_add_cut(&label, name, NAME_COLUMNS);
    return label;
}

static void timeline_svg_lay_out(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    size_t widest = 0;
    for (size_t i = 0; i < lanes->count; i++) {
        struct text label = timeline_svg_lane_label(&lanes->all[i]);
        size_t width = text_columns(text_string(&label));
        widest = width > widest ? width : widest;
        text_free(&label);
    }
    drawing->span = lanes->end > lanes->begin ? lanes->end - lanes->begin : 1;
    drawing->pitch = lanes->count > 0 ? 560.0 / (double)lanes->count : 44;
    drawing->pitch = drawing->pitch > 44 ? 44 : drawing->pitch < 20 ? 20 : drawing->pitch;
    drawing->font = drawing->pitch * 0.62 > 18 ? 18 : drawing->pitch * 0.62;
    drawing->left = MARGIN + (double)widest * drawing->font * 0.62 + 14;
    drawing->right = WIDTH - MARGIN - END_WIDTH;
}

static void timeline_svg_write_head(struct drawing *drawing, double height)
{
    const struct lanes *lanes = drawing->lanes;
    struct text title = {0}, line = {0};
    char summary[128];
    text_print(drawing->text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
               "viewBox=\"0 0 %d %.0f\" role=\"img\">\n<title>",
               WIDTH, height, WIDTH, height);
    text_print(&title, "%%%u%s%s", lanes->job, *lanes->title ? "  " : "", lanes->title);
    escape_xml(drawing->text, text_string(&title), title.length);
    text_print(drawing->text,
               "</title>\n%s<rect class=\"paper\" width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n",
               svg_style, SVG_PAPER);
    text_add_cut(&line, text_string(&title), TITLE_COLUMNS);
    svg_text(drawing->text, MARGIN, 46, 26, "ink", text_string(&line));
    lanes_format_summary(lanes, summary, sizeof summary);
    svg_text(drawing->text, MARGIN, 74, 17, "muted", summary);
    text_free(&title);
    text_free(&line);
}

static void timeline_svg_write_axis(struct drawing *drawing)
{
    int64_t step = ticks_step(drawing->span, TICKS);
    double bottom = HEAD + (double)drawing->lanes->count * drawing->pitch + 4;
    int64_t origin = drawing->lanes->origin, end = drawing->lanes->begin + drawing->span - origin;
    for (int64_t tick = ticks_first(drawing->lanes->begin - origin, step); tick <= end;
         tick += step) {
        char label[32];
        double x = timeline_svg_x_of(drawing, origin + tick);
        ticks_format(tick, step, end, label, sizeof label);
        text_print(drawing->text,
                   "<path class=\"grid\" d=\"M%.1f %d V%.1f\" stroke=\"%s\" fill=\"none\"/>\n", x,
                   HEAD - 4, bottom, SVG_GRID);
        svg_text(drawing->text, x, bottom + 20, 15, "muted", label);
    }
}

// A box reaches a little under the next one: no background shines through between them.
static void timeline_svg_write_box(struct drawing *drawing, int look, double from, double to,
                                   double y)
{
    double height = timeline_svg_bar_height(drawing) * looks[look].height;
    drawing->seen[look] |= to - from >= 0.5;
    text_print(drawing->text,
               "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", from,
               y - height / 2, to - from + 0.4, height, looks[look].color);
}

static int timeline_svg_look_of(const struct slice *slice)
{
    if (slice->phase == PHASE_WORKING && slice->chunk > 0 && slice->chunk % 2 == 0)
        return OTHER_CHUNK;
    return (int)slice->phase;
}

// Writes the tasks into their chunk, where there is room.
static void timeline_svg_write_tasks(struct drawing *drawing, const struct slice *slice,
                                     double from, double to, double y)
{
    char tasks[64];
    double size =
        timeline_svg_bar_height(drawing) * 0.6 > 14 ? 14 : timeline_svg_bar_height(drawing) * 0.6;
    if (slice->chunk == 0)
        return;
    if (slice->count == 1)
        snprintf(tasks, sizeof tasks, "%lld", (long long)slice->first);
    else
        snprintf(tasks, sizeof tasks, "%lld-%lld", (long long)slice->first,
                 (long long)(slice->first + slice->count - 1));
    if ((double)strlen(tasks) * size * 0.65 + 4 > to - from || size < 10)
        return;
    text_print(drawing->text,
               "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"middle\" "
               "fill=\"#ffffff\">%s</text>\n",
               (from + to) / 2, y + size * 0.36, size, tasks);
}

// Slices that are too narrow to be seen are drawn together, as what has most of their time.
struct heap {
    double from, to;
    double share[LOOKS];
};

static void timeline_svg_write_heap(struct drawing *drawing, struct heap *heap, double y)
{
    int most = 0;
    for (int look = 0; look < LOOKS; look++)
        most = heap->share[look] > heap->share[most] ? look : most;
    if (heap->to > heap->from)
        timeline_svg_write_box(drawing, most, heap->from, heap->to, y);
    *heap = (struct heap){.from = heap->to, .to = heap->to};
}

static void timeline_svg_write_bar(struct drawing *drawing, const struct lane *lane, double y)
{
    const double visible = 0.6;
    struct heap heap = {0};
    for (size_t i = 0; i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        double from = timeline_svg_x_of(drawing, slice->begin),
               to = timeline_svg_x_of(drawing, slice->end);
        if (i == 0)
            heap.from = heap.to = from;
        if (to - from >= visible) {
            timeline_svg_write_heap(drawing, &heap, y);
            timeline_svg_write_box(drawing, timeline_svg_look_of(slice), from, to, y);
            timeline_svg_write_tasks(drawing, slice, from, to, y);
            heap.from = heap.to = to;
            continue;
        }
        heap.share[timeline_svg_look_of(slice)] += to - from;
        heap.to = to;
        if (heap.to - heap.from >= visible)
            timeline_svg_write_heap(drawing, &heap, y);
    }
    timeline_svg_write_heap(drawing, &heap, y);
}

static void timeline_svg_write_lane(struct drawing *drawing, size_t number)
{
    const struct lane *lane = &drawing->lanes->all[number];
    struct text label = timeline_svg_lane_label(lane);
    char end[64];
    double y = timeline_svg_y_of(drawing, number);
    lane_format_end(lane, end, sizeof end);
    svg_text(drawing->text, MARGIN, y + drawing->font * 0.36, drawing->font, "ink",
             text_string(&label));
    svg_text(drawing->text, drawing->right + 18, y + drawing->font * 0.36, drawing->font * 0.9,
             "muted", end);
    timeline_svg_write_bar(drawing, lane, y);
    text_free(&label);
}

// A line through all lanes, with its round above it where there is room.
static void timeline_svg_write_release(struct drawing *drawing, const struct event *mark,
                                       double *labelled)
{
    bool broken = mark_drawn(mark) == DRAWN_BREAK;
    double x = timeline_svg_x_of(drawing, mark->time);
    char label[64] = "broken";
    text_print(drawing->text,
               "<path class=\"line\" d=\"M%.1f %d V%.1f\" stroke=\"%s\" stroke-width=\"1.5\" "
               "stroke-dasharray=\"%s\" fill=\"none\"/>\n",
               x, HEAD - 4, timeline_svg_y_of(drawing, drawing->lanes->count) - drawing->pitch / 2,
               broken ? SVG_RED : SVG_INK, broken ? "none" : "5 3");
    if (!broken)
        snprintf(label, sizeof label, "round %lld", (long long)mark->a + 1);
    if (x - *labelled < RELEASE_LABEL)
        return;
    svg_text(drawing->text, x - 24, HEAD - 12, 14, "ink", label);
    *labelled = x;
}

static void timeline_svg_write_releases(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    double labelled = 0;
    bool few = lanes->releases <= RELEASES_DRAWN;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        enum drawn drawn = mark_drawn(lanes->marks[i]);
        if ((drawn == DRAWN_RELEASE && few) || drawn == DRAWN_BREAK)
            timeline_svg_write_release(drawing, lanes->marks[i], &labelled);
    }
}

// What stands in a worker's lane, each at its own height, so that all are seen when they come
// together. `size` is about half of what the sign takes.
static const struct sign {
    svg_shape_fn *write;
    double below; // the middle of the lane, in sizes
    const char *meaning;
} signs[] = {
    [DRAWN_SIGNAL] = {svg_arrow_head, -1.5, "signal sent"},
    [DRAWN_DEATH] = {svg_cross, 0, "killed"},
    [DRAWN_LOSS] = {svg_question, 2, "lost: it can't be heard any more"},
};

static void timeline_svg_write_signs(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    double size = timeline_svg_bar_height(drawing) / 4;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        enum drawn drawn = mark_drawn(lanes->marks[i]);
        const struct lane *lane = lanes_find(lanes, lanes->marks[i]->worker);
        if (!lane || !signs[drawn].write)
            continue;
        double x = timeline_svg_x_of(drawing, lanes->marks[i]->time);
        double y = timeline_svg_y_of(drawing, (size_t)(lane - lanes->all));
        signs[drawn].write(drawing->text, x, y + signs[drawn].below * size, size);
        drawing->has_sign[drawn] = true;
    }
}

// Moves on to the place of the next entry, which takes `width`.
static void timeline_svg_place_entry(double *x, double *y, double width)
{
    if (*x > MARGIN && *x + width > WIDTH - MARGIN) {
        *x = MARGIN;
        *y += LEGEND_LINE;
    }
}

static double timeline_svg_entry_width(const char *meaning)
{
    return 28 + (double)strlen(meaning) * 15 * 0.56 + 28;
}

// Returns where the last line of it stands.
static double timeline_svg_write_legend(struct drawing *drawing, double y)
{
    static const int order[LOOKS] = {PHASE_STARTING,   PHASE_WORKING, OTHER_CHUNK,   PHASE_IDLE,
                                     PHASE_AT_BARRIER, PHASE_AT_LOCK, PHASE_STOPPED, PHASE_ZOMBIE};
    double x = MARGIN;
    double pitch = drawing->pitch;
    for (int i = 0; i < LOOKS; i++) {
        int look = order[i];
        const char *meaning = look == OTHER_CHUNK ? "the next chunk" : phase_name((enum phase)look);
        if (!drawing->seen[look])
            continue;
        timeline_svg_place_entry(&x, &y, timeline_svg_entry_width(meaning));
        drawing->pitch = 26;
        timeline_svg_write_box(drawing, look, x, x + 22, y - 5);
        drawing->pitch = pitch;
        svg_text(drawing->text, x + 30, y, 15, "ink", meaning);
        x += timeline_svg_entry_width(meaning);
    }
    for (int i = DRAWN_SIGNAL; i <= DRAWN_LOSS; i++) {
        if (!drawing->has_sign[i])
            continue;
        timeline_svg_place_entry(&x, &y, timeline_svg_entry_width(signs[i].meaning));
        signs[i].write(drawing->text, x + 11, y - 5, 5.5);
        svg_text(drawing->text, x + 30, y, 15, "ink", signs[i].meaning);
        x += timeline_svg_entry_width(signs[i].meaning);
    }
    return y;
}

// Adds a line, and moves on to the next one's place.
static void timeline_svg_add_note(struct drawing *drawing, double *y, const char *note)
{
    struct text line = {0};
    text_add_cut(&line, note, NOTE_COLUMNS);
    svg_text(drawing->text, MARGIN, *y, 15, "muted", text_string(&line));
    *y += NOTE_LINE;
    text_free(&line);
}

// Returns where the next line would stand.
static double timeline_svg_write_notes(struct drawing *drawing, double y)
{
    const struct lanes *lanes = drawing->lanes;
    char words[640], dropped[256];
    size_t all = 0;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        const struct event *mark = lanes->marks[i];
        if (!mark_is_told(mark) || all++ >= MARKS_TOLD)
            continue;
        int length = snprintf(words, sizeof words, "%.6f s   ",
                              (double)(mark->time - lanes->origin) / NS_PER_S);
        lanes_format_mark(lanes, mark, words + length, sizeof words - (size_t)length);
        timeline_svg_add_note(drawing, &y, words);
    }
    if (all > MARKS_TOLD) {
        snprintf(words, sizeof words, "and %zu more", all - MARKS_TOLD);
        timeline_svg_add_note(drawing, &y, words);
    }
    if (lanes->releases > RELEASES_DRAWN) {
        snprintf(words, sizeof words, "%zu releases, too many to be drawn here", lanes->releases);
        timeline_svg_add_note(drawing, &y, words);
    }
    lanes_format_dropped(lanes, dropped, sizeof dropped);
    if (*dropped)
        svg_text(drawing->text, MARGIN, y, 15, "ink", dropped);
    return *dropped ? y + NOTE_LINE : y;
}

void timeline_svg_write(const struct lanes *lanes, struct text *text)
{
    struct text body = {0};
    struct drawing drawing = {.lanes = lanes, .text = &body};
    timeline_svg_lay_out(&drawing);
    timeline_svg_write_axis(&drawing);
    for (size_t i = 0; i < lanes->count; i++)
        timeline_svg_write_lane(&drawing, i);
    timeline_svg_write_releases(&drawing);
    timeline_svg_write_signs(&drawing);
    double y =
        timeline_svg_write_legend(&drawing, HEAD + (double)lanes->count * drawing.pitch + 66);
    y = timeline_svg_write_notes(&drawing, y + NOTE_LINE * 1.5);
    drawing.text = text;
    timeline_svg_write_head(&drawing, y);
    text_add(text, text_string(&body), body.length);
    text_add_string(text, "</svg>\n");
    text_free(&body);
}
