// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" // U+FFFD

// Adds one character as it is in some format; `code` is what `bytes` hold.
typedef void add_fn(struct text *text, uint32_t code, const char *bytes, size_t size);

static void escape_add_each(struct text *text, const char *bytes, size_t length, add_fn *add)
{
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t size = text_decode(bytes + i, length - i, &code);
        if (size > 0)
            add(text, code, bytes + i, size);
        else
            text_add_string(text, REPLACEMENT);
        i += size > 0 ? size : 1;
    }
}

static void escape_add_json(struct text *text, uint32_t code, const char *bytes, size_t size)
{
    if (code == '"' || code == '\\')
        text_print(text, "\\%c", (int)code);
    else if (code == '\n')
        text_add_string(text, "\\n");
    else if (code == '\t')
        text_add_string(text, "\\t");
    else if (text_is_control(code))
        text_print(text, "\\u%04x", code);
    else
        text_add(text, bytes, size);
}

void escape_json(struct text *text, const char *bytes, size_t length)
{
    escape_add_each(text, bytes, length, escape_add_json);
}

static void escape_add_csv(struct text *text, uint32_t code, const char *bytes, size_t size)
{
    if (code == '"')
        text_add_string(text, "\"");
    text_add(text, bytes, size);
}

static bool escape_needs_quotes(const char *bytes, size_t length)
{
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != '\0' && strchr(",\"\r\n", bytes[i]))
            return true;
    // Some readers strip the blanks around a field.
    return bytes[0] == ' ' || bytes[length - 1] == ' ';
}

void escape_csv(struct text *text, const char *bytes, size_t length)
{
    const char *quote = escape_needs_quotes(bytes, length) ? "\"" : "";
    text_add_string(text, quote);
    escape_add_each(text, bytes, length, escape_add_csv);
    text_add_string(text, quote);
}

static bool escape_is_xml(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

static void escape_add_xml(struct text *text, uint32_t code, const char *bytes, size_t size)
{
    if (code == '&')
        text_add_string(text, "&amp;");
    else if (code == '<')
        text_add_string(text, "&lt;");
    else if (code == '>')
        text_add_string(text, "&gt;");
    else if (code == '"')
        text_add_string(text, "&quot;");
    else if (code == '\'')
        text_add_string(text, "&apos;");
    else if (escape_is_xml(code))
        text_add(text, bytes, size);
    else
        text_add_string(text, REPLACEMENT);
}

void escape_xml(struct text *text, const char *bytes, size_t length)
{
    escape_add_each(text, bytes, length, escape_add_xml);
}
