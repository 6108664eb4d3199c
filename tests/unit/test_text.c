// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a text grows as it is told, and that foreign bytes become harmless.
#include "help.h"

#include "base/text.h"

#include <locale.h>
#include <string.h>

static void is_empty_at_the_start(void **state)
{
    (void)state;
    struct text text = {0};
    assert_string_equal(text_string(&text), "");
    text_clear(&text);
    assert_string_equal(text_string(&text), "");
    text_add(&text, "", 0);
    assert_int_equal(text.length, 0);
    assert_string_equal(text_string(&text), "");
    text_free(&text);
    text_free(&text);
}

static void grows_and_always_ends_in_a_nul(void **state)
{
    (void)state;
    struct text text = {0};
    for (size_t i = 0; i < 10000; i++) {
        text_print(&text, "%zu,", i % 10);
        assert_int_equal(text.length, 2 * (i + 1));
        assert_int_equal(text.bytes[text.length], '\0');
    }
    assert_memory_equal(text.bytes + 19990, "5,6,7,8,9,", 11);
    text_free(&text);
    assert_null(text.bytes);
}

static void keeps_bytes_of_every_kind(void **state)
{
    (void)state;
    struct text text = {0};
    text_add(&text, "a\0b", 3);
    text_add_string(&text, "c");
    assert_int_equal(text.length, 4);
    assert_memory_equal(text.bytes, "a\0bc", 5);
    text_free(&text);
}

static void keeps_its_memory_when_cleared(void **state)
{
    (void)state;
    struct text text = {0};
    text_add_string(&text, "something");
    char *before = text.bytes;
    text_clear(&text);
    assert_int_equal(text.length, 0);
    assert_string_equal(text_string(&text), "");
    text_add_string(&text, "other");
    assert_ptr_equal(text.bytes, before);
    assert_string_equal(text_string(&text), "other");
    text_free(&text);
}

static void expect_visible(const char *bytes, size_t length, const char *shown)
{
    struct text text = {0};
    text_add_visible(&text, bytes, length);
    assert_string_equal(text_string(&text), shown);
    text_free(&text);
}

