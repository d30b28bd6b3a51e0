/* See promises.h. What is known is what is durable: a crash may come next. */
#include "promises.h"

#include <string.h>

static const char *const outcome_names[] = {
    [ATTEMPT_OPEN] = "open",         [ATTEMPT_NOT_SENT] = "not sent",
    [ATTEMPT_ANSWERED] = "refused",  [ATTEMPT_IN_DOUBT] = "in doubt",
    [ATTEMPT_ACCEPTED] = "accepted", [ATTEMPT_JOB_DONE] = "done",
    [ATTEMPT_JOB_FAILED] = "failed", [ATTEMPT_UNREADABLE] = "unreadable",
};

/* The record of what Mindee took says so, or that nobody knows. */
static void check_record(const struct life *l, int attempt, struct complaint *c)
{
    const struct record *r = &l->ledger.records[attempt - 1];
    uint8_t job = l->outside[attempt - 1].job;
    bool failed = job == JOB_FAILED_422 || job == JOB_FAILED_500;
    bool counted = false;
    switch ((enum attempt_outcome)r->outcome) {
    case ATTEMPT_OPEN: /* the next run makes it a doubt, if it is the document's own */
        counted = l->ledger.state == DOC_SUBMITTING && attempt == l->ledger.attempt;
        break;
    case ATTEMPT_NOT_SENT:
    case ATTEMPT_ANSWERED:
        break;
    case ATTEMPT_IN_DOUBT:
    case ATTEMPT_ACCEPTED:
    case ATTEMPT_UNREADABLE:
    case ATTEMPT_FORGOTTEN:
        counted = true;
        break;
    case ATTEMPT_JOB_DONE:
        counted = true;
        if (!job_is_charged(job))
            complain(c, "attempt %d is on record as done, and isn't", attempt);
        break;
    case ATTEMPT_JOB_FAILED:
        if (!failed)
            complain(c, "attempt %d is on record as failed, and hasn't", attempt);
        break;
    }
    if (job_is_charged(job) && !counted)
        complain(c, "attempt %d was charged, and is on record as %s: neither known nor at risk",
                 attempt, outcome_names[r->outcome]);
}

/* What is counted as sent again was sent again, or is about to be. */
static void check_resent(const struct life *l, struct complaint *c)
{
    const struct book *b = &l->ledger;
    int sent = b->state == DOC_QUEUED, resent = book_resent(b);
    for (int i = 0; i < b->attempt; i++)
        sent += b->records[i].outcome != ATTEMPT_NOT_SENT;
    if (resent > 0 && resent > sent - 1)
        complain(c, "%d resends are counted, and %d uploads were sent or wait", resent, sent);
}

static void check_charges(const struct rules *rules, const struct life *l, struct complaint *c)
{
    int charges = life_charges(l), resent = book_resent(&l->ledger);
    if (charges > 1 + resent)
        complain(c, "charged %d times, and %d resends are counted", charges, resent);
    if (!rules->resend && !l->user_was && charges > 1)
        complain(c, "charged %d times in spite of hold", charges);
    int by_itself = book_resent_since_retry(&l->ledger);
    if (by_itself > LIFE_MAX_RESENDS)
        complain(c, "sent again %d times out of doubt, at most %d are allowed", by_itself,
                 LIFE_MAX_RESENDS);
}

static void check_result(const struct life *l, struct complaint *c)
{
    const struct book *b = &l->ledger;
    if (b->state != DOC_STORED)
        return;
    if (b->result_of < 1 || b->result_of > b->attempt)
        complain(c, "what is stored is the result of none of its attempts");
    else if (!job_is_charged(l->outside[b->result_of - 1].job))
        complain(c, "what is stored is the result of attempt %d, which has none", b->result_of);
}

/* What is held for a doubt is doubtful, as long as its bytes are there. Else it says that it may have
 * been paid for, and doesn't look back whether it was. */
static void check_doubt(const struct life *l, struct complaint *c)
{
    bool doubtful = l->ledger.state != DOC_IN_DOUBT || l->gone;
    for (int i = 0; i < l->ledger.attempt; i++) {
        enum attempt_outcome outcome = (enum attempt_outcome)l->ledger.records[i].outcome;
        doubtful = doubtful || attempt_is_in_doubt(outcome);
    }
    if (!doubtful)
        complain(c, "it is in doubt, and everything is known of its attempts");
}

/* Settled by hand: nothing is sent, or about to be, and a result is no hand's. */
static void check_dismissed(const struct life *l, struct complaint *c)
{
    const struct book *b = &l->ledger;
    bool sends = b->state == DOC_QUEUED || b->state == DOC_SUBMITTING;
    if (b->dismissed && (sends || b->state == DOC_STORED))
        complain(c, "it is dismissed, and %s", doc_state_names[b->state]);
    if (l->memory.there && l->memory.dismissed != l->turn.dismissed)
        complain(c, "memory and ledger differ: dismissed, and not");
}

