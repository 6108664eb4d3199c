// SPDX-License-Identifier: GPL-3.0-or-later
// Which job the lines that are printed belong to.
#ifndef FORKLAB_JOBS_SPEAKER_H
#define FORKLAB_JOBS_SPEAKER_H

struct job;

// Attributes what is printed from now on to that job; NULL: to none. Each call of a job's ops is
// made between speaker_set(job) and speaker_set() of what that returned: the speaker before.
const struct job *speaker_set(const struct job *job);

// Returns the speaker, or NULL.
const struct job *speaker_get(void);

// Sets the one function that is called at each change of the speaker, with the new one; NULL:
// none.
void speaker_on_change(void (*changed)(const struct job *job));

#endif
