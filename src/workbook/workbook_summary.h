/* workbook_summary.h - the first sheet of a workbook, one page wide: what came, what became of it, how much it
 * is, for a person of finance. */
#ifndef MB_WORKBOOK_WORKBOOK_SUMMARY_H
#define MB_WORKBOOK_WORKBOOK_SUMMARY_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct workbook_file;
struct left_out_notes;

struct workbook_currency {
    const char *code; /* ISO 4217; "" or NULL: none was read */
    int64_t records;
    const char *net, *tax, *total; /* exact, "1881.30"; NULL: can't be computed */
    struct {                       /* of it: of records that are to be reviewed */
        int64_t records;
        const char *net, *tax, *total;
    } open;
};

struct workbook_day {
    const char *date; /* YYYY-MM-DD, ascending, days without documents left out or not */
    int64_t documents;
};

struct workbook_summary {
    const char *batch;   /* the title; not NULL */
    const char *period;  /* "2026-11"; NULL: all there is */
    const char *verdict; /* a sentence; not NULL */
    /* files = documents + duplicates; documents = the eight below */
    int64_t files, documents, duplicates;
    int64_t queued, processing, stored, failed, rejected, lost, in_doubt, dismissed;
    int64_t records, without_record; /* of stored documents */
    const int64_t *states; /* of the records, each enum review_state; NULL: reviews are off */
    const struct workbook_currency *currencies;
    size_t currency_count;
    const struct workbook_day *days;
    size_t day_count;
};

/* Writes S into the worksheet SHEET of F, which is empty. */
MUST_CHECK int workbook_summary_write(struct workbook_file *f, size_t sheet,
                                      const struct workbook_summary *s,
                                      struct left_out_notes *notes, struct error *e);

#endif
