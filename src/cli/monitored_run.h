/* monitored_run.h - a run of `mindee-batch run` as http.listen and metrics.file show it. One command may run several batches,
 * one after the other: what is known of those before stays, and what is still to come is named.
 *
 *   monitored_run_new(&m, cl, loop, &e);     listens; ERR_USAGE
 *   options.meter = monitored_run_meter(m);
 *   monitored_run_begins(m, batch);
 *   monitored_run_end(m, exit_code);         while BATCH is still there: writes metrics.file, closes
 *   monitored_run_free(m);                   when the loop has run out, before batch_free */
#ifndef MB_CLI_MONITORED_RUN_H
#define MB_CLI_MONITORED_RUN_H

#include "batch/batch_view.h"
#include "cli/command.h"

struct monitored_run;

/* *OUT is NULL where neither is asked for, which every function here takes. CL must outlive it. */
MUST_CHECK int monitored_run_new(struct monitored_run **out, const struct command_line *cl,
                                 struct loop *loop, struct error *e);
struct batch_meter *monitored_run_meter(struct monitored_run *m);
void monitored_run_begins(struct monitored_run *m, struct batch *batch);
void monitored_run_stops(struct monitored_run *m); /* somebody asked it to */
void monitored_run_end(struct monitored_run *m, int exit_code);
void monitored_run_free(struct monitored_run *m);

#endif
