// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what is said at an end that nobody wished for, and that the last words come first and once.
#include "help.h"

#include "base/die.h"
#include "base/must.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs body(data) in a child; returns what it wrote to stderr, and its end in `status`.
static const char *said_by(void (*body)(void *data), const void *data, int *status)
{
    static char said[2048];
    int ends[2], before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    *status = status_of(body, (void *)(uintptr_t)data);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    said[read_all(ends[0], said, sizeof said - 1)] = '\0';
    return said;
}

static void say_farewell(void)
{
    if (write(STDERR_FILENO, "farewell\n", 9) < 0)
        abort();
}

static void die_with(void *message)
{
    die("%s", (const char *)message);
}

static void die_with_last_words(void *message)
{
    die_set_last_words(say_farewell);
    die_with(message);
}

static void fail_again(void)
{
    say_farewell();
    die("once more");
}

static void die_while_dying(void *message)
{
    die_set_last_words(fail_again);
    die_with(message);
}

static void be_a_bug(void *data)
{
    (void)data;
    die_set_last_words(say_farewell);
    BUG_IF(strlen("abc") == 3);
}

static void want(void *which)
{
    char *longest = must_calloc(10, 1);
    switch (*(int *)which) {
    case 0:
        must_calloc(SIZE_MAX / 2, 1);
        break;
    case 1:
        must_realloc(NULL, SIZE_MAX, 2);
        break;
    default:
        free(must_calloc(0, 0));
        free(must_realloc(NULL, 0, 0));
        free(must_strdup(longest));
    }
    free(longest);
}

static void dying_says_why(void **state)
{
    (void)state;
    int status;
    assert_string_equal(said_by(die_with, "pipe: no more", &status), "forklab: pipe: no more\n");
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void a_long_message_is_cut_and_still_a_line(void **state)
{
    (void)state;
    int status;
    char message[1000];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    const char *said = said_by(die_with, message, &status);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_memory_equal(said, "forklab: xxx", 12);
    assert_in_range(strlen(said), 400, sizeof message);
    assert_int_equal(said[strlen(said) - 1], '\n');
}

static void last_words_come_first(void **state)
{
    (void)state;
    int status;
    assert_string_equal(said_by(die_with_last_words, "poll", &status), "farewell\nforklab: poll\n");
}

static void who_dies_at_its_last_words_says_them_once(void **state)
{
    (void)state;
    int status;
    assert_string_equal(said_by(die_while_dying, "poll", &status),
                        "farewell\nforklab: once more\n");
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void a_bug_names_its_place_and_aborts(void **state)
{
    (void)state;
    int status;
    const char *said = said_by(be_a_bug, NULL, &status);
    assert_memory_equal(said, "farewell\nforklab: bug at ", 25);
    assert_non_null(strstr(said, "test_die.c:"));
    assert_non_null(strstr(said, "strlen(\"abc\") == 3\n"));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void without_memory_it_dies(void **state)
{
    (void)state;
    int status;
    for (int which = 0; which < 2; which++) {
        assert_string_equal(said_by(want, &which, &status), "forklab: out of memory\n");
        assert_int_equal(WEXITSTATUS(status), 1);
    }
    int nothing = 2;
    assert_string_equal(said_by(want, &nothing, &status), "");
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dying_says_why),
        cmocka_unit_test(a_long_message_is_cut_and_still_a_line),
        cmocka_unit_test(last_words_come_first),
        cmocka_unit_test(who_dies_at_its_last_words_says_them_once),
        cmocka_unit_test(a_bug_names_its_place_and_aborts),
        cmocka_unit_test(without_memory_it_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
