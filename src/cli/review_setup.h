/* review_setup.h - what [fields], [checks] and [review] say, as roles and checks take it (src/review).
 *
 *   struct roles *r = roles_new();
 *   review_setup_roles(r, settings, &e)        ERR_USAGE: a path that can't be one
 *   review_setup_checks(&options, settings, &e) */
#ifndef MB_CLI_REVIEW_SETUP_H
#define MB_CLI_REVIEW_SETUP_H

#include "config/settings.h"
#include "review/check_options.h"
#include "review/roles.h"

MUST_CHECK int review_setup_roles(struct roles *r, const struct settings *s, struct error *e);
MUST_CHECK int review_setup_checks(struct check_options *o, const struct settings *s,
                                   struct error *e);

#endif
