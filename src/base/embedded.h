// SPDX-License-Identifier: GPL-3.0-or-later
// Text files that the program carries within itself; embed.c writes the tables while building.
#ifndef FORKLAB_BASE_EMBEDDED_H
#define FORKLAB_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; // of the file, without its folder
    const char *text; // ends in a NUL that `length` does not count
    size_t length;
};

// Each ends in an entry without a name, and is in the order of src/meson.build.
extern const struct embedded embedded_page[];
extern const struct embedded embedded_lessons[];
extern const struct embedded embedded_concepts[];
extern const struct embedded embedded_programs[];

#endif
