/* Attempts: one row for each upload, made before its first byte leaves. They hang on their document
 * as a chain, newest first; nearly always the newest is asked for.
 *
 * An alias holds the nonce of the run that made the attempt, so that one is never given twice: a
 * ledger that was restored from a backup gives document and attempt numbers again. A delivery whose
 * alias has another nonce is a stranger's.
 *
 * How often a document's attempts have which outcome, and at which prices, is kept with the document,
 * for the credits. A
 * job id that comes after its attempt was settled otherwise (a webhook was faster than the 202) is
 * noted and changes nothing else; nor does what else an upload comes to, once a webhook has told of its
 * job. */
#include "ledger/document_ledger.h"
#include "ledger/spending_internal.h"
#include "ledger/webhooks.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct attempt_row {
    int64_t id, prev;
    int64_t price, started_at;
    int n, outcome;
    bool resent;
};

static int load_attempt(struct ledger *l, const struct document_row *row, int n,
                        struct attempt_row *out)
{
    if (n == row->attempt && row->newest.known) {
        *out = (struct attempt_row){.id = row->last_attempt,
                                    .prev = row->newest.prev,
                                    .price = row->newest.price,
                                    .started_at = row->newest.started_at,
                                    .n = n,
                                    .outcome = row->newest.outcome,
                                    .resent = row->newest.resent};
        return 0;
    }
    for (int64_t id = row->last_attempt; id; id = out->prev) {
        sqlite3_stmt *s = database_query(
            &l->db, "SELECT prev, n, outcome, resent, price, started_at FROM attempt WHERE id = ?",
            VALUES(V_INT(id)));
        int rows = s ? database_step(&l->db, s) : l->db.error.code;
        if (rows < 0)
            return rows;
        if (rows == 0)
            break;
        *out = (struct attempt_row){.id = id,
                                    .prev = column_int(s, 0),
                                    .n = (int)column_int(s, 1),
                                    .outcome = (int)column_int(s, 2),
                                    .resent = column_int(s, 3) != 0,
                                    .price = column_int(s, 4),
                                    .started_at = column_int(s, 5)};
        database_end(s);
        if (out->n == n)
            return 0;
    }
    return database_refuse(&l->db, ERR_NOT_FOUND, "document %lld has no attempt %d in the ledger",
                           (long long)row->id, n);
}

static int load_both(struct ledger *l, int64_t document_id, int n, struct document_row *row,
                     struct attempt_row *attempt)
{
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, row);
    return err ? err : load_attempt(l, row, n, attempt);
}

static void count_outcome(struct document_row *row, int outcome, int by, int64_t price)
{
    struct charges *c = outcome == ATTEMPT_ACCEPTED                          ? &row->accepted
                        : outcome == ATTEMPT_JOB_DONE                        ? &row->done
                        : attempt_is_in_doubt((enum attempt_outcome)outcome) ? &row->doubt
                                                                             : NULL;
    if (c)
        *c = (struct charges){c->n + by, c->price + by * price};
}

static enum attempt_outcome learn(const struct attempt_row *attempt, enum attempt_outcome reported)
{
    return attempt_learn((enum attempt_outcome)attempt->outcome, reported);
}

static int change_outcome(struct ledger *l, struct document_row *row,
                          const struct attempt_row *attempt, int outcome)
{
    bool was = !attempt_is_free((enum attempt_outcome)attempt->outcome);
    bool is = !attempt_is_free((enum attempt_outcome)outcome);
    count_outcome(row, attempt->outcome, -1, attempt->price);
    count_outcome(row, outcome, 1, attempt->price);
    if (attempt->id == row->last_attempt)
        row->newest.outcome = outcome;
    return was == is ? 0
                     : spending_add(l, attempt->id, attempt->started_at,
                                    (is - was) * attempt->price * row_unit(row));
}

