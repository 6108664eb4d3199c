// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_svg.h"

#include "base/clock.h"
#include "log/describe.h"
#include "log/schema.h"
#include "view/event_text.h"
#include "view/looks.h"
#include "view/object_svg.h"
#include "view/ticks.h"
#include "base/escape.h"
#include "view/svg.h"

#include <stdio.h>
#include <string.h>

// Colours that stand on white and on black; heights differ as well, so that no colour is needed to
// tell work from waiting.
struct svg_look {
    const char *color;
    double height; // part of the bar's
};

static const struct svg_look looks[LOOKS] = {
    [LOOK_STARTING] = {"#6b7280", 0.6},     [LOOK_WORKING] = {"#15803d", 1},
    [LOOK_OTHER_CHUNK] = {"#0e7490", 1},    [LOOK_IDLE] = {"#8b949e", 0.12},
    [LOOK_WAITING] = {"#d97706", 0.45},     [LOOK_WAITING + 1] = {"#9333ea", 0.45},
    [LOOK_WAITING + 2] = {"#0891b2", 0.45}, [LOOK_WAITING + 3] = {"#ca8a04", 0.3},
    [LOOK_WAITING + 4] = {"#c026d3", 0.3},  [LOOK_WAITING + 5] = {"#0d9488", 0.3},
    [LOOK_WAITING + 6] = {"#b45309", 0.2},  [LOOK_WAITING + 7] = {"#7e22ce", 0.2},
    [LOOK_HOLDING] = {"#65a30d", 0.85},     [LOOK_STOPPED] = {"#2563eb", 0.7},
    [LOOK_ZOMBIE] = {"#dc2626", 0.25},
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
    const struct past *past;
    struct text *text;
    double left, right, pitch, font; // px: the plot's sides, from lane to lane, of the names
    int64_t span;
    size_t series; // objects whose values have a lane
    bool seen[LOOKS];
    bool has_sign[SIGN_WAKE + 1];
};

static double timeline_svg_x_of(const struct drawing *drawing, int64_t time)
{
    double part = (double)(time - drawing->past->begin) / (double)drawing->span;
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
    describe_lane(lane, name, sizeof name);
    text_add_cut(&label, name, NAME_COLUMNS);
    return label;
}

// Returns the columns of the widest name of an object whose value has a lane.
static size_t timeline_svg_widest_object(const struct past *past)
{
    size_t widest = 0;
    for (size_t i = 0; i < past->job->object_count; i++) {
        const struct model_object *object = &past->job->objects[i];
        size_t width = text_columns(describe_object_name(past->job, object->number));
        if (object->has_value)
            widest = width > widest ? width : widest;
    }
    return widest;
}

static void timeline_svg_lay_out(struct drawing *drawing)
{
    const struct past *past = drawing->past;
    size_t widest = timeline_svg_widest_object(past);
    for (size_t i = 0; i < past->lane_count; i++) {
        struct text label = timeline_svg_lane_label(&past->lanes[i]);
        size_t width = text_columns(text_string(&label));
        widest = width > widest ? width : widest;
        text_free(&label);
    }
    drawing->span = past->end > past->begin ? past->end - past->begin : 1;
    size_t rows = past->lane_count + drawing->series;
    drawing->pitch = rows > 0 ? 560.0 / (double)rows : 44;
    drawing->pitch = drawing->pitch > 44 ? 44 : drawing->pitch < 20 ? 20 : drawing->pitch;
    drawing->font = drawing->pitch * 0.62 > 18 ? 18 : drawing->pitch * 0.62;
    drawing->left = MARGIN + (double)widest * drawing->font * 0.62 + 14;
    drawing->right = WIDTH - MARGIN - END_WIDTH;
}

static void timeline_svg_add_title(const struct past *past, struct text *title)
{
    text_print(title, "%%%u%s%s", past->job->id, *past->job->title ? "  " : "", past->job->title);
}

static void timeline_svg_write_title(struct drawing *drawing)
{
    const struct past *past = drawing->past;
    struct text title = {0}, line = {0};
    char summary[128];
    timeline_svg_add_title(past, &title);
    text_add_cut(&line, text_string(&title), TITLE_COLUMNS);
    svg_text(drawing->text, MARGIN, 46, 26, "ink", text_string(&line));
    describe_summary(past, summary, sizeof summary);
    svg_text(drawing->text, MARGIN, 74, 17, "muted", summary);
    text_free(&title);
    text_free(&line);
}

