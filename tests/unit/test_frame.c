// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that frames come out of a pipe as they went in, however it cuts them, and garbage does not.
#include "help.h"

#include "worker/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t lengths[] = {0, 1, 63, 64, 65, FRAME_ATOMIC, 0, 5000, FRAME_BLOCK_MAX, 0, 7};
enum { FRAMES = sizeof lengths / sizeof *lengths };

// What frame_write() made of some frames.
struct stream {
    char *bytes;
    size_t length;
};

static void fill_block(char *block, size_t number)
{
    for (size_t i = 0; i < lengths[number]; i++)
        block[i] = (char)(i * 31 + number);
}

static void write_frames(int fd)
{
    static char block[FRAME_BLOCK_MAX];
    for (size_t i = 0; i < FRAMES; i++) {
        struct frame frame = {.type = (uint16_t)(FRAME_HELLO + i % (FRAME_TYPE_END - FRAME_HELLO)),
                              .worker = (uint32_t)(i * 1000),
                              .a = INT64_MIN + (int64_t)i,
                              .b = INT64_MAX - (int64_t)i};
        frame.object = frame_is_about_object(&frame) ? (uint16_t)(1 + i) : NO_OBJECT;
        fill_block(block, i);
        MUST(frame_write(fd, frame, lengths[i] ? block : NULL, lengths[i]));
    }
}

static struct stream make_stream(void)
{
    struct stream stream = {.bytes = malloc(4 * DECODER_ROOM)};
    int fd = memfd_create("stream", MFD_CLOEXEC);
    assert_true(fd >= 0);
    write_frames(fd);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    stream.length = read_all(fd, stream.bytes, 4 * DECODER_ROOM);
    return stream;
}

static int open_decoder(void **state)
{
    static struct frame_decoder decoder;
    decoder = (struct frame_decoder){.buffer = malloc(DECODER_ROOM)};
    *state = &decoder;
    return decoder.buffer ? 0 : -1;
}

static int close_decoder(void **state)
{
    struct frame_decoder *decoder = *state;
    free(decoder->buffer);
    return 0;
}

static void feed(struct frame_decoder *decoder, const void *bytes, size_t length)
{
    size_t room;
    char *space = frame_decoder_space(decoder, &room);
    assert_true(room >= length);
    memcpy(space, bytes, length);
    frame_decoder_fed(decoder, length);
}

static void expect_frame(size_t number, const struct frame *frame, const void *block)
{
    static char expected[FRAME_BLOCK_MAX];
    fill_block(expected, number);
    assert_true(number < FRAMES);
    assert_int_equal(frame->type, FRAME_HELLO + number % (FRAME_TYPE_END - FRAME_HELLO));
    assert_int_equal(frame->worker, number * 1000);
    assert_int_equal(frame->length, lengths[number]);
    assert_true(frame->a == INT64_MIN + (int64_t)number && frame->b == INT64_MAX - (int64_t)number);
    if (lengths[number] > 0)
        assert_memory_equal(block, expected, lengths[number]);
}

// Takes out what is whole; returns the number of frames seen by now.
static size_t take_frames(struct frame_decoder *decoder, size_t seen)
{
    struct frame frame;
    const void *block;
    enum decoded decoded;
    while ((decoded = frame_decoder_next(decoder, &frame, &block)) == DECODED_FRAME)
        expect_frame(seen++, &frame, block);
    assert_int_equal(decoded, DECODED_NOTHING);
    return seen;
}

static void decodes_the_same_in_pieces_of_any_size(void **state)
{
    static const size_t pieces[] = {1, 2, 7, 63, 64, 65, 4096, 65536, SIZE_MAX};
    struct stream stream = make_stream();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t seen = 0;
        for (size_t at = 0, size; at < stream.length; at += size) {
            size_t room;
            frame_decoder_space(*state, &room);
            assert_true(room >= 1);
            size = pieces[i] < room ? pieces[i] : room;
            size = size < stream.length - at ? size : stream.length - at;
            feed(*state, stream.bytes + at, size);
            seen = take_frames(*state, seen);
        }
        assert_int_equal(seen, FRAMES);
        assert_false(frame_decoder_is_within(*state));
    }
    free(stream.bytes);
}

