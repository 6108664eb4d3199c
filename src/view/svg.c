// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/svg.h"

#include "base/escape.h"

#include <stdio.h>
#include <string.h>

// Some importers apply the rules within @media always: those don't know :root, and pass over what
// begins with it. Paper is white, so a picture is printed light.
static const char svg_style[] =
    "<style>\n"
    "text{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif}\n"
    "@media screen and (prefers-color-scheme: dark){\n"
    "svg:root .paper{fill:#0d1117}svg:root .ink{fill:#e6edf3}svg:root .muted{fill:#9da7b3}\n"
    "svg:root .bad{fill:#ff7b72}svg:root .on{fill:#0d1117}svg:root .over{fill:#0d1117}\n"
    "svg:root .halo{stroke:#0d1117}"
    "svg:root .grid{stroke:#30363d}svg:root .line{stroke:#e6edf3}svg:root .edge{stroke:#9da7b3}\n"
    "svg:root .broken{stroke:#ff7b72}svg:root .gap{stroke:#0d1117}\n"
    "svg:root .starting{fill:#8b8b8b}svg:root .working{fill:#4aa5e0}svg:root .idle{fill:#8b949e}\n"
    "svg:root .wait0{fill:#e69f00}svg:root .wait1{fill:#f0e442}svg:root .wait2{fill:#2fbf95}\n"
    "svg:root .holding{fill:#dd9cc0}svg:root .stopped{fill:#0d1117}svg:root .zombie{fill:#f0743a}\n"
    "svg:root .measured{stroke:#4aa5e0}svg:root .dot{fill:#4aa5e0}svg:root .law{stroke:#f0743a}\n"
    "}\n"
    "</style>\n";

void svg_begin(struct text *text, double height, const char *title, const char *description)
{
    text_print(text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
               "viewBox=\"0 0 %d %.0f\" role=\"img\">\n<title>",
               SVG_WIDTH, height, SVG_WIDTH, height);
    escape_xml(text, title, strlen(title));
    text_add_string(text, "</title>\n<desc>");
    escape_xml(text, description, strlen(description));
    text_print(text,
               "</desc>\n%s<rect class=\"paper\" width=\"%d\" height=\"%.0f\" fill=\"%s\"/>\n",
               svg_style, SVG_WIDTH, height, SVG_PAPER);
}

void svg_end(struct text *text)
{
    text_add_string(text, "</svg>\n");
}

static const char *svg_color(const char *class)
{
    static const char *const colors[][2] = {{"ink", SVG_INK},
                                            {"muted", SVG_MUTED},
                                            {"bad", SVG_BAD},
                                            {"on", SVG_PAPER},
                                            {"over", SVG_INK}};
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
        if (strcmp(colors[i][0], class) == 0)
            return colors[i][1];
    return SVG_INK;
}

// What a letter takes of an em in the widest of the fonts named above.
static double svg_letter(char letter)
{
    static const struct {
        const char *letters;
        double width;
    } widths[] = {{"ijlI.,:;'|! ", 0.34}, {"frt()[]/-", 0.42}, {"mwM%", 0.95}, {"W@", 1}};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (strchr(widths[i].letters, letter))
            return widths[i].width;
    return letter >= 'A' && letter <= 'Z' ? 0.72 : 0.62;
}

double svg_width(const char *words, double size)
{
    double width = 0;
    size_t letters = 0;
    for (const char *at = words; *at; at++) {
        if ((unsigned char)*at >= 0x80)
            continue;
        width += svg_letter(*at);
        letters++;
    }
    // Two columns of what is no ASCII take an em, as an ideogram does.
    size_t columns = text_columns(words);
    return size * (width + (columns > letters ? (double)(columns - letters) * 0.55 : 0));
}

