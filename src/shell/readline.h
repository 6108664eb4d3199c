// SPDX-License-Identifier: GPL-3.0-or-later
// GNU readline, loaded only when there is a prompt: a script does not pay for it, neither when it
// starts nor with each fork. After readline_load() its names mean what readline.h says.
#ifndef FORKLAB_SHELL_READLINE_H
#define FORKLAB_SHELL_READLINE_H

#include <stdbool.h>
#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>

// All of readline's functions and variables that forklab uses, one a line.
// clang-format off
#define READLINE_NAMES(X) \
    X(add_history) \
    X(using_history) \
    X(rl_attempted_completion_function) \
    X(rl_attempted_completion_over) \
    X(rl_basic_word_break_characters) \
    X(rl_callback_handler_install) \
    X(rl_callback_handler_remove) \
    X(rl_callback_read_char) \
    X(rl_callback_sigcleanup) \
    X(rl_catch_signals) \
    X(rl_catch_sigwinch) \
    X(rl_change_environment) \
    X(rl_clear_message) \
    X(rl_clear_visible_line) \
    X(rl_completer_quote_characters) \
    X(rl_completer_word_break_characters) \
    X(rl_completion_display_matches_hook) \
    X(rl_completion_matches) \
    X(rl_completion_query_items) \
    X(rl_deprep_term_function) \
    X(rl_deprep_terminal) \
    X(rl_end) \
    X(rl_filename_completion_function) \
    X(rl_filename_quote_characters) \
    X(rl_forced_update_display) \
    X(rl_free_line_state) \
    X(rl_getc) \
    X(rl_getc_function) \
    X(rl_initialize) \
    X(rl_instream) \
    X(rl_library_version) \
    X(rl_line_buffer) \
    X(rl_on_new_line) \
    X(rl_outstream) \
    X(rl_point) \
    X(rl_prep_term_function) \
    X(rl_prep_terminal) \
    X(rl_readline_name) \
    X(rl_readline_state) \
    X(rl_redisplay) \
    X(rl_reset_screen_size) \
    X(rl_resize_terminal) \
    X(rl_restore_prompt) \
    X(rl_tty_set_echoing) \
    X(rl_variable_bind)
// clang-format on

struct readline_names {
// NOLINTNEXTLINE(bugprone-macro-parentheses): what a declaration names has no parentheses.
#define READLINE_POINTER(name) __typeof__(name) *name;
    READLINE_NAMES(READLINE_POINTER)
#undef READLINE_POINTER
};

extern struct readline_names readline_names;

// Loads the library, once; without it dies, and says why.
void readline_load(void);

// The rest of this header makes each name lead through its pointer. readline.c itself leaves it
// out.
#ifndef READLINE_ONLY_NAMES
#define add_history                        (*readline_names.add_history)
#define using_history                      (*readline_names.using_history)
#define rl_attempted_completion_function   (*readline_names.rl_attempted_completion_function)
#define rl_attempted_completion_over       (*readline_names.rl_attempted_completion_over)
#define rl_basic_word_break_characters     (*readline_names.rl_basic_word_break_characters)
#define rl_callback_handler_install        (*readline_names.rl_callback_handler_install)
#define rl_callback_handler_remove         (*readline_names.rl_callback_handler_remove)
#define rl_callback_read_char              (*readline_names.rl_callback_read_char)
#define rl_callback_sigcleanup             (*readline_names.rl_callback_sigcleanup)
#define rl_catch_signals                   (*readline_names.rl_catch_signals)
#define rl_catch_sigwinch                  (*readline_names.rl_catch_sigwinch)
#define rl_change_environment              (*readline_names.rl_change_environment)
#define rl_clear_message                   (*readline_names.rl_clear_message)
#define rl_clear_visible_line              (*readline_names.rl_clear_visible_line)
#define rl_completer_quote_characters      (*readline_names.rl_completer_quote_characters)
#define rl_completer_word_break_characters (*readline_names.rl_completer_word_break_characters)
#define rl_completion_display_matches_hook (*readline_names.rl_completion_display_matches_hook)
#define rl_completion_matches              (*readline_names.rl_completion_matches)
#define rl_completion_query_items          (*readline_names.rl_completion_query_items)
#define rl_deprep_terminal                 (*readline_names.rl_deprep_terminal)
#define rl_end                             (*readline_names.rl_end)
#define rl_filename_completion_function    (*readline_names.rl_filename_completion_function)
#define rl_filename_quote_characters       (*readline_names.rl_filename_quote_characters)
#define rl_forced_update_display           (*readline_names.rl_forced_update_display)
#define rl_free_line_state                 (*readline_names.rl_free_line_state)
#define rl_getc                            (*readline_names.rl_getc)
#define rl_getc_function                   (*readline_names.rl_getc_function)
#define rl_initialize                      (*readline_names.rl_initialize)
#define rl_instream                        (*readline_names.rl_instream)
#define rl_library_version                 (*readline_names.rl_library_version)
#define rl_line_buffer                     (*readline_names.rl_line_buffer)
#define rl_on_new_line                     (*readline_names.rl_on_new_line)
#define rl_outstream                       (*readline_names.rl_outstream)
#define rl_point                           (*readline_names.rl_point)
#define rl_prep_term_function              (*readline_names.rl_prep_term_function)
#define rl_deprep_term_function            (*readline_names.rl_deprep_term_function)
#define rl_prep_terminal                   (*readline_names.rl_prep_terminal)
#define rl_readline_name                   (*readline_names.rl_readline_name)
#define rl_readline_state                  (*readline_names.rl_readline_state)
#define rl_redisplay                       (*readline_names.rl_redisplay)
#define rl_reset_screen_size               (*readline_names.rl_reset_screen_size)
#define rl_resize_terminal                 (*readline_names.rl_resize_terminal)
#define rl_restore_prompt                  (*readline_names.rl_restore_prompt)
#define rl_tty_set_echoing                 (*readline_names.rl_tty_set_echoing)
#define rl_variable_bind                   (*readline_names.rl_variable_bind)
#endif

#endif
