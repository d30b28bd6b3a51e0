/* See checks.h. The ledger is read through its own interface where that is what is to be checked,
 * and by SQL where it would only repeat itself. */
#include "budgets.h"
#include "check_ledger.h"

#include "comings.h"
#include "scheduled.h"

#include "ledger/billing.h"
#include "ledger/listing.h"
#include "virtual_loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- windows --- */

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void check_window(struct world *w, const int64_t *times, int count, int limit,
                         const char *what)
{
    if (!limit || !count)
        return;
    int64_t *sorted = xcalloc((size_t)count, sizeof *sorted);
    memcpy(sorted, times, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_times);
    for (int i = 0; i + limit < count; i++)
        if (sorted[i + limit] - sorted[i] < SIM_KEY_WINDOW_MS) {
            world_fail(w, "over %d %ss in the minute from %" PRId64 " ms", limit, what,
                       sorted[i] - VIRTUAL_MONO_START_MS);
            break;
        }
    free(sorted);
}

void check_windows(struct world *w)
{
    const struct scenario *s = w->scenario;
    check_window(w, w->post_ms, w->post_count, s->post_per_minute, "POST");
    check_window(w, w->get_ms, w->get_count, s->get_per_minute, "GET");
    if (w->answered_429 && s->faults.shared <= 0 && s->faults.spurious_429 <= 0)
        world_fail(w, "%d times over the limit, and nobody else uses the key", w->answered_429);
}

void check_steps(struct world *w, int64_t steps, int requests, int64_t took_ms)
{
    int64_t enough = 100 + 20 * requests + 12 * took_ms / 1000;
    if (steps > enough)
        world_fail(w, "%" PRId64 " steps for %d requests in %" PRId64 " ms; %" PRId64 " are enough",
                   steps, requests, took_ms, enough);
}

void check_makespan(struct world *w, int64_t took_ms)
{
    const struct scenario *s = w->scenario;
    int64_t n = w->job_count, longest = 0;
    for (int i = 0; i < w->job_count; i++) {
        int64_t own = w->jobs[i].done_ms - w->jobs[i].accepted_ms;
        longest = own > longest ? own : longest;
    }
    /* Uploads, one after the other; the last job; its polls; stalls. */
    bool gets_are_scarce = s->get_per_minute && s->get_per_minute < 1200;
    int64_t bound = 10000 + longest + (n / s->uploads + 4) * 2 * (s->latency_ms + 10);
    if (s->post_per_minute)
        bound += ((n - 1) / s->post_per_minute + s->even) * 61500;
    if (gets_are_scarce)
        bound += longest + (3 * n / s->get_per_minute + 1) * 62000;
    if (took_ms > bound)
        world_fail(w, "nothing went wrong, and it took %" PRId64 " ms; %" PRId64 " are enough",
                   took_ms, bound);
}

/* --- the ledger --- */

static void ledger_path(const struct world *w, int ledger, char *out, size_t size)
{
    world_output(w, ledger, out, size);
    size_t len = strlen(out);
    snprintf(out + len, size - len, "/ledger.db");
}

