/* spawn.h - another program's start, with nothing of ours but what it is given. */
#ifndef MB_BASE_SPAWN_H
#define MB_BASE_SPAWN_H

#include "base/require.h"

#include <stdbool.h>
#include <sys/types.h>

struct spawn {
    const char *program;          /* its path */
    const char *const *words;     /* argv, NULL-ended */
    const char *const *variables; /* "NAME=value", besides our environment; NULL-ended, or NULL */
    int input;                    /* becomes its standard input */
    int output;                   /* becomes its standard output; 0: /dev/null */
    int errors;                   /* becomes its standard error; -1: /dev/null */
    bool session;                 /* it leads a session of its own; else a process group */
    bool bare;                    /* none of our environment: VARIABLES alone */
};

/* 0 and its id, or errno. No other descriptor is open, no signal is blocked or ignored. It has our environment but for what is ours alone: variables that may hold
 * Mindee's key, and those by which a service manager talks to us. */
MUST_CHECK int spawn_start(const struct spawn *s, pid_t *pid);

#endif
