/* See checks.h. The ledger is read through its own interface where that is what is to be checked,
 * and by SQL where it would only repeat itself. */
#include "checks.h"

#include "comings.h"

#include "base/buffer.h"
#include "ledger/ledger.h"
#include "report/result_files.h"
#include "virtual_loop.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 256 };

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
    int64_t enough = 300 + 20 * requests + 12 * took_ms / 1000;
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

struct final {
    struct world *w;
    int number; /* of the ledger */
    struct ledger *ledger;
    sqlite3 *db;
    bool crashed;
    int listed[SIM_FILES_MAX];
    int64_t states[DOC_STATE_COUNT];
};

static void ledger_path(const struct world *w, int ledger, char *out, size_t size)
{
    world_output(w, ledger, out, size);
    size_t len = strlen(out);
    snprintf(out + len, size - len, "/ledger.db");
}

static sqlite3 *open_sql(const struct world *w, int ledger)
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

static sqlite3_stmt *ask(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
    sqlite3_stmt *s = NULL;
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_int64(s, 1, a);
    sqlite3_bind_int64(s, 2, b);
    return s;
}

static int64_t number(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
    sqlite3_stmt *s = ask(db, sql, a, b);
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return n;
}

/* No file is good for nothing, or changes. */
static bool all_are_good(const struct world *w)
{
    bool odd = w->scenario->mutation_count > 0 || w->scenario->comings.on;
    for (int i = 0; i < w->scenario->file_count; i++)
        odd = odd || w->scenario->files[i].kind != SIM_PDF;
    return !odd;
}

/* Trouble that passes is no reason, at any time; permissions are one while they last. */
static void check_rejected(struct world *w, sqlite3 *db)
{
    if (!all_are_good(w) || w->scenario->trouble.error == EACCES)
        return;
    if (number(db, "SELECT count(*) FROM document WHERE state = 7", 0, 0) > 0)
        world_fail(w, "good files are rejected");
}

