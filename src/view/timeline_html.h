// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs as a page for a browser, all in one file.
#ifndef FORKLAB_VIEW_TIMELINE_HTML_H
#define FORKLAB_VIEW_TIMELINE_HTML_H

#include "base/text.h"
#include "log/past.h"

// Adds an HTML document: for each job its timeline to zoom and search, its workers as a table, and
// what explain says. Nothing of it comes from elsewhere.
void timeline_html_write(struct past *const *pasts, size_t count, struct text *text);

#endif
