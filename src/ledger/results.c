/* Results, byte for byte as they came, with their SHA-256; and their projections, the files under
 * results/ that can be written again at any time.
 *
 * The first result of a document stays: a second one is left aside. Bytes that were no result are
 * kept apart, the newest of a document, and stay when a result comes after all. */
#include "ledger/private.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int ledger_result_put(struct ledger *l, int64_t document_id, const void *bytes, size_t len,
                      int page_count)
{
    struct document_row before, after;
    uint8_t digest[SHA256_BYTES];
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, &before);
    if (err || before.answer == ANSWER_RESULT)
        return err;
    sha256(bytes, len, digest);
    err = database_run(&l->db,
                       "INSERT INTO result(document, received_at, page_count, sha256, bytes)"
                       " VALUES(?, ?, ?, ?, ?)",
                       VALUES(V_INT(document_id), V_INT(ledger_now(l)), V_INT(page_count),
                              V_BLOB(digest, sizeof digest), V_BLOB(len ? bytes : "", len)));
    if (err)
        return err;
    after = before;
    after.answer = ANSWER_RESULT;
    after.result = sqlite3_last_insert_rowid(l->db.db);
    after.result_pages = page_count;
    return row_save(l, &before, &after);
}

int ledger_bytes_keep(struct ledger *l, int64_t document_id, const void *bytes, size_t len)
{
    struct document_row before, after;
    uint8_t digest[SHA256_BYTES];
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, &before);
    if (err)
        return err;
    sha256(bytes, len, digest);
    err = database_run(&l->db,
                       "INSERT OR REPLACE INTO kept_bytes(document, received_at, sha256, bytes)"
                       " VALUES(?, ?, ?, ?)",
                       VALUES(V_INT(document_id), V_INT(ledger_now(l)),
                              V_BLOB(digest, sizeof digest), V_BLOB(len ? bytes : "", len)));
    if (err || before.answer != ANSWER_NONE)
        return err;
    after = before;
    after.answer = ANSWER_KEPT;
    return row_save(l, &before, &after);
}

int ledger_result_get(struct ledger *l, int64_t document_id, struct buffer *out)
{
    uint8_t digest[SHA256_BYTES];
    sqlite3_stmt *s =
        database_query(&l->db,
                       "SELECT r.sha256, r.bytes FROM " LIFE
                       " JOIN result r ON r.id = " LIFE_OF("result") " WHERE d.id = ?",
                       VALUES(V_INT(document_id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n < 0)
        return n;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "document %lld has no result in the ledger",
                               (long long)document_id);
    const void *bytes = sqlite3_column_blob(s, 1);
    size_t len = (size_t)sqlite3_column_bytes(s, 1);
    sha256(len ? bytes : "", len, digest);
    int err = 0;
    if (sqlite3_column_bytes(s, 0) != SHA256_BYTES ||
        memcmp(sqlite3_column_blob(s, 0), digest, SHA256_BYTES) != 0)
        err = database_refuse(&l->db, ERR_DAMAGED,
                              "%s: the result of document %lld isn't what was stored. %s",
                              text_show(l->db.path), (long long)document_id, l->db.way_out);
    else
        err = column_buffer(&l->db, s, 1, out);
    database_end(s);
    return err;
}

static int take_projections(struct ledger *l, sqlite3_stmt *s, struct ledger_projection *out,
                            int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        struct buffer name;
        size_t len;
        buffer_init(&name, 0);
        n = column_buffer(&l->db, s, 2, &name);
        out[count] = (struct ledger_projection){.file_id = column_int(s, 0),
                                                .document_id = column_int(s, 1)};
        if (n < 0) {
            buffer_release(&name);
            break;
        }
        out[count++].name = buffer_detach(&name, &len);
    }
    database_end(s);
    while (n < 0 && count > 0)
        free(out[--count].name);
    return n < 0 ? n : count;
}

int ledger_unprojected(struct ledger *l, int64_t after_file_id, struct ledger_projection *out,
                       int max)
{
    return take_projections(l,
                            database_query(&l->db,
                                           "SELECT f.id, f.document, f.name FROM unprojected u"
                                           " JOIN file f ON f.id = u.file"
                                           " WHERE u.file > ? AND f.name IS NOT NULL"
                                           " ORDER BY u.file",
                                           VALUES(V_INT(after_file_id))),
                            out, max);
}

int ledger_unprojected_of(struct ledger *l, int64_t document_id, int64_t after_file_id,
                          struct ledger_projection *out, int max)
{
    return take_projections(l,
                            database_query(&l->db,
                                           "SELECT f.id, f.document, f.name FROM file f"
                                           " CROSS JOIN unprojected u ON u.file = f.id"
                                           " WHERE f.document = ? AND f.id > ?"
                                           " AND f.name IS NOT NULL ORDER BY f.id",
                                           VALUES(V_INT(document_id), V_INT(after_file_id))),
                            out, max);
}

int projections_want(struct ledger *l, int64_t document_id)
{
    return database_run(&l->db,
                        "INSERT OR IGNORE INTO unprojected SELECT id FROM file WHERE document = ?",
                        VALUES(V_INT(document_id)));
}

int projection_want(struct ledger *l, int64_t file_id)
{
    return database_run(&l->db, "INSERT OR IGNORE INTO unprojected VALUES(?)",
                        VALUES(V_INT(file_id)));
}

int projection_forget(struct ledger *l, int64_t file_id)
{
    return database_run(&l->db, "DELETE FROM unprojected WHERE file = ?", VALUES(V_INT(file_id)));
}

int ledger_projected(struct ledger *l, int64_t file_id, int64_t document_id)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "DELETE FROM unprojected WHERE file = ?1 AND EXISTS"
                              " (SELECT 1 FROM file WHERE id = ?1 AND document = ?2)",
                              VALUES(V_INT(file_id), V_INT(document_id)));
}
