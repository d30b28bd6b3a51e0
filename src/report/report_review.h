/* report_review.h - the records that need a person: how many of each state, how much money is in them, and the gravest
 * of them with their reasons.
 *
 *   report_review_read(&r, review, ledger, &selection, &e)      REVIEW knows the results up to selection->upto
 *   for r.rows[i]: ...                                          the gravest first, then by amount
 *   report_review_release(&r)
 *
 * Two records of which one duplicates the other are one row: the later one's, which names the earlier. */
#ifndef MB_REPORT_REPORT_REVIEW_H
#define MB_REPORT_REPORT_REVIEW_H

#include "export/control_totals.h"
#include "ledger/stored_results.h"
#include "review/review.h"
#include "tables/dense_row.h"

enum { REPORT_REVIEW_ROWS = 2000, REPORT_ROW_REASONS = 6, REPORT_TEXT_MAX = 1024 /* bytes kept */ };

struct report_reason {
    enum check_code code;
    enum severity severity;
    char *field, *text;
    char *also_name, *also_path; /* of a duplicate: the earlier record's file; or NULL */
};

struct report_review_row {
    enum severity worst;
    bool put_off;          /* "later" */
    struct decimal amount; /* without its sign; for the order */
    bool has_total;
    struct decimal total;
    int decimals;
    char *supplier, *number, *date, *currency; /* NULL: it has none */
    char *name, *path;                         /* of its file; bytes */
    struct report_reason reasons[REPORT_ROW_REASONS];
    size_t reason_count, more_reasons;
    uint64_t codes; /* bits by enum check_code, of all its reasons */
};

struct report_open_sum {
    char code[CONTROL_CURRENCY_MAX];
    struct decimal total;
    int64_t records;
};

/* A document of which something was corrected, and its key: that of its records up to a slash. */
struct report_corrected {
    int64_t document;
    char key[RECORD_KEY_MAX];
};

struct report_review {
    bool known;                    /* false: nobody looked at the records; the others are 0 then */
    char trouble[512];             /* why, where somebody should have; "" */
    int64_t states[REVIEW_STATES]; /* READY by report_review_finish */
    int64_t kinds[CHECK_COUNT];    /* records that need a person and have that reason */
    int64_t duplicates;            /* of those, the ones that may be duplicates */
    struct report_open_sum *sums;  /* of what needs a person, by currency; owned */
    size_t sum_count, sum_capacity;
    int64_t not_summed;             /* totals that are in none of them */
    struct report_review_row *rows; /* owned */
    size_t row_count, row_capacity;
    struct report_corrected *corrected; /* ascending; owned */
    size_t corrected_count, corrected_capacity;
    char head[SHA256_HEX]; /* of the audit trail */
};

struct report_selection {
    int64_t upto;       /* results up to this one */
    const char *period; /* of the document's first file; NULL: any */
};

MUST_CHECK int report_review_read(struct report_review *r, struct review *review, struct ledger *l,
                                  const struct report_selection *selection, struct error *e);
/* RECORDS: all there are. */
void report_review_finish(struct report_review *r, int64_t records);
void report_review_release(struct report_review *r);

/* The key of the document, or NULL: nothing of it was corrected. */
const char *report_review_corrected(const struct report_review *r, int64_t document);
/* What needs a person: open, or put off. */
int64_t report_review_open(const struct report_review *r);
/* Ready, accepted or corrected. */
int64_t report_review_bookable(const struct report_review *r);
/* NULL: nothing of that currency needs a person. */
const struct report_open_sum *report_review_sum(const struct report_review *r, const char *code);
bool report_code_is_duplicate(enum check_code code);

#endif
