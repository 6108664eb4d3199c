// SPDX-License-Identifier: GPL-3.0-or-later
// tree: forklab and all that descends from it, and which process holds which end of which pipe.
#include "commands/table.h"

#include "base/json.h"
#include "commands/rewound.h"
#include "shell/moment.h"
#include "jobs/target.h"
#include "shell/json_output.h"
#include "shell/pager.h"
#include "base/must.h"
#include "base/out.h"
#include "os/proc_tree.h"
#include "shell/call.h"
#include "log/describe.h"
#include "log/model.h"
#include "shell/context.h"
#include "view/arrows.h"
#include "view/tree.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tree_args {
    bool fds;
};

static const struct arg args[] = {
    {.name = "--fds",
     .type = ARG_FLAG,
     .field = offsetof(struct tree_args, fds),
     .help = "which process holds which end of which pipe, too"},
    {0},
};

// An end that some process of the family holds.
struct end {
    uint64_t inode;
    size_t member;
    int fd;
    bool writes;
};

// What a pipe is for.
struct purpose {
    uint64_t inode;
    const struct worker *worker; // of a shared one, the first
    bool tasks, shared;
};

struct family {
    struct proc_member *members;
    size_t count;
    char **names; // by member
    struct end *ends;
    size_t end_count;
    struct purpose *purposes;
    size_t purpose_count;
};

static const struct worker *tree_worker_of(const struct family *family, size_t member)
{
    return worker_by_pid(family->members[member].proc.pid);
}

// A descendant that has not named itself has the name of the program.
static bool tree_is_unnamed(const struct family *family, size_t member)
{
    return strcmp(family->members[member].proc.name, family->members[0].proc.name) == 0;
}

static char *tree_name_member(const struct family *family, size_t member)
{
    const struct worker *worker = tree_worker_of(family, member);
    const struct worker *parent = worker_by_pid(family->members[member].proc.parent);
    struct text name = {0};
    if (member == 0)
        text_add_string(&name, "forklab");
    else if (worker)
        text_add_string(&name, worker->name);
    else if (family->members[member].depth == 1)
        text_add_string(&name, "orphan, adopted");
    else if (parent && tree_is_unnamed(family, member))
        text_print(&name, "child of %s", parent->name);
    else
        text_add_string(&name, family->members[member].proc.name);
    return name.bytes;
}

static void tree_add_nodes(const struct family *family, struct text *text)
{
    struct tree_node *nodes = must_calloc(family->count, sizeof *nodes);
    char(*notes)[32] = must_calloc(family->count, sizeof *notes);
    for (size_t i = 0; i < family->count; i++) {
        const struct proc *proc = &family->members[i].proc;
        const struct worker *worker = tree_worker_of(family, i);
        if (worker)
            snprintf(notes[i], sizeof notes[i], "%%%u%s", worker->job->id,
                     worker->daemon ? ", daemon" : "");
        nodes[i] =
            (struct tree_node){.name = family->names[i],
                               .note = notes[i],
                               .word = proc_state_word(proc->state),
                               .pid = proc->pid,
                               .depth = family->members[i].depth,
                               .color = worker ? color_of_worker(worker->number) : COLOR_PLAIN,
                               .state = proc->state};
    }
    tree_write(nodes, family->count, context_columns(), text);
    free(nodes);
    free(notes);
}

// False with errno when the kernel can't be asked.
static bool tree_collect_ends(struct family *family)
{
    size_t room = 0;
    for (size_t i = 0; i < family->count; i++) {
        struct proc_fds fds;
        if (!proc_read_fds(family->members[i].proc.pid, &fds)) {
            if (proc_is_withheld(errno))
                continue;
            return false;
        }
        for (size_t j = 0; j < fds.count; j++) {
            uint64_t inode = proc_pipe_inode(fds.all[j].what);
            if (inode == 0)
                continue;
            if (family->end_count == room) {
                room = room ? room * 2 : 64;
                family->ends = must_realloc(family->ends, room, sizeof *family->ends);
            }
            family->ends[family->end_count++] =
                (struct end){inode, i, fds.all[j].fd, fds.all[j].writes};
        }
        proc_free_fds(&fds);
    }
    return true;
}

