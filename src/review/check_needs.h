/* check_needs.h - which fields each check needs: one whose field a model hasn't is off for that model. */
#ifndef MB_REVIEW_CHECK_NEEDS_H
#define MB_REVIEW_CHECK_NEEDS_H

#include "core/review_words.h"

#include <stdbool.h>

/* The first role that CODE needs and that HAS says isn't there, ROLE_COUNT: none is missing. Of roles that can stand for each
 * other (VAT number, name and bank account of a supplier) it is the first. */
enum role check_lacks(enum check_code code, const bool has[ROLE_COUNT]);

#endif
