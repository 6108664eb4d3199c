// SPDX-License-Identifier: GPL-3.0-or-later
// record: keeps what is typed as a script.
#include "commands/table.h"

#include "base/file.h"
#include "base/out.h"
#include "commands/export_file.h"
#include "shell/call.h"
#include "shell/recording.h"

#include <errno.h>
#include <string.h>

struct record_args {
    const char *file;
    bool overwrite;
};

static const char *const endings[] = {"off", NULL};

static const struct arg args[] = {
    {.name = "FILE",
     .type = ARG_FILE,
     .field = offsetof(struct record_args, file),
     .choices = endings,
     .help = "the new script; off to end the recording (./off is a file); alone it says what is "
             "recorded"},
    EXPORT_FILE_OVERWRITE(struct record_args),
    {0},
};

static void record_tell(const char *ending)
{
    size_t count = recording_count();
    out_print("%s: %zu command%s%s\n", text_visible(recording_path()), count, count == 1 ? "" : "s",
              ending);
}

static int record_start(struct call *call, const struct record_args *record_args)
{
    if (recording_path())
        return call_fail(call, "%s is being recorded already; 'record off' ends that",
                         text_visible(recording_path()));
    const char *failed_call;
    if (recording_open(record_args->file, record_args->overwrite, &failed_call))
        return STATUS_OK;
    const char *file = text_visible(record_args->file);
    if (!failed_call)
        return call_fail(call, "%s is there already, and is no plain file", file);
    if (errno == EEXIST)
        return call_fail(call, EXPORT_FILE_IS_THERE, file);
    if (errno == ETXTBSY)
        return call_fail(call, "%s: " FILE_IN_USE "; the old one is as it was", file);
    return call_fail(call, "%s(%s): %s", failed_call, file, strerror(errno));
}

static int record_end(struct call *call)
{
    if (!recording_path())
        return call_fail(call, "nothing is being recorded");
    record_tell("");
    recording_close();
    return STATUS_OK;
}

static int record_run(struct call *call)
{
    const struct record_args *record_args = call->args;
    bool off = record_args->file && strcmp(record_args->file, "off") == 0;
    if ((off || !record_args->file) && record_args->overwrite)
        return call_misuse(call, "--overwrite needs a FILE");
    if (off)
        return record_end(call);
    if (record_args->file)
        return record_start(call, record_args);
    if (recording_path())
        record_tell(" so far");
    else
        out_print("nothing is being recorded\n");
    return STATUS_OK;
}

const struct command command_record = {
    .name = "record",
    .group = "Controlling",
    .summary = "keeps what is typed from here on as a script that forklab runs again",
    .details =
        "Every command but record itself that is understood is appended at once, also one that "
        "fails. A script stops at its first failure; 'forklab -k FILE' goes on, as the prompt did. "
        "What a "
        "sourced file or a repetition runs is not repeated in it.",
    .example = "record lesson.fl",
    .args = args,
    .args_size = sizeof(struct record_args),
    .unrecorded = true,
    .run = record_run,
};