static void timeline_svg_write_axis(struct drawing *drawing)
{
    int64_t step = ticks_step(drawing->span, TICKS);
    double bottom =
        HEAD + (double)(drawing->past->lane_count + drawing->series) * drawing->pitch + 4;
    int64_t origin = drawing->past->origin, end = drawing->past->begin + drawing->span - origin;
    for (int64_t tick = ticks_first(drawing->past->begin - origin, step); tick <= end;
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
            timeline_svg_write_box(drawing, (int)looks_of(drawing->past, slice), from, to, y);
            timeline_svg_write_tasks(drawing, slice, from, to, y);
            heap.from = heap.to = to;
            continue;
        }
        heap.share[(int)looks_of(drawing->past, slice)] += to - from;
        heap.to = to;
        if (heap.to - heap.from >= visible)
            timeline_svg_write_heap(drawing, &heap, y);
    }
    timeline_svg_write_heap(drawing, &heap, y);
}

static void timeline_svg_write_lane(struct drawing *drawing, size_t number)
{
    const struct lane *lane = &drawing->past->lanes[number];
    struct text label = timeline_svg_lane_label(lane);
    char end[64];
    double y = timeline_svg_y_of(drawing, number);
    describe_state(lane->worker, end, sizeof end);
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
    bool broken = schema_sign(mark) == SIGN_BREAK;
    double x = timeline_svg_x_of(drawing, mark->time);
    char label[64];
    text_print(drawing->text,
               "<path class=\"line\" d=\"M%.1f %d V%.1f\" stroke=\"%s\" stroke-width=\"1.5\" "
               "stroke-dasharray=\"%s\" fill=\"none\"/>\n",
               x, HEAD - 4,
               timeline_svg_y_of(drawing, drawing->past->lane_count) - drawing->pitch / 2,
               broken ? SVG_RED : SVG_INK, broken ? "none" : "5 3");
    if (broken)
        snprintf(label, sizeof label, "%s", schema_of(mark->kind)->name);
    else
        snprintf(label, sizeof label, "round %lld", (long long)mark->a + 1);
    if (x - *labelled < RELEASE_LABEL)
        return;
    svg_text(drawing->text, x - 24, HEAD - 12, 14, "ink", label);
    *labelled = x;
}

static void timeline_svg_write_releases(struct drawing *drawing)
{
    const struct past *past = drawing->past;
    double labelled = 0;
    bool few = past->releases <= RELEASES_DRAWN;
    for (size_t i = 0; i < past->mark_count; i++) {
        enum sign drawn = schema_sign(past->marks[i]);
        if ((drawn == SIGN_RELEASE && few) || drawn == SIGN_BREAK)
            timeline_svg_write_release(drawing, past->marks[i], &labelled);
    }
}

// What stands in a worker's lane, each at its own height, so that all are seen when they come
// together. `size` is about half of what the sign takes.
static const struct svg_sign {
    svg_shape_fn *write;
    double below; // the middle of the lane, in sizes
    const char *meaning;
} signs[] = {
    [SIGN_SIGNAL] = {svg_arrow_head, -1.5, "signal sent"},
    [SIGN_DEATH] = {svg_cross, 0, "killed"},
    [SIGN_LOSS] = {svg_question, 2, "lost: it can't be heard any more"},
};

