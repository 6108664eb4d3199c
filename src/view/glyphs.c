// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/glyphs.h"

#include <langinfo.h>
#include <string.h>

bool glyphs_are_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
