/* See restored.h. A document that is held gets an attempt of the outcome ATTEMPT_FORGOTTEN, the one
 * that it may have had after the backup: it counts among the credits at risk, and sending it again
 * counts as resent. One whose newest attempt is in doubt needs no other.
 *
 * The attempts that were forgotten are kept as a number (COUNT_FORGOTTEN), so that the ledger comes
 * out ahead of every other copy of itself: those are then noticed in their turn.
 *
 * Files that came after the backup, and were sent, aren't in it at all: the time of the restoring is
 * kept (COUNT_RESTORED), and what was there before it is held when it is found.
 *
 * Names may have gone over to other files after the backup, and so what stands under them, even if
 * nothing was sent: the next run writes all that it has again. */
#include "ledger/restored.h"

#include "ledger/spending_internal.h"

#include "base/random.h"

int ledger_attempts(struct ledger *l, int64_t *attempts)
{
    int64_t newest = 0;
    int n = database_number(&l->db, "SELECT coalesce(max(id), 0) FROM attempt", NO_VALUES, &newest);
    *attempts = newest + l->totals.n[COUNT_FORGOTTEN];
    return n < 0 ? n : 0;
}

enum { IS_COPY = 1, PUT_BACK = 2 };

bool ledger_is_copy(const struct ledger *l)
{
    return l->totals.n[COUNT_COPY] == IS_COPY;
}

bool ledger_was_put_back(const struct ledger *l)
{
    return l->totals.n[COUNT_COPY] == PUT_BACK || l->totals.n[COUNT_RESTORED] != 0;
}

int ledger_go_on(struct ledger *l)
{
    int err = ledger_write(l);
    if (!err && ledger_is_copy(l))
        err = projections_want_all(l);
    if (!err)
        l->totals.n[COUNT_COPY] = PUT_BACK;
    return err;
}

/* None: as it is by default. */
static int price_of(struct ledger *l, int64_t attempt, int64_t *price)
{
    *price = CREDIT_MICROS;
    return database_number(&l->db, "SELECT price FROM attempt WHERE id = ?", VALUES(V_INT(attempt)),
                           price);
}

static int add_forgotten(struct ledger *l, struct document_row *row)
{
    struct random random;
    random_init_system(&random);
    int64_t nonce = (int64_t)(random_u64(&random) | 1); /* an alias that nobody ever sent */
    int64_t now = ledger_now(l), price;
    int err = price_of(l, row->last_attempt, &price);
    if (err >= 0)
        err = database_run(
            &l->db,
            "INSERT INTO attempt(document, n, prev, outcome, cause, started_at,"
            " ended_at, nonce, price) VALUES(?1, ?2, ?3, ?4, 'restored', ?5, ?5, ?6, ?7)",
            VALUES(V_INT(row->id), V_INT(row->attempt + 1), V_INT(row->last_attempt),
                   V_INT(ATTEMPT_FORGOTTEN), V_INT(now), V_INT(nonce), V_INT(price)));
    if (err)
        return err;
    row->attempt++;
    row->last_attempt = sqlite3_last_insert_rowid(l->db.db);
    row->doubt = (struct charges){row->doubt.n + 1, row->doubt.price + price};
    return spending_add(l, row->last_attempt, now, price * row_unit(row));
}

static int forget_newest(struct ledger *l, struct document_row *row, bool counted)
{
    int64_t price = 0;
    int n = counted ? 1 : price_of(l, row->last_attempt, &price);
    if (n < 0)
        return n;
    row->doubt = (struct charges){row->doubt.n + !counted, row->doubt.price + price};
    return database_run(
        &l->db,
        "UPDATE attempt SET outcome = ?, cause = 'restored', ended_at = ?"
        " WHERE id = ?",
        VALUES(V_INT(ATTEMPT_FORGOTTEN), V_INT(ledger_now(l)), V_INT(row->last_attempt)));
}

/* ROW, which is to be saved after, may have had an attempt that nobody remembers: its newest one, if
 * that is in doubt and wasn't given up for another, else one more. */
