/* See database.h. A statement is prepared at its first use and found again by the address of its
 * SQL, so the text stands where it is used and costs nothing after.
 *
 * How it can fail: the disk (full, read-only, broken), a file that is no database or a damaged one,
 * another program that writes to it. Whatever it is, the transaction is rolled back as a whole, and
 * the words say what to do. A COMMIT that failed may be found done by the next process that opens
 * the file (its frames were written, only their sync failed): all of it, or none.
 *
 * Invariant: in_transaction is true exactly while SQLite has a transaction of ours open. */
#include "store/database.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 3000 };

static const void *sql_of(const void *entry)
{
    const struct statement *s = entry;
    return s->sql ? &s->sql : NULL;
}

static uint64_t hash_of(const void *sql)
{
    return (uintptr_t) * (const char *const *)sql * 0x9E3779B97F4A7C15u >> 40;
}

static bool same(const void *sql, const void *other)
{
    return *(const char *const *)sql == *(const char *const *)other;
}

static const struct hash_set_kind statements = {sizeof(struct statement), sql_of, hash_of, same};

static int code_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* a table that should be there isn't */
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_FORMAT:
        return ERR_DAMAGED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    default:
        return ERR_IO;
    }
}

static void describe(const struct database *d, int rc, struct error *e)
{
    const char *path = text_show(d->path);
    int system_error = d->db ? sqlite3_system_errno(d->db) : 0;
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_FORMAT:
        error_set(e, ERR_DAMAGED, "%s is damaged (%s); it was left as it is. %s", path,
                  d->db ? sqlite3_errmsg(d->db) : sqlite3_errstr(rc), d->way_out);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error_set(e, ERR_BUSY, "%s: another program is writing to it; try again when it is done",
                  path);
        break;
    case SQLITE_FULL:
        error_set(e, ERR_IO, "%s: the disk is full; make room, then run the same command again",
                  path);
        break;
    case SQLITE_READONLY: /* what it can't open for writing it opens for reading */
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: /* its log can't be made; SQLite doesn't keep why */
        error_set(e, ERR_IO,
                  "%s can't be written (%s); check the permissions of it and its directory, and "
                  "that the disk isn't full",
                  path, sqlite3_errstr(rc));
        break;
    case SQLITE_IOERR:
        if (system_error)
            error_system(e, ERR_IO, system_error, "%s: the disk failed (%s)", path,
                         sqlite3_errstr(rc));
        else
            error_set(e, ERR_IO, "%s: the disk failed (%s)", path, sqlite3_errstr(rc));
        break;
    default:
        error_set(e, code_of(rc), "%s: %s", path, sqlite3_errstr(rc));
    }
}

static int fail(struct database *d, int rc)
{
    REQUIRE((rc & 0xff) != SQLITE_MISUSE && (rc & 0xff) != SQLITE_RANGE);
    describe(d, rc, &d->error);
    if (d->in_transaction) {
        d->failure = d->error;
        database_rollback(d);
    }
    return d->error.code;
}

int database_refuse(struct database *d, int code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(d->error.text, sizeof d->error.text, format, ap);
    va_end(ap);
    d->error.code = code;
    return code;
}

/* Where all of it is used on one thread it needs no locks; nor does anybody ask how much memory it
 * has. Before its first use in the process; later it refuses, which does no harm. */
static void set_up_library(int threads)
{
    static bool done;
    if (done)
        return;
    done = true;
    sqlite3_config(threads);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void database_use_threads(void)
{
    set_up_library(SQLITE_CONFIG_MULTITHREAD);
    (void)sqlite3_initialize(); /* which isn't for two threads at once */
}

/* Of a file that nobody else has, and that is thrown away if it doesn't become whole. */
static int prepare_new(struct database *d)
{
    return database_script(d, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                              "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-1000;"
                              "PRAGMA temp_store=FILE");
}

/* Where SQLite puts what has no room in its memory, in its own order. */
static bool has_temporary_place(void)
{
    const char *const places[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i] && *places[i] && access(places[i], W_OK | X_OK) == 0)
            return true;
    return false;
}

/* Readers put all that a database holds in order: where there is a place for it, memory doesn't grow with
 * it. A run sorts little, and must not depend on another disk. */
static const char *temporaries_of(const struct database *d)
{
    return d->read_only && has_temporary_place() ? "PRAGMA temp_store=FILE"
                                                 : "PRAGMA temp_store=MEMORY";
}

