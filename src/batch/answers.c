/* See answers.h. What an outcome means is decided in core (outcome.h). */
#include "batch/answers.h"

#include "base/text.h"
#include "batch/exit_code.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROXY_REFUSES = 407 };

struct answers {
    struct ending *ending;
    struct pace *pace;
};

struct answers *answers_new(struct ending *ending, struct pace *pace)
{
    struct answers *a = xcalloc(1, sizeof *a);
    a->ending = ending;
    a->pace = pace;
    return a;
}

void answers_free(struct answers *a)
{
    free(a);
}

struct outcome answer_facts(enum request_kind kind, const struct mindee_response *r)
{
    return (struct outcome){
        .kind = kind,
        .delivery = r->delivery == MINDEE_NOT_SENT   ? DELIVERY_NOT_SENT
                    : r->delivery == MINDEE_ANSWERED ? DELIVERY_ANSWERED
                                                     : DELIVERY_IN_DOUBT,
        .status = r->status,
        .problem = r->problem != NULL,
        .cancelled = r->fault == MINDEE_CANCELLED,
        .turned_away = r->fault == MINDEE_TURNED_AWAY,
    };
}

static const char *transport_cause(const struct mindee_response *r)
{
    static const char *const causes[] = {
        [MINDEE_OK] = "",
        [MINDEE_CONNECT] = "connect",
        [MINDEE_BROKEN] = "broken",
        [MINDEE_TIMEOUT] = "timeout",
        [MINDEE_TOO_LARGE] = "too_large",
        [MINDEE_UNEXPECTED] = "unexpected",
        [MINDEE_FOREIGN_URL] = "foreign_url",
        [MINDEE_SOURCE_CHANGED] = "source",
        [MINDEE_SOURCE_ERROR] = "source",
        [MINDEE_SOURCE_AWAY] = "source_away",
        [MINDEE_TURNED_AWAY] = "turned_away",
        [MINDEE_UNTRUSTED] = "untrusted",
        [MINDEE_PROXY_REFUSES] = "proxy",
        [MINDEE_CANCELLED] = "stopped",
    };
    return causes[r->fault];
}

static void refused(struct answers *a, const struct mindee_response *r)
{
    const char *way_out = "";
    switch (r->status) {
    case 401:
        way_out = "check the API key (api.key_file, or MINDEE_V2_API_KEY)";
        break;
    case 402:
        way_out = "the plan lacks an option or its credits are used up: see the Mindee platform";
        break;
    case 403:
        way_out = "this key has no access: check the key and api.model_id";
        break;
    default:
        way_out =
            "check api.model_id and api.product; `mindee-batch models` lists the key's models";
    }
    ending_early(
        a->ending, EXIT_REFUSED,
        "Mindee refuses: %s. Stopped, nothing is lost: %s, then run the same command again",
        r->text, way_out);
}

/* What stands between us and Mindee won't let us through. Before anything was reached that is how it
 * will stay; later it is the network's trouble, and passes. */
static void stopped_on_the_way(struct answers *a, const struct mindee_response *r)
{
    bool proxy = r->fault == MINDEE_PROXY_REFUSES || r->status == PROXY_REFUSES;
    ending_early(a->ending, EXIT_REFUSED,
                 "%s: %s. Stopped, nothing is lost: %s, then run the same command again",
                 proxy ? "the proxy refuses" : "the server's certificate isn't trusted", r->text,
                 proxy ? "check api.proxy (or https_proxy) and what the proxy asks for"
                       : "check api.base_url, api.ca_file and this machine's clock");
}

static bool is_stopped_on_the_way(const struct mindee_response *r)
{
    return r->fault == MINDEE_PROXY_REFUSES || r->fault == MINDEE_UNTRUSTED ||
           r->status == PROXY_REFUSES;
}

enum doc_event_kind answer_read(struct answers *a, const struct outcome *o,
                                const struct mindee_response *r, struct news *news,
                                char cause[ANSWER_CAUSE_MAX])
{
    enum breaker_sign sign = outcome_sign(o);
    if (r->status)
        snprintf(cause, ANSWER_CAUSE_MAX, "http_%d%s%s", r->status,
                 r->fault != MINDEE_OK ? "_" : "", transport_cause(r));
    else
        text_copy(cause, ANSWER_CAUSE_MAX, transport_cause(r));
    bool fine = r->fault == MINDEE_OK && r->status / 100 == 2;
    *news = (struct news){.cause = cause,
                          .code = fine                                ? NULL
                                  : r->problem && r->problem->code[0] ? r->problem->code
                                                                      : cause,
                          .detail = r->text,
                          .retry_after_ms = r->retry_after_ms};
    pace_sign(a->pace, sign, cause, r->text);
    if (is_stopped_on_the_way(r) && !pace_silence(a->pace)->ever_heard)
        stopped_on_the_way(a, r);
    if (sign == SIGN_REFUSES)
        refused(a, r);
    return outcome_event(o);
}
