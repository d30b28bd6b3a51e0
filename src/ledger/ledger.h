/* ledger.h - the durable record: files, documents, attempts, results,
 * and every step with its time and cause.
 *
 *   ledger_open(&l, &options, &e);
 *   ... any of the functions below; the first write opens a transaction ...
 *   ledger_commit(l);         once a turn of the loop, before the effects that rely on it
 *   ledger_close(l);          commits nothing: what wasn't committed never happened
 *
 * SQLite in WAL mode, synchronous=FULL: when ledger_commit returned 0 it is on the disk. Reads see
 * this turn's own writes. One process writes at a time (a lock file of its own beside the database
 * names the holder); any number may read beside it. The only user of SQLite. Functions return 0 or
 * an error code, with the words in ledger_error(l); after a failed write the transaction is rolled
 * back as a whole, and every further write fails with the same words until ledger_recover(). */
#ifndef MB_LEDGER_LEDGER_H
#define MB_LEDGER_LEDGER_H

#include "base/buffer.h"
#include "base/clock.h"
#include "base/credits.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file_access.h"
#include "base/file_stamp.h"
#include "core/attempt.h"

#include <stdbool.h>
#include <stdint.h>

struct ledger;

struct ledger_options {
    const char *path; /* of ledger.db; its directory exists */
    bool read_only;   /* status and the like: no lock, the file must exist (ERR_NOT_FOUND) */
    const struct clock *clock;
    enum file_access access; /* of what is made beside it, too */
};

/* ERR_BUSY: another run has it (says who); ERR_DAMAGED: not a ledger, a newer schema, or damaged:
 * never overwritten; ERR_USAGE: on a network file system (WAL needs shared memory); ERR_IO.
 * quick_check runs after an unclean end. */
MUST_CHECK int ledger_open(struct ledger **out, const struct ledger_options *options,
                           struct error *e);
void ledger_close(struct ledger *l);
enum file_access ledger_access(const struct ledger *l); /* never as found */
const struct error *ledger_error(const struct ledger *l);
bool ledger_was_unclean(const struct ledger *l); /* an earlier process didn't come to its end */
uint64_t ledger_id(const struct ledger *l);      /* 64 random bits, made with the ledger */

/* What is asked for in between is read under one lock; a write may come in between. */
void ledger_read_begin(struct ledger *l);
void ledger_read_end(struct ledger *l);

bool ledger_dirty(const struct ledger *l); /* there is something to commit */
MUST_CHECK int ledger_commit(struct ledger *l);
/* After a failed write or commit: forget the rolled-back transaction,
 * so that writes are possible again. */
void ledger_recover(struct ledger *l);

/* --- what is sent: product, model and request options, one row for each set ever used --- */

struct ledger_settings {
    const char *product, *model_id;
    const char *options; /* canonical JSON of the request.* options that are set */
};
/* FN is called once. */
MUST_CHECK int ledger_settings_get(struct ledger *l, int64_t id,
                                   void (*fn)(void *ctx, const struct ledger_settings *s),
                                   void *ctx); /* ERR_NOT_FOUND */
/* Finds or makes the row. */
MUST_CHECK int ledger_settings_put(struct ledger *l, const struct ledger_settings *s, int64_t *id);

/* --- settings in use --- */

/* 1 and a PATH if a file of ROOT, at UNDER or below it, has a document under another product or model
 * than that of SETTINGS that was paid for (or may have been); 0 if none; or an error. */
MUST_CHECK int ledger_settings_conflict(struct ledger *l, int64_t root_id,
                                        const struct ledger_settings *settings, const char *under,
                                        struct buffer *path);
/* Documents of ROOT queued, and never accepted, under other settings move to SETTINGS_ID: nothing
 * was paid for them. */
MUST_CHECK int ledger_requeue_under(struct ledger *l, int64_t root_id, int64_t settings_id);

/* 1 if any document under PRODUCT and MODEL_ID was paid for, or may have been; 0 if none. */
MUST_CHECK int ledger_model_in_use(struct ledger *l, const char *product, const char *model_id);
/* Documents under other settings than SETTINGS_ID that wait for a run of theirs. IN_DOUBT: those
 * that such a run sends again by itself; not those that only a person does, nor those with
 * MOST_DOUBTS attempts in doubt. */
MUST_CHECK int ledger_waiting_elsewhere(struct ledger *l, int64_t settings_id, int max_resends,
                                        int64_t *queued, int64_t *in_doubt);

