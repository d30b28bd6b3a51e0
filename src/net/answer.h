/* answer.h - an HTTP answer as it comes in: status, the headers that matter, the body, all bounded.
 * Private to src/net. */
#ifndef MB_NET_ANSWER_H
#define MB_NET_ANSWER_H

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "net/content_encoding.h"

enum { ANSWER_MAX_HEADER_BYTES = 64 * 1024 };

struct answer {
    int status;             /* of the latest status line */
    bool whole_headers;     /* the final answer's header block has ended */
    bool continued;         /* a "100 Continue" came */
    bool too_large;         /* headers or body went over their bound, or memory ran out */
    int64_t retry_after_ms; /* -1: none that can be understood */
    char encoding[CONTENT_ENCODING_MAX]; /* Content-Encoding, "" if there is none */
    size_t header_bytes;
    struct buffer body;
};

void answer_init(struct answer *a, size_t max_body_bytes);
void answer_release(struct answer *a);

/* One header line with its line end, a status line or the empty line; CLOCK for a Retry-After that
 * is a date. 0, or ERR_LIMIT or ERR_MEMORY: end the transfer. */
MUST_CHECK int answer_header(struct answer *a, const char *line, size_t len,
                             const struct clock *clock);
MUST_CHECK int answer_body(struct answer *a, const char *data, size_t len);

#endif
