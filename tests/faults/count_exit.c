// SPDX-License-Identifier: GPL-3.0-or-later
// Only in a build that measures coverage: counts also what a process did that leaves by _exit(2),
// or by a signal that it sends itself. The linker puts these in the place of the calls (ld(1),
// --wrap).
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int status);
int __real_raise(int number);
_Noreturn void __real_abort(void);
_Noreturn void __wrap__exit(int status);
int __wrap_raise(int number);
_Noreturn void __wrap_abort(void);
// Of failing_malloc.c, where that is preloaded.
extern void failing_malloc_end(void) __attribute__((weak));

static void lift_limit(int which)
{
    struct rlimit limit;
    if (getrlimit(which, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(which, &limit);
    }
}

// What a test allows forklab need not be enough for the counts.
__attribute__((destructor)) static void make_room(void)
{
    signal(SIGXFSZ, SIG_IGN);
    lift_limit(RLIMIT_FSIZE);
    lift_limit(RLIMIT_NOFILE);
    lift_limit(RLIMIT_AS);
    if (failing_malloc_end)
        failing_malloc_end();
}

_Noreturn void __wrap__exit(int status)
{
    make_room();
    __gcov_dump();
    __real__exit(status);
}

int __wrap_raise(int number)
{
    __gcov_dump();
    __gcov_reset();
    return __real_raise(number);
}

_Noreturn void __wrap_abort(void)
{
    make_room();
    __gcov_dump();
    __real_abort();
}
