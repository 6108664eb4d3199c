// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer: bytes in any pieces decode to the frames that they decode to as a whole, and as one by
// one. The first byte of the input says how big the pieces are.
#include "worker/frame.h"

#include "base/die.h"
#include "base/must.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// All that a decoder made of the bytes.
struct story {
    char *bytes; // the frames and their blocks, one behind the other
    size_t length, frames;
    bool garbage, within;
};

static void add(struct story *story, const void *bytes, size_t length)
{
    story->bytes = must_realloc(story->bytes, story->length + length, 1);
    if (length > 0)
        memcpy(story->bytes + story->length, bytes, length);
    story->length += length;
}

static void take_frames(struct frame_decoder *decoder, struct story *story)
{
    struct frame frame;
    const void *block;
    enum decoded decoded;
    while ((decoded = frame_decoder_next(decoder, &frame, &block)) == DECODED_FRAME) {
        BUG_IF(frame.length > FRAME_BLOCK_MAX);
        add(story, &frame, sizeof frame);
        add(story, block, frame.length);
        story->frames++;
    }
    story->garbage = decoded == DECODED_GARBAGE;
}

static struct story decode(const uint8_t *data, size_t size, size_t piece)
{
    struct story story = {0};
    struct frame_decoder decoder = {.buffer = malloc(DECODER_ROOM)};
    BUG_IF(!decoder.buffer);
    while (size > 0 && !story.garbage) {
        size_t room;
        char *space = frame_decoder_space(&decoder, &room);
        size_t fed = size < piece ? size : piece;
        fed = fed < room ? fed : room;
        memcpy(space, data, fed);
        frame_decoder_fed(&decoder, fed);
        take_frames(&decoder, &story);
        data += fed;
        size -= fed;
    }
    story.within = frame_decoder_is_within(&decoder);
    free(decoder.buffer);
    return story;
}

static void expect_same(const struct story *a, const struct story *b)
{
    BUG_IF(a->frames != b->frames || a->garbage != b->garbage || a->within != b->within);
    BUG_IF(a->length != b->length);
    BUG_IF(a->length > 0 && memcmp(a->bytes, b->bytes, a->length) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct story whole = decode(data + 1, size - 1, SIZE_MAX);
    struct story pieces = decode(data + 1, size - 1, (size_t)data[0] + 2);
    struct story single = decode(data + 1, size - 1, 1);
    expect_same(&whole, &pieces);
    expect_same(&whole, &single);
    free(whole.bytes);
    free(pieces.bytes);
    free(single.bytes);
    return 0;
}
