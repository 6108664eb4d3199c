// SPDX-License-Identifier: GPL-3.0-or-later
// The whole screen of the terminal, for one view that is drawn again and again while its command
// runs in front. What was there comes back afterwards, and what is printed meanwhile appears then.
#ifndef FORKLAB_SHELL_SCREEN_H
#define FORKLAB_SHELL_SCREEN_H

#include <stdbool.h>

// What a key means to such a view.
enum screen_key {
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_TOP,
    KEY_BOTTOM,
    KEY_OTHER
};

// Whether the terminal can move its cursor.
bool screen_is_possible(void);

// Takes the screen, and hands every key that is typed to `on_key(key, data)`. Keys behind the one
// that makes it call screen_close() stay for the next reader.
void screen_open(void (*on_key)(enum screen_key key, void *data), void *data);
bool screen_is_open(void);

// Gives it back, with its keys. May be called at any time, and more than once.
void screen_close(void);

// Within on_key(), for one that makes it close: what begins to type something is typed at the
// prompt. Escape, Return, a blank, a key without a character, and q alone end the view and are no
// more than that.
void screen_give_key_back(void);

// Draws the lines of `text`, which fit, unless they are there already.
void screen_draw(const char *text);

// Gives the screen back for a moment, so that something can be written, and takes it again.
void screen_hide(void);
void screen_show(void);

#endif
