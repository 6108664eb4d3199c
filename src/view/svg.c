// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/svg.h"

#include "base/clock.h"
#include "base/number.h"
#include "view/axis.h"
#include "view/escape.h"

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

#define INK   "#1f2328"
#define MUTED "#59636e"
#define GRID  "#d1d9e0"
#define PAPER "#ffffff"
#define DEATH "#dc2626"

static const char style[] =
    "<style>\n"
    "text{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif}\n"
    "@media (prefers-color-scheme: dark){\n"
    ".paper{fill:#0d1117}.ink{fill:#e6edf3}.muted{fill:#9da7b3}\n"
    ".grid{stroke:#30363d}.line{stroke:#e6edf3}.edge{stroke:#0d1117}\n"
    "}\n"
    "</style>\n";

enum {
    WIDTH = 1280,
    MARGIN = 32,
    HEAD = 132,      // above the lanes
    END_WIDTH = 156, // of the states at the right
    NAME_CHARS = 24,
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
};

static double x_of(const struct drawing *drawing, int64_t time)
{
    double part = (double)(time - drawing->lanes->begin) / (double)drawing->span;
    return drawing->left + part * (drawing->right - drawing->left);
}

static double y_of(const struct drawing *drawing, size_t lane)
{
    return HEAD + ((double)lane + 0.5) * drawing->pitch;
}

static double bar_height(const struct drawing *drawing)
{
    return drawing->pitch * 0.7;
}

static void escape(struct drawing *drawing, const char *string)
{
    escape_xml(drawing->text, string, strlen(string));
}

static void add_text(struct drawing *drawing, double x, double y, double size, const char *class,
                     const char *string)
{
    text_print(drawing->text,
               "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" class=\"%s\" "
               "fill=\"%s\">",
               x, y, size, class, strcmp(class, "ink") == 0 ? INK : MUTED);
    escape(drawing, string);
    text_add_string(drawing->text, "</text>\n");
}

// Cuts a name to `most` characters.
static void cut(char *name, size_t most)
{
    char *p = name;
    for (size_t count = 0; *p; count++) {
        if (count == most - 1 && text_columns(p) > 1) {
            strcpy(p, "~");
            return;
        }
        do
            p++;
        while ((*p & 0xc0) == 0x80);
    }
}

static void lane_name(const struct lane *lane, char *name, size_t size)
{
    lane_format_name(lane, name, size);
    cut(name, NAME_CHARS);
}

static void lay_out(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    size_t widest = 0;
    for (size_t i = 0; i < lanes->count; i++) {
        char name[256];
        lane_name(&lanes->all[i], name, sizeof name);
        widest = text_columns(name) > widest ? text_columns(name) : widest;
    }
    drawing->span = lanes->end > lanes->begin ? lanes->end - lanes->begin : 1;
    drawing->pitch = lanes->count > 0 ? 560.0 / (double)lanes->count : 44;
    drawing->pitch = drawing->pitch > 44 ? 44 : drawing->pitch < 20 ? 20 : drawing->pitch;
    drawing->font = drawing->pitch * 0.62 > 18 ? 18 : drawing->pitch * 0.62;
    drawing->left = MARGIN + (double)widest * drawing->font * 0.62 + 14;
    drawing->right = WIDTH - MARGIN - END_WIDTH;
}

static size_t count_told(const struct lanes *lanes)
{
    size_t told = 0;
    for (size_t i = 0; i < lanes->mark_count; i++)
        told += lanes->marks[i]->kind != EVENT_RELEASED &&
                (lanes->marks[i]->kind != EVENT_DIED || lanes->marks[i]->b > 0);
    return told;
}

static void write_head(struct drawing *drawing, double height)
{
    const struct lanes *lanes = drawing->lanes;
    struct text line = {0};
    char time[32];
    text_print(drawing->text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
               "viewBox=\"0 0 %d %.0f\" role=\"img\">\n<title>",
               WIDTH, height, WIDTH, height);
    text_print(&line, "%%%u  %s", lanes->job, lanes->title);
    escape(drawing, text_string(&line));
    text_print(drawing->text,
               "</title>\n%s<rect class=\"paper\" width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n",
               style, PAPER);
    add_text(drawing, MARGIN, 46, 26, "ink", text_string(&line));
    text_clear(&line);
    number_format_time(drawing->span, time, sizeof time);
    text_print(&line, "%zu worker%s, %s%s", lanes->count, lanes->count == 1 ? "" : "s", time,
               !lanes->done         ? " so far"
               : lanes->status == 0 ? ", done"
                                    : ", failed");
    add_text(drawing, MARGIN, 74, 17, "muted", text_string(&line));
    text_free(&line);
}

static void write_axis(struct drawing *drawing)
{
    int64_t step = axis_step(drawing->span, TICKS);
    double bottom = HEAD + (double)drawing->lanes->count * drawing->pitch + 4;
    for (int64_t tick = 0; tick <= drawing->span; tick += step) {
        char label[32];
        double x = x_of(drawing, drawing->lanes->begin + tick);
        axis_format(tick, step, drawing->span, label, sizeof label);
        text_print(drawing->text,
                   "<path class=\"grid\" d=\"M%.1f %d V%.1f\" stroke=\"%s\" fill=\"none\"/>\n", x,
                   HEAD - 4, bottom, GRID);
        add_text(drawing, x, bottom + 20, 15, "muted", label);
    }
}

