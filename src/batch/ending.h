/* ending.h - the run's life, and why it ends.
 *
 *   running ──▶ draining ──▶ stopping ──▶ closing
 *
 * A run that has nothing left to do closes from `running`. Whatever else ends it (a refusal, the
 * budget, Ctrl-C, a full disk) says so here with an exit code and one sentence that has the way
 * out; the first one counts. Then nothing new goes out, and what is on the wire is finished and
 * recorded. A second Ctrl-C, or a ledger that is lost, stops at once: uploads are cut, and only
 * results that are being fetched are waited for, for a moment: with Delete When Fetched their GET
 * may be the only one.
 *
 * The parts ask ending_life() and act on it in their next turn; nothing is called back from here. */
#ifndef MB_BATCH_ENDING_H
#define MB_BATCH_ENDING_H

#include "batch/run_context.h"

enum run_life { RUN_RUNNING, RUN_DRAINING, RUN_STOPPING, RUN_CLOSING };

enum { ENDING_STOP_MS = 2000 /* so long results are still waited for */ };

struct ending;

struct ending *ending_new(const struct run_context *c);
void ending_free(struct ending *e);

enum run_life ending_life(const struct ending *e);
/* True from the moment on at which nothing new may begin. */
bool ending_has_begun(const struct ending *e);

/* The run drains, for this reason. Nothing if it is ending already. */
void ending_early(struct ending *e, int exit_code, const char *format, ...) PRINTF(3, 4);
/* Ctrl-C and the like. NOW: a second one. */
void ending_interrupt(struct ending *e, bool now);
/* The ledger can't be read, is damaged, or stays unwritable: nothing can be recorded any more. The
 * words are the ledger's; this reason counts more than an earlier one. */
void ending_storage_failed(struct ending *e);
bool ending_storage_lost(const struct ending *e);
/* Checks the code that a ledger function returned: false, and the storage failed, if it is an
 * error. */
bool ending_wrote(struct ending *e, int rc);
/* The run came to its end; the code and the sentence hold if none were given before. */
void ending_verdict(struct ending *e, int exit_code, const char *reason);
void ending_close(struct ending *e);

/* Draining: whether a result may still be asked for. Stopping: whether one is still waited for. */
bool ending_may_fetch(const struct ending *e, struct mono now);
bool ending_waits_for_results(const struct ending *e, struct mono now);
/* When one of these two turns false; MONO_NEVER if neither will. */
struct mono ending_next(const struct ending *e, struct mono now);

int ending_exit_code(const struct ending *e);      /* -1: none yet */
const char *ending_reason(const struct ending *e); /* "": it ran to its end */

#endif
