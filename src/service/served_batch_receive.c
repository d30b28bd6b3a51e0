/* See served_batch_receive.h. */
#include "service/served_batch_receive.h"
#include "base/log.h"
#include "base/text.h"
#include "service/served_batch_run.h"

#include <string.h>

enum {
    REFUSED_MS = 5000, /* between two tries at a ledger that can't be opened */
    WAY_MS = 2000,     /* whoever asked for the ledger has taken it by then */
};

/* Said once: Mindee comes again and again. */
static void tell_refused(struct served_batch *s, const char *cause)
{
    s->receive_at = mono_add(loop_now(s->host->loop), REFUSED_MS);
    if (s->refuses)
        return;
    s->refuses = true;
    LOG(LOG_WARNING, "webhook.refused", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("cause", cause),
        LOG_STR("next", "webhooks of this batch are answered 503, so that Mindee brings them "
                        "again, until its ledger can be opened"));
}

void served_batch_receive(struct served_batch *s)
{
    struct error e;
    if (s->state != SERVED_RESTING || s->stopping ||
        !mono_reached(loop_now(s->host->loop), s->receive_at))
        return;
    if (served_batch_open_receiving(s, &e) < 0)
        tell_refused(s, e.text);
}

bool served_batch_comes(const struct served_batch *s)
{
    return s->batch && !s->stopping && s->state != SERVED_OVER && !batch_takes_webhooks(s->batch);
}

unsigned served_batch_received(struct served_batch *s)
{
    bool drained = s->state == SERVED_DRAINING;
    bool made_way = batch_made_way(s->batch);
    if (made_way)
        s->receive_at = mono_add(loop_now(s->host->loop), WAY_MS);
    if (batch_exit_code(s->batch) != EXIT_ALL_STORED && !s->stopping && !drained && !made_way)
        tell_refused(s, batch_reason(s->batch));
    else
        s->refuses = false;
    s->exit_code = EXIT_ALL_STORED;
    unsigned actions = served_batch_happens(s, SERVED_RECEIVED);
    if (actions & SERVED_DO_REST)
        served_batch_rest(s, 0);
    return actions;
}