static void tree_add_purpose(struct family *family, size_t *room, struct purpose purpose)
{
    if (purpose.inode == 0)
        return;
    if (family->purpose_count == *room) {
        *room = *room ? *room * 2 : 64;
        family->purposes = must_realloc(family->purposes, *room, sizeof *family->purposes);
    }
    family->purposes[family->purpose_count++] = purpose;
}

static void tree_collect_purposes(struct family *family)
{
    size_t room = 0;
    for (struct job *job = jobs_first(); job; job = job->next) {
        bool told = false; // of the one that its workers share
        for (size_t i = 0; i < job->count && !job->done; i++) {
            const struct worker *worker = job->workers[i];
            if (worker->own_pipe || !told)
                tree_add_purpose(family, &room,
                                 (struct purpose){worker_reports_inode(worker), worker, false,
                                                  !worker->own_pipe});
            told |= !worker->own_pipe && worker->channel;
            tree_add_purpose(family, &room,
                             (struct purpose){worker_tasks_inode(worker), worker, true, false});
        }
    }
}

static int tree_by_inode(const void *a, const void *b)
{
    const struct purpose *one = a, *two = b;
    return one->inode < two->inode ? -1 : one->inode > two->inode;
}

// By pipe; the writing ends first; else in the order of the tree.
static int tree_by_pipe(const void *a, const void *b)
{
    const struct end *one = a, *two = b;
    if (one->inode != two->inode)
        return one->inode < two->inode ? -1 : 1;
    if (one->writes != two->writes)
        return one->writes ? -1 : 1;
    if (one->member != two->member)
        return one->member < two->member ? -1 : 1;
    return one->fd - two->fd;
}

static const struct purpose *tree_purpose_of(const struct family *family, uint64_t inode)
{
    struct purpose wanted = {.inode = inode};
    return family->purpose_count == 0 ? NULL
                                      : bsearch(&wanted, family->purposes, family->purpose_count,
                                                sizeof wanted, tree_by_inode);
}

static void tree_add_title(const struct purpose *purpose, struct text *title)
{
    if (!purpose)
        text_add_string(title, "which came from outside");
    else if (purpose->tasks)
        text_print(title, "the tasks for %s", purpose->worker->name);
    else if (purpose->shared)
        text_print(title, "the reports of all workers of %%%u", purpose->worker->job->id);
    else
        text_print(title, "the reports of %s", purpose->worker->name);
}

// Whether a writing end is where it belongs: of a pipe for tasks here, of others in the worker, or
// in one of the workers that share it.
static bool tree_end_belongs(const struct family *family, const struct purpose *purpose,
                             const struct end *end)
{
    const struct worker *holder = tree_worker_of(family, end->member);
    if (purpose->tasks)
        return end->member == 0;
    return holder == purpose->worker ||
           (purpose->shared && holder && holder->job == purpose->worker->job);
}

// Says why an end keeps its pipe from ending: a process that reads it would wait for ever. NULL
// when it is where it belongs.
static char *tree_explain(const struct family *family, const struct purpose *purpose,
                          const struct end *end)
{
    struct text why = {0};
    if (!purpose || !end->writes || tree_end_belongs(family, purpose, end))
        return NULL;
    if (purpose->tasks)
        text_print(&why, "keeps %s from seeing the end of its tasks", purpose->worker->name);
    else if (end->member == 0)
        text_add_string(&why, "keeps the pipe from ending: forklab holds it for workers to come, "
                              "and learns from the kernel, not from the pipe, which have ended");
    else
        text_print(&why, "keeps the pipe from ending when %s does",
                   purpose->shared ? "the last worker" : purpose->worker->name);
    return why.bytes;
}

