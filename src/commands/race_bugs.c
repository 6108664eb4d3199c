// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_scene.h"

#include <string.h>

const struct race_scene race_bugs[] = {{0}};

const struct race_scene *race_bug(const char *name)
{
    for (const struct race_scene *scene = race_bugs; scene->name; scene++)
        if (strcmp(scene->name, name) == 0)
            return scene;
    return NULL;
}
