/* state.h - the run's own memory, shared by the files of this folder and nobody else.
 *
 *   batch.c      life of a run: open, turn, end          admission.c  which document goes out next
 *   flight.c     documents in memory, one event at a time  upload.c   POST, and what came of it
 *   feeder.c     walk -> examine -> ledger               asking.c     polls and results
 *   pacing.c     limits, leases, request counts          recovery.c   what an earlier run left
 *   journal.c    the turn's ledger writes, until they are durable
 *   deliveries.c   deliveries: matched, noted, answered after the commit
 *   projection.c results/ from the ledger                  retrying.c what `retry` selects
 *   learning.c   what the poll planner knows, from run to run
 *   watching.c   when a folder is looked at again, and what is at rest
 *   moving.c     inputs of documents that are done: where they go
 *
 * A turn: callbacks note what happened (flight_event); then, once, admission and asking choose what
 * goes out, the ledger commits, and only then what waited for the commit is released
 * (flight_release). */
#ifndef MB_BATCH_STATE_H
#define MB_BATCH_STATE_H

#include "base/list.h"
#include "base/random.h"
#include "base/timer_queue.h"
#include "batch/batch.h"
#include "core/breaker.h"
#include "core/canary.h"
#include "core/outcome.h"
#include "core/poll_planner.h"
#include "limits/limit_state.h"
#include "mindee.h"

enum {
    TURN_MS = 20,         /* one commit for what happens within it */
    TURN_COMMITS = 3,     /* and as long as so many commits, */
    TURN_MAX_MS = 500,    /* up to this */
    QUEUE_AHEAD = 32,     /* documents taken from the ledger at a time */
    EXAMINE_AT_ONCE = 16, /* files being read by intake */
    ASKS_AT_ONCE = 64,    /* GETs on the wire */
    PROJECT_AT_ONCE = 32, /* result files being written */
    MOVES_AT_ONCE = 32,   /* inputs being moved */
    FLIGHT_BUCKETS = 4096,
    STOP_MS = 2000, /* stopping at once: for results being fetched */
};

enum flight_wake { WAKE_NONE, WAKE_QUEUE, WAKE_POLL, WAKE_FETCH, WAKE_RESEND };

/* The turn's writes, see journal.c. */
struct journal {
    struct list notes;
    int64_t results;     /* among the notes */
    bool down, was_down; /* the last write failed; one ever did */
    struct mono since, retry_at;
};

/* One document in flight. In exactly one list per state, and in at most one line. */
struct flight {
    struct batch *batch;
    struct list in_state; /* of batch->states[doc.state] */
    struct list line;     /* of batch->ready, outbox, polls or fetches */
    struct list bucket;   /* of batch->buckets */
    struct timer_entry timer;
    enum flight_wake wake;

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
    bool taken_up;   /* an earlier run's: its job is asked for at once */
    bool parked;     /* given up for this run: kept so that it isn't taken up again */
    bool dead;       /* freed at the end of the turn */
    int requests;    /* of it on the wire */

    int cut_short; /* uploads that began and were never whole */
    struct poll_job poll;
    struct mono asked_at;    /* its newest poll or fetch left */
    struct mono asked_until; /* polling.give_up_after */
    struct ledger_source source;
    char *payload; /* a result until its files are written */
    size_t payload_len;
};

struct state_list {
    struct list flights;
    size_t count;
};

struct batch {
    const struct batch_options *options;
    struct loop *loop;
    const struct clock *clock;
    struct ledger *ledger;
    struct journal journal;
    struct mindee_client *client;
    struct random random;
    int64_t settings_id;

    struct state_list states[DOC_STATE_COUNT];
    struct list buckets[FLIGHT_BUCKETS];
    struct list ready;          /* queued and may go out */
    int64_t sent;               /* uploads admitted */
    struct list outbox;         /* wait for the commit */
    struct list polls, fetches; /* due */
    struct list dead;
    size_t flights, parked, parked_jobs; /* in memory; of them parked; of those with a job */
    struct timer_queue timers;
    struct loop_timer *timer;
    struct loop_turn *turn;

    /* feeder */
    struct intake_walk *walk;
    struct intake_entry *entries;
    size_t entry_count, entry_next;
    int examining;
    bool walking, examine_all;
    size_t examined_again;                       /* changed while being sent */
    struct mono walk_asked_at, walk_answered_at; /* the entries' stamps were read in between */
    struct watching *watching;                   /* NULL: the folder is walked once */
    struct moving *moving;

    /* admission */
    bool queue_empty, queue_grew; /* queue_grew: since documents were last taken from it */
    unsigned pauses;
    int64_t pages_promised; /* admitted, and not answered yet */
    struct canary canary;
    struct breaker service;
    int64_t *suspects; /* documents failed before anything went well: perhaps not their fault */
    size_t suspect_count, suspect_capacity;
    bool recovering_jobs, recovering_doubts; /* an earlier run left more of them */
    struct retrying *retrying;               /* NULL: a run */

    /* pacing */
    struct deliveries *deliveries; /* NULL: none are taken */
    struct mono doubt_until;       /* webhooks may settle what is in doubt until then */
    bool new_uploads;              /* this run has sent something */

