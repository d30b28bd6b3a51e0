/* See summary.h. */
#include "results/summary.h"
#include "base/safe_file.h"
#include "base/units.h"

int summary_write(const struct summary *s, const char *directory, struct error *e)
{
    struct buffer text;
    struct safe_file f;
    buffer_init(&text, 0);
    buffer_printf(&text, "%s/summary.json", directory);
    int rc = safe_file_open(&f, buffer_text(&text), s->access, e);
    if (rc == 0) {
        buffer_clear(&text);
        summary_json(&text, s);
        fprintf(f.stream, "%s\n", buffer_text(&text));
        rc = safe_file_commit(&f, e);
    }
    buffer_release(&text);
    return rc;
}

static void table_row(struct buffer *out, const char *name, const char *run, const char *total,
                      const char *note)
{
    if (run)
        buffer_printf(out, "  %-22s %12s %12s%s%s\n", name, run, total, *note ? "   " : "", note);
    else
        buffer_printf(out, "  %-22s %12s%s%s\n", name, total, *note ? "   " : "", note);
}

/* An amount of credits, or a count. */
static const char *show(bool amount, int64_t n, char out[CREDITS_TEXT_MAX])
{
    return amount ? credits_format((struct credits){n}, out) : count_format(n, out);
}

/* Of a row: shown with a zero too; of credits. */
enum { ALWAYS = 1, AMOUNT = 2 };

void summary_table(struct buffer *out, const struct summary *s)
{
    const struct ledger_counts *t = &s->total, *r = s->period ? &s->close.counts : &s->run;
    bool both = s->period ? s->close.kept : s->has_run && (t->started_at.ms != r->started_at.ms);
    if (both)
        buffer_printf(out, "  %-22s %12s %12s\n", "", s->period ? "at the close" : "this run",
                      s->period ? "now" : "all runs");
    const struct {
        const char *name;
        int64_t run, total;
        unsigned how;
        const char *note;
    } rows[] = {
        {"files", r->files, t->files, ALWAYS, ""},
        {"duplicates", r->duplicates, t->duplicates, 0, "same content, sent once"},
        {"documents", r->documents, t->documents, ALWAYS, ""},
        {"  stored", r->by_state[DOC_STORED], t->by_state[DOC_STORED], ALWAYS, ""},
        {"  queued", r->by_state[DOC_QUEUED], t->by_state[DOC_QUEUED], 0, "not sent yet"},
        {"  processing", summary_processing(r), summary_processing(t), 0, "sent, no result yet"},
        {"  failed", r->by_state[DOC_FAILED], t->by_state[DOC_FAILED], 0, "see failures.csv"},
        {"  rejected", r->by_state[DOC_REJECTED], t->by_state[DOC_REJECTED], 0,
         "not sent; see failures.csv"},
        {"  lost", r->by_state[DOC_LOST], t->by_state[DOC_LOST], 0,
         "paid for, result gone; see failures.csv"},
        {"  in doubt", r->by_state[DOC_IN_DOUBT], t->by_state[DOC_IN_DOUBT], 0,
         "sent, answer never came"},
        {"  dismissed", r->dismissed, t->dismissed, 0, "settled by hand"},
        {"unread", s->unread, s->unread, 0, "can't be read for now; see failures.csv"},
        {"left out", r->left_out, t->left_out, 0,
         "for input.include, input.exclude and the like; `plan` lists them"},
        {"not handed over", s->handover_left, s->handover_left, 0,
         "on_stored didn't take them yet"},
        {"credits", r->credits.micro, t->credits.micro, ALWAYS | AMOUNT, ""},
        {"sent again out of doubt", r->resent, t->resent, 0, "may be charged twice"},
        {"credits at risk", r->credits_at_risk.micro, t->credits_at_risk.micro, AMOUNT,
         "of uploads whose answer never came"},
        {"stray webhooks", r->orphans, t->orphans, 0, "they match no upload"},
        {"uploads", r->post, t->post, s->period ? 0 : ALWAYS, ""},
        {"questions to Mindee", r->get, t->get, s->period ? 0 : ALWAYS, ""},
        {"answered \"too fast\"", r->http_429, t->http_429, 0,
         "over the limit; slowed down and asked again"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char run[CREDITS_TEXT_MAX], total[CREDITS_TEXT_MAX];
        show(rows[i].how & AMOUNT, rows[i].run, run);
        show(rows[i].how & AMOUNT, rows[i].total, total);
        if (rows[i].how & ALWAYS || rows[i].total || (both && rows[i].run))
            table_row(out, rows[i].name, both ? run : NULL, total, rows[i].note);
    }
    if (s->review.known && s->review.open) {
        char open[UNITS_TEXT_MAX];
        table_row(out, "to review", both ? "" : NULL, count_format(s->review.open, open), "");
        summary_review_kinds(out, &s->review, "    ");
        buffer_put(out, "\n");
    }
    if (s->has_run && r->finished_at.ms) {
        char text[UNITS_TEXT_MAX];
        buffer_printf(out, "  %-22s %12s\n", "time",
                      duration_format(r->finished_at.ms - r->started_at.ms, text));
    }
}
