/* served_batch_state.h - what a served batch knows of itself, and the little that all of its files
 * ask of that. Its state changes by core/served_batch.h alone. They stand on one another in this
 * order:
 *
 *     served_batch             its turns, from the outside
 *     served_batch_end         a run's end: reports, the period's row, what comes next
 *     served_batch_receive     webhooks between the runs
 *     served_batch_forecast    a scheduled run's forecast, before it begins
 *     served_batch_places      whether its directories answer, before it is opened
 *     served_batch_work        what takes seconds, on a thread
 *     served_batch_run         opens the batch, takes what is due, starts it, closes it
 *     served_batch_state
 */
#ifndef MB_SERVICE_SERVED_BATCH_STATE_H
#define MB_SERVICE_SERVED_BATCH_STATE_H

#include "batch/batch.h"
#include "core/served_batch.h"
#include "service/batch_notifier.h"
#include "service/forecast.h"
#include "service/notice.h"

struct served_batch_host {
    struct loop *loop;
    struct webhook_router *webhook_router; /* NULL: no webhooks are taken */
    bool alone;                            /* no other batch is served */
    uint64_t seed;                         /* of its runs; 0: from the system */
    int (*review)(const struct config *c, const struct batch_options *o, int exit_code,
                  struct summary_review *out, struct error *e); /* supervisor.h; NULL: nobody */
    int (*report)(const struct config *c, const struct batch_options *o, const char *batch,
                  struct buffer *place, struct error *e); /* likewise */
    void (*poke)(void *ctx); /* served_batch_turn is wanted, soon and not from within the call */
    void *ctx;
};

/* Of a run that has ended, or rests: its review and its page take a while (served_batch_work.h). */
struct served_end {
    enum { END_NEW, END_REVIEWED, END_REPORTED } step;
    int code;
    struct batch_progress rested; /* what is reported when it is done */
};

struct served_batch {
    const struct served_entry *entry;
    const struct served_batch_host *host;
    enum served_batch_state state;
    bool ended;               /* the batch has ended: the next turns see to it */
    struct served_end end;    /* how far they are */
    struct served_work *work; /* on a thread, for it or for one that rests; NULL: nothing is */
    bool stopping;            /* the service is */
    bool open_again;          /* resting or receiving: a run is to be opened at open_at */
    struct mono open_at;
    bool refuses;              /* webhooks, and that was said */
    struct mono receive_at;    /* not before: it has just refused one */
    struct wall checked_until; /* what was due by then has its rows */
    struct occurrence next;    /* the first one after that */
    bool has_next;
    int exit_code; /* once it is over */

    struct batch_notifier *notifier; /* NULL: not opened yet */
    bool notifier_is_old;            /* its options aren't the newest */

    /* a run */
    const struct served_entry *running_on; /* its configuration; NULL: there is no run */
    struct batch_options options;
    struct batch *batch;
    struct cutoff cutoff;
    struct due due;                 /* of a scheduled one */
    struct wall began_at;           /* the newest run */
    struct wall waited_from;        /* what came due since then had to wait; 0: nothing has */
    int resumes;                    /* of this period, after an end that says it can go on */
    struct mono look_at;            /* whether a staying run rests; 0: nothing happened since */
    struct summary_review review;   /* what needed a person when it was looked at last */
    struct batch_progress reported; /* of a staying one, as summary.json has it */
    int64_t by_hand;                /* what persons asked for and these have */
    struct mono hand_at;            /* when they get what was asked since; 0: nothing was */
    bool hand_rests;                /* only once it rests */
    struct forecast forecast;
    struct wall forecast_of;    /* the occurrence that one was made for ahead of its time */
    struct mono forecast_until; /* the run waits for it no longer */
    char trouble[512];          /* what was logged last of it; "": none */
    struct mono away_since;     /* something that passes keeps it from being opened; 0: nothing */
    bool away_told;             /* to whoever is to hear of trouble */
    struct places *places;      /* asked whether they answer, before it is opened; or NULL */
    /* For whoever measures. */
    struct {
        struct batch_meter meter;   /* since the service began */
        struct batch_snapshot last; /* when its ledger was closed */
        int last_exit;              /* of the newest run that ended */
        bool has_ended;             /* one did */
        int64_t missed;             /* of its schedule */
    } seen;
    bool budget_told; /* likewise, that a budget has stopped it */
};

/* The one way to change S's state: what is to be done then (SERVED_DO_...). */
unsigned served_batch_happens(struct served_batch *s, enum served_batch_event event);
/* For the log; NULL: there is only one. */
const char *served_batch_name(const struct served_batch *s);
/* NULL: nobody is to be told. */
struct notifier *served_batch_notifier(const struct served_batch *s);
struct wall served_batch_wall(const struct served_batch *s);
struct agenda served_batch_agenda(const struct served_batch *s);
/* What was due by AT has its rows; finds the next one after it. */
void served_batch_checked(struct served_batch *s, struct wall at);
/* So long nothing must have happened in a staying run for it to be at rest: what comes together is told
 * together. */
int64_t served_batch_rest_ms(const struct served_batch *s);
/* Until MS have passed: then the ledger is opened again. */
void served_batch_rest(struct served_batch *s, int64_t ms);

#endif
