// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/lesson_player.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/json.h"
#include "base/must.h"
#include "base/out.h"
#include "shell/context.h"
#include "shell/error.h"
#include "shell/input_stack.h"
#include "shell/json_output.h"
#include "shell/keypress.h"
#include "shell/lesson_view.h"
#include "shell/moment.h"
#include "shell/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum lesson_wait { WAIT_NOTHING, WAIT_COMMAND, WAIT_PAUSE, WAIT_ANSWER, WAIT_SECOND_ANSWER };

struct lesson_player {
    struct lesson_plan plan;
    char *name;
    bool asks; // there is a terminal
    bool suspended, left;
    enum lesson_wait wait;
    size_t next;     // the step that comes next
    size_t shown;    // the step that waits, or was given last
    size_t command;  // the command given last, or SIZE_MAX
    size_t released; // the command that Return was pressed for, or SIZE_MAX
    size_t again;    // a command to be run once more first, or SIZE_MAX
    long given_line; // of the step given last
    // The question that is open, or SIZE_MAX; its answer is told before step `reveal`.
    size_t question, reveal, answer;
    size_t asked, judged; // the first step behind the questions, and the answers, that were counted
    unsigned tries;
    int64_t asked_at, began_at;
    bool check_failed; // since the question
    unsigned commands, checks, questions, answered, right_at_first;
};

static struct lesson_player *current; // the youngest one that plays

// Returns the step, or NULL behind the last.
static const struct lesson_step *lesson_player_peek(const struct lesson_player *player, size_t at)
{
    return at < player->plan.text.count ? &player->plan.text.steps[at] : NULL;
}

// Returns a step that is there.
static const struct lesson_step *lesson_player_step(const struct lesson_player *player, size_t at)
{
    const struct lesson_step *step = lesson_player_peek(player, at);
    BUG_IF(!step);
    return step;
}

static bool lesson_player_is(const struct lesson_player *player, size_t at, enum lesson_kind kind)
{
    const struct lesson_step *step = lesson_player_peek(player, at);
    return step && step->kind == kind;
}

static void lesson_player_complain(const struct lesson_player *player, long line,
                                   const char *message)
{
    struct text place = {0};
    text_print(&place, "%s:%ld: ", text_visible(player->name), line);
    error_tell(0, "lesson", text_string(&place), message, NULL);
    text_free(&place);
}

// A file that can't be written any more is told once.
static void lesson_player_write(struct lesson_player *player, struct lesson_log *log,
                                struct text *text)
{
    struct text message = {0};
    if (!lesson_log_add(log, text)) {
        text_print(&message, "write(%s): %s", text_visible(log->path), strerror(errno));
        lesson_player_complain(player, player->given_line, text_string(&message));
        lesson_log_close(log);
    }
    text_free(&message);
    text_free(text);
}

static void lesson_player_grade_begin(struct lesson_player *player, struct text *record,
                                      const char *type)
{
    json_begin(record, type);
    json_text(record, "lesson", player->name);
    json_number(record, "time_ns", clock_wall());
}

static void lesson_player_grade_end(struct lesson_player *player, struct text *record)
{
    json_end(record);
    lesson_player_write(player, &player->plan.grade, record);
}

static void lesson_player_grade_lesson(struct lesson_player *player)
{
    struct text record = {0};
    lesson_player_grade_begin(player, &record, "lesson");
    json_text(&record, "title", player->plan.text.title);
    json_text(&record, "sha256", player->plan.text.hash);
    json_text(&record, "version", FORKLAB_VERSION);
    lesson_player_grade_end(player, &record);
}

static void lesson_player_grade_answer(struct lesson_player *player)
{
    const struct lesson_step *question = lesson_player_step(player, player->question);
    struct text record = {0};
    lesson_player_grade_begin(player, &record, "answer");
    json_number(&record, "line", question->line);
    json_text(&record, "question", question->text);
    json_number(&record, "answer", (int64_t)player->answer + 1);
    json_text(&record, "text", question->answers[player->answer]);
    json_bool(&record, "right", lesson_text_is_right(question, player->answer));
    json_number(&record, "try", player->tries);
    json_number(&record, "took_ns", clock_now() - player->asked_at);
    lesson_player_grade_end(player, &record);
}

static void lesson_player_grade_finish(struct lesson_player *player)
{
    struct text record = {0};
    lesson_player_grade_begin(player, &record, "end");
    json_bool(&record, "complete", player->next >= player->plan.text.count && !player->left);
    json_number(&record, "questions", player->questions);
    json_number(&record, "right_at_first", player->right_at_first);
    json_number(&record, "commands", player->commands);
    json_number(&record, "took_ns", clock_now() - player->began_at);
    lesson_player_grade_end(player, &record);
}

