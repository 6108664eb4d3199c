// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a pool's worker computes the chunks it is told to, and which task it was at when it
// died.
#include "help.h"

#include "worker/pool_worker.h"
#include "worker/workload.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TASKS = 20000 };

// A pool of one worker, and what came back from it.
struct pool {
    struct pool_work work;
    struct job *job;
    struct worker *worker;
    int64_t results[TASKS];
    int64_t heard;
    enum frame_type told; // what the last of them came with
};

static bool keep_results(struct worker *worker, const struct frame *frame, const void *block)
{
    struct pool *pool = worker->job->data;
    if (frame->type != FRAME_RESULTS && frame->type != FRAME_WRITTEN)
        return true;
    assert_true(frame->a >= 0 && frame->b >= 0 && frame->a + frame->b <= TASKS);
    const int64_t *from = frame->type == FRAME_RESULTS ? block : pool->work.results + frame->a;
    memcpy(pool->results + frame->a, from, (size_t)frame->b * sizeof(int64_t));
    pool->told = (enum frame_type)frame->type;
    pool->heard += frame->b;
    return true;
}

static int map(const struct self *self, const void *work)
{
    return pool_worker_run(self, work);
}

static int open_pool(void **state)
{
    struct pool *pool = calloc(1, sizeof *pool);
    *state = pool;
    if (!pool)
        return -1;
    pool->work = (struct pool_work){.poison = -1, .fail = -1};
    pool->work.in_hand =
        mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pool->work.in_hand == MAP_FAILED)
        return -1;
    atomic_store(pool->work.in_hand, -1);
    return open_session(state);
}

static int close_pool(void **state)
{
    struct pool *pool = *state;
    close_session(state);
    munmap(pool->work.in_hand, sizeof(int64_t));
    free(pool);
    return 0;
}

static void begin(struct pool *pool, enum map map_function)
{
    static const struct job_ops ops = {.frame = keep_results};
    struct assignment assignment = {
        .name = "ann", .own_pipe = true, .down_pipe = true, .run = map, .argument = &pool->work};
    pool->work.map = map_function;
    pool->job = job_new("map", &ops, pool);
    pool->worker = job_start(pool->job, &assignment);
    assert_non_null(pool->worker);
}

static void run_chunks(struct pool *pool, enum map map_function, int64_t middle, int64_t end)
{
    begin(pool, map_function);
    assert_true(job_tell(pool->worker, FRAME_CHUNK, 0, middle));
    assert_true(job_tell(pool->worker, FRAME_CHUNK, middle, end - middle));
    assert_true(job_tell(pool->worker, FRAME_STOP, 0, 0));
    finish(pool->job);
    assert_int_equal(pool->heard, end);
    assert_int_equal(pool->worker->results, end);
    assert_true(worker_did_well(pool->worker));
    assert_int_equal(atomic_load(pool->work.in_hand), -1);
}

static void squares_chunks_of_any_size(void **state)
{
    struct pool *pool = *state;
    run_chunks(pool, MAP_SQUARE, 3, TASKS);
    for (int64_t task = 0; task < TASKS; task++)
        assert_int_equal(pool->results[task], task * task);
}

static void *share(size_t size)
{
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    return shared;
}

static void writes_results_where_they_belong(void **state)
{
    struct pool *pool = *state;
    pool->work.results = share(sizeof pool->results);
    for (enum map map_function = MAP_SQUARE; map_function <= MAP_PRIME; map_function++) {
        int64_t end = map_function == MAP_SQUARE ? TASKS : 10;
        pool->heard = 0;
        run_chunks(pool, map_function, 3, end);
        assert_int_equal(pool->told, FRAME_WRITTEN);
    }
    assert_int_equal(pool->results[9], 29);
    for (int64_t task = 10; task < TASKS; task++)
        assert_int_equal(pool->results[task], task * task);
    munmap(pool->work.results, sizeof pool->results);
}

