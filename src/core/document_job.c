/* What is heard of a document's job: accepted, done, failed or gone. See document_rules.h. */
#include "core/document_rules.h"

void doc_take_job(struct doc_step *s, const struct doc_case *c)
{
    doc_count_charge(s, c);
    s->next.accepted_at = c->now;
    s->next.unreadable = false;
    s->next.asked_again = false;
    s->next.resend_if_gone = false;
    s->next.asks_failed = 0;
    s->next.invalid_results = 0;
}

/* Failed or rejected, and now its own 202 comes: an upload that was overtaken by a webhook. */
void doc_take_job_after_all(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->known)
        doc_go(s, c->doc->state, DO_FORGET);
    else
        doc_take_job(s, c);
}

void doc_still_processing(struct doc_step *s, const struct doc_case *c)
{
    (void)c;
    s->next.asks_failed = 0;
}

/* Paid for, and out of reach: lost, unless the user said to send it again then. */
static void lose(struct doc_step *s, const struct doc_case *c)
{
    if (!c->doc->resend_if_gone) {
        doc_go(s, DOC_LOST, DO_PERSIST | DO_FORGET);
        return;
    }
    doc_go(s, DOC_QUEUED, DO_PERSIST | DO_QUEUE | DO_COUNT_RESEND);
    s->next.charged = doc_known_charges(c->doc);
    doc_begin_attempt(s, c);
}

void doc_job_gone(struct doc_step *s, const struct doc_case *c)
{
    int64_t age_ms = mono_diff(c->now, c->doc->accepted_at) - c->event->took_ms;
    bool fresh = age_ms < DOC_GONE_GRACE_MS;
    if (!fresh || c->doc->asked_again || c->doc->resend_if_gone)
        lose(s, c);
}

void doc_result_gone(struct doc_step *s, const struct doc_case *c)
{
    if (c->doc->asked_again) {
        lose(s, c);
        return;
    }
    s->next.asked_again = true;
    s->wait_ms = DOC_RESULT_GONE_WAIT_MS;
}

void doc_result_invalid(struct doc_step *s, const struct doc_case *c)
{
    if (++s->next.invalid_results >= DOC_INVALID_RESULT_TRIES)
        doc_go(s, DOC_FAILED, DO_PERSIST | DO_KEEP_BYTES | DO_FORGET);
    else
        s->wait_ms = doc_backoff_ms(c, s->next.invalid_results);
}

/* A webhook says so; the second time it is old news, whatever was decided since. */
void doc_job_failed_first(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->known)
        doc_go(s, c->doc->state, 0);
    else
        doc_drop_failed_job(s, c);
}

void doc_job_failed(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->late) { /* the current job is asked for itself */
        doc_go(s, c->doc->state, 0);
        return;
    }
    doc_drop_failed_job(s, c);
    if (c->doc->resend_if_gone) {
        doc_go(s, DOC_QUEUED, DO_PERSIST | DO_QUEUE); /* the user's retry, and it costs nothing */
        doc_begin_attempt(s, c);
    }
}

void doc_job_fault(struct doc_step *s, const struct doc_case *c)
{
    doc_drop_failed_job(s, c);
    doc_use_attempt(s, c);
}

/* Of a doubtful attempt, which was free then; what else of it may be paid is counted. By a webhook's
 * second delivery it is old news, and the doubt that is left is another attempt's. */
void doc_job_fault_first(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->known)
        doc_go(s, c->doc->state, 0);
    else
        doc_job_fault(s, c);
    if (s->state == DOC_QUEUED)
        s->actions |= DO_COUNT_RESEND;
}