/* Counted for the log alone, and lost with the run's memory: no more than there is. */
static void check_memory(const struct life *l, struct complaint *c)
{
    int taken = 0;
    for (int i = 0; i < LIFE_ROOM; i++)
        taken += l->outside[i].job != JOB_NONE;
    if (l->memory.charged > taken)
        complain(c, "%d charges are known, and %d uploads were taken", l->memory.charged, taken);
    if (l->memory.there && l->memory.state != l->turn.state)
        complain(c, "memory and ledger differ: %s, %s", doc_state_names[l->memory.state],
                 doc_state_names[l->turn.state]);
}

void promises_check(const struct rules *rules, const struct life *l, struct complaint *c)
{
    for (int attempt = 1; attempt <= LIFE_ROOM; attempt++)
        check_record(l, attempt, c);
    check_charges(rules, l, c);
    check_resent(l, c);
    check_result(l, c);
    check_doubt(l, c);
    check_dismissed(l, c);
    check_memory(l, c);
}

/* --- a quiet finish --- */

/* In the order in which they are tried. */
static const enum move_kind quiet_moves[] = {
    MOVE_START,      MOVE_COMMIT,      MOVE_ANSWER_202, MOVE_ARRIVES,      MOVE_JOB_DONE,
    MOVE_POLL_READY, MOVE_POLL_FAILED, MOVE_POLL_404,   MOVE_FETCH_RESULT, MOVE_FETCH_404,
    MOVE_SEND_GET,   MOVE_RESEND,      MOVE_TAKE_UP,    MOVE_ADMIT,
};

/* Nothing is possible that would lead away from the truth of now: a job that is done and gone isn't
 * answered as ready any more; an upload that nobody hears of stays away. */
static bool is_quiet(const struct life *l, struct move m)
{
    const struct outside *o = &l->outside[m.attempt ? m.attempt - 1 : 0];
    if (m.kind == MOVE_ARRIVES)
        return o->upload == UPLOAD_OUT;
    if (m.kind == MOVE_POLL_READY || m.kind == MOVE_FETCH_RESULT)
        return o->job == JOB_DONE;
    return true;
}

static bool find_quiet_move(const struct rules *rules, const struct life *l, struct move *found)
{
    for (size_t i = 0; i < sizeof quiet_moves / sizeof *quiet_moves; i++) {
        struct move m = {.kind = (uint8_t)quiet_moves[i]};
        int last = move_is_of_attempt(quiet_moves[i]) ? LIFE_ROOM : 0;
        for (int attempt = last ? 1 : 0; attempt <= last; attempt++) {
            m.attempt = (uint8_t)attempt;
            if (move_is_possible(rules, l, m) && is_quiet(l, m)) {
                *found = m;
                return true;
            }
        }
    }
    return false;
}

static bool is_given_up(const struct life *l)
{
    bool open_job = l->turn.state == DOC_PROCESSING || l->turn.state == DOC_READY;
    return l->memory.parked && open_job;
}

static void check_end(const struct rules *rules, const struct life *l, struct complaint *c)
{
    const struct book *b = &l->ledger;
    const struct record *newest = b->attempt ? &b->records[b->attempt - 1] : NULL;
    /* parked: its bytes are gone, and it may have been paid for */
    bool held = b->state == DOC_IN_DOUBT &&
                (!rules->resend || l->memory.parked || newest->outcome == ATTEMPT_UNREADABLE ||
                 b->dismissed || book_resent_since_retry(b) >= LIFE_MAX_RESENDS);
    if (!doc_state_is_final((enum doc_state)b->state) && !held)
        complain(c, "stuck: nothing more happens, and it is %s", doc_state_names[b->state]);
    /* ... but for one whose answers were no result, or that was said to be gone when a person's
     * retry asked for it */
    if (b->state == DOC_FAILED && newest && newest->outcome == ATTEMPT_ACCEPTED &&
        !newest->resent && !l->user_was && !b->kept && l->outside[b->attempt - 1].job == JOB_DONE &&
        !l->foreign)
        complain(c, "attempt %d has a result, and nobody asks for it", b->attempt);
}

void promises_check_quiet_finish(const struct rules *rules, const struct life *life,
                                 struct complaint *c, struct move *script, int *count)
{
    struct rules quiet = *rules;
    struct life l = *life, next;
    struct move m;
    bool again = false;
    int n = 0;
    quiet.attempts = LIFE_ROOM;
    quiet.user = false;
    for (; n < QUIET_MOVES && !c->text[0]; n++) {
        if (!find_quiet_move(&quiet, &l, &m)) {
            if (again || !is_given_up(&l))
                break;
            m = (struct move){.kind = MOVE_CRASH};
            again = true;
        }
        move_make(&quiet, &l, m, &next, c);
        l = next;
        promises_check(&quiet, &l, c);
        if (script)
            script[n] = m;
    }
    if (count)
        *count = n;
    if (n == QUIET_MOVES)
        complain(c, "nothing goes wrong any more, and it goes on for ever");
    else
        check_end(rules, &l, c);
}
