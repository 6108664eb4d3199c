// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/speedup_svg.h"
#include "view/ticks.h"

#include <stdbool.h>

// The picture and, within it, the drawing, in pixels.
enum { WIDTH = 960, HEIGHT = 600, LEFT = 80, RIGHT = 920, TOP = 156, BOTTOM = 520 };

// What the label of the cores takes beside its line, in pixels.
enum { CORES_ROOM = 150 };

// Where labels of single points would run into each other.
enum { LABELS_MOST = 12, WORKER_TICKS_MOST = 16 };

static const char style[] =
    "<style>\n"
    "text { font-family: sans-serif; font-size: 20px; fill: #222; }\n"
    ".title { font-size: 28px; font-weight: bold; }\n"
    ".end { text-anchor: end; }\n"
    ".middle { text-anchor: middle; }\n"
    ".paper { fill: #fff; }\n"
    ".grid { stroke: #ddd; }\n"
    ".axis { stroke: #222; stroke-width: 2; }\n"
    ".ideal { stroke: #777; stroke-width: 3; stroke-dasharray: 2 8; stroke-linecap: round; }\n"
    ".amdahl { stroke: #d55e00; stroke-width: 3; stroke-dasharray: 12 6; fill: none; }\n"
    ".cores { stroke: #7b4fa3; stroke-width: 3; stroke-dasharray: 4 4; }\n"
    ".measured { stroke: #0072b2; stroke-width: 4; fill: none; }\n"
    ".dot { fill: #0072b2; }\n"
    ".value { font-weight: bold; stroke: #fff; stroke-width: 5; stroke-linejoin: round; "
    "paint-order: stroke; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #eee; }\n"
    ".paper { fill: #1b1b1f; }\n"
    ".grid { stroke: #3a3a40; }\n"
    ".axis { stroke: #eee; }\n"
    ".ideal { stroke: #aaa; }\n"
    ".amdahl { stroke: #ff9a4d; }\n"
    ".cores { stroke: #c39bea; }\n"
    ".measured { stroke: #56b4e9; }\n"
    ".dot { fill: #56b4e9; }\n"
    ".value { stroke: #1b1b1f; }\n"
    "}\n"
    "</style>\n";

static double speedup_svg_x_of(const struct speedup *plot, double workers)
{
    double span = plot->count > 1 ? (double)plot->count - 1 : 1;
    return LEFT + 40 + (workers - 1) / span * (RIGHT - LEFT - 80);
}

static double speedup_svg_y_of(const struct speedup *plot, double speedup)
{
    return BOTTOM - speedup / (double)speedup_top(plot) * (BOTTOM - TOP);
}

static void speedup_svg_add_line(struct text *text, const char *class, double x1, double y1,
                                 double x2, double y2)
{
    text_print(text, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
               class, x1, y1, x2, y2);
}

static void speedup_svg_add_axes(const struct speedup *plot, struct text *text)
{
    size_t top = speedup_top(plot), step = ticks_whole_step(top, SPEEDUP_TICKS_MOST);
    for (size_t tick = 0; tick <= top; tick += step) {
        double y = speedup_svg_y_of(plot, (double)tick);
        speedup_svg_add_line(text, tick > 0 ? "grid" : "axis", LEFT, y, RIGHT, y);
        text_print(text, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%zu</text>\n", LEFT - 12, y + 7,
                   tick);
    }
    step = ticks_whole_step(plot->count, WORKER_TICKS_MOST);
    for (size_t n = 1; n <= plot->count; n++) {
        double x = speedup_svg_x_of(plot, (double)n);
        if (n > 1 && n % step != 0)
            continue;
        speedup_svg_add_line(text, "axis", x, BOTTOM, x, BOTTOM + 8);
        text_print(text, "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%zu</text>\n", x, BOTTOM + 32,
                   n);
    }
    text_print(text, "<text class=\"middle\" x=\"%d\" y=\"%d\">workers</text>\n",
               (LEFT + RIGHT) / 2, BOTTOM + 62);
    text_print(text, "<text x=\"%d\" y=\"%d\">speed-up</text>\n", LEFT - 40, TOP - 22);
}

