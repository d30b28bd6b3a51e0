/* summary.h - the batch in numbers: all of it, what its newest run did, and what belongs to that
 * run's period. What a run writes into
 * summary.json, a notice tells and `status` prints is read here, and has one form as JSON.
 *
 *   if (summary_read(&s, ledger, &e) == 0)
 *       summary_json(&text, &s); */
#ifndef MB_LEDGER_SUMMARY_H
#define MB_LEDGER_SUMMARY_H

#include "base/buffer.h"
#include "base/error.h"
#include "core/review_kinds.h"
#include "ledger/ledger.h"
#include "ledger/periods.h"

/* What of the records needs a person: found by the commands (src/review), not in the ledger. */
struct summary_review {
    bool known;
    int64_t open;
    int64_t codes[CHECK_COUNT];  /* how many of them for that reason */
    int64_t kinds[REVIEW_KINDS]; /* and for one of that kind */
    bool field_missing;          /* one that [fields] names is in no result: */
    char missing[300];           /* in words */
};

struct summary {
    struct ledger_counts total; /* since the ledger began */
    struct ledger_counts run;   /* of the newest run: what it settled, and what it left open */
    int64_t unread; /* files and directories that can't be read for now: in no other number */
    int64_t handover_left; /* results that on_stored still has to take */
    bool has_run;
    enum file_access access; /* of the ledger: whoever writes this out keeps it */
    const char *period;      /* NULL: of all; else total is of the documents that belong to it */
    bool closed;             /* a run of that period has ended */
    struct ledger_period_close close;
    struct summary_review review;
    struct ledger_period_numbers of_period; /* the newest run's; its name is "": it has none */
};

/* What needs a person isn't known then: whoever knows sets it. */
MUST_CHECK int summary_read(struct summary *s, struct ledger *l, struct error *e);
/* After that: the newest run, which has no row among the periods', takes in for PERIOD. */
MUST_CHECK int summary_of_period(struct summary *s, struct ledger *l, const char *period,
                                 struct error *e);
/* PERIOD must outlive S. */
MUST_CHECK int summary_read_period(struct summary *s, struct ledger *l, const char *period,
                                   struct error *e);

/* "3 sums don't add up, 1 bank account is new", appended; in one line if INDENT is NULL, else in lines of at most
 * 80 columns that begin with it. */
void summary_review_kinds(struct buffer *out, const struct summary_review *r, const char *indent);

/* Sent, no result yet: what CONTRACT calls processing. */
int64_t summary_processing(const struct ledger_counts *c);

/* The object of summary.json as JSON text, without a newline at its end. */
void summary_json(struct buffer *out, const struct summary *s);

#endif
