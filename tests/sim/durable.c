/* See durable.h. */
#include "durable.h"

#include "base/require.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { INTENT, JOB, READY, RESULT, ORPHAN, DISMISSED, QUERIES };

static const char find_intent[] =
    "SELECT 1 FROM attempt WHERE document = ?1 AND n = ?2 AND outcome = 0"
    " AND (SELECT state FROM flight WHERE document = ?1) = 1";

static const char *const queries[QUERIES] = {
    [INTENT] = find_intent,
    [JOB] = "SELECT document FROM attempt WHERE job_id = ? ORDER BY id DESC LIMIT 1",
    [READY] = "SELECT 1 FROM flight WHERE document = ? AND state = 4",
    [RESULT] = "SELECT 1 FROM result WHERE document = ? LIMIT 1",
    [DISMISSED] = "SELECT dismissed FROM document WHERE id = ?",
    [ORPHAN] = "SELECT 1 FROM orphan WHERE bytes = CAST(? AS BLOB) LIMIT 1",
};

struct durable {
    sqlite3 *db;
    sqlite3_stmt *statements[QUERIES];
};

struct durable *durable_open(const char *path)
{
    struct durable *d = xcalloc(1, sizeof *d);
    REQUIRE(sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return d;
}

void durable_close(struct durable *d)
{
    if (!d)
        return;
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(d->statements[i]);
    if (!sqlite3_get_autocommit(d->db))
        sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL);
    REQUIRE(sqlite3_close(d->db) == SQLITE_OK);
    free(d);
}

static sqlite3_stmt *query(struct durable *d, int which)
{
    sqlite3_stmt **s = &d->statements[which];
    if (!*s)
        REQUIRE(sqlite3_prepare_v2(d->db, queries[which], -1, s, NULL) == SQLITE_OK);
    return *s;
}

static int64_t number(sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);
    REQUIRE(rc == SQLITE_ROW || rc == SQLITE_DONE);
    int64_t n = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_reset(s);
    return n;
}

/* A reader's transaction sees one state. */
void durable_look(struct durable *d)
{
    if (!d)
        return;
    if (!sqlite3_get_autocommit(d->db))
        REQUIRE(sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    REQUIRE(sqlite3_exec(d->db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL) == SQLITE_OK);
}

bool durable_intent(struct durable *d, int64_t document, int attempt)
{
    sqlite3_stmt *s = query(d, INTENT);
    sqlite3_bind_int64(s, 1, document);
    sqlite3_bind_int(s, 2, attempt);
    return number(s) != 0;
}

int64_t durable_document_of_job(struct durable *d, const char *job_id)
{
    sqlite3_stmt *s = query(d, JOB);
    sqlite3_bind_text(s, 1, job_id, -1, SQLITE_TRANSIENT);
    return number(s);
}

bool durable_is_ready(struct durable *d, int64_t document)
{
    sqlite3_stmt *s = query(d, READY);
    sqlite3_bind_int64(s, 1, document);
    return number(s) != 0;
}

bool durable_is_dismissed(struct durable *d, int64_t document)
{
    sqlite3_stmt *s = query(d, DISMISSED);
    sqlite3_bind_int64(s, 1, document);
    return number(s) != 0;
}

bool durable_has_result(struct durable *d, int64_t document)
{
    sqlite3_stmt *s = query(d, RESULT);
    sqlite3_bind_int64(s, 1, document);
    return number(s) != 0;
}

bool durable_has_orphan(struct durable *d, const char *body)
{
    sqlite3_stmt *s = query(d, ORPHAN);
    sqlite3_bind_text(s, 1, body, -1, SQLITE_TRANSIENT);
    return number(s) != 0;
}
