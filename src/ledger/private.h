/* private.h - what the ledger's files share: its struct, a document's row, the counters.
 *
 * Numbers come from counters that every change keeps up: a row's share of them is taken out before
 * the change and put in after it (row_save). They live in memory and go to their table with each
 * commit; a rollback puts back the committed ones. */
#ifndef MB_LEDGER_PRIVATE_H
#define MB_LEDGER_PRIVATE_H

#include "base/list.h"
#include "ledger/document_ledger.h"
#include "ledger/ledger.h"
#include "ledger/naming.h"
#include "store/database.h"
#include "store/run_lock.h"

/* Stored: never renumber. */
enum counter {
    COUNT_FILES = 0,
    COUNT_DOCUMENTS = 1, /* with a file */
    COUNT_FORMER = 2,    /* without */
    COUNT_RESENT = 3,
    COUNT_CREDITS = 4, /* this and the next two in millionths */
    COUNT_AT_RISK = 5,
    COUNT_CREDITS_OUT = 6,
    COUNT_POST = 7,
    COUNT_GET = 8,
    COUNT_429 = 9,
    COUNT_ORPHANS = 10,
    COUNT_LEFT_OUT = 11,  /* by the last walk: no number that grows */
    COUNT_COPY = 12,      /* 1: a copy made by ledger_backup; 2: one that was put back */
    COUNT_FORGOTTEN = 13, /* attempts of lives that a restored ledger doesn't know of */
    COUNT_RESTORED = 14,  /* when that was said last, in ms since 1970 */
    COUNT_DISMISSED = 15, /* documents with a file, settled by hand: in no COUNT_STATE */
    COUNT_STATE = 16,     /* + enum doc_state: documents with a file */
    COUNT_TURNS = 32,     /* commits */
    /* spending.c */
    COUNT_COUNT_FROM = 33, /* the last attempt before this count */
    COUNT_COUNTED = 34,    /* what the later ones cost, in millionths of a credit */
    COUNT_AGAIN_FROM = 35, /* likewise since a person last allowed the budgets again */
    COUNT_AGAIN = 36,
    COUNT_AGAIN_AT = 37,     /* when, in ms since 1970 */
    COUNT_NOTHING_LEFT = 38, /* 1: the next attempt begins a new count */
    COUNT_STOPPED = 39,      /* limits.max_credits at which a run was stopped, and one millionth */
    COUNT_STOPPED_MONTH = 40,
    COUNT_STOPPED_AT = 41, /* when that was */
    COUNTERS = 42
};
#define LEDGER_COPY_MARK 12 /* COUNT_COPY, for a statement's text */
_Static_assert(DOC_STATE_COUNT <= 16, "the counters of states");

struct totals {
    int64_t n[COUNTERS];
};

enum { ANSWER_NONE = 0, ANSWER_KEPT = 1, ANSWER_RESULT = 2 };

/* A document is read from both: the row in flight, if there is one, holds what is current. */
#define LIFE         "document d LEFT JOIN flight w ON w.document = d.id"
#define LIFE_OF(col) "coalesce(w." col ", d." col ")"

/* Attempts with one outcome, and the sum of their prices, in millionths of a credit a page. */
struct charges {
    int n;
    int64_t price;
};

/* What of a document's row changes, or counts. */
struct document_row {
    int64_t id, settings;
    int state, files, attempts, attempt;
    int64_t last_attempt, last_event;     /* rows */
    struct charges accepted, done, doubt; /* attempts with that outcome now */
    int answer, pages, result_pages;
    int64_t result; /* row */
    int64_t accepted_at;
    int64_t dismissed; /* when; 0: it isn't */
    bool in_flight;    /* has a row in `flight`, where it is saved */
    bool content;      /* its bytes were read once: it has a SHA-256 */
    bool words;        /* of a failure: it has a code */
    struct {           /* of `last_attempt`'s row, as far as this process has it in hand */
        bool known, resent;
        int outcome;
        int64_t prev, price, started_at;
    } newest;
};

/* The period to which what a scheduled run takes in belongs: most often its own. */
#define PERIOD_COUNTS_TO "coalesce(p.counts_to, p.period)"
/* Whether file f's period is closed: its last run has ended, and none is at work for it. Which files
 * belong to it is final then. */
#define PERIOD_CLOSED                                                                              \
    "(f.period IS NOT NULL AND EXISTS(SELECT 1 FROM period p WHERE " PERIOD_COUNTS_TO              \
    "  = f.period AND p.state <> 0) AND NOT EXISTS(SELECT 1 FROM period p"                         \
    "  WHERE " PERIOD_COUNTS_TO " = f.period AND p.state = 0))"

/* Whether a document in STATE has a row in `flight`. */
static inline bool state_has_flight(enum doc_state state)
{
    return state == DOC_SUBMITTING || state == DOC_IN_DOUBT || state == DOC_PROCESSING ||
           state == DOC_READY;
}

