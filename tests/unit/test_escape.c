// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that whatever bytes come in, what goes out is valid JSON, CSV or XML, and UTF-8.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/escape.h"

#include <string.h>

typedef void escape_fn(struct text *text, const char *bytes, size_t length);

static void expect(escape_fn *escape, const char *bytes, size_t length, const char *expected)
{
    struct text text = {0};
    text_add_string(&text, "<");
    escape(&text, bytes, length);
    text_add_string(&text, ">");
    assert_int_equal(text.length, strlen(expected) + 2);
    assert_memory_equal(text.bytes + 1, expected, strlen(expected));
    text_free(&text);
}

static void becomes(escape_fn *escape, const char *string, const char *expected)
{
    expect(escape, string, strlen(string), expected);
}

static void json_leaves_plain_text_alone(void **state)
{
    (void)state;
    becomes(escape_json, "", "");
    becomes(escape_json, "p1 - a/b <&>'", "p1 - a/b <&>'");
    becomes(escape_json, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
            "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void json_escapes_what_would_end_the_string(void **state)
{
    (void)state;
    becomes(escape_json, "say \"no\" \\", "say \\\"no\\\" \\\\");
    becomes(escape_json, "a\nb\tc\r", "a\\nb\\tc\\u000d");
    expect(escape_json, "a\0b", 3, "a\\u0000b");
    becomes(escape_json, "\x1b[31m\x7f\xc2\x9b", "\\u001b[31m\\u007f\\u009b");
    becomes(escape_json, "\u202e\u200f\u00e4", "\\u202e\\u200f\u00e4");
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"\x80", "\xef\xbf\xbd"},
        {"a\xffz", "a\xef\xbf\xbdz"},
        {"\xc3", "\xef\xbf\xbd"},                                                 // cut short
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                                 // cut short
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                                 // too long a form
        {"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 // too long a form
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 // a surrogate
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, // above U+10FFFF
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        becomes(escape_json, cases[i].bytes, cases[i].expected);
        becomes(escape_csv, cases[i].bytes, cases[i].expected);
        becomes(escape_xml, cases[i].bytes, cases[i].expected);
    }
}

static void csv_quotes_only_what_needs_it(void **state)
{
    (void)state;
    becomes(escape_csv, "", "");
    becomes(escape_csv, "spawn 6", "spawn 6");
    becomes(escape_csv, "a,b", "\"a,b\"");
    becomes(escape_csv, "a\nb", "\"a\nb\"");
    becomes(escape_csv, "a\rb", "\"a\rb\"");
    becomes(escape_csv, "say \"no\"", "\"say \"\"no\"\"\"");
    becomes(escape_csv, " a", "\" a\"");
    becomes(escape_csv, "a ", "\"a \"");
}

static void xml_escapes_markup_and_what_it_does_not_allow(void **state)
{
    (void)state;
    becomes(escape_xml, "a<b> & \"c\" 'd'", "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;");
    becomes(escape_xml, "\t\n\r", "\t\n\r");
    expect(escape_xml, "a\0\x1b", 3, "a\xef\xbf\xbd\xef\xbf\xbd");
    becomes(escape_xml, "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_leaves_plain_text_alone),
        cmocka_unit_test(json_escapes_what_would_end_the_string),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(csv_quotes_only_what_needs_it),
        cmocka_unit_test(xml_escapes_markup_and_what_it_does_not_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
