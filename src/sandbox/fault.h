/* fault.h - faults on purpose, by route, kind and rate.
 *
 *   plan = fault_plan_new();
 *   fault_plan_add(plan, "post:reset-after=0.1", &e)      ROUTE:KIND=RATE[,VALUE]
 *   kind = fault_plan_draw(plan, &random, FAULT_POST, &fault)
 *
 * Each rule is drawn by itself, in the order they were given; the first that hits is it. */
#ifndef MB_SANDBOX_FAULT_H
#define MB_SANDBOX_FAULT_H

#include "base/error.h"
#include "base/random.h"

#include <stdbool.h>
#include <stdint.h>

enum fault_route { FAULT_POST = 1, FAULT_JOB = 2, FAULT_RESULT = 4, FAULT_MODELS = 8 };

enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,       /* an error of that status instead of an answer: nothing was done */
    FAULT_RETRY_AFTER,  /* the same with Retry-After in seconds */
    FAULT_RETRY_DATE,   /* the same with Retry-After as a date */
    FAULT_GATEWAY,      /* it was done, but a gateway answers with an HTML page of that status */
    FAULT_RESET_BEFORE, /* the connection is reset before the body is read: nothing was done */
    FAULT_RESET_AFTER,  /* it was done, and the connection reset instead of an answer */
    FAULT_CLOSE_AFTER,  /* it was done, and the connection closed instead of an answer */
    FAULT_TRUNCATE,     /* it was done, half of the answer is sent */
    FAULT_GARBAGE,      /* it was done, the answer is no JSON */
    FAULT_SLOW,         /* it was done, the answer comes late */
    FAULT_STALL,        /* it was done, no answer ever comes */
};

struct fault {
    enum fault_kind kind;
    int status;      /* of FAULT_STATUS, FAULT_RETRY_*, FAULT_GATEWAY */
    int64_t wait_ms; /* of FAULT_RETRY_*, FAULT_SLOW */
};

enum { FAULT_RULES_MAX = 32 };

struct fault_plan;
struct fault_plan *fault_plan_new(void);
void fault_plan_free(struct fault_plan *plan); /* NULL is fine */
/* 0 or ERR_USAGE. */
MUST_CHECK int fault_plan_add(struct fault_plan *plan, const char *rule, struct error *e);
/* The fault for one request, FAULT_NONE mostly. BEFORE: only those that come before the body is
 * read, or only the others. PLAN NULL: never one. */
struct fault fault_plan_draw(struct fault_plan *plan, struct random *random, enum fault_route route,
                             bool before);
/* How many were drawn, of all kinds. */
uint64_t fault_plan_drawn(const struct fault_plan *plan);
/* For --help: what can be said, a line each. */
extern const char fault_help[];

#endif
