/* See catalogue.h. A scan works in memory and is written in one short transaction at its end, if nobody else
 * wrote meanwhile; else what the other one found is read, and the scan goes on from there. So two exports at
 * once count each value once, and one that dies has changed nothing. */
#include "tables/catalogue.h"

#include "base/array.h"
#include "ledger/stored_results.h"
#include "tables/flatten.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_AT_ONCE = 1000, TRIES = 5 };

struct known_settings {
    int64_t id;
    struct columns *columns;
};

struct catalogue {
    struct ledger *ledger;
    struct database db;
    struct known_settings *settings; /* by id */
    size_t count, capacity;
    int64_t scanned; /* result */
    int64_t kept;    /* the result up to which what is in memory is that of the database */
};

static int refuse(struct catalogue *c, struct error *e)
{
    *e = c->db.error;
    return e->code;
}

static size_t place_of(const struct catalogue *c, int64_t settings_id)
{
    size_t i = 0;
    while (i < c->count && c->settings[i].id < settings_id)
        i++;
    return i;
}

struct columns *catalogue_columns(struct catalogue *c, int64_t settings_id)
{
    size_t i = place_of(c, settings_id);
    if (i < c->count && c->settings[i].id == settings_id)
        return c->settings[i].columns;
    ARRAY_RESERVE(c->settings, c->capacity, c->count + 1);
    memmove(&c->settings[i + 1], &c->settings[i], (c->count - i) * sizeof *c->settings);
    c->settings[i] = (struct known_settings){settings_id, columns_new()};
    c->count++;
    return c->settings[i].columns;
}

int64_t catalogue_next(const struct catalogue *c, int64_t after)
{
    size_t i = place_of(c, after + 1);
    return i < c->count ? c->settings[i].id : 0;
}

static void forget(struct catalogue *c)
{
    for (size_t i = 0; i < c->count; i++)
        columns_free(c->settings[i].columns);
    c->count = 0;
    c->scanned = c->kept = 0;
}

/* --- reading --- */

static int read_tables(struct catalogue *c)
{
    int n, err = 0;
    uint32_t table;
    sqlite3_stmt *s = database_query(
        &c->db, "SELECT settings, name, levels FROM catalogue_table ORDER BY 1, 2", NO_VALUES);
    if (s == NULL)
        return c->db.error.code;
    while ((n = database_step(&c->db, s)) == 1 && !err)
        err = columns_put_table(catalogue_columns(c, column_int(s, 0)), column_text(s, 1),
                                (int)column_int(s, 2), &table);
    if (n == 1)
        database_end(s);
    return n < 0 ? n : err;
}

static int read_column(struct catalogue *c, sqlite3_stmt *s)
{
    struct columns *columns = catalogue_columns(c, column_int(s, 0));
    struct column known = {.saw = (unsigned)column_int(s, 3),
                           .decimals = (int)column_int(s, 4),
                           .width = (int)column_int(s, 5),
                           .filled = column_int(s, 6),
                           .first_result = column_int(s, 7),
                           .last_result = column_int(s, 8)};
    uint32_t table, column;
    int err = columns_put_table(columns, column_text(s, 1), (int)column_int(s, 10), &table);
    if (!err)
        err = columns_put(columns, table, column_text(s, 2), &column);
    snprintf(known.example, sizeof known.example, "%s", column_text(s, 9));
    if (!err)
        columns_learn(columns, column, &known);
    return err;
}

static int read_columns(struct catalogue *c)
{
    int n, err = 0;
    sqlite3_stmt *s = database_query(
        &c->db,
        "SELECT k.settings, k.tbl, k.name, saw, decimals, width, filled, first_result, last_result,"
        " example, t.levels FROM catalogue k"
        " JOIN catalogue_table t ON t.settings = k.settings AND t.name = k.tbl ORDER BY 1, 2, 3",
        NO_VALUES);
    if (s == NULL)
        return c->db.error.code;
    while ((n = database_step(&c->db, s)) == 1 && !err)
        err = read_column(c, s);
    if (n == 1)
        database_end(s);
    return n < 0 ? n : err;
}

/* Whether what was scanned up to RESULT is a beginning of what this ledger holds. */
static int is_of_this_ledger(struct catalogue *c, sqlite3_stmt *scan, int64_t result)
{
    uint8_t digest[SHA256_BYTES];
    if ((uint64_t)column_int(scan, 0) != ledger_id(c->ledger) ||
        column_int(scan, 1) != FLATTEN_VERSION)
        return 0;
    if (result == 0)
        return 1;
    int n = ledger_result_digest(c->ledger, result, digest);
    if (n <= 0)
        return n;
    return sqlite3_column_bytes(scan, 3) == SHA256_BYTES &&
           memcmp(sqlite3_column_blob(scan, 3), digest, SHA256_BYTES) == 0;
}

/* What the database has, into an empty memory; nothing, if it is to be made anew. */
static int read_all(struct catalogue *c)
{
    forget(c);
    sqlite3_stmt *s =
        database_query(&c->db, "SELECT ledger_id, flattener, result, digest FROM scan", NO_VALUES);
    int n = s ? database_step(&c->db, s) : c->db.error.code;
    if (n <= 0)
        return n;
    int64_t result = column_int(s, 2);
    int ours = is_of_this_ledger(c, s, result);
    database_end(s);
    if (ours < 0) {
        c->db.error = *ledger_error(c->ledger);
        return ours;
    }
    c->kept = result;
    if (!ours)
        return 0;
    c->scanned = result;
    int err = read_tables(c);
    return err ? err : read_columns(c);
}