/* 1 if a document of this content under these settings (model_id NULL: any) was sent already, or is
 * on its way; 0 if not. */
MUST_CHECK int ledger_content_sent(struct ledger *l, const struct ledger_settings *s,
                                   const uint8_t sha256[SHA256_BYTES]);

/* --- documents --- */

enum { LEDGER_ALIAS_MAX = 64, LEDGER_JOB_ID_MAX = 72 };

struct ledger_document {
    int64_t id, settings_id;
    enum doc_state state;
    int attempts;     /* as in struct document */
    int attempt;      /* number of the newest attempt, 0: none */
    int resends;      /* out of doubt, since a person asked for it last */
    bool may_be_paid; /* or one is known to be */
    bool has_job;     /* and it isn't known to have failed */
    bool failed;      /* the newest attempt is ATTEMPT_JOB_FAILED */
    bool unreadable;  /* the newest attempt is ATTEMPT_UNREADABLE or ATTEMPT_FORGOTTEN */
    bool dismissed;   /* as in struct document */
    /* likewise: a person asked for it again, and its job is asked for first */
    bool resend_if_gone;
    char job_id[LEDGER_JOB_ID_MAX]; /* of the newest attempt, "" if none */
    char *result_url;               /* NULL if not known; owned: ledger_document_release */
    struct wall accepted_at;        /* of the newest attempt, 0: never */
    int64_t size_bytes;
    int type, pages; /* pages -1: not counted, 0: unknown */
    uint8_t sha256[SHA256_BYTES];
};
void ledger_document_release(struct ledger_document *d);
MUST_CHECK int ledger_document_get(struct ledger *l, int64_t id, struct ledger_document *out);

enum ledger_order { ORDER_NAME, ORDER_LARGEST, ORDER_PAGES };
/* Up to MAX queued documents of SETTINGS_ID in sending order, without those for which SKIP says so
 * (in memory already). Returns how many, or an error. Works from an index: the queue's length
 * doesn't matter. */
MUST_CHECK int ledger_next_queued(struct ledger *l, int64_t settings_id, enum ledger_order order,
                                  bool (*skip)(void *ctx, int64_t id), void *ctx,
                                  struct ledger_document *out, int max);
/* Up to MAX documents in STATE, oldest acceptance first (those expire first), without those for
 * which SKIP says so, and of those in doubt without the dismissed ones. */
MUST_CHECK int ledger_documents_in(struct ledger *l, enum doc_state state,
                                   bool (*skip)(void *ctx, int64_t id), void *ctx,
                                   struct ledger_document *out, int max);

MUST_CHECK int ledger_set_pages(struct ledger *l, int64_t document_id, int pages);

/* One step of a document: state, attempts used, and a line of its history. CAUSE: "http_429", ...
 * EV_DISMISS marks it as dismissed, with CAUSE as its note; EV_RETRY and a result take that off.
 * CODE and DETAIL: what a failure says to people (may be NULL); they stay with the document until
 * it is stored. */
struct ledger_step {
    int64_t document_id;
    enum doc_state from, to;
    enum doc_event_kind event;
    int attempts;
    int attempt;       /* it is about; 0: none */
    const char *cause; /* NULL: none */
    const char *code, *detail;
};
MUST_CHECK int ledger_step(struct ledger *l, const struct ledger_step *s);

/* --- attempts: one upload each, recorded before its first byte leaves --- */

/* Makes attempt number *ATTEMPT with its alias "mb-<nonce>-<document>-<attempt>"; the nonce is the
 * run's, 64 random bits. It keeps PRICE, of a page, whatever pages cost later. */
MUST_CHECK int ledger_attempt_start(struct ledger *l, int64_t document_id, struct credits price,
                                    int *attempt, char alias[LEDGER_ALIAS_MAX]);

/* What is known of its job isn't unlearned (attempt_learn): then nothing changes. */
MUST_CHECK int ledger_attempt_end(struct ledger *l, int64_t document_id, int attempt,
                                  enum attempt_outcome outcome, int status, const char *cause);
MUST_CHECK int ledger_attempt_accepted(struct ledger *l, int64_t document_id, int attempt,
                                       const char *job_id);
MUST_CHECK int ledger_attempt_result_url(struct ledger *l, int64_t document_id, int attempt,
                                         const char *url);
/* The newest attempt up to this one that may have cost something is given up for a new one: counted
 * as resent. */
