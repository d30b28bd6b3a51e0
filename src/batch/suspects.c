/* See suspects.h. */
#include "batch/suspects.h"

#include "base/array.h"
#include "batch/exit_code.h"
#include "core/canary.h"

#include <stdlib.h>

struct suspects {
    struct ending *ending;
    struct flights *flights;
    struct canary canary;
    int64_t *documents;
    size_t count, capacity;
};

struct suspects *suspects_new(struct ending *ending, struct flights *flights, int first)
{
    struct suspects *s = xcalloc(1, sizeof *s);
    s->ending = ending;
    s->flights = flights;
    canary_init(&s->canary, first);
    return s;
}

void suspects_free(struct suspects *s)
{
    if (s)
        free(s->documents);
    free(s);
}

size_t suspects_room(const struct suspects *s, size_t out)
{
    return canary_room(&s->canary, out);
}

static void suspect(struct suspects *s, int64_t document)
{
    ARRAY_RESERVE(s->documents, s->capacity, s->count + 1);
    s->documents[s->count++] = document;
}

void suspects_accepted(struct suspects *s)
{
    if (!s->canary.accepted)
        suspects_acquit(s);
    canary_accepted(&s->canary);
}

void suspects_unreadable(struct suspects *s)
{
    if (canary_unreadable(&s->canary))
        ending_early(s->ending, EXIT_REFUSED,
                     "uploads are accepted, and the answers can't be read (%d in a row): something "
                     "between this machine and Mindee changes them, perhaps a proxy or a firewall; "
                     "find out what it is, then run the same command again; those documents may be "
                     "paid for, and only `mindee-batch retry --in-doubt` sends them again",
                     s->canary.unreadable);
}

void suspects_refused(struct suspects *s, const struct flight *f, const struct mindee_response *r)
{
    const struct mindee_problem *p = r->problem;
    if (s->canary.accepted)
        return;
    suspect(s, f->id);
    if (canary_refused(&s->canary, r->status, p ? p->code : "", p ? p->pointer : ""))
        ending_early(s->ending, EXIT_REFUSED,
                     "Mindee refuses the first documents all alike (%s): check api.model_id, "
                     "api.product and the [request] options; nothing was paid, and the documents "
                     "are queued again",
                     r->text);
}

void suspects_job_done(struct suspects *s)
{
    if (!s->canary.job_done)
        suspects_acquit(s);
    canary_job_succeeded(&s->canary);
}

void suspects_job_failed(struct suspects *s, const struct flight *f, bool fault,
                         const struct mindee_response *r)
{
    const struct mindee_problem *p = r->job ? r->job->error : NULL;
    if (s->canary.job_done || fault)
        return;
    suspect(s, f->id);
    if (canary_job_failed(&s->canary, p ? p->status : 0, p ? p->code : ""))
        ending_early(s->ending, EXIT_REFUSED,
                     "Mindee couldn't read the first %d documents, each for the same reason (%s): "
                     "check api.model_id and the documents; nothing was charged for them, and they "
                     "wait to be sent again",
                     CANARY_JOBS, p && *p->detail ? p->detail : r->text);
}

bool suspects_any(const struct suspects *s)
{
    return s->count > 0;
}

void suspects_acquit(struct suspects *s)
{
    s->count = 0;
}

void suspects_turn(struct suspects *s, struct mono now)
{
    struct news n = {.cause = "canary", .retry_after_ms = -1};
    (void)now;
    if (!ending_has_begun(s->ending) || ending_exit_code(s->ending) != EXIT_REFUSED)
        return;
    for (size_t i = 0; i < s->count; i++) {
        struct flight *f = flight_take(s->flights, s->documents[i]);
        if (!f)
            return;
        if (f->doc.state == DOC_FAILED)
            flight_event(f, EV_RUN_STOPPED, &n);
    }
    s->count = 0;
}
