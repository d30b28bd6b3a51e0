/* What a document has cost, as far as events tell: see document_rules.h. */
#include "core/document_rules.h"

int doc_known_charges(const struct document *d)
{
    bool at_least_one = d->has_job || d->state == DOC_STORED || d->state == DOC_LOST;
    return d->charged == 0 && at_least_one ? 1 : d->charged;
}

/* The event shows that its attempt was accepted. */
void doc_count_charge(struct doc_step *s, const struct doc_case *c)
{
    bool counted = c->event->known || (!c->event->late && c->doc->has_job);
    if (!c->event->late)
        s->next.has_job = true;
    if (counted)
        return;
    s->next.charged = doc_known_charges(c->doc) + 1;
}

bool doc_may_be_paid(const struct document *doc)
{
    return doc->doubted || doc->charged > 0;
}

/* The current attempt's job is over, without a charge. */
void doc_drop_failed_job(struct doc_step *s, const struct doc_case *c)
{
    if (c->event->late)
        return;
    if (c->doc->has_job)
        s->next.charged = doc_known_charges(c->doc) - 1;
    s->next.has_job = false;
}
