/* batch_view.h - one of a process's batches as src/monitor sees it, whoever runs it (`run`, or the service). */
#ifndef MB_BATCH_BATCH_VIEW_H
#define MB_BATCH_BATCH_VIEW_H

#include "batch/batch.h"

struct batch_view {
    const char *name;                  /* of its section; "": there are none */
    struct config *config;             /* its own */
    struct batch *batch;               /* its ledger is open; NULL: it isn't */
    bool at_work;                      /* a run of it is, and hasn't ended */
    const struct batch_meter *meter;   /* since the process began */
    const struct batch_snapshot *last; /* where none is open: as it was when it was closed */
    const char *trouble;  /* why it can't be opened, for people; "" if nothing is wrong */
    struct wall last_run; /* when the newest began; 0: none did in this process */
    int last_exit;        /* how the newest that ended did; -1: none has */
    struct wall next_run; /* by its schedule; 0: none is to come */
    int64_t missed;       /* scheduled runs that weren't made up for */
};

/* All of them, and what they share. */
struct batch_views {
    size_t count;
    void (*view)(void *ctx, size_t i, struct batch_view *out);
    bool (*stopping)(void *ctx);
    struct webhook_router *(*router)(void *ctx); /* NULL: no webhooks are taken, or not any more */
    void *ctx;
};

#endif
