/* Runs: when each began and ended, and the counters as they were then. */
#include "ledger/orphans.h"
#include "ledger/private.h"

#include "base/random.h"
#include "base/text.h"

static int keep_counters(struct ledger *l, bool ended)
{
    int err = 0;
    for (int id = 0; id < COUNTERS && !err; id++)
        if (l->totals.n[id])
            err = database_run(
                &l->db,
                "INSERT OR REPLACE INTO run_counter(run, ended, id, n)"
                " VALUES(?, ?, ?, ?)",
                VALUES(V_INT(l->run_id), V_INT(ended), V_INT(id), V_INT(l->totals.n[id])));
    return err;
}

int ledger_run_start(struct ledger *l, int64_t *run_id)
{
    struct random random;
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT INTO run(started_at) VALUES(?)",
                           VALUES(V_INT(ledger_now(l))));
    if (err)
        return err;
    *run_id = l->run_id = sqlite3_last_insert_rowid(l->db.db);
    random_init_system(&random);
    l->nonce = random_u64(&random) | 1;
    err = orphans_prune(l);
    return err ? err : keep_counters(l, false);
}

int ledger_run_add(struct ledger *l, int64_t post, int64_t get, int64_t http_429)
{
    int err = ledger_write(l);
    if (err)
        return err;
    l->totals.n[COUNT_POST] += post;
    l->totals.n[COUNT_GET] += get;
    l->totals.n[COUNT_429] += http_429;
    return 0;
}

int ledger_run_end(struct ledger *l, int exit_code)
{
    REQUIRE(l->run_id != 0);
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "UPDATE run SET finished_at = ?, exit_code = ? WHERE id = ?",
                           VALUES(V_INT(ledger_now(l)), V_INT(exit_code), V_INT(l->run_id)));
    return err ? err : keep_counters(l, true);
}

int ledger_run_at_work(struct ledger *l, char *holder, size_t size)
{
    return run_lock_holder(l->lock_path, holder, size, &l->db.error);
}
