// SPDX-License-Identifier: GPL-3.0-or-later
// One `race` being carried out.
#ifndef FORKLAB_COMMANDS_RACE_STATE_H
#define FORKLAB_COMMANDS_RACE_STATE_H

#include "commands/race_scene.h"
#include "jobs/search.h"
#include "shell/call.h"
#include "sync/sync.h"

struct race_args {
    const char *what; // N, or a name
    int64_t times;
    int64_t lock;
    int64_t runs;
    const char *replay;
    int64_t seed;
    bool deaths, repaired, daemon, step, array;
    const char *bug;
    int64_t for_ns;
};

struct race {
    struct call *call;
    const struct race_args *args;
    const struct race_scene *scene;
    struct race_shared *shared;
    struct sync_set objects;
    struct search *search;
    struct search_options options;
    uint32_t workers;
    uint64_t count; // of orders without waiting
    uint64_t free_runs, free_right, orders, wrong, deaths, deaths_wrong;
    uint64_t left_held, left_taken; // locks whose owner was killed
    bool all_tried;
    const char *fault; // of the first order that went wrong
    uint8_t replay[GATE_STEPS];
    size_t chosen; // steps in `replay` that --step has chosen
    int status;
};

#endif
