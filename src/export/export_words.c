/* What an export says of itself: the sentence that a reader sees first, the manifest, and the lines on the
 * terminal. */
#include "export/export_internal.h"

#include "base/text.h"
#include "base/units.h"
#include "export/export_review.h"
#include "format/json_string.h"
#include "ledger/summary.h"

#include <stdio.h>
#include <string.h>

static void add_state(struct buffer *out, int64_t n, const char *one, const char *many)
{
    char count[UNITS_TEXT_MAX];
    if (n > 0)
        buffer_printf(out, "%s%s %s", out->len ? ", " : "", count_format(n, count),
                      n == 1 ? one : many);
}

/* "57 of 60 documents have a result. 2 failed, 1 was rejected." */
void export_verdict(const struct ledger_counts *counts, struct buffer *out)
{
    char stored[UNITS_TEXT_MAX], documents[UNITS_TEXT_MAX];
    struct buffer rest;
    const int64_t *n = counts->by_state;
    buffer_init(&rest, 0);
    add_state(&rest, n[DOC_FAILED], "failed", "failed");
    add_state(&rest, n[DOC_REJECTED], "was rejected", "were rejected");
    add_state(&rest, n[DOC_LOST], "was lost", "were lost");
    add_state(&rest, n[DOC_IN_DOUBT], "is in doubt", "are in doubt");
    add_state(&rest, n[DOC_QUEUED], "waits to be sent", "wait to be sent");
    add_state(&rest, summary_processing(counts), "is being read", "are being read");
    add_state(&rest, counts->dismissed, "was settled by hand", "were settled by hand");
    if (counts->documents == n[DOC_STORED])
        buffer_printf(out, "All %s documents have a result.",
                      count_format(counts->documents, documents));
    else
        buffer_printf(out, "%s of %s documents have a result. %s.",
                      count_format(n[DOC_STORED], stored),
                      count_format(counts->documents, documents), buffer_text(&rest));
    buffer_release(&rest);
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "\"%s\":", name);
    if (text)
        json_string_put(out, text, strlen(text));
    else
        buffer_put(out, "null");
}

/* As the options are called. */
static const char *const status_words[] = {
    [EXPORT_ANY] = NULL, [EXPORT_READY] = "ready", [EXPORT_TO_REVIEW] = "review"};

static void put_selection(const struct export_options *o, struct buffer *out)
{
    char since[WALL_TEXT_MAX];
    buffer_put(out, ",\"selection\":{");
    put_text(out, "batch", o->batch);
    buffer_put(out, ",");
    put_text(out, "since", o->since.ms ? wall_format(o->since, since) : NULL);
    buffer_put(out, ",");
    put_text(out, "flat", o->flat);
    buffer_put(out, ",");
    put_text(out, "status", status_words[o->status]);
    buffer_put(out, ",\"tables\":[");
    for (size_t i = 0; i < o->table_count; i++) {
        buffer_put(out, i ? "," : "");
        json_string_put(out, o->tables[i], strlen(o->tables[i]));
    }
    if (o->documents)
        buffer_printf(out, "],\"documents\":%zu}", o->document_count);
    else
        buffer_put(out, "],\"documents\":null}");
}

void export_manifest_head(const struct export_making *m, struct buffer *out)
{
    put_text(out, "tool", "mindee-batch " MB_VERSION);
    buffer_printf(out, ",\"ledger\":\"%016llx\"", (unsigned long long)ledger_id(m->ledger));
    put_selection(m->options, out);
    buffer_put(out, ",");
    put_text(out, "period", m->options->period);
    buffer_put(out, ",\"control\":");
    control_totals_json(out, &m->outcome->control);
    if (m->review)
        buffer_printf(out, ",\"audit\":{\"head\":\"%s\"}", export_review_head(m));
}

static void add_fact(struct export_about *a, const char *name, const char *value)
{
    if (value == NULL || !*value || a->count == EXPORT_FACTS_MOST)
        return;
    a->facts[a->count].name = name;
    a->facts[a->count++].value = value;
}

void export_about_fill(struct export_about *a, const struct export_making *m)
{
    static const char *const about_status[] = {[EXPORT_ANY] = NULL,
                                               [EXPORT_READY] = "ready, accepted or corrected",
                                               [EXPORT_TO_REVIEW] = "to be reviewed"};
    const struct export_options *o = m->options;
    *a = (struct export_about){.count = 0};
    snprintf(a->ledger, sizeof a->ledger, "%016llx", (unsigned long long)ledger_id(m->ledger));
    snprintf(a->newest, sizeof a->newest, "%lld", (long long)m->filter.upto);
    if (o->since.ms)
        wall_format(o->since, a->since);
    add_fact(a, "Made by", "mindee-batch " MB_VERSION);
    add_fact(a, "Output directory", o->output);
    add_fact(a, "Ledger", a->ledger);
    add_fact(a, "Newest result", a->newest);
    add_fact(a, "Batch", o->batch);
    add_fact(a, "Period", o->period);
    add_fact(a, "Results since", a->since);
    add_fact(a, "Selection", o->documents ? "documents that were named" : "all documents");
    add_fact(a, "Records", about_status[o->status]);
    add_fact(a, "Configuration (SHA-256)", o->configuration);
    add_fact(a, "Audit trail (its newest hash)", m->review ? export_review_head(m) : NULL);
}

void export_say_files(struct export_making *m, const char *place)
{
    struct buffer *out = &m->outcome->files;
    char rows[UNITS_TEXT_MAX];
    buffer_printf(out, "%s\n", text_show(place));
    for (size_t i = 0; i < m->shown->table_count; i++)
        buffer_printf(out, "  %-30s %9s row%s\n", text_show(m->shown->tables[i].name),
                      count_format(m->rows[i], rows), m->rows[i] == 1 ? "" : "s");
}

static void say_count(struct left_out_notes *notes, int64_t n, const char *one, const char *many)
{
    char count[UNITS_TEXT_MAX];
    if (n > 0)
        left_out_note(notes, "%s %s", count_format(n, count), n == 1 ? one : many);
}

void export_say_notes(struct export_making *m)
{
    struct left_out_notes *notes = &m->outcome->said;
    say_count(
        notes, m->unknown_forms,
        "field is of a form that this version doesn't know: its column has the JSON text",
        "fields are of a form that this version doesn't know: their columns have the JSON text");
    say_count(notes, m->mended_texts, "half of a character became U+FFFD",
              "halves of characters became U+FFFD");
    say_count(notes, m->outcome->control.not_summed,
              "amount is in no sum: it is no number, or has more than 18 digits",
              "amounts are in no sum: they are no numbers, or have more than 18 digits");
}
