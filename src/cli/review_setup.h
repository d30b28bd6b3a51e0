/* review_setup.h - what [fields], [checks] and [review] say, as roles and checks take it (src/review).
 *
 *   struct roles *r = roles_new();
 *   review_setup_roles(r, settings, &e)        ERR_USAGE: a path that can't be one
 *   review_setup_checks(&options, settings, &e)
 *   review_setup(&facts_options, r, &options, settings, &e)         all of it, with the digest of what was said */
#ifndef MB_CLI_REVIEW_SETUP_H
#define MB_CLI_REVIEW_SETUP_H

#include "config/settings.h"
#include "review/check_options.h"
#include "review/facts.h"

MUST_CHECK int review_setup_roles(struct roles *r, const struct settings *s, struct error *e);
MUST_CHECK int review_setup_checks(struct check_options *o, const struct settings *s,
                                   struct error *e);

/* OUT refers to ROLES and CHECKS. */
MUST_CHECK int review_setup(struct facts_options *out, struct roles *roles,
                            struct check_options *checks, const struct settings *s,
                            struct error *e);

#endif
