// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/channel.h"

#include "base/fail.h"
#include "base/records.h"
#include "base/unshared.h"
#include "process/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
    int64_t reads, read_bytes; // not told yet
    struct decoder decoder;
};

static struct records channels = {.size = sizeof(struct channel)};

static void tell(const struct channel *channel, struct event made)
{
    int error = errno;
    if (channel->ops->called)
        channel->ops->called(channel->job, channel, made);
    errno = error;
}

// Tells of a call on our end; it failed if `result` is below 0.
static void tell_call(const struct channel *channel, enum system_call call, int result)
{
    tell(channel, (struct event){.call = call, .a = channel->fd, .error = result < 0 ? errno : 0});
}

// One frame more or less is no news: what was read is told as a sum.
static void tell_reads(struct channel *channel)
{
    if (channel->reads > 0)
        tell(channel, (struct event){.call = CALL_READ,
                                     .a = channel->fd,
                                     .b = channel->read_bytes,
                                     .c = channel->reads});
    channel->reads = channel->read_bytes = 0;
}

static void stop_reading(struct channel *channel)
{
    if (channel->watched) {
        bool unwatched = loop_unwatch(channel->fd);
        tell_call(channel, CALL_EPOLL_DELETE, unwatched ? 0 : -1);
        if (!unwatched)
            die("epoll_ctl: %s", strerror(errno));
    }
    channel->watched = false;
}

static void decode(struct channel *channel)
{
    struct frame frame;
    const void *block;
    enum decoded decoded;
    while ((decoded = decoder_next(&channel->decoder, &frame, &block)) == DECODED_FRAME)
        channel->ops->frame(channel->job, channel, &frame, block);
    channel->ops->heard(channel->job, channel);
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
        channel->reads++;
        channel->read_bytes += got;
        decoder_fed(&channel->decoder, (size_t)got);
        decode(channel);
        return (size_t)got;
    }
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 0)
        die("read(pipe): %s", strerror(errno));
    tell_reads(channel);
    tell_call(channel, CALL_READ, 0);
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
    struct channel *channel = records_take(&channels);
    int ends[2] = {-1, -1};
    *channel = (struct channel){.ops = ops, .job = job};
    *call = "pipe2";
    int result = pipe2(ends, O_CLOEXEC);
    channel->fd = ends[0];
    channel->worker_fd = ends[1];
    tell(channel,
         (struct event){
             .call = CALL_PIPE2, .a = ends[0], .b = ends[1], .error = result < 0 ? errno : 0});
    if (result < 0)
        goto err_pipe;
    *call = "fcntl(O_NONBLOCK)";
    result = fcntl(channel->fd, F_SETFL, O_NONBLOCK);
    tell_call(channel, CALL_NONBLOCK, result);
    if (result < 0)
        goto err;
    *call = "epoll_ctl";
    channel->watched = loop_watch(channel->fd, read_ready, channel);
    tell_call(channel, CALL_EPOLL_ADD, channel->watched ? 0 : -1);
    if (!channel->watched)
        goto err;
    channel->decoder.buffer = unshared_map(DECODER_ROOM);
    return channel;
err:;
    int error = errno;
    channel_close_worker_end(channel);
    tell_call(channel, CALL_CLOSE, close(channel->fd));
    errno = error;
err_pipe:
    records_give(&channels, channel);
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

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

void channel_close_worker_end(struct channel *channel)
{
    if (channel->worker_fd < 0)
        return;
    int error = close(channel->worker_fd) < 0 ? errno : 0;
    tell(channel, (struct event){.call = CALL_CLOSE, .a = channel->worker_fd, .error = error});
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
    while (poll(&polled, 1, 0) < 0)
        if (errno != EINTR)
            die("poll: %s", strerror(errno));
    return !(polled.revents & POLLHUP);
}

bool channel_is_within_frame(const struct channel *channel)
{
    return !channel->garbage && decoder_is_within(&channel->decoder);
}

void channel_close(struct channel *channel)
{
    tell_reads(channel);
    stop_reading(channel);
    channel_close_worker_end(channel);
    int result = close(channel->fd);
    tell_call(channel, CALL_CLOSE, result);
    unshared_unmap(channel->decoder.buffer, DECODER_ROOM);
    records_give(&channels, channel);
}
