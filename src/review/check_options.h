/* check_options.h - what is checked, and how grave it is: [checks] and [review] as checks read them.
 *
 *   struct check_options o;
 *   check_options_default(&o);
 *   check_options_grade(&o, settings->checks.off, SEVERITY_OFF) ...      words that config has looked at
 *   check_options_cash(&o, settings->checks.cash_rounding, &e)           ERR_USAGE */
#ifndef MB_REVIEW_CHECK_OPTIONS_H
#define MB_REVIEW_CHECK_OPTIONS_H

#include "base/decimal.h"
#include "base/error.h"
#include "core/review_words.h"

#include <stdbool.h>
#include <stdint.h>

enum { CASH_STEPS_MAX = 64 };

struct cash_step {
    char currency[4];
    struct decimal step;
};

struct check_options {
    bool enabled;      /* without: required fields and confidence alone */
    int64_t tolerance; /* units of the currency's last decimal */
    int64_t due_days, late_days;
    enum severity severities[CHECK_COUNT];
    struct cash_step steps[CASH_STEPS_MAX];
    size_t step_count;
    bool required[ROLE_SINGLE_COUNT], confidence_counts[ROLE_SINGLE_COUNT];
    enum confidence least_confidence;
};

void check_options_default(struct check_options *o);
/* The codes of a NULL-ended list get that severity; of a code in several lists the last call counts. */
void check_options_grade(struct check_options *o, const char *const *codes, enum severity severity);
/* "CHF:0.05", ... instead of those there are. */
MUST_CHECK int check_options_cash(struct check_options *o, const char *const *steps,
                                  struct error *e);
/* Names of single roles ("total"): those are set, the others unset. */
void check_options_roles(bool set[ROLE_SINGLE_COUNT], const char *const *names);

const char *check_code_name(enum check_code code); /* "total-sum" */
/* CHECK_COUNT if there is none of that name. */
enum check_code check_code_named(const char *name);
const char *severity_name(enum severity severity); /* "error" */
enum confidence confidence_named(const char *word, size_t len);
const char *confidence_name(enum confidence c);

#endif
