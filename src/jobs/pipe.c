// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/pipe.h"

#include "base/die.h"
#include "base/slab.h"
#include "base/nofork.h"
#include "os/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct pipe {
    const struct pipe_ops *ops;
    void *job;
    struct worker *only;
    int fd;
    int worker_fd;
    bool watched; // until it ended, or garbage came
    bool garbage;
    int64_t reads, read_bytes; // not told yet
    struct frame_decoder decoder;
};

static struct slab channels = {.size = sizeof(struct pipe)};

static void pipe_tell(const struct pipe *channel, struct event made)
{
    int error = errno;
    if (channel->ops->called)
        channel->ops->called(channel->job, channel, made);
    errno = error;
}

// Tells of a call on our end; it failed if `result` is below 0.
static void pipe_tell_call(const struct pipe *channel, enum system_call call, int result)
{
    pipe_tell(channel,
              (struct event){.call = call, .a = channel->fd, .error = result < 0 ? errno : 0});
}

// Reads are many, and logged as one sum for each pipe.
static void pipe_tell_reads(struct pipe *channel)
{
    if (channel->reads > 0)
        pipe_tell(channel, (struct event){.call = CALL_READ,
                                          .a = channel->fd,
                                          .b = channel->read_bytes,
                                          .c = channel->reads});
    channel->reads = channel->read_bytes = 0;
}

static void pipe_stop_reading(struct pipe *channel)
{
    if (channel->watched) {
        bool unwatched = loop_unwatch(channel->fd);
        pipe_tell_call(channel, CALL_EPOLL_DELETE, unwatched ? 0 : -1);
        if (!unwatched)
            die("epoll_ctl: %s", strerror(errno));
    }
    channel->watched = false;
}

static void pipe_decode(struct pipe *channel)
{
    struct frame frame;
    const void *block;
    enum decoded decoded;
    while ((decoded = frame_decoder_next(&channel->decoder, &frame, &block)) == DECODED_FRAME)
        channel->ops->frame(channel->job, channel, &frame, block);
    channel->ops->heard(channel->job, channel);
    if (decoded == DECODED_GARBAGE) {
        channel->garbage = true;
        pipe_stop_reading(channel);
        channel->ops->garbage(channel->job, channel);
    }
}

// Reads once. Returns the bytes read; 0 when the pipe has ended or is empty.
static size_t pipe_read_once(struct pipe *channel)
{
    size_t room;
    char *space = frame_decoder_space(&channel->decoder, &room);
    ssize_t got;
    do
        got = read(channel->fd, space, room);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        channel->reads++;
        channel->read_bytes += got;
        frame_decoder_fed(&channel->decoder, (size_t)got);
        pipe_decode(channel);
        return (size_t)got;
    }
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 0)
        die("read(pipe): %s", strerror(errno));
    pipe_tell_reads(channel);
    pipe_tell_call(channel, CALL_READ, 0);
    pipe_stop_reading(channel);
    channel->ops->ended(channel->job, channel);
    return 0;
}

static void pipe_read_ready(void *data)
{
    pipe_read_once(data);
}

struct pipe *pipe_open(const struct pipe_ops *ops, void *job, const char **call)
{
    struct pipe *channel = slab_take(&channels);
    int ends[2] = {-1, -1};
    *channel = (struct pipe){.ops = ops, .job = job};
    *call = "pipe2";
    int result = pipe2(ends, O_CLOEXEC);
    channel->fd = ends[0];
    channel->worker_fd = ends[1];
    pipe_tell(channel,
              (struct event){
                  .call = CALL_PIPE2, .a = ends[0], .b = ends[1], .error = result < 0 ? errno : 0});
    if (result < 0)
        goto err_pipe;
    *call = "fcntl(O_NONBLOCK)";
    result = fcntl(channel->fd, F_SETFL, O_NONBLOCK);
    pipe_tell_call(channel, CALL_NONBLOCK, result);
    if (result < 0)
        goto err;
    *call = "epoll_ctl";
    channel->watched = loop_watch(channel->fd, pipe_read_ready, channel);
    pipe_tell_call(channel, CALL_EPOLL_ADD, channel->watched ? 0 : -1);
    if (!channel->watched)
        goto err;
    channel->decoder.buffer = nofork_map(DECODER_ROOM);
    return channel;
err:;
    int error = errno;
    pipe_close_worker_end(channel);
    pipe_tell_call(channel, CALL_CLOSE, close(channel->fd));
    errno = error;
err_pipe:
    slab_give(&channels, channel);
    return NULL;
}

void pipe_set_only(struct pipe *channel, struct worker *only)
{
    channel->only = only;
}

struct worker *pipe_only(const struct pipe *channel)
{
    return channel->only;
}

int pipe_worker_end(const struct pipe *channel)
{
    return channel->worker_fd;
}

int pipe_fd(const struct pipe *channel)
{
    return channel->fd;
}

void pipe_close_worker_end(struct pipe *channel)
{
    if (channel->worker_fd < 0)
        return;
    int error = close(channel->worker_fd) < 0 ? errno : 0;
    pipe_tell(channel, (struct event){.call = CALL_CLOSE, .a = channel->worker_fd, .error = error});
    channel->worker_fd = -1;
}

void pipe_drain(struct pipe *channel)
{
    int waiting = 0;
    if (ioctl(channel->fd, FIONREAD, &waiting) < 0)
        die("ioctl(FIONREAD): %s", strerror(errno));
    size_t left = (size_t)waiting;
    while (left > 0 && channel->watched) {
        size_t got = pipe_read_once(channel);
        if (got == 0)
            break;
        left -= got < left ? got : left;
    }
}

bool pipe_is_held(const struct pipe *channel)
{
    struct pollfd polled = {.fd = channel->fd, .events = POLLIN};
    while (poll(&polled, 1, 0) < 0)
        if (errno != EINTR)
            die("poll: %s", strerror(errno));
    return !(polled.revents & POLLHUP);
}

bool pipe_is_within_frame(const struct pipe *channel)
{
    return !channel->garbage && frame_decoder_is_within(&channel->decoder);
}

void pipe_close(struct pipe *channel)
{
    pipe_tell_reads(channel);
    pipe_stop_reading(channel);
    pipe_close_worker_end(channel);
    int result = close(channel->fd);
    pipe_tell_call(channel, CALL_CLOSE, result);
    nofork_unmap(channel->decoder.buffer, DECODER_ROOM);
    slab_give(&channels, channel);
}
