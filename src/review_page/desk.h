/* desk.h - what the page shows and does, behind functions: so the page can be tested with a desk of a test's own. The one over
 * the ledger and review.db is record_desk.h.
 *
 * All are called from threads of the pool, never two at once. Each puts its JSON into OUT, which is empty before; after an
 * error OUT is left as it is. Errors and what the browser gets:
 *   ERR_NOT_FOUND  404: there is no such record
 *   ERR_USAGE      422: a correction that doesn't fit; the words say why
 *   ERR_CHANGED    409: VERSION isn't the current one; OUT has the newer state (`status`, `version`)
 *   any other      500, with the words */
#ifndef MB_REVIEW_PAGE_DESK_H
#define MB_REVIEW_PAGE_DESK_H

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "review_page/page_body.h"

/* Where a record's picture is. */
struct desk_file {
    char *path; /* owned by who asked */
    uint8_t sha256[SHA256_BYTES];
    int first_page; /* of the record in it, from 1 */
    int pages;      /* of the file; 0: not known */
};

struct desk {
    void *ctx;
    int (*list)(void *ctx, struct buffer *out, struct error *e);
    int (*record)(void *ctx, const char *key, struct buffer *out, struct error *e);
    int (*file)(void *ctx, const char *key, struct desk_file *out, struct error *e);
    /* Of the record as it would be with BODY's changes. Changes nothing. */
    int (*check)(void *ctx, const struct page_body *body, struct buffer *out, struct error *e);
    int (*decide)(void *ctx, const struct page_body *body, struct buffer *out, struct error *e);
};

#endif
