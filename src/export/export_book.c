/* What a workbook says besides its tables: Summary and About, made of the control totals when the last record
 * is written. */
#include "export/export_internal.h"

#include "base/text.h"
#include "export/export_days.h"
#include "ledger/summary.h"
#include "workbook/workbook.h"

#include <stdlib.h>
#include <string.h>

/* What the structs of the workbook point to. */
struct book {
    struct workbook_summary summary;
    struct workbook_about about;
    struct workbook_currency *currencies;
    char (*amounts)[6][DECIMAL_TEXT_MAX];
    struct workbook_day *days;
    struct buffer title, verdict;
    struct export_about said;
    struct workbook_fact facts[EXPORT_FACTS_MOST];
};

static void fill_currencies(struct book *b, const struct control_totals *c)
{
    b->currencies = xcalloc(c->currency_count + 1, sizeof *b->currencies);
    b->amounts = xcalloc(c->currency_count + 1, sizeof *b->amounts);
    for (size_t i = 0; i < c->currency_count; i++) {
        const struct control_currency *from = &c->currencies[i];
        b->currencies[i] = (struct workbook_currency){
            .code = from->code,
            .records = from->records,
            .net = control_amount(from, from->net, b->amounts[i][0]),
            .tax = control_amount(from, from->tax, b->amounts[i][1]),
            .total = control_amount(from, from->total, b->amounts[i][2]),
            .open = {from->open.records, control_amount(from, from->open.net, b->amounts[i][3]),
                     control_amount(from, from->open.tax, b->amounts[i][4]),
                     control_amount(from, from->open.total, b->amounts[i][5])},
        };
    }
}

static void fill_days(struct book *b, const struct export_days *days)
{
    const struct export_day *list = export_days_list(days, &b->summary.day_count);
    b->days = xcalloc(b->summary.day_count + 1, sizeof *b->days);
    for (size_t i = 0; i < b->summary.day_count; i++)
        b->days[i] = (struct workbook_day){list[i].date, list[i].documents};
    b->summary.days = b->days;
}

/* The batch's name, or where a batch without one has its results. */
static void put_title(struct buffer *out, const struct export_options *o)
{
    size_t len = strlen(o->output);
    while (len > 1 && o->output[len - 1] == '/')
        len--;
    size_t from = len;
    while (from > 0 && o->output[from - 1] != '/')
        from--;
    if (o->batch)
        buffer_put(out, o->batch);
    else
        text_display(out, o->output + from, len - from);
}

static void fill_summary(struct book *b, const struct export_making *m)
{
    const struct control_totals *c = &m->outcome->control;
    const struct ledger_counts *n = &c->counts;
    put_title(&b->title, m->options);
    export_verdict(n, &b->verdict);
    fill_currencies(b, c);
    b->summary = (struct workbook_summary){
        .batch = buffer_text(&b->title),
        .period = m->options->period,
        .verdict = buffer_text(&b->verdict),
        .files = n->files,
        .documents = n->documents,
        .duplicates = n->duplicates,
        .queued = n->by_state[DOC_QUEUED],
        .processing = summary_processing(n),
        .stored = n->by_state[DOC_STORED],
        .failed = n->by_state[DOC_FAILED],
        .rejected = n->by_state[DOC_REJECTED],
        .lost = n->by_state[DOC_LOST],
        .in_doubt = n->by_state[DOC_IN_DOUBT],
        .dismissed = n->dismissed,
        .records = c->records,
        .without_record = c->without_record,
        .states = c->reviewed ? c->states : NULL,
        .currencies = b->currencies,
        .currency_count = c->currency_count,
    };
    fill_days(b, m->days);
}

static void fill_about(struct book *b, const struct export_making *m)
{
    export_about_fill(&b->said, m);
    for (size_t i = 0; i < b->said.count; i++)
        b->facts[i] = (struct workbook_fact){b->said.facts[i].name, b->said.facts[i].value};
    b->about = (struct workbook_about){b->facts, b->said.count};
}

int export_book_finish(struct export_making *m, struct error *e)
{
    struct book *b = xcalloc(1, sizeof *b);
    buffer_init(&b->title, 0);
    buffer_init(&b->verdict, 0);
    fill_summary(b, m);
    fill_about(b, m);
    workbook_tell(m->sink, &b->summary, &b->about);
    int err = m->sink->kind->end(m->sink, e);
    for (size_t i = 0; !err && i < workbook_tab_count(m->sink); i++) {
        struct workbook_tab tab = workbook_tab(m->sink, i);
        export_file_sheet(m->file, tab.name, tab.table, tab.rows);
    }
    free(b->currencies);
    free(b->amounts);
    free(b->days);
    buffer_release(&b->title);
    buffer_release(&b->verdict);
    free(b);
    return err;
}
