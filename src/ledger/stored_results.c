/* See stored_results.h. The order by name is made once, of ids alone; documents are then read one by
 * one through their keys, so that no statement stays open while a run goes on writing. What a run
 * changes meanwhile (a name that goes over to another file, a file that was moved) is read as it is
 * when the document's turn comes. */
#include "ledger/stored_results.h"
#include "ledger/private.h"

#include "base/array.h"
#include "base/text.h"

#include <string.h>

/* The files that count for document d, the first of them: what it is called by. */
#define FIRST_FILE                                                                                 \
    "(SELECT id FROM file WHERE document = d.id AND life <> 2 ORDER BY name IS NULL, id LIMIT 1)"

int ledger_stored_list(struct ledger *l, const struct ledger_stored_filter *filter,
                       struct ledger_stored_list *out)
{
    const char *period = filter->period;
    size_t capacity = 0;
    int n;
    *out = (struct ledger_stored_list){0};
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT d.id FROM " LIFE
        " JOIN result r ON r.id = " LIFE_OF("result") " JOIN file f ON f.id = " FIRST_FILE " WHERE " LIFE_OF(
            "state") " = 5 AND r.id <= ?1 AND (?2 IS NULL OR f.period = ?2)"
                     " AND r.received_at >= ?3 ORDER BY CAST(coalesce(f.name, f.path) AS BLOB), d.id",
        VALUES(V_INT(filter->upto), period ? V_TEXT(period) : V_BLOB(NULL, 0),
               V_INT(filter->since.ms)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        ARRAY_RESERVE(out->documents, capacity, out->count + 1);
        out->documents[out->count++] = column_int(s, 0);
    }
    if (n < 0)
        ledger_stored_list_release(out);
    return n;
}

void ledger_stored_list_release(struct ledger_stored_list *list)
{
    free(list->documents);
    *list = (struct ledger_stored_list){0};
}

void ledger_stored_done(struct ledger *l)
{
    database_forget_pages(&l->db);
}

static int check_digest(struct ledger *l, sqlite3_stmt *s, int digest, int bytes, int64_t document)
{
    uint8_t is[SHA256_BYTES];
    const void *data = sqlite3_column_blob(s, bytes);
    sha256(data ? data : "", (size_t)sqlite3_column_bytes(s, bytes), is);
    if (sqlite3_column_bytes(s, digest) == SHA256_BYTES &&
        memcmp(sqlite3_column_blob(s, digest), is, sizeof is) == 0)
        return 0;
    return database_refuse(&l->db, ERR_DAMAGED,
                           "%s: the result of document %lld isn't what was stored. %s",
                           text_show(l->db.path), (long long)document, l->db.way_out);
}

/* clang-format off */
#define STORED_COLUMNS                                                                             \
    "SELECT d.settings, r.id, d.files, coalesce(f.name, f.path), coalesce(m.target, f.path), f.period,"   \
    " a.job_id, " LIFE_OF("result_pages") ", d.pages, r.received_at, d.sha256, d.id, r.sha256, r.bytes," \
    " d.created_at, (SELECT started_at FROM run WHERE started_at <= d.created_at ORDER BY id DESC LIMIT 1)"
#define STORED_OF " JOIN file f ON f.id = " FIRST_FILE DOCUMENT_ATTEMPT MOVED_FILE " WHERE "
#define STORED                                                                                     \
    STORED_COLUMNS " FROM " LIFE " JOIN result r ON r.id = " LIFE_OF("result") STORED_OF           \
    "d.id = ? AND " LIFE_OF("state") " = 5"
/* clang-format on */
enum { STORED_DIGEST = 12, STORED_BYTES = 13, STORED_CREATED = 14 };

/* A run's beginning is within the hour before it for what it found at once. */
static struct wall found_at(int64_t created_ms, int64_t run_ms)
{
    enum { HOUR_MS = 60 * 60 * 1000 };
    bool at_once = run_ms > created_ms - HOUR_MS;
    return (struct wall){at_once ? run_ms : created_ms - created_ms % HOUR_MS};
}

