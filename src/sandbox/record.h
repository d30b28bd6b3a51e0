/* record.h - what the sandbox accepted: one small struct for each job, one for each content, and
 * what was charged. It is the truth that tests compare a client's ledger with.
 *
 * A job is charged, once, its pages when it is accepted, unless it is drawn to fail: accepted work
 * can't be cancelled. Its result is made anew from here whenever it is asked for. */
#ifndef MB_SANDBOX_RECORD_H
#define MB_SANDBOX_RECORD_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/hash_set.h"
#include "base/random.h"
#include "sandbox/answers.h"
#include "sandbox/form.h"

#include <stdint.h>

enum { ID_BYTES = 16, ID_TEXT = 37 /* with the NUL */ };

/* One content sent to one model, however often. */
struct content {
    uint8_t key[SHA256_BYTES]; /* sha with the model in it */
    uint8_t sha[SHA256_BYTES]; /* of the file; of an URL given instead */
    const char *type;
    int pages;
    uint32_t accepted; /* jobs */
    uint32_t charged;  /* jobs that were charged */
    char *truth;       /* what a sample says of itself, packed (invoice/mark.h); or NULL */
    size_t truth_len;
};

enum job_failure { JOB_SUCCEEDS, JOB_FAILS_422, JOB_FAILS_500 };
enum job_status { JOB_PROCESSING, JOB_PROCESSED, JOB_FAILED, JOB_EXPIRED };

struct job {
    uint8_t id[ID_BYTES];
    struct content *content;
    const struct model *model;
    char *filename, *alias;    /* alias NULL: none */
    struct answer_part answer; /* the user's own, which the result is then */
    struct wall created_at;
    struct mono done_at;
    int64_t duration_ms;
    uint32_t fetched; /* results handed out */
    unsigned options; /* of enum form_option */
    struct webhook_choice webhooks;
    char *data_schema;           /* instead of the model's; NULL: none */
    struct delivery *deliveries; /* one for each of them that is called; see webhook.h */
    int delivery_count;
    enum job_failure failure;
    char rag_document[ID_TEXT]; /* that it was matched with; "": none */
    bool deleted;               /* the result, by being fetched or delivered */
    bool unanswered;            /* its 202 is held back */
};

struct record {
    struct random random;           /* for ids */
    uint8_t mask[ID_BYTES];         /* between a job's id and its inference's */
    struct hash_set jobs, contents; /* of pointers: by id, by key */
    struct job **order;             /* of acceptance */
    size_t order_capacity;
    int64_t retention_ms;
    uint64_t accepted, charged_pages, results_served;
    uint64_t duplicates;     /* jobs of a content that had been accepted before */
    uint64_t double_charged; /* charges for a content that had been charged before */
};

void record_init(struct record *r, uint64_t seed, int64_t retention_ms);
void record_release(struct record *r);

/* A new job for what FORM holds; its filename, alias and schema are
 * taken out of the form. */
struct job *record_accept(struct record *r, struct form *form, struct wall wall, struct mono now,
                          int64_t duration_ms, enum job_failure failure);
/* A new id of version 4, for what else needs one. */
void record_new_id(struct record *r, char out[ID_TEXT]);
/* JOB becomes one as if FORM were accepted, for its result alone; its texts stay the form's. */
void record_preview(struct record *r, const struct form *form, struct job *job);
size_t record_count(const struct record *r);

/* By the text of an id, which is a UUID; NULL if there is none. */
struct job *record_find_job(const struct record *r, const char *id);
struct job *record_find_inference(const struct record *r, const char *id);

enum job_status job_status_at(const struct job *j, const struct record *r, struct mono now);
/* Mindee's times have microseconds, the clock hasn't: what a job adds to each of its own. */
int job_micros(const struct job *j);
void job_id_text(const struct job *j, char out[ID_TEXT]);
void job_inference_text(const struct job *j, const struct record *r, char out[ID_TEXT]);
/* Of the inference of its Nth part, of a model that is a chain. */
void job_part_text(const struct job *j, unsigned n, char out[ID_TEXT]);

/* {"job": {...}} as the API answers it; BASE is "https://host:port". */
void job_write(struct buffer *b, const struct job *j, const struct record *r, struct mono now,
               const char *base);
/* Why it failed: {status, title, detail, code, errors}. */
void job_write_error(struct buffer *b, const struct job *j);
/* The path of its result, below BASE. */
void job_result_url(struct buffer *b, const struct job *j, const struct record *r,
                    const char *base);

#endif
