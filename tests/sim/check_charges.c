/* See check_ledger.h: what was sent and charged, off the server's own record. */
#include "check_ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* It was paid for, and the ledger knows: whatever the policy, nothing sends it again. */
static void check_unreadable(struct final *f, const struct sim_job *job)
{
    int64_t newest =
        check_number(f->db, "SELECT max(n) FROM attempt WHERE document = ?", job->document, 0);
    if (!job->unreadable)
        world_fail(f->w, "document %" PRId64 ", attempt %d: unreadable, and its answer wasn't",
                   job->document, job->attempt);
    if (newest != job->attempt && !f->w->doubt_retried)
        world_fail(f->w, "document %" PRId64 ": sent again after a 202 that couldn't be read",
                   job->document);
}

static void check_job(struct final *f, const struct sim_job *job)
{
    sqlite3_stmt *s =
        check_ask(f->db, "SELECT outcome, job_id FROM attempt WHERE document = ? AND n = ?",
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
    else if (!known && !attempt_is_in_doubt(outcome))
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

/* What a former life sent under the same content: none of it is sent again uncounted. */
static bool former_life_sent(const struct final *f, const struct sim_job *job)
{
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *former = &f->w->jobs[i];
        if (former->forgotten && former->ledger == job->ledger && former->content == job->content &&
            former->settings == job->settings && former->end == JOB_END_RESULT)
            return true;
    }
    return false;
}

/* Since the ledger was put back: how often the document of JOB was accepted. A file that came later
 * is sent as any other. */
static int accepted_since(const struct final *f, const struct sim_job *job)
{
    const struct world *w = f->w;
    int since = 0;
    for (int i = 0; i < w->job_count; i++)
        since += sim_job_is_of(&w->jobs[i], f->number, job->document) &&
                 w->jobs[i].accepted_ms >= w->lives.restored_ms;
    for (int i = 0; i < w->scenario->file_count; i++)
        if (w->scenario->files[i].comes == ONCE_RESTORED && w->content[i] == job->content)
            return 0;
    return since;
}

static void check_former_lives(struct final *f, const struct sim_job *job, int64_t counted)
{
    const struct sim_lives *l = &f->w->lives;
    bool comes_again =
        f->w->scenario->comings.on; /* each upload's own file is looked at (lives.h) */
    if (f->number || !l->restored_ms || l->asked_more || comes_again || !former_life_sent(f, job))
        return;
    int since = accepted_since(f, job);
    if (since > counted)
        world_fail(f->w,
                   "document %" PRId64 ": a former life sent it, and since then it was accepted %d "
                   "times; only %" PRId64 " are counted",
                   job->document, since, counted);
}

static void check_document_charges(struct final *f, const struct sim_job *of)
{
    int64_t document = of->document;
    int accepted = 0, charged = 0;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        accepted += sim_job_is_of(job, f->number, document);
        charged += sim_job_is_of(job, f->number, document) && job->end == JOB_END_RESULT;
    }
    int64_t resent = check_number(
        f->db, "SELECT coalesce(sum(resent), 0) FROM attempt WHERE document = ?", document, 0);
    int64_t failed = check_number(
        f->db, "SELECT count(*) FROM attempt WHERE document = ? AND outcome = 6", document, 0);
    if (charged > 1 + resent || accepted > 1 + resent + failed)
        world_fail(f->w,
                   "document %" PRId64 ": accepted %d times, charged %d times; %" PRId64
                   " resent, %" PRId64 " jobs failed",
                   document, accepted, charged, resent, failed);
    check_former_lives(f, of, resent + failed);
    if (f->w->scenario->hold && resent && !f->w->doubt_retried && !lost_retried(f->w))
        world_fail(f->w, "document %" PRId64 " was resent in spite of hold", document);
}

/* The ledger has it as accepted, and nobody asked what became of it: the document was settled by
 * another attempt. */
static bool is_left_unasked(struct final *f, const struct sim_job *job)
{
    return check_number(f->db,
                        "SELECT count(*) FROM attempt WHERE document = ? AND n = ? AND outcome = 4",
                        job->document, job->attempt) > 0;
}

/* Credits are what is known; credits_out what is not known to be free: attempts in doubt, and those
 * before a resend whose job was gone. Of a job that nobody asks for any more it isn't known whether
 * it failed: it counts as charged. */
