/* Results, byte for byte as they came, with their SHA-256.
 *
 * The first result of a document stays: a second one is left aside. Bytes that were no result are
 * kept apart, the newest of a document, and stay when a result comes after all. */
#include "ledger/document_ledger.h"
#include "ledger/private.h"

#include "base/text.h"

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
