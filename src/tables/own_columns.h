/* own_columns.h - the columns that are the program's own: what a row is part of, and what is known of its
 * document besides its fields. */
#ifndef MB_TABLES_OWN_COLUMNS_H
#define MB_TABLES_OWN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

enum own_column {
    OWN_RECORD,
    OWN_FILE,
    OWN_N,
    OWN_UP, /* _up1, _up2, ... */
    OWN_EXTRACTED,
    OWN_PART,
    OWN_PART_TYPE,
    OWN_FIRST_PAGE,
    OWN_LAST_PAGE,
    OWN_PAGES,
    OWN_FILES,
    OWN_RESULT,
    OWN_STORED_AT,
    OWN_PERIOD,
    OWN_MODEL,
    OWN_JOB,
    OWN_RAG_DOCUMENT,
    OWN_SHA256,
    OWN_LOWEST_CONFIDENCE,
    OWN_LOWEST_FIELD,
    OWN_STATUS,
    OWN_REASONS,
    OWN_CORRECTED,
    OWN_DUPLICATES,
    OWN_COLUMNS
};

struct own_column_facts {
    const char *name;
    bool integer;
    int width; /* characters, for a sheet */
};
extern const struct own_column_facts own_columns[OWN_COLUMNS];

/* Those of `documents`: before its fields and behind them. */
extern const enum own_column own_first[2], own_last[19];
enum { OWN_FIRST = 2, OWN_LAST = 19 };

#endif
