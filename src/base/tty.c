// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/tty.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

int tty_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

int tty_rows(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
        return size.ws_row;
    return 24;
}

bool tty_is_ours(int fd)
{
    pid_t group = tcgetpgrp(fd);
    return group < 0 || group == getpgrp();
}

bool tty_takes_output(int fd)
{
    struct termios settings;
    return tty_is_ours(fd) || tcgetattr(fd, &settings) < 0 || !(settings.c_lflag & TOSTOP);
}

// Takes a SIGCONT that is pending, and says whether one was.
static bool tty_take_continue(const sigset_t *set)
{
    struct timespec now = {0};
    return sigtimedwait(set, NULL, &now) == SIGCONT;
}

bool tty_stop_us(int number)
{
    sigset_t stop, go_on, before;
    sigemptyset(&stop);
    sigaddset(&stop, number);
    sigemptyset(&go_on);
    sigaddset(&go_on, SIGCONT);
    if (sigprocmask(SIG_BLOCK, &go_on, &before) < 0)
        return false;
    tty_take_continue(&go_on);
    sigprocmask(SIG_UNBLOCK, &stop, NULL);
    kill(0, number);
    bool stopped = tty_take_continue(&go_on);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return stopped;
}
