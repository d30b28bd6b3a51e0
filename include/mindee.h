/* mindee.h - an asynchronous C client of the Mindee API V2, on the caller's own libuv loop.
 *
 *   struct mindee_options options = MINDEE_OPTIONS_INIT;          options.api_key = "md_...";
 *   struct mindee_enqueue enqueue = MINDEE_ENQUEUE_INIT;          enqueue.model_id = ...
 *   mindee_client_new(&client, uv_default_loop(), &options, text, sizeof text);
 *   mindee_run(client, &enqueue, NULL, on_result, ctx);           all of it in one call; or step by step:
 *
 *   mindee_enqueue(client, &enqueue, on_enqueued, ctx);
 *                 response->job->id of the 202: keep it, it is worth money
 *   mindee_get_job(client, job_id, on_job, ctx);
 *                 again and again until response->job->status isn't MINDEE_JOB_PROCESSING
 *   mindee_get_result(client, result_url, on_result, ctx);
 *                 the job's result_url; response->body is the result, byte for byte
 *   mindee_client_close(client, on_closed, ctx);
 *
 * But for mindee_run nothing here waits, retries or paces: one call is one HTTP request, sent once.
 * And nothing, mindee_run neither, sends a document twice. Each call that
 * returns 0 is answered by exactly one callback, later, from the loop; what a response points to
 * lives until that callback returns. A client and all its calls belong to the loop's thread. The
 * key goes to base_url's origin and nowhere else, and TLS is always verified. The program ignores
 * SIGPIPE, as every one with sockets does: a server may hang up at any time.
 *
 * Structs that a caller fills begin with their size, so that they can grow: begin with their _INIT,
 * then set members by name. Structs that the library fills grow at their end.
 *
 * Sources: Mindee's API reference (https://api-v2.mindee.net/docs) and https://docs.mindee.com,
 * "Integrations / API". */
#ifndef MINDEE_H
#define MINDEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined __GNUC__
#pragma GCC visibility push(default)
#define MINDEE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MINDEE_MUST_CHECK
#endif

#define MINDEE_VERSION "0.1.0" /* of this header */

const char *mindee_version(void); /* of the library that runs */

struct uv_loop_s;
struct mindee_client;

/* "Products": the path below /v2/products/. */
enum mindee_product {
    MINDEE_EXTRACTION,
    MINDEE_CLASSIFICATION,
    MINDEE_CROP,
    MINDEE_SPLIT,
    MINDEE_OCR,
};

/* "extraction", "classification", "crop", "split", "ocr": in the order of the enum, ended by NULL. */
extern const char *const mindee_product_names[];

struct mindee_options {
    size_t size;                /* sizeof(struct mindee_options) */
    const char *base_url;       /* NULL: https://api-v2.mindee.net. A path, a trailing slash and a
                                   trailing /v2 are understood; http is accepted for loopback
                                   addresses alone (127.0.0.0/8, ::1, localhost), and then never
                                   by a proxy */
    const char *api_key;        /* sent as the bare value of Authorization ("Authentication") */
    const char *ca_file;        /* PEM; NULL: the system's */
    const char *proxy;          /* URL; NULL: from the environment (https_proxy, no_proxy) */
    const char *user_agent;     /* NULL: libmindee/VERSION */
    int http2;                  /* 0: HTTP/1.1 */
    int64_t connect_timeout_ms; /* 0: 10,000 */
    int64_t timeout_ms;         /* 0: 120,000; without a byte either way, never a total */
    size_t max_result_bytes;    /* 0: 64 MB */
};

#define MINDEE_OPTIONS_INIT                                                                        \
    {                                                                                              \
        sizeof(struct mindee_options), NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0                    \
    }

enum { MINDEE_TEXT_MAX = 256 }; /* bytes that hold any of the short texts below, the NUL included */

