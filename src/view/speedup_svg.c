// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/speedup_svg.h"

#include "view/svg.h"
#include "view/ticks.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

// The drawing within the picture, px; what stands at the ends of lines comes at the right of it.
enum { LEFT = 84, RIGHT = 1010, TOP = 144, BOTTOM = 630, LABEL_X = 1030, LABEL_LINE = 28 };

// Where labels of single points would run into each other.
enum { LABELS_MOST = 12, WORKER_TICKS_MOST = 20 };

// The colours of light for the classes that only this picture has.
#define SPEEDUP_MEASURED "#0072b2"
#define SPEEDUP_LAW      "#d55e00"

static double speedup_svg_x_of(const struct speedup *plot, double workers)
{
    double span = plot->count > 1 ? (double)plot->count - 1 : 1;
    return LEFT + 40 + (workers - 1) / span * (RIGHT - LEFT - 80);
}

static double speedup_svg_y_of(const struct speedup *plot, double speedup)
{
    return BOTTOM - speedup / (double)speedup_top(plot) * (BOTTOM - TOP);
}

// `look` are further attributes.
static void speedup_svg_add_line(struct text *text, const char *class, const char *color,
                                 const char *look, const double ends[4])
{
    text_print(text,
               "<path class=\"%s\" d=\"M%.1f %.1f L%.1f %.1f\" stroke=\"%s\" %s fill=\"none\"/>\n",
               class, ends[0], ends[1], ends[2], ends[3], color, look);
}

static void speedup_svg_add_words(struct text *text, double x, double y, const char *anchor,
                                  const char *class, const char *words)
{
    svg_write(
        text,
        &(struct svg_words){.x = x, .y = y, .size = SVG_SMALL, .class = class, .anchor = anchor},
        words);
}

static void speedup_svg_add_axes(const struct speedup *plot, struct text *text)
{
    size_t top = speedup_top(plot), step = ticks_whole_step(top, SPEEDUP_TICKS_MOST);
    char words[32];
    for (size_t tick = 0; tick <= top; tick += step) {
        double y = speedup_svg_y_of(plot, (double)tick);
        speedup_svg_add_line(text, tick > 0 ? "grid" : "line", tick > 0 ? SVG_GRID : SVG_INK, "",
                             (double[]){LEFT, y, RIGHT, y});
        snprintf(words, sizeof words, "%zu", tick);
        speedup_svg_add_words(text, LEFT - 12, y + 7, "end", "muted", words);
    }
    step = ticks_whole_step(plot->count, WORKER_TICKS_MOST);
    for (size_t n = 1; n <= plot->count; n++) {
        double x = speedup_svg_x_of(plot, (double)n);
        if (n > 1 && n % step != 0)
            continue;
        speedup_svg_add_line(text, "line", SVG_INK, "", (double[]){x, BOTTOM, x, BOTTOM + 8});
        snprintf(words, sizeof words, "%zu", n);
        speedup_svg_add_words(text, x, BOTTOM + 32, "middle", "muted", words);
    }
    speedup_svg_add_words(text, (LEFT + RIGHT) / 2.0, BOTTOM + 64, "middle", "muted", "workers");
    speedup_svg_add_words(text, SVG_MARGIN, TOP - 22, NULL, "muted", "speed-up");
}

static void speedup_svg_add_cores(const struct speedup *plot, struct text *text)
{
    char words[48];
    if (plot->cores > plot->count)
        return;
    double x = speedup_svg_x_of(plot, (double)plot->cores);
    speedup_svg_add_line(text, "line", SVG_INK, "stroke-width=\"2\" stroke-dasharray=\"5 4\"",
                         (double[]){x, TOP, x, BOTTOM});
    snprintf(words, sizeof words, "%zu core%s", plot->cores, plot->cores == 1 ? "" : "s");
    speedup_svg_add_words(text, x, TOP - 12, "middle", "ink", words);
}

// Labels at the ends of lines, which move down so far that they don't touch.
struct speedup_labels {
    struct {
        double y;
        const char *words, *class;
    } all[3];
    size_t count;
};

static void speedup_svg_label(struct speedup_labels *labels, double y, const char *words,
                              const char *class)
{
    size_t at = labels->count++;
    for (; at > 0 && labels->all[at - 1].y > y; at--)
        labels->all[at] = labels->all[at - 1];
    labels->all[at].y = y;
    labels->all[at].words = words;
    labels->all[at].class = class;
}

static void speedup_svg_add_labels(const struct speedup_labels *labels, struct text *text)
{
    double free_from = 0;
    for (size_t i = 0; i < labels->count; i++) {
        double y = labels->all[i].y + 7;
        y = y < free_from ? free_from : y;
        speedup_svg_add_words(text, LABEL_X, y, NULL, labels->all[i].class, labels->all[i].words);
        free_from = y + LABEL_LINE;
    }
}

