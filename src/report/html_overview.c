/* The report's beginning, which is read by those who read no further: what it is of, a sentence, six numbers, and how
 * files, documents and records add up; and its end, what it was made of. */
#include "report/html_sections.h"

#include "ledger/summary.h"
#include "report/html_table.h"
#include "report/html_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- of what --- */

void html_moment(struct buffer *out, const struct report_data *d, struct wall at, bool with_date)
{
    static const char *const days[] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct zone_time t;
    char date[CIVIL_TEXT_MAX];
    zone_show(d->options->zone, at, &t);
    if (with_date)
        buffer_printf(out, "%s %s ", days[civil_weekday(civil_to_days(t.date))],
                      civil_format(t.date, date));
    buffer_printf(out, "%02d:%02d", t.hour, t.minute);
}

void html_title(struct buffer *out, const struct report_data *d)
{
    const char *batch = d->options->batch, *period = d->options->period;
    if (batch && *batch)
        buffer_printf(out, "%s \xc2\xb7 ", batch);
    if (period)
        buffer_printf(out, "documents of %s", period);
    else
        buffer_put(out, batch && *batch ? "all documents" : "All documents");
    if (period && !(batch && *batch))
        out->data[0] = 'D';
}

static void put_run(struct buffer *out, const struct report_data *d)
{
    struct zone_time from, to;
    if (!d->began.ms)
        return;
    buffer_put(out, d->options->period ? "run of " : "newest run: ");
    html_moment(out, d, d->began, true);
    zone_show(d->options->zone, d->began, &from);
    zone_show(d->options->zone, d->ended, &to);
    if (d->ended.ms) {
        buffer_put(out, " to ");
        html_moment(out, d, d->ended, memcmp(&from.date, &to.date, sizeof to.date) != 0);
    } else {
        buffer_put(out, ", and it goes on");
    }
    buffer_put(out, " (");
    html_text(out, d->options->zone_name);
    buffer_put(out, ") \xc2\xb7 ");
}

static void put_header(struct buffer *out, const struct report_data *d)
{
    struct buffer title;
    buffer_init(&title, 0);
    html_title(&title, d);
    buffer_put(out, "<header>\n<h1>");
    html_text(out, buffer_text(&title));
    buffer_put(out, "</h1>\n<p class=\"sub\">");
    put_run(out, d);
    buffer_put(out, "mindee-batch " MB_VERSION "</p>\n</header>\n");
    buffer_release(&title);
}

/* --- the sentence --- */

static void put_part(struct buffer *out, const char **between, int64_t n, const char *one,
                     const char *many, const char *class)
{
    if (n == 0)
        return;
    buffer_put(out, *between);
    *between = ", ";
    if (class)
        buffer_printf(out, "<strong class=\"%s\">", class);
    html_counted(out, n, one, many);
    if (class)
        buffer_put(out, "</strong>");
}

static void put_review_part(struct buffer *out, const char **between, const struct report_data *d)
{
    const struct report_review *r = &d->review;
    if (!r->known)
        return;
    put_part(out, between, report_review_bookable(r), "can be booked", "can be booked", "good");
    put_part(out, between, report_review_open(r), "needs a person", "need a person", "look");
    put_part(out, between, r->states[REVIEW_REJECTED], "is not to be booked",
             "are not to be booked", NULL);
}

static void put_sentence(struct buffer *out, const struct report_data *d)
{
    const struct ledger_counts *c = &d->control.counts;
    const int64_t *n = c->by_state;
    const char *between = " ";
    buffer_put(out, "<p class=\"sentence\">");
    if (c->documents == 0) {
        buffer_put(out, "There are no documents yet.</p>\n");
        return;
    }
    if (n[DOC_STORED] == c->documents) {
        buffer_put(out, c->documents == 1 ? "<strong>The only document" : "<strong>All ");
        if (c->documents > 1)
            html_counted(out, c->documents, "document", "documents");
        buffer_put(out, c->documents == 1 ? "</strong> has a result." : "</strong> have a result.");
    } else {
        buffer_put(out, "<strong>");
        html_count(out, n[DOC_STORED]);
        buffer_put(out, " of ");
        html_counted(out, c->documents, "document", "documents");
        buffer_printf(out, "</strong> %s a result.", n[DOC_STORED] == 1 ? "has" : "have");
    }
    put_review_part(out, &between, d);
    put_part(out, &between, n[DOC_FAILED], "failed", "failed", "bad");
    put_part(out, &between, n[DOC_LOST], "was lost", "were lost", "bad");
    put_part(out, &between, n[DOC_REJECTED], "was rejected", "were rejected", "bad");
    put_part(out, &between, n[DOC_IN_DOUBT], "is in doubt", "are in doubt", "look");
    put_part(out, &between, n[DOC_QUEUED], "waits to be sent", "wait to be sent", "look");
    put_part(out, &between, summary_processing(c), "is being read", "are being read", NULL);
    put_part(out, &between, c->dismissed, "was settled by hand", "were settled by hand", NULL);
    buffer_put(out, *between == ',' ? ".</p>\n" : "</p>\n");
}

