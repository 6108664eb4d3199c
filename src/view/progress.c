// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Writes whole seconds as 0:07, 2:05 or 1:02:05.
static void format_seconds(int64_t seconds, char *text, size_t size)
{
    if (seconds >= 3600)
        snprintf(text, size, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    else
        snprintf(text, size, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
}

static void format_rate(const struct progress *progress, char *text, size_t size)
{
    double seconds = (double)progress->elapsed / NS_PER_S;
    double rate = seconds > 0 ? (double)progress->done / seconds : 0;
    snprintf(text, size, rate < 10 ? "%.1f/s" : "%.0f/s", rate);
}

static void format_left(const struct progress *progress, char *text, size_t size)
{
    double left = (double)progress->elapsed * (1 - progress->part) / progress->part;
    char clock[32];
    format_seconds((int64_t)(left / NS_PER_S) + 1, clock, sizeof clock);
    snprintf(text, size, "%s left", progress->part >= 1 ? "0:00" : clock);
}

void progress_format(const struct progress *progress, const char *title, int columns,
                     struct text *text)
{
    enum { BAR = 20 };
    char rate[32], left[48], line[256], bar[BAR + 1];
    size_t used = 0;
    double part = progress->part > 1 ? 1 : progress->part;
    if (part < 0) {
        format_seconds(progress->elapsed / NS_PER_S, left, sizeof left);
        used += (size_t)snprintf(line, sizeof line, "%s", left);
    } else {
        int full = (int)(part * BAR);
        memset(bar, '#', (size_t)full);
        memset(bar + full, '-', (size_t)(BAR - full));
        bar[BAR] = '\0';
        used += (size_t)snprintf(line, sizeof line, "[%s] %3d%%", bar, (int)(part * 100));
    }
    if (progress->unit) {
        format_rate(progress, rate, sizeof rate);
        used +=
            (size_t)snprintf(line + used, sizeof line - used, "  %" PRId64 "/%" PRId64 " %s  %s",
                             progress->done, progress->total, progress->unit, rate);
    }
    if (part > 0) {
        format_left(progress, left, sizeof left);
        used += (size_t)snprintf(line + used, sizeof line - used, "  %s", left);
    }
    // One column stays free: a full line would make some terminals wrap.
    size_t room = columns > 1 ? (size_t)columns - 1 : 0;
    if (used + 2 + strlen(title) <= room)
        text_print(text, "%s  ", title);
    text_add(text, line, used < room ? used : room);
}
