/* What a command costs: bench_measure FILE COMMAND... runs it and writes one line of JSON to FILE:
 * CPU seconds of it and of the children it waited for, seconds on the wall, the peak resident size
 * of the largest of them, and how it ended.
 *
 * A program of its own because Linux counts what a process was before its exec as its peak: a
 * child of this one starts at a megabyte, a child of an interpreter at its twenty. Hence fork, not
 * vfork, and nothing allocated before. Exits like the command (128 + N after signal N), or with 125
 * if it could not do its own work. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OWN_FAULT = 125, NOT_FOUND = 127 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    if (argc < 3) {
        fprintf(stderr, "usage: bench_measure FILE COMMAND...\n");
        return OWN_FAULT;
    }
    double start = now_s();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(NOT_FOUND);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("bench_measure");
        return OWN_FAULT;
    }
    double wall = now_s() - start;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *out = fopen(argv[1], "w");
    if (out == NULL ||
        fprintf(out,
                "{\"user_s\": %.6f, \"system_s\": %.6f, \"wall_s\": %.6f, \"peak_kib\": %ld, "
                "\"exit\": %d}\n",
                seconds(used.ru_utime), seconds(used.ru_stime), wall, used.ru_maxrss, code) < 0 ||
        fclose(out) != 0) {
        perror(argv[1]);
        return OWN_FAULT;
    }
    return code;
}