static void tells_only_of_what_is_written_whole(void **state)
{
    struct pool *pool = *state;
    pool->work.results = share(sizeof pool->results);
    pool->work.poison = 7;
    pool->work.fail = 3;
    take_crashes_as_they_are();
    begin(pool, MAP_SQUARE);
    assert_true(job_tell(pool->worker, FRAME_CHUNK, 0, 10));
    finish(pool->job);
    assert_int_equal(pool->heard, 3); // before the one that failed
    assert_non_null(find_event(pool->job, EVENT_TASK_FAILED));
    assert_int_equal(atomic_load(pool->work.in_hand), 7);
    munmap(pool->work.results, sizeof pool->results);
}

static void takes_chunks_that_come_in_one_piece(void **state)
{
    struct pool *pool = *state;
    struct frame chunks[] = {{.type = FRAME_CHUNK, .a = 0, .b = 3},
                             {.type = FRAME_CHUNK, .a = 3, .b = 4}};
    begin(pool, MAP_SQUARE);
    assert_true(job_tell_all(pool->worker, chunks, 2));
    assert_true(job_tell(pool->worker, FRAME_STOP, 0, 0));
    finish(pool->job);
    assert_int_equal(pool->heard, 7);
    assert_true(worker_did_well(pool->worker));
}

static void takes_a_chunk_that_comes_byte_by_byte(void **state)
{
    struct pool *pool = *state;
    struct frame chunk = {.magic = FRAME_MAGIC, .type = FRAME_CHUNK, .b = 5, .end = '\n'};
    begin(pool, MAP_SQUARE);
    for (size_t i = 0; i < sizeof chunk; i++)
        assert_int_equal(write(pool->worker->down_fd, (char *)&chunk + i, 1), 1);
    assert_true(job_tell(pool->worker, FRAME_STOP, 0, 0));
    finish(pool->job);
    assert_int_equal(pool->heard, 5);
    assert_true(worker_did_well(pool->worker));
}

static void takes_no_garbage_for_a_chunk(void **state)
{
    struct pool *pool = *state;
    char garbage[sizeof(struct frame)] = {0};
    begin(pool, MAP_SQUARE);
    assert_int_equal(write(pool->worker->down_fd, garbage, sizeof garbage), sizeof garbage);
    finish(pool->job);
    assert_int_equal(pool->heard, 0);
    assert_string_equal(pool->worker->failed, "read: Bad message");
    assert_int_equal(pool->worker->exit_code, 1);
}

static void finds_primes(void **state)
{
    static const int64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    struct pool *pool = *state;
    run_chunks(pool, MAP_PRIME, 5, 10);
    assert_memory_equal(pool->results, primes, sizeof primes);
}

static void says_its_name_first_where_it_initializes(void **state)
{
    struct pool *pool = *state;
    pool->work.initializer = INIT_SAYS;
    run_chunks(pool, MAP_SQUARE, 1, 2);
    const struct event *output = find_event(pool->job, EVENT_OUTPUT);
    assert_non_null(output);
    assert_non_null(strstr(output->text, "ann"));
}

static void dies_of_poison_at_the_task_in_hand(void **state)
{
    struct pool *pool = *state;
    pool->work.poison = 7;
    take_crashes_as_they_are();
    begin(pool, MAP_SQUARE);
    assert_true(job_tell(pool->worker, FRAME_CHUNK, 0, 5));
    assert_true(job_tell(pool->worker, FRAME_CHUNK, 5, 5));
    finish(pool->job);
    assert_int_equal(pool->worker->exit_signal, SIGSEGV);
    assert_int_equal(atomic_load(pool->work.in_hand), 7);
    assert_int_equal(pool->heard, 5);
    assert_int_equal(pool->worker->results, -1);
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_POOL(squares_chunks_of_any_size),
        WITH_POOL(writes_results_where_they_belong),
        WITH_POOL(tells_only_of_what_is_written_whole),
        WITH_POOL(takes_chunks_that_come_in_one_piece),
        WITH_POOL(takes_a_chunk_that_comes_byte_by_byte),
        WITH_POOL(takes_no_garbage_for_a_chunk),
        WITH_POOL(finds_primes),
        WITH_POOL(says_its_name_first_where_it_initializes),
        WITH_POOL(dies_of_poison_at_the_task_in_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
