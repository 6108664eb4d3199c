// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a file is saved whole, or the old one left as it was.
#include "help.h"

#include "base/file.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int enter_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/forklab-save-XXXXXX";
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    char folder[64];
    unlink("file");
    return getcwd(folder, sizeof folder) && rmdir(folder) == 0 ? 0 : -1;
}

static void expect_file(const char *expected)
{
    char bytes[64];
    size_t length = read_all(open("file", O_RDONLY), bytes, sizeof bytes);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
}

static void expect_alone(void)
{
    glob_t found;
    assert_int_equal(glob("*", 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    globfree(&found);
}

static void save(const char *content)
{
    struct text text = {0}, error = {0};
    text_add_string(&text, content);
    assert_true(file_save("file", &text, &error));
    assert_int_equal(error.length, 0);
    text_free(&text);
}

static void replaces_what_was_there(void **state)
{
    (void)state;
    save("a first content");
    save("another");
    expect_file("another");
    expect_alone();
}

static void saves_with_the_usual_mode(void **state)
{
    (void)state;
    struct stat status;
    mode_t before = umask(027);
    save("x");
    umask(before);
    assert_int_equal(stat("file", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
}

// In a child whose files can't grow.
static void save_too_much(void *data)
{
    (void)data;
    struct rlimit none = {10, 10};
    struct text text = {0}, error = {0};
    signal(SIGXFSZ, SIG_IGN);
    MUST(setrlimit(RLIMIT_FSIZE, &none) == 0);
    text_add_string(&text, "more than ten bytes");
    MUST(!file_save("file", &text, &error));
    MUST(strcmp(text_string(&error), "write: File too large") == 0);
    text_free(&text);
    text_free(&error);
}

static void leaves_the_old_file_when_there_is_no_room(void **state)
{
    (void)state;
    save("the old content");
    assert_int_equal(status_of(save_too_much, NULL), 0);
    expect_file("the old content");
    expect_alone();
}

static void says_what_failed(void **state)
{
    (void)state;
    struct text text = {0}, error = {0};
    text_add_string(&text, "x");
    assert_false(file_save("no/such/folder", &text, &error));
    assert_string_equal(text_string(&error), "its folder does not exist");
    text_free(&text);
    text_free(&error);
}

static void tries_and_leaves_nothing(void **state)
{
    (void)state;
    struct text error = {0};
    assert_true(file_try("file", &error));
    assert_int_equal(access("file", F_OK), -1);
    save("the old content");
    assert_true(file_try("file", &error));
    expect_file("the old content");
    expect_alone();
    assert_false(file_try("no/such/folder", &error));
    assert_string_equal(text_string(&error), "its folder does not exist");
    text_free(&error);
}

static void replaces_no_fifo(void **state)
{
    (void)state;
    struct text text = {0}, error = {0};
    struct stat status;
    text_add_string(&text, "x");
    assert_int_equal(mkfifo("file", 0600), 0);
    assert_false(file_save("file", &text, &error));
    assert_string_equal(text_string(&error), "it is no plain file");
    assert_int_equal(lstat("file", &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    text_free(&text);
    text_free(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_what_was_there, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(saves_with_the_usual_mode, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(leaves_the_old_file_when_there_is_no_room, enter_folder,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(tries_and_leaves_nothing, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(replaces_no_fifo, enter_folder, leave_folder),
        cmocka_unit_test(says_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
