// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/event_text.h"

#include "base/die.h"
#include "base/number.h"
#include "base/signal.h"
#include "log/describe.h"
#include "log/outcome.h"
#include "log/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

// A sentence that is being written.
struct sentence {
    const struct event *event;
    const struct model_job *job; // or NULL
    bool is_mark;                // of a picture, whose lanes of dropped names are "#3"
    struct text *words;
};

void event_text_count(int64_t number, char *text, size_t size)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

void event_text_answer(int64_t answer, struct text *words)
{
    int status = WAIT_STATUS(answer);
    switch (WAIT_CODE(answer)) {
    case 0:
        text_add_string(words, "no change");
        break;
    case CLD_EXITED:
        text_print(words, "exited %d", status);
        break;
    case CLD_STOPPED:
        text_print(words, "stopped %s", signal_name(status));
        break;
    case CLD_CONTINUED:
        text_add_string(words, "continued");
        break;
    default:
        text_print(words, "killed %s", signal_name(status));
        break;
    }
}

static void event_text_add_worker(const struct sentence *sentence, int64_t number)
{
    const struct model_worker *worker = model_worker(sentence->job, number);
    if (sentence->is_mark && !(worker && *worker->name))
        text_print(sentence->words, "#%" PRId64, number + 1);
    else
        text_add_string(sentence->words, describe_worker(sentence->job, number));
}

static void event_text_worker(const struct sentence *sentence)
{
    event_text_add_worker(sentence, sentence->event->worker);
}

// The worker of a number that may be none's.
static void event_text_owner(const struct sentence *sentence)
{
    if (sentence->event->a >= 0)
        event_text_add_worker(sentence, sentence->event->a);
    else
        text_add_string(sentence->words, "a worker");
}

static void event_text_object(const struct sentence *sentence)
{
    text_add_string(sentence->words, describe_object(sentence->job, sentence->event->object));
}

static void event_text_object_number(const struct sentence *sentence)
{
    text_print(sentence->words, "%u", sentence->event->object);
}

static void event_text_job(const struct sentence *sentence)
{
    text_print(sentence->words, "%%%" PRIu32, sentence->event->job);
}

static void event_text_outcome(const struct sentence *sentence)
{
    text_add_string(sentence->words, outcome_predicate(sentence->event->b));
}

static void event_text_a(const struct sentence *sentence)
{
    text_print(sentence->words, "%" PRId64, sentence->event->a);
}

static void event_text_b(const struct sentence *sentence)
{
    text_print(sentence->words, "%" PRId64, sentence->event->b);
}

static void event_text_text(const struct sentence *sentence)
{
    const char *text = sentence->event->text;
    text_add_string(sentence->words, text_visible(text ? text : ""));
}

static void event_text_claim(const struct sentence *sentence)
{
    const struct event *event = sentence->event;
    if (event->a == CLAIM_AT_LOCK || event->a == CLAIM_AT_BARRIER) {
        text_add_string(sentence->words, "waiting for ");
        event_text_object(sentence);
        return;
    }
    text_add_string(sentence->words, schema_claim(event->a));
    if (event_text_is_progress(event))
        text_print(sentence->words, ", %.1f %% done", 100.0 * (double)event->b / PROGRESS_WHOLE);
}

static void event_text_results(const struct sentence *sentence)
{
    text_print(sentence->words, "%" PRId64 " result%s", sentence->event->a,
               sentence->event->a == 1 ? "" : "s");
}

static void event_text_tasks(const struct sentence *sentence)
{
    const struct event *event = sentence->event;
    if (event->b == 1)
        text_print(sentence->words, "task %" PRId64, event->a);
    else
        text_print(sentence->words, "tasks %" PRId64 " to %" PRId64, event->a,
                   event->a + event->b - 1);
}

static void event_text_blame(const struct sentence *sentence)
{
    text_add_string(sentence->words, sentence->event->worker == NO_WORKER
                                         ? "too many workers died in a row"
                                         : "its workers died with it in hand");
}

// Of the first round, nothing is said.
static void event_text_round(const struct sentence *sentence)
{
    if (sentence->event->a > 0)
        text_print(sentence->words, ", round %" PRId64, sentence->event->a + 1);
}

static void event_text_nth(const struct sentence *sentence)
{
    text_print(sentence->words, "%" PRId64, sentence->event->a + 1);
}

static void event_text_missing(const struct sentence *sentence)
{
    text_add_string(sentence->words,
                    sentence->event->a >= 0 ? "a party is missing" : "it took too long");
}

static void event_text_culprit(const struct sentence *sentence)
{
    int64_t culprit = sentence->event->a;
    if (culprit < 0) {
        text_add_string(sentence->words, "it took too long");
        return;
    }
    bool was_forked =
        model_worker(sentence->job, culprit) || (sentence->job && !sentence->job->is_whole);
    event_text_add_worker(sentence, culprit);
    text_add_string(sentence->words, was_forked ? " is gone" : " could not be started");
}

