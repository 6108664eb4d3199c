// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/message.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t message_write_all(int fd, const void *bytes, size_t length)
{
    size_t written = 0;
    while (written < length) {
        ssize_t more = write(fd, (const char *)bytes + written, length - written);
        if (more < 0 && errno != EINTR)
            return -1;
        written += more > 0 ? (size_t)more : 0;
    }
    return (int64_t)written;
}

int64_t message_read_all(int fd, void *bytes, size_t length)
{
    size_t got = 0;
    while (got < length) {
        ssize_t more = read(fd, (char *)bytes + got, length - got);
        if (more < 0 && errno != EINTR)
            return -1;
        if (more == 0)
            break;
        got += more > 0 ? (size_t)more : 0;
    }
    return (int64_t)got;
}

bool message_send(int fd, const char *text)
{
    char bytes[sizeof(uint32_t) + MESSAGE_MOST];
    uint32_t length = (uint32_t)strnlen(text, MESSAGE_MOST);
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + sizeof length, text, length);
    return message_write_all(fd, bytes, sizeof length + length) >= 0;
}

enum message_answer message_receive(int fd, char *text)
{
    uint32_t length;
    int64_t got = message_read_all(fd, &length, sizeof length);
    if (got < 0)
        return MESSAGE_FAILED;
    if (got < (int64_t)sizeof length)
        return MESSAGE_END;
    if (length > MESSAGE_MOST) {
        errno = EBADMSG;
        return MESSAGE_FAILED;
    }
    got = message_read_all(fd, text, length);
    text[got < 0 ? 0 : got] = '\0';
    if (got < 0)
        return MESSAGE_FAILED;
    return got < (int64_t)length ? MESSAGE_END : MESSAGE_HERE;
}

enum message_answer message_poll(int fd, int64_t timeout)
{
    struct pollfd ask = {.fd = fd, .events = POLLIN};
    int64_t deadline = clock_now() + timeout;
    for (;;) {
        int64_t left = deadline - clock_now();
        left = left > 0 ? left : 0;
        struct timespec time = {left / NS_PER_S, left % NS_PER_S};
        int answer = ppoll(&ask, 1, &time, NULL);
        if (answer < 0 && errno != EINTR)
            return MESSAGE_FAILED;
        if (answer >= 0)
            return answer > 0 ? MESSAGE_HERE : MESSAGE_NOT_YET;
    }
}
