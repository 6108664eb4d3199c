// SPDX-License-Identifier: GPL-3.0-or-later
// set: what holds for the session.
#include "commands/table.h"

#include "base/number.h"
#include "base/out.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/color.h"
#include "view/glyphs.h"

#include <string.h>

struct set_args {
    const char *name;
    const char *value;
};

static const char *const names[] = {"for", "color", "glyphs", "pager", "hints", "projector", NULL};

static const char *const nothing[] = {NULL};

static const struct arg args[] = {
    {.name = "NAME",
     .type = ARG_WORD,
     .field = offsetof(struct set_args, name),
     .choices = names,
     .help =
         "for: how long workers compute when a command does not say, 0s for no longer than they "
         "must; "
         "color: auto, always or never; glyphs: auto, utf8 or ascii, what pictures are drawn with; "
         "pager: on or off, whether what is longer than the screen is shown a "
         "page at a time; hints: on or off, whether it is said what to look at next; projector: on "
         "or off, short lines with room between them, strong colours, and one for each worker; "
         "also "
         "NAME=VALUE"},
    {.name = "VALUE",
     .type = ARG_WORD,
     .field = offsetof(struct set_args, value),
     .choices = nothing,
     .help = "the new value; without it the setting is shown"},
    {0},
};

static void set_show_for(void)
{
    char value[32];
    number_format_duration(context_settings()->for_ns, value, sizeof value);
    out_print("for %s\n", value);
}

static void set_show_color(void)
{
    out_print("color %s\n", color_when_names[color_when()]);
}

static void set_show_glyphs(void)
{
    out_print("glyphs %s\n", glyphs_names[glyphs_setting()]);
}

static const char *const set_switch_names[] = {"off", "on", NULL};

static void set_show_pager(void)
{
    out_print("pager %s\n", set_switch_names[context_settings()->pages]);
}

static void set_show_projector(void)
{
    out_print("projector %s\n", set_switch_names[context_settings()->projector]);
}

static void set_show_hints(void)
{
    out_print("hints %s\n", set_switch_names[context_settings()->hints]);
}

static int set_for(struct call *call, const char *value)
{
    if (number_parse_duration(value, 0, DURATION_MAX, &context_settings()->for_ns))
        return STATUS_OK;
    return call_misuse(call,
                       "for must be a duration from 0s to 24h, as in 250ms, 1.5s or 1m, not '%s'",
                       text_visible(value));
}

static int set_find_choice(const char *const *choices, const char *value)
{
    for (int choice = 0; choices[choice]; choice++)
        if (strcmp(value, choices[choice]) == 0)
            return choice;
    return -1;
}

static int set_color(struct call *call, const char *value)
{
    int when = set_find_choice(color_when_names, value);
    if (when < 0)
        return call_misuse(call, "color must be auto, always or never, not '%s'",
                           text_visible(value));
    color_set((enum color_when)when);
    return STATUS_OK;
}

static int set_glyphs(struct call *call, const char *value)
{
    int glyphs = set_find_choice(glyphs_names, value);
    if (glyphs < 0)
        return call_misuse(call, "glyphs must be auto, utf8 or ascii, not '%s'",
                           text_visible(value));
    glyphs_set((enum glyphs)glyphs);
    return STATUS_OK;
}

static int set_switch(struct call *call, const char *name, const char *value, bool *on)
{
    int choice = set_find_choice(set_switch_names, value);
    if (choice < 0)
        return call_misuse(call, "%s must be on or off, not '%s'", name, text_visible(value));
    *on = choice == 1;
    return STATUS_OK;
}

static int set_pager(struct call *call, const char *value)
{
    return set_switch(call, "pager", value, &context_settings()->pages);
}

static int set_projector(struct call *call, const char *value)
{
    int status = set_switch(call, "projector", value, &context_settings()->projector);
    color_set_strong(context_settings()->projector);
    return status;
}

static int set_hints(struct call *call, const char *value)
{
    return set_switch(call, "hints", value, &context_settings()->hints);
}

static const struct setting {
    const char *name;
    const char *const *values; // that Tab offers
    void (*show)(void);
    int (*set)(struct call *call, const char *value);
} all_settings[] = {
    {"for", nothing, set_show_for, set_for},
    {"color", color_when_names, set_show_color, set_color},
    {"glyphs", glyphs_names, set_show_glyphs, set_glyphs},
    {"pager", set_switch_names, set_show_pager, set_pager},
    {"hints", set_switch_names, set_show_hints, set_hints},
    {"projector", set_switch_names, set_show_projector, set_projector},
};

enum { SETTINGS = sizeof all_settings / sizeof *all_settings };

static const char *const *set_offer(const char *before)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(before, all_settings[i].name) == 0)
            return all_settings[i].values;
    return NULL;
}

static int set_refuse_name(struct call *call, const char *name)
{
    struct text allowed = {0};
    for (size_t i = 0; i < SETTINGS; i++)
        text_print(&allowed, "%s%s",
                   i == 0             ? ""
                   : i + 1 < SETTINGS ? ", "
                                      : " or ",
                   all_settings[i].name);
    call_misuse(call, "NAME must be %s, not '%s'", text_string(&allowed), text_visible(name));
    text_free(&allowed);
    return STATUS_MISUSE;
}

static const struct setting *set_find(const char *name, size_t length)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strlen(all_settings[i].name) == length &&
            strncmp(name, all_settings[i].name, length) == 0)
            return &all_settings[i];
    return NULL;
}

static int set_list(void)
{
    for (size_t i = 0; i < SETTINGS; i++)
        all_settings[i].show();
    return STATUS_OK;
}

static int set_run(struct call *call)
{
    const struct set_args *set_args = call->args;
    if (!set_args->name)
        return set_list();
    size_t length = strcspn(set_args->name, "=");
    bool is_whole = set_args->name[length] == '=';
    const char *value = is_whole ? set_args->name + length + 1 : set_args->value;
    const struct setting *setting = set_find(set_args->name, length);
    if (is_whole && set_args->value)
        return call_misuse(call, "a value stands behind '=' already");
    if (!setting)
        return set_refuse_name(call, set_args->name);
    if (value)
        return setting->set(call, value);
    setting->show();
    return STATUS_OK;
}

const struct command command_set = {
    .name = "set",
    .group = "Controlling",
    .summary = "changes a setting of the session; alone it lists them",
    .example = "set for=2s",
    .args = args,
    .args_size = sizeof(struct set_args),
    .offer = set_offer,
    .run = set_run,
};
