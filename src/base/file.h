// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are written as a whole or not at all.
#ifndef FORKLAB_BASE_FILE_H
#define FORKLAB_BASE_FILE_H

#include "base/text.h"

#include <stdbool.h>
#include <sys/stat.h>

// Makes `content` the content of the file at `path`: writes a temporary file beside it, and renames
// that once it is safely on the disk. A file that was there keeps its mode; a link still leads to
// it. False, and `error` says which call failed and why, or that it is no plain file, or has no
// folder, or is in use (see below): then the old file is as it was, and nothing is left beside it.
bool file_save(const char *path, const struct text *content, struct text *error);

// Tries whether file_save() could write there, with a temporary file that it removes: for callers
// that work long for the content. False, and `error` says why not, as file_save() would.
bool file_try(const char *path, struct text *error);

// Writes all of `bytes` to `fd`. False with errno; then some of them may have been written.
bool file_write(int fd, const char *bytes, size_t length);

// Notes that a descriptor reads or writes its file for a while; file_end_use() comes before it is
// closed. stdin, stdout and stderr are known without.
void file_begin_use(int fd, bool writes);
void file_end_use(int fd);

// Whether the plain file behind `fd`, or with that status, is read or written so: by device and
// inode, whatever its name. To write it would lose it, or never end. file_is_written() asks for
// writing alone.
bool file_is_in_use(const struct stat *status);
bool file_is_written(int fd);

// What to say of one.
#define FILE_IN_USE "forklab reads or writes it itself"

#endif