    struct limiter post, get;
    struct limit_state *limits;
    struct mono leased_at;
    bool lease_held, limits_lost;       /* there will be no more leases */
    int64_t new_post, new_get, new_429; /* not yet in the ledger */
    int uploads_out;                    /* POSTs on the wire */
    int asks_out, polls_out;            /* GETs on the wire; those of them that are polls */
    struct poll_planner *planner;
    struct mono learned_at; /* when it was last saved */

    /* projection */
    int projecting;
    int64_t projection_cursor;
    bool projection_backlog;
    size_t projection_errors, projection_clashes; /* files not written; those no later run will */

    /* life */
    struct mono drain_until; /* stopping: results may still be asked for until then */
    struct mono stop_at;     /* stop_now: what is being fetched may take until then */
    char **stale;            /* names under results/ whose content isn't their file's any more */
    size_t stale_count, stale_capacity;
    int closing_parts; /* client, receiver */
    bool started, stopping, stop_now, storage_lost, closing;
    struct mono commit_at; /* not before */
    struct mono started_at;
    int64_t stored_now;
    int exit_code; /* -1: to be found from the ledger */
    char reason[600];
    void (*committed)(void *ctx, int64_t results); /* NULL: nobody wants to know */
    void *committed_ctx;
    void (*ended)(void *ctx);
    void *ended_ctx;
};

/* flight.c */
struct flight *flight_new(struct batch *b, const struct ledger_document *d);
struct flight *flight_find(struct batch *b, int64_t id);
bool flight_known(void *batch, int64_t id); /* for the ledger's queries */

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
/* The one function that changes a document's state: step, ledger, lists; what follows waits for the
 * commit. */
void flight_event(struct flight *f, enum doc_event_kind kind, const struct news *news);
void flight_release(struct flight *f, struct mono now); /* after the commit */
void flight_wake(struct flight *f, enum flight_wake wake, struct mono at);
/* Takes a parked one into flight again. */
void flight_unpark(struct flight *f);
void flight_to_line(struct flight *f, struct list *line, bool head);
void flight_to_ready(struct flight *f);
/* A fresh one: the ledger alone has it again. */
void flight_put_back(struct flight *f);
void flight_reap(struct batch *b);
void flight_drop_all(struct batch *b);
int64_t flight_pages(const struct flight *f); /* unknown counts as 1 */
size_t flights_with_jobs(const struct batch *b);
size_t flights_room_for_jobs(struct batch *b); /* as many more as the GETs can cover */

/* feeder.c */
void feeder_start(struct batch *b);
void feeder_stop(struct batch *b);
void feeder_examine_again(struct batch *b, int64_t root_id, const char *path, const char *name);
/* ENTRIES live as long as the run; all are examined, whatever the ledger says of them. */
void feeder_take_again(struct batch *b, struct intake_entry *entries, size_t count);
bool feeder_busy(const struct batch *b);
void feeder_walk_again(struct batch *b); /* not while it is busy */

/* watching.c. NULL-safe where b->watching is NULL but for the first. */
void watching_start(struct batch *b);
void watching_close(struct batch *b);
void watching_walk_begins(struct batch *b);
void watching_walk_ended(struct batch *b);
/* Nothing is to be done about this entry, and no look at the ledger is needed for that. */
bool watching_passes(struct batch *b, const struct intake_entry *entry);
/* A file that the ledger doesn't know like this: whether it may be read now. */
bool watching_lets(struct batch *b, const struct intake_entry *entry);
/* The ledger knows it like this: nothing to be done again. */
void watching_saw(struct batch *b, const char *path, const struct file_stamp *stamp, int error);
/* A file was found changed: what was seen of it may be wrong, and a look is due. */
void watching_doubts(struct batch *b);

/* moving.c */
void moving_start(struct batch *b);
void moving_free(struct batch *b);
/* The document's state, or its files, may be what inputs are moved for. */
void moving_consider(struct batch *b, int64_t document);
void moving_turn(struct batch *b); /* nothing waits for a commit */
bool moving_busy(const struct batch *b);
/* Nothing else is left of the run: whether nothing is left of this either. */
bool moving_is_done(struct batch *b);
void moving_look_again(struct batch *b); /* at what couldn't be moved */

/* admission.c */
void admission_turn(struct batch *b, struct mono now);
bool admission_has_more(struct batch *b);

/* Remembers a document that failed before anything went well. */
void batch_suspect(struct batch *b, int64_t id);

/* upload.c */
void upload_send(struct flight *f, struct mono now);
void upload_unsend(struct flight *f,
                   struct mono now); /* its intent is durable, but the run stops */

/* asking.c */
void asking_turn(struct batch *b, struct mono now);
struct mono asking_next(struct batch *b, struct mono now); /* when it has something to do */

/* pacing.c */
int pacing_open(struct batch *b, struct error *e);
void pacing_turn(struct batch *b, struct mono now);
struct mono pacing_wake(const struct batch *b); /* when pacing_turn has something to do */
struct mono pacing_next_post(struct batch *b, struct mono now);
struct mono pacing_next_get(struct batch *b, struct mono now);
void pacing_answered(struct batch *b, struct limiter *l, const struct mindee_response *r);
void pacing_close(struct batch *b);

