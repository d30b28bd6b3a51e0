/* crash_point.h - named places at which a test kills the process,
 * to see what the next run makes of it.
 *
 *   CRASH_POINT("upload_answered");
 *
 * Only builds made with -DMB_CRASH_POINTS=ON have them (preset "crash"); elsewhere they are
 * nothing. There each is one predictable branch until the environment says otherwise:
 *
 *   MB_CRASH_AT=N           the N-th point passed in this process kills it (SIGKILL)
 *   MB_CRASH_AT=NAME:K      the K-th passing of NAME does
 *   MB_CRASH_COUNT=FILE     says in FILE what was passed: "NAME COUNT" a line at the end of the
 *                           process, or "killed NAME" when it is killed
 *
 * May be passed on any thread. The order of passings is that of the run: where two threads are at
 * work, or the network is, it is not the same twice. */
#ifndef MB_BASE_CRASH_POINT_H
#define MB_BASE_CRASH_POINT_H

#ifdef MB_CRASH_POINTS

#include <stdbool.h>

extern bool crash_points_watched; /* set before main, by the environment */
void crash_point_pass(const char *name);

#define CRASH_POINT(name)                                                                          \
    (__builtin_expect(crash_points_watched, 0) ? crash_point_pass(name) : (void)0)

#else

#define CRASH_POINT(name) ((void)0)

#endif

#endif
