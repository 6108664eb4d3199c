// SPDX-License-Identifier: GPL-3.0-or-later
// check: whether the figures of the last command are what a script expects.
#include "commands/table.h"

#include "base/number.h"
#include "base/out.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "shell/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct check_args {
    struct words words;
};

static const struct arg args[] = {
    {.name = "NAME OP VALUE",
     .type = ARG_WORDS,
     .field = offsetof(struct check_args, words),
     .help = "a figure of the last command, one of = != < <= > >=, and a number, a time or another "
             "figure; alone it shows all figures"},
    {0},
};

enum check_op { CHECK_IS, CHECK_IS_NOT, CHECK_LESS, CHECK_AT_MOST, CHECK_MORE, CHECK_AT_LEAST };

static const char *const check_ops[] = {"=", "!=", "<", "<=", ">", ">="};

enum { CHECK_OPS = sizeof check_ops / sizeof *check_ops };

static bool check_find_op(struct call *call, const char *word, enum check_op *op)
{
    for (int i = 0; i < CHECK_OPS; i++) {
        if (strcmp(word, check_ops[i]) == 0 || (i == CHECK_IS && strcmp(word, "==") == 0)) {
            *op = (enum check_op)i;
            return true;
        }
    }
    call_misuse(call, "OP must be =, !=, <, <=, > or >=, not '%s'", text_visible(word));
    return false;
}

static bool check_holds(double is, enum check_op op, double wanted)
{
    switch (op) {
    case CHECK_IS:
        return is == wanted;
    case CHECK_IS_NOT:
        return is != wanted;
    case CHECK_LESS:
        return is < wanted;
    case CHECK_AT_MOST:
        return is <= wanted;
    case CHECK_MORE:
        return is > wanted;
    case CHECK_AT_LEAST:
        return is >= wanted;
    }
    return false;
}

// Reads a number, which may be negative and have a point.
static bool check_parse_real(const char *word, double *value)
{
    char *end;
    if (word[strspn(word, "+-.0123456789eE")] != '\0' || *word == '\0')
        return false;
    errno = 0;
    *value = strtod(word, &end);
    return *end == '\0' && errno == 0;
}

static bool check_parse_value(struct call *call, const struct figure *figure, const char *word,
                              double *value)
{
    int64_t number;
    const struct figure *other = figures_find(word);
    if (other) {
        *value = other->real;
        return true;
    }
    if (figure->kind == FIGURE_TIME && number_parse_duration(word, 0, DURATION_MAX, &number)) {
        *value = (double)number;
        return true;
    }
    if (figure->kind != FIGURE_TIME && number_parse_count(word, 0, INT64_MAX, &number)) {
        *value = (double)number;
        return true;
    }
    if (figure->kind != FIGURE_TIME && check_parse_real(word, value))
        return true;
    call_misuse(call, "VALUE must be %s or a figure's name, not '%s'",
                figure->kind == FIGURE_TIME ? "a time, as in 250ms or 1.5s," : "a number",
                text_visible(word));
    return false;
}

static int check_refuse_name(struct call *call, const char *name)
{
    size_t count;
    struct text names = {0};
    const struct figure *all = figures_last(&count);
    for (size_t i = 0; i < count; i++)
        text_print(&names, "%s%s", i > 0 ? ", " : "", all[i].name);
    if (count == 0)
        call_misuse(call, "no command has had figures yet");
    else
        call_misuse(call, "the last command had no figure '%s'; it had %s", text_visible(name),
                    text_string(&names));
    text_free(&names);
    return STATUS_MISUSE;
}

static int check_figure(struct call *call, const struct words *words)
{
    const struct figure *figure = figures_find(words->all[0]);
    enum check_op op;
    double wanted;
    if (!figure)
        return check_refuse_name(call, words->all[0]);
    if (!check_find_op(call, words->all[1], &op) ||
        !check_parse_value(call, figure, words->all[2], &wanted))
        return STATUS_MISUSE;
    if (check_holds(figure->real, op, wanted))
        return STATUS_OK;
    struct text is = {0};
    figures_add_text(figure, &is);
    int status = call_fail(call, "%s is %s, not %s%s%s", figure->name, text_string(&is),
                           op == CHECK_IS ? "" : check_ops[op], op == CHECK_IS ? "" : " ",
                           text_visible(words->all[2]));
    text_free(&is);
    return status;
}

