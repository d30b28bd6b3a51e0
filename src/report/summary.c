/* See summary.h. */
#include "report/summary.h"
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

static void table_row(struct buffer *out, const char *name, int64_t run, int64_t total, bool both,
                      const char *note)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX];
    if (both)
        buffer_printf(out, "  %-22s %12s %12s%s%s\n", name, count_format(run, a),
                      count_format(total, b), *note ? "   " : "", note);
    else
        buffer_printf(out, "  %-22s %12s%s%s\n", name, count_format(total, b), *note ? "   " : "",
                      note);
}

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
        bool always;
        const char *note;
    } rows[] = {
        {"files", r->files, t->files, true, ""},
        {"duplicates", r->duplicates, t->duplicates, false, "same content, sent once"},
        {"documents", r->documents, t->documents, true, ""},
        {"  stored", r->by_state[DOC_STORED], t->by_state[DOC_STORED], true, ""},
        {"  queued", r->by_state[DOC_QUEUED], t->by_state[DOC_QUEUED], false, "not sent yet"},
        {"  processing", summary_processing(r), summary_processing(t), false,
         "sent, no result yet"},
        {"  failed", r->by_state[DOC_FAILED], t->by_state[DOC_FAILED], false, "see failures.csv"},
        {"  rejected", r->by_state[DOC_REJECTED], t->by_state[DOC_REJECTED], false,
         "not sent; see failures.csv"},
        {"  lost", r->by_state[DOC_LOST], t->by_state[DOC_LOST], false,
         "paid for, result gone; see failures.csv"},
        {"  in doubt", r->by_state[DOC_IN_DOUBT], t->by_state[DOC_IN_DOUBT], false,
         "sent, answer never came"},
        {"  dismissed", r->dismissed, t->dismissed, false, "settled by hand"},
        {"unread", s->unread, s->unread, false, "can't be read for now; see failures.csv"},
        {"left out", r->left_out, t->left_out, false,
         "for input.include, input.exclude and the like; `plan` lists them"},
        {"not handed over", s->handover_left, s->handover_left, false,
         "on_stored didn't take them yet"},
        {"credits", r->credits, t->credits, true, ""},
        {"sent again out of doubt", r->resent, t->resent, false, "may be charged twice"},
        {"credits at risk", r->credits_at_risk, t->credits_at_risk, false,
         "of uploads whose answer never came"},
        {"stray webhooks", r->orphans, t->orphans, false, "they match no upload"},
        {"uploads", r->post, t->post, !s->period, ""},
        {"questions to Mindee", r->get, t->get, !s->period, ""},
        {"answered \"too fast\"", r->http_429, t->http_429, false,
         "over the limit; slowed down and asked again"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].always || rows[i].total || (both && rows[i].run))
            table_row(out, rows[i].name, rows[i].run, rows[i].total, both, rows[i].note);
    if (s->has_run && r->finished_at.ms) {
        char text[UNITS_TEXT_MAX];
        buffer_printf(out, "  %-22s %12s\n", "time",
                      duration_format(r->finished_at.ms - r->started_at.ms, text));
    }
}
