/* What may have been accepted, and nobody knows: sent again after a wait, or held. See
 * document_rules.h. */
#include "core/document_rules.h"

static bool may_resend(const struct doc_case *c)
{
    return c->policy->resend_in_doubt && !c->doc->unreadable && !c->doc->dismissed &&
           c->doc->resends < c->policy->max_resends;
}

void doc_resend_or_hold(struct doc_step *s, const struct doc_case *c)
{
    if (may_resend(c)) {
        s->actions |= DO_RESEND_AFTER;
        s->wait_ms = c->policy->in_doubt_wait_ms;
    } else {
        s->actions |= DO_FORGET;
    }
}

/* An upload without its answer; or a webhook has told that its job failed by a fault, and there is
 * nothing to doubt. */
void doc_doubt(struct doc_step *s, const struct doc_case *c)
{
    if (!c->event->known) {
        s->next.doubted = true;
        doc_resend_or_hold(s, c);
        return;
    }
    doc_go(s, DOC_QUEUED, DO_PERSIST | DO_QUEUE);
    doc_use_attempt(s, c);
}

void doc_resend(struct doc_step *s, const struct doc_case *c)
{
    if (!may_resend(c)) {
        doc_go(s, DOC_IN_DOUBT, DO_FORGET);
        return;
    }
    s->wait_ms = doc_backoff_ms(c, ++s->next.resends);
}

/* Paid for, as far as anybody knows. */
void doc_hold(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->known) {
        doc_doubt(s, c);
    } else {
        s->next.doubted = true;
        s->next.unreadable = true;
    }
}

void doc_hold_restored(struct doc_step *s, const struct doc_case *c)
{
    doc_attempts_unknown(s, c);
    doc_hold(s, c);
}

/* It can't be sent any more; but an earlier attempt may have been accepted. The resend for which it
 * was queued doesn't happen: once its bytes are back, another one may. */
void doc_source_gone(struct doc_step *s, const struct doc_case *c)
{
    if (!doc_may_be_paid(c->doc))
        return;
    s->state = DOC_IN_DOUBT;
    if (s->next.resends > 0)
        s->next.resends--;
}
