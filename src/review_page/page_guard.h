/* page_guard.h - who may talk to the review page: pure, before anything of a request is used.
 *
 *   page_guard_init(&g, port, token)
 *   status = page_guard_look(&g, &visit, now_ms, &why)      0: it may go on; else the answer's status and a sentence
 *
 * Other pages in the clerk's browser reach 127.0.0.1 as well, under names of their own that point there, too. So,
 * in this order: Host is this machine's loopback and this port (421), Origin, if there, the same (403),
 * Sec-Fetch-Site, if there, `same-origin` or `none` (403); below /api/ the token (401, and 429 from the 21st wrong one
 * of a minute on: the right one is taken all the same, so that no other program on this machine locks the
 * clerk out); of a POST JSON alone (415), of an announced length (411) of at most PAGE_BODY_MAX (413). */
#ifndef MB_REVIEW_PAGE_PAGE_GUARD_H
#define MB_REVIEW_PAGE_PAGE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PAGE_TOKEN_BYTES = 32,
    PAGE_TOKEN_TEXT = 2 * PAGE_TOKEN_BYTES + 1, /* hex, NUL */
    PAGE_BODY_MAX = 64 * 1024,
    PAGE_WRONG_TOKENS = 20, /* a minute */
};

struct page_guard {
    uint16_t port;
    char token[PAGE_TOKEN_TEXT];
    int64_t minute_began_ms;
    int wrong; /* tokens since then */
};

/* What a request says of itself. Each but the method and the path may be NULL. */
struct page_visit {
    const char *method, *path;
    const char *host, *origin, *fetch_site, *token, *content_type;
    int64_t body_bytes; /* announced; -1: in chunks */
};

/* From the system's random numbers. */
void page_token_make(char out[PAGE_TOKEN_TEXT]);

void page_guard_init(struct page_guard *g, uint16_t port, const char *token);
int page_guard_look(struct page_guard *g, const struct page_visit *v, int64_t now_ms,
                    const char **why);

#endif
