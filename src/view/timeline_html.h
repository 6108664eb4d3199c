// SPDX-License-Identifier: GPL-3.0-or-later
// A job as a page for a browser, all in one file.
#ifndef FORKLAB_VIEW_TIMELINE_HTML_H
#define FORKLAB_VIEW_TIMELINE_HTML_H

#include "base/text.h"
#include "log/past.h"

// Adds an HTML document: the timeline to zoom and search, the workers as a table, and what explain
// says. Nothing of it comes from elsewhere.
void timeline_html_write(const struct past *past, struct text *text);

#endif
