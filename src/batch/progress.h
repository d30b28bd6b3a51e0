/* progress.h - a run as the display shows it. */
#ifndef MB_BATCH_PROGRESS_H
#define MB_BATCH_PROGRESS_H

#include "batch/admit.h"

struct batch_progress {
    int64_t files, documents, by_state[DOC_STATE_COUNT], dismissed;
    bool walking;          /* there may be more files */
    bool unread_waits;     /* files that can't be read are tried again, as input.patience says */
    bool resends;          /* documents in doubt will be sent again */
    int uploads_out, jobs; /* on the wire; being processed */
    int64_t stored_now;    /* stored by this run */
    unsigned pauses;
    double post_limit; /* a minute, 0: none */
    int64_t eta_ms;    /* -1: can't say yet */
    struct mono started;
};

struct progress_sources {
    struct run_context *context;
    struct ending *ending;
    struct flights *flights;
    struct pace *pace;
    struct find *find;
    struct admit *admit;
};

void progress_fill(struct batch_progress *p, const struct progress_sources *from,
                   struct mono started);

#endif