/* What is known of a request's fate. A POST that was accepted can't be cancelled and costs credits,
 * and there is no idempotency key: sending again after MINDEE_IN_DOUBT may pay twice. */
enum mindee_delivery {
    MINDEE_NOT_SENT, /* Mindee can't have accepted it: the request never was complete */
    MINDEE_IN_DOUBT, /* complete, and no answer of Mindee's own came */
    MINDEE_ANSWERED, /* Mindee answered: see status */
};

enum mindee_fault {
    MINDEE_OK, /* a whole answer with a body of the expected kind (of a 4xx or 5xx: the problem, if
                  any) */
    MINDEE_CONNECT,        /* no connection */
    MINDEE_BROKEN,         /* connection lost before a whole answer */
    MINDEE_TIMEOUT,        /* silence */
    MINDEE_TOO_LARGE,      /* an answer over its bound */
    MINDEE_UNEXPECTED,     /* a whole answer that isn't what the API documents: see text and body */
    MINDEE_FOREIGN_URL,    /* a URL of another origin: not followed */
    MINDEE_SOURCE_CHANGED, /* the file isn't the one described by its stamp */
    MINDEE_SOURCE_ERROR,   /* the file can't be read */
    MINDEE_SOURCE_AWAY,    /* it can't for now: no descriptor or memory, a share that is away */
    MINDEE_TURNED_AWAY,    /* over HTTP/2 the server said that it didn't look at it: not sent */
    MINDEE_UNTRUSTED,      /* no connection: the certificate that is shown isn't trusted */
    MINDEE_PROXY_REFUSES,  /* no connection: the proxy won't make it (407, 403, another 4xx) */
    MINDEE_CANCELLED, /* by mindee_cancel, mindee_client_close, _cancel_uploads, _cancel_stalled */
};

struct mindee_problem_error {
    const char *pointer; /* "#/model_id"; "" if absent, as is */
    const char *detail;  /* what is wrong with it */
};

/* "Errors": RFC 9457, as Mindee fills it. */
struct mindee_problem {
    int status;
    const char *title, *detail, *code;         /* "" if absent */
    const char *pointer;                       /* of errors[0], "" if none: "#/model_id" */
    const char *pointer_detail;                /* likewise: what is wrong with it */
    const struct mindee_problem_error *errors; /* all of them */
    size_t error_count;
};

enum mindee_job_status { MINDEE_JOB_PROCESSING, MINDEE_JOB_PROCESSED, MINDEE_JOB_FAILED };

struct mindee_job_webhook {
    const char *id;
    enum mindee_job_status status;
    int attempts;
    const char *error; /* detail, "" if none */
};

/* "Jobs". Times as Mindee writes them; completed_at - created_at is the processing time by its own
 * clock. Of the answer to an upload only the id is sure, of a polled job its status too: another
 * job's id, a status that isn't one and a job that is PROCESSED without a result_url make that
 * answer MINDEE_UNEXPECTED. What else is missing or mistyped reads "", 0 and MINDEE_JOB_PROCESSING,
 * and an entry of webhooks that is no object is left out. */
struct mindee_job {
    const char *id;
    const char *alias;        /* "" if none */
    const char *created_at;   /* ISO 8601, UTC where no zone is given */
    const char *completed_at; /* "" until done */
    enum mindee_job_status status;
    const char *result_url;                    /* "" until ready */
    const struct mindee_problem *error;        /* of a failed job, else NULL */
    const struct mindee_job_webhook *webhooks; /* the first sixteen, for people alone */
    size_t webhook_count;
};

/* What every product's result has in common. Only that it has a result is insisted on;
 * the rest may be absent. */
struct mindee_inference {
    const char *id, *job_id, *model_id, *file_name, *alias; /* "" if absent */
    int page_count; /* 0 if absent; what is charged, a credit a page */
};

struct mindee_model {
    const char *id, *name, *type;
    struct {
        const char *id, *name, *url;
    } webhooks[8]; /* the first eight */
    size_t webhook_count;
};

