// SPDX-License-Identifier: GPL-3.0-or-later
// What jobs, show, tree and watch tell while the view is in the past: made from the log alone.
#ifndef FORKLAB_COMMANDS_REWOUND_H
#define FORKLAB_COMMANDS_REWOUND_H

#include "base/text.h"
#include "log/model.h"
#include "shell/call.h"

// Each returns the status for run() to return; `words` are jobs or targets of the moment's job, and
// any other is refused.
int rewound_jobs(struct call *call, const struct words *words);
int rewound_show(struct call *call, const struct words *words);
int rewound_tree(struct call *call);
int rewound_watch(struct call *call);

// Refuses jobs that are not the moment's; the second says that the log has nothing of it any more.
// Both return a status.
int rewound_check_jobs(struct call *call, const struct words *words);
int rewound_refuse_dropped(struct call *call);

// Adds the line that stands above what is shown of the past.
void rewound_add_heading(struct text *text);

#endif
