// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol in the pipes between the parent and a worker: frames of one size, some followed by a
// block.
#ifndef FORKLAB_WORKER_FRAME_H
#define FORKLAB_WORKER_FRAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
    // From a worker. What `a` and `b` hold stands behind each.
    FRAME_HELLO = 1, // its pid, its parent's pid
    FRAME_STATE,     // an enum claim; how far it is, from 0 to PROGRESS_WHOLE
    FRAME_PASSED,    // round; when, as wall time in ns: it was released, or needs no release
    FRAME_OUTPUT,    // 0, 0; the block is one line of text, without its end
    FRAME_RESULTS,   // first task; number of tasks; the block is one int64_t for each
    FRAME_DONE,      // number of results; 0
    FRAME_ERROR,     // an errno, 0; the block is the name of the call that failed
    FRAME_FAILED,    // a task that failed; 1
    FRAME_WRITTEN,   // first task; number of tasks, whose results are in shared memory
    // Also from a worker, and about an object.
    FRAME_ARRIVED, // the barrier's round; how many meet there
    FRAME_LOCKED,  // number of the dead previous owner, or OWNER_NONE; 0
    FRAME_WAITS,   // a number of the kind's own; for how long at most, in ns, or 0
    FRAME_HOLDS,   // number of the dead previous owner, or OWNER_NONE; how much it holds now
    FRAME_LETS_GO, // how much; 0
    FRAME_GOES_ON, // an enum went_on; 0
    FRAME_VALUE,   // the value; 0
    FRAME_WOKE,    // number of the worker that was woken; 0
    // To a worker.
    FRAME_CHUNK, // first task; number of tasks
    FRAME_STOP,  // 0, 0
    FRAME_TYPE_END
};

#define FRAME_MAGIC 0x4c4b5246u // "FRKL" in memory, on a little-endian machine

// `end` is a newline, so that a launcher that buffers lines passes every frame on at once.
struct frame {
    uint32_t magic;
    uint16_t type;
    uint16_t object; // number of the object in its job that this is about, or NO_OBJECT
    uint32_t worker; // number of the worker in its job, counted from 0
    uint32_t length; // bytes of the block behind this frame
    int64_t a, b;
    char padding[31]; // 0
    char end;
};

_Static_assert(sizeof(struct frame) == 64, "a frame is 64 bytes on the wire");

// The largest block. Together with its frame a block of up to FRAME_ATOMIC bytes is written whole
// or not at all (POSIX, write(): PIPE_BUF), so workers may share a pipe for those.
#define FRAME_BLOCK_MAX 65536
#define FRAME_ATOMIC    (PIPE_BUF - sizeof(struct frame))
#define FRAMES_ATOMIC   (PIPE_BUF / sizeof(struct frame))

// Whether a frame is one of those that always have an object. Of the others only FRAME_STATE and
// FRAME_PASSED may have one.
bool frame_is_about_object(const struct frame *frame);

// Writes a frame, with `length` bytes of block behind it; fills in what every frame has. False with
// errno when `fd` fails; one that does not block gets at most FRAME_ATOMIC bytes of block, or fails
// with EAGAIN.
bool frame_write(int fd, struct frame frame, const void *block, size_t length);

// The same for up to FRAMES_ATOMIC frames without blocks, in one piece.
bool frame_write_all(int fd, struct frame *frames, size_t count);

// Puts bytes back together into frames. All zero but for `buffer` is its start.
struct frame_decoder {
    char *buffer; // DECODER_ROOM bytes, owned by the caller
    size_t start, end;
};

#define DECODER_ROOM (2 * (sizeof(struct frame) + FRAME_BLOCK_MAX))

// Returns where to read the next bytes to, and how many may follow there in `room` (at least one).
char *frame_decoder_space(struct frame_decoder *decoder, size_t *room);

// Tells that `length` bytes were put there.
void frame_decoder_fed(struct frame_decoder *decoder, size_t length);

enum decoded { DECODED_NOTHING, DECODED_FRAME, DECODED_GARBAGE };

// Takes the next whole frame out: copies it to `frame` and points `block` at its block, valid until
// the next call of frame_decoder_space(). DECODED_NOTHING: more bytes are needed. DECODED_GARBAGE:
// what comes next is no frame; the decoder stays there.
enum decoded frame_decoder_next(struct frame_decoder *decoder, struct frame *frame,
                                const void **block);

// True while part of a frame has been fed and not the rest.
bool frame_decoder_is_within(const struct frame_decoder *decoder);

#endif