int database_open(struct database *d, const char *path, enum database_mode mode,
                  const char *way_out)
{
    *d = (struct database){
        .path = xstrdup(path), .way_out = way_out, .read_only = mode == DATABASE_READ};
    set_up_library(SQLITE_CONFIG_SINGLETHREAD);
    /* A reader also opens for writing: WAL's index is shared memory that readers mark. */
    int rc = sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             mode == DATABASE_NEW ? "unix-none" : NULL);
    if (rc != SQLITE_OK)
        return fail(d, rc);
    sqlite3_extended_result_codes(d->db, 1);
    sqlite3_busy_timeout(d->db, BUSY_TIMEOUT_MS);
    if (mode == DATABASE_NEW)
        return prepare_new(d);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (d->read_only)
        sqlite3_db_config(d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int err = database_script(
        d,
        "PRAGMA cache_size=-4000;"
        "PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; PRAGMA journal_size_limit=16777216;");
    if (!err)
        err = database_script(d, temporaries_of(d));
    if (!err && d->read_only)
        err = database_script(d, "PRAGMA query_only=ON");
    return err;
}

void database_close(struct database *d)
{
    database_read_end(d);
    if (d->in_transaction)
        database_rollback(d);
    struct statement *s = NULL;
    while ((s = hash_set_next(&d->statements, &statements, s)) != NULL)
        sqlite3_finalize(s->stmt);
    hash_set_release(&d->statements);
    if (d->db)
        REQUIRE(sqlite3_close(d->db) == SQLITE_OK);
    free(d->path);
    *d = (struct database){0};
}

void database_forget_pages(struct database *d)
{
    sqlite3_db_release_memory(d->db);
}

void database_keep_log(struct database *d, const char *schema)
{
    int keep = 1;
    REQUIRE(!d->read_only);
    int rc = sqlite3_file_control(d->db, schema, SQLITE_FCNTL_PERSIST_WAL, &keep);
    REQUIRE(rc == SQLITE_OK);
}

/* --- what is deferred --- */

/* SQLite tells of each table and column that a statement uses when it is prepared. */
static int authorize(void *ctx, int action, const char *table, const char *column,
                     const char *database, const char *trigger)
{
    struct database *d = ctx;
    (void)database;
    (void)trigger;
    bool uses = action == SQLITE_READ || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (uses && d->deferred.concerns(table, action == SQLITE_DELETE ? NULL : column))
        d->deferred.found = true;
    return SQLITE_OK;
}

void database_defer(struct database *d, bool (*concerns)(const char *table, const char *column),
                    int (*write)(void *ctx), void *ctx)
{
    REQUIRE(!d->read_only);
    d->deferred.concerns = concerns;
    d->deferred.write = write;
    d->deferred.ctx = ctx;
    sqlite3_set_authorizer(d->db, authorize, d);
}

int database_write_deferred(struct database *d)
{
    if (!d->deferred.some || d->deferred.writing || d->failure.code)
        return d->failure.code;
    d->deferred.writing = true;
    int err = d->deferred.write(d->deferred.ctx);
    d->deferred.writing = false;
    d->deferred.some = err != 0;
    return err;
}

/* --- statements --- */

/* NULL after an error. */
static const struct statement *statement_of(struct database *d, const char *sql)
{
    struct statement *s = hash_set_find(&d->statements, &statements, &sql);
    if (s)
        return s;
    sqlite3_stmt *stmt;
    d->deferred.found = false;
    int rc = sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc == SQLITE_OK && (s = hash_set_put(&d->statements, &statements, &sql)) == NULL) {
        sqlite3_finalize(stmt);
        rc = SQLITE_NOMEM;
    }
    if (rc != SQLITE_OK) {
        fail(d, rc);
        return NULL;
    }
    *s = (struct statement){.sql = sql,
                            .stmt = stmt,
                            .writes = !sqlite3_stmt_readonly(stmt),
                            .concerns = d->deferred.found};
    return s;
}

