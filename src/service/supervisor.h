/* supervisor.h - `mindee-batch serve`: every batch of a configuration on one loop,
 * for as long as it takes.
 *
 *     supervisor_new(&s, loop, batches, &options, &e);    opens all of them; BATCHES are its own from
 *                                                         here on, errors or not
 *     supervisor_start(s);
 *     loop_run(loop);                                         until it was stopped
 *     code = supervisor_exit_code(s);
 *     supervisor_free(s);
 *
 *     supervisor_stop(s);       finishes the uploads on their way; a second time: at once
 *     supervisor_reload(s);     reads the configuration again
 *
 * Time: the calendar is about the wall clock, timers are about the machine's own. So no timer is
 * trusted for longer than a minute; then the wall clock is looked at again, whatever was done to it
 * meanwhile. That is all that an idle service does. */
#ifndef MB_SERVICE_SUPERVISOR_H
#define MB_SERVICE_SUPERVISOR_H

#include "batch/batch_view.h"
#include "service/notice.h"

#include "ledger/summary.h"
#include "net/loop.h"

enum { SUPERVISOR_TICK_MS = 60 * 1000 };

struct supervisor;

struct supervisor_options {
    /* The configuration as it is now; NULL and every error: it stays as it was. */
    struct config *(*load)(void *ctx, struct error_list *errors);
    /* A new one holds; what is outside of the batches (the log's level) is the
     * caller's to change. */
    void (*reloaded)(void *ctx, const struct config *config);
    /* Everything of the batches is closed: what else keeps the loop alive is to be closed, too. May be NULL. */
    void (*ended)(void *ctx);
    void *ctx;
    /* What of a batch needs a person, when its run has ended (EXIT_CODE -1: it is at rest); may be NULL. Called
     * on a thread. */
    int (*review)(const struct config *c, const struct batch_options *o, int exit_code,
                  struct summary_review *out, struct error *e);
    /* The page of a run that has ended, and its path to PLACE; may be NULL. Called on a thread. */
    int (*report)(const struct config *c, const struct batch_options *o, const char *batch,
                  struct buffer *place, struct error *e);
    uint64_t seed; /* of the runs; 0: from the system */
};

/* After an error (of any batch: it names it) the exit code is exit_code_of(E), and the rest of the
 * sequence above is still due: what was opened is closed by it. */
MUST_CHECK int supervisor_new(struct supervisor **out, struct loop *loop,
                              struct served_batches *batches,
                              const struct supervisor_options *options, struct error *e);
void supervisor_start(struct supervisor *s);
/* For whoever measures; valid until supervisor_free. */
void supervisor_views(struct supervisor *s, struct batch_views *out);
void supervisor_stop(struct supervisor *s);
void supervisor_reload(struct supervisor *s);
/* After the loop has run out: the worst of its batches. */
int supervisor_exit_code(const struct supervisor *s);
void supervisor_free(struct supervisor *s);

#endif
