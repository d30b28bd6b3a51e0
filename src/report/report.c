/* See report.h. All of it is read first, then written: a page is made of numbers of one moment, or not at all. */
#include "report/report.h"

#include "base/safe_file.h"
#include "base/text.h"
#include "ledger/state_mark.h"
#include "report/html_head.h"
#include "report/html_sections.h"
#include "report/report_mark.h"
#include "review/review.h"

#include <string.h>

void report_place(struct buffer *out, const char *output, const char *period)
{
    buffer_printf(out, "%s/report%s%s.html", output, period ? "-" : "", period ? period : "");
}

static void make_page(struct buffer *out, const struct report_data *d)
{
    struct buffer title;
    buffer_init(&title, 0);
    html_title(&title, d);
    buffer_put(&title, " \xc2\xb7 mindee-batch");
    html_begin(out, buffer_text(&title), &page_report_css, &page_report_js);
    html_overview(out, d);
    html_amounts(out, d);
    html_review(out, d);
    html_suppliers(out, d);
    html_times(out, d);
    html_unstored(out, d);
    html_bill(out, d);
    html_about(out, d);
    html_end(out, &page_report_js);
    if (*d->mark)
        report_mark_put(out, d->mark);
    buffer_release(&title);
}

int report_make(struct buffer *out, const struct report_options *options, struct ledger *l,
                bool *does_not_add_up, struct error *e)
{
    struct report_data data;
    int err = report_data_read(&data, options, l, e);
    *does_not_add_up = data.does_not_add_up;
    if (!err)
        make_page(out, &data);
    report_data_release(&data);
    return err;
}

bool report_stands(const struct report_options *options, const char *path, struct ledger *l)
{
    struct buffer state;
    struct review *review = NULL;
    struct error e;
    char head[SHA256_HEX] = "", mark[SHA256_HEX];
    buffer_init(&state, 0);
    int err = ledger_state_mark(l, &state);
    if (!err && options->review)
        err = review_open(&review, l, options->output, ledger_access(l), options->review, &e);
    if (!err && review)
        err = review_head(review, head);
    review_close(review);
    if (!err)
        report_mark_make(options, &state, head, mark);
    buffer_release(&state);
    return !err && report_mark_is_in(path, mark);
}

int report_write(const struct report_options *options, const char *path, struct ledger *l,
                 bool *does_not_add_up, struct error *e)
{
    struct buffer page;
    struct safe_file f;
    buffer_init(&page, 0);
    int err = report_make(&page, options, l, does_not_add_up, e);
    if (!err)
        err = safe_file_open(&f, path, ledger_access(l), e);
    if (!err) {
        fwrite(buffer_text(&page), 1, page.len, f.stream); /* the commit looks whether it worked */
        err = safe_file_commit(&f, e);
    }
    buffer_release(&page);
    return err;
}
