/* reply.h - from the end of a transfer to the response that a caller sees.
 *
 *   reply_read(&a, &question, result);     a.response points into A and into RESULT
 *   reply_release(&a);
 *
 * The content type isn't trusted; the bytes are read as what was asked for. The key is masked in
 * everything that a server may have echoed, but in a result, which stays byte for byte. */
#ifndef MB_CLIENT_REPLY_H
#define MB_CLIENT_REPLY_H

#include "client/payload.h"
#include "net/transfer.h"

#include <mindee.h>

enum reply_kind { REPLY_TO_ENQUEUE, REPLY_JOB, REPLY_RESULT, REPLY_MODELS };

struct reply_question {
    enum reply_kind kind;
    const char *job_id; /* REPLY_JOB: the one asked for */
    const char *key;    /* the secret to mask */
};

struct reply {
    struct mindee_response response;
    struct payload payload;
    struct mindee_inference inference;
    struct mindee_inference_text *inference_text;
    char text[MINDEE_TEXT_MAX];
};

void reply_read(struct reply *a, const struct reply_question *q, struct transfer_result *r);

/* Of a call that never became a request: WHY is its text. */
void reply_without_request(struct reply *a, enum mindee_fault fault, const char *why);

void reply_release(struct reply *a);

#endif
