/* served_batch.h - what the service does for one batch: scheduled runs on their day, and between them, if
 * it is to stay, a run that waits for files or webhooks.
 *
 *     served_batch_init(&d, entry, &host);
 *     rc = served_batch_begin(&d, &e);           opens the batch for the first time
 *     served_batch_turn(&d);                     whenever the host was poked, and when served_batch_next says
 *     served_batch_stop(&d, BATCH_DRAIN);        its run, if there is one, ends as batch_stop says
 *     served_batch_over(&d)                      nothing of it is on the loop any more
 *     served_batch_release(&d);
 *
 * The states:
 *
 *                 due, or to stay                          the run's end
 *     resting ─────────────▶ staying, or forecast ─▶ running ──────────────▶ resting
 *                                         │ due
 *                                         ▼
 *                                      draining ──▶ resting, and at once running
 *
 * Whether something is due is decided by the ledger's rows alone, while it is open and locked; the
 * calendar only says when to look. A ledger that another run has is waited for. */
#ifndef MB_SERVICE_SERVED_BATCH_H
#define MB_SERVICE_SERVED_BATCH_H

#include "batch/batch.h"
#include "service/batch_notifier.h"
#include "service/forecast.h"
#include "service/notice.h"

struct served_batch_host {
    struct loop *loop;
    struct webhook_router *webhook_router; /* NULL: no webhooks are taken */
    struct service_notice_sink notices;
    bool alone;              /* no other batch is served */
    uint64_t seed;           /* of its runs; 0: from the system */
    void (*poke)(void *ctx); /* served_batch_turn is wanted, soon and not from within the call */
    void *ctx;
};

enum served_batch_state {
    SERVED_RESTING,
    SERVED_STAYING,
    SERVED_DRAINING, /* a staying run makes room for a scheduled one, or for one with new options */
    SERVED_FORECAST, /* a scheduled one is open, and begins when its forecast is made */
    SERVED_RUNNING,  /* a scheduled one */
    SERVED_OVER,     /* stopped; or it stayed, and ended by itself */
};

struct served_batch {
    const struct served_entry *entry;
    const struct served_batch_host *host;
    enum served_batch_state state;
    bool ended;    /* the batch has ended: the next turn sees to it */
    bool stopping; /* the service is */
    bool look;     /* resting: the ledger is to be opened at again_at */
    struct mono again_at;
    struct wall looked_at;  /* what was due until then was seen to */
    struct occurrence next; /* the first one after looked_at */
    bool has_next;
    int exit_code; /* once it is over */

    struct batch_notifier *word; /* NULL: not opened yet */
    bool notifier_is_old;        /* its options aren't the newest */

    /* a run */
    const struct served_entry *running_on; /* its configuration; NULL: there is no run */
    struct batch_options options;
    struct batch *batch;
    struct cutoff cutoff;
    struct due due;                 /* of a scheduled one */
    struct wall began_at;           /* the newest run */
    struct wall waited_from;        /* what came due since then had to wait; 0: nothing has */
    int resumes;                    /* of this period, after an end that says it can go on */
    struct batch_progress reported; /* of a staying one, as summary.json has it */
    struct forecast forecast;
    struct wall forecast_of;    /* the occurrence that one was made for ahead of its time */
    struct mono forecast_until; /* the run waits for it no longer */
    char said[512];             /* the trouble that was logged last; "": none */
};

void served_batch_init(struct served_batch *d, const struct served_entry *entry,
                       const struct served_batch_host *host);
/* What makes a start senseless: options, a directory, a damaged ledger. One that is in use isn't.
 */
MUST_CHECK int served_batch_begin(struct served_batch *d, struct error *e);
void served_batch_turn(struct served_batch *d);
struct mono served_batch_next(
    const struct served_batch *d); /* when it has something to do, by the clocks as they are */
void served_batch_stop(struct served_batch *d, enum batch_stop how);
bool served_batch_over(const struct served_batch *d);
/* ENTRY holds from the next run on, its schedule from now on. */
void served_batch_reload(struct served_batch *d, const struct served_entry *entry);
/* Now and then: what a staying run has come to, to its files. */
void served_batch_report(struct served_batch *d);
/* For people, in a few words; nothing if there is no news to tell. */
void served_batch_status(const struct served_batch *d, struct buffer *out);
bool served_batch_uses(const struct served_batch *d,
                       const struct served_batches *r); /* anything of it */
void served_batch_release(struct served_batch *d);

#endif
