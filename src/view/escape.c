// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" // U+FFFD

// Decodes the character at `bytes` into `code`. Returns its length, or 0 where there is none.
static size_t decode(const char *bytes, size_t length, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)bytes;
    if (byte[0] < 0x80) {
        *code = byte[0];
        return 1;
    }
    size_t size = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
    if (byte[0] < 0xc2 || byte[0] > 0xf4 || size > length)
        return 0;
    *code = byte[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (byte[i] & 0x3f);
    }
    bool valid = *code >= smallest[size] && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff);
    return valid ? size : 0;
}

// Adds one character as it is in some format; `code` is what `bytes` hold.
typedef void add_fn(struct text *text, uint32_t code, const char *bytes, size_t size);

static void add_each(struct text *text, const char *bytes, size_t length, add_fn *add)
{
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t size = decode(bytes + i, length - i, &code);
        if (size > 0)
            add(text, code, bytes + i, size);
        else
            text_add_string(text, REPLACEMENT);
        i += size > 0 ? size : 1;
    }
}

static void add_json(struct text *text, uint32_t code, const char *bytes, size_t size)
{
    if (code == '"' || code == '\\')
        text_print(text, "\\%c", (int)code);
    else if (code == '\n')
        text_add_string(text, "\\n");
    else if (code == '\t')
        text_add_string(text, "\\t");
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        text_print(text, "\\u%04x", code);
    else
        text_add(text, bytes, size);
}

void escape_json(struct text *text, const char *bytes, size_t length)
{
    add_each(text, bytes, length, add_json);
}

static void add_csv(struct text *text, uint32_t code, const char *bytes, size_t size)
{
    if (code == '"')
        text_add_string(text, "\"");
    text_add(text, bytes, size);
}

static bool needs_quotes(const char *bytes, size_t length)
{
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if (memchr(",\"\r\n", bytes[i], 4))
            return true;
    // Some readers strip the blanks around a field.
    return bytes[0] == ' ' || bytes[length - 1] == ' ';
}

void escape_csv(struct text *text, const char *bytes, size_t length)
{
    const char *quote = needs_quotes(bytes, length) ? "\"" : "";
    text_add_string(text, quote);
    add_each(text, bytes, length, add_csv);
    text_add_string(text, quote);
}

static bool is_xml(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

static void add_xml(struct text *text, uint32_t code, const char *bytes, size_t size)
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
    else if (is_xml(code))
        text_add(text, bytes, size);
    else
        text_add_string(text, REPLACEMENT);
}

void escape_xml(struct text *text, const char *bytes, size_t length)
{
    add_each(text, bytes, length, add_xml);
}
