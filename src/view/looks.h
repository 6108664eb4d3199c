// SPDX-License-Identifier: GPL-3.0-or-later
// The ways in which a worker's slices of time look in pictures, whatever it shares with others.
#ifndef FORKLAB_VIEW_LOOKS_H
#define FORKLAB_VIEW_LOOKS_H

#include "base/text.h"
#include "log/past.h"

// Kinds of objects whose waits look different; later ones begin again.
enum { LOOK_KINDS = 8 };

// In the order of legends. LOOK_WAITING and those behind it are for the kinds of objects.
enum look {
    LOOK_STARTING,
    LOOK_WORKING,
    LOOK_OTHER_CHUNK, // every second chunk of a lane
    LOOK_IDLE,
    LOOK_WAITING,
    LOOK_HOLDING = LOOK_WAITING + LOOK_KINDS,
    LOOK_STOPPED,
    LOOK_ZOMBIE,
    LOOKS
};

// Returns how a slice looks.
enum look looks_of(const struct past *past, const struct slice *slice);

// Adds what a look means in this past: "waiting at barrier", "waiting for lock A, lock B".
void looks_add_meaning(const struct past *past, enum look look, struct text *text);

#endif