MUST_CHECK int ledger_attempt_resent(struct ledger *l, int64_t document_id, int attempt);
/* The new one isn't sent after all: no longer counted. */
MUST_CHECK int ledger_attempt_unresent(struct ledger *l, int64_t document_id, int attempt);

struct ledger_attempt {
    enum attempt_outcome outcome;
    char job_id[LEDGER_JOB_ID_MAX]; /* "" if none */
    char alias[LEDGER_ALIAS_MAX];   /* as it was sent */
    bool resent;                    /* given up for a new one, out of doubt */
};
MUST_CHECK int ledger_attempt_get(struct ledger *l, int64_t document_id, int attempt,
                                  struct ledger_attempt *out); /* ERR_NOT_FOUND */

/* --- webhooks: whose is it --- */

/* The attempt whose 202 named JOB_ID: 1, or 0 if none is known. By an index. */
MUST_CHECK int ledger_find_by_job(struct ledger *l, const char *job_id, int64_t *document_id,
                                  int *attempt);
/* The attempt that was sent with ALIAS: 1, or 0 if it isn't one of ours (another ledger's, another
 * form, an attempt that was never made). Any text may be asked for. */
MUST_CHECK int ledger_find_by_alias(struct ledger *l, const char *alias, int64_t *document_id,
                                    int *attempt);
/* A webhook's bytes that matched nothing, kept until their upload becomes known; the same bytes
 * twice are stored once. JOB_ID and ALIAS: "" or NULL if it has none. */
MUST_CHECK int ledger_orphan_put(struct ledger *l, const void *bytes, size_t len,
                                 const char *job_id, const char *alias);
/* What a run learned of a KIND of documents, for the next run with the same settings. Getting: 1
 * with *LEN bytes in OUT, 0 if there is nothing that fits into SIZE. */
MUST_CHECK int ledger_learned_put(struct ledger *l, int64_t settings, int kind, const void *bytes,
                                  size_t len);
MUST_CHECK int ledger_learned_get(struct ledger *l, int64_t settings, int kind, void *out,
                                  size_t size, size_t *len);
/* The oldest orphan with that job id, or with that alias and no job id ("" or NULL match nothing;
 * one that names another job is another upload's, whatever its alias): 1, its bytes
 * appended to BYTES and its row gone with the turn's commit; 0: none.
 * There may be more than one. */
MUST_CHECK int ledger_orphan_take(struct ledger *l, const char *job_id, const char *alias,
                                  struct buffer *bytes);

/* --- results --- */

/* Byte for byte, with their SHA-256. PAGE_COUNT 0: unknown, counts as one credit. */
MUST_CHECK int ledger_result_put(struct ledger *l, int64_t document_id, const void *bytes,
                                 size_t len, int page_count);
/* A whole answer that was no result, kept with the failed document. */
MUST_CHECK int ledger_bytes_keep(struct ledger *l, int64_t document_id, const void *bytes,
                                 size_t len);
MUST_CHECK int ledger_result_get(struct ledger *l, int64_t document_id,
                                 struct buffer *out); /* ERR_NOT_FOUND, ERR_DAMAGED */

/* --- numbers --- */

struct ledger_counts {
    int64_t files;      /* that count (file_book.h) */
    int64_t documents;  /* that at least one file points to: the sum of by_state and dismissed */
    int64_t duplicates; /* files - documents */
    int64_t by_state[DOC_STATE_COUNT]; /* of those documents, but for the dismissed ones */
    int64_t dismissed;                 /* failed, rejected, lost or in doubt, and settled by hand */
    int64_t former;         /* documents whose every path has other content by now: in no number
                                above, in all below */
    int64_t resent;         /* attempts sent again out of doubt */
    struct credits credits; /* of what is known to be charged; unknown pages count as 1 */
    struct credits
        credits_at_risk;        /* that in-doubt attempts, resent or not, may have cost besides */
    struct credits credits_out; /* of attempts accepted, without results yet, or in doubt */
    int64_t post, get, http_429;
    int64_t orphans;  /* webhooks kept that matched nothing */
    int64_t left_out; /* files, directories and links that the last walk left out, for the
                         user's options; in no number above */
    struct wall started_at, finished_at; /* of the first and the last run; 0: none */
};
/* Since the ledger began. From counters and indexes: answers at once with 100,000 documents. */
MUST_CHECK int ledger_counts(struct ledger *l, struct ledger_counts *out);
/* With the turn's commit: what a walk that came to its end left out. */
MUST_CHECK int ledger_left_out(struct ledger *l, int64_t count);
/* The documents in STATE of them; only of a writer, whose numbers are in memory. */
int64_t ledger_count_in(const struct ledger *l, enum doc_state state);
/* Counts the rows and compares: 0, or ERR_DAMAGED and which number is wrong.
 * Takes its time (for verify). */
