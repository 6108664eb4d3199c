// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that gated workers take their steps in the order that is planned, and what stops an order.
#include "help.h"

#include "base/clock.h"
#include "worker/gate.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 3 };

struct shared {
    _Atomic int64_t x;
    _Atomic uint32_t owners[2]; // 0: free, else the owner's number + 1
    _Atomic uint32_t word;
    _Atomic uint32_t abandoned;
};

struct scene {
    struct gates *gates;
    struct shared *shared;
    pid_t pids[MOST];
    uint32_t workers;
};

static void add_one(void *data, uint32_t number)
{
    struct shared *shared = data;
    (void)number;
    gate_step(&(struct gate_step){.verb = "loads", .peek = &shared->x});
    int64_t seen = shared->x;
    gate_saw(seen);
    gate_before("adds", NULL);
    gate_step(&(struct gate_step){.verb = "stores", .value = seen + 1, .has_value = true});
    shared->x = seen + 1;
}

static bool is_free(const void *object, uint32_t worker)
{
    (void)worker;
    return *(const _Atomic uint32_t *)object == 0;
}

static uint32_t owner_of(const void *object)
{
    uint32_t owner = *(const _Atomic uint32_t *)object;
    return owner ? UINT32_C(1) << (owner - 1) : 0;
}

static const struct gate_wait lock_wait = {is_free, owner_of};

// Takes both locks, worker 1 the other way round.
static void lock_both(void *data, uint32_t number)
{
    struct shared *shared = data;
    for (uint32_t i = 0; i < 2; i++) {
        _Atomic uint32_t *owner = &shared->owners[i ^ number];
        gate_before_wait("takes", (i ^ number) ? "B" : "A", &lock_wait, owner);
        MUST(*owner == 0);
        *owner = number + 1;
    }
    gate_before("releases", "both");
    shared->owners[0] = shared->owners[1] = 0;
}

static void let_go(void *data, uint32_t number)
{
    struct shared *shared = data;
    for (uint32_t i = 0; i < 2; i++)
        if (shared->owners[i] == number + 1)
            shared->owners[i] = 0;
    shared->abandoned++;
}

static void sleep_or_wake(void *data, uint32_t number)
{
    struct shared *shared = data;
    if (number == 0) {
        MUST(gate_sleeps(1, &shared->word, 0));
        MUST(shared->word == 1);
        return;
    }
    gate_before("wakes", NULL);
    shared->word = 1;
}

static void fork_one(struct scene *scene, uint32_t number, void (*body)(void *, uint32_t))
{
    pid_t parent = getpid();
    scene->pids[number] = fork();
    assert_true(scene->pids[number] >= 0);
    if (scene->pids[number] > 0)
        return;
    alarm(20);
    MUST(getppid() == parent);
    struct gate_life life = {body, add_one, let_go, scene->shared};
    gate_serve(scene->gates, number, &life);
    _exit(7);
}

static void await_parked(const struct scene *scene)
{
    while (!gate_await_parked(scene->gates, NS_PER_S))
        continue;
}

static struct scene begin(uint32_t workers, void (*body)(void *, uint32_t))
{
    struct scene scene = {.workers = workers, .gates = gate_new(workers)};
    assert_non_null(scene.gates);
    scene.shared =
        mmap(NULL, sizeof *scene.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(scene.shared != MAP_FAILED);
    for (uint32_t i = 0; i < workers; i++)
        fork_one(&scene, i, body);
    await_parked(&scene);
    return scene;
}

static void end(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->workers; i++) {
        kill(scene->pids[i], SIGKILL);
        waitpid(scene->pids[i], NULL, 0);
    }
    munmap(scene->shared, sizeof *scene->shared);
    gate_free(scene->gates);
}

static enum gate_state await(const struct scene *scene)
{
    enum gate_state state;
    while ((state = gate_await(scene->gates, NS_PER_S)) == GATE_RUNNING)
        continue;
    return state;
}

static enum gate_state run_plan(const struct scene *scene, const char *digits)
{
    uint8_t plan[32];
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++)
        plan[i] = (uint8_t)(digits[i] - '1');
    await_parked(scene);
    *scene->shared = (struct shared){0};
    gate_begin(scene->gates, plan, length, GATE_STAY, NULL);
    return await(scene);
}

