// SPDX-License-Identifier: GPL-3.0-or-later
// JSON objects, one a line.
#ifndef FORKLAB_BASE_JSON_H
#define FORKLAB_BASE_JSON_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

// Begin and end an object in `text`: {"type":"TYPE", ...} and a new line.
void json_begin(struct text *text, const char *type);
void json_end(struct text *text);

// Add a field to it. `value` may hold any bytes.
void json_text(struct text *text, const char *name, const char *value);
void json_number(struct text *text, const char *name, int64_t value);
void json_real(struct text *text, const char *name, double value);
void json_bool(struct text *text, const char *name, bool value);
// A moment of the wall clock, ns since 1970, as wall_s (whole seconds) and wall_ns (those beyond):
// programs that know no numbers but doubles keep both.
void json_wall(struct text *text, int64_t ns);
void json_numbers(struct text *text, const char *name, const int64_t *values, int64_t count);

#endif
