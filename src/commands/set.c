// SPDX-License-Identifier: GPL-3.0-or-later
// set: what holds for the session.
#include "commands/table.h"

#include "base/number.h"
#include "base/out.h"
#include "shell/session.h"
#include "view/color.h"

#include <string.h>

struct set_args {
    const char *name;
    const char *value;
};

static const char *const names[] = {"for", "color", NULL};

static const struct arg args[] = {
    {"NAME", ARG_WORD, false, offsetof(struct set_args, name), 0, 0, 0, names,
     "for: how long workers compute when a command does not say, 0s for no longer than they must; "
     "color: auto, always or never"},
    {"VALUE", ARG_WORD, false, offsetof(struct set_args, value), 0, 0, 0, NULL,
     "the new value; shows the setting if left out"},
    {0},
};

static void show(const char *name)
{
    char value[32];
    if (strcmp(name, "for") == 0) {
        number_format_duration(session_settings()->for_ns, value, sizeof value);
        out_print("for %s\n", value);
    } else {
        out_print("color %s\n", color_when_names[color_when()]);
    }
}

static int set_for(struct call *call, const char *value)
{
    if (number_parse_duration(value, 0, DURATION_MAX, &session_settings()->for_ns))
        return STATUS_OK;
    return call_misuse(call,
                       "for must be a duration from 0s to 24h, as in 250ms, 1.5s or 1m, not '%s'",
                       text_visible(value));
}

static int set_color(struct call *call, const char *value)
{
    for (int when = 0; color_when_names[when]; when++) {
        if (strcmp(value, color_when_names[when]) != 0)
            continue;
        color_set((enum color_when)when);
        return STATUS_OK;
    }
    return call_misuse(call, "color must be auto, always or never, not '%s'", text_visible(value));
}

static int run(struct call *call)
{
    const struct set_args *set_args = call->args;
    if (!set_args->name) {
        for (const char *const *name = names; *name; name++)
            show(*name);
        return STATUS_OK;
    }
    bool is_for = strcmp(set_args->name, "for") == 0;
    if (!is_for && strcmp(set_args->name, "color") != 0)
        return call_misuse(call, "NAME must be for or color, not '%s'",
                           text_visible(set_args->name));
    if (!set_args->value) {
        show(set_args->name);
        return STATUS_OK;
    }
    return is_for ? set_for(call, set_args->value) : set_color(call, set_args->value);
}

const struct command command_set = {
    .name = "set",
    .group = "Controlling",
    .summary = "changes a setting of the session; alone it lists them",
    .example = "set for 2s",
    .args = args,
    .args_size = sizeof(struct set_args),
    .run = run,
};
