/* document_rules.h - what decides where a document goes when its state and the event aren't enough.
 * Inside core: document.c has the table that calls these.
 *
 * A rule finds the step as the table's row says; it may send the document elsewhere, with other
 * actions, and change what is known of it.
 *
 *   document_charges.c    what it has cost
 *   document_attempts.c   when an attempt begins, what uses one up, when the next may come
 *   document_doubt.c      what may have been accepted, and nobody knows
 *   document_job.c        what is heard of its job
 *   document_by_hand.c    what a person says */
#ifndef MB_CORE_DOCUMENT_RULES_H
#define MB_CORE_DOCUMENT_RULES_H

#include "core/document.h"

struct doc_case {
    const struct document *doc; /* as it was */
    const struct doc_event *event;
    const struct doc_policy *policy;
    struct mono now;
};

typedef void doc_rule(struct doc_step *s, const struct doc_case *c);

static inline void doc_go(struct doc_step *s, enum doc_state state, unsigned actions)
{
    s->state = state;
    s->actions = actions;
}

/* --- what it has cost --- */

int doc_known_charges(const struct document *d);
bool doc_may_be_paid(const struct document *doc);
doc_rule doc_count_charge, doc_drop_failed_job;

/* --- attempts --- */

int64_t doc_backoff_ms(const struct doc_case *c, int failures);
doc_rule doc_begin_attempt, doc_back_off, doc_use_attempt, doc_attempts_unknown, doc_take_back;

/* --- doubt --- */

doc_rule doc_doubt, doc_resend_or_hold, doc_resend, doc_hold, doc_hold_restored, doc_source_gone;

/* --- its job --- */

doc_rule doc_take_job, doc_take_job_after_all, doc_still_processing, doc_job_gone, doc_result_gone,
    doc_result_invalid, doc_job_failed_first, doc_job_failed, doc_job_fault, doc_job_fault_first;

/* --- a person --- */

doc_rule doc_retry, doc_dismiss;

#endif
