/* See live_json.h. Times are seconds; a null is what isn't known, or never was. */
#include "monitor/live_json.h"

#include "ledger/summary.h"
#include "monitor/json_parts.h"

#include <inttypes.h>

static void put_number(struct buffer *out, const char *name, int64_t n)
{
    buffer_printf(out, ", \"%s\": %" PRId64, name, n);
}

/* Of milliseconds; null if negative. */
static void put_seconds(struct buffer *out, const char *name, int64_t ms)
{
    if (ms < 0)
        buffer_printf(out, ", \"%s\": null", name);
    else
        put_number(out, name, ms / 1000);
}

static void put_limits(struct buffer *out, const struct observed *seen)
{
    static const char *const kinds[] = {[PACE_POST] = "post", [PACE_GET] = "get"};
    buffer_put(out, "\"limits\": {");
    for (int k = 0; k < 2; k++) {
        const struct pace_measure *l = &seen->observer->limits[k];
        buffer_printf(out, "%s\"%s\": {\"limit\": %" PRIu32 ", \"used\": %" PRId64, k ? ", " : "",
                      kinds[k], l->limit, l->used);
        buffer_printf(out, ", \"percent\": %d}", (int)(l->rate * 100 + 0.5));
    }
    int64_t refusals = 0;
    for (size_t i = 0; i < seen->count; i++)
        for (int r = 0; r < METER_REQUESTS; r++)
            refusals += seen->batches[i].view.meter->requests[r][METER_429];
    buffer_printf(out, "}, \"refusals\": %" PRId64, refusals);
}

static void put_webhooks(struct buffer *out, const struct observed *seen)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    const struct webhook_receiver_counts *c = &seen->webhooks;
    if (!seen->takes_webhooks) {
        buffer_put(out, ", \"webhooks\": null");
        return;
    }
    buffer_printf(out, ", \"webhooks\": {\"accepted\": %" PRId64, c->accepted);
    put_number(out, "refused",
               c->refused_signature + c->refused_path + c->refused_method + c->too_large + c->busy +
                   c->timed_out);
    put_number(out, "orphans", seen->orphans);
    if (seen->certificate_ends.ms)
        put_number(out, "certificate_days", (seen->certificate_ends.ms - seen->now.ms) / DAY_MS);
    buffer_put(out, "}");
}

static void put_numbers(struct buffer *out, const struct observed_batch *b)
{
    const struct ledger_counts *c = &b->now.counts;
    char text[CREDITS_TEXT_MAX];
    put_number(out, "files", c->files);
    put_number(out, "documents", c->documents);
    put_number(out, "duplicates", c->duplicates);
    put_number(out, "queued", c->by_state[DOC_QUEUED]);
    put_number(out, "processing", summary_processing(c));
    for (int s = DOC_STORED; s <= DOC_LOST; s++)
        put_number(out, doc_state_names[s], c->by_state[s]);
    put_number(out, "in_doubt", c->by_state[DOC_IN_DOUBT]);
    put_number(out, "dismissed", c->dismissed);
    buffer_printf(out, ", \"credits\": %s", credits_plain(c->credits, text));
    buffer_printf(out, ", \"credits_at_risk\": %s", credits_plain(c->credits_at_risk, text));
}

static void put_pauses(struct buffer *out, const struct observed_batch *b)
{
    const char *between = "";
    buffer_put(out, ", \"waits_for\": [");
    for (int i = 0; b->view.at_work && i < BATCH_PAUSES; i++)
        if (b->now.progress.pauses & 1u << i) {
            buffer_put(out, between);
            json_put_text(out, batch_pause_names[i]);
            between = ", ";
        }
    buffer_put(out, "]");
}

static void put_failures(struct buffer *out, const struct failure_sums *sums)
{
    buffer_put(out, ", \"failures\": [");
    for (size_t i = 0; i < sums->count; i++) {
        const struct failure_sum *f = &sums->codes[i];
        buffer_put(out, i ? ", {" : "{");
        json_put_member(out, "code", f->code);
        put_number(out, "count", f->count);
        put_number(out, "document", f->document);
        buffer_put(out, ", ");
        json_put_member(out, "path", f->path);
        buffer_put(out, ", ");
        json_put_member(out, "detail", f->detail);
        buffer_put(out, "}");
    }
    buffer_put(out, "]");
}

static void put_batch(struct buffer *out, const struct observed *seen,
                      const struct observed_batch *b, const struct failure_sums *sums)
{
    const struct batch_progress *p = &b->now.progress;
    int64_t since = b->slow->queue_since.ms;
    bool waits = since && b->now.counts.by_state[DOC_QUEUED] > 0;
    buffer_put(out, "{");
    json_put_member(out, "name", b->view.name);
    buffer_printf(out, ", \"known\": %s, \"at_work\": %s, \"finding\": %s",
                  b->now.known ? "true" : "false", b->view.at_work ? "true" : "false",
                  b->view.at_work && p->walking ? "true" : "false");
    put_numbers(out, b);
    put_seconds(out, "eta", b->view.at_work ? p->eta_ms : -1);
    put_seconds(out, "oldest_queued", waits ? seen->now.ms - since : -1);
    put_seconds(out, "oldest_job", b->view.at_work ? b->now.oldest_job_ms : -1);
    buffer_put(out, ", ");
    json_put_time(out, "next_run", b->view.next_run);
    buffer_put(out, ", ");
    json_put_time(out, "last_run", b->view.last_run);
    if (b->view.last_exit >= 0)
        put_number(out, "last_exit", b->view.last_exit);
    put_pauses(out, b);
    buffer_put(out, ", ");
    json_put_member(out, "trouble", b->view.trouble);
    put_failures(out, sums);
    buffer_put(out, "}");
}

void live_json_put(struct buffer *out, const struct observed *seen, const struct failure_sums *sums)
{
    buffer_put(out, "{");
    json_put_time(out, "now", seen->now);
    buffer_printf(out, ", \"version\": \"%s\", \"stopping\": %s, ", MB_VERSION,
                  seen->stopping ? "true" : "false");
    put_limits(out, seen);
    put_webhooks(out, seen);
    buffer_put(out, ", \"batches\": [");
    for (size_t i = 0; i < seen->count; i++) {
        buffer_put(out, i ? ", " : "");
        put_batch(out, seen, &seen->batches[i], &sums[i]);
    }
    buffer_put(out, "]}");
}