static void event_text_inherited(const struct sentence *sentence)
{
    if (sentence->event->a != OWNER_NONE)
        text_add_string(sentence->words, "; its owner died with it");
}

static void event_text_went_on(const struct sentence *sentence)
{
    switch ((enum went_on)sentence->event->a) {
    case WENT_ON_WOKEN:
        text_add_string(sentence->words, "is woken at ");
        event_text_object(sentence);
        return;
    case WENT_ON_TIMED_OUT:
        text_add_string(sentence->words, "waits no more for ");
        event_text_object(sentence);
        text_add_string(sentence->words, ": it took too long");
        return;
    case WENT_ON_BROKEN:
        text_add_string(sentence->words, "goes on: ");
        event_text_object(sentence);
        text_add_string(sentence->words, " is broken");
        return;
    }
}

static void event_text_signal(const struct sentence *sentence)
{
    text_add_string(sentence->words, signal_name((int)sentence->event->a));
}

static void event_text_b_signal(const struct sentence *sentence)
{
    text_add_string(sentence->words, signal_name((int)sentence->event->b));
}

static void event_text_error(const struct sentence *sentence)
{
    if (sentence->event->b)
        text_print(sentence->words, ": %s", strerror((int)sentence->event->b));
}

static void event_text_add_end(const struct sentence *sentence, const char *exited)
{
    if (sentence->event->b)
        text_print(sentence->words, "killed by %s", signal_name((int)sentence->event->b));
    else
        text_print(sentence->words, "%s %" PRId64, exited, sentence->event->a);
}

static void event_text_end(const struct sentence *sentence)
{
    event_text_add_end(sentence, "exited with");
}

static void event_text_ended(const struct sentence *sentence)
{
    event_text_add_end(sentence, "exited");
}

static void event_text_cpu(const struct sentence *sentence)
{
    char cpu[32];
    number_format_time(sentence->event->c, cpu, sizeof cpu);
    text_add_string(sentence->words, cpu);
}

// Adds 768 bytes, 9.6 kB or 80 MB.
static void event_text_add_bytes(int64_t bytes, struct text *words)
{
    double value = (double)bytes;
    if (bytes < 1000)
        text_print(words, "%" PRId64 " bytes", bytes);
    else if (bytes < 1000000)
        text_print(words, "%.1f kB", value / 1e3);
    else
        text_print(words, "%.1f MB", value / 1e6);
}

static void event_text_bytes(const struct sentence *sentence)
{
    event_text_add_bytes(sentence->event->b, sentence->words);
}

static void event_text_read(const struct sentence *sentence)
{
    if (sentence->event->b == 0)
        text_add_string(sentence->words, "0: the pipe has ended");
    else
        event_text_bytes(sentence);
}

static void event_text_times(const struct sentence *sentence)
{
    char times[32];
    if (sentence->event->c <= 1)
        return;
    event_text_count(sentence->event->c, times, sizeof times);
    text_print(sentence->words, " x %s", times);
}

static void event_text_argument(const struct sentence *sentence)
{
    if (sentence->event->text)
        text_print(sentence->words, ", %s", sentence->event->text);
}

static void event_text_sharing(const struct sentence *sentence)
{
    text_add_string(sentence->words, sentence->event->b ? "shared" : "private");
}

static void event_text_purpose(const struct sentence *sentence)
{
    if (sentence->event->text)
        text_print(sentence->words, " for %s", sentence->event->text);
    if (sentence->event->a > 0) {
        text_add_string(sentence->words, ", ");
        event_text_add_bytes(sentence->event->a, sentence->words);
    }
}

static void event_text_add_answer(const struct sentence *sentence)
{
    event_text_answer(sentence->event->b, sentence->words);
}

// What stands in the sentences of events.def in braces.
static const struct place {
    const char *name;
    void (*write)(const struct sentence *sentence);
} event_text_places[] = {
    {"worker", event_text_worker},
    {"owner", event_text_owner},
    {"object", event_text_object},
    {"number", event_text_object_number},
    {"job", event_text_job},
    {"outcome", event_text_outcome},
    {"a", event_text_a},
    {"b", event_text_b},
    {"text", event_text_text},
    {"claim", event_text_claim},
    {"results", event_text_results},
    {"tasks", event_text_tasks},
    {"blame", event_text_blame},
    {"round", event_text_round},
    {"nth", event_text_nth},
    {"missing", event_text_missing},
    {"culprit", event_text_culprit},
    {"inherited", event_text_inherited},
    {"went_on", event_text_went_on},
    {"signal", event_text_signal},
    {"b_signal", event_text_b_signal},
    {"error", event_text_error},
    {"end", event_text_end},
    {"ended", event_text_ended},
    {"cpu", event_text_cpu},
    {"bytes", event_text_bytes},
    {"read", event_text_read},
    {"times", event_text_times},
    {"argument", event_text_argument},
    {"sharing", event_text_sharing},
    {"purpose", event_text_purpose},
    {"answer", event_text_add_answer},
};

