/* Periods in numbers: what belongs to one, as it is now and as it was at its close.
 *
 * A period is closed when a run of it ends, and anew when a later one does. Its numbers are kept then,
 * in the commit that says so (periods.c): whatever becomes of its documents, a retry, a late result,
 * they stay. With them goes a row into the history that is no document's. Numbers of events are given
 * in order, and that row isn't removed, so that what has a higher one came after the close: what has
 * changed since is found in the documents' own histories, and not written anywhere else. */
#include "ledger/listing.h"
#include "ledger/periods.h"
#include "ledger/private.h"

#include "base/text.h"

/* A document is counted in the period of its first file; the later ones count in theirs as
 * duplicates. */
#define FIRST_FILE                                                                                 \
    "NOT EXISTS(SELECT 1 FROM file g WHERE g.document = f.document AND g.life <> 2"                \
    " AND g.id < f.id)"

static int sum_up(struct ledger *l, const char *period, struct totals *out)
{
    *out = (struct totals){0};
    sqlite3_stmt *s =
        database_query(&l->db,
                       "SELECT " ROW_THAT_COUNTS ", " FIRST_FILE " FROM file f"
                       " JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document ="
                       " d.id WHERE f.period = ? AND f.life <> 2",
                       VALUES(V_TEXT(period)));
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        const struct document_row row = row_that_counts(s);
        if (row.state >= 0 && row.state < DOC_STATE_COUNT && column_int(s, COUNTING_COLUMNS))
            row_count(out, &row, 1);
        out->n[COUNT_FILES]++;
    }
    if (n < 0)
        return n;
    n = database_number(&l->db,
                        "SELECT count(*) FROM attempt a JOIN document d ON d.id = a.document"
                        " WHERE a.resent AND d.period = ?",
                        VALUES(V_TEXT(period)), &out->n[COUNT_RESENT]);
    return n < 0 ? n : 0;
}

int ledger_period_counts(struct ledger *l, const char *period, struct ledger_counts *out)
{
    struct totals sum;
    int err = sum_up(l, period, &sum);
    totals_fill(&sum, out);
    return err;
}

int ledger_period_numbers(struct ledger *l, const char *name, struct ledger_period_numbers *out)
{
    *out = (struct ledger_period_numbers){0};
    text_copy(out->name, sizeof out->name, name);
    int err = ledger_period_counts(l, name, &out->counts);
    if (err)
        return err;
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT coalesce(min(started_at), 0), CASE WHEN min(state) = 0 THEN 0"
        " ELSE coalesce(max(finished_at), 0) END, coalesce(sum(max(finished_at - started_at, 0)), 0)"
        " FROM period p WHERE started_at > 0 AND " PERIOD_COUNTS_TO " = ?",
        VALUES(V_TEXT(name)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    out->counts.started_at.ms = column_int(s, 0);
    out->counts.finished_at.ms = column_int(s, 1);
    out->ms = column_int(s, 2);
    database_end(s);
    return 0;
}

int ledger_run_period(struct ledger *l, char name[24])
{
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT " PERIOD_COUNTS_TO " FROM period p WHERE run > 0"
                                     " AND run = (SELECT max(id) FROM run) LIMIT 1",
                                     NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    text_copy(name, 24, column_text(s, 0));
    database_end(s);
    return 1;
}

int ledger_period_known(struct ledger *l, const char *period)
{
    int64_t one;
    return database_number(&l->db,
                           "SELECT 1 WHERE EXISTS(SELECT 1 FROM file WHERE period = ?1)"
                           " OR EXISTS(SELECT 1 FROM period WHERE ?1 IN (period, counts_to))",
                           VALUES(V_TEXT(period)), &one);
}

/* --- the close --- */

enum { NO_DOCUMENT = 0, NO_EVENT_KIND = -1 };

static int keep(struct ledger *l, const char *period, const struct totals *sum)
{
    int64_t now = ledger_now(l);
    int err =
        database_run(&l->db,
                     "INSERT INTO event(document, prev, at, was, became, kind, attempt, cause)"
                     " VALUES(?, 0, ?, 0, 0, ?, 0, ?)",
                     VALUES(V_INT(NO_DOCUMENT), V_INT(now), V_INT(NO_EVENT_KIND), V_TEXT(period)));
    if (!err)
        err = database_run(
            &l->db,
            "INSERT OR REPLACE INTO period_close(period, at, event, file)"
            " VALUES(?, ?, ?, (SELECT coalesce(max(id), 0) FROM file))",
            VALUES(V_TEXT(period), V_INT(now), V_INT(sqlite3_last_insert_rowid(l->db.db))));
    if (!err)
        err = database_run(&l->db, "DELETE FROM period_counter WHERE period = ?",
                           VALUES(V_TEXT(period)));
    for (int i = 0; i < COUNTERS && !err; i++)
        if (sum->n[i])
            err = database_run(&l->db, "INSERT INTO period_counter(period, id, n) VALUES(?, ?, ?)",
                               VALUES(V_TEXT(period), V_INT(i), V_INT(sum->n[i])));
    return err;
}

int period_close(struct ledger *l, const char *period)
{
    struct totals sum;
    int err = sum_up(l, period, &sum);
    return err ? err : keep(l, period, &sum);
}

static int read_kept(struct ledger *l, const char *period, struct ledger_counts *out)
{
    struct totals sum = {0};
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, n FROM period_counter WHERE period = ?",
                                     VALUES(V_TEXT(period)));
    int n = s ? 0 : l->db.error.code;
    while (s && (n = database_step(&l->db, s)) == 1)
        if (column_int(s, 0) >= 0 && column_int(s, 0) < COUNTERS)
            sum.n[column_int(s, 0)] = column_int(s, 1);
    totals_fill(&sum, out);
    return n;
}

