// SPDX-License-Identifier: GPL-3.0-or-later
// pipe: two workers and two pipes between them: messages, the end of file, and what keeps it away.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/launch.h"
#include "commands/pipe_party.h"
#include "commands/summary.h"
#include "log/events.h"
#include "worker/steps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe_args {
    struct words texts;
    int64_t bytes;
    bool keep_end, close_reader;
    struct launch_args work;
};

static const char *const pipe_steps[] = {"put", "get", NULL};

static const struct arg args[] = {
    {.name = "--bytes",
     .type = ARG_COUNT,
     .field = offsetof(struct pipe_args, bytes),
     .max = 1000000000,
     .standard = -1,
     .help = "p1 writes so many bytes instead, and says how often it waited for p2"},
    {.name = "--keep-end",
     .type = ARG_FLAG,
     .field = offsetof(struct pipe_args, keep_end),
     .help = "forklab keeps a writing end open: p2 sees no end of file, until that is found"},
    {.name = "--close-reader",
     .type = ARG_FLAG,
     .field = offsetof(struct pipe_args, close_reader),
     .help = "p2 ends without reading: what becomes of p1, which writes"},
    ARG_FOR(struct pipe_args),
    ARG_STAGGER(struct pipe_args, 0),
    ARG_TIMEOUT(struct pipe_args),
    ARG_DAEMON(struct pipe_args),
    ARG_AS(struct pipe_args),
    ARG_WHICH(struct pipe_args, 1),
    {.name = "--at",
     .type = ARG_CHOICE,
     .field = offsetof(struct pipe_args, work.at),
     .standard = -1,
     .choices = pipe_steps,
     .help = "where it misbehaves: before p1 puts anything in, or before p2 gets anything out"},
    {.name = "TEXT",
     .type = ARG_ALL_TARGETS,
     .field = offsetof(struct pipe_args, texts),
     .standard_is = "hello world",
     .help = "what p1 sends, a message each"},
    {0},
};

enum { ASKER, ANSWERER, PARTIES };

#define PIPE_LOOK_AFTER (300 * NS_PER_MS)

struct pipe_state {
    struct pipe_scene scene;
    int keep[PARTIES][FORK_KEPT_MOST]; // out, in, socket; -1 once it is closed
    bool let_go, looked;
};

static void pipe_close_ends(struct lab *lab, bool but_kept)
{
    struct pipe_state *state = lab->data;
    for (int party = 0; party < PARTIES; party++)
        for (int i = 0; i < FORK_KEPT_MOST; i++) {
            int *fd = &state->keep[party][i];
            if (*fd < 0 || (but_kept && party == ASKER && i == 0))
                continue;
            int error = close(*fd) < 0 ? errno : 0;
            events_call(lab->job->id, NO_WORKER,
                        (struct event){.call = CALL_CLOSE, .a = *fd, .error = error});
            *fd = -1;
        }
}

// Opens two pipes and a pair of sockets. False with errno, and `call` names what failed.
static bool pipe_open_ends(struct lab *lab, const char **call)
{
    struct pipe_state *state = lab->data;
    int there[2] = {-1, -1}, back[2] = {-1, -1}, sockets[2] = {-1, -1};
    *call = "pipe2";
    int result = pipe2(there, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0 ? -1 : 0;
    if (result == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
        *call = "socketpair";
        result = -1;
    }
    int error = errno, ends[PARTIES][FORK_KEPT_MOST] = {{there[1], back[0], sockets[0]},
                                                        {back[1], there[0], sockets[1]}};
    memcpy(state->keep, ends, sizeof ends);
    for (int i = 0; i < 2; i++)
        events_call(lab->job->id, NO_WORKER,
                    (struct event){.call = CALL_PIPE2,
                                   .a = i == 0 ? there[0] : back[0],
                                   .b = i == 0 ? there[1] : back[1],
                                   .error = result < 0 ? error : 0});
    errno = error;
    return result == 0;
}

static void pipe_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct pipe_args *pipe_args = launch_call(lab)->args;
    struct pipe_state *state = lab->data;
    *assignment = launch_assign(&pipe_args->work, number + 1);
    // A fault that is told no step is for the first thing that each does.
    enum step first = number == ASKER ? STEP_PUT : STEP_GET;
    assignment->self.at =
        pipe_args->work.at < 0 ? first : launch_step(&pipe_args->work, pipe_steps);
    assignment->run = number == ASKER ? pipe_party_ask : pipe_party_answer;
    assignment->argument = &state->scene;
    assignment->kept = FORK_KEPT_MOST;
    memcpy(assignment->keep, state->keep[number], sizeof assignment->keep);
    lab_name(lab, number, assignment);
}

// Once both have theirs, closes what forklab has of the pipes; but with --keep-end not what that is
// about.
static void pipe_let_go(struct lab *lab)
{
    struct pipe_state *state = lab->data;
    if (state->let_go || lab->job->count < PARTIES)
        return;
    state->let_go = true;
    pipe_close_ends(lab, state->scene.keeps_end);
}

static bool pipe_frame(struct worker *worker, const struct frame *frame, const void *block)
{
    pipe_let_go(lab_of(worker));
    return launch_print_lines(worker, frame, block);
}

// Says which descriptors of a process are a writing end of the pipe that `link` names. By /proc.
static void pipe_tell_holder(const char *name, pid_t pid, const char *link)
{
    char folder[64], path[384], target[64];
    snprintf(folder, sizeof folder, "/proc/%d/fd", (int)pid);
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        // A descriptor's link may be read where it may not be.
        if (strcmp(target, link) == 0 && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
            out_print("%s (%d) still holds the writing end, descriptor %s: as long as it does, no "
                      "reader sees the end\n",
                      name, (int)pid, entry->d_name);
    }
    if (directory)
        closedir(directory);
}

