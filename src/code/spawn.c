// Workers one after another: each is waited for before the next one starts.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 3 };       //= N
enum { SIZE = 1000 }; //= SIZE

static void do_something(int number)
{
    size_t count = (size_t)number * SIZE;
    double *results = calloc(count + 1, sizeof *results);
    if (!results)
        _exit(1);
    for (size_t i = 0; i < count; i++)
        results[i] = sqrt((double)i) * sqrt((double)i);
    printf("Process %d finished with %zu results.\n", number, count);
    fflush(stdout); // _exit() does not
    _exit(0);       // never back into main()
}

int main(void)
{
    for (int i = 0; i < N; i++) {
        printf("calling do_something from process no: %d\n", i);
        fflush(stdout); // or the child prints it, too
        pid_t pid = fork();
        if (pid < 0) {
            perror("fork");
            return 1;
        }
        if (pid == 0)
            do_something(i);
        waitpid(pid, NULL, 0);
    }
    return 0;
}
