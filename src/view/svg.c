// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/svg.h"

#include "base/escape.h"

#include <string.h>

const char svg_style[] =
    "<style>\n"
    "text{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif}\n"
    "@media (prefers-color-scheme: dark){\n"
    ".paper{fill:#0d1117}.ink{fill:#e6edf3}.muted{fill:#9da7b3}\n"
    ".grid{stroke:#30363d}.line{stroke:#e6edf3}.edge{stroke:#0d1117}\n"
    "}\n"
    "</style>\n";

void svg_text(struct text *text, double x, double y, double size, const char *class,
              const char *words)
{
    text_print(text, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" class=\"%s\" fill=\"%s\">", x,
               y, size, class, strcmp(class, "ink") == 0 ? SVG_INK : SVG_MUTED);
    escape_xml(text, words, strlen(words));
    text_add_string(text, "</text>\n");
}

void svg_arrow_head(struct text *text, double x, double y, double size)
{
    text_print(text,
               "<path class=\"ink edge\" d=\"M%.1f %.1f h%.1f l%.1f %.1f z\" fill=\"%s\" "
               "stroke=\"%s\"/>\n",
               x - size * 1.1, y - size * 0.9, size * 2.2, -size * 1.1, size * 1.8, SVG_INK,
               SVG_PAPER);
}

void svg_cross(struct text *text, double x, double y, double size)
{
    text_print(text,
               "<path d=\"M%.1f %.1f l%.1f %.1f m0 %.1f l%.1f %.1f\" stroke=\"%s\" "
               "stroke-width=\"3\" fill=\"none\"/>\n",
               x - size, y - size, size * 2, size * 2, -size * 2, -size * 2, size * 2, SVG_RED);
}

void svg_question(struct text *text, double x, double y, double size)
{
    text_print(text,
               "<circle class=\"paper\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" "
               "stroke=\"%s\" stroke-width=\"2\"/>\n"
               "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" font-weight=\"bold\" "
               "text-anchor=\"middle\" fill=\"%s\">?</text>\n",
               x, y, size * 1.4, SVG_PAPER, SVG_RED, x, y + size * 0.8, size * 2.2, SVG_RED);
}
