/* See served_batch.h. Invariants: a run is started once, between opening and closing. A scheduled
 * run's period is ended exactly when its run ended of itself, told before. Nothing is opened once the
 * service ends, and over is never left. */
#include "core/served_batch.h"

#include "base/require.h"

const char *const served_state_names[SERVED_STATE_COUNT] = {
    [SERVED_RESTING] = "resting",   [SERVED_RECEIVING] = "receiving", [SERVED_STAYING] = "staying",
    [SERVED_DRAINING] = "draining", [SERVED_FORECAST] = "forecast",   [SERVED_RUNNING] = "running",
    [SERVED_STOPPING] = "stopping", [SERVED_OVER] = "over",
};

const char *const served_event_names[SERVED_EVENT_COUNT] = {
    [SERVED_DUE] = "due",
    [SERVED_HAS_NOTHING] = "has_nothing",
    [SERVED_STAYS] = "stays",
    [SERVED_FORECASTS] = "forecasts",
    [SERVED_BEGINS] = "begins",
    [SERVED_WEBHOOK] = "webhook",
    [SERVED_RECEIVED] = "received",
    [SERVED_STAY_ENDED] = "stay_ended",
    [SERVED_ALONE_ENDED] = "alone_ended",
    [SERVED_RUN_ENDED] = "run_ended",
    [SERVED_RUN_INTERRUPTED] = "run_interrupted",
    [SERVED_RUN_HELD] = "run_held",
    [SERVED_RELOADED] = "reloaded",
    [SERVED_CHANGED] = "changed",
    [SERVED_STOP] = "stop",
};

struct row {
    bool legal;
    struct served_step next;
};

/* clang-format off */
#define GO(state, actions) {true, {(state), (actions)}}

enum {
    OPEN = SERVED_DO_OPEN, START = SERVED_DO_START, DRAIN = SERVED_DO_DRAIN,
    TELL = SERVED_DO_TELL, TELL_STOPPED = SERVED_DO_TELL_STOPPED,
    END_PERIOD = SERVED_DO_END_PERIOD, REST = SERVED_DO_REST, REST_LATER = SERVED_DO_REST_LATER,
    CLOSE = SERVED_DO_CLOSE, LEAVE_PERIOD = SERVED_DO_LEAVE_PERIOD,
};

