/* webhook.h - results delivered by POST, as Mindee does it, and worse on purpose.
 *
 *   w = webhooks_new(...)               only if the catalog has a webhook to deliver to
 *   hold = webhooks_accept(w, job);     for each new job; its deliveries take their way from here
 *   webhooks_close(w, closed, ctx);     what is under way is dropped; the pointer is dead after the
 *                                       call, the record must live until CLOSED
 *
 * The body is what a GET of the result answers, byte for byte, or for a failed job
 * {"inference_id", "model_id", "file_name", "file_alias", "error", "created_at"}. X-Signature is
 * the hex HMAC-SHA256 of the body under the webhook's secret. Any 2xx is "delivered"; anything else
 * is tried again after a pause, each pause twice as long as the one before. */
#ifndef MB_SANDBOX_WEBHOOK_H
#define MB_SANDBOX_WEBHOOK_H

#include "net/transfer.h"
#include "sandbox/record.h"
#include "sandbox/sandbox_options.h"

enum delivery_state { DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_GIVEN_UP };

/* How a forged delivery is wrong. */
enum forgery {
    FORGED_UNSIGNED,     /* no signature */
    FORGED_OTHER_SECRET, /* signed, but not with the webhook's secret */
    FORGED_OTHER_BODY,   /* with the signature of the true delivery, over a body that isn't its */
    FORGED_CUT,          /* half a signature */
    FORGERIES,
};

/* One webhook of one job: what was drawn for it, and what became of it. */
struct delivery {
    struct job *job;
    int place; /* of the webhook among the model's */

    bool lost;        /* never really sent */
    bool duplicate;   /* sent once more: */
    int duplicate_ms; /* so long after it was delivered; -1: beside the first attempt */
    bool forged;      /* a forged one is sent just before it */
    enum forgery forgery;

    enum delivery_state state;
    int attempts;
    bool tried;                /* an attempt ended */
    int status;                /* of the last attempt's answer; 0: none came */
    enum transfer_end end;     /* of the last attempt */
    struct wall called_at;     /* the last attempt; 0: not yet */
    bool early;                /* delivered before the 202 of its upload was answered */
    int duplicates, forgeries; /* sent besides */
};

/* What /sandbox/stats shows (webhook_show.c says what each one means). */
struct webhook_stats {
    uint64_t attempted, delivered, duplicates, forged, forged_accepted, lost, failed, early;
    uint64_t refused[6]; /* by the first digit of the status; 0: no answer */
    uint64_t pending;
};

struct webhooks;

/* ANSWER_NOW(ctx, job) is called once a held job's deliveries were all tried.
 * 0 or ERR_IO (the CA file). */
MUST_CHECK int webhooks_new(struct webhooks **out, struct loop *loop,
                            const struct sandbox_options *options, struct record *record,
                            void (*answer_now)(void *ctx, struct job *job), void *ctx,
                            struct error *e);
/* Whether the answer to the upload is to be held back until its deliveries were tried; the job has
 * ended then. */
bool webhooks_accept(struct webhooks *w, struct job *job);
const struct webhook_stats *webhooks_stats(const struct webhooks *w);
void webhooks_close(struct webhooks *w, void (*closed)(void *ctx), void *ctx);

/* ---- webhook_message.c ---- */

void webhook_write_body(struct buffer *b, const struct job *j, const struct record *r);
void webhook_sign(const char *secret, const struct buffer *body, char out[SHA256_HEX]);
/* Makes BODY another one, and OUT what goes with it: a wrong signature, or "" for none. */
void webhook_forge(enum forgery how, const char *secret, struct buffer *body, char out[SHA256_HEX]);

/* ---- webhook_draw.c ---- */

/* Draws what will happen to D. Returns how long after the job's end it is to come, in ms. */
int64_t webhook_draw(struct delivery *d, struct random *random,
                     const struct webhook_options *options, double sigma);

/* ---- webhook_show.c ---- */

/* A job's "webhooks", from its 202 on; OVER: the job has ended. */
void webhook_put_responses(struct buffer *b, const struct job *j, bool over);
/* The same for /sandbox/jobs. */
void webhook_put_outcomes(struct buffer *b, const struct job *j);
/* For /sandbox/stats; STATS may be NULL. */
void webhook_put_stats(struct buffer *b, const struct webhook_stats *stats);

#endif