static int bind(sqlite3_stmt *stmt, const struct value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct value *v = &values[i];
        int column = (int)i + 1, rc;
        if (v->kind == VALUE_INT)
            rc = sqlite3_bind_int64(stmt, column, v->number);
        else if (v->bytes == NULL)
            rc = sqlite3_bind_null(stmt, column);
        else if (v->kind == VALUE_TEXT)
            rc = sqlite3_bind_text(stmt, column, v->bytes, -1, SQLITE_STATIC);
        else if (v->kind == VALUE_CHARS)
            rc = sqlite3_bind_text64(stmt, column, v->bytes, v->len, SQLITE_STATIC, SQLITE_UTF8);
        else
            rc = sqlite3_bind_blob64(stmt, column, v->bytes, v->len, SQLITE_STATIC);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static sqlite3_stmt *query(struct database *d, const char *sql, const struct value *values,
                           size_t count, bool stored)
{
    const struct statement *s = statement_of(d, sql);
    if (!s)
        return NULL;
    sqlite3_stmt *stmt = s->stmt;
    bool writes = s->writes;
    int sticks = s->concerns && !stored ? database_write_deferred(d) : 0;
    (void)sticks;                    /* what is read is what it was rolled back to */
    if (writes && d->failure.code) { /* there is no transaction for it */
        d->error = d->failure;
        return NULL;
    }
    REQUIRE(!sqlite3_stmt_busy(stmt));
    REQUIRE((size_t)sqlite3_bind_parameter_count(stmt) == count);
    int rc = bind(stmt, values, count);
    if (rc != SQLITE_OK) {
        fail(d, rc);
        return NULL;
    }
    return stmt;
}

sqlite3_stmt *database_query(struct database *d, const char *sql, const struct value *values,
                             size_t count)
{
    return query(d, sql, values, count, false);
}

sqlite3_stmt *database_query_stored(struct database *d, const char *sql, const struct value *values,
                                    size_t count)
{
    return query(d, sql, values, count, true);
}

int database_step(struct database *d, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE) {
        sqlite3_reset(stmt);
        return 0;
    }
    int code = fail(d, rc); /* before the reset, which forgets errno */
    sqlite3_reset(stmt);
    return code;
}

void database_end(sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt);
}

int database_run(struct database *d, const char *sql, const struct value *values, size_t count)
{
    sqlite3_stmt *stmt = database_query(d, sql, values, count);
    return stmt ? database_step(d, stmt) : d->error.code;
}

int database_number(struct database *d, const char *sql, const struct value *values, size_t count,
                    int64_t *out)
{
    sqlite3_stmt *stmt = database_query(d, sql, values, count);
    if (stmt == NULL)
        return d->error.code;
    int n = database_step(d, stmt);
    if (n == 1) {
        *out = column_int(stmt, 0);
        database_end(stmt);
    }
    return n;
}

int database_script(struct database *d, const char *sql)
{
    int rc = sqlite3_exec(d->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : fail(d, rc);
}

void database_read_begin(struct database *d)
{
    if (!d->in_transaction && !d->reading)
        d->reading = database_run(d, "BEGIN", NO_VALUES) == 0;
}

void database_read_end(struct database *d)
{
    if (d->reading && !sqlite3_get_autocommit(d->db)) /* else an error ended it */
        sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL);
    d->reading = false;
}

int database_write(struct database *d)
{
    REQUIRE(!d->read_only);
    if (d->failure.code) {
        d->error = d->failure;
        return d->error.code;
    }
    if (d->in_transaction)
        return 0;
    database_read_end(d);
    int err = database_run(d, "BEGIN IMMEDIATE", NO_VALUES);
    if (err) {
        d->failure = d->error;
        return err;
    }
    d->in_transaction = true;
    return 0;
}

int database_commit(struct database *d)
{
    if (d->failure.code) {
        d->error = d->failure;
        return d->error.code;
    }
    if (!d->in_transaction)
        return 0;
    int err = database_run(d, "COMMIT", NO_VALUES);
    if (!err)
        d->in_transaction = false;
    return err;
}

void database_rollback(struct database *d)
{
    /* After some errors SQLite has rolled back by itself. */
    if (d->db && !sqlite3_get_autocommit(d->db))
        sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
    d->in_transaction = false;
}

void database_recover(struct database *d)
{
    d->failure = (struct error){0};
}

int64_t column_int(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt, column);
}

const char *column_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return text ? text : "";
}

int column_buffer(struct database *d, sqlite3_stmt *stmt, int column, struct buffer *out)
{
    const void *bytes = sqlite3_column_blob(stmt, column);
    int err = buffer_append(out, bytes, (size_t)sqlite3_column_bytes(stmt, column));
    if (err)
        return database_refuse(d, err, "%s: a row of %d bytes doesn't fit in memory",
                               text_show(d->path), sqlite3_column_bytes(stmt, column));
    return 0;
}

const char *database_library_version(void)
{
    return sqlite3_libversion();
}
