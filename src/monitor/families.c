/* See families.h. Names and labels are promised to whoever has built a panel or an alert on them: they change with a major
 * version alone. Labels come from small closed sets: never a path, an id, a key or a model's name. */
#include "monitor/families.h"

#include "monitor/exposition.h"
#include "net/transfer.h"
#include "store/database.h"

#define EACH_BATCH(b, seen)                                                                        \
    for (const struct observed_batch *b = (seen)->batches; b < (seen)->batches + (seen)->count; b++)

static void label_batch(struct exposition *x, const struct observed_batch *b)
{
    exposition_label(x, "batch", b->view.name);
}

/* With many batches what says nothing is left out, so that a scrape stays small: 20 of them come to less than 64 KB. */
static bool is_brief(const struct observed *seen)
{
    enum { MANY = 10 };
    return seen->count > MANY;
}

/* ---- documents ---- */

static void put_documents(struct exposition *x, const struct observed *seen)
{
    static const char *const names[] = {"queued",   "processing", "stored",   "failed",
                                        "rejected", "lost",       "in_doubt", "dismissed"};
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_documents", "Documents by state.");
    EACH_BATCH(b, seen)
    {
        const struct ledger_counts *c = &b->now.counts;
        const int64_t *s = c->by_state;
        const int64_t counts[] = {
            s[DOC_QUEUED],   s[DOC_SUBMITTING] + s[DOC_PROCESSING] + s[DOC_READY],
            s[DOC_STORED],   s[DOC_FAILED],
            s[DOC_REJECTED], s[DOC_LOST],
            s[DOC_IN_DOUBT], c->dismissed};
        for (size_t i = 0; b->now.known && i < sizeof counts / sizeof *counts; i++) {
            label_batch(x, b);
            exposition_label(x, "state", names[i]);
            exposition_count(x, counts[i]);
        }
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_files", "Files that the documents came in.");
    EACH_BATCH(b, seen)
    if (b->now.known) {
        label_batch(x, b);
        exposition_count(x, b->now.counts.files);
    }
}

/* Those that every document takes are told from the start, so that their growth is seen from nothing on. */
static bool is_told(const struct batch_meter *m, int event)
{
    return m->steps[event] > 0 || event == EV_ADMIT || event == EV_ACCEPTED ||
           event == EV_JOB_READY || event == EV_RESULT;
}

static void put_steps(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_document_steps",
                      "What happened to documents.");
    EACH_BATCH(b, seen)
    for (int event = 0; event < EV_COUNT; event++)
        if (is_told(b->view.meter, event)) {
            label_batch(x, b);
            exposition_label(x, "event", doc_event_names[event]);
            exposition_count(x, b->view.meter->steps[event]);
        }
}

static void put_sources(struct exposition *x, const struct observed *seen)
{
    static const char *const names[] = {[PUT_QUEUED] = "new",
                                        [PUT_DUPLICATE] = "duplicate",
                                        [PUT_REJECTED] = "rejected",
                                        [PUT_UNCHANGED] = "unchanged"};
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_source_items",
                      "What came from where documents come from.");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t count = 0;
        EACH_BATCH(b, seen)
        count += b->view.meter->files[i];
        exposition_label(x, "source", "directory");
        exposition_label(x, "outcome", names[i]);
        exposition_count(x, count);
    }
}

/* ---- Mindee ---- */

static void put_requests(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_requests", "Requests to Mindee.");
    for (int k = 0; k < METER_REQUESTS; k++)
        for (int o = 0; o < METER_OUTCOMES; o++) {
            int64_t count = 0;
            EACH_BATCH(b, seen)
            count += b->view.meter->requests[k][o];
            exposition_label(x, "kind", meter_request_names[k]);
            exposition_label(x, "outcome", meter_outcome_names[o]);
            exposition_count(x, count);
        }
    exposition_family(x, EXPOSE_HISTOGRAM, "mindee_batch_request_duration_seconds",
                      "From a request to its answer, an upload's body included.");
    for (int k = 0; k < METER_REQUESTS; k++) {
        struct histogram all = {0};
        EACH_BATCH(b, seen)
        histogram_merge(&all, &b->view.meter->request_times[k]);
        exposition_label(x, "kind", meter_request_names[k]);
        exposition_histogram(x, &histogram_of_requests, &all);
    }
    int64_t bytes = 0;
    EACH_BATCH(b, seen)
    bytes += b->view.meter->upload_bytes;
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_upload_bytes",
                      "Bytes of files that were sent.");
    exposition_count(x, bytes);
}