/* --- six numbers --- */

static void tile_begin(struct buffer *out, const char *class)
{
    buffer_printf(out, *class ? "<li><b class=\"%s\">" : "<li><b>", class);
}

static void put_tile(struct buffer *out, int64_t n, const char *words, const char *class)
{
    tile_begin(out, n ? class : "");
    html_count(out, n);
    buffer_printf(out, "</b> <span>%s</span></li>\n", words);
}

/* What the records are worth a look for; where nobody looked, what they are. */
static void put_middle_tiles(struct buffer *out, const struct report_data *d)
{
    const struct report_review *r = &d->review;
    if (r->known) {
        put_tile(out, report_review_bookable(r), "ready to book", "good");
        put_tile(out, report_review_open(r), "to review", "look");
        put_tile(out, r->duplicates,
                 r->duplicates == 1 ? "possible duplicate" : "possible duplicates", "look");
    } else {
        put_tile(out, d->control.counts.by_state[DOC_STORED], "with a result", "good");
        put_tile(out, d->control.records,
                 d->control.records == 1 ? "record in them" : "records in them", "");
        put_tile(out, d->control.counts.duplicates, "files that came twice", "");
    }
}

static void put_tiles(struct buffer *out, const struct report_data *d)
{
    const struct ledger_counts *c = &d->control.counts;
    const int64_t *n = c->by_state;
    int64_t bad = n[DOC_FAILED] + n[DOC_REJECTED] + n[DOC_LOST] + n[DOC_IN_DOUBT];
    buffer_put(out, "<ul class=\"tiles\">\n");
    put_tile(out, c->documents, c->documents == 1 ? "document" : "documents", "");
    put_middle_tiles(out, d);
    put_tile(out, bad, "failed or rejected", "bad");
    tile_begin(out, "");
    html_credits(out, d->bill.confirmed);
    buffer_put(out, "</b> <span>credits</span></li>\n</ul>\n");
}

/* --- the equation --- */

static void put_term(struct buffer *out, bool first, int64_t n, const char *words)
{
    buffer_put(out, first ? "<b>" : " + <b>");
    html_count(out, n);
    buffer_printf(out, "</b> %s", words);
}

static void put_open_term(struct buffer *out, int64_t n, const char *words)
{
    if (n)
        put_term(out, false, n, words);
}

static void put_states(struct buffer *out, const struct ledger_counts *c)
{
    const int64_t *n = c->by_state;
    buffer_put(out, "<li>");
    put_term(out, true, c->documents, c->documents == 1 ? "document = " : "documents = ");
    put_term(out, true, n[DOC_STORED], "stored");
    put_term(out, false, n[DOC_FAILED], "failed");
    put_term(out, false, n[DOC_REJECTED], "rejected");
    put_term(out, false, n[DOC_LOST], "lost");
    put_term(out, false, n[DOC_IN_DOUBT], "in doubt");
    put_open_term(out, n[DOC_QUEUED], "queued");
    put_open_term(out, summary_processing(c), "processing");
    put_open_term(out, c->dismissed, "dismissed");
    buffer_put(out, "</li>\n");
}

static void put_records(struct buffer *out, const struct report_data *d)
{
    const struct control_totals *c = &d->control;
    buffer_put(out, "<li>");
    put_term(out, true, c->documents,
             c->documents == 1 ? "stored document holds " : "stored documents hold ");
    put_term(out, true, c->records, c->records == 1 ? "record" : "records");
    if (c->without_record) {
        buffer_put(out, ", <b>");
        html_count(out, c->without_record);
        buffer_put(out,
                   c->without_record == 1 ? "</b> of them holds none" : "</b> of them hold none");
    }
    buffer_put(out, "</li>\n");
}