// A box reaches a little under the next one: no background shines through between them.
static void write_box(struct drawing *drawing, int look, double from, double to, double y)
{
    double height = bar_height(drawing) * looks[look].height;
    drawing->seen[look] |= to - from >= 0.5;
    text_print(drawing->text,
               "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", from,
               y - height / 2, to - from + 0.4, height, looks[look].color);
}

static int look_of(const struct slice *slice)
{
    if (slice->phase == PHASE_WORKING && slice->chunk > 0 && slice->chunk % 2 == 0)
        return OTHER_CHUNK;
    return (int)slice->phase;
}

// Writes the tasks into their chunk, where there is room.
static void write_tasks(struct drawing *drawing, const struct slice *slice, double from, double to,
                        double y)
{
    char tasks[64];
    double size = bar_height(drawing) * 0.6 > 14 ? 14 : bar_height(drawing) * 0.6;
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

static void write_heap(struct drawing *drawing, struct heap *heap, double y)
{
    int most = 0;
    for (int look = 0; look < LOOKS; look++)
        most = heap->share[look] > heap->share[most] ? look : most;
    if (heap->to > heap->from)
        write_box(drawing, most, heap->from, heap->to, y);
    *heap = (struct heap){.from = heap->to, .to = heap->to};
}

static void write_bar(struct drawing *drawing, const struct lane *lane, double y)
{
    const double visible = 0.6;
    struct heap heap = {0};
    for (size_t i = 0; i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        double from = x_of(drawing, slice->begin), to = x_of(drawing, slice->end);
        if (i == 0)
            heap.from = heap.to = from;
        if (to - from >= visible) {
            write_heap(drawing, &heap, y);
            write_box(drawing, look_of(slice), from, to, y);
            write_tasks(drawing, slice, from, to, y);
            heap.from = heap.to = to;
            continue;
        }
        heap.share[look_of(slice)] += to - from;
        heap.to = to;
        if (heap.to - heap.from >= visible)
            write_heap(drawing, &heap, y);
    }
    write_heap(drawing, &heap, y);
}

static void write_lane(struct drawing *drawing, size_t number)
{
    const struct lane *lane = &drawing->lanes->all[number];
    char name[256], end[64];
    double y = y_of(drawing, number);
    lane_name(lane, name, sizeof name);
    lane_format_end(lane, end, sizeof end);
    add_text(drawing, MARGIN, y + drawing->font * 0.36, drawing->font, "ink", name);
    add_text(drawing, drawing->right + 18, y + drawing->font * 0.36, drawing->font * 0.9, "muted",
             end);
    write_bar(drawing, lane, y);
}

// A line through all lanes, with its round above it where there is room.
static void write_release(struct drawing *drawing, const struct event *mark, double *labelled)
{
    double x = x_of(drawing, mark->time);
    char label[64];
    text_print(drawing->text,
               "<path class=\"line\" d=\"M%.1f %d V%.1f\" stroke=\"%s\" stroke-width=\"1.5\" "
               "stroke-dasharray=\"%s\" fill=\"none\"/>\n",
               x, HEAD - 4, y_of(drawing, drawing->lanes->count) - drawing->pitch / 2,
               mark->kind == EVENT_BROKEN ? DEATH : INK,
               mark->kind == EVENT_BROKEN ? "none" : "5 3");
    if (mark->kind == EVENT_BROKEN)
        snprintf(label, sizeof label, "broken");
    else
        snprintf(label, sizeof label, "round %lld", (long long)mark->a + 1);
    if (x - *labelled < RELEASE_LABEL)
        return;
    add_text(drawing, x - 24, HEAD - 12, 14, "ink", label);
    *labelled = x;
}

static size_t count_releases(const struct lanes *lanes)
{
    size_t count = 0;
    for (size_t i = 0; i < lanes->mark_count; i++)
        count += lanes->marks[i]->kind == EVENT_RELEASED;
    return count;
}

static void write_releases(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    double labelled = 0;
    bool few = count_releases(lanes) <= RELEASES_DRAWN;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        if ((lanes->marks[i]->kind == EVENT_RELEASED && few) ||
            lanes->marks[i]->kind == EVENT_BROKEN)
            write_release(drawing, lanes->marks[i], &labelled);
    }
}

static void write_arrow_head(struct drawing *drawing, double x, double y, double size)
{
    text_print(drawing->text,
               "<path class=\"ink edge\" d=\"M%.1f %.1f h%.1f l%.1f %.1f z\" fill=\"%s\" "
               "stroke=\"%s\"/>\n",
               x - size, y - size * 1.6, size * 2, -size, size * 1.6, INK, PAPER);
}