static void takes_every_order_as_planned(void **state)
{
    struct scene scene = begin(2, add_one);
    size_t orders = 0, wrong = 0;
    (void)state;
    for (unsigned bits = 0; bits < 64; bits++) {
        char digits[7] = {0};
        if (__builtin_popcount(bits) != 3)
            continue;
        for (int i = 0; i < 6; i++)
            digits[i] = bits >> i & 1 ? '2' : '1';
        assert_int_equal(run_plan(&scene, digits), GATE_OVER);
        size_t length;
        const struct gate_record *trace = gate_trace(scene.gates, &length);
        assert_int_equal(length, 6);
        for (size_t i = 0; i < length; i++)
            assert_int_equal(trace[i].step, digits[i] - '1');
        orders++;
        wrong += scene.shared->x != 2;
    }
    assert_int_equal(orders, 20);
    assert_int_equal(wrong, 18);
    end(&scene);
}

static void traces_what_was_seen_and_who_could_have_gone(void **state)
{
    struct scene scene = begin(2, add_one);
    size_t length;
    (void)state;
    assert_int_equal(run_plan(&scene, "122"), GATE_OVER);
    const struct gate_record *trace = gate_trace(scene.gates, &length);
    assert_int_equal(length, 6);
    assert_string_equal(trace[1].verb, "loads");
    assert_true(trace[1].has_value);
    assert_int_equal(trace[1].value, 0);
    assert_string_equal(trace[3].verb, "stores"); // it stays as long as it can
    assert_int_equal(trace[3].step, 1);
    assert_int_equal(trace[3].value, 1);
    assert_int_equal(trace[3].enabled, 3);
    assert_int_equal(trace[4].enabled, 1);
    assert_int_equal(scene.shared->x, 1);
    end(&scene);
}

static void finds_a_deadlock_and_gives_it_up(void **state)
{
    struct scene scene = begin(2, lock_both);
    (void)state;
    assert_int_equal(run_plan(&scene, "12"), GATE_STUCK);
    assert_int_equal(gate_unfinished(scene.gates), 3);
    assert_int_equal(gate_enabled(scene.gates), 0);
    const struct gate_step *next = gate_next(scene.gates, 0);
    assert_string_equal(next->name, "B");
    assert_int_equal(next->wait->owners(next->object), 2);
    gate_give_up(scene.gates);
    await_parked(&scene);
    assert_int_equal(scene.shared->abandoned, 2);
    assert_int_equal(run_plan(&scene, "111222"), GATE_OVER);
    end(&scene);
}

static void refuses_a_plan_that_can_not_be(void **state)
{
    struct scene scene = begin(2, lock_both);
    (void)state;
    assert_int_equal(run_plan(&scene, "112"), GATE_IMPOSSIBLE);
    gate_give_up(scene.gates);
    assert_int_equal(run_plan(&scene, "3"), GATE_IMPOSSIBLE);
    end(&scene);
}

static void stands_in_for_a_futex(void **state)
{
    struct scene scene = begin(2, sleep_or_wake);
    (void)state;
    assert_int_equal(run_plan(&scene, "1"), GATE_IMPOSSIBLE);
    gate_give_up(scene.gates);
    assert_int_equal(run_plan(&scene, "21"), GATE_OVER);
    end(&scene);
}

static void goes_on_without_the_dead(void **state)
{
    struct scene scene = begin(2, add_one);
    const uint8_t plan[] = {0, 1 | GATE_DEATH};
    (void)state;
    gate_begin(scene.gates, plan, sizeof plan, GATE_STAY, NULL);
    assert_int_equal(await(&scene), GATE_KILLS);
    assert_int_equal(gate_current(scene.gates), 1);
    kill(scene.pids[1], SIGKILL);
    waitpid(scene.pids[1], NULL, 0);
    gate_died(scene.gates, 1);
    assert_int_equal(await(&scene), GATE_OVER);
    assert_int_equal(gate_dead(scene.gates), 2);
    assert_int_equal(scene.shared->x, 1);
    gate_forget(scene.gates, 1);
    fork_one(&scene, 1, add_one);
    assert_int_equal(run_plan(&scene, "112212"), GATE_OVER);
    assert_int_equal(scene.shared->x, 1);
    end(&scene);
}