sqlite3 *check_open(const struct world *w, int ledger)
{
    char path[PATH_ROOM];
    sqlite3 *db = NULL;
    ledger_path(w, ledger, path, sizeof path);
    if (access(path, F_OK) != 0)
        return NULL;
    REQUIRE(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    /* It may not have been made yet. */
    char *attach = sqlite3_mprintf("ATTACH '%q.files' AS book", path);
    sqlite3_exec(db, attach, NULL, NULL, NULL);
    sqlite3_free(attach);
    return db;
}

sqlite3_stmt *check_ask(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
    sqlite3_stmt *s = NULL;
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_int64(s, 1, a);
    sqlite3_bind_int64(s, 2, b);
    return s;
}

int64_t check_number(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
    sqlite3_stmt *s = check_ask(db, sql, a, b);
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return n;
}

bool check_all_are_good(const struct world *w)
{
    bool odd = w->scenario->mutation_count > 0 || w->scenario->comings.on;
    for (int i = 0; i < w->scenario->file_count; i++)
        odd = odd || w->scenario->files[i].kind != SIM_PDF;
    return !odd;
}

/* Trouble that passes is no reason, at any time; permissions are one while they last. */
static void check_rejected(struct world *w, sqlite3 *db)
{
    if (!check_all_are_good(w) || w->scenario->trouble.error == EACCES)
        return;
    if (check_number(db, "SELECT count(*) FROM document WHERE state = 7", 0, 0) > 0)
        world_fail(w, "good files are rejected");
}

void check_after_run(struct world *w, int ledger, struct stored_so_far *so_far)
{
    sqlite3 *db = check_open(w, ledger);
    if (!db ||
        check_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'flight'", 0, 0) != 1) {
        sqlite3_close(db);
        return;
    }
    sqlite3_stmt *s =
        check_ask(db,
                  "SELECT d.id, r.sha256 FROM document d LEFT JOIN flight w ON w.document ="
                  " d.id JOIN result r ON r.id = coalesce(w.result, d.result)"
                  " WHERE coalesce(w.state, d.state) = 5",
                  0, 0);
    struct stored_so_far now = {0};
    while (sqlite3_step(s) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(s, 0);
        REQUIRE(id > 0 && id < SIM_DOCUMENTS_MAX);
        now.stored[id] = true;
        memcpy(now.digest[id], sqlite3_column_blob(s, 1), SHA256_BYTES);
    }
    sqlite3_finalize(s);
    check_rejected(w, db);
    if (!ledger)
        budgets_check_after_run(w, db);
    if (w->scenario->comings.on) {
        comings_check_after_run(w, db);
        scheduled_check_after_run(w, db);
    }
    sqlite3_close(db);
    for (int i = 0; i < SIM_DOCUMENTS_MAX; i++)
        if (so_far->stored[i] &&
            (!now.stored[i] || memcmp(so_far->digest[i], now.digest[i], SHA256_BYTES) != 0))
            world_fail(w, "document %d was stored, and %s", i,
                       now.stored[i] ? "has another result now" : "is no more");
    *so_far = now;
}

static int add_bill(void *ctx, const struct bill_line *line)
{
    bill_add(ctx, &line->bill);
    return 0;
}

/* Upload by upload it is what the counters say. */
static void check_bill(struct final *f, const struct ledger_counts *c)
{
    struct bill sum = {0};
    if (ledger_billing(f->ledger, credits_of(1), add_bill, &sum) < 0)
        world_fail(f->w, "the bill: %s", ledger_error(f->ledger)->text);
    else if (sum.confirmed.micro != c->credits.micro ||
             sum.at_risk.micro != c->credits_at_risk.micro || sum.documents != c->documents)
        world_fail(f->w,
                   "the bill has %" PRId64 " millionths of a credit and %" PRId64
                   " at risk, the numbers say %" PRId64 " and %" PRId64,
                   sum.confirmed.micro, sum.at_risk.micro, c->credits.micro,
                   c->credits_at_risk.micro);
}

static void check_counts(struct final *f)
{
    struct ledger_counts c;
    if (ledger_counts(f->ledger, &c) < 0 || ledger_counts_check(f->ledger) < 0) {
        world_fail(f->w, "the numbers: %s", ledger_error(f->ledger)->text);
        return;
    }
    int64_t sum = c.dismissed;
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        sum += c.by_state[i];
    if (c.files != c.documents + c.duplicates || sum != c.documents)
        world_fail(f->w, "the numbers don't add up");
    check_bill(f, &c);
    memcpy(f->states, c.by_state, sizeof f->states);
    int64_t open = c.by_state[DOC_QUEUED] + c.by_state[DOC_SUBMITTING] +
                   c.by_state[DOC_PROCESSING] + c.by_state[DOC_READY];
    if (open)
        world_fail(f->w, "%" PRId64 " documents are still open at the end", open);
    int code = c.by_state[DOC_STORED] + c.dismissed == c.documents ? 0 : 1;
    if (f->w->runs[f->number].exit_code != code)
        world_fail(f->w, "exit code %d instead of %d", f->w->runs[f->number].exit_code, code);
}
void check_at_end(struct world *w, int ledger, bool crashed)
{
    char path[PATH_ROOM];
    struct error e;
    struct final f = {.w = w, .number = ledger, .crashed = crashed};
    ledger_path(w, ledger, path, sizeof path);
    struct virtual_clock clock;
    virtual_clock_init(&clock, &w->mono_ms);
    struct ledger_options o = {.path = path, .read_only = true, .clock = &clock.clock};
    if (ledger_open(&f.ledger, &o, &e) < 0) {
        world_fail(w, "the ledger: %s", e.text);
        return;
    }
    f.db = check_open(w, ledger);
    check_counts(&f);
    check_charges(&f);
    check_payloads(&f);
    if (ledger_list(f.ledger, false, check_row, &f) < 0)
        world_fail(w, "the listing: %s", ledger_error(f.ledger)->text);
    check_places(&f);
    if (w->scenario->comings.on)
        comings_check_at_end(w, f.db);
    sqlite3_close(f.db);
    ledger_close(f.ledger);
}

void check_none_in_doubt(struct world *w)
{
    sqlite3 *db = check_open(w, 0);
    int64_t left = check_number(
        db,
        "SELECT count(*) FROM flight w JOIN document d ON d.id = w.document WHERE w.state = 2 AND NOT d.dismissed",
        0, 0);
    sqlite3_close(db);
    if (left > 0 && check_all_are_good(w))
        world_fail(w, "%" PRId64 " documents are in doubt after `retry --in-doubt`", left);
}
