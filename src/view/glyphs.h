// SPDX-License-Identifier: GPL-3.0-or-later
// Which characters lines and bars are drawn with.
#ifndef FORKLAB_VIEW_GLYPHS_H
#define FORKLAB_VIEW_GLYPHS_H

#include <stdbool.h>

// True when the locale's characters are UTF-8; everything else gets ASCII.
bool glyphs_are_utf8(void);

#endif
