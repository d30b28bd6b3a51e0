/* exit_code.h - how a run, or a command, ends for scripts (README, "Exit status"). */
#ifndef MB_BATCH_EXIT_CODE_H
#define MB_BATCH_EXIT_CODE_H

#include "base/error.h"

enum batch_exit {
    EXIT_ALL_STORED = 0,
    EXIT_SOME_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_LEDGER = 3,
    EXIT_REFUSED = 4,
    EXIT_RESUMABLE = 5,
    EXIT_BUG = 70, /* of ours */
};

/* The exit code that an error of a start means. */
int exit_code_of(const struct error *e);

#endif
