/* answer.h - what every answer of http.listen has: the policy that lets a browser load nothing but our own files, and
 * that nothing is kept. BODY's memory is taken. */
#ifndef MB_MONITOR_ANSWER_H
#define MB_MONITOR_ANSWER_H

#include "net/http_server.h"

/* EXTRA: one more header, or NULL. */
void answer(struct http_request *r, int status, const char *type, struct buffer *body,
            const struct http_header *extra);
void answer_json(struct http_request *r, int status, struct buffer *body);
void answer_text(struct http_request *r, int status, const char *type, const char *text);
/* {"error": WORDS} */
void answer_error(struct http_request *r, int status, const char *words);

#endif