static const struct row table[SERVED_STATE_COUNT][SERVED_EVENT_COUNT] = {
    [SERVED_RESTING] = {
        [SERVED_DUE]             = GO(SERVED_RESTING, OPEN),
        [SERVED_HAS_NOTHING]     = GO(SERVED_RESTING, CLOSE),
        [SERVED_STAYS]           = GO(SERVED_STAYING, START),
        [SERVED_FORECASTS]       = GO(SERVED_FORECAST, 0),
        [SERVED_BEGINS]          = GO(SERVED_RUNNING, START),
        [SERVED_WEBHOOK]         = GO(SERVED_RECEIVING, START),
        [SERVED_RELOADED]        = GO(SERVED_RESTING, REST), /* rules may be new: their first */
        [SERVED_CHANGED]         = GO(SERVED_RESTING, REST), /* sight is to be noted */
        [SERVED_STOP]            = GO(SERVED_OVER, 0),
    },
    [SERVED_RECEIVING] = {
        [SERVED_DUE]             = GO(SERVED_DRAINING, DRAIN),
        [SERVED_RECEIVED]        = GO(SERVED_RESTING, CLOSE), /* what it rested for stays */
        [SERVED_RELOADED]        = GO(SERVED_DRAINING, DRAIN),
        [SERVED_CHANGED]         = GO(SERVED_DRAINING, DRAIN),
        [SERVED_STOP]            = GO(SERVED_STOPPING, 0),
    },
    [SERVED_STAYING] = {
        [SERVED_DUE]             = GO(SERVED_DRAINING, DRAIN),
        [SERVED_STAY_ENDED]      = GO(SERVED_RESTING, TELL | REST_LATER | CLOSE),
        [SERVED_ALONE_ENDED]     = GO(SERVED_OVER, TELL),
        [SERVED_RELOADED]        = GO(SERVED_STAYING, 0),
        [SERVED_CHANGED]         = GO(SERVED_DRAINING, DRAIN),
        [SERVED_STOP]            = GO(SERVED_STOPPING, 0),
    },
    [SERVED_DRAINING] = {
        [SERVED_RECEIVED]        = GO(SERVED_RESTING, REST | CLOSE),
        [SERVED_STAY_ENDED]      = GO(SERVED_RESTING, REST | CLOSE),
        [SERVED_ALONE_ENDED]     = GO(SERVED_RESTING, REST | CLOSE),
        [SERVED_RELOADED]        = GO(SERVED_DRAINING, 0),
        [SERVED_CHANGED]         = GO(SERVED_DRAINING, 0),
        [SERVED_STOP]            = GO(SERVED_STOPPING, 0),
    },
    [SERVED_FORECAST] = {
        [SERVED_BEGINS]          = GO(SERVED_RUNNING, START),
        [SERVED_RELOADED]        = GO(SERVED_FORECAST, 0), /* of the old one: it begins without */
        [SERVED_CHANGED]         = GO(SERVED_FORECAST, 0),
        [SERVED_STOP]            = GO(SERVED_OVER, CLOSE | LEAVE_PERIOD),
    },
    [SERVED_RUNNING] = {
        [SERVED_RUN_ENDED]       = GO(SERVED_RESTING, TELL | END_PERIOD | REST | CLOSE),
        [SERVED_RUN_INTERRUPTED] = GO(SERVED_RESTING, TELL | REST_LATER | CLOSE),
        [SERVED_RUN_HELD]        = GO(SERVED_RESTING, TELL | REST | CLOSE),
        [SERVED_RELOADED]        = GO(SERVED_RUNNING, 0), /* from the next run on */
        [SERVED_CHANGED]         = GO(SERVED_RUNNING, 0),
        [SERVED_STOP]            = GO(SERVED_STOPPING, 0),
    },
    [SERVED_STOPPING] = {
        [SERVED_RECEIVED]        = GO(SERVED_OVER, 0),
        [SERVED_STAY_ENDED]      = GO(SERVED_OVER, TELL_STOPPED),
        [SERVED_ALONE_ENDED]     = GO(SERVED_OVER, TELL_STOPPED),
        [SERVED_RUN_ENDED]       = GO(SERVED_OVER, TELL | END_PERIOD),
        [SERVED_RUN_INTERRUPTED] = GO(SERVED_OVER, TELL_STOPPED), /* the next start goes on */
        [SERVED_RUN_HELD]        = GO(SERVED_OVER, TELL),
        [SERVED_RELOADED]        = GO(SERVED_STOPPING, 0),
        [SERVED_CHANGED]         = GO(SERVED_STOPPING, 0),
        [SERVED_STOP]            = GO(SERVED_STOPPING, 0),
    },
    [SERVED_OVER] = {
        [SERVED_RELOADED]        = GO(SERVED_OVER, 0),
        [SERVED_CHANGED]         = GO(SERVED_OVER, 0),
        [SERVED_STOP]            = GO(SERVED_OVER, 0),
    },
};
/* clang-format on */

bool served_step(enum served_batch_state state, enum served_batch_event event,
                 struct served_step *next)
{
    REQUIRE((unsigned)state < SERVED_STATE_COUNT && (unsigned)event < SERVED_EVENT_COUNT);
    const struct row *row = &table[state][event];
    *next = row->legal ? row->next : (struct served_step){state, 0};
    return row->legal;
}

bool served_is_open(enum served_batch_state state)
{
    return state != SERVED_RESTING && state != SERVED_OVER;
}
