/* recorded_run.h - the results of a run, for `sandbox --record`. */
#ifndef MB_CLI_RECORDED_RUN_H
#define MB_CLI_RECORDED_RUN_H

#include "sandbox/record_run.h"

/* Of the ledger in an output directory, or of a ledger named itself; a run may be at work. */
extern const struct run_reader recorded_run;

#endif