static void asks_for_each_step_when_it_is_to(void **state)
{
    struct scene scene = begin(2, add_one);
    uint64_t before = 0;
    (void)state;
    gate_begin(scene.gates, (const uint8_t *)"", 0, GATE_HOLD, NULL);
    for (uint8_t i = 0; i < 6; i++) {
        assert_int_equal(await(&scene), GATE_ASKS);
        assert_int_not_equal(gate_fingerprint(scene.gates), before);
        before = gate_fingerprint(scene.gates);
        gate_go_on(scene.gates, i / 3);
    }
    assert_int_equal(await(&scene), GATE_OVER);
    assert_int_equal(scene.shared->x, 2);
    end(&scene);
}

static void follows_priorities(void **state)
{
    struct scene scene = begin(2, add_one);
    struct gate_priorities priorities = {.priority = {11, 10}, .change_at = {1}, .changes = 1};
    size_t length;
    (void)state;
    gate_begin(scene.gates, (const uint8_t *)"", 0, GATE_PRIORITY, &priorities);
    assert_int_equal(await(&scene), GATE_OVER);
    const struct gate_record *trace = gate_trace(scene.gates, &length);
    static const uint8_t expected[] = {0, 1, 1, 1, 0, 0};
    for (size_t i = 0; i < length; i++)
        assert_int_equal(trace[i].step, expected[i]);
    end(&scene);
}

static void does_not_wait_for_a_stopped_worker(void **state)
{
    struct scene scene = begin(2, add_one);
    (void)state;
    kill(scene.pids[1], SIGSTOP);
    waitpid(scene.pids[1], NULL, WUNTRACED);
    gate_begin(scene.gates, (const uint8_t *)"\1", 1, GATE_STAY, NULL);
    assert_int_equal(gate_await(scene.gates, NS_PER_MS), GATE_RUNNING);
    assert_int_equal(gate_current(scene.gates), 1);
    kill(scene.pids[1], SIGCONT);
    assert_int_equal(await(&scene), GATE_OVER);
    end(&scene);
}

static void runs_freely_and_is_dismissed(void **state)
{
    struct scene scene = begin(2, add_one);
    (void)state;
    for (int i = 0; i < 20; i++) {
        scene.shared->x = 0;
        gate_free_run(scene.gates);
        await_parked(&scene);
        assert_true(scene.shared->x == 1 || scene.shared->x == 2);
    }
    assert_int_equal(run_plan(&scene, "122211"), GATE_OVER);
    assert_int_equal(scene.shared->x, 1);
    gate_dismiss(scene.gates);
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(scene.pids[i], &status, 0), scene.pids[i]);
        assert_int_equal(WEXITSTATUS(status), 7);
    }
    munmap(scene.shared, sizeof *scene.shared);
    gate_free(scene.gates);
}

static void is_no_hindrance_while_off(void **state)
{
    struct shared shared = {0};
    struct self self = {.number = 0};
    (void)state;
    add_one(&shared, 0);
    gate_pass(&self, STEP_LOAD, 1);
    assert_false(gate_sleeps(1, &shared.word, 0));
    assert_int_equal(shared.x, 1);
}

static void names_its_steps(void **state)
{
    (void)state;
    for (int step = STEP_NONE + 1; step < STEP_END; step++) {
        assert_int_equal(steps_named(steps_word((enum step)step)), step);
        assert_true(strlen(steps_verb((enum step)step)) > 0);
    }
    assert_int_equal(steps_named("no such step"), STEP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_order_as_planned),
        cmocka_unit_test(traces_what_was_seen_and_who_could_have_gone),
        cmocka_unit_test(finds_a_deadlock_and_gives_it_up),
        cmocka_unit_test(refuses_a_plan_that_can_not_be),
        cmocka_unit_test(stands_in_for_a_futex),
        cmocka_unit_test(goes_on_without_the_dead),
        cmocka_unit_test(asks_for_each_step_when_it_is_to),
        cmocka_unit_test(follows_priorities),
        cmocka_unit_test(does_not_wait_for_a_stopped_worker),
        cmocka_unit_test(runs_freely_and_is_dismissed),
        cmocka_unit_test(is_no_hindrance_while_off),
        cmocka_unit_test(names_its_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