enum { ROWS_AT_REST = 256, ROW_BUCKETS = 1024 };

/* What was begun in a stretch of time, as spending.c keeps it up. */
struct spent_month {
    bool known;
    struct wall from, until;
    int64_t micro;
};

struct ledger {
    struct database db;
    const struct clock *clock;
    bool read_only, unclean;
    enum file_access access;
    struct run_lock lock;
    char *lock_path;
    uint64_t id;
    enum ledger_order queue_order, committed_order;
    int64_t run_id;            /* 0: none begun by this process */
    uint64_t nonce;            /* of that run, in its aliases; 0: there is none */
    int64_t orphan_bytes;      /* of all orphans; -1: to be counted */
    struct naming_place place; /* results/ */
    bool linked;               /* this turn changed which files point to which documents */
    const char *const *move_directories; /* NULL-ended, or NULL */
    struct totals totals, committed;
    struct { /* turn.h: made, and not told of yet; cb NULL: there is none */
        void (*cb)(void *ctx, int rc);
        void *ctx;
        int rc;
    } turn;
    struct spent_month month; /* the one that was asked for last */
    struct file_ahead *ahead; /* file_find.c; NULL: nothing was looked up yet */
    bool ahead_stale;         /* something was written since */
    struct {                  /* spending.c: to be added to what was begun in QUARTER */
        int64_t quarter, micro;
    } spent;
    struct { /* row_cache.c */
        struct document_row rest[ROWS_AT_REST];
        struct kept_row *kept[ROW_BUCKETS];
        struct list changed; /* those to be written, the first first */
        size_t changed_count;
    } rows;
};

/* write.c: begins a write. 0, or why there can't be one. */
MUST_CHECK int ledger_write(struct ledger *l);
int64_t ledger_now(const struct ledger *l);

/* counts.c */
MUST_CHECK int totals_load(struct ledger *l, struct totals *out);
MUST_CHECK int totals_save(struct ledger *l); /* what changed since the last commit */
/* All but the times; OUT is overwritten. */
void totals_fill(const struct totals *t, struct ledger_counts *out);
/* Of a row that begins with the columns ROW_THAT_COUNTS, only what counts. */
/* clang-format off */
#define ROW_THAT_COUNTS                                                                            \
    "d.id, " LIFE_OF("state") ", d.files, " LIFE_OF("accepted") ", " LIFE_OF("done") ", "          \
    LIFE_OF("doubt") ", " LIFE_OF("answer") ", d.pages, " LIFE_OF("result_pages") ", d.dismissed, "\
    LIFE_OF("accepted_price") ", " LIFE_OF("done_price") ", " LIFE_OF("doubt_price")
enum { COUNTING_COLUMNS = 13 };
/* clang-format on */
/* The same in SQL as row_is_dismissed. */
#define IS_DISMISSED "(d.dismissed <> 0 AND " LIFE_OF("state") " IN (2, 6, 7, 8))"
_Static_assert(DOC_IN_DOUBT == 2 && DOC_FAILED == 6 && DOC_REJECTED == 7 && DOC_LOST == 8,
               "as in IS_DISMISSED");
static inline bool row_is_dismissed(const struct document_row *row)
{
    return row->dismissed != 0 && doc_state_can_be_dismissed((enum doc_state)row->state);
}
struct document_row row_that_counts(sqlite3_stmt *s);
/* What ROW adds to the counters: TOTALS.n += SIGN * ... */
void row_count(struct totals *totals, const struct document_row *row, int sign);

/* document_row.c. A row that isn't there is ERR_NOT_FOUND. */
MUST_CHECK int row_load(struct ledger *l, int64_t id, struct document_row *out);
MUST_CHECK int row_save(struct ledger *l, const struct document_row *before,
                        const struct document_row *after);
/* A row just inserted: into the counters. */
void row_count_new(struct ledger *l, const struct document_row *row);
/* No file points to it and it was never attempted: row and history go. */
MUST_CHECK int row_delete(struct ledger *l, const struct document_row *row);
/* Appends to the history of ROW, which is to be saved after. CAUSE may be NULL. */
MUST_CHECK int row_event(struct ledger *l, struct document_row *row, enum doc_state was,
                         enum doc_event_kind kind, int attempt, const char *cause);
/* The words of a failure: stay with the document until it goes on. CODE NULL: none any more. */
MUST_CHECK int row_words(struct ledger *l, int64_t id, const char *code, const char *detail);

/* file_find.c: what was read ahead is given up. */
void file_ahead_free(struct ledger *l);