static void put_jobs(struct exposition *x, const struct observed *seen)
{
    struct histogram jobs = {0}, delays = {0};
    EACH_BATCH(b, seen)
    {
        histogram_merge(&jobs, &b->view.meter->job_times);
        histogram_merge(&delays, &b->view.meter->delays);
    }
    exposition_family(x, EXPOSE_HISTOGRAM, "mindee_batch_job_duration_seconds",
                      "How long Mindee worked on a document, by its own clock.");
    exposition_only_buckets_of(x, is_brief(seen) ? &jobs : NULL);
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_histogram(x, &histogram_of_jobs, &b->view.meter->job_times);
    }
    exposition_family(x, EXPOSE_HISTOGRAM, "mindee_batch_detection_delay_seconds",
                      "From the end of Mindee's work to when it was known here.");
    exposition_only_buckets_of(x, is_brief(seen) ? &delays : NULL);
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_label(x, "by", "poll");
        exposition_histogram(x, &histogram_of_delays, &b->view.meter->delays);
    }
}

static void put_credits(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_credits", "Credits known to be charged.");
    EACH_BATCH(b, seen)
    if (b->now.known) {
        label_batch(x, b);
        exposition_micro(x, b->now.counts.credits.micro);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_credits_at_risk",
                      "Credits that uploads without an answer may have cost besides.");
    EACH_BATCH(b, seen)
    if (b->now.known) {
        label_batch(x, b);
        exposition_micro(x, b->now.counts.credits_at_risk.micro);
    }
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_resends",
                      "Uploads that were sent again without knowing about the one before.");
    EACH_BATCH(b, seen)
    if (b->now.known) {
        label_batch(x, b);
        exposition_count(x, b->now.counts.resent);
    }
}

static void put_limits(struct exposition *x, const struct observed *seen)
{
    static const char *const kinds[] = {[PACE_POST] = "post", [PACE_GET] = "get"};
    const struct pace_measure *l = seen->observer->limits;
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_limit",
                      "Requests a minute that are allowed; 0: no limit.");
    for (int k = 0; k < 2; k++) {
        exposition_label(x, "kind", kinds[k]);
        exposition_count(x, l[k].limit);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_limit_used",
                      "Of these, taken in the last minute, by all runs that share them.");
    for (int k = 0; k < 2; k++) {
        exposition_label(x, "kind", kinds[k]);
        exposition_count(x, l[k].used);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_limit_rate_ratio",
                      "The share of the limit that is used after refusals; 1: all of it.");
    for (int k = 0; k < 2; k++) {
        exposition_label(x, "kind", kinds[k]);
        exposition_micro(x, (int64_t)(l[k].rate * 1e6 + 0.5));
    }
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_limit_refusals",
                      "Answers that say that we are too fast (429).");
    for (int k = 0; k < 2; k++) {
        int64_t count = 0;
        EACH_BATCH(b, seen)
        for (int r = 0; r < METER_REQUESTS; r++)
            if ((r == METER_SUBMIT) == (k == PACE_POST))
                count += b->view.meter->requests[r][METER_429];
        exposition_label(x, "kind", kinds[k]);
        exposition_count(x, count);
    }
}

/* ---- waiting ---- */

/* Of many batches only what ever held one up is told, and one reason more, so that each is there. */
static void put_pauses(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_paused", "1 while that holds the batch up.");
    EACH_BATCH(b, seen)
    for (int i = 0; i < BATCH_PAUSES; i++) {
        unsigned bit = 1u << i;
        if (is_brief(seen) && bit != PAUSE_RATE && !(b->slow->pauses_seen & bit))
            continue;
        label_batch(x, b);
        exposition_label(x, "reason", batch_pause_codes[i]);
        exposition_count(x, b->view.at_work && b->now.progress.pauses & bit ? 1 : 0);
    }
}

static void put_ages(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_queue_oldest_age_seconds",
                      "How long the oldest document has waited to be sent.");
    EACH_BATCH(b, seen)
    {
        int64_t since = b->slow->queue_since.ms;
        bool waits = since > 0 && b->now.counts.by_state[DOC_QUEUED] > 0;
        label_batch(x, b);
        exposition_ms(x, waits && seen->now.ms > since ? seen->now.ms - since : 0);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_jobs_oldest_age_seconds",
                      "How long Mindee has had the oldest document that isn't done.");
    EACH_BATCH(b, seen)
    {
        bool any = b->view.batch && b->now.oldest_job_ms > 0;
        label_batch(x, b);
        exposition_ms(x, any ? b->now.oldest_job_ms : 0);
    }
}

/* ---- this machine ---- */