static void write_alias(const struct ledger *l, uint64_t nonce, int64_t document_id, int n,
                        char alias[LEDGER_ALIAS_MAX])
{
    snprintf(alias, LEDGER_ALIAS_MAX, "mb-%016" PRIx64 "-%" PRId64 "-%d", nonce ? nonce : l->id,
             document_id, n);
}

int ledger_attempt_start(struct ledger *l, int64_t document_id, struct credits price, int *attempt,
                         char alias[LEDGER_ALIAS_MAX])
{
    struct document_row before, after;
    int64_t now = ledger_now(l);
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, &before);
    if (err)
        return err;
    after = before;
    after.attempt++;
    after.accepted_at = 0;
    after.in_flight = true;
    err = spending_before_attempt(l);
    if (!err)
        err = database_run(
            &l->db,
            "INSERT INTO attempt(document, n, prev, outcome, started_at, nonce, price)"
            " VALUES(?, ?, ?, 0, ?, ?, ?)",
            VALUES(V_INT(document_id), V_INT(after.attempt), V_INT(before.last_attempt), V_INT(now),
                   V_INT((int64_t)l->nonce), V_INT(price.micro)));
    if (err)
        return err;
    after.last_attempt = sqlite3_last_insert_rowid(l->db.db);
    after.newest.known = true;
    after.newest.resent = false;
    after.newest.outcome = ATTEMPT_OPEN;
    after.newest.prev = before.last_attempt;
    after.newest.price = price.micro;
    after.newest.started_at = now;
    err = spending_add(l, after.last_attempt, now, price.micro * row_unit(&after));
    if (!err)
        err = row_save(l, &before, &after);
    if (err)
        return err;
    *attempt = after.attempt;
    write_alias(l, l->nonce, document_id, after.attempt, alias);
    return 0;
}

int ledger_attempt_end(struct ledger *l, int64_t document_id, int n, enum attempt_outcome outcome,
                       int status, const char *cause)
{
    struct document_row before, after;
    struct attempt_row attempt;
    int err = load_both(l, document_id, n, &before, &attempt);
    if (err || learn(&attempt, outcome) != outcome)
        return err;
    err = database_run(&l->db,
                       "UPDATE attempt SET outcome = ?, status = ?, cause = ?, ended_at = ?"
                       " WHERE id = ?",
                       VALUES(V_INT(outcome), V_INT(status), V_TEXT(cause), V_INT(ledger_now(l)),
                              V_INT(attempt.id)));
    if (err)
        return err;
    after = before;
    err = change_outcome(l, &after, &attempt, (int)outcome);
    return err ? err : row_save(l, &before, &after);
}

int ledger_attempt_accepted(struct ledger *l, int64_t document_id, int n, const char *job_id)
{
    struct document_row before, after;
    struct attempt_row attempt;
    if (*job_id == '\0' || strlen(job_id) >= LEDGER_JOB_ID_MAX)
        return database_refuse(&l->db, ERR_LIMIT,
                               "document %lld: a job id of %zu bytes is none that Mindee gives",
                               (long long)document_id, strlen(job_id));
    int err = load_both(l, document_id, n, &before, &attempt);
    if (err)
        return err;
    int outcome = (int)learn(&attempt, ATTEMPT_ACCEPTED);
    int64_t now = ledger_now(l);
    err = database_run(&l->db,
                       "UPDATE attempt SET outcome = ?, job_id = ?, accepted_at = ? WHERE id = ?",
                       VALUES(V_INT(outcome), V_TEXT(job_id), V_INT(now), V_INT(attempt.id)));
    if (err)
        return err;
    after = before;
    err = change_outcome(l, &after, &attempt, outcome);
    if (n == before.attempt)
        after.accepted_at = now;
    return err ? err : row_save(l, &before, &after);
}

int ledger_attempt_result_url(struct ledger *l, int64_t document_id, int n, const char *url)
{
    struct document_row row;
    struct attempt_row attempt;
    int err = load_both(l, document_id, n, &row, &attempt);
    if (!err)
        err = database_run(&l->db, "UPDATE attempt SET result_url = ? WHERE id = ?",
                           VALUES(V_TEXT(url), V_INT(attempt.id)));
    return err;
}