struct mindee_response {
    enum mindee_delivery delivery;
    enum mindee_fault fault;
    const char *text; /* one sentence for people, "" if all is well: "429 Too Many Requests: ..." */
    int status;       /* HTTP, 0 if none came */
    int64_t retry_after_ms; /* -1 if not said */
    bool on_wire;           /* a request went out: it counts against the limits */
    int64_t body_sent_bytes;
    /* Of a 4xx or 5xx with Mindee's error body (it has a status and a code, which a gateway's page
     * hasn't), else NULL. */
    const struct mindee_problem *problem;
    const struct mindee_job *job;             /* enqueue, get_job */
    const struct mindee_inference *inference; /* get_result */
    const struct mindee_model *models;        /* search_models */
    size_t model_count;
    int total_pages;  /* search_models */
    const char *body; /* the answer's bytes, whole if fault is OK or UNEXPECTED; where anything but
                         a result repeats the key, asterisks stand for it */
    size_t body_len;
};

typedef void (*mindee_cb)(void *ctx, const struct mindee_response *response);

/* 0, or -1 with one sentence in TEXT: a bad base_url, a plain http one that isn't loopback, no key,
 * a ca_file that can't be used. */
int mindee_client_new(struct mindee_client **out, struct uv_loop_s *loop,
                      const struct mindee_options *options, char *text,
                      size_t text_size) MINDEE_MUST_CHECK;

/* Cancels what runs (its callbacks come, MINDEE_CANCELLED), frees the client, then calls CLOSED
 * (may be NULL). No call may follow but those that the callbacks under way make, and they are
 * answered with MINDEE_CANCELLED. */
void mindee_client_close(struct mindee_client *client, void (*closed)(void *ctx), void *ctx);

/* Ends the calls begun with this CTX, each with MINDEE_CANCELLED; one whose answer is here already
 * is answered with that: a job id is worth money. */
void mindee_cancel(struct mindee_client *client, void *ctx);

/* Ends the running enqueues; each is answered: NOT_SENT where the upload was incomplete. */
void mindee_client_cancel_uploads(struct mindee_client *client);
/* Cancels those uploads alone that are incomplete and haven't moved a byte for STILL_MS. */
void mindee_client_cancel_stalled(struct mindee_client *client, int64_t still_ms);

/* The file as it was looked at; if it changed since, it isn't sent: never a mixture. */
struct mindee_file_stamp {
    int64_t size_bytes, mtime_ns, ctime_ns;
    uint64_t inode;
};

/* 0, or -1 and errno: PATH isn't there, or (EINVAL) is no regular file. */
int mindee_stamp_of(const char *path, struct mindee_file_stamp *stamp) MINDEE_MUST_CHECK;

/* Fills up to SIZE bytes of BUFFER with what comes next: how many, 0 at the end, below 0 for an error.
 * It is called from the loop, never after the call was answered, and never asked to go back. */
typedef int64_t (*mindee_read_cb)(void *ctx, void *buffer, size_t size);

/* "Enqueue": POST /v2/products/{product}/enqueue. Strings are copied; NULL leaves a field out (the
 * model's own default holds). -1 is "not set" for the flags: begin with MINDEE_ENQUEUE_INIT.
 * Exactly one of path, url, bytes and read. */
struct mindee_enqueue {
    size_t size; /* sizeof(struct mindee_enqueue) */
    enum mindee_product product;
    const char *model_id;                  /* required */
    const char *path;                      /* a local file, streamed */
    const char *url;                       /* or https, public, up to 2048 characters */
    const struct mindee_file_stamp *stamp; /* required with path */
    const char *filename;     /* as Mindee shall name it; required with path. With bytes
                                              and read NULL is "document" */
    const char *content_type; /* not with url; NULL: application/octet-stream */
    const char *alias;        /* comes back in the job, the result and the webhook */
    const char *webhook_ids;  /* comma-separated */
    /* extraction only */
    int rag, raw_text, polygon, confidence; /* 0, 1, or -1 */
    const char *text_context;
    const char *data_schema; /* JSON */
    /* The document itself: copied. */
    const void *bytes;
    size_t bytes_len;
    /* Or what brings it, READ_LEN bytes in all. If it ends sooner, nothing was sent
     * (MINDEE_SOURCE_CHANGED). */
    mindee_read_cb read;
    void *read_ctx;
    int64_t read_len;
};

