// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/export_file.h"

#include "base/file.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool export_file_ends_in(const char *file, const char *ending)
{
    size_t length = strlen(file), end = strlen(ending);
    return length > end && strcasecmp(file + length - end, ending) == 0;
}

static int export_file_fail(struct call *call, const char *file, const struct text *error)
{
    struct stat old;
    bool is_left = stat(file, &old) == 0 && S_ISREG(old.st_mode);
    return call_fail(call, "%s: %s%s", text_visible(file), text_string(error),
                     is_left ? "; the old one is as it was" : "");
}

// Whether the file may not be replaced. One that forklab uses itself is told of otherwise, as no
// option helps.
static bool export_file_is_kept(const char *file, bool overwrite)
{
    struct stat old;
    return !overwrite && stat(file, &old) == 0 && S_ISREG(old.st_mode) && !file_is_in_use(&old);
}

int export_file_try(struct call *call, const char *file, bool overwrite)
{
    struct text error = {0};
    if (export_file_is_kept(file, overwrite))
        return call_fail(call, EXPORT_FILE_IS_THERE, text_visible(file));
    int status = file_try(file, &error) ? STATUS_OK : export_file_fail(call, file, &error);
    text_free(&error);
    return status;
}

int export_file_write(struct call *call, const char *file, bool overwrite,
                      const struct text *content)
{
    struct text error = {0};
    int status = STATUS_OK;
    if (export_file_is_kept(file, overwrite))
        return call_fail(call, EXPORT_FILE_IS_THERE, text_visible(file));
    if (file_save(file, content, &error))
        call_summary(call, "%s: %zu bytes", text_visible(file), content->length);
    else
        status = export_file_fail(call, file, &error);
    text_free(&error);
    return status;
}
