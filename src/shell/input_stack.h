// SPDX-License-Identifier: GPL-3.0-or-later
// Where commands come from: a stack, as a line may run a file, and that repeat a command.
#ifndef FORKLAB_SHELL_INPUT_STACK_H
#define FORKLAB_SHELL_INPUT_STACK_H

#include "base/text.h"
#include "shell/line.h"
#include "shell/line_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum input_state {
    SOURCE_PART,    // a command
    SOURCE_WAIT,    // nothing yet; input_stack_fd() will be readable
    SOURCE_ERROR,   // a line that can't be understood
    SOURCE_FAILED,  // reading failed
    SOURCE_SKIPPED, // a line too long to be a command was left out; those behind it are fine
    SOURCE_CANCEL,  // a line that begins with !cancel; `message` is the line
    SOURCE_NOTHING, // the end of a line of the session's own script
    SOURCE_PAST,    // a feed leaves the next line to the terminal
    SOURCE_EMPTY    // nothing is left
};

// Takes over a script, which comes before all that is there already. `has_place`: messages name the
// file and the line. The first one that has a place is the session's own script.
void input_stack_push(struct line_reader *script, bool has_place);

// The same for a file; with `keeps_going` a command of it that fails does not end it. False with
// errno when it can't be opened, is a folder, or is being written by us (ETXTBSY).
bool input_stack_push_file(const char *path, bool keeps_going);

// Returns how many sources are on top of each other.
size_t input_stack_depth(void);

// Puts a command in front `count` times, with the place of the line that asks for it.
void input_stack_push_repeat(int64_t count, const char *text, bool background);

// A source that decides by itself what comes next: a lesson.
struct input_feed {
    // Puts the next line into `line` and returns SOURCE_PART; SOURCE_WAIT while it waits for a key;
    // SOURCE_PAST where the terminal's prompt is to go on instead; SOURCE_FAILED with a `message`;
    // SOURCE_EMPTY at its end.
    enum input_state (*next)(void *data, struct text *line, struct text *message);
    // Adds "FILE:LINE: " for the line given last.
    void (*place)(const void *data, struct text *text);
    // A command of the last line failed, or was interrupted, as `status` says; or, with 0, Ctrl-C
    // was pressed and no command ran. Whether it goes on.
    bool (*goes_on)(void *data, int status);
    void (*free)(void *data);
};

// Puts it in front. `data` is freed by its free(), when the feed has ended or was given up.
void input_stack_push_feed(const struct input_feed *feed, void *data);

// A command ended with a status that gives up what follows it, or Ctrl-C was pressed (0): forgets
// everything down to a feed that goes on or, after a failure, a file that keeps going.
void input_stack_give_up(int status);

// Takes the next command into `part`, which becomes the caller's (its words and source). Else
// `message` says what is wrong. `may_read` as in line_reader_next().
enum input_state input_stack_next(bool may_read, struct part *part, struct text *message);

// Whether the command taken last was typed as it is: it comes from no file that another command
// read, and from no repetition.
bool input_stack_is_typed(void);

// Adds "FILE:LINE: " for the command or error taken last ("FILE: " where reading failed), or
// nothing.
void input_stack_place(struct text *text);

// Whether nothing is left to be done of the session's own script's last line, but for what may
// still be running.
bool input_stack_line_is_through(void);

// Gives up what is left of that line: its commands, repetitions, and the files that it reads.
void input_stack_give_up_line(void);

// Looks at the lines of the session's own script that have come ahead, as line_reader_look_ahead().
bool input_stack_look_ahead(bool may_read, line_reader_ahead_fn *each);

// Returns the descriptor of the session's own script, or -1.
int input_stack_own_fd(void);

// Adds "FILE:LINE: " for a line of the session's own script.
void input_stack_own_place(long number, struct text *text);

// Returns the number of the line taken last from the session's own script.
long input_stack_own_line(void);

// Returns the descriptor that SOURCE_WAIT waits for.
int input_stack_fd(void);

// Forgets everything.
void input_stack_drop_all(void);

#endif