static void lesson_player_note(struct lesson_player *player, const char *what, const char *words)
{
    struct text line = {0};
    int64_t passed = (clock_now() - player->began_at) / NS_PER_S;
    text_print(&line, "[%" PRId64 ":%02" PRId64 "] %s", passed / 60, passed % 60, what);
    text_add_visible(&line, words, strlen(words));
    text_add_string(&line, "\n");
    lesson_player_write(player, &player->plan.notes, &line);
}

// Notes for the presenter which stand before the next stop are there before it.
static void lesson_player_note_stop(struct lesson_player *player, const struct lesson_step *step)
{
    lesson_player_note(player, step->kind == LESSON_QUESTION ? "asks: " : "next: ", step->text);
    for (size_t i = 0; step->kind == LESSON_QUESTION && i < step->answer_count; i++)
        if (lesson_text_is_right(step, i))
            lesson_player_note(player, "      right: ", step->answers[i]);
}

// "Return runs it; b back, q leave" as "Return runs it; b q".
static void lesson_player_shorten(const char *keys, struct text *text)
{
    const char *letter = strchr(keys, ';');
    text_add(text, keys, letter ? (size_t)(letter - keys) + 1 : strlen(keys));
    for (; letter; letter = strchr(letter + 1, ','))
        text_print(text, " %c", letter[2]);
}

// Shows the heading, the place in the lesson and the keys in the last row, where they stay.
static void lesson_player_status(struct lesson_player *player, const char *keys)
{
    struct text line = {0}, rest = {0};
    const char *title = text_visible(player->plan.text.title);
    size_t columns = context_columns();
    text_print(&rest, " %zu/%zu: ", player->shown + 1, player->plan.text.count);
    if (strlen("-- ") + text_columns(title) + rest.length + strlen(keys) < columns)
        text_add_string(&rest, keys);
    else
        lesson_player_shorten(keys, &rest);
    text_add_string(&line, "-- ");
    if (columns > strlen("-- ") + rest.length + 1)
        text_add_cut(&line, title, columns - 1 - strlen("-- ") - rest.length);
    text_add_string(&line, text_string(&rest));
    if (context_is_interactive())
        terminal_status(text_string(&line));
    else
        out_print("-- %s\n", keys);
    text_free(&line);
    text_free(&rest);
}

static void lesson_player_stop_waiting(struct lesson_player *player)
{
    player->wait = WAIT_NOTHING;
    keypress_close();
    terminal_status("");
}

static void lesson_player_leave(struct lesson_player *player)
{
    lesson_player_stop_waiting(player);
    player->left = true;
}

static bool lesson_player_is_stop(const struct lesson_step *step)
{
    return step->kind == LESSON_COMMAND || step->kind == LESSON_QUESTION ||
           step->kind == LESSON_PAUSE;
}

// Goes to what was told before the stop that came before the one shown.
static void lesson_player_back(struct lesson_player *player)
{
    const struct lesson_step *steps = player->plan.text.steps;
    size_t at = player->shown;
    while (at > 0 && !lesson_player_is_stop(&steps[at - 1]))
        at--;
    at -= at > 0;
    while (at > 0 && !lesson_player_is_stop(&steps[at - 1]) && steps[at - 1].kind != LESSON_CHECK)
        at--;
    lesson_player_stop_waiting(player);
    moment_clear();
    player->next = at;
    player->question = SIZE_MAX;
    out_print("\n<<\n");
}

// Counts a first answer once, however often it is gone back to its question.
static void lesson_player_judge(struct lesson_player *player, bool is_right)
{
    if (player->question < player->judged)
        return;
    player->judged = player->question + 1;
    player->answered++;
    player->right_at_first += is_right;
}

static void lesson_player_answer(struct lesson_player *player, size_t answer)
{
    const struct lesson_step *question = lesson_player_step(player, player->question);
    bool is_first = player->wait == WAIT_ANSWER;
    if (answer >= question->answer_count)
        return;
    lesson_player_stop_waiting(player);
    player->answer = answer;
    player->tries++;
    bool is_right = lesson_text_is_right(question, answer);
    out_print("answer: %zu\n", answer + 1);
    lesson_player_grade_answer(player);
    if (is_first)
        lesson_player_judge(player, is_right);
    else if (!is_right)
        lesson_view_remark("Not that either. Look again at what happened.");
}