/* What a row of STORED says; its digest and its bytes are left alone. */
static struct ledger_stored row_of(sqlite3_stmt *s)
{
    int pages = (int)column_int(s, 7) > 0 ? (int)column_int(s, 7) : (int)column_int(s, 8);
    struct ledger_stored row = {
        .document_id = column_int(s, 11),
        .settings_id = column_int(s, 0),
        .result_id = column_int(s, 1),
        .files = column_int(s, 2),
        .name = column_text(s, 3), /* a NUL follows a blob read as text */
        .path = column_text(s, 4),
        .period = column_text(s, 5),
        .job_id = column_text(s, 6),
        .pages = pages > 0 ? pages : 0,
        .received_at = {column_int(s, 9)},
        .found_at = found_at(column_int(s, STORED_CREATED), column_int(s, STORED_CREATED + 1)),
        .json = "",
    };
    if (sqlite3_column_bytes(s, 10) == SHA256_BYTES)
        memcpy(row.sha256, sqlite3_column_blob(s, 10), SHA256_BYTES);
    return row;
}

static void take_bytes(sqlite3_stmt *s, struct ledger_stored *row)
{
    const void *json = sqlite3_column_blob(s, STORED_BYTES);
    row->json = json ? json : "";
    row->json_len = (size_t)sqlite3_column_bytes(s, STORED_BYTES);
}

/* The row of one document, or NULL and an error in l->db. */
static sqlite3_stmt *find_stored(struct ledger *l, int64_t document_id)
{
    sqlite3_stmt *s = database_query(&l->db, STORED, VALUES(V_INT(document_id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n == 0)
        database_refuse(&l->db, ERR_NOT_FOUND, "document %lld has no result in the ledger",
                        (long long)document_id);
    return n == 1 ? s : NULL;
}

int ledger_stored_get(struct ledger *l, int64_t document_id,
                      int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx)
{
    sqlite3_stmt *s = find_stored(l, document_id);
    if (s == NULL)
        return l->db.error.code;
    struct ledger_stored row = row_of(s);
    take_bytes(s, &row);
    int rc = check_digest(l, s, STORED_DIGEST, STORED_BYTES, document_id);
    if (!rc)
        rc = fn(ctx, &row);
    database_end(s);
    return rc;
}

int ledger_stored_look(struct ledger *l, int64_t document_id,
                       int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx)
{
    sqlite3_stmt *s = find_stored(l, document_id);
    if (s == NULL)
        return l->db.error.code;
    const struct ledger_stored row = row_of(s);
    int rc = fn(ctx, &row);
    database_end(s);
    return rc;
}

int ledger_stored_after(struct ledger *l, int64_t after, int64_t upto, int max,
                        int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx)
{
    int n, count = 0, rc = 0;
    sqlite3_stmt *s = database_query(
        &l->db,
        STORED_COLUMNS " FROM result r CROSS JOIN " LIFE STORED_OF
                       "d.id = r.document AND r.id > ? AND r.id <= ? AND " LIFE_OF(
                           "state") " = 5 AND r.id = " LIFE_OF("result") " ORDER BY r.id LIMIT ?",
        VALUES(V_INT(after), V_INT(upto), V_INT(max)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1 && !rc) {
        struct ledger_stored row = row_of(s);
        take_bytes(s, &row);
        count++;
        rc = fn(ctx, &row);
    }
    if (n == 1)
        database_end(s);
    return n < 0 ? n : rc ? rc : count;
}

int ledger_results_after(struct ledger *l, int64_t after, int64_t upto, int max,
                         int (*fn)(void *ctx, const struct ledger_result *r), void *ctx)
{
    int n, count = 0, rc = 0;
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT r.id, d.settings, r.bytes FROM result r JOIN document d ON d.id = r.document"
        " WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT ?",
        VALUES(V_INT(after), V_INT(upto), V_INT(max)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1 && !rc) {
        const void *json = sqlite3_column_blob(s, 2);
        const struct ledger_result r = {column_int(s, 0), column_int(s, 1), json ? json : "",
                                        (size_t)sqlite3_column_bytes(s, 2)};
        count++;
        rc = fn(ctx, &r);
    }
    if (n == 1)
        database_end(s);
    return n < 0 ? n : rc ? rc : count;
}

int ledger_result_digest(struct ledger *l, int64_t id, uint8_t out[SHA256_BYTES])
{
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT sha256 FROM result WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    bool whole = sqlite3_column_bytes(s, 0) == SHA256_BYTES;
    if (whole)
        memcpy(out, sqlite3_column_blob(s, 0), SHA256_BYTES);
    database_end(s);
    return whole ? 1
                 : database_refuse(&l->db, ERR_DAMAGED, "%s: result %lld has no digest. %s",
                                   text_show(l->db.path), (long long)id, l->db.way_out);
}
