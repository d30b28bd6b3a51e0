/* run.h - a batch to its end: from its options to its exit code, with its reports. */
#ifndef MB_CLI_RUN_H
#define MB_CLI_RUN_H

#include "batch/batch.h"
#include "cli/command.h"

/* RETRYING NULL: over the command line's paths. */
int run_batch(const struct command_line *cl, const struct batch_retry *retrying, bool budget_again);

#endif
