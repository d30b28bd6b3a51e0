/* See crash_point.h. A table of the names passed so far, under one lock: only a test that asked for
 * it comes here. SIGKILL, because nothing may run after it: no handler, no flush, no destructor. */
#include "base/crash_point.h"

#ifdef MB_CRASH_POINTS

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MAX = 128, NAME_MAX_BYTES = 64 };

bool crash_points_watched;

static struct {
    const char *name;
    unsigned long passed;
} points[NAMES_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long passed, kill_at;  /* kill_at 0: never */
static char kill_name[NAME_MAX_BYTES]; /* "": whichever is the kill_at-th */
static const char *report_path;

static void report_end(void)
{
    FILE *f = passed ? fopen(report_path, "w") : NULL;
    for (size_t i = 0; f && i < NAMES_MAX && points[i].name; i++)
        fprintf(f, "%s %lu\n", points[i].name, points[i].passed);
    if (f)
        fclose(f);
}

__attribute__((constructor)) static void read_environment(void)
{
    const char *at = getenv("MB_CRASH_AT");
    report_path = getenv("MB_CRASH_COUNT");
    if (at) {
        const char *colon = strrchr(at, ':');
        size_t len = colon ? (size_t)(colon - at) : 0;
        if (len < sizeof kill_name)
            memcpy(kill_name, at, len);
        kill_at = strtoul(colon ? colon + 1 : at, NULL, 10);
    }
    if (report_path)
        atexit(report_end);
    crash_points_watched = kill_at > 0 || report_path;
}

static unsigned long count(const char *name)
{
    passed++;
    for (size_t i = 0; i < NAMES_MAX; i++) {
        if (!points[i].name)
            points[i].name = name;
        if (strcmp(points[i].name, name) == 0)
            return ++points[i].passed;
    }
    abort(); /* more names than there is room for */
}

static _Noreturn void die_here(const char *name)
{
    FILE *f = report_path ? fopen(report_path, "w") : NULL;
    if (f) {
        fprintf(f, "killed %s\n", name);
        fclose(f);
    }
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* The lock stays held by a thread that dies, so that no other gets further. */
void crash_point_pass(const char *name)
{
    pthread_mutex_lock(&lock);
    unsigned long of_name = count(name);
    if (kill_at &&
        (kill_name[0] ? of_name == kill_at && strcmp(kill_name, name) == 0 : passed == kill_at))
        die_here(name);
    pthread_mutex_unlock(&lock);
}

#endif
