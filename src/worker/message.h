// SPDX-License-Identifier: GPL-3.0-or-later
// Messages through a pipe: a pipe is a stream of bytes, so each message brings its length with it.
// In a worker.
#ifndef FORKLAB_WORKER_MESSAGE_H
#define FORKLAB_WORKER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The longest text that a message has.
#define MESSAGE_MOST 1000

// What a look for a message found. FAILED: errno says why.
enum message_answer { MESSAGE_HERE, MESSAGE_NOT_YET, MESSAGE_END, MESSAGE_FAILED };

// Sends one, in one write. False with errno.
bool message_send(int fd, const char *text);

// Waits for one, and writes it into `text`, which has MESSAGE_MOST + 1 bytes. MESSAGE_END at the
// end of file.
enum message_answer message_receive(int fd, char *text);

// Waits up to `timeout` ns until there is something to read: MESSAGE_HERE also for the end of
// file, as poll(2) does.
enum message_answer message_poll(int fd, int64_t timeout);

// Writes or reads all of them, however often it is interrupted. Reading returns how many bytes
// there were before the end of file; both return -1 with errno.
int64_t message_write_all(int fd, const void *bytes, size_t length);
int64_t message_read_all(int fd, void *bytes, size_t length);

#endif
