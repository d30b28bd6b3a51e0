/* The records that need a person, each with its reasons: what was found, with its figures, and where the document is. */
#include "report/html_sections.h"

#include "report/html_table.h"
#include "report/html_text.h"
#include "review/check_options.h"

#include <string.h>

enum {
    ROWS_BYTES_MOST = 760 * 1024, /* so that the page stays below 1 MB whatever the texts are */
    NUMBER_SHORT = 24,            /* bytes: one that needn't be broken */
};

static const char duplicate_words[] = "possible duplicate";

/* For people; the code itself is what options and `review --reason` take. */
static const char *words_of(enum check_code code)
{
    static const char *const words[CHECK_COUNT] = {
        [CHECK_TOTAL_SUM] = "net + tax \xe2\x89\xa0 total",
        [CHECK_LINES_SUM] = "lines \xe2\x89\xa0 total",
        [CHECK_LINE_PRODUCT] = "quantity \xc3\x97 price \xe2\x89\xa0 amount",
        [CHECK_TAXES_SUM] = "taxes \xe2\x89\xa0 tax",
        [CHECK_BASES_SUM] = "tax bases \xe2\x89\xa0 net",
        [CHECK_TAX_PRODUCT] = "base \xc3\x97 rate \xe2\x89\xa0 tax",
        [CHECK_DUE_BEFORE_DATE] = "due before its date",
        [CHECK_DUE_LATE] = "due very late",
        [CHECK_DATE_FUTURE] = "date in the future",
        [CHECK_DATE_OUTSIDE] = "date outside the period",
        [CHECK_CURRENCY_MISSING] = "no currency",
        [CHECK_CURRENCY_UNKNOWN] = "unknown currency",
        [CHECK_REQUIRED_MISSING] = "missing field",
        [CHECK_SIGN] = "sign of the total",
        [CHECK_TOTAL_ZERO] = "total is zero",
        [CHECK_IBAN_BAD] = "IBAN isn\xe2\x80\x99t valid",
        [CHECK_IBAN_NEW] = "IBAN is new",
        [CHECK_VAT_SHAPE] = "VAT number",
        [CHECK_NOT_COMPUTABLE] = "not computable",
        [CHECK_CONFIDENCE] = "unsure reading",
    };
    if (report_code_is_duplicate(code))
        return duplicate_words;
    return words[code] ? words[code] : check_code_name(code);
}

static const char *chip_of(enum check_code code)
{
    return report_code_is_duplicate(code) ? "duplicate" : check_code_name(code);
}

/* --- chips --- */

static void put_controls(struct buffer *out, const struct report_review *r)
{
    struct html_chip chips[CHECK_COUNT + 1];
    size_t n = 0;
    if (r->duplicates)
        chips[n++] = (struct html_chip){"duplicate", duplicate_words, r->duplicates};
    for (enum check_code code = 0; code < CHECK_COUNT; code++)
        if (r->kinds[code] && !report_code_is_duplicate(code))
            chips[n++] = (struct html_chip){chip_of(code), words_of(code), r->kinds[code]};
    html_controls(out, "review", "supplier, number, file\xe2\x80\xa6", chips, n);
}

/* --- rows --- */

static void put_codes(struct buffer *out, uint64_t codes)
{
    bool duplicate = false, any = false;
    for (enum check_code code = 0; code < CHECK_COUNT; code++) {
        if (!(codes >> code & 1) || (report_code_is_duplicate(code) && duplicate))
            continue;
        duplicate = duplicate || report_code_is_duplicate(code);
        buffer_printf(out, "%s%s", any ? " " : "", chip_of(code));
        any = true;
    }
}

static void put_value(struct buffer *out, const char *text)
{
    if (text) {
        buffer_put(out, "<bdi>");
        html_put(out, text, strlen(text), HTML_NAME_MOST);
        buffer_put(out, "</bdi>");
    }
}

