/* See meter.h. */
#include "batch/meter.h"

const char *const meter_request_names[METER_REQUESTS] = {"submit", "poll", "fetch", "models"};
const char *const meter_outcome_names[METER_OUTCOMES] = {"2xx",      "4xx",      "429",   "5xx",
                                                         "not_sent", "in_doubt", "broken"};

void meter_step(struct batch_meter *m, enum doc_event_kind kind)
{
    if (m)
        m->steps[kind]++;
}

/* A poll may be answered by where the result is: that is an answer, too. */
static enum meter_outcome outcome_of(enum meter_request kind, const struct mindee_response *r,
                                     bool usable)
{
    if (r->status == 429)
        return METER_429;
    if (r->status >= 500)
        return METER_5XX;
    if (r->status >= 400)
        return METER_4XX;
    if (r->status >= 200)
        return kind != METER_FETCH || usable ? METER_2XX : METER_BROKEN;
    if (!r->on_wire || r->delivery == MINDEE_NOT_SENT)
        return METER_NOT_SENT;
    return kind == METER_SUBMIT ? METER_IN_DOUBT : METER_BROKEN;
}

void meter_answer(struct batch_meter *m, enum meter_request kind, const struct mindee_response *r,
                  int64_t took_ms, bool usable)
{
    if (!m)
        return;
    m->requests[kind][outcome_of(kind, r, usable)]++;
    histogram_add(&m->request_times[kind], &histogram_of_requests, took_ms * 1000);
    if (kind == METER_SUBMIT)
        m->upload_bytes += r->body_sent_bytes;
}

void meter_job(struct batch_meter *m, struct wall created, struct wall completed, struct wall now)
{
    if (!m)
        return;
    histogram_add(&m->job_times, &histogram_of_jobs, (completed.ms - created.ms) * 1000);
    histogram_add(&m->delays, &histogram_of_delays, (now.ms - completed.ms) * 1000);
}

/* A rejected file has a document that was never sent: its one step has no flight. */
void meter_file(struct batch_meter *m, enum ledger_put put)
{
    if (!m)
        return;
    m->files[put]++;
    if (put == PUT_REJECTED)
        m->steps[EV_REJECT]++;
}

void meter_orphan(struct batch_meter *m)
{
    if (m)
        m->orphans++;
}

void meter_webhooks(struct batch_meter *m, const struct webhook_receiver_counts *c)
{
    if (!m)
        return;
    m->had_webhooks = true;
    m->webhooks.delivered += c->delivered;
    m->webhooks.accepted += c->accepted;
    m->webhooks.refused_signature += c->refused_signature;
    m->webhooks.refused_path += c->refused_path;
    m->webhooks.refused_method += c->refused_method;
    m->webhooks.too_large += c->too_large;
    m->webhooks.busy += c->busy;
    m->webhooks.timed_out += c->timed_out;
}

void meter_commit(struct batch_meter *m, int64_t took_ms, bool fine)
{
    if (!m)
        return;
    if (fine)
        histogram_add(&m->commits, &histogram_of_moments, took_ms * 1000);
    else
        m->commits_failed++;
}
