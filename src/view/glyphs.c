// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/glyphs.h"

#include <langinfo.h>
#include <string.h>

const char *const glyphs_names[] = {"auto", "utf8", "ascii", NULL};

static enum glyphs setting;

void glyphs_set(enum glyphs glyphs)
{
    setting = glyphs;
}

enum glyphs glyphs_setting(void)
{
    return setting;
}

bool glyphs_are_utf8(void)
{
    switch (setting) {
    case GLYPHS_AUTO:
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    case GLYPHS_UTF8:
        return true;
    case GLYPHS_ASCII:
        break;
    }
    return false;
}
