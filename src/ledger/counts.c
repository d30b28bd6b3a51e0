/* Numbers, from counters (private.h) and never by counting rows; ledger_counts_check is the one
 * that counts, for `verify` and the tests. A run's numbers are what the counters
 * grew by since it began.
 *
 * Credits: an attempt whose job is done was charged. So was an accepted one whose document is at
 * its end by other means (nobody asks for that job any more: a second charge, or a result that was
 * gone), and a document with an answer was charged at least once, even if it was an attempt in
 * doubt that a webhook settled without a word about the attempt. In-doubt attempts may have cost as
 * much again. A charge is the result's page count; without one the pages counted; else 1: times the
 * attempt's price. */
#include "ledger/spending_internal.h"

#include "base/text.h"
#include "ledger/turn.h"

int64_t row_unit(const struct document_row *row)
{
    if (row->result_pages > 0)
        return row->result_pages;
    return row->pages > 0 ? row->pages : 1;
}

/* One attempt, of those that nothing tells apart but their prices. */
static void take_one(struct charges *from, struct charges *to)
{
    int64_t price = from->price / from->n;
    *to = (struct charges){to->n + 1, to->price + price};
    *from = (struct charges){from->n - 1, from->price - price};
}

void row_count(struct totals *totals, const struct document_row *row, int sign)
{
    bool ended = row->state == DOC_STORED || row->state == DOC_FAILED || row->state == DOC_LOST;
    struct charges charged = row->done, out = row->accepted, doubt = row->doubt;
    if (ended) {
        charged = (struct charges){charged.n + out.n, charged.price + out.price};
        out = (struct charges){0};
    }
    if (charged.n == 0 && (row->answer != ANSWER_NONE || row->state == DOC_LOST)) {
        struct charges unheard_of = {1, CREDIT_MICROS}; /* none on record: at Mindee's own price */
        take_one(out.n > 0 ? &out : doubt.n > 0 ? &doubt : &unheard_of, &charged);
    }
    int64_t unit = row_unit(row) * sign;
    totals->n[COUNT_CREDITS] += charged.price * unit;
    totals->n[COUNT_AT_RISK] += doubt.price * unit;
    totals->n[COUNT_CREDITS_OUT] += (out.price + doubt.price) * unit;
    if (row->files > 0) {
        totals->n[COUNT_DOCUMENTS] += sign;
        totals->n[row_is_dismissed(row) ? COUNT_DISMISSED : COUNT_STATE + row->state] += sign;
    } else {
        totals->n[COUNT_FORMER] += sign;
    }
}

int totals_load(struct ledger *l, struct totals *out)
{
    *out = (struct totals){0};
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, n FROM counter", NO_VALUES);
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        int64_t id = column_int(s, 0);
        if (id >= 0 && id < COUNTERS)
            out->n[id] = column_int(s, 1);
    }
    return n;
}

int totals_save(struct ledger *l)
{
    int err = 0;
    for (int id = 0; id < COUNTERS && !err; id++)
        if (l->totals.n[id] != l->committed.n[id])
            err = database_run(&l->db,
                               "INSERT INTO counter(id, n) VALUES(?1, ?2)"
                               " ON CONFLICT(id) DO UPDATE SET n = ?2",
                               VALUES(V_INT(id), V_INT(l->totals.n[id])));
    return err;
}

int ledger_turns(struct ledger *l, int64_t *number)
{
    int n = database_number(&l->db, "SELECT n FROM counter WHERE id = ?",
                            VALUES(V_INT(COUNT_TURNS)), number);
    return n < 0 ? n : 0;
}

int totals_now(struct ledger *l, struct totals *out)
{
    if (l->read_only)
        return totals_load(l, out);
    *out = l->db.failure.code ? l->committed : l->totals;
    return 0;
}