// Adds the words, or as much of them as there is room for.
static void svg_add_fitting(struct text *text, const struct svg_words *how, const char *words)
{
    struct text cut = {0};
    double size = how->size * (how->bold ? SVG_BOLDER : 1);
    size_t all = text_columns(words), most = all;
    text_add_cut(&cut, words, most);
    while (how->room > 0 && most > 1 && svg_width(text_string(&cut), size) > how->room) {
        text_clear(&cut);
        text_add_cut(&cut, words, --most);
    }
    bool is_whole = most == all || cut.length == 0;
    escape_xml(text, text_string(&cut), is_whole ? cut.length : cut.length - 1); // without its '~'
    text_add_string(text, is_whole ? "" : "\xe2\x80\xa6");
    text_free(&cut);
}

static void svg_write_once(struct text *text, const struct svg_words *how, const char *words,
                           bool halo)
{
    text_print(text, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\"", how->x, how->y, how->size);
    if (how->anchor)
        text_print(text, " text-anchor=\"%s\"", how->anchor);
    if (how->bold)
        text_add_string(text, " font-weight=\"bold\"");
    if (halo)
        text_print(text,
                   " class=\"halo\" aria-hidden=\"true\" fill=\"none\" stroke=\"%s\" "
                   "stroke-width=\"5\" stroke-linejoin=\"round\">",
                   SVG_PAPER);
    else
        text_print(text, " class=\"%s\" fill=\"%s\">", how->class, svg_color(how->class));
    svg_add_fitting(text, how, words);
    text_add_string(text, "</text>\n");
}

void svg_write(struct text *text, const struct svg_words *how, const char *words)
{
    if (how->halo)
        svg_write_once(text, how, words, true);
    svg_write_once(text, how, words, false);
}

void svg_text(struct text *text, double x, double y, double size, const char *class,
              const char *words)
{
    svg_write(text, &(struct svg_words){.x = x, .y = y, .size = size, .class = class}, words);
}

void svg_tooltip(struct text *text, const char *words)
{
    text_add_string(text, "<title>");
    escape_xml(text, words, strlen(words));
    text_add_string(text, "</title>");
}

void svg_arrow_head(struct text *text, double x, double y, double size, const char *tooltip)
{
    text_print(text,
               "<path class=\"ink gap\" d=\"M%.1f %.1f h%.1f l%.1f %.1f z\" fill=\"%s\" "
               "stroke=\"%s\">",
               x - size * 1.1, y - size * 0.9, size * 2.2, -size * 1.1, size * 1.8, SVG_INK,
               SVG_PAPER);
    svg_tooltip(text, tooltip);
    text_add_string(text, "</path>\n");
}

void svg_cross(struct text *text, double x, double y, double size, const char *tooltip)
{
    char shape[128];
    snprintf(shape, sizeof shape, "M%.1f %.1f l%.1f %.1f m0 %.1f l%.1f %.1f", x - size, y - size,
             size * 2, size * 2, -size * 2, -size * 2, size * 2);
    text_print(text,
               "<path class=\"gap\" d=\"%s\" stroke=\"%s\" stroke-width=\"7\" fill=\"none\"/>\n",
               shape, SVG_PAPER);
    text_print(text,
               "<path class=\"broken\" d=\"%s\" stroke=\"%s\" stroke-width=\"4\" fill=\"none\">",
               shape, SVG_BAD);
    svg_tooltip(text, tooltip);
    text_add_string(text, "</path>\n");
}

void svg_question(struct text *text, double x, double y, double size, const char *tooltip)
{
    text_print(text,
               "<circle class=\"paper broken\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" "
               "stroke=\"%s\" stroke-width=\"2\">",
               x, y, size * 1.4, SVG_PAPER, SVG_BAD);
    svg_tooltip(text, tooltip);
    text_add_string(text, "</circle>\n");
    svg_write(text,
              &(struct svg_words){.x = x,
                                  .y = y + size * 0.8,
                                  .size = size * 2.2,
                                  .class = "bad",
                                  .anchor = "middle",
                                  .bold = true},
              "?");
}