// Adds the pipe whose ends begin at `first`. Returns the index behind them.
static size_t tree_add_pipe(const struct family *family, size_t number, size_t first,
                            struct text *text)
{
    size_t end = first;
    while (end < family->end_count && family->ends[end].inode == family->ends[first].inode)
        end++;
    const struct purpose *purpose = tree_purpose_of(family, family->ends[first].inode);
    struct tree_end *ends = must_calloc(end - first, sizeof *ends);
    char **whys = must_calloc(end - first, sizeof *whys);
    struct text title = {0};
    tree_add_title(purpose, &title);
    for (size_t i = first; i < end; i++) {
        const struct end *held = &family->ends[i];
        whys[i - first] = tree_explain(family, purpose, held);
        ends[i - first] = (struct tree_end){.holder = family->names[held->member],
                                            .why = whys[i - first],
                                            .pid = family->members[held->member].proc.pid,
                                            .fd = held->fd,
                                            .writes = held->writes};
    }
    struct tree_pipe pipe = {text_string(&title), family->ends[first].inode, ends, end - first};
    tree_write_pipe(number, &pipe, context_columns(), text);
    for (size_t i = 0; i < end - first; i++)
        free(whys[i]);
    free(whys);
    free(ends);
    text_free(&title);
    return end;
}

// The nodes, each behind its parent, and the ends of pipes with --fds, as objects.
static void tree_report_node(const struct call *call, const struct family *family, size_t member)
{
    const struct proc *proc = &family->members[member].proc;
    const struct worker *worker = tree_worker_of(family, member);
    struct text *row = json_output_begin(call, "tree");
    json_text(row, "name", family->names[member]);
    json_number(row, "pid", proc->pid);
    json_number(row, "parent_pid", proc->parent);
    json_number(row, "depth", (int64_t)family->members[member].depth);
    json_text(row, "kernel_state", (char[2]){proc->state, '\0'});
    if (worker) {
        char target[TARGET_ROOM];
        target_format(worker, target, sizeof target);
        json_number(row, "job", worker->job->id);
        json_number(row, "worker", worker->number);
        json_text(row, "target", target);
        json_bool(row, "daemon", worker->daemon);
    }
    json_output_end();
}

static void tree_report_end(const struct call *call, const struct family *family, int64_t number,
                            const struct end *end)
{
    const struct purpose *purpose = tree_purpose_of(family, end->inode);
    struct text title = {0};
    struct text *row = json_output_begin(call, "pipe_end");
    char *why = tree_explain(family, purpose, end);
    tree_add_title(purpose, &title);
    json_number(row, "pipe", number);
    json_number(row, "inode", (int64_t)end->inode);
    json_text(row, "what", text_string(&title));
    json_number(row, "pid", family->members[end->member].proc.pid);
    json_text(row, "name", family->names[end->member]);
    json_number(row, "fd", end->fd);
    json_bool(row, "writes", end->writes);
    if (why)
        json_text(row, "keeps_open", why);
    json_output_end();
    free(why);
    text_free(&title);
}

static void tree_report_wait(const struct call *call, const struct worker *worker)
{
    const struct model_job *job = model_job(model_now(), worker->job->id);
    const struct model_worker *waiting = worker_in_model(worker);
    const struct model_object *object =
        job && waiting ? model_object(job, waiting->waits_for) : NULL;
    char target[TARGET_ROOM];
    struct text holders = {0};
    if (!object)
        return;
    struct text *row = json_output_begin(call, "wait");
    target_format(worker, target, sizeof target);
    arrows_add_holders(job, object, &holders);
    json_number(row, "job", job->id);
    json_number(row, "worker", worker->number);
    json_text(row, "target", target);
    json_text(row, "name", worker->name);
    json_number(row, "object", object->number);
    json_text(row, "waits_for", describe_object_name(job, object->number));
    if (object->holder_count > 0) {
        json_number(row, "holder", object->holders[0].worker);
        json_text(row, "held_by", text_string(&holders));
    }
    json_output_end();
    text_free(&holders);
}

