/* Documents read: one by its id, the lists of work, a document's files.
 *
 * The lists of work come from tables and partial indexes that hold only what is to be done, so they
 * cost the same whatever the ledger holds. */
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/private.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void read_document(sqlite3_stmt *s, struct ledger_document *out)
{
    *out = (struct ledger_document){
        .id = column_int(s, 0),
        .settings_id = column_int(s, 1),
        .state = (enum doc_state)column_int(s, 2),
        .attempts = (int)column_int(s, 3),
        .attempt = (int)column_int(s, 4),
        .accepted_at = {column_int(s, 5)},
        .size_bytes = column_int(s, 6),
        .type = (int)column_int(s, 7),
        .pages = (int)column_int(s, 8),
    };
    if (sqlite3_column_bytes(s, 9) == SHA256_BYTES)
        memcpy(out->sha256, sqlite3_column_blob(s, 9), SHA256_BYTES);
    text_copy(out->job_id, sizeof out->job_id, column_text(s, 10));
    out->failed = column_int(s, 12) == ATTEMPT_JOB_FAILED;
    out->has_job = out->job_id[0] != '\0' && !out->failed;
    out->unreadable =
        column_int(s, 12) == ATTEMPT_UNREADABLE || column_int(s, 12) == ATTEMPT_FORGOTTEN;
    out->may_be_paid = column_int(s, 13) > 0;
    out->resends = (int)column_int(s, 14);
    out->dismissed = column_int(s, 15) != 0;
    out->resend_if_gone = column_int(s, 16) != 0;
    if (sqlite3_column_type(s, 11) != SQLITE_NULL)
        out->result_url = xstrdup(column_text(s, 11));
}

void ledger_document_release(struct ledger_document *d)
{
    free(d->result_url);
    d->result_url = NULL;
}

int ledger_document_get(struct ledger *l, int64_t id, struct ledger_document *out)
{
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT " DOCUMENT_COLUMNS " FROM " LIFE DOCUMENT_ATTEMPT " WHERE d.id = ?",
        VALUES(V_INT(id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n < 0)
        return n;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there is no document %lld in the ledger",
                               (long long)id);
    read_document(s, out);
    database_end(s);
    return 0;
}

/* The rows of S, a query for documents, into OUT. */
int documents_take(struct ledger *l, sqlite3_stmt *s, bool (*skip)(void *ctx, int64_t id),
                   void *ctx, struct ledger_document *out, int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1)
        if (skip == NULL || !skip(ctx, column_int(s, 0)))
            read_document(s, &out[count++]);
    if (n < 0) {
        while (count > 0)
            ledger_document_release(&out[--count]);
        return n;
    }
    database_end(s);
    return count;
}

int ledger_documents_in(struct ledger *l, enum doc_state state, bool (*skip)(void *ctx, int64_t id),
                        void *ctx, struct ledger_document *out, int max)
{
    const struct value wanted = V_INT(state);
    sqlite3_stmt *s;
    if (state_has_flight(state))
        s = database_query(&l->db,
                           "SELECT " DOCUMENT_COLUMNS " FROM flight w JOIN document d"
                           " ON d.id = w.document" DOCUMENT_ATTEMPT
                           " WHERE w.state = ? AND NOT " IS_DISMISSED
                           " ORDER BY w.accepted_at, d.id",
                           &wanted, 1);
    else if (state > DOC_STORED)
        s = database_query(&l->db,
                           "SELECT " DOCUMENT_COLUMNS " FROM " LIFE DOCUMENT_ATTEMPT
                           " WHERE d.state = ? AND d.state > 5 AND w.document IS NULL"
                           " ORDER BY d.accepted_at, d.id",
                           &wanted, 1);
    else
        s = database_query(&l->db,
                           "SELECT " DOCUMENT_COLUMNS " FROM " LIFE DOCUMENT_ATTEMPT
                           " WHERE " LIFE_OF("state") " = ? ORDER BY d.id",
                           &wanted, 1);
    return documents_take(l, s, skip, ctx, out, max);
}

char *column_copy(sqlite3_stmt *s, int column, bool *fits)
{
    size_t len = (size_t)sqlite3_column_bytes(s, column);
    const void *bytes = sqlite3_column_blob(s, column);
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        *fits = false;
        return NULL;
    }
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

int ledger_document_source(struct ledger *l, int64_t document_id, int n, struct ledger_source *out)
{
    bool fits = true;
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT f.id, f.size, f.mtime, f.ctime, f.inode,"
        " coalesce(m.target, f.path), coalesce(f.name, f.base), f.path,"
        " m.target"
        " FROM file f" MOVED_FILE " WHERE f.document = ? AND f.life = 0 ORDER BY f.id"
        " LIMIT 1 OFFSET ?",
        VALUES(V_INT(document_id), V_INT(n)));
    int rows = s ? database_step(&l->db, s) : l->db.error.code;
    if (rows != 1)
        return rows;
    *out = (struct ledger_source){
        .file_id = column_int(s, 0),
        .stamp = {.size_bytes = column_int(s, 1),
                  .mtime_ns = column_int(s, 2),
                  .ctime_ns = column_int(s, 3),
                  .inode = (uint64_t)column_int(s, 4)},
        .path = column_copy(s, 5, &fits),
        .name = column_copy(s, 6, &fits),
    };
    if (sqlite3_column_type(s, 8) != SQLITE_NULL)
        out->known_as = column_copy(s, 7, &fits);
    database_end(s);
    if (fits)
        return 1;
    ledger_source_release(out);
    return database_refuse(&l->db, ERR_MEMORY, "no memory for a path");
}

void ledger_source_release(struct ledger_source *s)
{
    free(s->path);
    free(s->name);
    free(s->known_as);
    s->path = s->name = s->known_as = NULL;
}
