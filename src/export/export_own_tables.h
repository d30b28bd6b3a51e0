/* export_own_tables.h - the tables of an export that aren't read from results: what needs a person, what came
 * twice, what isn't stored, what it cost. Each is a row in the array of export_own_tables.c: a name, which begins with an underscore, its
 * columns, which stay, and what writes its rows.
 *
 * Of an export:
 *
 *   export_own_open(m, &e)       before the ledger is read: which are wanted; refuses what can't be
 *   export_own_read(m, &e)       at the moment at which the numbers are read
 *   export_own_layout(m)         behind the tables of the results, in m->shown
 *   export_own_write(m, &e)      after the last document
 *   export_own_free(m)
 *
 * All of an export's tables are of what was chosen: of a period or of named files those alone; with --since
 * what failed, or was sent, since then. They are left out of JSON lines, whose objects are records, and of
 * what is one table: --flat, a single CSV file (unless that was asked for by its name). */
#ifndef MB_EXPORT_EXPORT_OWN_TABLES_H
#define MB_EXPORT_EXPORT_OWN_TABLES_H

#include "base/error.h"
#include "tables/layout.h"

struct export_making;

enum { EXPORT_OWN_COLUMNS_MOST = 24, EXPORT_OWN_TABLES_MOST = 8 };

struct export_own_table {
    const char *name;
    /* M NULL: of any export; else as wide as this one needs. Returns how many. */
    size_t (*columns)(const struct export_making *m,
                      struct layout_column out[EXPORT_OWN_COLUMNS_MOST]);
    /* Reads what must be of the same moment as the numbers; NULL: nothing is. */
    int (*read)(struct export_making *m, struct error *e);
    /* Each row goes to export_sink_row. */
    int (*rows)(struct export_making *m, size_t place, struct error *e);
};
/* In the order in which they are written, ended by one without a name. */
extern const struct export_own_table export_own_tables[];

/* NAME begins as those of own tables. */
bool export_own_is_name(const char *name);
/* Which of them are among NAMES (none: all are). ERR_USAGE: a name like theirs that is none of them. */
struct export_own_choice {
    bool wanted[EXPORT_OWN_TABLES_MOST];
};
MUST_CHECK int export_own_choose(struct export_own_choice *out, const char *const *names,
                                 size_t count, struct error *e);

/* The tables of LISTS, which outlives it (NULL: none), with those that were chosen behind. */
struct export_own_layout {
    struct layout layout;
    struct layout_table *tables;
    struct layout_column columns[EXPORT_OWN_TABLES_MOST][EXPORT_OWN_COLUMNS_MOST];
};
void export_own_append(struct export_own_layout *out, const struct layout *lists,
                       const struct export_own_choice *choice, const struct export_making *m);
void export_own_layout_release(struct export_own_layout *l);

MUST_CHECK int export_own_open(struct export_making *m, struct error *e);
MUST_CHECK int export_own_read(struct export_making *m, struct error *e);
void export_own_layout(struct export_making *m);
MUST_CHECK int export_own_write(struct export_making *m, struct error *e);
void export_own_free(struct export_making *m);

#endif