// How a worker ended, as multiprocessing has it: minus the signal, or its exit code.
static bool check_exit_of(struct call *call, const struct worker *worker, double *exit)
{
    if (worker_lives(worker)) {
        call_fail(call, "%s has not ended", text_visible(worker->name));
        return false;
    }
    *exit = worker->exit_signal ? -worker->exit_signal : worker->exit_code;
    return true;
}

static int check_exit(struct call *call, const struct worker *worker, enum check_op op,
                      const char *word)
{
    double exit, wanted;
    if (!check_parse_real(word, &wanted))
        return call_misuse(call, "VALUE must be an exit code, as in 0 or -9, not '%s'",
                           text_visible(word));
    if (!check_exit_of(call, worker, &exit))
        return STATUS_FAILED;
    if (check_holds(exit, op, wanted))
        return STATUS_OK;
    return call_fail(call, "the exit code of %s is %.0f, not %s%s%s", text_visible(worker->name),
                     exit, op == CHECK_IS ? "" : check_ops[op], op == CHECK_IS ? "" : " ",
                     text_visible(word));
}

// A state is what `jobs` shows; its first word will do.
static int check_state(struct call *call, const struct worker *worker, enum check_op op,
                       const char *word)
{
    char state[64];
    size_t length = strlen(word);
    if (op != CHECK_IS && op != CHECK_IS_NOT)
        return call_misuse(call, "OP must be = or != for a state");
    worker_state(worker, state, sizeof state);
    bool is = strncmp(state, word, length) == 0 && (state[length] == '\0' || state[length] == ' ');
    if (is == (op == CHECK_IS))
        return STATUS_OK;
    return call_fail(call, "%s is %s%s%s", text_visible(worker->name), state, is ? "" : ", not ",
                     is ? "" : text_visible(word));
}

// "exit TARGET OP VALUE" and "state TARGET OP WORD": of every worker that TARGET means.
static int check_workers(struct call *call, const struct words *words)
{
    struct targets targets = {0};
    struct text error = {0};
    enum check_op op;
    int status = STATUS_OK;
    bool is_exit = strcmp(words->all[0], "exit") == 0;
    if (!check_find_op(call, words->all[2], &op))
        status = STATUS_MISUSE;
    else if (!targets_add(&targets, words->all[1], false, &error))
        status = call_fail(call, "%s", text_string(&error));
    for (size_t i = 0; i < targets.count && status == STATUS_OK; i++)
        status = is_exit ? check_exit(call, targets.workers[i], op, words->all[3])
                         : check_state(call, targets.workers[i], op, words->all[3]);
    targets_free(&targets);
    text_free(&error);
    return status;
}

static int check_list(void)
{
    size_t count;
    const struct figure *all = figures_last(&count);
    for (size_t i = 0; i < count; i++) {
        struct text value = {0};
        figures_add_text(&all[i], &value);
        out_print("%-12s %s\n", all[i].name, text_string(&value));
        text_free(&value);
    }
    return STATUS_OK;
}

static int check_run(struct call *call)
{
    const struct check_args *check_args = call->args;
    const struct words *words = &check_args->words;
    bool is_worker = words->count > 0 &&
                     (strcmp(words->all[0], "exit") == 0 || strcmp(words->all[0], "state") == 0);
    if (words->count == 0)
        return check_list();
    if (is_worker && words->count == 4)
        return check_workers(call, words);
    if (words->count == 3)
        return check_figure(call, words);
    return call_misuse(call, "it takes NAME OP VALUE, exit TARGET OP CODE or state TARGET = STATE, "
                             "with blanks between them");
}

const struct command command_check = {
    .name = "check",
    .group = "Teaching",
    .summary = "fails unless a figure of the last command is as expected",
    .details = "The figures are those of --json. A time has a unit, as in 250ms or 1.5s. "
               "'before.NAME' is the figure of the command before the last one. 'check exit %1.0 "
               "= -9' looks at how a worker ended, 'check state %1.0 = zombie' at how it is now.",
    .example = "check wall < 2s",
    .args = args,
    .args_size = sizeof(struct check_args),
    .run = check_run,
};
