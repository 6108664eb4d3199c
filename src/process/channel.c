// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/channel.h"

#include "base/fail.h"
#include "process/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct channel {
    const struct channel_ops *ops;
    void *job;
    struct worker *only;
    int fd;
    int worker_fd;
    bool watched; // until it ended, or garbage came
    bool garbage;
    struct decoder decoder;
};

static void stop_reading(struct channel *channel)
{
    if (channel->watched)
        loop_unwatch(channel->fd);
    channel->watched = false;
}

static void decode(struct channel *channel)
{
    struct frame frame;
    const void *block;
    enum decoded decoded;
    while ((decoded = decoder_next(&channel->decoder, &frame, &block)) == DECODED_FRAME)
        channel->ops->frame(channel->job, channel, &frame, block);
    if (decoded == DECODED_GARBAGE) {
        channel->garbage = true;
        stop_reading(channel);
        channel->ops->garbage(channel->job, channel);
    }
}

// Reads once. Returns the bytes read; 0 when the pipe has ended or is empty.
static size_t read_once(struct channel *channel)
{
    size_t room;
    char *space = decoder_space(&channel->decoder, &room);
    ssize_t got;
    do
        got = read(channel->fd, space, room);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        decoder_fed(&channel->decoder, (size_t)got);
        decode(channel);
        return (size_t)got;
    }
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 0)
        die("read(pipe): %s", strerror(errno));
    stop_reading(channel);
    channel->ops->ended(channel->job, channel);
    return 0;
}

static void read_ready(void *data)
{
    read_once(data);
}

struct channel *channel_open(const struct channel_ops *ops, void *job, const char **call)
{
    struct channel *channel = must_calloc(1, sizeof *channel);
    int ends[2];
    *call = "pipe2";
    if (pipe2(ends, O_CLOEXEC) < 0)
        goto err_pipe;
    *channel = (struct channel){.ops = ops, .job = job, .fd = ends[0], .worker_fd = ends[1]};
    *call = "fcntl(O_NONBLOCK)";
    if (fcntl(channel->fd, F_SETFL, O_NONBLOCK) < 0)
        goto err;
    *call = "epoll_ctl";
    if (!loop_watch(channel->fd, read_ready, channel))
        goto err;
    channel->watched = true;
    channel->decoder.buffer = malloc(DECODER_ROOM);
    if (!channel->decoder.buffer)
        die("out of memory");
    return channel;
err:;
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
err_pipe:
    free(channel);
    return NULL;
}

void channel_set_only(struct channel *channel, struct worker *only)
{
    channel->only = only;
}

struct worker *channel_only(const struct channel *channel)
{
    return channel->only;
}

int channel_worker_end(const struct channel *channel)
{
    return channel->worker_fd;
}

void channel_close_worker_end(struct channel *channel)
{
    if (channel->worker_fd >= 0)
        close(channel->worker_fd);
    channel->worker_fd = -1;
}

void channel_drain(struct channel *channel)
{
    int waiting = 0;
    if (ioctl(channel->fd, FIONREAD, &waiting) < 0)
        die("ioctl(FIONREAD): %s", strerror(errno));
    size_t left = (size_t)waiting;
    while (left > 0 && channel->watched) {
        size_t got = read_once(channel);
        if (got == 0)
            break;
        left -= got < left ? got : left;
    }
}

bool channel_is_held(const struct channel *channel)
{
    struct pollfd polled = {.fd = channel->fd, .events = POLLIN};
    int ready;
    do
        ready = poll(&polled, 1, 0);
    while (ready < 0 && errno == EINTR);
    return ready >= 0 && !(polled.revents & POLLHUP);
}

bool channel_is_within_frame(const struct channel *channel)
{
    return !channel->garbage && decoder_is_within(&channel->decoder);
}

void channel_close(struct channel *channel)
{
    stop_reading(channel);
    channel_close_worker_end(channel);
    close(channel->fd);
    free(channel->decoder.buffer);
    free(channel);
}