static void decodes_the_same_in_pieces_of_random_sizes(void **state)
{
    struct stream stream = make_stream();
    for (uint64_t seed = 1; seed <= 50; seed++) {
        uint64_t random = seed;
        size_t seen = 0;
        for (size_t at = 0, size; at < stream.length; at += size) {
            size = 1 + (size_t)pick(&random, pick(&random, 2) ? 100 : 60000);
            size = size < stream.length - at ? size : stream.length - at;
            feed(*state, stream.bytes + at, size);
            seen = take_frames(*state, seen);
        }
        assert_int_equal(seen, FRAMES);
    }
    free(stream.bytes);
}

static void write_into_pipe(void *data)
{
    int *ends = data;
    pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        alarm(20);
        close(ends[0]);
        write_frames(ends[1]);
        _exit(0);
    }
}

// Reads once. False at the end.
static bool feed_from(struct frame_decoder *decoder, int fd)
{
    size_t room;
    char *space = frame_decoder_space(decoder, &room);
    ssize_t got = read(fd, space, room);
    if (got > 0)
        frame_decoder_fed(decoder, (size_t)got);
    return got > 0;
}

static void writes_whole_frames_into_a_real_pipe(void **state)
{
    int ends[2];
    size_t seen = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(status_of(write_into_pipe, ends), 0);
    close(ends[1]);
    while (feed_from(*state, ends[0]))
        seen = take_frames(*state, seen);
    close(ends[0]);
    assert_int_equal(seen, FRAMES);
    assert_false(frame_decoder_is_within(*state));
}

// Shared with a writer that is interrupted all the time.
static struct {
    _Atomic int interruptions;
    _Atomic bool done;
} * writer;

static void count_interruption(int number)
{
    (void)number;
    writer->interruptions++;
}

