/* See report_data.h. The numbers and the list of documents are of one moment; the results up to then are read after it,
 * some in one transaction, as an export does it (export.c). A result that can't be made into records is counted. */
#include "report/report_data.h"

#include "base/text.h"
#include "ledger/handovers.h"
#include "ledger/periods.h"
#include "ledger/reading_times.h"
#include "ledger/state_mark.h"
#include "report/report_mark.h"
#include "tables/flatten.h"

#include <string.h>

enum { READ_AT_ONCE = 1000 };

struct gathering {
    struct report_data *data;
    struct ledger *ledger;
    struct ledger_stored_filter filter;
    struct ledger_stored_list list;
    struct columns *columns;
    struct flat_document *document;
    struct role_record record;
    struct review *review; /* NULL: nobody looks */
    struct buffer state;   /* ledger_state_mark, of that moment */
    struct error error;    /* why a document wasn't read */
};

static int ledger_failed(struct gathering *g, struct error *e)
{
    *e = *ledger_error(g->ledger);
    return e->code;
}

/* --- of one moment --- */

static int read_counts(struct gathering *g)
{
    struct report_data *d = g->data;
    const char *period = d->options->period;
    struct ledger_counts counts = {0};
    struct ledger_period_numbers of_period;
    int err = ledger_last_result(g->ledger, &d->newest);
    if (!err)
        err = period ? ledger_period_counts(g->ledger, period, &counts)
                     : ledger_counts(g->ledger, &counts);
    if (err)
        return err;
    control_totals_init(&d->control, &counts, true);
    if (period) {
        err = ledger_period_numbers(g->ledger, period, &of_period);
        counts = of_period.counts;
    } else {
        err = ledger_run_counts(g->ledger, &counts);
    }
    d->began = counts.started_at;
    d->ended = counts.finished_at;
    return err;
}

static int note_bill(void *ctx, const struct bill_line *line)
{
    struct report_data *d = ctx;
    if (!d->options->period || strcmp(line->period, d->options->period) == 0)
        bill_add(&d->bill, &line->bill);
    return 0;
}

static int note_time(void *ctx, const struct ledger_reading *r)
{
    report_times_note(ctx, r->accepted_at, r->received_at);
    return 0;
}

static int read_moment(struct gathering *g, struct error *e)
{
    struct report_data *d = g->data;
    g->filter.period = d->options->period;
    ledger_read_begin(g->ledger);
    int err = read_counts(g);
    g->filter.upto = d->newest;
    if (!err)
        err = ledger_state_mark(g->ledger, &g->state);
    if (!err)
        err = ledger_stored_list(g->ledger, &g->filter, &g->list);
    if (!err)
        err = ledger_reading_times(g->ledger, &g->filter, note_time, &d->times);
    if (!err)
        err = ledger_billing(g->ledger, d->options->price, note_bill, d);
    if (err)
        err = ledger_failed(g, e);
    else
        err = report_unstored_read(&d->unstored, g->ledger, g->filter.period, e);
    ledger_read_end(g->ledger);
    return err;
}

/* --- what needs a person --- */

/* Without it the rest can be told, and the page says what is missing. */
static void no_review(struct gathering *g, const struct error *why)
{
    struct report_review *r = &g->data->review;
    report_review_release(r);
    text_copy(r->trouble, sizeof r->trouble, why->text);
    review_close(g->review);
    g->review = NULL;
}

static void read_review(struct gathering *g)
{
    const struct report_options *o = g->data->options;
    const struct report_selection selection = {g->data->newest, o->period};
    struct error e;
    if (!o->review)
        return;
    int err =
        review_open(&g->review, g->ledger, o->output, ledger_access(g->ledger), o->review, &e);
    if (!err)
        err = review_update(g->review, g->data->newest, &e);
    if (!err)
        err = report_review_read(&g->data->review, g->review, g->ledger, &selection, &e);
    if (err)
        no_review(g, &e);
}

