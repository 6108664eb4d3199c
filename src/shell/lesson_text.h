// SPDX-License-Identifier: GPL-3.0-or-later
// A lesson's file, understood: an ordinary script whose `#` lines tell, ask and wait.
//     #: narration            #? question      #- an answer     #+ the right one
//     #> a note for the presenter              #. a pause
#ifndef FORKLAB_SHELL_LESSON_TEXT_H
#define FORKLAB_SHELL_LESSON_TEXT_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum lesson_kind {
    LESSON_HEADING,   // #: # TITLE
    LESSON_NARRATION, // lines of one paragraph, or of one that keeps its shape
    LESSON_QUESTION,
    LESSON_NOTE,
    LESSON_PAUSE,
    LESSON_COMMAND,
    LESSON_CHECK // a command, too: `check ...`
};

struct lesson_step {
    enum lesson_kind kind;
    long line;   // of the file, from 1; a paragraph's first
    char *text;  // without its mark
    bool shaped; // narration that begins with blanks: its lines are shown as they are
    // Of a question:
    char **answers;
    size_t answer_count;
    size_t right; // index of the right answer, or SIZE_MAX while it is sealed or missing
    char *seal;   // "sha256:SALT:HASH" of the right answer, or NULL
};

struct lesson_text {
    char *title; // the first heading, or the name
    struct lesson_step *steps;
    size_t count;
    char hash[65]; // SHA-256 of the whole file, in hexadecimal digits
};

// Understands `text`. False, with a message in `error` that begins with "LINE: ", when a mark
// stands where it can't or a question has no two answers, or no right one; then there is nothing to
// free. Else the caller frees `lesson` with lesson_text_free(). `name` is the title of a lesson
// without a heading.
bool lesson_text_parse(const char *text, const char *name, struct lesson_text *lesson,
                       struct text *error);
void lesson_text_free(struct lesson_text *lesson);

// Whether `answer` is the right one, sealed or not.
bool lesson_text_is_right(const struct lesson_step *question, size_t answer);

// Adds the lesson in `text` with each right answer sealed: hidden among the others, and known by a
// hash with a salt of its own. It can still be found by hashing each of them. False with errno when
// the kernel gives no random bytes.
bool lesson_text_seal(const char *text, struct text *sealed);

#endif
