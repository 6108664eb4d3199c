// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/look_svg.h"

#include "view/svg.h"

// Colours of Okabe and Ito. What has the same one differs in height or in its edge.
struct look_svg_style {
    const char *color, *class;
    double height;    // part of the bar's
    const char *dash; // of its edge
};

#define ORANGE "#e69f00"
#define YELLOW "#f0e442"
#define GREEN  "#009e73"

static const struct look_svg_style look_svg_styles[LOOKS] = {
    [LOOK_STARTING] = {"#bbbbbb", "starting", 0.6, NULL},
    [LOOK_WORKING] = {"#0072b2", "working", 1, NULL},
    [LOOK_OTHER_CHUNK] = {"#0072b2", "working", 1, NULL},
    [LOOK_IDLE] = {"#999999", "idle", 0.12, NULL},
    [LOOK_WAITING] = {ORANGE, "wait0", 0.44, NULL},
    [LOOK_WAITING + 1] = {YELLOW, "wait1", 0.44, NULL},
    [LOOK_WAITING + 2] = {GREEN, "wait2", 0.44, NULL},
    [LOOK_WAITING + 3] = {ORANGE, "wait0", 0.3, "4 3"},
    [LOOK_WAITING + 4] = {YELLOW, "wait1", 0.3, "4 3"},
    [LOOK_WAITING + 5] = {GREEN, "wait2", 0.3, "4 3"},
    [LOOK_WAITING + 6] = {ORANGE, "wait0", 0.2, "2 2"},
    [LOOK_WAITING + 7] = {YELLOW, "wait1", 0.2, "2 2"},
    [LOOK_HOLDING] = {"#cc79a7", "holding", 0.85, NULL},
    [LOOK_STOPPED] = {"#ffffff", "stopped", 0.7, NULL}, // hollow
    [LOOK_ZOMBIE] = {"#d55e00", "zombie", 0.25, NULL},
};

// px from which a box has room for an edge: it is so wide, and a bar so high.
static const double look_svg_wide = 4, look_svg_high = 8;

enum look look_svg_of(const struct past *past, const struct slice *slice)
{
    enum look look = looks_of(past, slice);
    return look == LOOK_OTHER_CHUNK ? LOOK_WORKING : look;
}

bool look_svg_is_work(enum look look)
{
    return look == LOOK_WORKING || look == LOOK_OTHER_CHUNK || look == LOOK_HOLDING;
}

static bool look_svg_is_edged(enum look look, const struct look_svg_box *box)
{
    bool has_room = box->to - box->from >= look_svg_wide && box->height >= look_svg_high;
    return look == LOOK_STOPPED || (has_room && look != LOOK_IDLE);
}

static void look_svg_add_edge(enum look look, const struct look_svg_box *box, struct text *text)
{
    const char *dash = look_svg_styles[look].dash;
    bool hollow = look == LOOK_STOPPED;
    if (!look_svg_is_edged(look, box))
        return;
    text_print(text, " stroke=\"%s\" stroke-width=\"%s\"", hollow ? "#56b4e9" : SVG_MUTED,
               hollow ? box->height < look_svg_high ? "1" : "3" : "1");
    if (dash)
        text_print(text, " stroke-dasharray=\"%s\"", dash);
}

// Adds a rectangle without an end.
static void look_svg_add_rect(enum look look, const struct look_svg_box *box, double top,
                              double height, struct text *text)
{
    const struct look_svg_style *style = &look_svg_styles[look];
    bool edged = look_svg_is_edged(look, box) && look != LOOK_STOPPED;
    text_print(text,
               "<rect class=\"%s%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
               "fill=\"%s\"",
               style->class, edged ? " edge" : "", box->from, top, box->to - box->from, height,
               style->color);
}

static void look_svg_end(const char *tooltip, struct text *text)
{
    if (!tooltip) {
        text_add_string(text, "/>\n");
        return;
    }
    text_add_string(text, ">");
    svg_tooltip(text, tooltip);
    text_add_string(text, "</rect>\n");
}

void look_svg_write(enum look look, const struct look_svg_box *box, const char *tooltip,
                    struct text *text)
{
    double height = box->height * look_svg_styles[look].height;
    double top = box->y - height / 2, filled = height;
    if (look_svg_is_work(look) && box->share < 0.95) {
        filled = height * box->share;
        look_svg_add_rect(look, box, top, height, text);
        text_add_string(text, " fill-opacity=\"0.3\"");
        look_svg_add_edge(look, box, text);
        look_svg_end(tooltip, text);
    }
    if (filled <= 0)
        return;
    look_svg_add_rect(look, box, top + height - filled, filled, text);
    look_svg_add_edge(look, box, text);
    look_svg_end(tooltip, text);
}