static void write_cross(struct drawing *drawing, double x, double y, double size)
{
    text_print(drawing->text,
               "<path d=\"M%.1f %.1f l%.1f %.1f m0 %.1f l%.1f %.1f\" stroke=\"%s\" "
               "stroke-width=\"3\" fill=\"none\"/>\n",
               x - size, y - size, size * 2, size * 2, -size * 2, -size * 2, size * 2, DEATH);
}

static void write_worker_marks(struct drawing *drawing)
{
    const struct lanes *lanes = drawing->lanes;
    double half = bar_height(drawing) / 2;
    for (size_t i = 0; i < lanes->mark_count; i++) {
        const struct event *mark = lanes->marks[i];
        const struct lane *lane = lanes_find(lanes, mark->worker);
        if (!lane)
            continue;
        double x = x_of(drawing, mark->time), y = y_of(drawing, (size_t)(lane - lanes->all));
        if (mark->kind == EVENT_SIGNALLED)
            write_arrow_head(drawing, x, y - half * 0.3, half * 0.55);
        else if ((mark->kind == EVENT_DIED && mark->b > 0) || mark->kind == EVENT_GARBAGE ||
                 mark->kind == EVENT_PIPE_CLOSED)
            write_cross(drawing, x, y, half * 0.5);
    }
}

static bool has_mark(const struct lanes *lanes, enum event_kind kind)
{
    for (size_t i = 0; i < lanes->mark_count; i++)
        if (lanes->marks[i]->kind == kind && (kind != EVENT_DIED || lanes->marks[i]->b > 0))
            return true;
    return false;
}

// Moves on to the place of the next entry, which takes `width`.
static void place_entry(double *x, double *y, double width)
{
    if (*x > MARGIN && *x + width > WIDTH - MARGIN) {
        *x = MARGIN;
        *y += LEGEND_LINE;
    }
}

static double entry_width(const char *meaning)
{
    return 28 + (double)strlen(meaning) * 15 * 0.56 + 28;
}

// Returns where the last line of it stands.
static double write_legend(struct drawing *drawing, double y)
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
        place_entry(&x, &y, entry_width(meaning));
        drawing->pitch = 26;
        write_box(drawing, look, x, x + 22, y - 5);
        drawing->pitch = pitch;
        add_text(drawing, x + 30, y, 15, "ink", meaning);
        x += entry_width(meaning);
    }
    if (has_mark(drawing->lanes, EVENT_SIGNALLED)) {
        place_entry(&x, &y, entry_width("signal sent"));
        write_arrow_head(drawing, x + 11, y, 6);
        add_text(drawing, x + 30, y, 15, "ink", "signal sent");
        x += entry_width("signal sent");
    }
    if (has_mark(drawing->lanes, EVENT_DIED)) {
        place_entry(&x, &y, entry_width("killed"));
        write_cross(drawing, x + 11, y - 5, 6);
        add_text(drawing, x + 30, y, 15, "ink", "killed");
    }
    return y;
}

// Returns where the next line would stand.
static double write_notes(struct drawing *drawing, double y)
{
    const struct lanes *lanes = drawing->lanes;
    char words[640], dropped[256];
    size_t told = 0, all = count_told(lanes);
    for (size_t i = 0; i < lanes->mark_count && told < MARKS_TOLD; i++) {
        const struct event *mark = lanes->marks[i];
        if (mark->kind == EVENT_RELEASED || (mark->kind == EVENT_DIED && mark->b == 0))
            continue;
        int length = snprintf(words, sizeof words, "%.6f s   ",
                              (double)(mark->time - lanes->begin) / NS_PER_S);
        lanes_format_mark(lanes, mark, words + length, sizeof words - (size_t)length);
        cut(words, 130);
        add_text(drawing, MARGIN, y, 15, "muted", words);
        y += NOTE_LINE;
        told++;
    }
    if (all > told) {
        snprintf(words, sizeof words, "and %zu more", all - told);
        add_text(drawing, MARGIN, y, 15, "muted", words);
        y += NOTE_LINE;
    }
    if (count_releases(lanes) > RELEASES_DRAWN) {
        snprintf(words, sizeof words, "%zu releases, too many to be drawn here",
                 count_releases(lanes));
        add_text(drawing, MARGIN, y, 15, "muted", words);
        y += NOTE_LINE;
    }
    lanes_format_dropped(lanes, dropped, sizeof dropped);
    if (*dropped)
        add_text(drawing, MARGIN, y, 15, "ink", dropped);
    return *dropped ? y + NOTE_LINE : y;
}

void svg_write(const struct lanes *lanes, struct text *text)
{
    struct text body = {0};
    struct drawing drawing = {.lanes = lanes, .text = &body};
    lay_out(&drawing);
    write_axis(&drawing);
    for (size_t i = 0; i < lanes->count; i++)
        write_lane(&drawing, i);
    write_releases(&drawing);
    write_worker_marks(&drawing);
    double y = write_legend(&drawing, HEAD + (double)lanes->count * drawing.pitch + 66);
    y = write_notes(&drawing, y + NOTE_LINE * 1.5);
    drawing.text = text;
    write_head(&drawing, y);
    text_add(text, text_string(&body), body.length);
    text_add_string(text, "</svg>\n");
    text_free(&body);
}