static void lesson_player_suspend(struct lesson_player *player)
{
    if (!context_is_interactive())
        return;
    lesson_player_stop_waiting(player);
    player->suspended = true;
    player->next = player->shown;
    lesson_view_remark("The prompt is yours; 'resume' goes on with the lesson.");
}

static void lesson_player_go_on(struct lesson_player *player)
{
    bool must_answer = player->wait == WAIT_ANSWER && player->plan.grade.fd >= 0;
    if (must_answer || player->wait == WAIT_SECOND_ANSWER)
        return;
    if (player->wait == WAIT_COMMAND)
        player->released = player->shown;
    lesson_player_stop_waiting(player);
}

static void lesson_player_take_key(int key, void *data)
{
    struct lesson_player *player = data;
    enum { CONTROL_D = 4 };
    if (key == '\n' || key == ' ' || key == KEYPRESS_ON)
        lesson_player_go_on(player);
    else if (key == 'q' || key == CONTROL_D || key == KEYPRESS_GONE)
        lesson_player_leave(player);
    else if (key == 'b' || key == KEYPRESS_BACK)
        lesson_player_back(player);
    else if (key == ':')
        lesson_player_suspend(player);
    else if (key == '.' && player->command != SIZE_MAX) {
        lesson_player_stop_waiting(player);
        player->again = player->command;
        player->next = player->shown;
    } else if ((player->wait == WAIT_ANSWER || player->wait == WAIT_SECOND_ANSWER) && key >= '1' &&
               key <= '9')
        lesson_player_answer(player, (size_t)(key - '1'));
}

static enum input_state lesson_player_wait(struct lesson_player *player, enum lesson_wait wait,
                                           const char *keys)
{
    player->wait = wait;
    lesson_player_status(player, keys);
    keypress_open(lesson_player_take_key, player);
    return SOURCE_WAIT;
}

// Before which step the answer is told: behind the checks that belong to the question, or, when it
// has none, behind its command.
static size_t lesson_player_find_reveal(const struct lesson_player *player, size_t question)
{
    size_t command = SIZE_MAX, at = question + 1;
    for (; lesson_player_peek(player, at) && !lesson_player_is(player, at, LESSON_QUESTION); at++) {
        if (lesson_player_is(player, at, LESSON_COMMAND) && command == SIZE_MAX)
            command = at + 1;
        if (!lesson_player_is(player, at, LESSON_CHECK))
            continue;
        while (lesson_player_is(player, at, LESSON_CHECK))
            at++;
        return at;
    }
    return command != SIZE_MAX ? command : at;
}

static void lesson_player_open_question(struct lesson_player *player, size_t at)
{
    player->question = at;
    player->reveal = lesson_player_find_reveal(player, at);
    player->answer = SIZE_MAX;
    player->tries = 0;
    player->asked_at = clock_now();
    player->check_failed = false;
    if (at >= player->asked) {
        player->asked = at + 1;
        player->questions++;
    }
}

static void lesson_player_reveal(struct lesson_player *player)
{
    const struct lesson_step *question = lesson_player_step(player, player->question);
    if (player->check_failed)
        lesson_view_remark("This time it came out otherwise than the lesson expects.");
    lesson_view_reveal(question, player->answer);
    player->question = SIZE_MAX;
}

static bool lesson_player_must_try_again(const struct lesson_player *player)
{
    const struct lesson_step *question = lesson_player_step(player, player->question);
    return player->plan.grade.fd >= 0 && player->answer != SIZE_MAX &&
           !lesson_text_is_right(question, player->answer);
}

// The right answer of a question holds when checks behind it do.
static bool lesson_player_is_proven(const struct lesson_player *player)
{
    return lesson_player_is(player, player->reveal - 1, LESSON_CHECK);
}

static enum input_state lesson_player_give(struct lesson_player *player, size_t at,
                                           struct text *line)
{
    const struct lesson_step *step = lesson_player_step(player, at);
    player->given_line = step->line;
    player->shown = at;
    if (step->kind == LESSON_COMMAND)
        player->command = at;
    player->commands += step->kind == LESSON_COMMAND;
    player->checks += step->kind == LESSON_CHECK;
    text_add_string(line, step->text);
    return SOURCE_PART;
}

