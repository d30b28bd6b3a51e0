/* flight.h - documents in flight: those that this run has in memory, one struct each.
 *
 *   f = flight_take(fl, id);            found, or loaded from the ledger
 *   flight_event(f, EV_ACCEPTED, &n);   the one way to change a document's state: the pure machine
 *                                       (core/document.h) decides, the step is noted in the journal,
 *                                       and what follows waits in the outbox for the commit
 *   flights_seal(fl);                   a commit begins: it is the outbox's
 *   flights_after_commit(fl, &list);    it is durable: what waited for it, for release.c
 *
 * A document carries its settings. One of other settings than the run's is never sent by it: its job
 * is asked for and its result taken, but in doubt it is held, and queued it is the ledger's alone.
 *
 * A flight is in exactly one list per state, and in at most one line: those of other parts (ready to
 * go, a poll due, a result due), the outbox, or none. It is freed when the turn ends, because its
 * callbacks may still be on the stack, and not before its last request was answered. */
#ifndef MB_BATCH_FLIGHT_H
#define MB_BATCH_FLIGHT_H

#include "base/list.h"
#include "base/timer_queue.h"
#include "batch/journal.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"

enum flight_wake { WAKE_NONE, WAKE_QUEUE, WAKE_POLL, WAKE_FETCH, WAKE_RESEND };

struct flight {
    struct flights *flights;
    struct list in_state; /* of its state's list */
    struct list line;
    struct list bucket; /* of the table by id */
    struct timer_entry timer;
    enum flight_wake wake; /* what it waits for, with the timer set */

    int64_t id;
    struct document doc;
    int attempt;
    char alias[LEDGER_ALIAS_MAX], job_id[LEDGER_JOB_ID_MAX];
    char *result_url;
    int64_t size_bytes;
    int type, pages;

    unsigned pending; /* doc_action bits, after the commit */
    int64_t pending_wait_ms;
    int64_t sent_as; /* its newest upload, counted over the run */
    bool queue_head; /* back into the queue at its head */
    bool fresh;      /* from the ledger's queue, and nothing happened to it since */
    bool asks_first; /* its GET was refused: before what is due since */
    bool foreign;    /* of other settings than the run's */
    bool hinted;     /* a webhook says that its job is over: it is asked for at once */
    bool taken_up;   /* an earlier run's: its job is asked for at once */
    bool adopts;     /* accepted in this turn: a webhook that came before its 202 may be kept */
    bool heard_of;   /* a webhook told the end of its newest attempt */
    bool uploading;  /* its newest attempt is on the wire */
    int away;        /* uploads in a row that couldn't read its file for now */
    struct mono away_since; /* the first of them */
    bool left_alone;        /* the run doesn't wait for it */
    bool parked;            /* given up for this run: kept so that it isn't taken up again */
    bool dead;              /* freed at the end of the turn */
    int requests;           /* of it on the wire, or its file being read */

    int cut_short; /* uploads that began and were never whole */
    struct poll_job poll;
    struct mono asked_at;    /* its newest poll or fetch left */
    struct mono asked_until; /* polling.give_up_after */
    struct ledger_source source;
    char *payload; /* a result until its files are written */
    size_t payload_len;
};

struct flights;

/* What happened so far in this run. */
struct flights_tally {
    int64_t stored;
    int64_t retired;        /* given back to the ledger, not stored: its queue may have grown */
    struct mono doubted_at; /* the newest doubt; before the start if there is none */
};

struct flights *flights_new(struct run_context *c, struct ending *ending, struct journal *journal);
void flights_free(struct flights *fl);

struct flight *flight_new(struct flights *fl, const struct ledger_document *d);
struct flight *flight_find(struct flights *fl, int64_t id);
/* Found, or loaded from the ledger; NULL: the ledger can't be read, and the run ends. */
struct flight *flight_take(struct flights *fl, int64_t id);
bool flight_known(void *flights, int64_t id); /* for the ledger's queries */

struct news {
    const char *cause;         /* short, for history and log */
    const char *code, *detail; /* for people */
    const char *body;
    size_t body_len;
    int page_count;
    int64_t retry_after_ms;
    bool late, known; /* see struct doc_event */
    int64_t took_ms;  /* a poll's or fetch's answer, to come */
};
/* NEWS may be NULL. An event that is not legal in the document's state is logged and changes
 * nothing. */
void flight_event(struct flight *f, enum doc_event_kind kind, const struct news *news);

void flight_wake_at(struct flight *f, enum flight_wake wake, struct mono at);
void flight_to_line(struct flight *f, struct list *line, bool head);
/* Out of flight for this run: kept in memory so that it isn't taken up again, in no line and not
 * counted (park), until something happens to it (unpark). */
void flight_park(struct flight *f);
void flight_unpark(struct flight *f);
/* Out of all lists: the ledger alone has it from now on. */
void flight_retire(struct flight *f);
int64_t flight_pages(const struct flight *f); /* unknown counts as 1 */
bool flight_has_open_job(const struct flight *f);

size_t flights_count(const struct flights *fl, enum doc_state state);
size_t flights_with_jobs(const struct flights *fl); /* but for the parked */
/* Something waits for the commit; or there is more in flight than what only waits in the queue:
 * jobs, doubts that will be resent. */
bool flights_busy(const struct flights *fl);
const struct flights_tally *flights_tally(const struct flights *fl);

/* The next whose timer is due at NOW, its wake still set; NULL: none. */
struct flight *flights_due(struct flights *fl, struct mono now);
struct mono flights_next(const struct flights *fl, struct mono now);

bool flights_wait_for_commit(const struct flights *fl); /* for one that hasn't begun */
/* What is in the outbox waits for the commit that begins now; what comes into it meanwhile, and what
 * something happens to, for the next. */
void flights_seal(struct flights *fl);
/* Moves what was sealed to LIST. */
void flights_after_commit(struct flights *fl, struct list *list);
void flights_reap(struct flights *fl);
void flights_drop_all(struct flights *fl);

#endif