void check_after_run(struct world *w, int ledger, struct stored_so_far *so_far)
{
    sqlite3 *db = open_sql(w, ledger);
    if (!db || number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'flight'", 0, 0) != 1) {
        sqlite3_close(db);
        return;
    }
    sqlite3_stmt *s = ask(db,
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
    if (w->scenario->comings.on)
        comings_check_after_run(w, db);
    sqlite3_close(db);
    for (int i = 0; i < SIM_DOCUMENTS_MAX; i++)
        if (so_far->stored[i] &&
            (!now.stored[i] || memcmp(so_far->digest[i], now.digest[i], SHA256_BYTES) != 0))
            world_fail(w, "document %d was stored, and %s", i,
                       now.stored[i] ? "has another result now" : "is no more");
    *so_far = now;
}

static void check_counts(struct final *f)
{
    struct ledger_counts c;
    if (ledger_counts(f->ledger, &c) < 0 || ledger_counts_check(f->ledger) < 0) {
        world_fail(f->w, "the numbers: %s", ledger_error(f->ledger)->text);
        return;
    }
    int64_t sum = 0;
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        sum += c.by_state[i];
    if (c.files != c.documents + c.duplicates || sum != c.documents)
        world_fail(f->w, "the numbers don't add up");
    memcpy(f->states, c.by_state, sizeof f->states);
    int64_t open = c.by_state[DOC_QUEUED] + c.by_state[DOC_SUBMITTING] +
                   c.by_state[DOC_PROCESSING] + c.by_state[DOC_READY];
    if (open)
        world_fail(f->w, "%" PRId64 " documents are still open at the end", open);
    int code = c.by_state[DOC_STORED] == c.documents ? 0 : 1;
    if (f->w->runs[f->number].exit_code != code)
        world_fail(f->w, "exit code %d instead of %d", f->w->runs[f->number].exit_code, code);
}

/* --- charges --- */

/* It was paid for, and the ledger knows: whatever the policy, nothing sends it again. */
static void check_unreadable(struct final *f, const struct sim_job *job)
{
    int64_t newest =
        number(f->db, "SELECT max(n) FROM attempt WHERE document = ?", job->document, 0);
    if (!job->unreadable)
        world_fail(f->w, "document %" PRId64 ", attempt %d: unreadable, and its answer wasn't",
                   job->document, job->attempt);
    if (newest != job->attempt && !f->w->doubt_retried)
        world_fail(f->w, "document %" PRId64 ": sent again after a 202 that couldn't be read",
                   job->document);
}

static void check_job(struct final *f, const struct sim_job *job)
{
    sqlite3_stmt *s = ask(f->db, "SELECT outcome, job_id FROM attempt WHERE document = ? AND n = ?",
                          job->document, job->attempt);
    enum attempt_outcome outcome = ATTEMPT_NOT_SENT;
    const char *id = NULL;
    if (sqlite3_step(s) == SQLITE_ROW) {
        outcome = (enum attempt_outcome)sqlite3_column_int(s, 0);
        id = (const char *)sqlite3_column_text(s, 1);
    }
    bool known =
        outcome == ATTEMPT_ACCEPTED || outcome == ATTEMPT_JOB_DONE || outcome == ATTEMPT_JOB_FAILED;
    if (outcome == ATTEMPT_UNREADABLE)
        check_unreadable(f, job);
    else if (job->unreadable && !known && !f->crashed)
        world_fail(f->w, "document %" PRId64 ", attempt %d: its 202 couldn't be read, outcome %d",
                   job->document, job->attempt, (int)outcome);
    else if (!known && outcome != ATTEMPT_IN_DOUBT)
        world_fail(f->w,
                   "document %" PRId64 ", attempt %d: accepted by the server, outcome %d in the "
                   "ledger",
                   job->document, job->attempt, (int)outcome);
    else if (outcome == ATTEMPT_JOB_FAILED && job->end == JOB_END_RESULT)
        world_fail(f->w, "document %" PRId64 ", attempt %d: failed in the ledger, and it didn't",
                   job->document, job->attempt);
    else if (outcome == ATTEMPT_JOB_FAILED && !id && job->told)
        ; /* a failure's webhook names no job */
    else if (known && (!id || strcmp(id, job->id) != 0))
        world_fail(f->w, "document %" PRId64 ", attempt %d: job %s in the ledger, %s at the server",
                   job->document, job->attempt, id ? id : "none", job->id);
    else if (job->answered && !known && !f->crashed)
        world_fail(f->w, "document %" PRId64 ", attempt %d: its 202 came, and it is in doubt",
                   job->document, job->attempt);
    sqlite3_finalize(s);
}

static bool lost_retried(const struct world *w)
{
    for (int i = 0; i < w->scenario->retry_count; i++)
        if (w->scenario->retries[i].lost)
            return true;
    return false;
}

static void check_document_charges(struct final *f, int64_t document)
{
    int accepted = 0, charged = 0;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        accepted += sim_job_is_of(job, f->number, document);
        charged += sim_job_is_of(job, f->number, document) && job->end == JOB_END_RESULT;
    }
    int64_t resent = number(
        f->db, "SELECT coalesce(sum(resent), 0) FROM attempt WHERE document = ?", document, 0);
    int64_t failed = number(
        f->db, "SELECT count(*) FROM attempt WHERE document = ? AND outcome = 6", document, 0);
    if (charged > 1 + resent || accepted > 1 + resent + failed)
        world_fail(f->w,
                   "document %" PRId64 ": accepted %d times, charged %d times; %" PRId64
                   " resent, %" PRId64 " jobs failed",
                   document, accepted, charged, resent, failed);
    if (f->w->scenario->hold && resent && !f->w->doubt_retried && !lost_retried(f->w))
        world_fail(f->w, "document %" PRId64 " was resent in spite of hold", document);
}

/* The ledger has it as accepted, and nobody asked what became of it: the document was settled by
 * another attempt. */
static bool is_left_unasked(struct final *f, const struct sim_job *job)
{
    return number(f->db,
                  "SELECT count(*) FROM attempt WHERE document = ? AND n = ? AND outcome = 4",
                  job->document, job->attempt) > 0;
}

/* Credits are what is known; pages_out what is not known to be free: attempts in doubt, and those
 * before a resend whose job was gone. Of a job that nobody asks for any more it isn't known whether
 * it failed: it counts as charged. */
