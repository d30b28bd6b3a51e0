/* run.h - a batch at work under a command: run, retry, serve. What one of them adds is a companion,
 * which lives beside the batch on the same loop. */
#ifndef MB_CLI_RUN_H
#define MB_CLI_RUN_H

#include "batch/batch.h"
#include "cli/command.h"

struct run_companion {
    /* The batch is open and has begun. */
    void (*started)(void *ctx, struct loop *loop, struct batch *b,
                    const struct batch_options *options);
    void (*stopping)(void *ctx); /* somebody asked it to stop; perhaps never */
    void (*ended)(void *ctx);    /* nothing of the batch runs any more: close what is on the loop */
    void *ctx;
};

struct run_way {
    const struct batch_retry *retrying;    /* NULL: over the paths */
    bool stay;                             /* until it is asked to stop */
    const struct run_companion *companion; /* NULL: none */
};

/* From the options to the exit code. A batch that stayed, and was asked to stop, ends with 0 if
 * every document in its ledger has come to its end, and with 5 if one hasn't. */
int run_batch(const struct command_line *cl, const struct run_way *way);

#endif
