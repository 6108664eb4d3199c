// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/program_value.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/number.h"
#include "base/signal.h"
#include "shell/context.h"

#include <inttypes.h>
#include <string.h>

static bool program_value_is_words(const struct arg *arg)
{
    return arg->type == ARG_TARGETS || arg->type == ARG_ALL_TARGETS || arg->type == ARG_JOBS ||
           arg->type == ARG_WORDS || arg->type == ARG_COMMAND;
}

static bool program_value_is_number(const struct arg *arg)
{
    return arg->type == ARG_COUNT || arg->type == ARG_DURATION || arg->type == ARG_SIGNAL ||
           arg->type == ARG_CHOICE || arg->type == ARG_SWITCH;
}

static int64_t program_value_number(const struct arg *arg, const void *args)
{
    int64_t number = *(const int64_t *)(const void *)((const char *)args + arg->field);
    if (number < 0 && strcmp(arg->name, "--for") == 0 && context_settings()->for_ns > 0)
        return context_settings()->for_ns;
    return number;
}

static const char *program_value_string(const struct arg *arg, const void *args)
{
    return *(const char *const *)(const void *)((const char *)args + arg->field);
}

static const struct words *program_value_words(const struct arg *arg, const void *args)
{
    return (const void *)((const char *)args + arg->field);
}

bool program_value_is_given(const struct arg *arg, const void *args)
{
    if (arg->type == ARG_FLAG)
        return *(const bool *)((const char *)args + arg->field);
    if (program_value_is_words(arg))
        return program_value_words(arg, args)->count > 0;
    if (program_value_is_number(arg))
        return arg->required || program_value_number(arg, args) != arg->standard;
    return program_value_string(arg, args) != NULL;
}

bool program_value_is_count(const struct arg *arg, const void *args)
{
    int64_t ignored;
    BUG_IF(arg->type != ARG_WORD);
    const char *string = program_value_string(arg, args);
    return !string || number_parse_count(string, 0, INT64_MAX, &ignored);
}

bool program_value_exceeds(const struct arg *arg, const void *args, int64_t number)
{
    BUG_IF(arg->type != ARG_COUNT);
    return program_value_number(arg, args) > number;
}

static void program_value_add_octal(const char *bytes, size_t length, struct text *text)
{
    for (size_t i = 0; i < length; i++)
        text_print(text, "\\%03o", (unsigned)(unsigned char)bytes[i]);
}

// One character of a literal; `length` bytes, or 0 where there is no UTF-8.
static void program_value_add_char(const char *bytes, size_t length, uint32_t code,
                                   enum program_language language, struct text *text)
{
    if (length > 0 && !text_is_control(code)) {
        // "??" could begin a trigraph.
        if (strchr(language == PROGRAM_C ? "\"\\?" : "\"\\", *bytes))
            text_add_string(text, "\\");
        text_add(text, bytes, length);
    } else if (language == PROGRAM_PYTHON) {
        text_print(text, "\\U%08" PRIx32, length > 0 ? code : 0xfffd);
    } else {
        program_value_add_octal(bytes, length > 0 ? length : 1, text);
    }
}

static void program_value_quote(const char *bytes, size_t length, enum program_language language,
                                struct text *text)
{
    text_add_string(text, "\"");
    for (size_t at = 0, step; at < length; at += step) {
        uint32_t code = 0;
        step = text_decode(bytes + at, length - at, &code);
        program_value_add_char(bytes + at, step, code, language, text);
        step = step > 0 ? step : 1;
    }
    text_add_string(text, "\"");
}

static void program_value_add_string(const char *string, enum program_language language, bool list,
                                     struct text *text)
{
    size_t length = list ? strcspn(string, ",") : strlen(string);
    program_value_quote(string, length, language, text);
    for (string += length; *string; string += length) {
        string++;
        length = strcspn(string, ",");
        text_add_string(text, ", ");
        program_value_quote(string, length, language, text);
    }
}

static void program_value_add_duration(int64_t ns, enum program_language language,
                                       struct text *text)
{
    BUG_IF(ns < 0);
    if (language == PROGRAM_PYTHON)
        text_print(text, "%.9g", (double)ns / (double)NS_PER_S);
    else
        text_print(text, "%" PRId64 ", %" PRId64, ns / NS_PER_S, ns % NS_PER_S);
}

static void program_value_add_number(const struct arg *arg, int64_t number,
                                     enum program_language language, struct text *text)
{
    int64_t first = arg->type == ARG_SWITCH ? 2 : 0; // of the choices
    if (arg->type == ARG_DURATION)
        program_value_add_duration(number, language, text);
    else if (arg->type == ARG_SIGNAL)
        text_add_string(text, signal_name((int)number));
    else if (arg->type != ARG_COUNT && number >= first)
        text_add_string(text, arg->choices[number - first]);
    else
        text_print(text, "%" PRId64, number);
}

static void program_value_add_word(const char *string, enum program_language language,
                                   enum program_form form, struct text *text)
{
    int64_t count;
    if (form != PROGRAM_COUNT) {
        program_value_add_string(string, language, form == PROGRAM_LIST, text);
        return;
    }
    BUG_IF(!number_parse_count(string, 0, INT64_MAX, &count));
    text_print(text, "%" PRId64, count);
}

void program_value_add(const struct arg *arg, const void *args, enum program_language language,
                       enum program_form form, struct text *text)
{
    if (program_value_is_number(arg)) {
        program_value_add_number(arg, program_value_number(arg, args), language, text);
    } else if (program_value_is_words(arg)) {
        const struct words *words = program_value_words(arg, args);
        for (size_t i = 0; i < words->count; i++) {
            text_add_string(text, i > 0 ? ", " : "");
            program_value_add_string(words->all[i], language, false, text);
        }
    } else {
        BUG_IF(arg->type == ARG_FLAG);
        const char *string = program_value_string(arg, args);
        program_value_add_word(string ? string : "", language, form, text);
    }
}