/* --- writing --- */

static int write_column(struct catalogue *c, int64_t settings, const struct columns *columns,
                        const struct column *k)
{
    return database_run(
        &c->db,
        "INSERT OR REPLACE INTO catalogue(settings, tbl, name, saw, decimals, width, filled,"
        " first_result, last_result, example) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(settings), V_TEXT(columns_table(columns, k->table)->name), V_TEXT(k->name),
               V_INT(k->saw), V_INT(k->decimals), V_INT(k->width), V_INT(k->filled),
               V_INT(k->first_result), V_INT(k->last_result), V_TEXT(k->example)));
}

static int write_settings(struct catalogue *c, const struct known_settings *s)
{
    int err = 0;
    for (size_t i = 0; !err && i < columns_table_count(s->columns); i++) {
        const struct column_table *t = columns_table(s->columns, i);
        err = database_run(
            &c->db,
            "INSERT OR REPLACE INTO catalogue_table(settings, name, levels) VALUES(?, ?, ?)",
            VALUES(V_INT(s->id), V_TEXT(t->name), V_INT(t->levels)));
    }
    for (size_t i = 0; !err && i < columns_count(s->columns); i++)
        err = write_column(c, s->id, s->columns, columns_get(s->columns, i));
    return err;
}

static int write_scan(struct catalogue *c)
{
    uint8_t digest[SHA256_BYTES];
    int n = c->scanned ? ledger_result_digest(c->ledger, c->scanned, digest) : 0;
    if (n < 0) {
        c->db.error = *ledger_error(c->ledger);
        return n;
    }
    return database_run(&c->db,
                        "INSERT OR REPLACE INTO scan(id, ledger_id, flattener, result, digest)"
                        " VALUES(1, ?, ?, ?, ?)",
                        VALUES(V_INT(ledger_id(c->ledger)), V_INT(FLATTEN_VERSION),
                               V_INT(c->scanned),
                               V_BLOB(n ? digest : NULL, n ? sizeof digest : 0)));
}

/* 1: written; 0: another program wrote meanwhile. */
static int write_all(struct catalogue *c)
{
    int64_t there = 0;
    int err = database_write(&c->db);
    int n = err ? err : database_number(&c->db, "SELECT result FROM scan", NO_VALUES, &there);
    if (n >= 0 && there != c->kept) {
        database_rollback(&c->db);
        return 0;
    }
    err =
        n < 0 ? n : database_script(&c->db, "DELETE FROM catalogue; DELETE FROM catalogue_table;");
    for (size_t i = 0; !err && i < c->count; i++)
        err = write_settings(c, &c->settings[i]);
    if (!err)
        err = write_scan(c);
    if (!err)
        err = database_commit(&c->db);
    if (err)
        return err;
    c->kept = c->scanned;
    return 1;
}

/* --- scanning --- */

struct scan {
    struct catalogue *catalogue;
    struct flat_document *doc;
    struct error *e;
};

static int look_at(void *ctx, const struct ledger_result *r)
{
    struct scan *scan = ctx;
    static const struct flatten_options with_words = {.words = true};
    struct error unreadable;
    struct columns *columns = catalogue_columns(scan->catalogue, r->settings_id);
    int err = flatten(scan->doc, columns, &with_words, r->json, r->json_len, &unreadable);
    if (err == ERR_MEMORY)
        return error_set(scan->e, err, "%s", unreadable.text);
    if (!err)
        columns_see(columns, scan->doc, r->id);
    scan->catalogue->scanned = r->id;
    return 0;
}

static int scan_on(struct catalogue *c, int64_t upto, struct error *e)
{
    struct scan scan = {c, flat_document_new(), e};
    int n;
    *e = (struct error){0};
    do {
        ledger_read_begin(c->ledger);
        n = ledger_results_after(c->ledger, c->scanned, upto, SCAN_AT_ONCE, look_at, &scan);
        ledger_read_end(c->ledger);
    } while (n > 0);
    flat_document_free(scan.doc);
    if (n < 0 && !e->code)
        *e = *ledger_error(c->ledger);
    return n;
}

int catalogue_scan(struct catalogue *c, int64_t upto, struct error *e)
{
    for (int i = 0; i < TRIES; i++) {
        if (c->scanned >= upto && c->kept == c->scanned)
            return 0;
        int n = scan_on(c, upto, e);
        if (n < 0)
            return n;
        n = write_all(c);
        if (n < 0)
            return refuse(c, e);
        if (n == 1)
            return 0;
        if (read_all(c) < 0)
            return refuse(c, e);
    }
    return error_set(e, ERR_BUSY, "other programs keep writing to " REVIEW_DB "; try again");
}

int catalogue_open(struct catalogue **out, struct ledger *l, const char *output,
                   enum file_access access, struct error *e)
{
    struct catalogue *c = calloc(1, sizeof *c);
    REQUIRE(c != NULL);
    c->ledger = l;
    int err =
        review_db_open(&c->db, output, access == ACCESS_AS_FOUND ? ledger_access(l) : access, e);
    if (!err && read_all(c) < 0)
        err = refuse(c, e);
    if (err) {
        catalogue_close(c);
        c = NULL;
    }
    *out = c;
    return err;
}

void catalogue_close(struct catalogue *c)
{
    if (c == NULL)
        return;
    forget(c);
    free(c->settings);
    review_db_close(&c->db);
    free(c);
}
