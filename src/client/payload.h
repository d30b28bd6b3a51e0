/* payload.h - what Mindee's JSON says, typed: jobs, problems, models (by cJSON) and the head of a
 * result (by one scan, without a tree).
 *
 *   struct payload p;
 *   payload_init(&p);
 *   if (payload_job(&p, body, len, NULL, &e) == 0)         p.job; its texts live until
 *       ...                                                payload_release()
 *   payload_release(&p);
 *
 * The bytes come from the network: any of them is answered with 0 or ERR_FORMAT / ERR_LIMIT and a
 * sentence that names what is wrong, never with more. Of members with the same name the first
 * counts. Where a text holds what C strings can't
 * (U+0000, half a surrogate pair) it reads U+FFFD. */
#ifndef MB_CLIENT_PAYLOAD_H
#define MB_CLIENT_PAYLOAD_H

#include "base/error.h"

#include <mindee.h>

enum {
    PAYLOAD_MAX_BYTES = 1000000, /* of a job, a problem or a page of models */
    PAYLOAD_MAX_VALUES = 50000,  /* in one of them */
    PAYLOAD_MAX_WEBHOOKS = 16,   /* of a job; more aren't looked at */
    PAYLOAD_MAX_MODELS = 1000,   /* of a page; likewise */
};

struct cJSON;

struct payload {
    struct cJSON *tree; /* owns the texts */
    struct mindee_job job;
    struct mindee_problem problem;       /* of an answer, or of a failed job */
    struct mindee_problem_error *errors; /* its own */
    struct mindee_job_webhook webhooks[PAYLOAD_MAX_WEBHOOKS];
    struct mindee_model *models;
    size_t model_count;
    int total_pages;
};

void payload_init(struct payload *p);
void payload_release(struct payload *p);

/* {"job": {...}}. WANTED is the id that was asked for: another one is an error, and so is a status
 * that isn't one. NULL: the answer to an upload, of which only the id must be right: it is worth
 * money. Whatever else is missing or mistyped reads "", and keeps no result from being fetched. */
MUST_CHECK int payload_job(struct payload *p, const char *body, size_t len, const char *wanted,
                           struct error *e);

/* {"status", "title", "detail", "code", "errors"}: only with an integer status and a code is it
 * Mindee's own, and not some gateway's. */
MUST_CHECK int payload_problem(struct payload *p, const char *body, size_t len, struct error *e);

/* {"inference_id", "model_id", "file_name", "file_alias", "error": {...}, "created_at"}: what a
 * webhook brings of a failed job. There must be an error, and a name to tell whose; what else is
 * missing or mistyped reads "". OUT's texts are P's. */
MUST_CHECK int payload_failure(struct payload *p, struct mindee_webhook *out, const char *body,
                               size_t len, struct error *e);

/* {"models": [...], "pagination": {...}} */
MUST_CHECK int payload_models(struct payload *p, const char *body, size_t len, struct error *e);

/* {"inference": {..., "result": {...}}} of any size. Only the result must be there; what else is
 * missing or mistyped reads "" or 0: a result is paid for, and not given up for a file's name. The
 * texts belong to *OWNER (mindee_inference_free). */
MUST_CHECK int payload_inference(struct mindee_inference *inference,
                                 struct mindee_inference_text **owner, const char *body, size_t len,
                                 struct error *e);

#endif