static void shows_what_is_harmless(void **state)
{
    (void)state;
    static const char *const harmless[] = {"",  "plain ~!", "Grüße", "日本語",
                                           "😀", "a\\b",     "\u00a0"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        expect_visible(harmless[i], strlen(harmless[i]), harmless[i]);
}

static void hides_what_the_locale_does_not_know(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C");
    expect_visible("Ünï", strlen("Ünï"), "\\xc3\\x9cn\\xc3\\xaf");
    assert_false(text_is_visible("Ünï"));
    assert_true(text_is_visible("plain"));
    setlocale(LC_ALL, "C.UTF-8");
    assert_true(text_is_visible("Ünï"));
}

static void hides_what_has_no_width(void **state)
{
    (void)state;
    expect_visible("a\u200b", 4, "a\\xe2\\x80\\x8b");
    expect_visible("\ufeff", 3, "\\xef\\xbb\\xbf");
    assert_false(text_is_visible("a\u2066"));
}

static void hides_control_characters(void **state)
{
    (void)state;
    expect_visible("\033[2J", 4, "\\x1b[2J");
    expect_visible("a\0b", 3, "a\\x00b");
    expect_visible("\r\n\t\177", 4, "\\x0d\\x0a\\x09\\x7f");
    expect_visible("\xc2\x9b"
                   "31m",
                   5, "\\xc2\\x9b31m");
    expect_visible("\u202e", 3, "\\xe2\\x80\\xae");
    expect_visible("\u200f", 3, "\\xe2\\x80\\x8f");
    expect_visible("\u061c", 2, "\\xd8\\x9c");
}

static void hides_what_is_not_utf8(void **state)
{
    (void)state;
    expect_visible("\xff", 1, "\\xff");
    expect_visible("\x80", 1, "\\x80");
    expect_visible("\xc3", 1, "\\xc3");
    expect_visible("\xc3(", 2, "\\xc3(");
    expect_visible("\xc0\xaf", 2, "\\xc0\\xaf");
    expect_visible("\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf");
    expect_visible("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
    expect_visible("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
    expect_visible("\xe2\x82", 2, "\\xe2\\x82");
}

static void shows_only_harmless_bytes_whatever_comes(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 2000; i++) {
        char bytes[40];
        size_t length = (size_t)pick(&seed, sizeof bytes);
        for (size_t k = 0; k < length; k++)
            bytes[k] = (char)pick(&seed, 256);
        struct text shown = {0};
        text_add_visible(&shown, bytes, length);
        expect_visible(text_string(&shown), shown.length, text_string(&shown));
        text_free(&shown);
    }
}

static void messages_show_strings_in_turn(void **state)
{
    (void)state;
    const char *one = text_visible("o\ne");
    const char *two = text_visible("two");
    assert_string_equal(one, "o\\x0ae");
    assert_string_equal(two, "two");
}

static void messages_are_cut(void **state)
{
    (void)state;
    char string[5000];
    memset(string, 'x', sizeof string - 1);
    string[sizeof string - 1] = '\0';
    size_t length = strlen(text_visible(string));
    assert_in_range(length, 190, 255);
    memset(string, '\033', sizeof string - 1);
    assert_in_range(strlen(text_visible(string)), 190, 255);
}

static void a_cut_message_is_harmless_too(void **state)
{
    (void)state;
    for (int controls = 0; controls < 40; controls++) {
        char string[400] = "";
        memset(string, '\001', (size_t)controls);
        while (strlen(string) < 198)
            strcat(string, "€");
        const char *shown = text_visible(string);
        expect_visible(shown, strlen(shown), shown);
    }
}

static void a_cut_message_cuts_no_character(void **state)
{
    (void)state;
    for (int letters = 0; letters < 3; letters++) {
        char string[400] = "";
        memset(string, 'x', (size_t)letters);
        while (strlen(string) < 390)
            strcat(string, "€");
        assert_null(strchr(text_visible(string), '\\'));
    }
}

static void counts_columns(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns("Grüße"), 5);
    assert_int_equal(text_columns("日本"), 4);
    assert_int_equal(text_columns("e\u0301"), 1);
}

static void bytes_that_are_no_characters_take_a_column_each(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    assert_int_equal(text_columns("a\xff\xfe"), 3);
    assert_int_equal(text_columns("\xe6\x97"), 2);
    assert_int_equal(text_columns("\x01"), 0);
}

static void expect_cut(const char *string, size_t columns, const char *expected)
{
    struct text text = {0};
    assert_int_equal(text_add_cut(&text, string, columns), text_columns(expected));
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void cuts_between_characters(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    expect_cut("", 1, "");
    expect_cut("abc", 3, "abc");
    expect_cut("abcd", 3, "ab~");
    expect_cut("abcd", 1, "~");
    expect_cut("Grüße", 4, "Grü~");
    expect_cut("Grüße", 3, "Gr~");
    expect_cut("日本語", 4, "日~");
    expect_cut("日本語", 5, "日本~");
    expect_cut("e\u0301e\u0301e\u0301", 2, "e\u0301~");
    expect_cut("abc", 0, "");
}

static void expect_cut_middle(const char *string, size_t columns, const char *expected)
{
    struct text text = {0};
    assert_int_equal(text_add_cut_middle(&text, string, columns), text_columns(expected));
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void cuts_in_the_middle_between_characters(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    expect_cut_middle("", 1, "");
    expect_cut_middle("abc", 3, "abc");
    expect_cut_middle("abcd", 3, "a~d");
    expect_cut_middle("abcd", 1, "~");
    expect_cut_middle("abcd", 0, "");
    expect_cut_middle("Process-10", 6, "Pr~-10");
    expect_cut_middle("Process-10", 7, "Pro~-10");
    expect_cut_middle("日本語", 5, "日~語");
    expect_cut_middle("日本語", 4, "~語");
    expect_cut_middle("e\u0301e\u0301e\u0301", 2, "~e\u0301");
}

static void cuts_no_character_where_the_locale_knows_none(void **state)
{
    (void)state;
    for (size_t columns = 1; columns < 8; columns++) {
        struct text text = {0};
        setlocale(LC_ALL, "C");
        text_add_cut(&text, "日本語", columns);
        setlocale(LC_ALL, "C.UTF-8");
        expect_visible(text_string(&text), text.length, text_string(&text));
        text_clear(&text);
        setlocale(LC_ALL, "C");
        text_add_cut_middle(&text, "日本語", columns);
        setlocale(LC_ALL, "C.UTF-8");
        expect_visible(text_string(&text), text.length, text_string(&text));
        text_free(&text);
    }
}

static void expect_wrapped(const char *words, size_t used, size_t columns, const char *expected)
{
    struct text text = {0};
    text_add_wrapped(&text, words, used, 2, columns);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void breaks_lines_between_words(void **state)
{
    (void)state;
    expect_wrapped("", 0, 10, "");
    expect_wrapped("one two three", 0, 20, "one two three");
    expect_wrapped("one two three", 0, 13, "one two\n  three");
    expect_wrapped("one two three", 6, 14, "one two\n  three");
    expect_wrapped("one two\nthree", 0, 20, "one two\n  three");
    expect_wrapped("incomprehensibilities", 0, 5, "incomprehensibilities");
}

static void breaks_lines_by_columns_not_bytes(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    expect_wrapped("ääää ääää ää", 0, 13, "ääää ääää ää");
    expect_wrapped("日本 日本 日本", 0, 13, "日本 日本\n  日本");
}

static void later_lines_begin_with_their_margin(void **state)
{
    (void)state;
    struct text text = {0};
    text_add_string(&text, "| > ");
    text_add_wrapped_behind(&text, "one two three four", 4, "|   ", 13);
    assert_string_equal(text_string(&text), "| > one two\n|   three\n|   four");
    text_free(&text);
}

static void measures_how_far_words_are_apart(void **state)
{
    (void)state;
    assert_int_equal(text_distance("", ""), 0);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("spawn", "spawn"), 0);
    assert_int_equal(text_distance("spawn", "spwan"), 1);
    assert_int_equal(text_distance("spawn", "span"), 1);
    assert_int_equal(text_distance("span", "spawn"), 1);
    assert_int_equal(text_distance("spawn", "spown"), 1);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
    assert_int_equal(text_distance("SPAWN", "spwan"), 1);
}

static void long_words_are_far_from_everything(void **state)
{
    (void)state;
    char word[65] = "";
    memset(word, 'x', 63);
    assert_int_equal(text_distance(word, word), 0);
    assert_int_equal(text_distance(word, ""), 63);
    word[63] = 'x';
    assert_true(text_distance(word, word) == SIZE_MAX);
    assert_true(text_distance("", word) == SIZE_MAX);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_the_start),
        cmocka_unit_test(grows_and_always_ends_in_a_nul),
        cmocka_unit_test(keeps_bytes_of_every_kind),
        cmocka_unit_test(keeps_its_memory_when_cleared),
        cmocka_unit_test(shows_what_is_harmless),
        cmocka_unit_test(hides_what_the_locale_does_not_know),
        cmocka_unit_test(hides_what_has_no_width),
        cmocka_unit_test(hides_control_characters),
        cmocka_unit_test(hides_what_is_not_utf8),
        cmocka_unit_test(shows_only_harmless_bytes_whatever_comes),
        cmocka_unit_test(messages_show_strings_in_turn),
        cmocka_unit_test(messages_are_cut),
        cmocka_unit_test(a_cut_message_is_harmless_too),
        cmocka_unit_test(a_cut_message_cuts_no_character),
        cmocka_unit_test(counts_columns),
        cmocka_unit_test(bytes_that_are_no_characters_take_a_column_each),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(cuts_in_the_middle_between_characters),
        cmocka_unit_test(cuts_no_character_where_the_locale_knows_none),
        cmocka_unit_test(breaks_lines_between_words),
        cmocka_unit_test(breaks_lines_by_columns_not_bytes),
        cmocka_unit_test(later_lines_begin_with_their_margin),
        cmocka_unit_test(measures_how_far_words_are_apart),
        cmocka_unit_test(long_words_are_far_from_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