int ledger_period_closed(struct ledger *l, const char *period, struct ledger_period_close *out)
{
    *out = (struct ledger_period_close){0};
    int n = database_number(&l->db, "SELECT at FROM period_close WHERE period = ?",
                            VALUES(V_TEXT(period)), &out->at.ms);
    out->kept = n == 1;
    if (n == 0)
        n = database_number(&l->db,
                            "SELECT max(finished_at) FROM period p WHERE " PERIOD_COUNTS_TO
                            " = ? AND state = ? HAVING count(*) > 0",
                            VALUES(V_TEXT(period), V_INT(PERIOD_DONE)), &out->at.ms);
    else if (n == 1 && read_kept(l, period, &out->counts) < 0)
        n = l->db.error.code;
    return n;
}

/* --- since then --- */

/* What counts a document, in the words of summary.json. Until its job is done it is on its way,
 * whatever it waits for. */
static const char *told_as(enum doc_state state, bool dismissed)
{
    if (dismissed && doc_state_can_be_dismissed(state))
        return "dismissed";
    bool on_its_way = state == DOC_SUBMITTING || state == DOC_READY;
    return doc_state_names[on_its_way ? DOC_PROCESSING : state];
}

/* A document's history, from its beginning. */
struct past {
    int64_t closed; /* the close's event */
    bool dismissed, since;
    const char *at_close, *now;
    struct wall at; /* of the last change */
};

static int go_through(void *ctx, const struct ledger_event *e)
{
    struct past *p = ctx;
    const char *before = told_as(e->from, p->dismissed);
    p->dismissed =
        (p->dismissed || e->event == EV_DISMISS) && e->event != EV_RETRY && e->to != DOC_STORED;
    p->now = told_as(e->to, p->dismissed);
    if (e->id <= p->closed)
        return 0;
    if (!p->since)
        p->at_close = before;
    if (!p->at.ms || p->now != before)
        p->at = e->at;
    p->since = true;
    return 0;
}

/* 1 and what ROW tells, if there is anything; else 0. */
static int look_back(struct ledger *l, int64_t closed, bool came, struct ledger_period_change *row)
{
    struct past p = {.closed = closed};
    int err = ledger_history(l, row->document_id, go_through, &p);
    row->from = came ? NULL : p.at_close;
    row->to = p.now;
    row->at = p.at;
    return err ? err : p.since && (came || p.at_close != p.now);
}

int ledger_period_changes(struct ledger *l, const char *period,
                          int (*fn)(void *ctx, const struct ledger_period_change *row), void *ctx)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT d.id, c.event, coalesce(m.target, f.path), f.id > c.file"
        " FROM period_close c JOIN file f ON f.period = c.period"
        " JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document = d.id" MOVED_FILE
        " WHERE c.period = ? AND f.life <> 2 AND " LIFE_OF(
            "last_event") " > c.event"
                          " AND " FIRST_FILE " ORDER BY " LIFE_OF("last_event"),
        VALUES(V_TEXT(period)));
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        struct ledger_period_change row = {.document_id = column_int(s, 0),
                                           .path = column_text(s, 2)};
        int changed = look_back(l, column_int(s, 1), column_int(s, 3) != 0, &row);
        if (changed < 0)
            n = changed;
        if (changed < 0 || (changed == 1 && fn(ctx, &row) != 0))
            break;
    }
    database_end(s);
    return n < 0 ? n : 0;
}
