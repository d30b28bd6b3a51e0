/* A document's attempts: when one begins, what uses one up, and when the next may come. See
 * document_rules.h. */
#include "base/backoff.h"
#include "core/document_rules.h"

int64_t doc_backoff_ms(const struct doc_case *c, int failures)
{
    return backoff_delay_ms(failures, c->policy->first_delay_ms, c->policy->max_delay_ms,
                            c->event->random, c->event->retry_after_ms);
}

void doc_begin_attempt(struct doc_step *s, const struct doc_case *c)
{
    (void)c;
    s->next.has_job = false;
    s->next.unreadable = false;
    s->next.asked_again = false;
    s->next.resend_if_gone = false;
    s->next.invalid_results = 0;
}

void doc_back_off(struct doc_step *s, const struct doc_case *c)
{
    s->wait_ms = doc_backoff_ms(c, ++s->next.asks_failed);
}

/* A fault of the service used up an attempt: again, while they last. */
void doc_use_attempt(struct doc_step *s, const struct doc_case *c)
{
    int max = c->policy->max_attempts;
    if (s->next.attempts < max)
        s->next.attempts++;
    if (s->next.attempts >= max || s->next.dismissed) {
        doc_go(s, DOC_FAILED, DO_PERSIST | DO_FORGET);
        return;
    }
    s->wait_ms = doc_backoff_ms(c, s->next.attempts);
    int64_t patience_ms =
        c->policy->max_delay_ms < DOC_LAST_TRY_MS ? c->policy->max_delay_ms : DOC_LAST_TRY_MS;
    if (s->next.attempts == max - 1 && s->wait_ms < patience_ms)
        s->wait_ms = patience_ms;
}

/* What became of it since the backup isn't known: it may have failed, and have been sent again. */
void doc_attempts_unknown(struct doc_step *s, const struct doc_case *c)
{
    (void)c;
    s->next.attempts = DOC_ATTEMPTS_UNKNOWN;
    s->next.resend_if_gone = false;
}

/* The canary found the run at fault and not the document. */
void doc_take_back(struct doc_step *s, const struct doc_case *c)
{
    if (c->doc->has_job || c->doc->dismissed || c->doc->attempts == DOC_ATTEMPTS_UNKNOWN)
        doc_go(s, c->doc->state, DO_FORGET);
    else if (doc_may_be_paid(c->doc)) /* it was a resend, and is one again */
        s->actions |= DO_COUNT_RESEND;
}
