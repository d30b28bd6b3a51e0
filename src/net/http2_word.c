/* What an HTTP/2 server says about requests that it didn't look at: RST_STREAM with REFUSED_STREAM,
 * or a GOAWAY whose last stream is an older one (RFC 9113, 8.7 and 6.8). Such a request was not
 * sent, whatever of it went out.
 *
 * No code of libcurl's tells it: to libcurl 7.88.1 a refused stream is a dead connection, on which
 * it wants to send again. Its words do (transfer_handles.c sees to it that they come):
 *
 *   "Using Stream ID: 7 ..."                        before the request leaves
 *   "REFUSED_STREAM, retrying a fresh connect"      the stream was, or nghttp2 closed it for a GOAWAY
 *   "received GOAWAY, error=0, last_stream=3"       said of one transfer of the connection, for all
 *
 * A libcurl with other words leaves such requests in doubt. */
#include "net/transfer_internal.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 200 };

static void turn_away_after(const struct transfer *said, unsigned last_stream)
{
    LIST_EACH (node, &said->pool->states[TRANSFER_RUNNING]) {
        struct transfer *t = LIST_ENTRY(node, struct transfer, link);
        if (t->on_wire && t->local_port == said->local_port && t->stream_id > last_stream)
            t->turned_away = true;
    }
}

void transfer_take_word(struct transfer *t, const char *text, size_t len)
{
    char word[WORD_MAX];
    unsigned number;
    int error;
    snprintf(word, sizeof word, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), text);
    const char *goaway = strstr(word, "GOAWAY, error=");
    if (sscanf(word, "Using Stream ID: %u", &number) == 1)
        t->stream_id = number;
    else if (strncmp(word, "REFUSED_STREAM, retrying", 24) == 0)
        t->turned_away = true;
    else if (goaway && t->on_wire &&
             sscanf(goaway, "GOAWAY, error=%d, last_stream=%u", &error, &number) == 2)
        turn_away_after(t, number);
}