/* recovery.c */
void recovery_start(struct batch *b);
void recovery_turn(struct batch *b);
/* What a document in doubt without a flight is told: with webhooks it waits for one first. */
enum doc_event_kind recovery_of_doubt(const struct batch *b);
bool recovery_can_go_on(struct batch *b);

/* journal.c: every write of a turn, written at once and remembered until the commit */
void journal_init(struct batch *b);
void journal_release(struct batch *b);
void journal_make_reserve(struct batch *b);
void journal_drop_reserve(struct batch *b);
bool journal_dirty(const struct batch *b);
/* True: all is durable. False: the ledger can't be written for now; nothing may be released. */
bool journal_commit(struct batch *b);
bool journal_hopeless(
    const struct batch *b); /* it hasn't been written for so long that the run ends */
struct mono journal_next(const struct batch *b); /* when to try again */
void journal_file(struct batch *b, const struct ledger_new_file *f, enum ledger_put *put,
                  int64_t *document);
void journal_file_changed(struct batch *b, int64_t file_id, const char *code, const char *detail);
void journal_pages(struct batch *b, int64_t document, int pages);
void journal_projected(struct batch *b, int64_t file_id, int64_t document);
bool journal_attempt_start(struct batch *b, int64_t document, int *attempt,
                           char alias[LEDGER_ALIAS_MAX]);
void journal_attempt_end(struct batch *b, int64_t document, int attempt,
                         enum attempt_outcome outcome, int status, const char *cause);
void journal_accepted(struct batch *b, int64_t document, int attempt, const char *job_id);
void journal_result_url(struct batch *b, int64_t document, int attempt, const char *url);
void journal_resent(struct batch *b, int64_t document, int attempt);
void journal_step(struct batch *b, const struct ledger_step *s);
/* BYTES must live until the commit. */
void journal_result(struct batch *b, int64_t document, const char *bytes, size_t len,
                    int page_count);
void journal_keep(struct batch *b, int64_t document, const char *bytes, size_t len);
/* A webhook that matched nothing; BYTES are copied. False: there is no memory for it. */
bool journal_orphan(struct batch *b, const char *bytes, size_t len, const char *job_id,
                    const char *alias);
/* What was learned of a kind of documents; BYTES are copied. */
void journal_learned(struct batch *b, int kind, const char *bytes, size_t len);
/* Intended, done (there: STAMP), not done. */
void journal_move(struct batch *b, const struct ledger_move *m);
void journal_moved(struct batch *b, int64_t file_id, const struct file_stamp *stamp);
void journal_unmoved(struct batch *b, int64_t file_id);
void journal_run(struct batch *b, int64_t post, int64_t get, int64_t http_429);

/* learning.c */
void learning_recall(struct batch *b);
void learning_save(struct batch *b);                  /* what is new */
void learning_turn(struct batch *b, struct mono now); /* the same, now and then */

/* deliveries.c */
int deliveries_open(struct batch *b, struct error *e); /* 0 too if none are configured */
void deliveries_reload(struct batch *b);
void deliveries_close(struct batch *b, void (*closed)(void *ctx), void *ctx);
void deliveries_free(struct batch *b);
/* Answers what was noted: durable by now, or not to be had. */
void deliveries_reply(struct batch *b, bool durable);
void deliveries_adopt(struct flight *f); /* its job id is known now: orphans may be its */
bool deliveries_expected(const struct batch *b);
int64_t deliveries_fallback_ms(const struct batch *b); /* poll for one that hasn't come by then */
void deliveries_missed(struct batch *b,
                       const struct mindee_job *job); /* done, and no webhook came */
bool deliveries_wants_check(const struct batch *b);
void deliveries_check(struct batch *b); /* the caller has taken a GET */

/* retrying.c */
void retrying_start(struct batch *b);
void retrying_turn(struct batch *b);
bool retrying_busy(const struct batch *b);
bool retrying_can_go_on(const struct batch *b);
void retrying_release(struct batch *b);

/* projection.c */
void projection_start(struct batch *b);
void projection_turn(struct batch *b);
void projection_of(struct flight *f);
/* The path has another document now: its result file goes, after the commit. */
void projection_outdated(struct batch *b, const char *name);
void projection_drop_outdated(struct batch *b);

/* batch.c */
/* What of a response is the same for every kind of request. */
struct outcome batch_facts(enum request_kind kind, const struct mindee_response *r);
enum doc_event_kind batch_outcome(struct batch *b, const struct outcome *o,
                                  const struct mindee_response *r, struct news *news, char *cause,
                                  size_t cause_size);
void batch_end_early(struct batch *b, int exit_code, const char *format, ...) PRINTF(3, 4);
void batch_storage_failed(struct batch *b);
/* Checks the code of a ledger write: false and the run ends if it failed. */
bool batch_wrote(struct batch *b, int rc);
void batch_poke(struct batch *b); /* a turn will come */

#endif