MUST_CHECK int ledger_counts_check(struct ledger *l);

/* --- runs --- */

MUST_CHECK int ledger_run_start(struct ledger *l, int64_t *run_id);
/* Adds to the run's counters; with the turn's commit. */
MUST_CHECK int ledger_run_add(struct ledger *l, int64_t post, int64_t get, int64_t http_429);
MUST_CHECK int ledger_run_end(struct ledger *l, int exit_code);
/* 1 if a run is at work now (its lock is held), with its holder's words ("process 4711 on host x
 * since 2026-08-31T18:00:05Z"); 0 if none. */
/* Into the lock: where else than in the output directory the run can be asked. */
MUST_CHECK int ledger_asked_at(struct ledger *l, const char *directory, struct error *e);
/* What the run that holds the ledger at PATH wrote there: 1; else 0. */
int ledger_find_asked_at(const char *path, char *directory, size_t size);
MUST_CHECK int ledger_run_at_work(struct ledger *l, char *holder, size_t size);
/* Counts of the newest run alone: what ledger_counts grew by from ledger_run_start to its end,
 * states as the run changed them (what it took out of a state counts negative). */
MUST_CHECK int ledger_run_counts(struct ledger *l, struct ledger_counts *out);

/* --- periods: the occurrences of the schedule --- */

/* Stored: never renumber. */
enum period_state {
    PERIOD_RUNNING = 0, /* begun, and not over: a run that died goes on so */
    PERIOD_DONE = 1,
    PERIOD_COVERED = 2, /* missed, and a newer one of its rule ran for it */
    PERIOD_MISSED = 3,  /* for longer than is caught up */
    PERIOD_SKIPPED = 4, /* another run was at work when it was due */
    PERIOD_STATES
};
extern const char *const period_state_names[PERIOD_STATES];

struct ledger_period {
    char rule[48], period[24]; /* as calendar.h names an occurrence */
    char counts_to[24];        /* the period that its files belong to: most often the same */
    struct wall due_at, started_at, finished_at;
    enum period_state state;
    int64_t run;   /* its last run; 0: none yet */
    int exit_code; /* -1: none yet */
};

/* 1 and *STATE, or 0: it hasn't begun. */
MUST_CHECK int ledger_period_find(struct ledger *l, const char *rule, const char *period,
                                  enum period_state *state);
enum period_begin {
    PERIOD_NEW,         /* the row is there now: commit it before the run begins */
    PERIOD_INTERRUPTED, /* its run began once, and goes on */
    PERIOD_OVER,        /* nothing is to be run */
};
MUST_CHECK int ledger_period_begin(struct ledger *l, const char *rule, const char *period,
                                   struct wall due_at, enum period_begin *how);
/* The run that began is that of the row. */
MUST_CHECK int ledger_period_run(struct ledger *l, const char *rule, const char *period);
/* What the run that is at work takes in belongs to COUNTS_TO: it is that period's run, too. */
MUST_CHECK int ledger_period_counts_to(struct ledger *l, const char *rule, const char *period,
                                       const char *counts_to);
/* Ends what is running, as the work of this process's last run; else nothing. The numbers of the
 * period that it counts to are kept as they are then. */
MUST_CHECK int ledger_period_end(struct ledger *l, const char *rule, const char *period,
                                 int exit_code);
/* It won't run: WHY is covered, missed or skipped. One that has a row keeps it. */
MUST_CHECK int ledger_period_pass(struct ledger *l, const char *rule, const char *period,
                                  struct wall due_at, enum period_state why);
/* All, by the time they were due. */
MUST_CHECK int ledger_periods(struct ledger *l,
                              int (*fn)(void *ctx, const struct ledger_period *row), void *ctx);
/* The oldest that is running: 1, or 0. */
MUST_CHECK int ledger_period_interrupted(struct ledger *l, struct ledger_period *out);
/* When RULE was noted for the first time: 1; or 0, *SINCE now: it never was. Later than now (the
 * clock was ahead then) counts as now. */
