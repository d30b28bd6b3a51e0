/* client_internal.h - what the files of a client share: run.c (send, wait and fetch) stands on calls.c (one request
 * each), client.c (beginning and end) on both. */
#ifndef MB_CLIENT_CLIENT_INTERNAL_H
#define MB_CLIENT_CLIENT_INTERNAL_H

#include "base/error.h"
#include "base/list.h"
#include "client/endpoint.h"
#include "net/loop.h"
#include "net/transfer.h"

#include <mindee.h>

struct mindee_client {
    struct loop *loop; /* ours, over the caller's */
    struct transfer_pool *pool;
    struct loop_timer *timer; /* answers what is in `later` */
    struct endpoint endpoint;
    char *key;
    size_t max_result_bytes;
    struct list uploads, requests, later; /* struct call */
    struct list runs; /* struct run; the calls that they make are in the others */
    bool closing, pool_closed;
    void (*closed)(void *ctx);
    void *closed_ctx;
    struct error refusal; /* of the last call that returned -1 */
};

/* calls.c: of CTX, a client: answers those that waited when its timer fired; what their callbacks add waits for the next
 * time. */
void calls_answer_later(void *ctx);
/* Cancels those begun with CTX. */
void calls_cancel(struct mindee_client *client, const void *ctx);
/* Frees a client that is closing, once nothing of it is left. To be called last. */
void client_maybe_closed(struct mindee_client *client);

/* run.c: ends those begun with CTX; ALL: every one that has no call under way. */
void runs_cancel(struct mindee_client *client, const void *ctx, bool all);

/* Copies the struct IN that a caller filled over *OUT, which has the defaults and is OUT_SIZE bytes: what a caller
 * that was built with an older header doesn't know stays. ERR_USAGE: it doesn't begin with its size, or it was
 * filled by a program that is newer than this library, and asks for what that doesn't know. */
MUST_CHECK int sized_copy(void *out, size_t out_size, const void *in, const char *what,
                          struct error *e);

#endif