static void write_interrupted(int fd)
{
    struct sigaction action = {.sa_handler = count_interruption};
    struct itimerval often = {{0, 200}, {0, 200}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    write_frames(fd);
    writer->done = true;
    _exit(0);
}

static void a_signal_within_a_frame_tears_nothing(void **state)
{
    int ends[2], status;
    size_t seen = 0;
    writer = mmap(NULL, sizeof *writer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(writer != MAP_FAILED);
    assert_int_equal(pipe(ends), 0);
    // The smallest there is: the writer waits in the middle of each block.
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1) > 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        write_interrupted(ends[1]);
    close(ends[1]);
    do {
        seen = take_frames(*state, seen);
        int before = writer->interruptions;
        while (writer->interruptions == before && !writer->done)
            sched_yield();
    } while (feed_from(*state, ends[0]));
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(seen, FRAMES);
    munmap(writer, sizeof *writer);
}

static void fills_in_what_every_frame_has(void **state)
{
    int ends[2];
    struct frame frame = {0};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(frame_write(ends[1], (struct frame){.type = FRAME_OUTPUT}, "ab", 2));
    assert_int_equal(read(ends[0], &frame, sizeof frame), sizeof frame);
    assert_int_equal(frame.magic, FRAME_MAGIC);
    assert_int_equal(frame.length, 2);
    assert_int_equal(frame.end, '\n');
    close(ends[0]);
    close(ends[1]);
}

static void writes_many_in_one_piece(void **state)
{
    int ends[2];
    struct frame frames[FRAMES_ATOMIC] = {0}, seen[FRAMES_ATOMIC + 1];
    (void)state;
    for (size_t i = 0; i < FRAMES_ATOMIC; i++)
        frames[i] = (struct frame){.type = FRAME_CHUNK, .a = (int64_t)i};
    // A pipe of packets gives back what one write put in.
    assert_int_equal(pipe2(ends, O_DIRECT), 0);
    assert_true(frame_write_all(ends[1], frames, FRAMES_ATOMIC));
    assert_int_equal(read(ends[0], seen, sizeof seen), sizeof frames);
    for (size_t i = 0; i < FRAMES_ATOMIC; i++) {
        assert_int_equal(seen[i].magic, FRAME_MAGIC);
        assert_int_equal(seen[i].a, i);
        assert_int_equal(seen[i].end, '\n');
    }
    close(ends[0]);
    close(ends[1]);
}

static void tells_when_the_descriptor_fails(void **state)
{
    int ends[2];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_false(frame_write(ends[1], (struct frame){.type = FRAME_STOP}, NULL, 0));
    assert_int_equal(errno, EPIPE);
    close(ends[1]);
}

static const struct frame sound = {.magic = FRAME_MAGIC, .type = FRAME_HELLO, .end = '\n'};

static void expect_garbage(struct frame frame)
{
    void *state;
    const void *block;
    struct frame out;
    assert_int_equal(open_decoder(&state), 0);
    feed(state, &sound, sizeof sound);
    feed(state, &frame, sizeof frame);
    feed(state, &sound, sizeof sound);
    assert_int_equal(frame_decoder_next(state, &out, &block), DECODED_FRAME);
    assert_int_equal(frame_decoder_next(state, &out, &block), DECODED_GARBAGE);
    assert_int_equal(frame_decoder_next(state, &out, &block), DECODED_GARBAGE);
    close_decoder(&state);
}

static void stays_at_garbage(void **state)
{
    (void)state;
    struct frame wrong[8];
    for (size_t i = 0; i < 8; i++)
        wrong[i] = sound;
    wrong[0].magic ^= 1;
    wrong[1].type = 0;
    wrong[2].type = FRAME_TYPE_END;
    wrong[3].object = 1;
    wrong[4].end = '\0';
    wrong[5].length = FRAME_BLOCK_MAX + 1;
    wrong[6].length = UINT32_MAX;
    wrong[7].type = FRAME_HOLDS;
    for (size_t i = 0; i < 8; i++)
        expect_garbage(wrong[i]);
    memset(&wrong[0], 0xb7, sizeof wrong[0]);
    expect_garbage(wrong[0]);
}

static void waits_for_the_rest_of_a_torn_frame(void **state)
{
    struct frame frame = sound, out;
    const void *block;
    frame.length = 10;
    assert_false(frame_decoder_is_within(*state));
    feed(*state, &frame, 32);
    assert_int_equal(frame_decoder_next(*state, &out, &block), DECODED_NOTHING);
    assert_true(frame_decoder_is_within(*state));
    feed(*state, (char *)&frame + 32, 32);
    feed(*state, "012345678", 9);
    assert_int_equal(frame_decoder_next(*state, &out, &block), DECODED_NOTHING);
    assert_true(frame_decoder_is_within(*state));
    feed(*state, "9", 1);
    assert_int_equal(frame_decoder_next(*state, &out, &block), DECODED_FRAME);
    assert_memory_equal(block, "0123456789", 10);
    assert_false(frame_decoder_is_within(*state));
}

#define WITH_DECODER(test) cmocka_unit_test_setup_teardown(test, open_decoder, close_decoder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DECODER(decodes_the_same_in_pieces_of_any_size),
        WITH_DECODER(decodes_the_same_in_pieces_of_random_sizes),
        WITH_DECODER(writes_whole_frames_into_a_real_pipe),
        WITH_DECODER(a_signal_within_a_frame_tears_nothing),
        cmocka_unit_test(fills_in_what_every_frame_has),
        cmocka_unit_test(writes_many_in_one_piece),
        cmocka_unit_test(tells_when_the_descriptor_fails),
        cmocka_unit_test(stays_at_garbage),
        WITH_DECODER(waits_for_the_rest_of_a_torn_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