MUST_CHECK int ledger_rule_since(struct ledger *l, const char *rule, struct wall *since);
MUST_CHECK int ledger_rule_note(struct ledger *l, const char *rule);
/* Forgets the first sight of the rules that KEEP is false for. */
MUST_CHECK int ledger_rules_keep(struct ledger *l, bool (*keep)(void *ctx, const char *rule),
                                 void *ctx);
/* As ledger_counts, of the documents that belong to PERIOD: files, documents, states, resent and
 * credits; the rest is 0. Looks at each of them. */
MUST_CHECK int ledger_period_counts(struct ledger *l, const char *period,
                                    struct ledger_counts *out);

/* 1 if the ledger has PERIOD: an occurrence of the schedule, or a file that belongs to it; or 0. */
MUST_CHECK int ledger_period_known(struct ledger *l, const char *period);
/* A period, in numbers. Requests are a run's and not a period's: they are 0 there. */
struct ledger_period_numbers {
    char name[24];
    struct ledger_counts counts; /* finished_at: 0 while a run of it is at work */
    int64_t ms;                  /* that its runs took which have ended */
};
/* Of the period NAME, which the runs in its rows count to. */
MUST_CHECK int ledger_period_numbers(struct ledger *l, const char *name,
                                     struct ledger_period_numbers *out);
/* 1 and the period of the newest run; 0: it has none. */
MUST_CHECK int ledger_run_period(struct ledger *l, char name[24]);
struct ledger_period_close {
    struct wall at; /* when its last run ended */
    bool kept;      /* false: that was a version that kept no numbers */
    struct ledger_counts counts;
};
/* 1 and OUT if a run of PERIOD has ended; 0 if none has. */
MUST_CHECK int ledger_period_closed(struct ledger *l, const char *period,
                                    struct ledger_period_close *out);
struct ledger_period_change {
    int64_t document_id;
    const char *path;      /* of its file in the period, where that is now */
    const char *from, *to; /* at the close, and now, in the words of summary.json; from is NULL
                                if it came since */
    struct wall at;        /* when it came to what it is now */
};
/* The documents that PERIOD counts and that are something else now than at its close, as it was
 * kept, in the order of what happened to them last. Takes no memory for them. */
MUST_CHECK int ledger_period_changes(struct ledger *l, const char *period,
                                     int (*fn)(void *ctx, const struct ledger_period_change *row),
                                     void *ctx);

/* --- lists --- */

/* Every file, in path order: FN returns non-zero to stop. ONLY_UNSTORED: failures.csv, in which the
 * dismissed ones aren't either. */
struct ledger_listing {
    const char *path, *name;
    enum doc_state state;
    int64_t file_id, document_id, settings_id;
    struct wall dismissed; /* when; 0: it isn't */
    bool there; /* its bytes are at its path, or where it was moved to, as far as is known */
    const char *code, *detail, *job_id; /* "" if none */
    int64_t size_bytes;
    int pages; /* of the result, else as counted, else 0 */
    bool projected;
    const char *moved_to; /* where the input is, if it isn't at its path any more; else "" */
    int64_t file_size_bytes, file_mtime_ns; /* as it was there, or at its path */
};
MUST_CHECK int ledger_list(struct ledger *l, bool only_unstored,
                           int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* The same of every file that is or was at PATH, newest first; also of those that don't count. */
MUST_CHECK int ledger_list_at(struct ledger *l, const char *path,
                              int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* Its file is at PATH now, as far as is known. */
bool ledger_listing_is_at(const struct ledger_listing *row, const char *path);
/* The same of the files that a person means by PATH: the one that is there now; where there is none,
 * or with ALL, every one that was. 1, or 0: none ever was. */
MUST_CHECK int ledger_list_meant(struct ledger *l, const char *path, bool all,
                                 int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* The same of the files that belong to PERIOD. */
MUST_CHECK int ledger_list_period(struct ledger *l, const char *period,
                                  int (*fn)(void *ctx, const struct ledger_listing *row),
                                  void *ctx);

/* A document's history, oldest first. */
struct ledger_event {
    int64_t id; /* what happened later has a higher one */
    struct wall at;
    enum doc_state from, to;
    enum doc_event_kind event;
    int attempt;
    const char *cause; /* "" if none */
};
MUST_CHECK int ledger_history(struct ledger *l, int64_t document_id,
                              int (*fn)(void *ctx, const struct ledger_event *row), void *ctx);

#endif
