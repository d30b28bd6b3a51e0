/* life.h - one document's whole world in a few bytes: Mindee, the wire, the ledger, the run.
 *
 * A struct life has no pointers and no padding, so that two are the same world if their bytes are.
 * What only says when something happens is left out (delays, timers): whatever waits for its time
 * may happen next, or later, or never. Times that decide something are two: "within a minute of the
 * 202" and "long after" (moves.h: gone_fresh, gone). */
#ifndef MB_SIM_EXPLORE_LIFE_H
#define MB_SIM_EXPLORE_LIFE_H

#include "core/attempt.h"

#include <stddef.h>

enum {
    LIFE_ATTEMPTS = 3,                    /* at most, of those that are explored */
    LIFE_ROOM = LIFE_ATTEMPTS + 2,        /* a quiet finish may need more */
    LIFE_MAX_ATTEMPTS = 2,                /* retry.max_attempts */
    LIFE_MAX_RESENDS = 1,                 /* retry.max_resends */
    LIFE_LONG_AFTER_MS = 10 * 60 * 1000L, /* no 404 is a lagging replica's any more */
};

/* What is explored: the settings of the runs, and what may happen. */
struct rules {
    int attempts;  /* uploads; the next one is not explored */
    bool resend;   /* retry.in_doubt */
    bool webhooks; /* webhook.listen */
    bool user;     /* somebody says retry or dismiss, and puts files back */
    bool trusting; /* a failure's webhook is believed where its job is known, too. Our runs ask that
                      job instead; the machine bears both, and only so do polls and fetches of older
                      attempts come late */
};

/* Of an attempt, at Mindee. */
enum job { JOB_NONE, JOB_RUNS, JOB_DONE, JOB_EXPIRED, JOB_FAILED_422, JOB_FAILED_500 };
/* Its upload: on its way; taken, and the 202 on its way; nobody here hears of it any more. */
enum upload { UPLOAD_NONE, UPLOAD_OUT, UPLOAD_TAKEN, UPLOAD_STRAY };
/* A GET: not out, or the job as it was when it left. */
enum get { GET_NONE, GET_OUT /* + enum job */ };

struct outside {
    uint8_t job, upload, poll, fetch;
};

/* The ledger's rows of the document. */
struct record {
    uint8_t outcome;
    uint8_t job_id; /* known */
    uint8_t resent;
};
struct book {
    uint8_t state, attempts, attempt;
    uint8_t result_of; /* the attempt whose result is stored, 0: none */
    uint8_t kept;      /* bytes that were no result */
    uint8_t retried;   /* the newest attempt when a person asked again */
    uint8_t dismissed; /* settled by hand */
    struct record records[LIFE_ROOM];
};

enum wake { LIFE_WAKE_NONE, LIFE_WAKE_QUEUE, LIFE_WAKE_POLL, LIFE_WAKE_FETCH, LIFE_WAKE_RESEND };

/* A struct flight; all zero: the ledger alone has the document. */
struct memory {
    uint8_t there, parked, wake, attempt;
    uint8_t state, has_job, unreadable, asked_again;
    uint8_t attempts, invalid_results, resends, charged, resend_if_gone, doubted;
    uint8_t dismissed;
    uint8_t heard_of;   /* by webhook, of its newest attempt's end */
    uint8_t pending[2]; /* doc_action bits, low byte first */
};

struct life {
    struct outside outside[LIFE_ROOM];
    struct book ledger; /* durable */
    struct book turn;   /* with what this turn has written */
    struct memory memory;
    uint8_t up;       /* a run is there */
    uint8_t suspect;  /* the run's canary may take the document's failure back */
    uint8_t foreign;  /* its job's result URL is of another origin */
    uint8_t gone;     /* its bytes are, and so it is in doubt */
    uint8_t user_was; /* somebody asked for a retry, ever */
};

_Static_assert(sizeof(struct life) == 4 * LIFE_ROOM + 2 * (7 + 3 * LIFE_ROOM) + 18 + 5,
               "a life has no padding");

/* What a move broke, in words; empty: nothing. */
struct complaint {
    char text[200];
};
void complain(struct complaint *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool job_is_charged(uint8_t job);
int life_charges(const struct life *l);
int book_resent(const struct book *b);
/* Out of doubt, since a person asked for it last. */
int book_resent_since_retry(const struct book *b);

#endif
