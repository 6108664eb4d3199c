// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are there whole, or not at all.
#ifndef FORKLAB_VIEW_SAVE_H
#define FORKLAB_VIEW_SAVE_H

#include "base/text.h"

#include <stdbool.h>

// Writes `content` beside `path`, then gives it that name: a failure leaves what was there before. False
// with errno, and `failed_call` names what failed.
bool save_file(const char *path, const struct text *content, const char **failed_call);

#endif
