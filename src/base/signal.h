// SPDX-License-Identifier: GPL-3.0-or-later
// Signals by name: SIGTERM, TERM, term and 15 are the same signal.
#ifndef FORKLAB_BASE_SIGNAL_H
#define FORKLAB_BASE_SIGNAL_H

// The last signal that has a name of its own; real-time signals are not offered.
#define SIGNAL_LAST 31

// Returns the signal that `text` names, or -1 when it names none.
int signal_number(const char *text);

// Returns "SIGTERM" for 15; "SIG?" for a number without a name. Static, never freed.
const char *signal_name(int number);

#endif