static void check_credits(struct final *f, int64_t charged, int64_t unasked)
{
    struct ledger_counts c;
    if (f->w->scenario->count_pages || ledger_counts(f->ledger, &c) < 0)
        return; /* what isn't known counts as one page */
    int64_t page = f->number ? CREDIT_MICROS : f->w->scenario->price_tenths * (CREDIT_MICROS / 10);
    int64_t credits = c.credits.micro / page, out = c.credits_out.micro / page;
    if (credits + out < charged)
        world_fail(f->w, "%" PRId64 " credits known, %" PRId64 " out, and %" PRId64 " charged",
                   credits, out, charged);
    if (credits > charged + unasked && !f->w->scenario->faults.expiry_ms)
        world_fail(f->w, "%" PRId64 " credits in the ledger, and only %" PRId64 " charged", credits,
                   charged);
}

_Static_assert(EV_SOURCE_GONE == 10, "as in check_resends");

/* Between two retries of a person's, or before the first. A resend that is taken back, because its
 * file can't be read, isn't one. */
static void check_resends(struct final *f)
{
    int64_t most =
        check_number(f->db,
                     "SELECT coalesce(max(n), 0) FROM (SELECT sum((e.kind = ?1 AND e.became = 0)"
                     "  - (e.kind = 10 AND e.became = 2)) AS n"
                     " FROM event e GROUP BY e.document,"
                     " (SELECT count(*) FROM event r WHERE r.document = e.document"
                     "  AND r.kind = ?2 AND r.id < e.id))",
                     EV_RESEND, EV_RETRY);
    if (most > f->w->scenario->max_resends)
        world_fail(f->w, "a document in doubt was sent again %" PRId64 " times; at most %d", most,
                   f->w->scenario->max_resends);
}

/* Whose job was gone, or failed, after a person asked for it again: it is sent, whichever run goes
 * on with it. */
static void check_asked_for(struct final *f)
{
    static const char left[] =
        "SELECT coalesce(min(d.id), 0) FROM document d JOIN event l ON l.id = d.last_event"
        " WHERE d.state IN (6, 8) AND l.kind IN (?1, 14, 20)"
        " AND (SELECT max(e.id) FROM event e WHERE e.document = d.id AND e.kind = ?2) >"
        "  (SELECT max(e.id) FROM event e WHERE e.document = d.id AND e.kind IN (0, 6, 25))";
    _Static_assert(EV_JOB_FAILED == 14 && EV_RESULT_GONE == 20 && EV_ADMIT == 0 &&
                       EV_ACCEPTED == 6 && EV_RESTORED == 25,
                   "as in the statement");
    int64_t document = check_number(f->db, left, EV_JOB_GONE, EV_RETRY);
    if (document)
        world_fail(f->w, "document %" PRId64 " was asked for again, and that is forgotten",
                   document);
}

/* Whatever becomes of its file, and of its name. */
static void check_counted(struct final *f, const struct sim_job *job)
{
    if (check_number(f->db, "SELECT files FROM main.document WHERE id = ?", job->document, 0) < 1)
        world_fail(f->w, "document %" PRId64 " was sent, and isn't counted any more",
                   job->document);
}

void check_charges(struct final *f)
{
    check_asked_for(f);
    check_resends(f);
    int64_t charged = 0, unasked = 0;
    for (int i = 0; i < f->w->job_count; i++) {
        const struct sim_job *job = &f->w->jobs[i];
        if (job->ledger != f->number || job->forgotten)
            continue;
        check_job(f, job);
        check_counted(f, job);
        check_document_charges(f, job);
        if (job->end == JOB_END_RESULT)
            charged += scenario_pages(f->w->scenario, job->content);
        else
            unasked += is_left_unasked(f, job);
    }
    check_credits(f, charged, unasked);
}

void check_payloads(struct final *f)
{
    sqlite3_stmt *s = check_ask(f->db,
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
        if (!document && job && job->ledger == f->number && !job->forgotten)
            world_fail(f->w, "the webhook of job %s, document %" PRId64 ", is nobody's", id,
                       job->document);
    }
    sqlite3_finalize(s);
}