// Refuses what a rehearsal must not let pass. SOURCE_PART when there is nothing.
static enum input_state lesson_player_rehearse(struct lesson_player *player,
                                               const struct lesson_step *step, struct text *message)
{
    struct text filled = {0}, missing = {0};
    player->given_line = step->line;
    if (step->kind == LESSON_NARRATION || step->kind == LESSON_QUESTION)
        lesson_view_fill(step->text, &filled, &missing);
    for (size_t i = 0; i < step->answer_count; i++)
        lesson_view_fill(step->answers[i], &filled, &missing);
    if (missing.length > 0)
        text_print(message, "the last command had no figure %s", text_string(&missing));
    if (step->kind == LESSON_QUESTION && !lesson_player_is_proven(player))
        text_add_string(message, "no check behind the question proves its right answer");
    text_free(&filled);
    text_free(&missing);
    player->left = message->length > 0 && !context_keeps_going();
    return message->length > 0 ? SOURCE_FAILED : SOURCE_PART;
}

// Shows a step that is no command. SOURCE_PART: go on with the next; else what to return.
static enum input_state lesson_player_show(struct lesson_player *player, size_t at,
                                           struct text *message)
{
    const struct lesson_step *step = lesson_player_step(player, at);
    bool asks = player->asks && !player->plan.check;
    player->shown = at;
    if (step->kind == LESSON_QUESTION)
        lesson_player_open_question(player, at);
    if (player->plan.check)
        return lesson_player_rehearse(player, step, message);
    switch (step->kind) {
    case LESSON_HEADING:
        lesson_view_heading(step->text);
        break;
    case LESSON_NARRATION:
        lesson_view_narrate(step);
        break;
    case LESSON_QUESTION:
        lesson_player_note_stop(player, step);
        lesson_view_ask(step);
        if (asks)
            return lesson_player_wait(player, WAIT_ANSWER,
                                      player->plan.grade.fd >= 0
                                          ? "a number answers; b back, q leave"
                                          : "a number answers, Return goes on; b back, q leave");
        break;
    case LESSON_NOTE:
        lesson_player_note(player, "", step->text);
        break;
    case LESSON_PAUSE:
        lesson_player_note_stop(player, step);
        if (*step->text)
            lesson_view_remark("%s", step->text);
        if (asks)
            return lesson_player_wait(player, WAIT_PAUSE,
                                      "Return goes on; b back, . again, : prompt, q leave");
        break;
    case LESSON_COMMAND:
    case LESSON_CHECK:
        break;
    }
    return SOURCE_PART;
}

static void lesson_player_tell_answers(const struct lesson_player *player)
{
    unsigned left_out = player->questions - player->answered;
    struct text more = {0};
    if (player->answered == 0) {
        lesson_view_remark("%s: no question was answered.", player->plan.text.title);
        return;
    }
    if (left_out > 0)
        text_print(&more, "; %u question%s left out", left_out, left_out == 1 ? "" : "s");
    lesson_view_remark("%s: %u of %u answer%s right at first%s.", player->plan.text.title,
                       player->right_at_first, player->answered,
                       player->answered == 1 ? " was" : "s were", text_string(&more));
    if (player->plan.grade.fd >= 0)
        lesson_view_remark("All answers stand in %s.", text_visible(player->plan.grade.path));
    text_free(&more);
}

static enum input_state lesson_player_end(struct lesson_player *player)
{
    if (!player->left && player->plan.check && !context_is_quiet()) {
        struct text words = {0};
        text_print(&words, "lesson %s: %u commands, %u questions, %u checks hold",
                   text_visible(player->name), player->commands, player->questions, player->checks);
        if (json_output_is_on())
            json_output_words(NULL, "summary", text_string(&words));
        else
            out_print("=> %s\n", text_string(&words));
        text_free(&words);
    } else if (player->asks && player->questions > 0 && !player->plan.check) {
        out_print("\n");
        lesson_player_tell_answers(player);
    }
    return SOURCE_EMPTY;
}

static enum input_state lesson_player_take_command(struct lesson_player *player, size_t at,
                                                   struct text *line)
{
    const struct lesson_step *step = lesson_player_step(player, at);
    bool waited = player->released == at;
    player->released = SIZE_MAX;
    if (step->kind == LESSON_COMMAND && !waited) {
        player->shown = at;
        lesson_player_note_stop(player, step);
        if (!context_options()->echo)
            lesson_view_command(step->text);
        if (player->asks && !player->plan.check)
            return lesson_player_wait(player, WAIT_COMMAND,
                                      "Return runs it; b back, . again, : prompt, q leave");
    }
    player->next = at + 1;
    return lesson_player_give(player, at, line);
}

