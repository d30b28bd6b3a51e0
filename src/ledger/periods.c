/* Periods: which occurrences of the schedule had their run.
 *
 * One row for each occurrence, named by its rule and its period, committed before its run begins.
 * The row is what makes a run happen once: whatever clocks and processes do, an occurrence whose
 * row says that it is over never runs again, and one whose row says that it began goes on under the
 * same row. A process that died leaves it so.
 *
 * A rule's first sight is kept too (schedule_rule): what was due before somebody asked for it
 * wasn't missed. */
#include "ledger/periods.h"
#include "ledger/private.h"

#include "base/text.h"

const char *const period_state_names[PERIOD_STATES] = {"running", "done", "covered", "missed",
                                                       "skipped"};

int ledger_period_find(struct ledger *l, const char *rule, const char *period,
                       enum period_state *state)
{
    int64_t stored = PERIOD_RUNNING;
    int n = database_number(&l->db, "SELECT state FROM period WHERE rule = ? AND period = ?",
                            VALUES(V_TEXT(rule), V_TEXT(period)), &stored);
    *state = (enum period_state)stored;
    if (n == 1 && (stored < 0 || stored >= PERIOD_STATES))
        return database_refuse(&l->db, ERR_DAMAGED, "%s: period %s has a state of %lld. %s",
                               text_show(l->db.path), text_show(period), (long long)stored,
                               l->db.way_out);
    return n;
}

static int insert(struct ledger *l, const char *rule, const char *period, struct wall due_at,
                  enum period_state state)
{
    int64_t now = ledger_now(l);
    bool began = state == PERIOD_RUNNING;
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "INSERT INTO period(rule, period, due_at, state, started_at,"
                              " finished_at) VALUES(?, ?, ?, ?, ?, ?)",
                              VALUES(V_TEXT(rule), V_TEXT(period), V_INT(due_at.ms), V_INT(state),
                                     V_INT(began ? now : 0), V_INT(began ? 0 : now)));
}

int ledger_period_begin(struct ledger *l, const char *rule, const char *period, struct wall due_at,
                        enum period_begin *how)
{
    enum period_state state = PERIOD_RUNNING;
    int n = ledger_period_find(l, rule, period, &state);
    if (n < 0)
        return n;
    *how = n == 0 ? PERIOD_NEW : state == PERIOD_RUNNING ? PERIOD_INTERRUPTED : PERIOD_OVER;
    return n == 0 ? insert(l, rule, period, due_at, PERIOD_RUNNING) : 0;
}

int ledger_period_pass(struct ledger *l, const char *rule, const char *period, struct wall due_at,
                       enum period_state why)
{
    enum period_state state = PERIOD_RUNNING;
    REQUIRE(why != PERIOD_RUNNING && why != PERIOD_DONE);
    int n = ledger_period_find(l, rule, period, &state);
    return n == 0 ? insert(l, rule, period, due_at, why) : n < 0 ? n : 0;
}

int ledger_period_counts_to(struct ledger *l, const char *rule, const char *period,
                            const char *counts_to)
{
    int64_t one;
    int n = database_number(&l->db,
                            "SELECT 1 FROM period p WHERE rule = ? AND period = ? AND state = 0"
                            " AND " PERIOD_COUNTS_TO " <> ?",
                            VALUES(V_TEXT(rule), V_TEXT(period), V_TEXT(counts_to)), &one);
    int err = n == 1 ? ledger_write(l) : 0;
    if (n != 1 || err)
        return n < 0 ? n : err;
    return database_run(&l->db,
                        "UPDATE period SET counts_to = nullif(?1, period)"
                        " WHERE rule = ?2 AND period = ?3",
                        VALUES(V_TEXT(counts_to), V_TEXT(rule), V_TEXT(period)));
}

int ledger_period_run(struct ledger *l, const char *rule, const char *period)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(
                     &l->db,
                     "UPDATE period SET run = ? WHERE rule = ? AND period = ?"
                     " AND state = ?",
                     VALUES(V_INT(l->run_id), V_TEXT(rule), V_TEXT(period), V_INT(PERIOD_RUNNING)));
}

