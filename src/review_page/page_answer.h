/* page_answer.h - the page's answers: each has the headers that keep the browser from doing more with it than is meant, errors too. */
#ifndef MB_REVIEW_PAGE_PAGE_ANSWER_H
#define MB_REVIEW_PAGE_PAGE_ANSWER_H

#include "net/http_server.h"

/* BODY's memory is taken; TYPE is a media type. R is dead after. */
void page_answer(struct http_request *r, int status, const char *type, struct buffer *body);
/* The first BYTES of the file FD, which is taken. */
void page_answer_file(struct http_request *r, const char *type, int fd, int64_t bytes);
void page_answer_json(struct http_request *r, int status, struct buffer *body);
/* {"error": WORDS} */
void page_answer_error(struct http_request *r, int status, const char *words);

#endif