// The ideal ends where it leaves the drawing.
static void speedup_svg_add_ideal(const struct speedup *plot, struct speedup_labels *labels,
                                  struct text *text)
{
    double end = (double)plot->count, top = (double)speedup_top(plot), last = end < top ? end : top;
    speedup_svg_add_line(text, "line", SVG_INK, "stroke-width=\"2\" stroke-dasharray=\"2 6\"",
                         (double[]){speedup_svg_x_of(plot, 1), speedup_svg_y_of(plot, 1),
                                    speedup_svg_x_of(plot, last), speedup_svg_y_of(plot, last)});
    if (last < end)
        speedup_svg_add_words(text, speedup_svg_x_of(plot, last) + 12,
                              speedup_svg_y_of(plot, last) + 24, NULL, "muted", "ideal");
    else
        speedup_svg_label(labels, speedup_svg_y_of(plot, last), "ideal", "muted");
}

// A law without a serial part is the ideal.
static void speedup_svg_add_law(const struct speedup *plot, struct speedup_labels *labels,
                                struct text *text)
{
    enum { PIECES = 200 };
    double end = (double)plot->count, top = (double)speedup_top(plot), y = BOTTOM;
    if (plot->serial < 0.0005)
        return;
    text_add_string(text, "<polyline class=\"law\" points=\"");
    for (int i = 0; i <= PIECES; i++) {
        double workers = 1 + (end - 1) * i / PIECES,
               speedup = speedup_amdahl(plot->serial, workers);
        if (speedup > top)
            break;
        y = speedup_svg_y_of(plot, speedup);
        text_print(text, "%.1f,%.1f ", speedup_svg_x_of(plot, workers), y);
    }
    text_add_string(text, "\" stroke=\"" SPEEDUP_LAW
                          "\" stroke-width=\"2\" stroke-dasharray=\"12 6\" fill=\"none\"/>\n");
    speedup_svg_label(labels, y, "Amdahl's law", "ink");
}

static void speedup_svg_add_point(const struct speedup *plot, size_t i, struct text *text)
{
    double x = speedup_svg_x_of(plot, (double)i + 1), y = speedup_svg_y_of(plot, plot->speedup[i]);
    char words[64];
    text_print(text, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\">", x, y,
               plot->count <= LABELS_MOST ? 8 : 4, SPEEDUP_MEASURED);
    snprintf(words, sizeof words, "%zu worker%s: speed-up %.2f", i + 1, i == 0 ? "" : "s",
             plot->speedup[i]);
    svg_tooltip(text, words);
    text_add_string(text, "</circle>\n");
    snprintf(words, sizeof words, "%.2f", plot->speedup[i]);
    if (plot->count <= LABELS_MOST)
        svg_write(text,
                  &(struct svg_words){.x = x,
                                      .y = y - 16,
                                      .size = SVG_LANE,
                                      .class = "ink",
                                      .anchor = "middle",
                                      .bold = true,
                                      .halo = true},
                  words);
}

static void speedup_svg_add_measured(const struct speedup *plot, struct speedup_labels *labels,
                                     struct text *text)
{
    text_add_string(text, "<polyline class=\"measured\" points=\"");
    for (size_t i = 0; i < plot->count; i++)
        text_print(text, "%.1f,%.1f ", speedup_svg_x_of(plot, (double)i + 1),
                   speedup_svg_y_of(plot, plot->speedup[i]));
    text_add_string(text,
                    "\" stroke=\"" SPEEDUP_MEASURED "\" stroke-width=\"4\" fill=\"none\"/>\n");
    for (size_t i = 0; i < plot->count; i++)
        speedup_svg_add_point(plot, i, text);
    speedup_svg_label(labels, speedup_svg_y_of(plot, plot->speedup[plot->count - 1]), "measured",
                      "ink");
}

static void speedup_svg_add_summary(const struct speedup *plot, struct text *words)
{
    size_t best = 0;
    for (size_t i = 0; i < plot->count; i++)
        best = plot->speedup[i] > plot->speedup[best] ? i : best;
    text_print(words, "fastest on %zu worker%s: speed-up %.2f on %zu core%s", best + 1,
               best == 0 ? "" : "s", plot->speedup[best], plot->cores, plot->cores == 1 ? "" : "s");
    if (plot->serial >= 0)
        text_print(words, "; serial part %.1f %% by Amdahl's law", 100 * plot->serial);
    if (plot->busy)
        text_add_string(words, "; the cores were busy with other work");
}

void speedup_svg_write(const struct speedup *plot, struct text *text)
{
    struct speedup_labels labels = {0};
    struct text summary = {0};
    speedup_svg_add_summary(plot, &summary);
    svg_begin(text, SVG_HEIGHT, plot->title, text_string(&summary));
    svg_write(text,
              &(struct svg_words){.x = SVG_MARGIN,
                                  .y = 50,
                                  .size = SVG_TITLE,
                                  .class = "ink",
                                  .bold = true,
                                  .room = SVG_WIDTH - 2 * SVG_MARGIN},
              plot->title);
    speedup_svg_add_words(text, SVG_MARGIN, 84, NULL, "muted", text_string(&summary));
    speedup_svg_add_axes(plot, text);
    speedup_svg_add_cores(plot, text);
    speedup_svg_add_ideal(plot, &labels, text);
    speedup_svg_add_law(plot, &labels, text);
    speedup_svg_add_measured(plot, &labels, text);
    speedup_svg_add_labels(&labels, text);
    svg_end(text);
    text_free(&summary);
}
