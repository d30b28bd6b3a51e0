/* What Mindee posts to a webhook: whether it is Mindee's, and what it says.
 *
 * The signature is checked over the raw bytes, before anything reads them. A delivery of a result
 * is what a GET of it answers, and read by the same one scan; only what isn't a result is looked at
 * as a failure, through a tree of bounded size. */
#include "client/payload.h"

#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

bool mindee_webhook_verify(const char *secret, const void *body, size_t len, const char *signature)
{
    uint8_t own[SHA256_BYTES], given[SHA256_BYTES];
    if (!secret || !*secret || !signature || hex_decode(signature, given, sizeof given) < 0)
        return false;
    hmac_sha256(secret, strlen(secret), len ? body : "", len, own);
    return bytes_equal_constant_time(own, given, sizeof own);
}

struct mindee_webhook_text {
    struct mindee_inference_text *inference; /* of a result */
    struct payload payload;                  /* of a failure */
};

int mindee_webhook_parse(const char *body, size_t len, struct mindee_webhook *webhook,
                         struct mindee_webhook_text **owner)
{
    struct error e;
    struct mindee_webhook_text *texts = xcalloc(1, sizeof *texts);
    static const struct mindee_problem none = {
        .title = "", .detail = "", .code = "", .pointer = "", .pointer_detail = ""};
    *webhook =
        (struct mindee_webhook){.kind = MINDEE_WEBHOOK_RESULT, .problem = none, .created_at = ""};
    *owner = texts;
    payload_init(&texts->payload);
    if (payload_inference(&webhook->inference, &texts->inference, body, len, &e) == 0 ||
        payload_failure(&texts->payload, webhook, body, len, &e) == 0)
        return 0;
    mindee_webhook_free(texts);
    *webhook = (struct mindee_webhook){0};
    *owner = NULL;
    return -1;
}

void mindee_webhook_free(struct mindee_webhook_text *owner)
{
    if (!owner)
        return;
    mindee_inference_free(owner->inference);
    payload_release(&owner->payload);
    free(owner);
}
