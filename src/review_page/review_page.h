/* review_page.h - the page on which a clerk settles doubtful records, served on this machine's loopback alone.
 *
 *   review_page_new(&p, loop, &options, &e)      listens from here on, on 127.0.0.1
 *   review_page_address(p)                       "http://127.0.0.1:PORT/#TOKEN", to be opened; valid while P is
 *   review_page_close(p, closed, ctx)            P is dead after the call; CLOSED comes from the loop, when what the desk was
 *                                                doing is done
 *
 * The token is in the fragment, which a browser neither sends nor logs; the script hands it back in a header. There are
 * no cookies: all ports of 127.0.0.1 would share them. Who else may not talk to it: page_guard.h.
 *
 *   GET  /api/list              the open records
 *   GET  /api/record/KEY        one, with `drafts`: what was typed and isn't decided yet
 *   GET  /api/page/KEY/N        the picture of the N-th page of its file, from 1
 *   POST /api/check             {record, corrections, keep}: what would be found then; with `keep` they are its draft
 *   POST /api/decide            {record, version, action, corrections, note}
 * Errors are {"error": words}; of a 409 of decide, the newer state. */
#ifndef MB_REVIEW_PAGE_REVIEW_PAGE_H
#define MB_REVIEW_PAGE_REVIEW_PAGE_H

#include "net/loop.h"
#include "review_page/desk.h"

struct review_page;

struct review_page_options {
    uint16_t port;           /* 0: any free one */
    int64_t idle_ms;         /* so long without a request, and IDLE is called; 0: never */
    const char *tools;       /* the path of mindee-batch-tools, which draws pages */
    const struct desk *desk; /* copied; its ctx must live until CLOSED */
    void (*idle)(void *ctx);
    void *ctx;
};

MUST_CHECK int review_page_new(struct review_page **out, struct loop *loop,
                               const struct review_page_options *options, struct error *e);
const char *review_page_address(const struct review_page *p);
void review_page_close(struct review_page *p, void (*closed)(void *ctx), void *ctx);

#endif
