/* form_internal.h - between reading a form and checking it. */
#ifndef MB_SANDBOX_FORM_INTERNAL_H
#define MB_SANDBOX_FORM_INTERNAL_H

#include "sandbox/form.h"

/* Whether what was read is a request that the product takes: 0, or -1 with the problem. */
MUST_CHECK int form_check(struct form *f, enum product product, struct problem *p);

#endif
