/* The rules of --fault. A rule's text is taken apart once; drawing is one random number a rule. */
#include "sandbox/fault.h"

#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    unsigned routes; /* of enum fault_route */
    struct fault fault;
    double rate;
};

struct fault_plan {
    struct rule rules[FAULT_RULES_MAX];
    size_t count;
    uint64_t drawn;
};

static const struct {
    const char *name;
    unsigned routes;
} routes[] = {
    {"post", FAULT_POST},
    {"job", FAULT_JOB},
    {"result", FAULT_RESULT},
    {"models", FAULT_MODELS},
    {"get", FAULT_JOB | FAULT_RESULT | FAULT_MODELS},
    {"any", FAULT_POST | FAULT_JOB | FAULT_RESULT | FAULT_MODELS},
};

static const struct {
    const char *name;
    enum fault_kind kind;
    int64_t wait_ms; /* unless the rule says so */
} kinds[] = {
    {"retry-after", FAULT_RETRY_AFTER, 2000},
    {"retry-date", FAULT_RETRY_DATE, 2000},
    {"gateway", FAULT_GATEWAY, 0},
    {"reset-before", FAULT_RESET_BEFORE, 0},
    {"reset-after", FAULT_RESET_AFTER, 0},
    {"close-after", FAULT_CLOSE_AFTER, 0},
    {"truncate", FAULT_TRUNCATE, 0},
    {"garbage", FAULT_GARBAGE, 0},
    {"slow", FAULT_SLOW, 5000},
    {"stall", FAULT_STALL, 0},
};

const char fault_help[] =
    "  ROUTE:KIND=RATE[,TIME]   RATE is 0..1; several rules are drawn in turn, the first hit "
    "counts\n"
    "  routes: post, job, result, models, get (the last three), any\n"
    "  kinds, nothing was done:\n"
    "    500, 503, 429, 401 ...     that status, with Mindee's error body\n"
    "    503-retry-after            with Retry-After in seconds (TIME, 2s); any status\n"
    "    429-retry-date             with Retry-After as a date\n"
    "    reset-before               connection reset before the body is read\n"
    "  kinds, it was done (a job exists, a result is gone if it is deleted when fetched):\n"
    "    502-gateway                an HTML page of that status instead of the answer\n"
    "    reset-after, close-after   no answer, the connection is reset or closed\n"
    "    truncate                   half of the answer, then the end\n"
    "    garbage                    an answer that isn't JSON\n"
    "    slow                       the answer after TIME (5s)\n"
    "    stall                      no answer, the connection stays open (10 minutes)\n";

struct fault_plan *fault_plan_new(void)
{
    return xcalloc(1, sizeof(struct fault_plan));
}

void fault_plan_free(struct fault_plan *plan)
{
    free(plan);
}

uint64_t fault_plan_drawn(const struct fault_plan *plan)
{
    return plan != NULL ? plan->drawn : 0;
}

static bool parse_route(const char *text, size_t len, unsigned *out)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strlen(routes[i].name) == len && memcmp(routes[i].name, text, len) == 0) {
            *out = routes[i].routes;
            return true;
        }
    }
    return false;
}

/* "503", "503-retry-after", "slow". */
static bool parse_kind(const char *text, size_t len, struct fault *out)
{
    *out = (struct fault){.kind = FAULT_NONE};
    if (len >= 3 && strspn(text, "0123456789") == 3) {
        out->status = (int)strtol(text, NULL, 10);
        if (out->status < 400 || out->status > 599)
            return false;
        out->kind = FAULT_STATUS;
        if (len == 3)
            return true;
        if (text[3] != '-')
            return false;
        text += 4;
        len -= 4;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strlen(kinds[i].name) != len || memcmp(kinds[i].name, text, len) != 0)
            continue;
        bool has_status = out->status != 0;
        bool wants_status = kinds[i].kind >= FAULT_RETRY_AFTER && kinds[i].kind <= FAULT_GATEWAY;
        out->kind = kinds[i].kind;
        out->wait_ms = kinds[i].wait_ms;
        return has_status == wants_status;
    }
    return false;
}

static bool parse_rate(const char *text, struct rule *rule)
{
    char *end;
    rule->rate = strtod(text, &end);
    if (end == text || !(rule->rate >= 0 && rule->rate <= 1))
        return false;
    if (*end == 0)
        return true;
    return *end == ',' && duration_parse(end + 1, &rule->fault.wait_ms) == 0;
}

int fault_plan_add(struct fault_plan *plan, const char *text, struct error *e)
{
    struct rule rule = {.rate = 0};
    const char *colon = strchr(text, ':'), *equals = strchr(text, '=');
    if (plan->count == FAULT_RULES_MAX)
        return error_set(e, ERR_USAGE, "more than %d faults", FAULT_RULES_MAX);
    if (colon == NULL || equals == NULL || equals < colon ||
        !parse_route(text, (size_t)(colon - text), &rule.routes) ||
        !parse_kind(colon + 1, (size_t)(equals - colon - 1), &rule.fault) ||
        !parse_rate(equals + 1, &rule))
        return error_set(e, ERR_USAGE,
                         "'%s' is no fault: see --help-all for ROUTE:KIND=RATE[,TIME]", text);
    plan->rules[plan->count++] = rule;
    return 0;
}

struct fault fault_plan_draw(struct fault_plan *plan, struct random *random, enum fault_route route,
                             bool before)
{
    for (size_t i = 0; plan != NULL && i < plan->count; i++) {
        const struct rule *rule = &plan->rules[i];
        if ((rule->routes & route) == 0 || (rule->fault.kind == FAULT_RESET_BEFORE) != before)
            continue;
        if (random_unit(random) < rule->rate) {
            plan->drawn++;
            return rule->fault;
        }
    }
    return (struct fault){.kind = FAULT_NONE};
}
