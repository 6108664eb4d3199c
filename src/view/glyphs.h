// SPDX-License-Identifier: GPL-3.0-or-later
// Whether pictures in the terminal are drawn with UTF-8 or with ASCII alone.
#ifndef FORKLAB_VIEW_GLYPHS_H
#define FORKLAB_VIEW_GLYPHS_H

#include <stdbool.h>

enum glyphs { GLYPHS_AUTO, GLYPHS_UTF8, GLYPHS_ASCII };
extern const char *const glyphs_names[]; // ends in NULL

// Sets which; "auto", which is the start, follows the locale. The second returns what was set.
void glyphs_set(enum glyphs glyphs);
enum glyphs glyphs_setting(void);

// Whether it is UTF-8 that is to be drawn, by the setting and, for "auto", by the locale of now.
bool glyphs_are_utf8(void);

#endif
