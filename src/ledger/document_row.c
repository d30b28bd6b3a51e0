/* See private.h: one document's row in memory, and the one place where the counters follow it. */
#include "ledger/queue.h"
#include "ledger/row_cache.h"
#include "ledger/spending_internal.h"

int row_load(struct ledger *l, int64_t id, struct document_row *out)
{
    bool may_cache = !l->read_only && !l->db.failure.code;
    if (may_cache && row_cache_find(l, id, out))
        return 0;
    sqlite3_stmt *s = /* what is to be written is in the cache */
        database_query_stored(
            &l->db,
            /* clang-format off */
        "SELECT d.settings, " LIFE_OF("state") ", d.files, " LIFE_OF("attempts") ", "
        LIFE_OF("attempt") ", " LIFE_OF("last_attempt") ", " LIFE_OF("last_event") ", "
        LIFE_OF("accepted") ", " LIFE_OF("done") ", " LIFE_OF("doubt") ", " LIFE_OF("answer")
        ", d.pages, " LIFE_OF("result_pages") ", " LIFE_OF("accepted_at") ", d.sha256 IS NOT NULL, "
        LIFE_OF("result") ", w.document IS NOT NULL, d.code IS NOT NULL, d.dismissed, "
        LIFE_OF("accepted_price") ", " LIFE_OF("done_price") ", " LIFE_OF("doubt_price")
        " FROM " LIFE " WHERE d.id = ?",
            /* clang-format on */
            VALUES(V_INT(id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n < 0)
        return n;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there is no document %lld in the ledger",
                               (long long)id);
    *out = (struct document_row){
        .id = id,
        .settings = column_int(s, 0),
        .state = (int)column_int(s, 1),
        .files = (int)column_int(s, 2),
        .attempts = (int)column_int(s, 3),
        .attempt = (int)column_int(s, 4),
        .last_attempt = column_int(s, 5),
        .last_event = column_int(s, 6),
        .accepted = {(int)column_int(s, 7), column_int(s, 19)},
        .done = {(int)column_int(s, 8), column_int(s, 20)},
        .doubt = {(int)column_int(s, 9), column_int(s, 21)},
        .answer = (int)column_int(s, 10),
        .pages = (int)column_int(s, 11),
        .result_pages = (int)column_int(s, 12),
        .accepted_at = column_int(s, 13),
        .content = column_int(s, 14) != 0,
        .result = column_int(s, 15),
        .in_flight = column_int(s, 16) != 0,
        .words = column_int(s, 17) != 0,
        .dismissed = column_int(s, 18),
    };
    database_end(s);
    if (out->state < 0 || out->state >= DOC_STATE_COUNT)
        return database_refuse(&l->db, ERR_DAMAGED, "%s: document %lld has a state of %d. %s",
                               l->db.path, (long long)id, out->state, l->db.way_out);
    if (may_cache)
        row_cache_keep(l, out);
    return 0;
}

void row_count_new(struct ledger *l, const struct document_row *row)
{
    row_count(&l->totals, row, 1);
    row_cache_keep(l, row);
}

static int save_queue(struct ledger *l, const struct document_row *before,
                      const struct document_row *after)
{
    bool was = before->state == DOC_QUEUED && before->files > 0;
    bool is = after->state == DOC_QUEUED && after->files > 0;
    if (was == is && before->settings == after->settings && before->pages == after->pages)
        return 0;
    int err = was ? queue_remove(l, before) : 0;
    return !err && is ? queue_add(l, after) : err;
}

int row_save(struct ledger *l, const struct document_row *before, const struct document_row *after)
{
    int err = save_queue(l, before, after);
    if (!err && row_unit(before) != row_unit(after))
        err = spending_repage(l, after, row_unit(after) - row_unit(before));
    if (!err && before->state != DOC_STORED && after->state == DOC_STORED)
        err = projections_want(l, after->id);
    if (err)
        return err;
    row_count(&l->totals, before, -1);
    row_count(&l->totals, after, 1);
    err = row_cache_change(l, before, after);
    if (!err && before->settings != after->settings) /* contents are looked up by them */
        err = database_write_deferred(&l->db);
    return err;
}

int row_delete(struct ledger *l, const struct document_row *row)
{
    REQUIRE(row->files == 0 && row->attempt == 0 && row->answer == ANSWER_NONE && !row->in_flight);
    int64_t event = row->last_event;
    int err = 0;
    while (!err && event) {
        int64_t prev = 0;
        int n = database_number(&l->db, "SELECT prev FROM event WHERE id = ?", VALUES(V_INT(event)),
                                &prev);
        err = n < 0 ? n
                    : database_run(&l->db, "DELETE FROM event WHERE id = ?", VALUES(V_INT(event)));
        event = prev;
    }
    if (!err)
        err = database_run(&l->db, "DELETE FROM document WHERE id = ?", VALUES(V_INT(row->id)));
    if (err)
        return err;
    row_count(&l->totals, row, -1);
    row_cache_drop(l, row->id);
    return 0;
}

int row_event(struct ledger *l, struct document_row *row, enum doc_state was,
              enum doc_event_kind kind, int attempt, const char *cause)
{
    int err = database_run(
        &l->db,
        "INSERT INTO event(document, prev, at, was, became, kind, attempt, cause)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(row->id), V_INT(row->last_event), V_INT(ledger_now(l)), V_INT(was),
               V_INT(row->state), V_INT(kind), V_INT(attempt), V_TEXT(cause)));
    if (!err)
        row->last_event = sqlite3_last_insert_rowid(l->db.db);
    return err;
}

int row_words(struct ledger *l, int64_t id, const char *code, const char *detail)
{
    row_cache_words(l, id, code != NULL);
    return database_run(&l->db, "UPDATE document SET code = ?, detail = ? WHERE id = ?",
                        VALUES(V_TEXT(code), V_TEXT(detail), V_INT(id)));
}