/* As people corrected it. */
static int correct(struct gathering *g, const struct ledger_stored *s,
                   const struct flat_document **doc)
{
    const char *key = g->review ? report_review_corrected(&g->data->review, s->document_id) : NULL;
    int err = 0;
    if (!key)
        return 0;
    *doc = review_corrected(g->review, g->columns, *doc, key, &err);
    if (err)
        g->error = *review_error(g->review);
    return err;
}

/* --- each result --- */

static void add_record(struct gathering *g, const struct flat_document *doc,
                       const struct flat_record *record)
{
    struct report_data *d = g->data;
    const struct role_value *v = g->record.values;
    roles_read(d->options->roles, g->columns, doc, record, &g->record);
    const struct cell *supplier = &v[ROLE_SUPPLIER].cell, *currency = &v[ROLE_CURRENCY].cell;
    control_totals_record(&d->control, REVIEW_READY, currency, &v[ROLE_NET].cell, &v[ROLE_TAX].cell,
                          &v[ROLE_TOTAL].cell);
    report_suppliers_note(d->suppliers, role_cell_empty(supplier) ? NULL : supplier->text,
                          supplier->len, currency, &v[ROLE_TOTAL].cell);
}

static int add_document(void *ctx, const struct ledger_stored *s)
{
    struct gathering *g = ctx;
    struct error unreadable;
    int64_t records = 0;
    int rc = flatten(g->document, g->columns, NULL, s->json, s->json_len, &unreadable);
    if (rc == ERR_MEMORY)
        return error_set(&g->error, rc, "a result: %s", unreadable.text);
    g->data->unreadable += rc != 0;
    const struct flat_document *doc = g->document;
    if (!rc && correct(g, s, &doc) < 0)
        return g->error.code;
    for (size_t i = 0; !rc && i < doc->record_count; i++) {
        if (!doc->records[i].has_fields)
            continue;
        records++;
        add_record(g, doc, &doc->records[i]);
    }
    control_totals_document(&g->data->control, records);
    return 0;
}

static int read_document(struct gathering *g, int64_t document, struct error *e)
{
    int rc = ledger_stored_get(g->ledger, document, add_document, g);
    if (rc == 0)
        return 0;
    if (!g->error.code)
        return ledger_failed(g, e);
    *e = g->error;
    return rc;
}

static int read_documents(struct gathering *g, struct error *e)
{
    int err = 0;
    for (size_t i = 0; i < g->list.count && !err;) {
        ledger_read_begin(g->ledger);
        for (size_t n = 0; n < READ_AT_ONCE && i < g->list.count && !err; n++, i++)
            err = read_document(g, g->list.documents[i], e);
        ledger_read_end(g->ledger);
    }
    return err;
}

static int gather(struct gathering *g, struct error *e)
{
    int err = read_moment(g, e);
    if (!err)
        read_review(g);
    if (!err)
        err = read_documents(g, e);
    if (!err) {
        err = control_totals_check(&g->data->control, e);
        g->data->does_not_add_up = err != 0;
    }
    if (!*g->data->review.trouble)
        report_mark_make(g->data->options, &g->state, g->data->review.head, g->data->mark);
    report_review_finish(&g->data->review, g->data->control.records);
    report_times_finish(&g->data->times);
    return err;
}

int report_data_read(struct report_data *d, const struct report_options *options, struct ledger *l,
                     struct error *e)
{
    struct gathering g = {.data = d, .ledger = l};
    *d = (struct report_data){.options = options, .ledger = ledger_id(l)};
    d->suppliers = report_suppliers_new();
    buffer_init(&g.state, 0);
    g.columns = columns_new();
    g.document = flat_document_new();
    int err = gather(&g, e);
    review_close(g.review);
    role_record_release(&g.record);
    flat_document_free(g.document);
    columns_free(g.columns);
    ledger_stored_list_release(&g.list);
    buffer_release(&g.state);
    return err;
}

void report_data_release(struct report_data *d)
{
    control_totals_release(&d->control);
    report_suppliers_free(d->suppliers);
    report_times_release(&d->times);
    report_unstored_release(&d->unstored);
    report_review_release(&d->review);
}
