/* See export.h. Two passes: the catalogue looks at the results that came since the last export, so that all
 * columns are known; then each document is read, flattened and written, in the order of the names. Nothing
 * grows with the number of documents but their ids.
 *
 * A result that can't be made into rows (it isn't what Mindee's results are) is left out and said. What can
 * fail besides: the ledger, review.db, the disk; then nothing has changed in the export's directory. */
#include "export/export.h"
#include "export/export_days.h"
#include "export/export_internal.h"
#include "export/export_own_tables.h"
#include "export/export_review.h"

#include "base/array.h"
#include "base/text.h"
#include "ledger/handovers.h"
#include "ledger/periods.h"
#include "ledger/stored_results.h"
#include "tables/all_columns.h"

#include <stdlib.h>
#include <string.h>

enum { READ_AT_ONCE = 1000 };

static int ledger_failed(struct export_making *m, struct error *e)
{
    *e = *ledger_error(m->ledger);
    return e->code;
}

static int read_counts(struct export_making *m, struct error *e)
{
    struct ledger_counts counts;
    const char *period = m->options->period;
    int err = ledger_last_result(m->ledger, &m->filter.upto);
    if (!err)
        err = period ? ledger_period_counts(m->ledger, period, &counts)
                     : ledger_counts(m->ledger, &counts);
    if (err)
        return ledger_failed(m, e);
    const struct export_options *o = m->options;
    bool whole = !o->documents && o->since.ms == 0 && o->status == EXPORT_ANY;
    control_totals_init(&m->outcome->control, &counts, whole);
    return 0;
}

/* One moment: the numbers are those of the results up to the newest one. */
static int read_ledger(struct export_making *m, struct error *e)
{
    m->filter.period = m->options->period;
    m->filter.since = m->options->since;
    ledger_read_begin(m->ledger);
    int err = read_counts(m, e);
    if (!err && ledger_stored_list(m->ledger, &m->filter, &m->list) < 0)
        err = ledger_failed(m, e);
    if (!err)
        err = export_own_read(m, e);
    ledger_read_end(m->ledger);
    return err;
}

static bool is_chosen(const struct export_making *m, int64_t document)
{
    const struct export_options *o = m->options;
    return !o->documents || array_has_number(o->documents, o->document_count, document);
}

static int export_document(struct export_making *m, int64_t document, struct error *e)
{
    m->error = (struct error){0};
    int rc = ledger_stored_get(m->ledger, document, export_rows, m);
    if (rc == 0)
        return 0;
    if (m->error.code) {
        *e = m->error;
        return rc;
    }
    return ledger_failed(m, e);
}

static int export_documents(struct export_making *m, struct error *e)
{
    int err = 0;
    for (size_t i = 0; i < m->list.count && !err;) {
        ledger_read_begin(m->ledger);
        for (size_t n = 0; n < READ_AT_ONCE && i < m->list.count && !err; n++, i++)
            if (is_chosen(m, m->list.documents[i]))
                err = export_document(m, m->list.documents[i], e);
        ledger_read_end(m->ledger);
    }
    return err;
}

static int make(struct export_making *m, struct error *e)
{
    int err = export_own_open(m, e);
    if (!err)
        err = read_ledger(m, e);
    if (!err)
        err = catalogue_open(&m->catalogue, m->ledger, m->options->output, m->options->access, e);
    if (!err)
        err = all_columns(m->catalogue, m->filter.upto, &m->columns, e);
    if (!err)
        err = export_review_open(m, e);
    if (!err)
        err = export_layout(m, e);
    if (!err)
        err = export_sink_open(m, e);
    if (!err)
        err = export_documents(m, e);
    if (!err)
        err = export_own_write(m, e);
    ledger_stored_done(m->ledger); /* the end of a workbook needs room */
    export_review_done(m);
    if (!err) {
        err = control_totals_check(&m->outcome->control, e);
        m->outcome->does_not_add_up = err != 0;
    }
    return err ? err : export_sink_finish(m, e);
}

int export_make(const struct export_options *options, struct ledger *l, struct export_outcome *out,
                struct error *e)
{
    struct export_making m = {.options = options, .ledger = l, .outcome = out};
    memset(out, 0, sizeof *out);
    buffer_init(&out->files, 0);
    m.document = flat_document_new();
    m.days = export_days_new();
    buffer_init(&m.text.name, 0);
    buffer_init(&m.text.file, 0);
    buffer_init(&m.text.result, 0);
    buffer_init(&m.text.currency, 0);
    int err = make(&m, e);
    export_sink_free(&m);
    export_rows_free(&m);
    export_own_free(&m);
    export_review_free(&m);
    ledger_stored_list_release(&m.list);
    flat_document_free(m.document);
    export_days_free(m.days);
    columns_free(m.columns);
    catalogue_close(m.catalogue);
    return err;
}

void export_outcome_release(struct export_outcome *out)
{
    control_totals_release(&out->control);
    buffer_release(&out->files);
}
