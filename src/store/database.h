/* database.h - one SQLite database: statements prepared once, a transaction opened by the first
 * write, and errors in words. The ledger and the limiter's memory are built on it.
 *
 * Functions return 0 (or what they say) or an error code; the words are in d->error. An error of
 * SQLite's inside a transaction rolls all of it back and sticks: every write fails with the same
 * words until database_recover(). Refusals of our own (database_refuse) change nothing. */
#ifndef MB_STORE_DATABASE_H
#define MB_STORE_DATABASE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash_set.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct statement {
    const char *sql; /* identity: the literal's address */
    sqlite3_stmt *stmt;
    bool writes;   /* it changes something */
    bool concerns; /* what may be deferred */
};

struct database {
    sqlite3 *db;
    char *path;
    const char *way_out;  /* what to do with a damaged one: a sentence */
    struct error error;   /* the last one */
    struct error failure; /* code not 0: rolled back; no write until recovered */
    bool read_only;
    bool in_transaction;
    bool reading; /* between database_read_begin and _end, and nothing was written */
    struct {      /* database_defer */
        bool (*concerns)(const char *table, const char *column);
        int (*write)(void *ctx);
        void *ctx;
        bool some;    /* is deferred */
        bool writing; /* it is being written */
        bool found;   /* the statement that is being prepared concerns it */
    } deferred;
    struct hash_set statements; /* of struct statement */
};

struct value {
    enum { VALUE_INT, VALUE_BLOB, VALUE_TEXT, VALUE_CHARS } kind;
    int64_t number;
    const void *bytes; /* NULL is SQL's NULL; stays valid until the statement ends */
    size_t len;
};

#define V_INT(v)     ((struct value){VALUE_INT, (int64_t)(v), NULL, 0})
#define V_BLOB(p, n) ((struct value){VALUE_BLOB, 0, (p), (n)})
#define V_TEXT(s)    ((struct value){VALUE_TEXT, 0, (s), 0})
/* Text of N bytes, in which a NUL may stand. */
#define V_CHARS(p, n) ((struct value){VALUE_CHARS, 0, (p), (n)})
#define VALUES(...)                                                                                \
    (const struct value[]){__VA_ARGS__},                                                           \
        sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)
#define NO_VALUES NULL, 0

/* Before the first database of the process is opened: several threads will each have databases of their own at once. A
 * database is one thread's alone either way. */
void database_use_threads(void);

const char *database_library_version(void); /* "3.40.1" */

enum database_mode { DATABASE_READ, DATABASE_WRITE, DATABASE_NEW /* new_database.h */ };
/* The file exists. WAY_OUT is kept by reference. After an error only database_close. */
MUST_CHECK int database_open(struct database *d, const char *path, enum database_mode mode,
                             const char *way_out);
void database_close(struct database *d); /* commits nothing */
/* Pages that were kept in memory, and aren't in use at this moment, are given up. */
void database_forget_pages(struct database *d);
/* Of a writer: when SCHEMA ("main", or what it is attached as) is closed its log and the log's index
 * stay beside it, empty. Who may read the files and not write them can't make these, and without them
 * a database in WAL mode can't be read. */
void database_keep_log(struct database *d, const char *schema);

/* From now on changes may be deferred: kept in memory and written all at once. Where some are
 * (d->deferred.some), WRITE(ctx) is called before a statement that reads or changes a column that
 * CONCERNS them; the owner has them written before each commit. If it fails what is read is what the
 * transaction was rolled back to, as after any failed write. Of a writer, before the first statement
 * that concerns them. */
void database_defer(struct database *d, bool (*concerns)(const char *table, const char *column),
                    int (*write)(void *ctx), void *ctx);
MUST_CHECK int database_write_deferred(struct database *d);

/* Opens the transaction if none is open: before every write. */
MUST_CHECK int database_write(struct database *d);
MUST_CHECK int database_commit(struct database *d);
void database_rollback(struct database *d); /* of our own will: nothing sticks */
void database_recover(struct database *d);

/* What is read in between is read under one lock, which else each statement takes and gives back. A
 * write ends it. */
void database_read_begin(struct database *d);
void database_read_end(struct database *d);

/* A statement without rows. SQL is a literal: the statement is kept under its address. */
MUST_CHECK int database_run(struct database *d, const char *sql, const struct value *values,
                            size_t count);
/* A statement with rows: NULL after an error. Step it to its end, or end it. */
MUST_CHECK sqlite3_stmt *database_query(struct database *d, const char *sql,
                                        const struct value *values, size_t count);
MUST_CHECK int database_step(struct database *d, sqlite3_stmt *stmt); /* 1: a row; 0: no more */
void database_end(sqlite3_stmt *stmt);
/* A query for what nothing that is deferred is about. */
MUST_CHECK sqlite3_stmt *database_query_stored(struct database *d, const char *sql,
                                               const struct value *values, size_t count);
/* The first row's first column: 1 and *OUT, or 0 if there is no row. */
MUST_CHECK int database_number(struct database *d, const char *sql, const struct value *values,
                               size_t count, int64_t *out);
/* Several statements, unprepared: schema and pragmas. */
MUST_CHECK int database_script(struct database *d, const char *sql);

/* Sets the error of a refusal: nothing was changed, nothing sticks. Returns CODE. */
int database_refuse(struct database *d, int code, const char *format, ...) PRINTF(3, 4);

/* Columns. Text is "" for NULL. */
int64_t column_int(sqlite3_stmt *stmt, int column);
const char *column_text(sqlite3_stmt *stmt, int column);
MUST_CHECK int column_buffer(struct database *d, sqlite3_stmt *stmt, int column,
                             struct buffer *out); /* appends */

#endif
