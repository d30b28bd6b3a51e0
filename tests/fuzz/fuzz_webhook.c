/* Any bytes as a webhook's body: a result, a failure, or neither, with all its texts; a result
 * exactly where mindee_inference_parse finds one; the signature that its own secret makes holds,
 * and none does that differs in one digit. */
#include "base/digest.h"
#include "base/require.h"
#include "base/text.h"

#include <mindee.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    REQUIRE(text != NULL && text_is_utf8(text, strlen(text)));
}

static void check_webhook(const struct mindee_webhook *w)
{
    check_text(w->inference.id);
    check_text(w->inference.job_id);
    check_text(w->inference.model_id);
    check_text(w->inference.file_name);
    check_text(w->inference.alias);
    check_text(w->created_at);
    check_text(w->problem.title);
    check_text(w->problem.detail);
    check_text(w->problem.code);
    check_text(w->problem.pointer);
    check_text(w->problem.pointer_detail);
    REQUIRE(w->inference.page_count >= 0 && w->problem.status >= 0);
    if (w->kind == MINDEE_WEBHOOK_FAILURE)
        REQUIRE(*w->inference.id || *w->inference.alias);
}

static void check_signature(const char *body, size_t size)
{
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    hmac_sha256("secret", 6, body, size, mac);
    hex_encode(mac, sizeof mac, hex);
    REQUIRE(mindee_webhook_verify("secret", body, size, hex));
    REQUIRE(!mindee_webhook_verify("Secret", body, size, hex));
    size_t at = size % 64;
    hex[at] = hex[at] == '0' ? '1' : '0';
    REQUIRE(!mindee_webhook_verify("secret", body, size, hex));
    char *given = xcalloc(1, size + 1); /* the body itself as a signature */
    memcpy(given, body, size);
    REQUIRE(!mindee_webhook_verify("secret", body, size, given));
    free(given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mindee_webhook w;
    struct mindee_webhook_text *owner;
    struct mindee_inference i;
    struct mindee_inference_text *inference_owner;
    char *body = malloc(size ? size : 1);
    memcpy(body, data, size);
    int read = mindee_webhook_parse(body, size, &w, &owner);
    bool result = mindee_inference_parse(body, size, &i, &inference_owner) == 0;
    REQUIRE((read == 0) == (owner != NULL));
    if (read == 0)
        check_webhook(&w);
    REQUIRE(result == (read == 0 && w.kind == MINDEE_WEBHOOK_RESULT));
    check_signature(body, size);
    free(body); /* the texts are copies */
    if (read == 0)
        check_webhook(&w);
    mindee_inference_free(inference_owner);
    mindee_webhook_free(owner);
    return 0;
}