/* document_read.c */
/* A copy of bytes, with a NUL behind; *FITS becomes false if there is no memory for it. */
char *column_copy(sqlite3_stmt *s, int column, bool *fits);
MUST_CHECK int documents_take(struct ledger *l, sqlite3_stmt *s,
                              bool (*skip)(void *ctx, int64_t id), void *ctx,
                              struct ledger_document *out, int max);
/* How often document d was sent again out of doubt since the newest retry in its history: a run that
 * goes on counts on, and a person's word begins anew. */
/* clang-format off */
#define RESENDS                                                                                    \
    "CASE " LIFE_OF("attempt") " WHEN 0 THEN 0 ELSE ("                                             \
    "WITH RECURSIVE past(kind, attempt, prev) AS ("                                                \
    " SELECT kind, attempt, prev FROM event WHERE id = " LIFE_OF("last_event")                     \
    " UNION ALL SELECT v.kind, v.attempt, v.prev FROM past JOIN event v ON v.id = past.prev"       \
    "  WHERE past.kind <> " EVENT_RETRY "),"                                                       \
    "tried(n, resent, prev) AS ("                                                                  \
    " SELECT n, resent, prev FROM attempt WHERE id = " LIFE_OF("last_attempt")                     \
    " UNION ALL SELECT t.n, t.resent, t.prev FROM tried JOIN attempt t ON t.id = tried.prev) "     \
    "SELECT count(*) FROM tried WHERE resent AND n >"                                              \
    " coalesce((SELECT attempt FROM past WHERE kind = " EVENT_RETRY "), 0)) END"
#define EVENT_RETRY "23"
_Static_assert(EV_RETRY == 23, "as in EVENT_RETRY");
/* Whether a person asked for document d again, whose job is asked for first, and neither was it sent
 * or accepted nor restored since: a run that goes on keeps the word. */
#define ASKED_FOR                                                                                  \
    "CASE WHEN " LIFE_OF("state") " IN (3, 4) THEN ("                                              \
    "WITH RECURSIVE since(kind, prev) AS ("                                                        \
    " SELECT kind, prev FROM event WHERE id = " LIFE_OF("last_event")                              \
    " UNION ALL SELECT v.kind, v.prev FROM since JOIN event v ON v.id = since.prev"                \
    "  WHERE since.kind NOT IN (" EVENT_RETRY ", " EVENTS_THAT_ANSWER ")) "                        \
    "SELECT count(*) FROM since WHERE kind = " EVENT_RETRY ") ELSE 0 END"
#define EVENTS_THAT_ANSWER "0, 6, 25"
_Static_assert(EV_ADMIT == 0 && EV_ACCEPTED == 6 && EV_RESTORED == 25, "as in EVENTS_THAT_ANSWER");
#define DOCUMENT_COLUMNS                                                                           \
    "d.id, d.settings, " LIFE_OF("state") ", " LIFE_OF("attempts") ", " LIFE_OF("attempt") ", "    \
    LIFE_OF("accepted_at") ", d.size, d.type, d.pages, d.sha256, a.job_id, a.result_url,"          \
    " a.outcome, " LIFE_OF("doubt") " + " LIFE_OF("accepted") " + " LIFE_OF("done") ", " RESENDS   \
    ", d.dismissed, " ASKED_FOR
/* clang-format on */
#define DOCUMENT_ATTEMPT " LEFT JOIN attempt a ON a.id = " LIFE_OF("last_attempt")

/* documents.c */
struct new_document {
    int64_t settings;
    enum doc_state state;
    int files;             /* that point to it, or will in this turn */
    const uint8_t *sha256; /* NULL: never read */
    int64_t size;
    int type, pages;
    bool broken;
    const char *code, *detail; /* NULL: none */
    const char *period;        /* NULL: none */
    const void *sort_name;
    size_t sort_name_len;
};
MUST_CHECK int document_new(struct ledger *l, const struct new_document *n,
                            struct document_row *out);

/* period_numbers.c: keeps the numbers of PERIOD as they are now, a run of it having ended. */
MUST_CHECK int period_close(struct ledger *l, const char *period);

/* projections.c: the results of the document's files, or of one file, are to be written out. */
MUST_CHECK int projections_want(struct ledger *l, int64_t document_id);
MUST_CHECK int projection_want(struct ledger *l, int64_t file_id);
/* All that are published, again: something else may stand under their names by now. */
MUST_CHECK int projections_want_all(struct ledger *l);

/* Stored: never renumber. */
enum move_state {
    MOVE_INTENDED = 0, /* after a crash: somewhere on its way */
    MOVE_THERE = 1,    /* the file's input is at the target */
    MOVE_PAST = 2,     /* it was there, and was moved on */
};
#define MOVED_FILE  " LEFT JOIN move m ON m.file = f.id AND m.state = 1"
#define MOVING_FILE " LEFT JOIN move i ON i.file = f.id AND i.state = 0"

#endif
