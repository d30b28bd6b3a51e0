/* duty.h - what the service does for one batch: scheduled runs on their day, and between them, if
 * it is to stay, a run that waits for files or webhooks.
 *
 *     duty_init(&d, entry, &host);
 *     rc = duty_begin(&d, &e);           opens the batch for the first time
 *     duty_turn(&d);                     whenever the host was poked, and when duty_next says
 *     duty_stop(&d, BATCH_DRAIN);        its run, if there is one, ends as batch_stop says
 *     duty_over(&d)                      nothing of it is on the loop any more
 *     duty_release(&d);
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
#ifndef MB_SERVICE_DUTY_H
#define MB_SERVICE_DUTY_H

#include "batch/batch.h"
#include "service/forecast.h"
#include "service/notice.h"
#include "service/word.h"

struct duty_host {
    struct loop *loop;
    struct post_office *post_office; /* NULL: no webhooks are taken */
    struct service_notice_sink notices;
    bool alone;              /* no other batch is served */
    uint64_t seed;           /* of its runs; 0: from the system */
    void (*poke)(void *ctx); /* duty_turn is wanted, soon and not from within the call */
    void *ctx;
};

enum duty_state {
    DUTY_RESTING,
    DUTY_STAYING,
    DUTY_DRAINING, /* a staying run makes room for a scheduled one, or for one with new options */
    DUTY_FORECAST, /* a scheduled one is open, and begins when its forecast is made */
    DUTY_RUNNING,  /* a scheduled one */
    DUTY_OVER,     /* stopped; or it stayed, and ended by itself */
};

struct duty {
    const struct roster_entry *entry;
    const struct duty_host *host;
    enum duty_state state;
    bool ended;    /* the batch has ended: the next turn sees to it */
    bool stopping; /* the service is */
    bool look;     /* resting: the ledger is to be opened at again_at */
    struct mono again_at;
    struct wall looked_at;  /* what was due until then was seen to */
    struct occurrence next; /* the first one after looked_at */
    bool has_next;
    int exit_code; /* once it is over */

    struct word *word; /* NULL: not opened yet */
    bool word_is_old;  /* its options aren't the newest */

    /* a run */
    const struct roster_entry *running_on; /* its configuration; NULL: there is no run */
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

void duty_init(struct duty *d, const struct roster_entry *entry, const struct duty_host *host);
/* What makes a start senseless: options, a directory, a damaged ledger. One that is in use isn't.
 */
MUST_CHECK int duty_begin(struct duty *d, struct error *e);
void duty_turn(struct duty *d);
struct mono
duty_next(const struct duty *d); /* when it has something to do, by the clocks as they are */
void duty_stop(struct duty *d, enum batch_stop how);
bool duty_over(const struct duty *d);
/* ENTRY holds from the next run on, its schedule from now on. */
void duty_reload(struct duty *d, const struct roster_entry *entry);
/* Now and then: what a staying run has come to, to its files. */
void duty_report(struct duty *d);
/* For people, in a few words; nothing if there is no news to tell. */
void duty_status(const struct duty *d, struct buffer *out);
bool duty_uses(const struct duty *d, const struct roster *r); /* anything of it */
void duty_release(struct duty *d);

#endif