static void tree_report(const struct call *call, const struct family *family)
{
    int64_t pipe = 0;
    for (size_t i = 0; i < family->count; i++)
        tree_report_node(call, family, i);
    for (size_t i = 0; i < family->count; i++)
        if (tree_worker_of(family, i))
            tree_report_wait(call, tree_worker_of(family, i));
    for (size_t i = 0; i < family->end_count; i++) {
        pipe += i == 0 || family->ends[i].inode != family->ends[i - 1].inode;
        tree_report_end(call, family, pipe, &family->ends[i]);
    }
}

static void tree_sort(struct family *family)
{
    tree_collect_purposes(family);
    if (family->end_count > 0)
        qsort(family->ends, family->end_count, sizeof *family->ends, tree_by_pipe);
    if (family->purpose_count > 0)
        qsort(family->purposes, family->purpose_count, sizeof *family->purposes, tree_by_inode);
}

static void tree_add_pipes(const struct family *family, struct text *text)
{
    size_t number = 0;
    for (size_t i = 0; i < family->end_count;) {
        text_add_string(text, "\n");
        i = tree_add_pipe(family, ++number, i, text);
    }
    if (number == 0)
        text_add_string(text, "\nno pipes\n");
}

static void tree_add_waits(struct text *text)
{
    for (const struct job *job = jobs_first(); job; job = job->next) {
        const struct model_job *known = job->done ? NULL : model_job(model_now(), job->id);
        if (known)
            arrows_write(known, context_columns(), text);
    }
}

static void tree_write_all(const struct family *family, bool pipes, struct text *text)
{
    tree_add_nodes(family, text);
    tree_add_waits(text);
    if (pipes)
        tree_add_pipes(family, text);
}

// Reads which processes there are, and names them. False with errno, and nothing to be freed.
static bool tree_collect(struct family *family)
{
    family->members = proc_tree_read(getpid(), &family->count);
    if (!family->members)
        return false;
    family->names = must_calloc(family->count, sizeof *family->names);
    for (size_t i = 0; i < family->count; i++)
        family->names[i] = tree_name_member(family, i);
    return true;
}

static void tree_free(struct family *family)
{
    for (size_t i = 0; i < family->count; i++)
        free(family->names[i]);
    free(family->names);
    free(family->members);
    free(family->ends);
    free(family->purposes);
}

static int tree_run(struct call *call)
{
    const struct tree_args *tree_args = call->args;
    struct family family = {0};
    struct text text = {0};
    reaper_collect();
    if (moment_is_past() && tree_args->fds)
        return call_refuse(call, "--fds is of now: the log has no descriptors; 'rewind off' first");
    if (moment_is_past())
        return rewound_tree(call);
    if (!tree_collect(&family))
        return call_fail(call, "/proc: %s", proc_error(errno));
    int status = STATUS_OK;
    if (tree_args->fds && !tree_collect_ends(&family))
        status = call_fail(call, "/proc: %s", proc_error(errno));
    else if (tree_args->fds)
        tree_sort(&family);
    if (json_output_is_on())
        tree_report(call, &family);
    else
        tree_write_all(&family, tree_args->fds && status == STATUS_OK, &text);
    tree_free(&family);
    if (status == STATUS_OK && text.length > 0)
        return pager_show(call, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    return status;
}

const struct command command_tree = {
    .name = "tree",
    .group = "Looking",
    .summary = "the processes as a tree, by the kernel's account",
    .details = "Below it an arrow leads from each worker that waits to those that keep it so.\n"
               "Parents, children and states (R running, S sleeping, T stopped, Z zombie) are read "
               "from /proc. With --fds follow the pipes. A pipe ends when no process holds an end "
               "that writes; behind a '!' stands which process keeps one from ending.",
    .example = "tree --fds",
    .args = args,
    .args_size = sizeof(struct tree_args),
    .run = tree_run,
};
