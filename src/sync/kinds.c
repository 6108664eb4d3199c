// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/sync.h"

#include <stddef.h>

#define SYNC_KIND(name) extern const struct sync_kind sync_##name;
#include "sync/kinds.def"
#undef SYNC_KIND

const struct sync_kind *const sync_kinds[] = {
#define SYNC_KIND(name) &sync_##name,
#include "sync/kinds.def"
#undef SYNC_KIND
    NULL,
};