// Writes the place whose name has so many bytes. False when there is none of that name.
static bool event_text_fill(const struct sentence *sentence, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof event_text_places / sizeof *event_text_places; i++) {
        const struct place *place = &event_text_places[i];
        if (strncmp(place->name, name, length) == 0 && place->name[length] == '\0') {
            place->write(sentence);
            return true;
        }
    }
    return false;
}

static void event_text_write(const struct sentence *sentence, const char *pattern)
{
    if (!schema_holds(sentence->event, &pattern))
        return;
    for (const char *open = strchr(pattern, '{'); open; open = strchr(pattern, '{')) {
        const char *close = strchr(open, '}');
        BUG_IF(!close);
        text_add(sentence->words, pattern, (size_t)(open - pattern));
        bool is_place = event_text_fill(sentence, open + 1, (size_t)(close - open - 1));
        BUG_IF(!is_place);
        pattern = close + 1;
    }
    text_add_string(sentence->words, pattern);
}

// A system call with its arguments, and its result.
static void event_text_write_call(const struct sentence *sentence)
{
    const struct schema_kind *call = schema_of_call(sentence->event->call);
    int error = sentence->event->error;
    event_text_write(sentence, call->words);
    if (error) {
        const char *name = strerrorname_np(error);
        text_print(sentence->words, " = -1 %s: %s", name ? name : "?", strerror(error));
    } else {
        text_add_string(sentence->words, " = ");
        event_text_write(sentence, call->mark);
    }
}

const char *event_text_sentence(const struct event *event, const struct model_job *job,
                                struct text *words)
{
    const struct schema_kind *kind = schema_of(event->kind);
    struct sentence sentence = {.event = event, .job = job, .words = words};
    if (event->kind == EVENT_CALL)
        event_text_write_call(&sentence);
    else
        event_text_write(&sentence, kind->words);
    if (kind->speaker == SPEAKER_KERNEL)
        return "kernel";
    return kind->speaker == SPEAKER_WORKER && event->worker != NO_WORKER
               ? describe_worker(job, event->worker)
               : "forklab";
}

bool event_text_is_told(const struct event *event)
{
    return event->kind != EVENT_RELEASED && (event->kind != EVENT_DIED || event->b > 0);
}

void event_text_mark(const struct event *event, const struct model_job *job, struct text *words)
{
    struct sentence sentence = {.event = event, .job = job, .is_mark = true, .words = words};
    event_text_write(&sentence, schema_of(event->kind)->mark);
}

bool event_text_is_progress(const struct event *event)
{
    return event->kind == EVENT_CLAIMED && event->a == CLAIM_WORKING && event->b > 0;
}

// What a field has to tell events of one kind apart.
static uint32_t event_text_field_detail(const struct event *event, struct field field,
                                        int64_t value)
{
    switch (field.type) {
    case FIELD_CLAIM:
        return (uint32_t)value * 2 + event_text_is_progress(event);
    case FIELD_SIGNAL:
    case FIELD_END_SIGNAL:
    case FIELD_ERRNO:
    case FIELD_EXIT:
    case FIELD_WENT_ON:
    case FIELD_OUTCOME:
        return (uint32_t)value & 255;
    case FIELD_OWNER:
        return value != OWNER_NONE;
    case FIELD_ANSWER:
        return event->error ? 0 : (uint32_t)WAIT_CODE(value) % 8 * 64 + WAIT_STATUS(value) % 64;
    case FIELD_NONE:
    case FIELD_UNTOLD:
    case FIELD_NUMBER:
    case FIELD_PROGRESS:
    case FIELD_CPU:
    case FIELD_WALL:
        break;
    }
    return 0;
}

uint64_t event_text_shape(const struct event *event)
{
    const struct schema_kind *schema = schema_of_event(event);
    uint64_t a = event_text_field_detail(event, schema->a, event->a);
    uint64_t b = event_text_field_detail(event, schema->b, event->b);
    bool is_end = event->kind == EVENT_CALL && event->call == CALL_READ && event->b == 0;
    uint64_t how =
        (uint64_t)(event->error & 1023) << 2 | (uint64_t)is_end << 1 | (event->worker == NO_WORKER);
    return (uint64_t)event->kind << 56 | (uint64_t)event->call << 48 | how << 32 | a << 16 | b;
}

void event_text_label(const struct event *event, char *label, size_t size)
{
    if (event->kind == EVENT_CALL) {
        snprintf(label, size, "%.*s()", (int)strcspn(schema_of_call(event->call)->name, "_"),
                 schema_of_call(event->call)->name);
        return;
    }
    snprintf(label, size, "%s",
             event_text_is_progress(event) ? "progress" : schema_of(event->kind)->name);
    for (char *p = strchr(label, '_'); p; p = strchr(p, '_'))
        *p = ' ';
}
