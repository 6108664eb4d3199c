// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/frame.h"

#include "base/die.h"
#include "log/events.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// Fills in what every frame has.
static void frame_seal(struct frame *frame, size_t length)
{
    BUG_IF(length > FRAME_BLOCK_MAX);
    frame->magic = FRAME_MAGIC;
    frame->length = (uint32_t)length;
    frame->end = '\n';
}

static bool frame_write_parts(int fd, struct iovec *part, int count)
{
    while (count > 0) {
        ssize_t written = writev(fd, part, count);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        while (count > 0 && (size_t)written >= part->iov_len) {
            written -= (ssize_t)part->iov_len;
            part++;
            count--;
        }
        if (count > 0) {
            part->iov_base = (char *)part->iov_base + written;
            part->iov_len -= (size_t)written;
        }
    }
    return true;
}

bool frame_write(int fd, struct frame frame, const void *block, size_t length)
{
    frame_seal(&frame, length);
    struct iovec parts[2] = {{&frame, sizeof frame}, {(void *)(uintptr_t)block, length}};
    return frame_write_parts(fd, parts, length > 0 ? 2 : 1);
}

bool frame_write_all(int fd, struct frame *frames, size_t count)
{
    BUG_IF(count > FRAMES_ATOMIC);
    for (size_t i = 0; i < count; i++)
        frame_seal(&frames[i], 0);
    struct iovec all = {frames, count * sizeof *frames};
    return frame_write_parts(fd, &all, 1);
}

char *frame_decoder_space(struct frame_decoder *decoder, size_t *room)
{
    if (decoder->start > 0) {
        memmove(decoder->buffer, decoder->buffer + decoder->start, decoder->end - decoder->start);
        decoder->end -= decoder->start;
        decoder->start = 0;
    }
    BUG_IF(decoder->end >= DECODER_ROOM);
    *room = DECODER_ROOM - decoder->end;
    return decoder->buffer + decoder->end;
}

void frame_decoder_fed(struct frame_decoder *decoder, size_t length)
{
    BUG_IF(length > DECODER_ROOM - decoder->end);
    decoder->end += length;
}

bool frame_is_about_object(const struct frame *frame)
{
    return frame->type >= FRAME_ARRIVED && frame->type <= FRAME_WOKE;
}

static bool frame_has_right_object(const struct frame *frame)
{
    if (frame->type == FRAME_STATE || frame->type == FRAME_PASSED)
        return true;
    return (frame->object != NO_OBJECT) == frame_is_about_object(frame);
}

static bool frame_is_sound(const struct frame *frame)
{
    return frame->magic == FRAME_MAGIC && frame->type >= FRAME_HELLO &&
           frame->type < FRAME_TYPE_END && frame->end == '\n' && frame->length <= FRAME_BLOCK_MAX &&
           frame_has_right_object(frame);
}

enum decoded frame_decoder_next(struct frame_decoder *decoder, struct frame *frame,
                                const void **block)
{
    size_t have = decoder->end - decoder->start;
    if (have < sizeof *frame)
        return DECODED_NOTHING;
    const char *bytes = decoder->buffer + decoder->start;
    struct frame read;
    memcpy(&read, bytes, sizeof read);
    if (!frame_is_sound(&read))
        return DECODED_GARBAGE;
    if (have < sizeof read + read.length)
        return DECODED_NOTHING;
    *frame = read;
    *block = bytes + sizeof read;
    decoder->start += sizeof read + read.length;
    return DECODED_FRAME;
}

bool frame_decoder_is_within(const struct frame_decoder *decoder)
{
    return decoder->end > decoder->start;
}