static void check_credits(struct final *f, int64_t charged, int64_t unasked)
{
    struct ledger_counts c;
    if (f->w->scenario->count_pages || ledger_counts(f->ledger, &c) < 0)
        return; /* what isn't known counts as one page */
    if (c.credits + c.pages_out < charged)
        world_fail(f->w, "%" PRId64 " credits known, %" PRId64 " out, and %" PRId64 " charged",
                   c.credits, c.pages_out, charged);
    if (c.credits > charged + unasked && !f->w->scenario->faults.expiry_ms)
        world_fail(f->w, "%" PRId64 " credits in the ledger, and only %" PRId64 " charged",
                   c.credits, charged);
}

/* Between two retries of a person's, or before the first. What wasn't sent after all (its file was
 * gone) doesn't count, and leaves its event. */
static void check_resends(struct final *f)
{
    int64_t most = number(f->db,
                          "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM event e"
                          " WHERE e.kind = ?1 AND e.became = 0 GROUP BY e.document,"
                          " (SELECT count(*) FROM event r WHERE r.document = e.document"
                          "  AND r.kind = ?2 AND r.id < e.id))",
                          EV_RESEND, EV_RETRY);
    if (most > f->w->scenario->max_resends && all_are_good(f->w))
        world_fail(f->w, "a document in doubt was sent again %" PRId64 " times; at most %d", most,
                   f->w->scenario->max_resends);
}

static void check_charges(struct final *f)
{
    check_resends(f);
    int64_t charged = 0, unasked = 0;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (job->ledger != f->number)
            continue;
        check_job(f, job);
        check_document_charges(f, job->document);
        if (job->end == JOB_END_RESULT)
            charged += scenario_pages(f->w->scenario, job->content);
        else
            unasked += is_left_unasked(f, job);
    }
    check_credits(f, charged, unasked);
}

/* Each payload that is kept is under the document that was sent for it; what is kept for want of
 * one was never ours. */
static void check_payloads(struct final *f)
{
    sqlite3_stmt *s = ask(f->db,
                          "SELECT document, bytes ->> '$.inference.job.id' FROM result"
                          " UNION ALL SELECT 0, job_id FROM orphan WHERE job_id IS NOT NULL",
                          0, 0);
    while (sqlite3_step(s) == SQLITE_ROW) {
        int64_t document = sqlite3_column_int64(s, 0);
        const char *id = (const char *)sqlite3_column_text(s, 1);
        const struct sim_job *job = server_job(f->w, id ? id : "");
        if (document && (!job || !sim_job_is_of(job, f->number, document)))
            world_fail(f->w, "document %" PRId64 " has the result of job %s, of document %" PRId64,
                       document, id ? id : "none", job ? job->document : 0);
        if (!document && job && job->ledger == f->number)
            world_fail(f->w, "the webhook of job %s, document %" PRId64 ", is nobody's", id,
                       job->document);
    }
    sqlite3_finalize(s);
}

/* --- each file and its document. A path's earlier files have names of their own --- */

static bool job_can_be_lost(const struct final *f, int64_t document)
{
    const struct sim_faults *faults = &f->w->scenario->faults;
    if (faults->expiry_ms)
        return true;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (sim_job_is_of(job, f->number, document) && job->deleted && (job->spoiled || f->crashed))
            return true;
    }
    return false;
}

/* What is held for a doubt is doubtful; or its bytes are gone, and it may have been paid for. */
static void check_doubt(struct final *f, const struct ledger_listing *row)
{
    if (row->state != DOC_IN_DOUBT || !all_are_good(f->w))
        return;
    if (number(f->db, "SELECT count(*) FROM attempt WHERE document = ? AND outcome IN (3, 7, 8)",
               row->document_id, 0) == 0)
        world_fail(f->w, "%s is in doubt, and everything is known of its attempts", row->name);
}

