// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/error.h"

#include "base/out.h"
#include "base/text.h"
#include "shell/json_output.h"
#include "shell/context.h"
#include "view/color.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static void error_write(const char *kind, uint32_t job, const char *command, const char *place,
                        const char *message, const char *usage)
{
    size_t title = strlen(kind) + 2; // columns of "error: "
    struct text words = {0}, wrapped = {0};
    if (out_error() == EPIPE && context_is_leaving())
        return; // the reader of stdout has left: the error would be about that alone
    size_t columns = isatty(STDERR_FILENO) ? context_columns() : 0;
    json_output_error(kind, job, command, place, message);
    if (command)
        text_print(&words, "%s: ", command);
    text_add_string(&words, message);
    if (usage)
        text_print(&words, "\nusage: %s", usage);
    text_add_wrapped(&wrapped, text_string(&words), strlen(place) + title, title,
                     columns > 0 ? columns : SIZE_MAX);
    out_complain("%s%s%s:%s %s", place, color_error(COLOR_RED), kind, color_error(COLOR_PLAIN),
                 text_string(&wrapped));
    text_free(&words);
    text_free(&wrapped);
}

void error_tell(uint32_t job, const char *command, const char *place, const char *message,
                const char *usage)
{
    error_write("error", job, command, place, message, usage);
}

void error_warn(uint32_t job, const char *command, const char *place, const char *message)
{
    error_write("warning", job, command, place, message, NULL);
}
