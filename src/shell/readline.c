// SPDX-License-Identifier: GPL-3.0-or-later
#define READLINE_ONLY_NAMES
#include "shell/readline.h"

#include "base/die.h"

#include <dlfcn.h>

#define READLINE_TEXT(number) #number
#define READLINE_FILE(major)  "libreadline.so." READLINE_TEXT(major)

struct readline_names readline_names;

static void *readline_find(void *library, const char *name)
{
    void *place = dlsym(library, name);
    if (!place)
        die("readline: %s", dlerror());
    return place;
}

void readline_load(void)
{
    static void *library;
    if (library)
        return;
    library = dlopen(READLINE_FILE(RL_VERSION_MAJOR), RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        die("readline: %s", dlerror());
#define READLINE_SET(name) *(void **)&readline_names.name = readline_find(library, #name);
    READLINE_NAMES(READLINE_SET)
#undef READLINE_SET
}