// p1 has ended some time ago, and p2 still waits: finds out why, and ends that.
static void pipe_look(struct lab *lab)
{
    struct pipe_state *state = lab->data;
    const struct worker *reader = lab->job->workers[ANSWERER];
    char path[64], link[64], waited[32];
    if (!worker_lives(reader))
        return;
    number_format_time(clock_now() - lab->job->workers[ASKER]->died, waited, sizeof waited);
    out_print("p2 still waits, %s after p1 ended: no end of file\n", waited);
    snprintf(path, sizeof path, "/proc/self/fd/%d", state->keep[ASKER][0]);
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length > 0) {
        link[length] = '\0';
        pipe_tell_holder("forklab itself", getpid(), link);
    }
    out_print("forklab closes it\n");
    pipe_close_ends(lab, false);
}

static void pipe_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    struct pipe_state *state = lab->data;
    pipe_let_go(lab);
    if (!state->scene.keeps_end || worker->number != ASKER || state->looked || lab->stopped)
        return;
    state->looked = true;
    if (lab->job->count == PARTIES)
        lab_after(lab, PIPE_LOOK_AFTER, pipe_look);
}

// With --close-reader its end by SIGPIPE is what was to be shown.
static int pipe_judge(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct pipe_state *state = lab->data;
    if (!state->scene.closes_reader || lab->job->count < PARTIES || call->failed)
        return call->failed && !call->interrupted ? STATUS_FAILED : summary_conclude(call);
    const struct worker *writer = lab->job->workers[ASKER];
    if (writer->exit_signal != SIGPIPE || !worker_did_well(lab->job->workers[ANSWERER]))
        return summary_conclude(call);
    out_print("p1 was killed by SIGPIPE: exit code %d\n", -writer->exit_signal);
    return STATUS_OK;
}

static int pipe_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    struct times times = summary_times(lab->job);
    char wall[32];
    pipe_close_ends(lab, false);
    int status = pipe_judge(lab);
    number_format_time(times.wall, wall, sizeof wall);
    if (lab->job->count > 0)
        call_summary(call, "two pipes between %zu workers, wall %s", lab->job->count, wall);
    else
        summary_of_none(call);
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops pipe_lab_ops = {.assign = pipe_assign,
                                            .not_started = launch_end_not_started,
                                            .frame = pipe_frame,
                                            .ended = pipe_ended,
                                            .timed_out = launch_tell_timeout,
                                            .over = pipe_conclude};

static void pipe_set_scene(struct pipe_scene *scene, const struct pipe_args *pipe_args)
{
    static char hello[] = "hello", world[] = "world";
    static char *const standard[] = {hello, world};
    bool given = pipe_args->texts.count > 0;
    *scene = (struct pipe_scene){.texts = given ? pipe_args->texts.all : standard,
                                 .count = given ? pipe_args->texts.count : 2,
                                 .bytes = pipe_args->bytes,
                                 .keeps_end = pipe_args->keep_end,
                                 .closes_reader = pipe_args->close_reader};
}

// Texts are no workers: nothing is offered for them.
static const char *const *pipe_offer(const char *before)
{
    static const char *const none[] = {NULL};
    return before[0] == '-' ? NULL : none;
}

static int pipe_run(struct call *call)
{
    const struct pipe_args *pipe_args = call->args;
    const char *failed;
    int status = launch_check(call, &pipe_args->work, 1, PARTIES);
    if (status == STATUS_OK)
        status = launch_check_at(call, &pipe_args->work);
    if (status != STATUS_OK)
        return status;
    if (pipe_args->keep_end + pipe_args->close_reader + (pipe_args->bytes >= 0) > 1)
        return call_misuse(call, "--bytes, --keep-end and --close-reader are apart: give one");
    for (size_t i = 0; i < pipe_args->texts.count; i++)
        if (strlen(pipe_args->texts.all[i]) > 200)
            return call_misuse(call, "a message has at most 200 bytes");
    struct lab_plan plan = {.workers = PARTIES,
                            .start = LAB_STAGGERED,
                            .stagger = pipe_args->work.stagger,
                            .timeout = pipe_args->work.timeout};
    struct lab *lab =
        launch_lab(call, &plan, &pipe_lab_ops, &pipe_args->work, sizeof(struct pipe_state));
    struct pipe_state *state = lab->data;
    pipe_set_scene(&state->scene, pipe_args);
    if (!pipe_open_ends(lab, &failed)) {
        call_fail(call, "%s: %s", failed, strerror(errno));
        lab_give_up(lab);
        return STATUS_PENDING;
    }
    lab_begin(lab);
    pipe_let_go(lab);
    return STATUS_PENDING;
}

const struct command command_pipe = {
    .name = "pipe",
    .group = "Sharing",
    .summary = "sends messages through pipes, and shows what keeps their end away",
    .details = "p1 writes, p2 reads and answers in capitals. Then: several messages at once, "
               "polls, a file passed on, a full pipe, and the end of file.\nThe end of file comes "
               "when the last writing end is closed, whichever process has it: 'tree --fds' "
               "shows all.",
    .example = "pipe --keep-end",
    .args = args,
    .args_size = sizeof(struct pipe_args),
    .offer = pipe_offer,
    .background = true,
    .acts = true,
    .run = pipe_run,
};