/* The newest attempt, up to N, that may have cost something or is counted as resent; none: its id
 * is 0. */
static int load_costly(struct ledger *l, const struct document_row *row, int n,
                       struct attempt_row *out)
{
    *out = (struct attempt_row){0};
    for (; n > 0; n--) {
        int err = load_attempt(l, row, n, out);
        if (err || out->resent || !attempt_is_free((enum attempt_outcome)out->outcome))
            return err;
    }
    *out = (struct attempt_row){0};
    return 0;
}

static int mark_resent(struct ledger *l, int64_t document_id, int n, bool resent)
{
    struct document_row before, after;
    struct attempt_row attempt;
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, &before);
    if (!err)
        err = load_costly(l, &before, n, &attempt);
    if (err || !attempt.id || attempt.resent == resent)
        return err;
    err = database_run(&l->db, "UPDATE attempt SET resent = ? WHERE id = ?",
                       VALUES(V_INT(resent), V_INT(attempt.id)));
    if (err)
        return err;
    l->totals.n[COUNT_RESENT] += resent ? 1 : -1;
    after = before;
    if (attempt.id == after.last_attempt)
        after.newest.resent = resent;
    return row_save(l, &before, &after);
}

int ledger_attempt_resent(struct ledger *l, int64_t document_id, int n)
{
    return mark_resent(l, document_id, n, true);
}

int ledger_attempt_unresent(struct ledger *l, int64_t document_id, int n)
{
    return mark_resent(l, document_id, n, false);
}

int ledger_attempt_get(struct ledger *l, int64_t document_id, int n, struct ledger_attempt *out)
{
    struct document_row row;
    struct attempt_row attempt;
    int err = row_load(l, document_id, &row);
    if (!err)
        err = load_attempt(l, &row, n, &attempt);
    if (err)
        return err;
    sqlite3_stmt *s = database_query(&l->db, "SELECT job_id, nonce FROM attempt WHERE id = ?",
                                     VALUES(V_INT(attempt.id)));
    int rows = s ? database_step(&l->db, s) : l->db.error.code;
    if (rows < 0)
        return rows;
    *out = (struct ledger_attempt){.outcome = (enum attempt_outcome)attempt.outcome,
                                   .resent = attempt.resent};
    if (rows == 1) {
        text_copy(out->job_id, sizeof out->job_id, column_text(s, 0));
        write_alias(l, (uint64_t)column_int(s, 1), document_id, n, out->alias);
        database_end(s);
    }
    return 0;
}

int ledger_find_by_job(struct ledger *l, const char *job_id, int64_t *document_id, int *attempt)
{
    if (*job_id == '\0')
        return 0;
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT document, n FROM attempt WHERE job_id = ? ORDER BY id DESC LIMIT 1",
        VALUES(V_TEXT(job_id)));
    int rows = s ? database_step(&l->db, s) : l->db.error.code;
    if (rows != 1)
        return rows;
    *document_id = column_int(s, 0);
    *attempt = (int)column_int(s, 1);
    database_end(s);
    return 1;
}

/* An alias is ours if it is, letter for letter, what we would have written. */
int ledger_find_by_alias(struct ledger *l, const char *alias, int64_t *document_id, int *attempt)
{
    int64_t id = 0;
    int n = 0;
    if (sscanf(alias, "mb-%*16[0-9a-f]-%18" SCNd64 "-%9d", &id, &n) != 2 || id <= 0 || n <= 0)
        return 0;
    struct ledger_attempt found;
    int err = ledger_attempt_get(l, id, n, &found);
    if (err)
        return err == ERR_NOT_FOUND ? 0 : err;
    if (strcmp(found.alias, alias) != 0)
        return 0;
    *document_id = id;
    *attempt = n;
    return 1;
}
