/* circumstances.h - what checks know beyond the record itself. Days are numbers since 1970-01-01. */
#ifndef MB_REVIEW_CIRCUMSTANCES_H
#define MB_REVIEW_CIRCUMSTANCES_H

#include <stdbool.h>
#include <stdint.h>

struct circumstances {
    int64_t stored_day;
    bool has_period;
    int64_t period_first, period_last;
    bool accounts_known;  /* earlier records of its supplier have bank accounts, */
    bool account_known;   /* and this one is among those that nobody doubts */
    bool account_doubted; /* only among those that were rejected, or wait for a person */
};

#endif
