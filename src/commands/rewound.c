// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/rewound.h"

#include "base/json.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "base/signal.h"
#include "jobs/target.h"
#include "log/describe.h"
#include "log/fold.h"
#include "log/waits.h"
#include "shell/context.h"
#include "shell/json_output.h"
#include "shell/moment.h"
#include "shell/pager.h"
#include "view/table.h"
#include "view/tree.h"
#include "view/watch.h"
#include "view/worker_detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The width of a table through a pipe, which has none of its own.
enum { USUAL_COLUMNS = 100 };

void rewound_add_heading(struct text *text)
{
    text_print(text, "%s-- ", color(COLOR_DIM));
    moment_describe(text);
    text_print(text, "; 'rewind off' returns to now%s\n", color(COLOR_PLAIN));
}

int rewound_refuse_dropped(struct call *call)
{
    return call_fail(call, "the log has dropped that moment; 'rewind off' returns to now");
}

// Returns the job as it was, for model_free_job(); NULL after it told that the log has it no more.
static struct model_job *rewound_job(struct call *call)
{
    struct model_job *job = fold_at(moment_job(), moment_time());
    if (!job)
        rewound_refuse_dropped(call);
    return job;
}

// The target as `jobs` has it: %J.I, or %J of a job that is not remembered any more.
static void rewound_target(uint32_t number, char *text, size_t size)
{
    const struct job *job = jobs_find(moment_job());
    if (job && number < job->count)
        target_format(job->workers[number], text, size);
    else
        snprintf(text, size, "%%%" PRIu32, moment_job());
}

static int64_t rewound_lived(const struct model_worker *worker)
{
    return (worker->dead ? worker->ended : moment_time()) - worker->began;
}

static struct text *rewound_begin_row(const struct call *call, const char *type,
                                      const struct model_worker *worker)
{
    char target[TARGET_ROOM];
    struct text *row = json_output_begin(call, type);
    if (!row)
        return NULL;
    rewound_target(worker->number, target, sizeof target);
    moment_add_json(row);
    json_number(row, "job", moment_job());
    json_number(row, "worker", worker->number);
    json_text(row, "target", target);
    json_text(row, "name", worker->name);
    json_number(row, "pid", worker->pid);
    json_text(row, "state", describe_state_word(model_state(worker)));
    json_bool(row, "daemon", worker->daemon);
    json_number(row, "lived_ns", rewound_lived(worker));
    if (!worker->dead)
        return row;
    json_number(row, "exit_code", worker->exit_signal ? -worker->exit_signal : worker->exit_code);
    if (worker->exit_signal)
        json_text(row, "signal_name", signal_name((int)worker->exit_signal));
    json_number(row, "cpu_ns", worker->cpu_ns);
    return row;
}

// jobs

static void rewound_add_state(const struct model_job *job, const struct model_worker *worker,
                              struct table *table)
{
    char state[64];
    struct text about = {0};
    describe_state(worker, state, sizeof state);
    text_add_string(&about, state);
    if (model_state(worker) == STATE_WAITING)
        text_print(&about, ": %s", describe_object_name(job, worker->waits_for));
    table_cell(table, text_string(&about), color_of_state(state));
    text_free(&about);
}

static void rewound_add_row(const struct model_job *job, const struct model_worker *worker,
                            struct table *table)
{
    char target[TARGET_ROOM], time[32];
    rewound_target(worker->number, target, sizeof target);
    table_cell(table, target, COLOR_PLAIN);
    table_cell(table, worker->name, color_of_worker(worker->number));
    table_cell_print(table, "%" PRId64, worker->pid);
    rewound_add_state(job, worker, table);
    number_format_time(worker->cpu_ns, time, sizeof time);
    table_cell(table, worker->dead ? time : "-", COLOR_PLAIN);
    number_format_time(rewound_lived(worker), time, sizeof time);
    table_cell(table, time, COLOR_PLAIN);
    if (worker->dead)
        table_cell_print(table, "%" PRId64,
                         worker->exit_signal ? -worker->exit_signal : worker->exit_code);
    else
        table_cell(table, "-", COLOR_PLAIN);
}

