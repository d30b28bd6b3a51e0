/* form_internal.h - between reading a form and checking it. */
#ifndef MB_SANDBOX_FORM_INTERNAL_H
#define MB_SANDBOX_FORM_INTERNAL_H

#include "sandbox/form.h"

/* A copy of LEN bytes with a NUL behind; NULL if there is no memory. */
char *form_copy_text(const char *text, size_t len);
/* Whether what was read is a request that the product takes: 0, or -1 with the problem. */
MUST_CHECK int form_check(struct form *f, enum product product, struct problem *p);

#endif
