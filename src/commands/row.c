// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/row.h"

#include "base/json.h"
#include "base/signal.h"
#include "jobs/job.h"
#include "jobs/target.h"

#include <string.h>

struct text *row_begin(const struct call *call, const char *type, const struct worker *worker)
{
    char target[TARGET_ROOM];
    struct text *row = json_output_begin(call, type);
    if (!row)
        return NULL;
    target_format(worker, target, sizeof target);
    json_number(row, "job", worker->job->id);
    json_number(row, "worker", worker->number);
    json_text(row, "target", target);
    json_text(row, "name", worker->name);
    json_number(row, "pid", worker->shown_pid);
    return row;
}

void row_add_state(struct text *row, const struct worker *worker)
{
    char state[64];
    worker_state(worker, state, sizeof state);
    state[strcspn(state, " ")] = '\0';
    json_text(row, "state", state);
    if (worker_lives(worker))
        return;
    json_number(row, "exit_code", worker->exit_signal ? -worker->exit_signal : worker->exit_code);
    if (worker->exit_signal)
        json_text(row, "signal_name", signal_name(worker->exit_signal));
}
