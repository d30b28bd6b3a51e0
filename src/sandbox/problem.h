/* problem.h - the API's errors, RFC 9457:
 * {status, title, detail, code, errors[{pointer, detail}]}. */
#ifndef MB_SANDBOX_PROBLEM_H
#define MB_SANDBOX_PROBLEM_H

#include "base/buffer.h"

struct problem {
    int status; /* 0: none */
    const char *code, *title;
    char detail[160];
    char pointer[48]; /* "#/model_id"; "": no item in errors */
    char item[160];   /* what is wrong there */
};

/* A form field that is wrong: 422-001. Returns -1,
 * so that `return problem_field(...)` reads well. */
int problem_field(struct problem *p, const char *field, const char *format, ...) PRINTF(3, 4);
/* One of the others, by status; DETAIL NULL: that status' usual words. Returns -1. */
int problem_set(struct problem *p, int status, const char *detail);
/* Other words for the whole of one that is set. Returns -1. */
int problem_detail(struct problem *p, const char *detail);
/* The two kinds of 401. */
int problem_no_credentials(struct problem *p);
int problem_bad_key(struct problem *p);

void problem_write(struct buffer *b, const struct problem *p);

#endif