static void put_total(struct buffer *out, const struct report_review_row *row)
{
    char plain[DECIMAL_TEXT_MAX];
    buffer_put(out, "<td class=\"n\"");
    if (row->has_total)
        buffer_printf(out, " data-v=\"%s\"", decimal_format(row->total, 0, plain));
    buffer_put(out, ">");
    if (row->has_total)
        html_amount(out, row->total, row->decimals);
    if (row->has_total && row->currency) {
        buffer_put(out, "\xc2\xa0");
        html_put(out, row->currency, strlen(row->currency), CONTROL_CURRENCY_MAX);
    }
    buffer_put(out, "</td>");
}

static void put_reason(struct buffer *out, const char *directory, const struct report_reason *r)
{
    buffer_printf(out, "<div><b class=\"%s\">%s</b> ",
                  r->severity == SEVERITY_ERROR ? "bad" : "look", words_of(r->code));
    if (*r->field && !report_code_is_duplicate(r->code)) {
        html_put(out, r->field, strlen(r->field), HTML_NAME_MOST);
        buffer_put(out, ": ");
    }
    html_put(out, r->text, strlen(r->text), HTML_REASON_MOST);
    if (r->also_name) {
        buffer_put(out, "; also in ");
        html_file(out, directory, r->also_name, r->also_path);
    }
    buffer_put(out, "</div>");
}

static void put_row(struct buffer *out, const struct report_data *d,
                    const struct report_review_row *row)
{
    const char *directory = d->options->directory ? d->options->directory : d->options->output;
    buffer_put(out, "<tr data-r=\"");
    put_codes(out, row->codes);
    buffer_put(out, "\"><td class=\"wide\">");
    put_value(out, row->supplier);
    buffer_put(out, "<span class=\"small\">");
    html_file(out, directory, row->name, row->path);
    bool is_short = row->number && strlen(row->number) <= NUMBER_SHORT;
    buffer_printf(out, "</span></td><td%s>", is_short ? " class=\"d\"" : "");
    put_value(out, row->number);
    buffer_put(out, "</td><td class=\"d\">");
    put_value(out, row->date);
    buffer_put(out, "</td>");
    put_total(out, row);
    buffer_put(out, "<td class=\"wide why\">");
    for (size_t i = 0; i < row->reason_count; i++)
        put_reason(out, directory, &row->reasons[i]);
    if (row->more_reasons) {
        buffer_put(out, "<div class=\"small\">and ");
        html_count(out, (int64_t)row->more_reasons);
        buffer_put(out, " more</div>");
    }
    if (row->put_off)
        buffer_put(out, "<div class=\"small\">put off for later</div>");
    else if (row->reason_count == 0)
        buffer_put(out, "<div class=\"small\">corrected, and not accepted yet</div>");
    buffer_put(out, "</td></tr>\n");
}

static void put_rest(struct buffer *out, int64_t shown, int64_t all)
{
    if (shown == all)
        return;
    buffer_put(out, "<p class=\"note\">The gravest ");
    html_count(out, shown);
    buffer_put(out, " of ");
    html_count(out, all);
    buffer_put(out,
               "; all are in the workbook, and <code>mindee-batch review</code> lists them.</p>\n");
}

void html_review(struct buffer *out, const struct report_data *d)
{
    static const char *const columns[] = {"~Supplier", "~Number", "~Date", "#Total", "~Why"};
    const struct report_review *r = &d->review;
    size_t begin, i = 0;
    if (*r->trouble) {
        html_heading(out, "review", "To review", -1);
        buffer_put(out, "<p class=\"note\">What needs a person isn\xe2\x80\x99t known: ");
        html_text(out, r->trouble);
        buffer_put(out, "</p>\n");
    }
    if (!r->known || r->row_count == 0)
        return;
    html_heading(out, "review", "To review", report_review_open(r));
    put_controls(out, r);
    html_table_begin(out, "review", "stack review", "Records that need a person, the gravest first",
                     columns, sizeof columns / sizeof *columns);
    for (begin = out->len; i < r->row_count && out->len - begin < ROWS_BYTES_MOST; i++)
        put_row(out, d, &r->rows[i]);
    html_table_end(out);
    put_rest(out, (int64_t)i, report_review_open(r));
}
