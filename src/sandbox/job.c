/* A job as it shows: its state follows from the time, its JSON from the state. */
#include "sandbox/json_text.h"
#include "sandbox/record.h"
#include "sandbox/webhook.h"

enum job_status job_status_at(const struct job *j, const struct record *r, struct mono now)
{
    if (!mono_reached(now, j->done_at))
        return JOB_PROCESSING;
    if (mono_reached(now, mono_add(j->done_at, r->retention_ms)))
        return JOB_EXPIRED;
    return j->failure == JOB_SUCCEEDS ? JOB_PROCESSED : JOB_FAILED;
}

void job_result_url(struct buffer *b, const struct job *j, const struct record *r, const char *base)
{
    char inference[ID_TEXT];
    job_inference_text(j, r, inference);
    buffer_printf(b, "%s/v2/products/%s/results/%s", base, product_name(j->model->product),
                  inference);
}

void job_write_error(struct buffer *b, const struct job *j)
{
    struct problem p;
    if (j->failure == JOB_FAILS_422) {
        problem_field(&p, "file", "the document can't be read");
    } else {
        problem_set(&p, 500, "The processing failed.");
    }
    problem_write(b, &p);
}

void job_write(struct buffer *b, const struct job *j, const struct record *r, struct mono now,
               const char *base)
{
    static const char *const names[] = {"Processing", "Processed", "Failed", "Processed"};
    enum job_status status = job_status_at(j, r, now);
    char id[ID_TEXT];
    job_id_text(j, id);
    buffer_printf(b, "{\"job\":{\"id\":\"%s\",\"model_id\":\"%s\",", id, j->model->id);
    json_put_member(b, "filename", j->filename);
    buffer_put(b, ",");
    json_put_member(b, "alias", j->alias);
    buffer_put(b, ",\"created_at\":");
    json_put_time(b, j->created_at, job_micros(j));
    buffer_put(b, ",\"completed_at\":");
    if (status == JOB_PROCESSING)
        buffer_put(b, "null");
    else
        json_put_time(b, (struct wall){j->created_at.ms + j->duration_ms}, job_micros(j));
    buffer_printf(b, ",\"status\":\"%s\",\"polling_url\":\"%s/v2/jobs/%s\",\"result_url\":",
                  names[status], base, id);
    if (status == JOB_PROCESSED) {
        buffer_put(b, "\"");
        job_result_url(b, j, r, base);
        buffer_put(b, "\"");
    } else {
        buffer_put(b, "null");
    }
    buffer_put(b, ",\"webhooks\":");
    webhook_put_responses(b, j, status != JOB_PROCESSING);
    buffer_put(b, ",\"error\":");
    if (status == JOB_FAILED)
        job_write_error(b, j);
    else
        buffer_put(b, "null");
    buffer_put(b, "}}");
}
