/* See review_at_end.h. It reads the ledger by a connection of its own, so that no trouble here can become the run's. */
#include "cli/review_at_end.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/fields_check.h"
#include "cli/review_setup.h"
#include "cli/review_work.h"
#include "config/config_digest.h"
#include "ledger/handovers.h"
#include "review/review_totals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void count(const struct review_counts *from, struct summary_review *to)
{
    to->known = true;
    to->open = from->states[REVIEW_OPEN];
    memcpy(to->codes, from->codes, sizeof to->codes);
    memcpy(to->kinds, from->kinds, sizeof to->kinds);
}

static void put_numbers(struct buffer *out, const struct ledger_counts *c,
                        const struct review_counts *r)
{
    char credits[CREDITS_TEXT_MAX];
    buffer_printf(out,
                  "files %lld, duplicates %lld, documents %lld, queued %lld, processing %lld, "
                  "stored %lld, failed %lld, rejected %lld, lost %lld, in doubt %lld, dismissed "
                  "%lld, credits %s; records %lld, to review %lld",
                  (long long)c->files, (long long)c->duplicates, (long long)c->documents,
                  (long long)c->by_state[DOC_QUEUED], (long long)summary_processing(c),
                  (long long)c->by_state[DOC_STORED], (long long)c->by_state[DOC_FAILED],
                  (long long)c->by_state[DOC_REJECTED], (long long)c->by_state[DOC_LOST],
                  (long long)c->by_state[DOC_IN_DOUBT], (long long)c->dismissed,
                  credits_format(c->credits, credits), (long long)r->records,
                  (long long)r->states[REVIEW_OPEN]);
}

static int note_end(struct review_work *w, const struct config *c, int exit_code,
                    const struct review_counts *counts, struct error *e)
{
    struct ledger_counts now;
    struct review_by by;
    struct buffer after;
    char actor[ACTOR_MAX], note[SHA256_HEX + 64], hash[SHA256_HEX];
    if (ledger_counts(w->ledger, &now) < 0) {
        *e = *ledger_error(w->ledger);
        return e->code;
    }
    buffer_init(&after, 0);
    put_numbers(&after, &now, counts);
    int err = 0;
    config_digest(c, hash);
    snprintf(note, sizeof note, "exit %d, configuration %s", exit_code, hash);
    if (review_by_read(&by, actor, NULL, NULL) == 0)
        err = review_note_run(w->review, &(struct audit_entry){.at = by.at,
                                                               .actor = actor,
                                                               .after = buffer_text(&after),
                                                               .note = note});
    if (err)
        *e = *review_error(w->review);
    buffer_release(&after);
    return err;
}

static int review_run(struct review_work *w, const struct config *c, const struct batch_options *o,
                      int exit_code, struct summary_review *out, struct error *e)
{
    struct review_counts counts;
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    int err = review_setup(&w->options, w->roles, &w->checks, config_settings(c), e);
    w->options.adopt = true;
    if (!err)
        err = ledger_open(&w->ledger, &lo, e);
    if (err)
        return err;
    if (ledger_last_result(w->ledger, &w->upto) < 0) {
        *e = *ledger_error(w->ledger);
        return e->code;
    }
    err = review_open(&w->review, w->ledger, o->output, o->access, &w->options, e);
    if (!err)
        err = review_update(w->review, w->upto, e);
    if (err)
        return err;
    err = review_count(w->review, &counts);
    if (err) {
        *e = *review_error(w->review);
        return err;
    }
    count(&counts, out);
    out->field_missing = fields_check(c, w->roles, w->ledger, o, w->upto, e) == ERR_NOT_FOUND;
    if (out->field_missing)
        text_copy(out->missing, sizeof out->missing, e->text);
    return exit_code < 0 ? 0 : note_end(w, c, exit_code, &counts, e);
}

int review_at_end(const struct config *c, const struct batch_options *o, int exit_code,
                  struct summary_review *out, struct error *e)
{
    *out = (struct summary_review){0};
    if (!config_settings(c)->review.enabled)
        return 0;
    struct review_work w = {.roles = roles_new()};
    int err = review_run(&w, c, o, exit_code, out, e);
    review_close(w.review);
    if (w.ledger)
        ledger_close(w.ledger);
    roles_free(w.roles);
    return err;
}
