/* observed.h - all that is told of the process at a moment, gathered before a word of it is written.
 *
 *   observer_init(&o, &views);
 *   observer_look(&o);                 each 15 s: what costs a query, or a word of the system's
 *   observe(&o, &seen, now);           each scrape: from memory
 *   observed_release(&seen);
 *   observer_release(&o); */
#ifndef MB_MONITOR_OBSERVED_H
#define MB_MONITOR_OBSERVED_H

#include "batch/batch_view.h"
#include "monitor/process_facts.h"
#include "webhook/webhook_router.h"

/* What costs a query, as it was when it was looked at. */
struct looked_up {
    char *ledger, *output;   /* its paths, owned */
    bool hands_over;         /* each result goes on to somebody (on_stored) */
    int64_t handover_left;   /* results that it hasn't */
    struct wall queue_since; /* 0: nothing waits to be sent */
    unsigned pauses_seen;    /* since the start */
};

struct observer {
    struct batch_views views;
    struct looked_up *batches;               /* views.count */
    struct wall started;                     /* the process's measuring */
    struct histogram turns;                  /* of the loop */
    struct process_facts process;            /* as looked at, but for its time on a processor */
    int64_t ledger_bytes, ledger_free_bytes; /* of all; of the disk that has least; -1: not known */
    bool limits_known;
    struct pace_measure limits[2]; /* as they were seen last */
};

struct observed_batch {
    struct batch_view view;
    struct batch_snapshot now; /* of the one that is open, or as the last one was */
    const struct looked_up *slow;
};

struct observed {
    const struct observer *observer;
    size_t count;
    struct observed_batch *batches; /* owned */
    bool stopping;
    bool takes_webhooks;
    struct webhook_receiver_counts webhooks; /* since the process began */
    int64_t orphans;
    struct wall certificate_ends; /* 0: there is none */
    struct wall now;
};

void observer_init(struct observer *o, const struct batch_views *views, struct wall now);
void observer_look(struct observer *o);
void observer_release(struct observer *o);

void observe(struct observer *o, struct observed *out, struct wall now);
void observed_release(struct observed *seen);

#endif
