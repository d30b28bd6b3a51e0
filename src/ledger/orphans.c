/* Orphans: webhooks that match no upload we know of. They wait here, byte for byte, until the
 * upload that they belong to becomes known (its 202 was on the way, or lost), and are handed out
 * once. Mindee may bring the same one again and again: the digest of its bytes keeps it single.
 * What nobody claims goes after 30 days, and the oldest go when all together are over 64 MB.
 *
 * Nearly always there are none; the counter says so without a look at the disk. */
#include "ledger/orphans.h"
#include "ledger/private.h"
#include "ledger/webhooks.h"

enum { KEPT_DAYS = 30, KEPT_BYTES = 64 * 1000 * 1000 };

static int count_bytes(struct ledger *l)
{
    if (l->orphan_bytes >= 0)
        return 0;
    int n = database_number(&l->db, "SELECT coalesce(sum(length(bytes)), 0) FROM orphan", NO_VALUES,
                            &l->orphan_bytes);
    return n < 0 ? n : 0;
}

/* The oldest, its bytes and the time it came: 1, or 0. */
static int oldest(struct ledger *l, int64_t *id, int64_t *bytes, int64_t *received_at)
{
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT id, length(bytes), received_at FROM orphan ORDER BY id LIMIT 1", NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n <= 0)
        return n;
    *id = column_int(s, 0);
    *bytes = column_int(s, 1);
    *received_at = column_int(s, 2);
    database_end(s);
    return 1;
}

static int drop(struct ledger *l, int64_t id, int64_t bytes)
{
    int err = database_run(&l->db, "DELETE FROM orphan WHERE id = ?", VALUES(V_INT(id)));
    if (err)
        return err;
    l->totals.n[COUNT_ORPHANS]--;
    if (l->orphan_bytes >= 0)
        l->orphan_bytes -= bytes;
    return 0;
}

int orphans_prune(struct ledger *l)
{
    const int64_t kept_since = ledger_now(l) - (int64_t)KEPT_DAYS * 24 * 3600 * 1000;
    int err = l->totals.n[COUNT_ORPHANS] ? count_bytes(l) : 0;
    int64_t id, bytes, received_at;
    while (!err && l->totals.n[COUNT_ORPHANS] > 0) {
        int n = oldest(l, &id, &bytes, &received_at);
        if (n <= 0)
            return n;
        if (received_at >= kept_since && l->orphan_bytes <= KEPT_BYTES)
            break;
        err = drop(l, id, bytes);
    }
    return err;
}

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
    if (err || sqlite3_changes(l->db.db) == 0)
        return err;
    l->totals.n[COUNT_ORPHANS]++;
    if (l->orphan_bytes >= 0)
        l->orphan_bytes += (int64_t)len;
    return orphans_prune(l);
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
    int64_t len = sqlite3_column_bytes(s, 1);
    err = column_buffer(&l->db, s, 1, bytes);
    database_end(s);
    if (!err)
        err = drop(l, id, len);
    return err ? err : 1;
}
