/* See history_json.h. */
#include "monitor/history_json.h"

#include "core/document_words.h"
#include "intake/intake.h"
#include "ledger/cost.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"
#include "monitor/json_parts.h"

#include <inttypes.h>

struct telling {
    struct buffer *out;
    struct ledger *ledger;
    bool first;
    struct buffer path, code, detail; /* of the document, as each of its files has them */
    struct wall dismissed;
};

static void put_file(struct telling *t, const struct ledger_listing *row)
{
    struct buffer *out = t->out, result;
    buffer_put(out, t->first ? "{" : ", {");
    t->first = false;
    json_put_member(out, "path", row->path);
    if (row->state == DOC_STORED && *row->name) {
        buffer_init(&result, 0);
        buffer_put(&result, "results/");
        ledger_result_file(t->ledger, row->name, &result);
        buffer_put(out, ", ");
        json_put_member(out, "result", buffer_text(&result));
        buffer_release(&result);
    }
    if (*row->moved_to) {
        buffer_put(out, ", ");
        json_put_member(out, "moved_to", row->moved_to);
    }
    buffer_printf(out, ", \"there\": %s}", row->there ? "true" : "false");
}

static int note_file(void *ctx, const struct ledger_listing *row)
{
    struct telling *t = ctx;
    if (t->first) {
        buffer_put(&t->path, row->path);
        buffer_put(&t->code, row->code);
        buffer_put(&t->detail, row->detail);
        t->dismissed = row->dismissed;
    }
    put_file(t, row);
    return 0;
}

static int put_event(void *ctx, const struct ledger_event *row)
{
    struct telling *t = ctx;
    struct buffer *out = t->out;
    buffer_put(out, t->first ? "{" : ", {");
    t->first = false;
    json_put_time(out, "at", row->at);
    buffer_printf(out, ", \"event\": \"%s\", \"what\": ",
                  (unsigned)row->event < EV_COUNT ? doc_event_names[row->event] : "unknown");
    json_put_text(out, doc_event_words(row->event));
    buffer_printf(out, ", \"from\": \"%s\", \"to\": \"%s\", \"attempt\": %d, ",
                  doc_state_names[row->from], doc_state_names[row->to], row->attempt);
    json_put_member(out, "cause", row->cause);
    buffer_put(out, "}");
    return 0;
}

static void put_head(struct buffer *out, const struct ledger_document *d,
                     const struct ledger_cost *cost)
{
    char hex[SHA256_HEX];
    hex_encode(d->sha256, SHA256_BYTES, hex);
    buffer_printf(out, "{\"document\": %" PRId64 ", \"state\": \"%s\", \"size\": %" PRId64, d->id,
                  doc_state_names[d->state], d->size_bytes);
    buffer_printf(out, ", \"pages\": %d, \"sha256\": \"%s\", ", d->pages > 0 ? d->pages : 0, hex);
    json_put_member(out, "type", d->type ? file_type_name((enum file_type)d->type) : "");
    buffer_put(out, ", ");
    json_put_member(out, "job_id", d->job_id);
    buffer_put(out, ", ");
    json_put_time(out, "accepted_at", d->accepted_at);
    buffer_put(out, ", ");
    json_put_time(out, "found_at", cost->came);
    buffer_printf(out,
                  ", \"uploads\": %d, \"charged_pages\": %" PRId64 ", \"pages_at_risk\": %" PRId64,
                  cost->uploads, cost->pages, cost->at_risk);
}

static int put_all(struct telling *t, int64_t document)
{
    struct buffer *out = t->out;
    buffer_put(out, ", \"files\": [");
    t->first = true;
    int rc = ledger_list_of(t->ledger, document, note_file, t);
    buffer_put(out, "], ");
    json_put_member(out, "path", buffer_text(&t->path));
    buffer_put(out, ", ");
    json_put_member(out, "code", buffer_text(&t->code));
    buffer_put(out, ", ");
    json_put_member(out, "detail", buffer_text(&t->detail));
    buffer_put(out, ", ");
    json_put_time(out, "dismissed", t->dismissed);
    buffer_put(out, ", \"history\": [");
    t->first = true;
    if (rc == 0)
        rc = ledger_history(t->ledger, document, put_event, t);
    buffer_put(out, "]}\n");
    return rc;
}

int history_json_put(struct buffer *out, struct ledger *l, int64_t document)
{
    struct telling t = {.out = out, .ledger = l};
    struct ledger_document d;
    struct ledger_cost cost;
    int rc = ledger_document_get(l, document, &d);
    if (rc < 0)
        return rc;
    rc = ledger_cost(l, document, &cost);
    if (rc == 0)
        put_head(out, &d, &cost);
    ledger_document_release(&d);
    buffer_init(&t.path, 0);
    buffer_init(&t.code, 0);
    buffer_init(&t.detail, 0);
    if (rc == 0)
        rc = put_all(&t, document);
    buffer_release(&t.path);
    buffer_release(&t.code);
    buffer_release(&t.detail);
    return rc;
}