static void put_ledger(struct exposition *x, const struct observed *seen)
{
    struct histogram commits = {0};
    int64_t failed = 0;
    EACH_BATCH(b, seen)
    {
        histogram_merge(&commits, &b->view.meter->commits);
        failed += b->view.meter->commits_failed;
    }
    exposition_family(x, EXPOSE_HISTOGRAM, "mindee_batch_ledger_commit_duration_seconds",
                      "How long it took to record what happened.");
    exposition_histogram(x, &histogram_of_moments, &commits);
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_ledger_commits",
                      "How often something was recorded.");
    exposition_label(x, "result", "ok");
    exposition_count(x, histogram_total(&commits));
    exposition_label(x, "result", "failed");
    exposition_count(x, failed);
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_ledger_bytes", "Size of the ledgers.");
    exposition_count(x, seen->observer->ledger_bytes);
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_ledger_free_bytes",
                      "Room on the disk, where there is least.");
    if (seen->observer->ledger_free_bytes >= 0)
        exposition_count(x, seen->observer->ledger_free_bytes);
    exposition_family(x, EXPOSE_HISTOGRAM, "mindee_batch_loop_turn_duration_seconds",
                      "How long the program was busy at a time.");
    exposition_histogram(x, &histogram_of_moments, &seen->observer->turns);
}

static void put_webhooks(struct exposition *x, const struct observed *seen)
{
    const struct webhook_receiver_counts *c = &seen->webhooks;
    const struct {
        const char *outcome;
        int64_t count;
    } rows[] = {{"accepted", c->accepted},   {"signature", c->refused_signature},
                {"path", c->refused_path},   {"method", c->refused_method},
                {"too_large", c->too_large}, {"busy", c->busy},
                {"late", c->timed_out},      {"orphan", seen->orphans}};
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_webhooks", "Webhooks that came.");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        exposition_label(x, "outcome", rows[i].outcome);
        exposition_count(x, rows[i].count);
    }
    if (!seen->certificate_ends.ms)
        return;
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_webhook_certificate_expiry_timestamp_seconds",
                      "When the certificate that webhooks are taken with ends.");
    exposition_ms(x, seen->certificate_ends.ms);
}

/* ---- the calendar ---- */

static void put_schedule(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_schedule_last_run_timestamp_seconds",
                      "When the newest run began; 0: none did since the start.");
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_ms(x, b->view.last_run.ms);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_schedule_last_run_exit_code",
                      "How the newest run that ended did: 0: all stored.");
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_count(x, b->view.last_exit > 0 ? b->view.last_exit : 0);
    }
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_schedule_next_run_timestamp_seconds",
                      "When the next scheduled run is due; 0: none is.");
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_ms(x, b->view.next_run.ms);
    }
    exposition_family(x, EXPOSE_COUNTER, "mindee_batch_schedule_missed",
                      "Scheduled runs that weren't made up for.");
    EACH_BATCH(b, seen)
    {
        label_batch(x, b);
        exposition_count(x, b->view.missed);
    }
}

static void put_handovers(struct exposition *x, const struct observed *seen)
{
    bool any = false;
    EACH_BATCH(b, seen)
    any = any || b->slow->hands_over;
    if (!any)
        return;
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_handover_lag",
                      "Results that whoever takes them hasn't got yet.");
    EACH_BATCH(b, seen)
    if (b->slow->hands_over) {
        label_batch(x, b);
        exposition_label(x, "sink", "on_stored");
        exposition_count(x, b->slow->handover_left);
    }
}

static void put_process(struct exposition *x, const struct observed *seen)
{
    const struct process_facts *p = &seen->observer->process;
    exposition_family(x, EXPOSE_COUNTER, "process_cpu_seconds", "Time on a processor.");
    exposition_micro(x, p->cpu_us);
    exposition_family(x, EXPOSE_GAUGE, "process_resident_memory_bytes", "Memory in use.");
    exposition_count(x, p->resident_bytes);
    exposition_family(x, EXPOSE_GAUGE, "process_open_fds", "Open descriptors.");
    exposition_count(x, p->open_fds);
    exposition_family(x, EXPOSE_GAUGE, "process_max_fds", "How many may be; -1: any number.");
    exposition_count(x, p->max_fds);
    exposition_family(x, EXPOSE_GAUGE, "process_start_time_seconds", "When the process began.");
    exposition_ms(x, p->start_ms);
}

static void put_program(struct exposition *x, const struct observed *seen)
{
    exposition_family(x, EXPOSE_INFO, "mindee_batch_build", "What this program is made of.");
    exposition_label(x, "version", MB_VERSION);
    exposition_label(x, "libcurl", transfer_library_version());
    exposition_label(x, "sqlite", database_library_version());
    exposition_count(x, 1);
    exposition_family(x, EXPOSE_GAUGE, "mindee_batch_start_time_seconds",
                      "When the program began to measure.");
    exposition_ms(x, seen->observer->started.ms);
}

void families_put(struct buffer *out, const struct observed *seen, bool open_metrics)
{
    static void (*const all[])(struct exposition *, const struct observed *) = {
        put_program, put_documents, put_steps,    put_sources,   put_requests,
        put_jobs,    put_credits,   put_limits,   put_pauses,    put_ages,
        put_ledger,  put_webhooks,  put_schedule, put_handovers, put_process};
    struct exposition x;
    exposition_init(&x, out, open_metrics);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i](&x, seen);
    exposition_end(&x);
}