static void speedup_svg_add_cores(const struct speedup *plot, struct text *text)
{
    if (plot->cores > plot->count)
        return;
    double x = speedup_svg_x_of(plot, (double)plot->cores);
    // At the right there is no room for the label but on the line's other side.
    bool left = x + CORES_ROOM > WIDTH;
    speedup_svg_add_line(text, "cores", x, TOP, x, BOTTOM);
    text_print(text, "<text class=\"value%s\" x=\"%.1f\" y=\"%d\">%zu core%s</text>\n",
               left ? " end" : "", left ? x - 10 : x + 10, BOTTOM - 14, plot->cores,
               plot->cores == 1 ? "" : "s");
}

// The lines of laws: the ideal ends where it leaves the drawing.
static void speedup_svg_add_laws(const struct speedup *plot, struct text *text)
{
    enum { PIECES = 200 };
    double end = (double)plot->count, top = (double)speedup_top(plot);
    double last = end < top ? end : top;
    speedup_svg_add_line(text, "ideal", speedup_svg_x_of(plot, 1), speedup_svg_y_of(plot, 1),
                         speedup_svg_x_of(plot, last), speedup_svg_y_of(plot, last));
    if (plot->serial < 0)
        return;
    text_add_string(text, "<polyline class=\"amdahl\" points=\"");
    for (int i = 0; i <= PIECES; i++) {
        double workers = 1 + (end - 1) * i / PIECES,
               speedup = speedup_amdahl(plot->serial, workers);
        if (speedup <= top)
            text_print(text, "%.1f,%.1f ", speedup_svg_x_of(plot, workers),
                       speedup_svg_y_of(plot, speedup));
    }
    text_add_string(text, "\"/>\n");
}

static void speedup_svg_add_measured(const struct speedup *plot, struct text *text)
{
    text_add_string(text, "<polyline class=\"measured\" points=\"");
    for (size_t i = 0; i < plot->count; i++)
        text_print(text, "%.1f,%.1f ", speedup_svg_x_of(plot, (double)i + 1),
                   speedup_svg_y_of(plot, plot->speedup[i]));
    text_add_string(text, "\"/>\n");
    for (size_t i = 0; i < plot->count; i++) {
        double x = speedup_svg_x_of(plot, (double)i + 1),
               y = speedup_svg_y_of(plot, plot->speedup[i]);
        text_print(text, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>\n", x, y,
                   plot->count <= LABELS_MOST ? 8 : 4);
        if (plot->count <= LABELS_MOST)
            text_print(text, "<text class=\"value middle\" x=\"%.1f\" y=\"%.1f\">%.2f</text>\n", x,
                       y + 34, plot->speedup[i]);
    }
}

static void speedup_svg_add_legend(const struct speedup *plot, struct text *text)
{
    enum { Y = 86, LINE = 44 };
    speedup_svg_add_line(text, "measured", LEFT - 40, Y, LEFT - 40 + LINE, Y);
    text_print(text, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"8\"/>\n", LEFT - 40 + LINE / 2,
               Y);
    text_print(text, "<text x=\"%d\" y=\"%d\">measured</text>\n", LEFT + 14, Y + 7);
    speedup_svg_add_line(text, "ideal", LEFT + 136, Y, LEFT + 136 + LINE, Y);
    text_print(text, "<text x=\"%d\" y=\"%d\">ideal</text>\n", LEFT + 190, Y + 7);
    if (plot->busy)
        text_print(text, "<text x=\"%d\" y=\"%d\">(the cores were busy with other work)</text>\n",
                   LEFT + 270, Y + 7);
    if (plot->serial < 0)
        return;
    speedup_svg_add_line(text, "amdahl", LEFT + 270, Y, LEFT + 270 + LINE, Y);
    text_print(text,
               "<text x=\"%d\" y=\"%d\">Amdahl&#8217;s law with a serial part of %.1f %%</text>\n",
               LEFT + 324, Y + 7, 100 * plot->serial);
}

void speedup_svg_write(const struct speedup *plot, struct text *text)
{
    text_print(text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
               "height=\"%d\" role=\"img\">\n<title>%s</title>\n%s",
               WIDTH, HEIGHT, WIDTH, HEIGHT, plot->title, style);
    text_print(text, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT);
    text_print(text, "<text class=\"title\" x=\"%d\" y=\"48\">%s</text>\n", LEFT - 40, plot->title);
    speedup_svg_add_axes(plot, text);
    speedup_svg_add_cores(plot, text);
    speedup_svg_add_laws(plot, text);
    speedup_svg_add_measured(plot, text);
    speedup_svg_add_legend(plot, text);
    text_add_string(text, "</svg>\n");
}