static int put_forgotten(struct ledger *l, struct document_row *row)
{
    int64_t outcome = ATTEMPT_ANSWERED, resent = 0;
    int n = database_number(&l->db, "SELECT outcome FROM attempt WHERE id = ?",
                            VALUES(V_INT(row->last_attempt)), &outcome);
    if (n >= 0)
        n = database_number(&l->db, "SELECT resent FROM attempt WHERE id = ?",
                            VALUES(V_INT(row->last_attempt)), &resent);
    row->newest.known = false;
    if (n < 0)
        return n;
    bool in_doubt = outcome == ATTEMPT_IN_DOUBT;
    if (!resent && (outcome == ATTEMPT_UNREADABLE || outcome == ATTEMPT_FORGOTTEN))
        return 0;
    if (!resent && (in_doubt || outcome == ATTEMPT_OPEN))
        return forget_newest(l, row, in_doubt);
    return add_forgotten(l, row);
}

static int hold(struct ledger *l, int64_t id, struct ledger_held *out)
{
    static const struct doc_event restored = {.kind = EV_RESTORED, .retry_after_ms = -1};
    static const struct doc_policy any;
    struct document_row before, after;
    struct doc_step step;
    int err = row_load(l, id, &before);
    if (err)
        return err;
    struct document d = {.state = (enum doc_state)before.state, .attempts = before.attempts};
    REQUIRE(document_step(&d, &restored, &any, (struct mono){0}, &step));
    after = before;
    after.state = (int)step.state;
    after.attempts = step.next.attempts;
    after.in_flight = state_has_flight(step.state);
    if (step.next.unreadable)
        err = put_forgotten(l, &after);
    if (!err)
        err = row_event(l, &after, d.state, EV_RESTORED, after.attempt, "restored");
    if (!err)
        err = row_save(l, &before, &after);
    if (step.state == DOC_IN_DOUBT)
        out->in_doubt++;
    else
        out->jobs++;
    return err;
}

/* All that are queued: each leaves the queue. */
static int hold_queued(struct ledger *l, struct ledger_held *out)
{
    int64_t id;
    int n;
    while ((n = database_number(&l->db, "SELECT document FROM queue LIMIT 1", NO_VALUES, &id)) ==
           1) {
        int err = hold(l, id, out);
        if (err)
            return err;
    }
    return n;
}

static int hold_in_flight(struct ledger *l, struct ledger_held *out)
{
    int64_t id = 0;
    int n;
    while ((n = database_number(&l->db,
                                "SELECT document FROM flight WHERE document > ?"
                                " ORDER BY document LIMIT 1",
                                VALUES(V_INT(id)), &id)) == 1) {
        int err = hold(l, id, out);
        if (err)
            return err;
    }
    return n;
}

struct wall ledger_restored_at(const struct ledger *l)
{
    return (struct wall){l->totals.n[COUNT_RESTORED]};
}

/* ?2: the time of the restoring. What was held since has the outcome ?3. */
/* clang-format off */
static const char nothing_since[] =
    "SELECT 1 FROM " LIFE DOCUMENT_ATTEMPT " LEFT JOIN event e ON e.id = " LIFE_OF("last_event")
    " WHERE d.id = ?1"
    " AND (a.id IS NULL OR (a.outcome <> ?3 AND max(a.started_at, a.ended_at) < ?2))"
    " AND (e.id IS NULL OR e.kind <> " EVENT_RETRY " OR e.cause <> 'retry' OR e.at < ?2)";
/* clang-format on */

int ledger_may_be_forgotten(struct ledger *l, int64_t document_id)
{
    int64_t restored_ms = l->totals.n[COUNT_RESTORED], found;
    if (restored_ms == 0)
        return 0;
    return database_number(&l->db, nothing_since,
                           VALUES(V_INT(document_id), V_INT(restored_ms), V_INT(ATTEMPT_FORGOTTEN)),
                           &found);
}

int ledger_hold_restored(struct ledger *l, int64_t remembered, struct ledger_held *out)
{
    int64_t had = 0;
    *out = (struct ledger_held){0};
    int err = ledger_go_on(l);
    if (!err)
        err = projections_want_all(l);
    if (!err)
        err = ledger_attempts(l, &had);
    if (!err) {
        out->missing = remembered < 0 ? -1 : remembered > had ? remembered - had : 0;
        if (out->missing != 0)
            l->totals.n[COUNT_RESTORED] = ledger_now(l);
    }
    if (!err) /* first: what is queued is in flight after */
        err = hold_in_flight(l, out);
    if (!err)
        err = hold_queued(l, out);
    if (!err)
        err = ledger_attempts(l, &had);
    if (!err && remembered >= had)
        l->totals.n[COUNT_FORGOTTEN] += remembered - had + 1;
    return err;
}