void totals_fill(const struct totals *t, struct ledger_counts *out)
{
    *out = (struct ledger_counts){
        .files = t->n[COUNT_FILES],
        .documents = t->n[COUNT_DOCUMENTS],
        .duplicates = t->n[COUNT_FILES] - t->n[COUNT_DOCUMENTS],
        .dismissed = t->n[COUNT_DISMISSED],
        .former = t->n[COUNT_FORMER],
        .resent = t->n[COUNT_RESENT],
        .credits = {t->n[COUNT_CREDITS]},
        .credits_at_risk = {t->n[COUNT_AT_RISK]},
        .credits_out = {t->n[COUNT_CREDITS_OUT]},
        .post = t->n[COUNT_POST],
        .get = t->n[COUNT_GET],
        .http_429 = t->n[COUNT_429],
        .orphans = t->n[COUNT_ORPHANS],
        .left_out = t->n[COUNT_LEFT_OUT],
    };
    for (int state = 0; state < DOC_STATE_COUNT; state++)
        out->by_state[state] = t->n[COUNT_STATE + state];
}

int64_t ledger_count_in(const struct ledger *l, enum doc_state state)
{
    return l->totals.n[COUNT_STATE + state];
}

int ledger_totals(struct ledger *l, struct ledger_counts *out)
{
    struct totals t;
    int err = totals_now(l, &t);
    if (!err)
        totals_fill(&t, out);
    return err;
}

int ledger_counts(struct ledger *l, struct ledger_counts *out)
{
    int err = ledger_totals(l, out);
    if (err)
        return err;
    int n = database_number(&l->db, "SELECT started_at FROM run ORDER BY id LIMIT 1", NO_VALUES,
                            &out->started_at.ms);
    if (n >= 0)
        n = database_number(&l->db, "SELECT finished_at FROM run ORDER BY id DESC LIMIT 1",
                            NO_VALUES, &out->finished_at.ms);
    return n < 0 ? n : 0;
}

int ledger_left_out(struct ledger *l, int64_t count)
{
    if (l->totals.n[COUNT_LEFT_OUT] == count)
        return 0;
    int err = ledger_write(l);
    if (!err)
        l->totals.n[COUNT_LEFT_OUT] = count;
    return err;
}

/* Takes the counters kept at the run's beginning off T;
 * if it has ended, T becomes those of its end first. */
static int since_run_began(struct ledger *l, int64_t run, bool over, struct totals *t)
{
    if (over)
        *t = (struct totals){0};
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT ended, id, n FROM run_counter WHERE run = ? AND ended <= ?",
                       VALUES(V_INT(run), V_INT(over)));
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        int64_t id = column_int(s, 1), sign = column_int(s, 0) ? 1 : -1;
        if (id >= 0 && id < COUNTERS)
            t->n[id] += sign * column_int(s, 2);
    }
    return n;
}

int ledger_run_counts(struct ledger *l, struct ledger_counts *out)
{
    struct totals t;
    int64_t run, started, finished;
    *out = (struct ledger_counts){0};
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT id, started_at, finished_at FROM run ORDER BY id DESC LIMIT 1", NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    run = column_int(s, 0);
    started = column_int(s, 1);
    finished = column_int(s, 2);
    database_end(s);
    int err = totals_now(l, &t);
    int64_t left_out = t.n[COUNT_LEFT_OUT];
    if (!err)
        err = since_run_began(l, run, finished != 0, &t);
    if (err)
        return err;
    totals_fill(&t, out);
    out->left_out = left_out;
    out->started_at.ms = started;
    out->finished_at.ms = finished;
    return 0;
}

struct document_row row_that_counts(sqlite3_stmt *s)
{
    return (struct document_row){
        .id = column_int(s, 0),
        .state = (int)column_int(s, 1),
        .files = (int)column_int(s, 2),
        .accepted = {(int)column_int(s, 3), column_int(s, 10)},
        .done = {(int)column_int(s, 4), column_int(s, 11)},
        .doubt = {(int)column_int(s, 5), column_int(s, 12)},
        .answer = (int)column_int(s, 6),
        .pages = (int)column_int(s, 7),
        .result_pages = (int)column_int(s, 8),
        .dismissed = column_int(s, 9),
    };
}

/* One document as it should be by the rows that point to it. AHEAD: the book is; how many files it
 * has is counted when a writer mends that (reconcile.c). */