static void put_reviews(struct buffer *out, const struct report_data *d)
{
    const struct report_review *r = &d->review;
    if (!r->known)
        return;
    buffer_put(out, "<li>");
    put_term(out, true, d->control.records, d->control.records == 1 ? "record = " : "records = ");
    put_term(out, true, r->states[REVIEW_READY], "ready");
    put_term(out, false, r->states[REVIEW_OPEN], "to review");
    put_open_term(out, r->states[REVIEW_LATER], "put off");
    put_open_term(out, r->states[REVIEW_ACCEPTED], "accepted");
    put_open_term(out, r->states[REVIEW_CORRECTED], "corrected");
    put_open_term(out, r->states[REVIEW_REJECTED], "not to be booked");
    buffer_put(out, "</li>\n");
}

static void put_equation(struct buffer *out, const struct report_data *d)
{
    const struct ledger_counts *c = &d->control.counts;
    buffer_put(out, "<ul class=\"equation\" aria-label=\"How the numbers add up\">\n<li>");
    put_term(out, true, c->files, c->files == 1 ? "file = " : "files = ");
    put_term(out, true, c->documents, c->documents == 1 ? "document" : "documents");
    put_term(out, false, c->duplicates,
             c->duplicates == 1 ? "with the bytes of another" : "with the bytes of others");
    buffer_put(out, "</li>\n");
    put_states(out, c);
    put_records(out, d);
    put_reviews(out, d);
    buffer_put(out, "</ul>\n");
}

void html_overview(struct buffer *out, const struct report_data *d)
{
    put_header(out, d);
    buffer_put(out, "<main>\n");
    put_sentence(out, d);
    put_tiles(out, d);
    put_equation(out, d);
}

/* --- credits --- */

static void put_credits(struct buffer *out, const char *what, struct credits c, const char *words)
{
    buffer_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"n t\">", what);
    html_credits(out, c);
    buffer_printf(out, "</td><td>%s</td></tr>\n", words);
}

void html_bill(struct buffer *out, const struct report_data *d)
{
    static const char *const columns[] = {"-What", "=Credits", "-Of what"};
    const struct bill *b = &d->bill;
    html_heading(out, "credits", "Credits", -1);
    html_table_begin(out, "credits", "narrow", "What the documents cost", columns, 3);
    put_credits(out, "Planned", b->planned, "pages of all that was sent or is to be");
    put_credits(out, "Charged", b->confirmed, "pages of what was read, as far as is known");
    if (b->open.micro)
        put_credits(out, "Under way", b->open, "taken by Mindee, no result yet");
    if (b->at_risk.micro)
        put_credits(out, "At risk", b->at_risk,
                    "uploads whose answer never came: nobody knows whether they were charged");
    if (b->saved.micro)
        put_credits(out, "Saved", b->saved, "files with the bytes of another, which was sent once");
    html_table_end(out);
    if (b->resent) {
        buffer_put(out, "<p class=\"note\">");
        html_counted(out, b->resent, "document was", "documents were");
        buffer_put(out, " sent once more because no answer came.</p>\n");
    }
}

/* --- about --- */

static void put_fact(struct buffer *out, const char *name, const char *value, const char *class)
{
    if (value == NULL || !*value)
        return;
    buffer_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"%s\"><bdi>", name, class);
    html_text(out, value);
    buffer_put(out, "</bdi></td></tr>\n");
}

void html_about(struct buffer *out, const struct report_data *d)
{
    const struct report_options *o = d->options;
    char ledger[24], newest[24];
    snprintf(ledger, sizeof ledger, "%016" PRIx64, d->ledger);
    snprintf(newest, sizeof newest, "%" PRId64, d->newest);
    html_heading(out, "about", "About this report", -1);
    buffer_put(out,
               "<table class=\"facts\"><caption>What this report was made of</caption>\n<tbody>\n");
    put_fact(out, "Made by", "mindee-batch " MB_VERSION, "");
    put_fact(out, "Batch", o->batch, "");
    put_fact(out, "Period", o->period, "");
    put_fact(out, "Output directory", o->output, "mono");
    put_fact(out, "Ledger", ledger, "mono");
    put_fact(out, "Results up to number", newest, "");
    put_fact(out, "Configuration (SHA-256)", o->configuration, "mono");
    put_fact(out, "Head of the audit trail", d->review.head, "mono");
    buffer_put(out, "</tbody></table>\n</main>\n");
}