static int rewound_refuse_other(struct call *call, const char *word)
{
    struct text moment = {0};
    moment_describe(&moment);
    int status = call_fail(call,
                           "the view is of %s, and %s is not of that job; 'rewind off' "
                           "returns to now",
                           text_string(&moment), text_visible(word));
    text_free(&moment);
    return status;
}

int rewound_check_jobs(struct call *call, const struct words *words)
{
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < words->count && status == STATUS_OK; i++) {
        uint32_t id;
        if (!target_job_id(words->all[i], &id, &error))
            status = call_fail(call, "%s", text_string(&error));
        else if (id != moment_job())
            status = rewound_refuse_other(call, words->all[i]);
    }
    text_free(&error);
    return status;
}

int rewound_jobs(struct call *call, const struct words *words)
{
    static const struct table_column columns[] = {
        {.title = "JOB"},
        {.title = "NAME", .give = NAMES},
        {.title = "PID", .right = true},
        {.title = "STATE"},
        {.title = "CPU", .right = true},
        {.title = "ELAPSED", .right = true},
        {.title = "EXIT", .right = true},
    };
    struct text text = {0};
    int status = rewound_check_jobs(call, words);
    struct model_job *job = status == STATUS_OK ? rewound_job(call) : NULL;
    if (!job)
        return STATUS_FAILED;
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    rewound_add_heading(&text);
    for (size_t i = 0; i < job->count; i++) {
        if (!job->workers[i]->known)
            continue;
        if (rewound_begin_row(call, "jobs", job->workers[i]))
            json_output_end();
        else
            rewound_add_row(job, job->workers[i], table);
    }
    table_write(table, context_columns(), &text);
    table_free(table);
    model_free_job(job);
    if (!json_output_is_on())
        return pager_show(call, &text);
    text_free(&text);
    return STATUS_OK;
}

// show

static void rewound_add_portrait(const struct model_job *job, const struct model_worker *worker,
                                 struct text *text)
{
    struct text waits = {0};
    bool lives = !worker->dead;
    struct worker_detail portrait = {.name = worker->name,
                                     .title = job->title,
                                     .color = color_of_heading(worker->number),
                                     .job = job->id,
                                     .pid = worker->pid,
                                     .kernel_silence = "it can't be asked about the past",
                                     .zombie = worker->dead && !worker->reaped,
                                     .said_pid = worker->said_pid,
                                     .said_parent = worker->said_parent,
                                     .claim = worker->claim,
                                     .progress = worker->progress,
                                     .results = worker->results,
                                     .daemon = worker->daemon,
                                     .own_pipe = job->deals,
                                     .lived = rewound_lived(worker),
                                     .died = lives ? -1 : moment_time() - worker->ended,
                                     .cpu = worker->cpu_ns,
                                     .exit_code = (int)worker->exit_code,
                                     .exit_signal = (int)worker->exit_signal};
    const struct job *now = jobs_find(job->id);
    if (now && worker->number < now->count)
        portrait.own_pipe = now->workers[worker->number]->own_pipe;
    if (model_state(worker) == STATE_WAITING) {
        waits_describe(job, worker, moment_time(), &waits);
        portrait.waits = text_string(&waits);
    }
    worker_detail_write(&portrait, context_columns(), text);
    text_free(&waits);
}

static int rewound_show_worker(struct call *call, const struct model_job *job,
                               const struct worker *target, struct text *text)
{
    if (target->job->id != moment_job())
        return rewound_refuse_other(call, target->name);
    const struct model_worker *worker = model_worker(job, target->number);
    if (!worker)
        return call_fail(call, "%s had not been started then", text_visible(target->name));
    struct text *row = rewound_begin_row(call, "show", worker);
    if (!row) {
        text_add_string(text, "\n");
        rewound_add_portrait(job, worker, text);
        return STATUS_OK;
    }
    if (worker->said_pid > 0) {
        json_number(row, "said_pid", worker->said_pid);
        json_number(row, "said_parent_pid", worker->said_parent);
    }
    json_number(row, "results", worker->results);
    json_output_end();
    return STATUS_OK;
}

// Whether the word means the whole job: then all that had been started are shown.
static bool rewound_is_job(const char *word)
{
    struct text error = {0};
    uint32_t id;
    bool is = target_is_job(word) && word[0] == '%' && target_job_id(word, &id, &error) &&
              id == moment_job();
    text_free(&error);
    return is;
}

