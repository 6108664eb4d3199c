// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.h"

#include "base/clock.h"
#include "base/escape.h"

#include <inttypes.h>
#include <string.h>

static void json_add_string(struct text *text, const char *value)
{
    text_add(text, "\"", 1);
    escape_json(text, value, strlen(value));
    text_add(text, "\"", 1);
}

// All names are ours: plain words.
static void json_add_name(struct text *text, const char *name)
{
    text_print(text, ",\"%s\":", name);
}

void json_begin(struct text *text, const char *type)
{
    text_add_string(text, "{\"type\":");
    json_add_string(text, type);
}

void json_end(struct text *text)
{
    text_add_string(text, "}\n");
}

void json_text(struct text *text, const char *name, const char *value)
{
    json_add_name(text, name);
    json_add_string(text, value);
}

void json_number(struct text *text, const char *name, int64_t value)
{
    json_add_name(text, name);
    text_print(text, "%" PRId64, value);
}

void json_real(struct text *text, const char *name, double value)
{
    json_add_name(text, name);
    text_print(text, "%.6g", value);
}

void json_bool(struct text *text, const char *name, bool value)
{
    json_add_name(text, name);
    text_add_string(text, value ? "true" : "false");
}

void json_wall(struct text *text, int64_t ns)
{
    json_number(text, "wall_s", ns / NS_PER_S);
    json_number(text, "wall_ns", ns % NS_PER_S);
}

void json_numbers(struct text *text, const char *name, const int64_t *values, int64_t count)
{
    json_add_name(text, name);
    for (int64_t i = 0; i < count; i++)
        text_print(text, "%c%" PRId64, i == 0 ? '[' : ',', values[i]);
    text_add_string(text, count == 0 ? "[]" : "]");
}