// The question has scrolled away by now. After a second wrong answer it stands just above.
static void lesson_player_ask_again(const struct lesson_player *player)
{
    if (player->tries > 1)
        return;
    out_print("\n");
    lesson_view_remark("You said %zu, and it is not that. Look at what happened.",
                       player->answer + 1);
    lesson_view_ask(lesson_player_step(player, player->question));
}

// What comes before the next step: a lesson's end, an answer to be told, a command to be run again.
// SOURCE_PART with an empty line: nothing does.
static enum input_state lesson_player_before(struct lesson_player *player, struct text *line)
{
    if (player->suspended)
        return SOURCE_PAST;
    if (keypress_is_open())
        return SOURCE_WAIT;
    if (player->left)
        return lesson_player_end(player);
    if (player->again != SIZE_MAX) {
        size_t again = player->again;
        player->again = SIZE_MAX;
        lesson_view_command(lesson_player_step(player, again)->text);
        text_add_string(line, lesson_player_step(player, again)->text);
        player->given_line = lesson_player_step(player, again)->line;
        return SOURCE_PART;
    }
    if (player->question != SIZE_MAX && player->next >= player->reveal && !player->plan.check) {
        if (player->asks && lesson_player_must_try_again(player)) {
            lesson_player_ask_again(player);
            return lesson_player_wait(player, WAIT_SECOND_ANSWER,
                                      "what do you say now? a number answers; q leave");
        }
        lesson_player_reveal(player);
    }
    return SOURCE_PART;
}

static enum input_state lesson_player_next(void *data, struct text *line, struct text *message)
{
    struct lesson_player *player = data;
    current = player;
    for (;;) {
        enum input_state state = lesson_player_before(player, line);
        if (state != SOURCE_PART || line->length > 0)
            return state;
        const struct lesson_step *step = lesson_player_peek(player, player->next);
        if (!step)
            return lesson_player_end(player);
        if (step->kind == LESSON_COMMAND || step->kind == LESSON_CHECK)
            return lesson_player_take_command(player, player->next, line);
        state = lesson_player_show(player, player->next, message);
        player->next++;
        if (state != SOURCE_PART)
            return state;
    }
}

static void lesson_player_place(const void *data, struct text *text)
{
    const struct lesson_player *player = data;
    text_print(text, "%s:%ld: ", text_visible(player->name), player->given_line);
}

// A lesson that is shown survives what fails in it, and Ctrl-C while a command runs.
static bool lesson_player_goes_on(void *data, int status)
{
    struct lesson_player *player = data;
    if (player->suspended)
        return true;
    player->check_failed |= lesson_player_is(player, player->shown, LESSON_CHECK);
    if (status == 0 || player->plan.check || !player->asks || context_is_leaving())
        return false;
    return true;
}

static void lesson_player_free(void *data)
{
    struct lesson_player *player = data;
    if (current == player) {
        current = NULL;
        if (keypress_is_open())
            lesson_player_stop_waiting(player);
    }
    moment_clear();
    if (player->plan.grade.fd >= 0)
        lesson_player_grade_finish(player);
    lesson_log_close(&player->plan.grade);
    lesson_log_close(&player->plan.notes);
    lesson_text_free(&player->plan.text);
    free(player->name);
    free(player);
}

static const struct input_feed lesson_player_feed = {.next = lesson_player_next,
                                                     .place = lesson_player_place,
                                                     .goes_on = lesson_player_goes_on,
                                                     .free = lesson_player_free};

void lesson_player_begin(struct lesson_plan *plan)
{
    struct lesson_player *player = must_calloc(1, sizeof *player);
    *player = (struct lesson_player){.plan = *plan,
                                     .name = must_strdup(plan->name),
                                     .asks = keypress_is_possible(),
                                     .shown = SIZE_MAX,
                                     .command = SIZE_MAX,
                                     .released = SIZE_MAX,
                                     .again = SIZE_MAX,
                                     .question = SIZE_MAX,
                                     .began_at = clock_now()};
    if (player->plan.grade.fd >= 0)
        lesson_player_grade_lesson(player);
    if (player->plan.notes.fd >= 0)
        lesson_player_note(player, "begins: ", player->plan.text.title);
    current = player;
    moment_clear();
    input_stack_push_feed(&lesson_player_feed, player);
}

bool lesson_player_resume(void)
{
    if (!current || !current->suspended)
        return false;
    current->suspended = false;
    return true;
}

bool lesson_player_is_playing(void)
{
    return current != NULL;
}

bool lesson_player_is_shown(void)
{
    return current && current->asks && !current->plan.check && !current->suspended;
}
