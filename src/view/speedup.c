// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/speedup.h"

#include "base/must.h"
#include "view/color.h"
#include "view/glyphs.h"
#include "view/ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double speedup_smaller(double one, double other)
{
    return one < other ? one : other;
}

static double speedup_greater(double one, double other)
{
    return one > other ? one : other;
}

// With the time of one worker as 1, n of them take 1/n + s (1 - 1/n): a line through the origin in
// s.
double speedup_fit(const double *speedup, size_t count, size_t cores)
{
    double above = 0, below = 0;
    for (size_t n = 2; n <= count && n <= cores; n++) {
        double saved = 1 - 1 / (double)n;
        above += saved * (1 / speedup[n - 1] - 1 / (double)n);
        below += saved * saved;
    }
    return below > 0 ? speedup_smaller(speedup_greater(above / below, 0), 1) : -1;
}

double speedup_amdahl(double serial, double workers)
{
    return 1 / (serial + (1 - serial) / workers);
}

size_t speedup_top(const struct speedup *plot)
{
    double best = (double)(plot->count < plot->cores ? plot->count : plot->cores);
    for (size_t i = 0; i < plot->count; i++)
        best = speedup_greater(best, plot->speedup[i]);
    // Half as much again shows how far the ideal runs away.
    size_t top =
        (size_t)ceil(speedup_smaller(1.5 * best, speedup_greater((double)plot->count, best)));
    size_t step = ticks_whole_step(top, SPEEDUP_TICKS_MOST);
    return (top + step - 1) / step * step;
}

// What a place of the drawing shows; of two, the later one is seen.
enum mark { MARK_NONE, MARK_CORES, MARK_IDEAL, MARK_AMDAHL, MARK_MEASURED, MARK_END };

static const struct {
    const char *utf8, *ascii;
    enum color color;
} marks[MARK_END] = {
    [MARK_NONE] = {" ", " ", COLOR_PLAIN},     [MARK_CORES] = {"┊", ":", COLOR_BLUE},
    [MARK_IDEAL] = {"·", ".", COLOR_PLAIN},    [MARK_AMDAHL] = {"-", "-", COLOR_YELLOW},
    [MARK_MEASURED] = {"●", "O", COLOR_GREEN},
};

enum { AXIS = 5, MARGIN = 2, LABEL = 5, ROWS = 12, WIDEST = 72 };

// The drawing: `width` columns from one worker to all, `height` rows from the top to no speed-up at
// 0.
struct canvas {
    const struct speedup *plot;
    size_t width, height, top;
    unsigned char *marks;
};

// The whole number that is nearest to one that is not negative.
static size_t speedup_nearest(double number)
{
    return (size_t)(number + 0.5);
}

static size_t speedup_column_of(const struct canvas *canvas, double workers)
{
    double span = (double)canvas->width - 1 - 2 * MARGIN;
    return MARGIN + speedup_nearest((workers - 1) / (double)(canvas->plot->count - 1) * span);
}

static double speedup_workers_at(const struct canvas *canvas, size_t column)
{
    double span = (double)canvas->width - 1 - 2 * MARGIN;
    return 1 + ((double)column - MARGIN) / span * (double)(canvas->plot->count - 1);
}

static void speedup_put(struct canvas *canvas, size_t column, double speedup, enum mark mark)
{
    double row = (1 - speedup / (double)canvas->top) * (double)(canvas->height - 1);
    if (row < -0.5 || column >= canvas->width)
        return;
    unsigned char *place =
        &canvas->marks[speedup_nearest(speedup_greater(row, 0)) * canvas->width + column];
    *place = mark > *place ? (unsigned char)mark : *place;
}

static void speedup_draw(struct canvas *canvas)
{
    const struct speedup *plot = canvas->plot;
    for (size_t row = 0; row < canvas->height && plot->cores <= plot->count; row++)
        canvas->marks[row * canvas->width + speedup_column_of(canvas, (double)plot->cores)] =
            MARK_CORES;
    for (size_t column = MARGIN; column < canvas->width - MARGIN; column++) {
        double workers = speedup_workers_at(canvas, column);
        speedup_put(canvas, column, workers, MARK_IDEAL);
        if (plot->serial >= 0)
            speedup_put(canvas, column, speedup_amdahl(plot->serial, workers), MARK_AMDAHL);
    }
    for (size_t i = 0; i < plot->count; i++)
        speedup_put(canvas, speedup_column_of(canvas, (double)i + 1), plot->speedup[i],
                    MARK_MEASURED);
}

static void speedup_add_mark(enum mark mark, struct text *text)
{
    const char *begin = marks[mark].color == COLOR_PLAIN ? "" : color(marks[mark].color);
    text_print(text, "%s%s%s", begin, glyphs_are_utf8() ? marks[mark].utf8 : marks[mark].ascii,
               *begin ? color(COLOR_PLAIN) : "");
}

