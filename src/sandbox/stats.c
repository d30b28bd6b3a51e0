/* The record for tests: GET /sandbox/stats and GET /sandbox/jobs.
 *
 *   posts, gets            requests let in by key and limits, whatever their answer
 *   posts_429, gets_429    refused by the limits (injected 429s are let in, and faults)
 *   max_posts_60s, ...     the most let in within any 60 s, exactly
 *   refused_keys           401s; not in posts and gets, nor in the windows
 *   resets_before          connections reset before the body was read; not counted elsewhere
 *   faults                 all faults injected
 *   accepted               jobs made: POSTs that did their work, their answer lost or not
 *   charged_pages          pages of the jobs that don't fail
 *   duplicates             jobs for a content that its model had been sent before
 *   double_charged         those of them that were charged for a second, third... time
 *   results_served         results handed out, those that a fault then broke too
 *   jobs                   how many are processing, processed, failed, expired
 *   webhooks               what was delivered (webhook_show.c) */
#include "sandbox/json_text.h"
#include "sandbox/sandbox_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_DEFAULT = 1000, JOBS_MAX = 10000 };

static const char *const status_names[] = {"processing", "processed", "failed", "expired"};

static void put_number(struct buffer *b, const char *name, uint64_t n)
{
    buffer_printf(b, "%s\"%s\":%" PRIu64, b->data[b->len - 1] == '{' ? "" : ",", name, n);
}

static void put_stats(struct sandbox *s, struct buffer *b)
{
    struct record *rec = &s->record;
    struct mono now = loop_now(s->loop);
    uint64_t by_status[4] = {0};
    for (size_t i = 0; i < record_count(rec); i++)
        by_status[job_status_at(rec->order[i], rec, now)]++;
    buffer_put(b, "{");
    put_number(b, "posts", s->posts.let_in);
    put_number(b, "gets", s->gets.let_in);
    put_number(b, "posts_429", s->posts.refused);
    put_number(b, "gets_429", s->gets.refused);
    put_number(b, "max_posts_60s", s->posts.max);
    put_number(b, "max_gets_60s", s->gets.max);
    put_number(b, "refused_keys", s->refused_keys);
    put_number(b, "resets_before", s->resets_before);
    put_number(b, "faults", fault_plan_drawn(s->options.faults));
    put_number(b, "accepted", rec->accepted);
    put_number(b, "charged_pages", rec->charged_pages);
    put_number(b, "duplicates", rec->duplicates);
    put_number(b, "double_charged", rec->double_charged);
    put_number(b, "results_served", rec->results_served);
    buffer_put(b, ",\"jobs\":{");
    for (int i = 0; i < 4; i++)
        put_number(b, status_names[i], by_status[i]);
    buffer_put(b, "},\"webhooks\":");
    webhook_put_stats(b, s->webhooks != NULL ? webhooks_stats(s->webhooks) : NULL);
    buffer_put(b, "}\n");
}

static void put_job(struct sandbox *s, struct buffer *b, const struct job *j)
{
    char id[ID_TEXT], inference[ID_TEXT], sha[SHA256_HEX];
    job_id_text(j, id);
    job_inference_text(j, &s->record, inference);
    hex_encode(j->content->sha, SHA256_BYTES, sha);
    buffer_printf(b, "{\"id\":\"%s\",\"inference_id\":\"%s\",\"model_id\":\"%s\",", id, inference,
                  j->model->id);
    json_put_member(b, "alias", j->alias);
    buffer_put(b, ",");
    json_put_member(b, "filename", j->filename);
    buffer_printf(b,
                  ",\"sha256\":\"%s\",\"pages\":%d,\"status\":\"%s\",\"charged\":%s,"
                  "\"duration_ms\":%" PRId64 ",\"fetched\":%" PRIu32 ",\"webhooks\":",
                  sha, j->content->pages,
                  status_names[job_status_at(j, &s->record, loop_now(s->loop))],
                  j->failure == JOB_SUCCEEDS ? "true" : "false", j->duration_ms, j->fetched);
    webhook_put_outcomes(b, j);
    buffer_put(b, "}");
}

static size_t number_argument(struct http_request *r, const char *name, size_t missing)
{
    const char *text = http_request_argument(r, name);
    return text != NULL ? strtoul(text, NULL, 10) : missing;
}

static void put_jobs(struct sandbox *s, struct http_request *r, struct buffer *b)
{
    size_t total = record_count(&s->record), from = number_argument(r, "from", 0);
    size_t limit = number_argument(r, "limit", JOBS_DEFAULT);
    if (limit > JOBS_MAX)
        limit = JOBS_MAX;
    if (from > total)
        from = total;
    size_t end = total - from > limit ? from + limit : total;
    buffer_printf(b, "{\"total\":%zu,\"from\":%zu,\"next\":", total, from);
    if (end < total)
        buffer_printf(b, "%zu,\"jobs\":[", end);
    else
        buffer_put(b, "null,\"jobs\":[");
    for (size_t i = from; i < end; i++) {
        buffer_put(b, i > from ? ",\n" : "\n");
        put_job(s, b, s->record.order[i]);
    }
    buffer_put(b, "]}\n");
}

bool stats_answer(struct sandbox *s, struct http_request *r, struct answer *a)
{
    const char *path = http_request_path(r);
    if (strcmp(http_request_method(r), "GET") != 0)
        return false;
    if (strcmp(path, "/sandbox/stats") == 0)
        put_stats(s, &a->body);
    else if (strcmp(path, "/sandbox/jobs") == 0)
        put_jobs(s, r, &a->body);
    else
        return false;
    return true;
}
