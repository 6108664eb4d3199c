// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of a start: links readline and prints x.
#include <stdio.h>

#include <readline/readline.h>

int main(void)
{
    rl_readline_name = "floor"; // so that the library really is loaded
    puts("x");
    return 0;
}