static void check_bad_end(struct final *f, const struct ledger_listing *row)
{
    const struct sim_faults *x = &f->w->scenario->faults;
    bool may_fail = x->refused_file > 0 || x->job_422 > 0 || x->invalid_result > 0 ||
                    x->foreign_result > 0 || x->foreign_url > 0 || x->result_garbage > 0 ||
                    x->own_5xx > 0 || x->job_500 > 0;
    for (int i = 0; i < x->outage_count; i++)
        may_fail = may_fail || x->outages[i].kind == OUTAGE_503;
    if (row->state == DOC_FAILED && !may_fail)
        world_fail(f->w, "%s failed without a reason: %s", row->name, row->detail);
    if (row->state == DOC_LOST && !job_can_be_lost(f, row->document_id))
        world_fail(f->w, "%s is lost, and needn't be (%s)", row->name, row->detail);
    if (row->state == DOC_REJECTED && all_are_good(f->w))
        world_fail(f->w, "%s is rejected without a reason: %s", row->name, row->detail);
    check_doubt(f, row);
    bool unreadable =
        number(f->db, "SELECT count(*) FROM attempt WHERE document = ? AND outcome = 7",
               row->document_id, 0) > 0;
    bool gone = !all_are_good(f->w); /* its bytes may be */
    if (row->state == DOC_IN_DOUBT && !f->w->scenario->hold && !unreadable && !gone &&
        number(f->db, "SELECT sum(resent) FROM attempt WHERE document = ?", row->document_id, 0) <
            f->w->scenario->max_resends)
        world_fail(f->w, "%s is held in doubt, and the policy is to send it again", row->name);
}

static void read_file(const char *path, struct buffer *out)
{
    char block[4096];
    size_t n;
    FILE *f = fopen(path, "re");
    while (f && (n = fread(block, 1, sizeof block, f)) > 0)
        REQUIRE(buffer_append(out, block, n) == 0);
    if (f)
        fclose(f);
}

/* The bytes are those that the server made for one of the document's own jobs. */
static void check_stored(struct final *f, const struct ledger_listing *row, int content)
{
    struct buffer bytes, file, path;
    char expected[1024], output[PATH_ROOM];
    world_output(f->w, f->number, output, sizeof output);
    buffer_init(&bytes, 0);
    buffer_init(&file, 0);
    buffer_init(&path, 0);
    if (ledger_result_get(f->ledger, row->document_id, &bytes) < 0)
        world_fail(f->w, "%s: %s", row->name, ledger_error(f->ledger)->text);
    bool found = false;
    for (int i = 0; i < f->w->job_count && !found; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (!sim_job_is_of(job, f->number, row->document_id) || !job->served)
            continue;
        int len = server_result(f->w, job, expected, sizeof expected);
        found = bytes.len == (size_t)len && memcmp(bytes.data, expected, bytes.len) == 0 &&
                (content < 0 || job->content == content);
    }
    if (!found)
        world_fail(f->w, "%s: its result is none that the server gave for it", row->name);
    buffer_printf(&path, "%s/results/", output);
    result_file_name(&path, row->name);
    read_file(buffer_text(&path), &file);
    if (!row->projected || file.len != bytes.len || memcmp(file.data, bytes.data, file.len) != 0)
        world_fail(f->w, "%s: its result file isn't what the ledger has", row->name);
    buffer_release(&bytes);
    buffer_release(&file);
    buffer_release(&path);
}

static int check_coming(struct final *f, const struct ledger_listing *row)
{
    if (row->state != DOC_STORED)
        check_bad_end(f, row);
    else if (*row->name)
        check_stored(f, row, -1);
    comings_check_row(f->w, row);
    return 0;
}

static int check_row(void *ctx, const struct ledger_listing *row)
{
    struct final *f = ctx;
    if (f->w->scenario->comings.on)
        return check_coming(f, row);
    const char *base = strrchr(row->path, '/');
    int file = base ? atoi(base + 2) : -1;
    REQUIRE(file >= 0 && file < f->w->scenario->file_count);
    bool earlier = !*row->name || strstr(row->name, " (replaced") != NULL;
    f->listed[file] += !earlier;
    if (row->state == DOC_STORED)
        check_stored(f, row, earlier || f->w->vanished[file] ? -1 : f->w->content[file]);
    else
        check_bad_end(f, row);
    return 0;
}

/* Of the files that the ledger's runs read, each is in one place. */
static void check_places(struct final *f)
{
    const struct world *w = f->w;
    for (int i = 0; i < w->scenario->file_count; i++) {
        bool own = (w->scenario->files[i].settings == SIM_BESIDE) == (f->number > 0);
        if (f->listed[i] > own || (own && !f->listed[i] && !w->vanished[i]))
            world_fail(f->w, "file %d is in %d places", i, f->listed[i]);
    }
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
    f.db = open_sql(w, ledger);
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
