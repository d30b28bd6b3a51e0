/* See spending.h. A count is told by the last attempt before it: those with a higher row are in it.
 * What they cost is a counter. So is what was begun since a person allowed the budgets again; for
 * months there is a table of quarters of an hour, since the zone that says where a month begins may
 * change. All of them change where an attempt begins, where it becomes known to be free (or isn't
 * after all), and where its document's pages are put right. */
#include "ledger/spending.h"

#include "ledger/spending_internal.h"

#include <string.h>

enum { QUARTER = SPENT_QUARTER_MS };

int spending_add(struct ledger *l, int64_t attempt, int64_t started_at, int64_t micro)
{
    int64_t *n = l->totals.n;
    if (micro == 0)
        return 0;
    n[COUNT_COUNTED] += attempt > n[COUNT_COUNT_FROM] ? micro : 0;
    n[COUNT_AGAIN] += attempt > n[COUNT_AGAIN_FROM] ? micro : 0;
    if (started_at >= l->month.from.ms && started_at < l->month.until.ms)
        l->month.micro += micro;
    int err = l->spent.quarter == started_at / QUARTER ? 0 : spending_write(l);
    l->spent.quarter = started_at / QUARTER;
    l->spent.micro += micro;
    l->db.deferred.some = true;
    return err;
}

int spending_write(struct ledger *l)
{
    int64_t micro = l->spent.micro;
    l->spent.micro = 0;
    return micro == 0 ? 0
                      : database_run(&l->db,
                                     "INSERT INTO spent(quarter, micro) VALUES(?1, ?2)"
                                     " ON CONFLICT(quarter) DO UPDATE SET micro = micro + ?2",
                                     VALUES(V_INT(l->spent.quarter), V_INT(micro)));
}

void spending_forget(struct ledger *l)
{
    l->spent.micro = 0;
}

bool spending_concerns(const char *table)
{
    return strcmp(table, "spent") == 0;
}

int spending_repage(struct ledger *l, const struct document_row *row, int64_t by)
{
    int err = 0;
    for (int64_t id = row->last_attempt, prev; id && !err; id = prev) {
        sqlite3_stmt *s = database_query(&l->db,
                                         "SELECT a.prev, a.started_at, a.price, " ATTEMPT_IS_FREE
                                         " FROM attempt a WHERE id = ?",
                                         VALUES(V_INT(id)));
        int n = s ? database_step(&l->db, s) : l->db.error.code;
        if (n != 1)
            return n;
        prev = column_int(s, 0);
        int64_t started_at = column_int(s, 1), price = column_int(s, 2);
        bool is_free = column_int(s, 3) != 0;
        database_end(s);
        if (!is_free)
            err = spending_add(l, id, started_at, by * price);
    }
    return err;
}

static int last_attempt(struct ledger *l, int64_t *id)
{
    *id = 0;
    int n =
        database_number(&l->db, "SELECT id FROM attempt ORDER BY id DESC LIMIT 1", NO_VALUES, id);
    return n < 0 ? n : 0;
}

static void begin(struct ledger *l, int64_t last)
{
    l->totals.n[COUNT_COUNT_FROM] = last;
    l->totals.n[COUNT_COUNTED] = 0;
    l->totals.n[COUNT_NOTHING_LEFT] = 0;
    l->totals.n[COUNT_STOPPED] = 0;
}

int spending_before_attempt(struct ledger *l)
{
    int64_t last;
    if (!l->totals.n[COUNT_NOTHING_LEFT])
        return 0;
    int err = last_attempt(l, &last);
    if (!err)
        begin(l, last);
    return err;
}

int ledger_spent_nothing_left(struct ledger *l)
{
    int err = l->totals.n[COUNT_NOTHING_LEFT] ? 0 : ledger_write(l);
    if (!err)
        l->totals.n[COUNT_NOTHING_LEFT] = 1;
    return err;
}

bool ledger_spent_is_over(const struct ledger *l)
{
    return l->totals.n[COUNT_NOTHING_LEFT] != 0;
}

int ledger_spent_begin(struct ledger *l)
{
    int64_t last;
    int err = ledger_write(l);
    if (!err)
        err = last_attempt(l, &last);
    if (!err)
        begin(l, last);
    return err;
}

int ledger_spent_again(struct ledger *l)
{
    int err = ledger_spent_begin(l);
    if (err)
        return err;
    l->totals.n[COUNT_AGAIN_FROM] = l->totals.n[COUNT_COUNT_FROM];
    l->totals.n[COUNT_AGAIN] = 0;
    l->totals.n[COUNT_AGAIN_AT] = ledger_now(l);
    l->totals.n[COUNT_STOPPED_MONTH] = 0;
    return 0;
}

int ledger_spent_stopped(struct ledger *l, enum budget_answer by,
                         const struct budget_limits *limits)
{
    int err = ledger_write(l);
    if (!err) /* something is left to send: that is what was stopped */
        err = spending_before_attempt(l);
    if (err)
        return err;
    if (by == BUDGET_COUNT_REACHED)
        l->totals.n[COUNT_STOPPED] = limits->count.micro + 1;
    if (by == BUDGET_MONTH_REACHED) {
        l->totals.n[COUNT_STOPPED_MONTH] = limits->month.micro + 1;
        l->totals.n[COUNT_STOPPED_AT] = ledger_now(l);
    }
    return 0;
}

static int month_sum(struct ledger *l, struct wall from, struct wall until, int64_t *micro)
{
    struct spent_month *m = &l->month;
    if (!l->read_only && m->known && m->from.ms == from.ms && m->until.ms == until.ms) {
        *micro = m->micro;
        return 0;
    }
    int n = database_number(&l->db,
                            "SELECT coalesce(sum(micro), 0) FROM spent"
                            " WHERE quarter >= ? AND quarter < ?",
                            VALUES(V_INT(from.ms / QUARTER), V_INT(until.ms / QUARTER)), micro);
    if (n < 0)
        return n;
    *m = (struct spent_month){.known = true, .from = from, .until = until, .micro = *micro};
    return 0;
}

int ledger_spent(struct ledger *l, struct wall from, struct wall until, struct budget_spent *out)
{
    struct totals t;
    int64_t micro = 0;
    int err = totals_now(l, &t);
    if (!err)
        err = month_sum(l, from, until, &micro);
    if (err)
        return err;
    bool over = t.n[COUNT_NOTHING_LEFT] != 0;
    bool again = t.n[COUNT_AGAIN_AT] >= from.ms && t.n[COUNT_AGAIN_AT] < until.ms;
    bool stopped = t.n[COUNT_STOPPED_AT] >= from.ms && t.n[COUNT_STOPPED_AT] < until.ms;
    *out = (struct budget_spent){
        .count = {over ? 0 : t.n[COUNT_COUNTED]},
        .month = {again ? t.n[COUNT_AGAIN] : micro},
        .month_in_all = {micro},
        .stopped_count = {over ? -1 : t.n[COUNT_STOPPED] - 1},
        .stopped_month = {stopped ? t.n[COUNT_STOPPED_MONTH] - 1 : -1},
    };
    return 0;
}