/* In C++ the function of that name hides the struct's: this one needs no `struct`. */
typedef struct mindee_enqueue mindee_document;

#define MINDEE_ENQUEUE_INIT                                                                        \
    {                                                                                              \
        sizeof(struct mindee_enqueue), MINDEE_EXTRACTION, NULL, NULL, NULL, NULL, NULL, NULL,      \
            NULL, NULL, -1, -1, -1, -1, NULL, NULL, NULL, 0, NULL, NULL, 0                         \
    }

/* 0, or -1 for arguments that can't be sent (no callback follows; mindee_refusal says why). */
int mindee_enqueue(struct mindee_client *client, const struct mindee_enqueue *enqueue, mindee_cb cb,
                   void *ctx) MINDEE_MUST_CHECK;

/* How mindee_run waits. */
struct mindee_polling {
    size_t size; /* sizeof(struct mindee_polling) */
    int64_t
        first_ms; /* from the upload's answer to the first GET; 0: 3,000, as Mindee's docs have it */
    int64_t every_ms;   /* between two; 0: 1,000, likewise */
    int64_t timeout_ms; /* from the upload's answer; 0: 600,000, as an inference may take 590 s */
};

#define MINDEE_POLLING_INIT                                                                        \
    {                                                                                              \
        sizeof(struct mindee_polling), 0, 0, 0                                                     \
    }

/* Sends a document, asks for its job until it is done, and gets the result. POLLING may be NULL. One
 * callback: with the answer to GET result (inference and body are set), or with the first that ends it:
 * a refusal, a failed job, MINDEE_CANCELLED. Once there is a job, `job` names it in whatever comes, so
 * that it can be asked for later, and `delivery` is the upload's: MINDEE_ANSWERED. A GET that fails in
 * passing (no connection, silence, 408, 429, 5xx) is made again at its time, or when the server said;
 * the upload never is. MINDEE_TIMEOUT with a job: it wasn't done in time.
 * -1 as mindee_enqueue. */
int mindee_run(struct mindee_client *client, const struct mindee_enqueue *enqueue,
               const struct mindee_polling *polling, mindee_cb cb, void *ctx) MINDEE_MUST_CHECK;

/* "Get the status": GET /v2/jobs/{id}?redirect=false; a 302 is understood too, and not followed.
 * -1: not a job id. */
int mindee_get_job(struct mindee_client *client, const char *job_id, mindee_cb cb,
                   void *ctx) MINDEE_MUST_CHECK;

/* One sentence for the last call on this client that returned -1, "" if none did. */
const char *mindee_refusal(const struct mindee_client *client);

/* "Get a result": URL is a job's result_url, or a path from base_url's root. Of another origin, or
 * malformed: answered with MINDEE_FOREIGN_URL, nothing is sent. */
void mindee_get_result(struct mindee_client *client, const char *url, mindee_cb cb, void *ctx);

/* "Search models": GET /v2/search/models. NAME and TYPE may be NULL; PAGE counts from 1. */
void mindee_search_models(struct mindee_client *client, const char *name, const char *type,
                          int page, mindee_cb cb, void *ctx);

/* Reads a result's or a webhook's bytes: 0 and *INFERENCE (strings in a buffer that
 * mindee_inference_free frees), or -1 if they are no inference. Bounded in depth and size like
 * every answer. */
