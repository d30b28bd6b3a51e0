/* Orphans: webhooks that match no upload we know of. They wait here, byte for byte, until the
 * upload that they belong to becomes known (its 202 was on the way, or lost), and are handed out
 * once. Mindee may bring the same one again and again: the digest of its bytes keeps it single.
 *
 * Nearly always there are none; the counter says so without a look at the disk. */
#include "ledger/private.h"

static const char *none_if_empty(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

int ledger_orphan_put(struct ledger *l, const void *bytes, size_t len, const char *job_id,
                      const char *alias)
{
    uint8_t digest[SHA256_BYTES];
    int err = ledger_write(l);
    if (err)
        return err;
    sha256(len ? bytes : "", len, digest);
    err = database_run(
        &l->db,
        "INSERT INTO orphan(received_at, job_id, alias, sha256, bytes) VALUES(?, ?, ?, ?, ?)"
        " ON CONFLICT(sha256) DO NOTHING",
        VALUES(V_INT(ledger_now(l)), V_TEXT(none_if_empty(job_id)), V_TEXT(none_if_empty(alias)),
               V_BLOB(digest, sizeof digest), V_BLOB(len ? bytes : "", len)));
    if (!err)
        l->totals.n[COUNT_ORPHANS] += sqlite3_changes(l->db.db);
    return err;
}

int ledger_orphan_take(struct ledger *l, const char *job_id, const char *alias,
                       struct buffer *bytes)
{
    int err = ledger_write(l);
    if (err || l->totals.n[COUNT_ORPHANS] == 0)
        return err;
    sqlite3_stmt *s =
        database_query(&l->db,
                       "SELECT id, bytes FROM orphan WHERE job_id = ?"
                       " OR (alias = ? AND job_id IS NULL) ORDER BY id LIMIT 1",
                       VALUES(V_TEXT(none_if_empty(job_id)), V_TEXT(none_if_empty(alias))));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n <= 0)
        return n;
    int64_t id = column_int(s, 0);
    err = column_buffer(&l->db, s, 1, bytes);
    database_end(s);
    if (!err)
        err = database_run(&l->db, "DELETE FROM orphan WHERE id = ?", VALUES(V_INT(id)));
    if (err)
        return err;
    l->totals.n[COUNT_ORPHANS]--;
    return 1;
}
