/* What a person says of a document: retry and dismiss. See document_rules.h. */
#include "core/document_rules.h"

/* The user asks again: a job that may still be there first, then a new upload. */
void doc_retry(struct doc_step *s, const struct doc_case *c)
{
    s->next.attempts = 0;
    s->next.resends = 0;
    s->next.asks_failed = 0;
    s->next.dismissed = false;
    doc_begin_attempt(s, c);
    if (doc_may_be_paid(c->doc)) /* however it failed since */
        s->actions |= DO_COUNT_RESEND;
    if (c->doc->has_job) {
        doc_go(s, DOC_PROCESSING, DO_PERSIST | DO_POLL);
        s->next.has_job = true;
        s->next.resend_if_gone = true;
        s->next.accepted_at = c->now;
    }
}

void doc_dismiss(struct doc_step *s, const struct doc_case *c)
{
    (void)c;
    s->next.dismissed = true;
}
