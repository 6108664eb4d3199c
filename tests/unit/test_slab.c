// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that records are empty when taken, stay apart, are used again, and are not there after a
// fork.
#include "help.h"

#include "base/slab.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct record {
    char bytes[240];
};

static bool is_empty(const struct record *record)
{
    static const struct record empty;
    return memcmp(record, &empty, sizeof empty) == 0;
}

static void each_is_empty_and_stays_as_it_is_left(void **state)
{
    enum { COUNT = 20000 };
    (void)state;
    static struct record *all[COUNT];
    static struct slab records = {.size = sizeof(struct record)};
    for (int i = 0; i < COUNT; i++) {
        all[i] = slab_take(&records);
        assert_true(is_empty(all[i]));
        memset(all[i], 1 + i % 250, sizeof *all[i]);
    }
    for (int i = 0; i < COUNT; i++)
        for (size_t at = 0; at < sizeof *all[i]; at++)
            assert_int_equal((unsigned char)all[i]->bytes[at], 1 + i % 250);
}

static void what_is_given_back_is_taken_again(void **state)
{
    (void)state;
    struct slab records = {.size = sizeof(struct record)};
    struct record *one = slab_take(&records), *other = slab_take(&records);
    memset(one, 'x', sizeof *one);
    memset(other, 'x', sizeof *other);
    slab_give(&records, one);
    slab_give(&records, other);
    const struct record *again = slab_take(&records), *last = slab_take(&records);
    assert_true((again == one && last == other) || (again == other && last == one));
    assert_true(is_empty(again) && is_empty(last));
}

static void a_child_has_none(void **state)
{
    (void)state;
    struct slab records = {.size = sizeof(struct record)};
    const volatile struct record *record = slab_take(&records);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(record->bytes[0]);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_empty_and_stays_as_it_is_left),
        cmocka_unit_test(what_is_given_back_is_taken_again),
        cmocka_unit_test(a_child_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
