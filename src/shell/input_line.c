// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/input_line.h"

#include "base/text.h"

static bool is_open;
static int worst;
static struct text line_place, line_text;

void input_line_begin(const char *place, const char *text)
{
    is_open = true;
    worst = 0;
    text_clear(&line_place);
    text_clear(&line_text);
    text_add_string(&line_place, place);
    text_add_string(&line_text, text);
}

bool input_line_is_open(void)
{
    return is_open;
}

void input_line_note(int status)
{
    worst = status > worst ? status : worst;
}

void input_line_end(void (*tell)(const char *place, const char *text, int status))
{
    if (is_open && tell)
        tell(text_string(&line_place), text_string(&line_text), worst);
    is_open = false;
    text_free(&line_place);
    text_free(&line_text);
}
