/* export_internal.h - what the files of an export share. Private. */
#ifndef MB_EXPORT_EXPORT_INTERNAL_H
#define MB_EXPORT_EXPORT_INTERNAL_H

#include "export/export.h"
#include "export/export_files.h"
#include "ledger/stored_results.h"
#include "tables/catalogue.h"
#include "tables/flatten.h"
#include "tables/layout.h"
#include "tables/row_order.h"
#include "tables/table_sink.h"

struct export_settings; /* export_rows.c: those whose names are known */
struct export_flat;     /* export_flat.c */
struct export_days;
struct export_own; /* export_own_tables.c */
struct export_review;
struct dense_row;

enum { EXPORT_PLACES_MOST = 16 };
struct export_places {
    int places[EXPORT_PLACES_MOST];
    int count;
};

struct export_making {
    const struct export_options *options;
    struct ledger *ledger;
    struct export_outcome *outcome;
    struct catalogue *catalogue;
    struct columns *columns; /* of all settings */
    struct ledger_stored_filter filter;
    struct ledger_stored_list list;
    struct flat_document *document;             /* the one at hand, as it was read */
    const struct flat_document *shown_document; /* and with what people corrected in it */
    struct export_review *review;               /* NULL: reviews are off */
    struct error error;                         /* why its rows weren't written */

    struct layout *layout;      /* all tables: rows are made of it */
    struct layout *wanted;      /* those that were asked for; NULL: only some of our own were */
    const struct layout *shown; /* as they are written: WANTED, or that of --flat; and our own */
    struct export_flat *flat;   /* NULL: not asked for */
    struct export_own *own;
    struct dense_row *dense; /* the row at hand */
    int *places;             /* of each of LAYOUT's tables in WANTED; -1: not asked for */
    struct row_order order;  /* of the record at hand */
    int64_t *rows;           /* written, of each table that is shown */
    struct export_days *days;
    struct export_settings *settings;
    size_t settings_count, settings_capacity;
    struct { /* places of the columns in `documents` that are added up */
        struct export_places currency, net, tax, total;
    } sums;

    int64_t unreadable, unknown_forms, mended_texts;

    struct { /* of the document at hand */
        struct buffer name, file, result, currency;
        char stored_at[WALL_TEXT_MAX], sha256[SHA256_HEX];
    } text;

    struct export_files *files; /* NULL: to standard output */
    struct export_file *file;   /* the only one; NULL: several */
    struct table_sink *sink;
};

/* export_rows.c: the layout, and the rows of one document. */
MUST_CHECK int export_layout(struct export_making *m, struct error *e);
int export_rows(void *making, const struct ledger_stored *s); /* for ledger_stored_get */
void export_rows_free(struct export_making *m);

/* export_words.c: what is said of it, in its own words. */
void export_verdict(const struct ledger_counts *counts, struct buffer *out);
void export_manifest_head(const struct export_making *m, struct buffer *out);
void export_say_files(struct export_making *m, const char *place);
void export_say_notes(struct export_making *m);

/* What made it from what: of a workbook's last sheet, of a database's table `about`. */
enum { EXPORT_FACTS_MOST = 12 };
struct export_about {
    struct {
        const char *name, *value;
    } facts[EXPORT_FACTS_MOST];
    size_t count;
    char ledger[20], newest[24], since[WALL_TEXT_MAX];
};
void export_about_fill(struct export_about *a, const struct export_making *m); /* M outlives it */

/* export_book.c: the workbook's Summary and About, then its sheets in the manifest. */
MUST_CHECK int export_book_finish(struct export_making *m, struct error *e);

/* export_sink.c: the form of file that was asked for. */
MUST_CHECK int export_sink_open(struct export_making *m, struct error *e);
/* A row of the table at PLACE of the layout that is shown. */
MUST_CHECK int export_sink_row(struct export_making *m, size_t place, const struct cell *cells,
                               struct error *e);
MUST_CHECK int export_sink_finish(struct export_making *m, struct error *e);
void export_sink_free(struct export_making *m);

#endif
