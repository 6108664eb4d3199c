// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 2 }; // between two parts

// Writes whole seconds as 0:07, 2:05 or 1:02:05.
static void progress_format_seconds(int64_t seconds, char *text, size_t size)
{
    if (seconds >= 3600)
        snprintf(text, size, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    else
        snprintf(text, size, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
}

static void progress_format_rate(const struct progress *progress, char *text, size_t size)
{
    double seconds = (double)progress->elapsed / NS_PER_S;
    double rate = seconds > 0 ? (double)progress->done / seconds : 0;
    snprintf(text, size, rate < 10 ? "%.1f/s" : "%.0f/s", rate);
}

static void progress_format_left(const struct progress *progress, char *text, size_t size)
{
    double left = (double)progress->elapsed * (1 - progress->part) / progress->part;
    char clock[32];
    progress_format_seconds((int64_t)(left / NS_PER_S) + 1, clock, sizeof clock);
    snprintf(text, size, "%s left", progress->part >= 1 ? "0:00" : clock);
}

// What the line is made of, in its order.
enum part { PART_TITLE, PART_BAR, PART_COUNT, PART_RATE, PART_LEFT, PARTS };

static void progress_format_bar(const struct progress *progress, char *text, size_t size)
{
    enum { WIDTH = 20 };
    char bar[WIDTH + 1];
    double part = progress->part > 1 ? 1 : progress->part;
    if (part < 0) {
        progress_format_seconds(progress->elapsed / NS_PER_S, text, size);
        return;
    }
    int full = (int)(part * WIDTH);
    memset(bar, '#', (size_t)full);
    memset(bar + full, '-', (size_t)(WIDTH - full));
    bar[WIDTH] = '\0';
    snprintf(text, size, "[%s] %3d%%", bar, (int)(part * 100));
}

enum { PART_ROOM = 64 };

// Adds the parts that are not empty, those of most weight as long as there is room.
static void progress_join(char parts[PARTS][PART_ROOM], int columns, struct text *text)
{
    static const enum part by_weight[] = {PART_BAR, PART_LEFT, PART_COUNT, PART_RATE, PART_TITLE};
    bool shown[PARTS] = {false};
    // One column stays free: a full line would make some terminals wrap.
    int room = columns - 1 + GAP;
    for (size_t i = 0; i < PARTS; i++) {
        int needed = (int)strlen(parts[by_weight[i]]) + GAP;
        shown[by_weight[i]] = needed > GAP && needed <= room;
        room -= shown[by_weight[i]] ? needed : 0;
    }
    size_t before = text->length;
    for (size_t i = 0; i < PARTS; i++)
        if (shown[i])
            text_print(text, "%*s%s", text->length > before ? GAP : 0, "", parts[i]);
}

void progress_format(const struct progress *progress, const char *title, int columns,
                     struct text *text)
{
    char parts[PARTS][PART_ROOM] = {{0}};
    snprintf(parts[PART_TITLE], sizeof parts[0], "%s", title);
    progress_format_bar(progress, parts[PART_BAR], sizeof parts[0]);
    if (progress->unit)
        snprintf(parts[PART_COUNT], sizeof parts[0], "%" PRId64 "/%" PRId64 " %s", progress->done,
                 progress->total, progress->unit);
    if (progress->unit && progress->done > 0)
        progress_format_rate(progress, parts[PART_RATE], sizeof parts[0]);
    if (progress->stands)
        snprintf(parts[PART_LEFT], sizeof parts[0], "stopped");
    else if (progress->part > 0)
        progress_format_left(progress, parts[PART_LEFT], sizeof parts[0]);
    progress_join(parts, columns, text);
}