struct mindee_inference_text;
int mindee_inference_parse(const char *body, size_t len, struct mindee_inference *inference,
                           struct mindee_inference_text **owner) MINDEE_MUST_CHECK;
void mindee_inference_free(struct mindee_inference_text *owner);

/* ---- what a result says ---- */

enum mindee_field_kind {
    MINDEE_FIELD_NULL, /* nothing was read */
    MINDEE_FIELD_STRING,
    MINDEE_FIELD_NUMBER,
    MINDEE_FIELD_BOOLEAN,
    MINDEE_FIELD_LIST,   /* items, by [n] */
    MINDEE_FIELD_OBJECT, /* fields, by name */
};

/* Where it stands in the document. Points are x and y, parts of the page's width and height. */
struct mindee_location {
    int page; /* from 0 */
    const double (*points)[2];
    size_t point_count;
};

struct mindee_field {
    enum mindee_field_kind kind;
    const char *name; /* "" of an item */
    const char *
        text; /* the string; a number as it was written, digit by digit; "true" or "false"; else "" */
    double number;          /* of a number, else 0. Amounts are better taken from text */
    const char *confidence; /* "Certain", "High", "Medium", "Low"; "" if not said */
    size_t count;           /* of a list's items, an object's fields */
    const struct mindee_location *locations; /* if they were asked for (polygon) */
    size_t location_count;
};

/* The fields of a result's bytes, which are copied. 0 and *FIELDS, which mindee_fields_free frees with all that
 * it handed out; or -1 and NULL, if they are no inference with a result, or memory is short. */
struct mindee_fields;
int mindee_fields_parse(const char *body, size_t len,
                        struct mindee_fields **fields) MINDEE_MUST_CHECK;

/* The field at PATH: names joined by dots, items from 0: "total_amount", "supplier_address.city",
 * "line_items[0].total_price". "" is all of them, an object. NULL: none. Of a result without fields
 * PATH begins below `result` ("splits[0].document_type", "pages[0].content"); what isn't a field is
 * found by its JSON name ("splits[0].extraction_response.inference.result.total_amount"). */
const struct mindee_field *mindee_fields_get(struct mindee_fields *fields, const char *path);

/* The INDEXth of FIELD's items or fields, as they stand there. NULL: none. */
const struct mindee_field *mindee_fields_at(struct mindee_fields *fields,
                                            const struct mindee_field *field, size_t index);

void mindee_fields_free(struct mindee_fields *fields);

/* "Webhooks": whether SIGNATURE, the X-Signature header, is the hex HMAC-SHA256 of the raw body
 * under the webhook's signing secret; of either case, in constant time. NULL, an empty secret or
 * another length: false. It covers the body alone, no time and no delivery: who must not take one
 * twice defends by what is stored. */
bool mindee_webhook_verify(const char *secret, const void *body, size_t len, const char *signature);

enum mindee_webhook_kind {
    MINDEE_WEBHOOK_RESULT,  /* the bytes of a GET result */
    MINDEE_WEBHOOK_FAILURE, /* the job failed */
};

/* What Mindee posts. */
struct mindee_webhook {
    enum mindee_webhook_kind kind;
    /* Of a failure: id (inference_id), model_id, file_name, and alias (file_alias). There is no job
     * id in one: the alias is what matches it. */
    struct mindee_inference inference;
    struct mindee_problem problem; /* of a failure; else status 0 and "" */
    const char *created_at;        /* of a failure; else "" */
};

/* 0 and *WEBHOOK, its texts in a buffer that mindee_webhook_free frees; or -1, *OWNER NULL: neither
 * a result nor a failure. Bounded like every answer. Verify the signature first. */
struct mindee_webhook_text;
int mindee_webhook_parse(const char *body, size_t len, struct mindee_webhook *webhook,
                         struct mindee_webhook_text **owner) MINDEE_MUST_CHECK;
void mindee_webhook_free(struct mindee_webhook_text *owner);

#if defined __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