static int rewound_show_word(struct call *call, const struct model_job *job, const char *word,
                             struct text *text)
{
    struct targets targets = {0};
    struct text error = {0};
    int status = STATUS_OK;
    bool is_job = rewound_is_job(word);
    if (!targets_add(&targets, word, false, &error))
        status = call_fail(call, "%s", text_string(&error));
    for (size_t i = 0; i < targets.count && status == STATUS_OK; i++)
        if (!is_job || model_worker(job, targets.workers[i]->number))
            status = rewound_show_worker(call, job, targets.workers[i], text);
    targets_free(&targets);
    text_free(&error);
    return status;
}

int rewound_show(struct call *call, const struct words *words)
{
    struct model_job *job = rewound_job(call);
    struct text text = {0};
    int status = job ? STATUS_OK : STATUS_FAILED;
    rewound_add_heading(&text);
    for (size_t i = 0; i < words->count && status == STATUS_OK; i++)
        status = rewound_show_word(call, job, words->all[i], &text);
    model_free_job(job);
    if (status == STATUS_OK && !json_output_is_on())
        return pager_show(call, &text);
    text_free(&text);
    return status;
}

// tree

// Adds the children of the process `parent` that were there, and theirs, from `nodes[count]` on.
// Returns how many there are then. A worker that has not said hello is forklab's own child.
static size_t rewound_add_children(const struct model_job *job, int64_t parent, size_t depth,
                                   struct tree_node *nodes, size_t count)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct model_worker *worker = job->workers[i];
        int64_t said = worker->said_parent > 0 ? worker->said_parent : getpid();
        if (!worker->known || worker->reaped || said != parent || depth > job->count)
            continue;
        enum state state = model_state(worker);
        nodes[count++] = (struct tree_node){.name = worker->name,
                                            .note = worker->daemon ? "daemon" : "",
                                            .word = describe_state_word(state),
                                            .pid = worker->pid,
                                            .depth = depth,
                                            .color = color_of_worker(worker->number)};
        if (worker->pid != parent)
            count = rewound_add_children(job, worker->pid, depth + 1, nodes, count);
    }
    return count;
}

static void rewound_report_node(const struct call *call, const struct tree_node *node)
{
    struct text *row = json_output_begin(call, "tree");
    moment_add_json(row);
    json_text(row, "name", node->name);
    json_number(row, "pid", node->pid);
    json_number(row, "depth", (int64_t)node->depth);
    json_text(row, "state", node->word);
    json_output_end();
}

int rewound_tree(struct call *call)
{
    struct model_job *job = rewound_job(call);
    struct text text = {0};
    if (!job)
        return STATUS_FAILED;
    struct tree_node *nodes = must_calloc(job->count + 1, sizeof *nodes);
    nodes[0] =
        (struct tree_node){.name = "forklab", .note = "", .word = "running", .pid = getpid()};
    size_t count = rewound_add_children(job, getpid(), 1, nodes, 1);
    rewound_add_heading(&text);
    for (size_t i = 0; i < count && json_output_is_on(); i++)
        rewound_report_node(call, &nodes[i]);
    tree_write(nodes, count, context_columns(), &text);
    free(nodes);
    model_free_job(job);
    if (!json_output_is_on())
        return pager_show(call, &text);
    text_free(&text);
    return STATUS_OK;
}

// watch

static bool rewound_wants_all(const void *data, uint32_t job, uint32_t worker)
{
    (void)data;
    (void)job;
    (void)worker;
    return true;
}

int rewound_watch(struct call *call)
{
    struct model_job *job = rewound_job(call);
    struct text text = {0};
    if (!job)
        return STATUS_FAILED;
    size_t columns = context_columns() > 0 ? context_columns() : USUAL_COLUMNS;
    struct model model = {.jobs = &job, .count = 1};
    struct watch_view view = {.model = &model, .wanted = rewound_wants_all, .columns = columns};
    rewound_add_heading(&text);
    watch_write_sum(&view, &text);
    text_add_string(&text, "\n");
    watch_write(&view, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    model_free_job(job);
    return STATUS_OK;
}
