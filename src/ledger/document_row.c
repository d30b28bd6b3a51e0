/* See private.h: one document's row in memory, and the one place where the counters follow it. */
#include "ledger/spending_internal.h"

#include <string.h>

void row_cache_clear(struct ledger *l)
{
    memset(l->cache, 0, sizeof l->cache);
}

static struct document_row *cache_slot(struct ledger *l, int64_t id)
{
    return &l->cache[(uint64_t)id % ROW_CACHE];
}

int row_load(struct ledger *l, int64_t id, struct document_row *out)
{
    struct document_row *cached = cache_slot(l, id);
    bool may_cache = !l->read_only && !l->db.failure.code;
    if (may_cache && cached->id == id && id != 0) {
        *out = *cached;
        return 0;
    }
    sqlite3_stmt *s =
        database_query(
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
        *cached = *out;
    return 0;
}

void row_count_new(struct ledger *l, const struct document_row *row)
{
    row_count(&l->totals, row, 1);
    *cache_slot(l, row->id) = *row;
}

static int save_in_flight(struct ledger *l, const struct document_row *row)
{
    return database_run(
        &l->db,
        "INSERT OR REPLACE INTO flight VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(row->id), V_INT(row->state), V_INT(row->attempts), V_INT(row->attempt),
               V_INT(row->last_attempt), V_INT(row->last_event), V_INT(row->accepted.n),
               V_INT(row->done.n), V_INT(row->doubt.n), V_INT(row->answer), V_INT(row->result),
               V_INT(row->result_pages), V_INT(row->accepted_at), V_INT(row->accepted.price),
               V_INT(row->done.price), V_INT(row->doubt.price)));
}

static int save_at_rest(struct ledger *l, const struct document_row *row)
{
    return database_run(
        &l->db,
        "UPDATE document SET state = ?, attempts = ?, attempt = ?, last_attempt = ?,"
        " last_event = ?, accepted = ?, done = ?, doubt = ?, answer = ?, result = ?,"
        " result_pages = ?, accepted_at = ?, accepted_price = ?, done_price = ?, doubt_price = ?"
        " WHERE id = ?",
        VALUES(V_INT(row->state), V_INT(row->attempts), V_INT(row->attempt),
               V_INT(row->last_attempt), V_INT(row->last_event), V_INT(row->accepted.n),
               V_INT(row->done.n), V_INT(row->doubt.n), V_INT(row->answer), V_INT(row->result),
               V_INT(row->result_pages), V_INT(row->accepted_at), V_INT(row->accepted.price),
               V_INT(row->done.price), V_INT(row->doubt.price), V_INT(row->id)));
}

/* What stays in the document's own row even in flight, and changes seldom. */
static int save_own(struct ledger *l, const struct document_row *before,
                    const struct document_row *after)
{
    if (before->files == after->files && before->pages == after->pages &&
        before->settings == after->settings && before->dismissed == after->dismissed)
        return 0;
    return database_run(
        &l->db,
        "UPDATE document SET files = ?, pages = ?, settings = ?, dismissed = ? WHERE id = ?",
        VALUES(V_INT(after->files), V_INT(after->pages), V_INT(after->settings),
               V_INT(after->dismissed), V_INT(after->id)));
}

static bool same_charges(const struct charges *a, const struct charges *b)
{
    return a->n == b->n && a->price == b->price;
}

static bool same_life(const struct document_row *a, const struct document_row *b)
{
    return a->state == b->state && a->attempts == b->attempts && a->attempt == b->attempt &&
           a->last_attempt == b->last_attempt && a->last_event == b->last_event &&
           same_charges(&a->accepted, &b->accepted) && same_charges(&a->done, &b->done) &&
           same_charges(&a->doubt, &b->doubt) && a->answer == b->answer && a->result == b->result &&
           a->result_pages == b->result_pages && a->accepted_at == b->accepted_at &&
           a->in_flight == b->in_flight;
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
    if (!err && !same_life(before, after))
        err = after->in_flight ? save_in_flight(l, after) : save_at_rest(l, after);
    if (!err && before->in_flight && !after->in_flight)
        err =
            database_run(&l->db, "DELETE FROM flight WHERE document = ?", VALUES(V_INT(after->id)));
    if (!err)
        err = save_own(l, before, after);
    if (!err && row_unit(before) != row_unit(after))
        err = spending_repage(l, after, row_unit(after) - row_unit(before));
    if (!err && before->state != DOC_STORED && after->state == DOC_STORED)
        err = projections_want(l, after->id);
    if (err)
        return err;
    row_count(&l->totals, before, -1);
    row_count(&l->totals, after, 1);
    *cache_slot(l, after->id) = *after;
    return 0;
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
    cache_slot(l, row->id)->id = 0;
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
    struct document_row *cached = cache_slot(l, id);
    if (cached->id == id)
        cached->words = code != NULL;
    return database_run(&l->db, "UPDATE document SET code = ?, detail = ? WHERE id = ?",
                        VALUES(V_TEXT(code), V_TEXT(detail), V_INT(id)));
}
