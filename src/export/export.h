/* export.h - the results of a ledger as tables in files.
 *
 *   export_make(&options, ledger, &outcome, &e)
 *
 * It may run beside a run that writes the ledger: what it reads is up to the newest result there was when it
 * began. Each file is whole or absent, the manifest last (export_files.h). The same state of the ledger gives
 * the same bytes, and so do the same decisions: with `review` the values are those that people corrected, each
 * record says what was found and decided of it, and review.db is brought up to date first. */
#ifndef MB_EXPORT_EXPORT_H
#define MB_EXPORT_EXPORT_H

#include "base/credits.h"
#include "base/file_access.h"
#include "calendar/zone.h"
#include "export/control_totals.h"
#include "format/csv_profile.h"
#include "ledger/ledger.h"
#include "review/facts.h"
#include "tables/left_out_notes.h"

#include <stdbool.h>
#include <stdint.h>

/* Which records, by what was decided of them. */
enum export_status {
    EXPORT_ANY,
    EXPORT_READY,    /* ready, accepted or corrected: nothing keeps them from being booked */
    EXPORT_TO_REVIEW /* those that need a person */
};

enum export_format { EXPORT_CSV, EXPORT_XLSX, EXPORT_JSONL, EXPORT_SQLITE };

/* Which columns of a record the control totals add up: lists that NULL ends, of which the first value that
 * isn't null counts; NULL: none. */
struct export_sums {
    const char *const *currency, *const *net, *const *tax, *const *total;
};

struct export_options {
    const char *output;    /* the output directory: where review.db is, and results/ */
    const char *directory; /* where the files go */
    const char *file; /* a single file's name in it, "-" for standard output; NULL: their own */
    bool ours;        /* DIRECTORY is the program's own */
    enum file_access access;
    enum export_format format;
    struct csv_profile profile;
    bool names;                          /* headers of a workbook as in CSV, not as words */
    bool lowest, each_confidence, pages; /* columns about values: layout.h */
    bool words;                          /* of an OCR result */
    const char *const *tables;           /* these alone; none: all */
    size_t table_count;
    const char *flat; /* this list alone, with its record's columns; NULL */
    struct export_sums sums;
    struct credits price;      /* of a page: of what was never sent */
    const struct zone *zone;   /* for days in the workbook */
    const char *configuration; /* SHA-256 of it in hex, for the workbook */

    /* The selection */
    const char *batch, *period; /* NULL: none */
    struct wall since;          /* 0: any */
    const int64_t *documents;   /* these alone, ascending; NULL: all */
    size_t document_count;

    const struct facts_options *review; /* NULL: reviews are off, and their columns empty */
    enum export_status status;          /* EXPORT_ANY without reviews */
};

struct export_outcome {
    struct control_totals control;
    bool does_not_add_up;        /* the error is a fault of ours: numbers that don't add up */
    struct buffer files;         /* what was written, for people: a line each */
    struct left_out_notes notes; /* left out: exit 1 */
    struct left_out_notes said;  /* nothing is left out, but a reader should know */
};

/* ERR_USAGE: an unknown table, or too many for one file; the others as of the ledger, the catalogue and
 * export_files. OUT is to be released either way. */
MUST_CHECK int export_make(const struct export_options *options, struct ledger *l,
                           struct export_outcome *out, struct error *e);
void export_outcome_release(struct export_outcome *out);

#endif
