/* What is posted, and its signature. */
#include "sandbox/webhook.h"

#include "sandbox/json_text.h"
#include "sandbox/result.h"

#include <string.h>

/* No job id: the alias is what tells whose it is. */
static void write_failure(struct buffer *b, const struct job *j, const struct record *r)
{
    char inference[ID_TEXT];
    job_inference_text(j, r, inference);
    buffer_printf(b, "{\"inference_id\":\"%s\",\"model_id\":\"%s\",", inference, j->model->id);
    json_put_member(b, "file_name", j->filename);
    buffer_put(b, ",");
    json_put_member(b, "file_alias", j->alias);
    buffer_put(b, ",\"error\":");
    job_write_error(b, j);
    buffer_put(b, ",\"created_at\":");
    json_put_time(b, j->created_at, job_micros(j));
    buffer_put(b, "}");
}

void webhook_write_body(struct buffer *b, const struct job *j, const struct record *r)
{
    if (j->failure == JOB_SUCCEEDS)
        result_write(b, j, r);
    else
        write_failure(b, j, r);
}

void webhook_sign(const char *secret, const struct buffer *body, char out[SHA256_HEX])
{
    uint8_t mac[SHA256_BYTES];
    hmac_sha256(secret, strlen(secret), body->data, body->len, mac);
    hex_encode(mac, sizeof mac, out);
}

/* Another body, but still JSON with the right ids, so that the signature alone tells. */
static void change_body(struct buffer *b)
{
    REQUIRE(b->len > 0 && b->data[b->len - 1] == '}');
    b->data[--b->len] = 0;
    buffer_put(b, ",\"forged\":true}");
}

void webhook_forge(enum forgery how, const char *secret, struct buffer *body, char out[SHA256_HEX])
{
    out[0] = 0;
    if (how == FORGED_OTHER_BODY)
        webhook_sign(secret, body, out);
    change_body(body);
    if (how == FORGED_OTHER_SECRET)
        webhook_sign("not the webhook's secret", body, out);
    if (how == FORGED_CUT) {
        webhook_sign(secret, body, out);
        out[SHA256_BYTES] = 0; /* half of its digits */
    }
}
