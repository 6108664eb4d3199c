// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/saved.h"

#include "view/save.h"

#include <string.h>
#include <unistd.h>

bool saved_ends_in(const char *file, const char *ending)
{
    size_t length = strlen(file), end = strlen(ending);
    return length > end && strcmp(file + length - end, ending) == 0;
}

int saved_write(struct call *call, const char *file, const struct text *content)
{
    struct text error = {0};
    const char *name = text_visible(file);
    int status = STATUS_OK;
    if (save_file(file, content, &error))
        call_summary(call, "%s: %zu bytes", name, content->length);
    else
        status = call_fail(call, "%s: %s%s", name, text_string(&error),
                           access(file, F_OK) == 0 ? "; the old one is as it was" : "");
    text_free(&error);
    return status;
}