static int check_document(struct ledger *l, sqlite3_stmt *s, bool ahead, struct totals *sum)
{
    enum { FILES = COUNTING_COLUMNS, ACCEPTED, DONE, DOUBT, ANSWER, PRICES };
    struct document_row row = row_that_counts(s);
    if (row.state < 0 || row.state >= DOC_STATE_COUNT ||
        (!ahead && column_int(s, FILES) != row.files) ||
        column_int(s, ACCEPTED) != row.accepted.n || column_int(s, DONE) != row.done.n ||
        column_int(s, DOUBT) != row.doubt.n || column_int(s, ANSWER) != row.answer ||
        column_int(s, PRICES) != row.accepted.price + row.done.price + row.doubt.price)
        return database_refuse(&l->db, ERR_DAMAGED, "%s: the numbers of document %lld don't add up",
                               text_show(l->db.path), (long long)row.id);
    row_count(sum, &row, 1);
    return 0;
}

static int sum_documents(struct ledger *l, bool ahead, struct totals *sum)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        /* clang-format off */
        "SELECT " ROW_THAT_COUNTS ","
        " (SELECT count(*) FROM file WHERE document = d.id AND life <> 2),"
        " coalesce(sum(a.outcome = 4), 0), coalesce(sum(a.outcome = 5), 0),"
        " coalesce(sum(a.outcome IN (3, 7, 8)), 0),"
        " CASE WHEN EXISTS(SELECT 1 FROM result WHERE id = " LIFE_OF("result")
        "   AND document = d.id) THEN 2"
        "  WHEN EXISTS(SELECT 1 FROM kept_bytes WHERE document = d.id) THEN 1 ELSE 0 END,"
        " coalesce(sum(a.price * (a.outcome IN (3, 4, 5, 7, 8))), 0)"
        " FROM " LIFE " LEFT JOIN attempt a ON a.document = d.id GROUP BY d.id",
        /* clang-format on */
        NO_VALUES);
    int n, err = 0;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        err = check_document(l, s, ahead, sum);
        if (err) {
            database_end(s);
            return err;
        }
    }
    return n;
}

int ledger_counts_check(struct ledger *l)
{
    struct totals now, sum = {0};
    int64_t ahead = 0;
    int err = totals_now(l, &now);
    int n = err ? err
                : database_number(&l->db, "SELECT b.turn <> m.turn FROM book b, meta m", NO_VALUES,
                                  &ahead);
    if (!err)
        err = n < 0 ? n : sum_documents(l, ahead != 0, &sum);
    n = err;
    if (!err)
        n = database_number(&l->db, "SELECT count(*) FROM file WHERE life <> 2", NO_VALUES,
                            &sum.n[COUNT_FILES]);
    if (n >= 0)
        n = database_number(&l->db, "SELECT count(*) FROM attempt WHERE resent", NO_VALUES,
                            &sum.n[COUNT_RESENT]);
    if (n >= 0)
        n = database_number(&l->db, "SELECT count(*) FROM orphan", NO_VALUES,
                            &sum.n[COUNT_ORPHANS]);
    if (n >= 0)
        n = spending_check(l, &now);
    if (n < 0)
        return n;
    if (ahead)
        sum.n[COUNT_FILES] = now.n[COUNT_FILES];
    for (int id = COUNT_POST; id <= COUNT_429; id++)
        sum.n[id] = now.n[id];                     /* requests leave no rows */
    sum.n[COUNT_LEFT_OUT] = now.n[COUNT_LEFT_OUT]; /* nor does what a walk passed over */
    sum.n[COUNT_TURNS] = now.n[COUNT_TURNS];
    for (int id = COUNT_COUNT_FROM; id < COUNTERS; id++)
        sum.n[id] = now.n[id]; /* as spending_check has found */
    sum.n[COUNT_COPY] = now.n[COUNT_COPY];
    sum.n[COUNT_FORGOTTEN] = now.n[COUNT_FORGOTTEN];
    sum.n[COUNT_RESTORED] = now.n[COUNT_RESTORED];
    for (int id = 0; id < COUNTERS; id++)
        if (sum.n[id] != now.n[id])
            return database_refuse(&l->db, ERR_DAMAGED,
                                   "%s: the numbers don't add up (counter %d says %lld, the rows "
                                   "say %lld)",
                                   text_show(l->db.path), id, (long long)now.n[id],
                                   (long long)sum.n[id]);
    return 0;
}
