// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/schema.h"

#include "base/die.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#define NONE             {FIELD_NONE, NULL}
#define UNTOLD           {FIELD_UNTOLD, NULL}
#define NUMBER(name)     {FIELD_NUMBER, name}
#define CLAIM(name)      {FIELD_CLAIM, name}
#define PROGRESS(name)   {FIELD_PROGRESS, name}
#define SIGNAL(name)     {FIELD_SIGNAL, name}
#define END_SIGNAL(name) {FIELD_END_SIGNAL, name}
#define EXIT(name)       {FIELD_EXIT, name}
#define CPU(name)        {FIELD_CPU, name}
#define ERRNO(name)      {FIELD_ERRNO, name}
#define OWNER(name)      {FIELD_OWNER, name}
#define WENT_ON(name)    {FIELD_WENT_ON, name}
#define OUTCOME(name)    {FIELD_OUTCOME, name}
#define ANSWER(name)     {FIELD_ANSWER, name}
#define WALL(name)       {FIELD_WALL, name}
// clang-format on

static const struct schema_kind schema_kinds[] = {
#define EVENT(kind, name, speaker, a, b, c, words, mark, sign, effect)                             \
    [EVENT_##kind] = {name, SPEAKER_##speaker, a, b, c, words, mark, SIGN_##sign, EFFECT_##effect},
#define SYSTEM_CALL(...)
#include "log/events.def"
#undef EVENT
#undef SYSTEM_CALL
};

static const struct schema_kind schema_calls[] = {
#define EVENT(...)
#define SYSTEM_CALL(call, name, a, b, words, result)                                               \
    [CALL_##call] = {name, SPEAKER_FORKLAB, a, b, NONE, words, result, SIGN_NOT, EFFECT_NONE},
#include "log/events.def"
#undef EVENT
#undef SYSTEM_CALL
};

_Static_assert(EVENT_KINDS <= 256 && CALL_END <= 256, "a kind and a call take a byte in an event");

const struct schema_kind *schema_of(enum event_kind kind)
{
    BUG_IF(kind >= EVENT_KINDS);
    return &schema_kinds[kind];
}

const struct schema_kind *schema_of_call(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return &schema_calls[call];
}

const struct schema_kind *schema_of_event(const struct event *event)
{
    return event->kind == EVENT_CALL ? schema_of_call(event->call) : schema_of(event->kind);
}

const char *schema_claim(int64_t claim)
{
    static const char *const words[] = {[CLAIM_STARTING] = "starting",
                                        [CLAIM_WORKING] = "working",
                                        [CLAIM_AT_BARRIER] = "at_barrier",
                                        [CLAIM_AT_LOCK] = "at_lock",
                                        [CLAIM_DONE] = "done"};
    return claim >= CLAIM_STARTING && claim <= CLAIM_DONE ? words[claim] : "?";
}

const char *schema_went_on(int64_t why)
{
    static const char *const words[] = {
        [WENT_ON_WOKEN] = "woken", [WENT_ON_TIMED_OUT] = "timed_out", [WENT_ON_BROKEN] = "broken"};
    return why >= WENT_ON_WOKEN && why <= WENT_ON_BROKEN ? words[why] : "?";
}

const char *schema_answer(int64_t answer)
{
    switch (WAIT_CODE(answer)) {
    case 0:
        return "no_change";
    case CLD_EXITED:
        return "exited";
    case CLD_STOPPED:
        return "stopped";
    case CLD_CONTINUED:
        return "continued";
    default:
        return "killed";
    }
}

int64_t schema_exit(const struct event *event)
{
    return event->b ? -event->b : event->a;
}

enum sign schema_sign(const struct event *event)
{
    enum sign sign = schema_of(event->kind)->sign;
    bool is_sent = sign != SIGN_SIGNAL || event->b == 0;
    bool is_killed = sign != SIGN_DEATH || event->b > 0;
    return is_sent && is_killed ? sign : SIGN_NOT;
}

bool schema_holds(const struct event *event, const char **pattern)
{
    const char *end = strchr(*pattern, '}'), *name = *pattern + 2;
    if (strncmp(*pattern, "{?", 2) != 0)
        return true;
    size_t length = (size_t)(end - name);
    *pattern = end + 1;
    if (strncmp(name, "gone", length) == 0)
        return event->b == ESRCH;
    if (strncmp(name, "owner", length) == 0)
        return event->a != OWNER_NONE;
    if (strncmp(name, "late", length) == 0)
        return event->a == WENT_ON_TIMED_OUT;
    BUG_IF(strncmp(name, "b", length) != 0);
    return event->b != 0;
}

bool schema_is_mark(const struct event *event)
{
    const char *mark = schema_of(event->kind)->mark;
    return mark && schema_holds(event, &mark);
}
