/* ledger.h - the durable record: its life, its numbers, its runs. What it records stands by subject:
 *
 *   document_ledger.h   documents, their steps, uploads and results
 *   sent_settings.h     what they are sent with
 *   webhooks.h          whose a webhook is, and those that are nobody's yet
 *   periods.h           what scheduled runs close
 *   listing.h           every file with what became of it, and a document's history
 *   learned.h           how long jobs took
 *   file_book.h         files and their names
 *   turn.h              the commit of a turn, and who waits for it
 *
 *   ledger_open(&l, &options, &e);
 *   ... any of the functions of these; the first write opens a transaction ...
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
/* The same without the times of the runs: a writer has these in memory. */
MUST_CHECK int ledger_totals(struct ledger *l, struct ledger_counts *out);
/* When the oldest of the documents that wait to be sent came; 0: none does. */
MUST_CHECK int ledger_queue_since(struct ledger *l, struct wall *out);
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

#endif
