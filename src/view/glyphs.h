// SPDX-License-Identifier: GPL-3.0-or-later
// Which glyphs the terminal can show.
#ifndef FORKLAB_VIEW_GLYPHS_H
#define FORKLAB_VIEW_GLYPHS_H

#include <stdbool.h>

// Whether lines and dots may be drawn with UTF-8; else with ASCII.
bool glyphs_are_utf8(void);

#endif