/* The period that the run of this row counts to is closed by its end. */
static int close_what_it_counts_to(struct ledger *l, const char *rule, const char *period)
{
    char closed[sizeof((struct ledger_period *)0)->period] = "";
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT " PERIOD_COUNTS_TO " FROM period p WHERE rule = ? AND period = ?",
        VALUES(V_TEXT(rule), V_TEXT(period)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    text_copy(closed, sizeof closed, column_text(s, 0));
    database_end(s);
    return period_close(l, closed);
}

int ledger_period_end(struct ledger *l, const char *rule, const char *period, int exit_code)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db,
                           "UPDATE period SET state = ?, finished_at = ?, run = ?,"
                           " exit_code = ? WHERE rule = ? AND period = ? AND state = ?",
                           VALUES(V_INT(PERIOD_DONE), V_INT(ledger_now(l)), V_INT(l->run_id),
                                  V_INT(exit_code), V_TEXT(rule), V_TEXT(period),
                                  V_INT(PERIOD_RUNNING)));
    if (err || sqlite3_changes(l->db.db) == 0)
        return err;
    return close_what_it_counts_to(l, rule, period);
}

#define PERIOD_COLUMNS                                                                             \
    "rule, period, due_at, state, started_at, finished_at, run, exit_code, " PERIOD_COUNTS_TO

static struct ledger_period read_period(sqlite3_stmt *s)
{
    struct ledger_period p = {
        .due_at = {column_int(s, 2)},
        .state = (enum period_state)column_int(s, 3),
        .started_at = {column_int(s, 4)},
        .finished_at = {column_int(s, 5)},
        .run = column_int(s, 6),
        .exit_code = sqlite3_column_type(s, 7) == SQLITE_NULL ? -1 : (int)column_int(s, 7),
    };
    text_copy(p.rule, sizeof p.rule, column_text(s, 0));
    text_copy(p.period, sizeof p.period, column_text(s, 1));
    text_copy(p.counts_to, sizeof p.counts_to, column_text(s, 8));
    return p;
}

int ledger_periods(struct ledger *l, int (*fn)(void *ctx, const struct ledger_period *row),
                   void *ctx)
{
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT " PERIOD_COLUMNS " FROM period p ORDER BY due_at, rule", NO_VALUES);
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        struct ledger_period row = read_period(s);
        if (row.state < 0 || row.state >= PERIOD_STATES)
            row.state = PERIOD_MISSED;
        if (fn(ctx, &row) != 0)
            break;
    }
    database_end(s);
    return n < 0 ? n : 0;
}

int ledger_period_interrupted(struct ledger *l, struct ledger_period *out)
{
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT " PERIOD_COLUMNS
                                     " FROM period p WHERE state = 0 ORDER BY due_at, rule LIMIT 1",
                                     NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n == 1) {
        *out = read_period(s);
        database_end(s);
    }
    return n;
}

/* --- rules --- */

int ledger_rule_since(struct ledger *l, const char *rule, struct wall *since)
{
    int64_t now = ledger_now(l);
    int n = database_number(&l->db, "SELECT since FROM schedule_rule WHERE rule = ?",
                            VALUES(V_TEXT(rule)), &since->ms);
    if (n == 0 || (n == 1 && since->ms > now))
        since->ms = now;
    return n;
}

int ledger_rule_note(struct ledger *l, const char *rule)
{
    struct wall since;
    int64_t known = 0;
    int n = ledger_rule_since(l, rule, &since);
    if (n == 1)
        n = database_number(&l->db, "SELECT since FROM schedule_rule WHERE rule = ?",
                            VALUES(V_TEXT(rule)), &known);
    if (n < 0 || (n == 1 && known == since.ms))
        return n < 0 ? n : 0;
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "INSERT OR REPLACE INTO schedule_rule(rule, since) VALUES(?, ?)",
                              VALUES(V_TEXT(rule), V_INT(since.ms)));
}

int ledger_rules_keep(struct ledger *l, bool (*keep)(void *ctx, const char *rule), void *ctx)
{
    int n, err = 0;
    for (bool again = true; again && !err;) {
        char rule[64] = "";
        again = false;
        sqlite3_stmt *s = database_query(&l->db, "SELECT rule FROM schedule_rule", NO_VALUES);
        if (s == NULL)
            return l->db.error.code;
        while (!again && (n = database_step(&l->db, s)) == 1)
            again = text_copy(rule, sizeof rule, column_text(s, 0)) && !keep(ctx, rule);
        if (again || n == 1)
            database_end(s);
        else if (n < 0)
            return n;
        err = again ? ledger_write(l) : 0;
        if (again && !err)
            err = database_run(&l->db, "DELETE FROM schedule_rule WHERE rule = ?",
                               VALUES(V_TEXT(rule)));
    }
    return err;
}