static void speedup_write_rows(const struct canvas *canvas, struct text *text)
{
    const char *plain = glyphs_are_utf8() ? "│" : "|", *tick = glyphs_are_utf8() ? "┤" : "+";
    size_t step = ticks_whole_step(canvas->top, SPEEDUP_TICKS_MOST);
    size_t rows_per_step = (canvas->height - 1) / (canvas->top / step);
    for (size_t row = 0; row < canvas->height; row++) {
        size_t from_below = canvas->height - 1 - row, last = canvas->width;
        const unsigned char *line = canvas->marks + row * canvas->width;
        while (last > 0 && line[last - 1] == MARK_NONE)
            last--;
        if (from_below % rows_per_step == 0)
            text_print(text, "%*zu %s", AXIS - 2, from_below / rows_per_step * step, tick);
        else
            text_print(text, "%*s%s", AXIS - 1, "", plain);
        for (size_t column = 0; column < last; column++)
            speedup_add_mark((enum mark)line[column], text);
        text_add_string(text, "\n");
    }
}

// The axis below: a label at 1 and at every step that has room.
static void speedup_write_axis(const struct canvas *canvas, struct text *text)
{
    const char *line = glyphs_are_utf8() ? "─" : "-", *tick = glyphs_are_utf8() ? "┴" : "+";
    size_t count = canvas->plot->count, step = ticks_whole_step(count, canvas->width / LABEL),
           used = 0;
    struct text labels = {0};
    text_print(text, "%*s%s", AXIS - 1, "", glyphs_are_utf8() ? "└" : "+");
    for (size_t n = 1; n <= count; n++) {
        if (n > 1 && n % step != 0)
            continue;
        size_t column = speedup_column_of(canvas, (double)n);
        for (; used < column; used++)
            text_add_string(text, line);
        text_add_string(text, tick);
        used++;
        // The last digit stands below the tick.
        text_print(&labels, "%*zu", (int)(column + 1 - labels.length), n);
    }
    for (; used < canvas->width; used++)
        text_add_string(text, line);
    text_print(text, "\n%*s%s workers\n", AXIS, "", text_string(&labels));
    text_free(&labels);
}

// Adds a mark and its meaning to the legend, on a new line where they would not fit. `used` counts
// columns.
static void speedup_add_meaning(enum mark mark, const char *meaning, size_t columns, size_t *used,
                                struct text *text)
{
    size_t width = strlen("O ") + strlen(meaning);
    if (*used > AXIS && *used + 2 + width > columns) {
        text_print(text, "\n%*s", AXIS, "");
        *used = AXIS;
    }
    text_add_string(text, *used > AXIS ? "  " : "");
    *used += width + (*used > AXIS ? 2 : 0);
    speedup_add_mark(mark, text);
    text_print(text, " %s", meaning);
}

static void speedup_write_legend(const struct speedup *plot, size_t columns, struct text *text)
{
    char amdahl[64], cores[64];
    size_t used = AXIS;
    snprintf(amdahl, sizeof amdahl, "Amdahl, %.1f %% serial", 100 * plot->serial);
    snprintf(cores, sizeof cores, "%zu core%s", plot->cores, plot->cores == 1 ? "" : "s");
    text_print(text, "%*s", AXIS, "");
    speedup_add_meaning(MARK_MEASURED, "measured", columns, &used, text);
    speedup_add_meaning(MARK_IDEAL, "ideal", columns, &used, text);
    if (plot->serial >= 0)
        speedup_add_meaning(MARK_AMDAHL, amdahl, columns, &used, text);
    if (plot->cores <= plot->count)
        speedup_add_meaning(MARK_CORES, cores, columns, &used, text);
    text_add_string(text, "\n");
}

void speedup_write(const struct speedup *plot, size_t columns, struct text *text)
{
    if (plot->count < 2)
        return;
    size_t top = speedup_top(plot), ticks = top / ticks_whole_step(top, SPEEDUP_TICKS_MOST);
    size_t room = columns < WIDEST ? columns : WIDEST;
    // " workers" stands behind the axis.
    size_t least = 2 * MARGIN + 2, taken = AXIS + strlen(" workers");
    struct canvas canvas = {.plot = plot,
                            .width = room > taken + least ? room - taken : least,
                            .height = ticks * (ROWS / ticks) + 1,
                            .top = top};
    canvas.marks = must_calloc(canvas.width * canvas.height, 1);
    speedup_draw(&canvas);
    text_add_string(text, "speed-up\n");
    speedup_write_rows(&canvas, text);
    speedup_write_axis(&canvas, text);
    speedup_write_legend(plot, columns, text);
    free(canvas.marks);
}