static void timeline_svg_write_signs(struct drawing *drawing)
{
    const struct past *past = drawing->past;
    double size = timeline_svg_bar_height(drawing) / 4;
    for (size_t i = 0; i < past->mark_count; i++) {
        enum sign drawn = schema_sign(past->marks[i]);
        const struct lane *lane = past_lane(past, past->marks[i]->worker);
        if (!lane || !signs[drawn].write)
            continue;
        double x = timeline_svg_x_of(drawing, past->marks[i]->time);
        double y = timeline_svg_y_of(drawing, (size_t)(lane - past->lanes));
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
    double x = MARGIN;
    double pitch = drawing->pitch;
    for (int look = 0; look < LOOKS; look++) {
        struct text meaning = {0};
        if (!drawing->seen[look])
            continue;
        looks_add_meaning(drawing->past, (enum look)look, &meaning);
        timeline_svg_place_entry(&x, &y, timeline_svg_entry_width(text_string(&meaning)));
        drawing->pitch = 26;
        timeline_svg_write_box(drawing, look, x, x + 22, y - 5);
        drawing->pitch = pitch;
        svg_text(drawing->text, x + 30, y, 15, "ink", text_string(&meaning));
        x += timeline_svg_entry_width(text_string(&meaning));
        text_free(&meaning);
    }
    for (int i = SIGN_SIGNAL; i <= SIGN_LOSS; i++) {
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
    const struct past *past = drawing->past;
    char words[64], dropped[256];
    size_t all = 0;
    for (size_t i = 0; i < past->mark_count; i++) {
        const struct event *mark = past->marks[i];
        if (!event_text_is_told(mark) || all++ >= MARKS_TOLD)
            continue;
        struct text note = {0};
        text_print(&note, "%.6f s   ", (double)(mark->time - past->origin) / NS_PER_S);
        event_text_mark(mark, past->job, &note);
        timeline_svg_add_note(drawing, &y, text_string(&note));
        text_free(&note);
    }
    if (all > MARKS_TOLD) {
        snprintf(words, sizeof words, "and %zu more", all - MARKS_TOLD);
        timeline_svg_add_note(drawing, &y, words);
    }
    if (past->releases > RELEASES_DRAWN) {
        snprintf(words, sizeof words, "%zu releases, too many to be drawn here", past->releases);
        timeline_svg_add_note(drawing, &y, words);
    }
    describe_dropped(past, dropped, sizeof dropped);
    if (*dropped)
        svg_text(drawing->text, MARGIN, y, 15, "ink", dropped);
    return *dropped ? y + NOTE_LINE : y;
}

// Adds what stands for the objects that workers share.
static void timeline_svg_write_objects(struct drawing *drawing, const struct values *values)
{
    struct object_area area = {.left = drawing->left,
                               .right = drawing->right,
                               .top = HEAD,
                               .pitch = drawing->pitch,
                               .font = drawing->font,
                               .name_x = MARGIN,
                               .begin = drawing->past->begin,
                               .span = drawing->span};
    object_svg_write_wakes(drawing->past, &area, drawing->text);
    object_svg_write_values(drawing->past, values, drawing->series, drawing->past->lane_count,
                            &area, drawing->text);
}

// Returns the height of the job's part.
static double timeline_svg_write_job(const struct past *past, struct text *text)
{
    struct drawing drawing = {.past = past, .text = text};
    struct values *values = values_read(past, &drawing.series);
    timeline_svg_lay_out(&drawing);
    timeline_svg_write_title(&drawing);
    timeline_svg_write_axis(&drawing);
    for (size_t i = 0; i < past->lane_count; i++)
        timeline_svg_write_lane(&drawing, i);
    timeline_svg_write_releases(&drawing);
    timeline_svg_write_signs(&drawing);
    timeline_svg_write_objects(&drawing, values);
    size_t rows = past->lane_count + drawing.series;
    double y = timeline_svg_write_legend(&drawing, HEAD + (double)rows * drawing.pitch + 66);
    y = timeline_svg_write_notes(&drawing, y + NOTE_LINE * 1.5);
    values_free(values, drawing.series);
    return y;
}

static void timeline_svg_write_head(struct past *const *pasts, size_t count, double height,
                                    struct text *text)
{
    struct text title = {0};
    for (size_t i = 0; i < count; i++) {
        text_add_string(&title, i > 0 ? ", " : "");
        timeline_svg_add_title(pasts[i], &title);
    }
    text_print(text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
               "viewBox=\"0 0 %d %.0f\" role=\"img\">\n<title>",
               WIDTH, height, WIDTH, height);
    escape_xml(text, text_string(&title), title.length);
    text_print(text,
               "</title>\n%s<rect class=\"paper\" width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n",
               svg_style, SVG_PAPER);
    text_free(&title);
}

void timeline_svg_write(struct past *const *pasts, size_t count, struct text *text)
{
    struct text body = {0};
    double height = 0;
    for (size_t i = 0; i < count; i++) {
        text_print(&body, "<g transform=\"translate(0 %.1f)\">\n", height);
        height += timeline_svg_write_job(pasts[i], &body);
        text_add_string(&body, "</g>\n");
    }
    timeline_svg_write_head(pasts, count, height, text);
    text_add(text, text_string(&body), body.length);
    text_add_string(text, "</svg>\n");
    text_free(&body);
}
