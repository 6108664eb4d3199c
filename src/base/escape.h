// SPDX-License-Identifier: GPL-3.0-or-later
// Foreign bytes on their way into JSON, CSV or XML. What is not UTF-8 becomes U+FFFD, so that the
// output always is.
#ifndef FORKLAB_BASE_ESCAPE_H
#define FORKLAB_BASE_ESCAPE_H

#include "base/text.h"

#include <stddef.h>

// Adds `bytes` as they stand inside a JSON string (RFC 8259), without the quotes around it. What
// moves a terminal (text_is_control()) is written by its number, so that the line is safe to show
// on one, too.
void escape_json(struct text *text, const char *bytes, size_t length);

// Adds `bytes` as one CSV field (RFC 4180), in quotes where it needs them.
void escape_csv(struct text *text, const char *bytes, size_t length);

// Adds `bytes` as XML 1.0 text, fit for an attribute's value as well. Characters that XML does not
// allow become U+FFFD.
void escape_xml(struct text *text, const char *bytes, size_t length);

#endif
