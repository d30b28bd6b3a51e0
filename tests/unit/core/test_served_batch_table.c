/* Every pair of a served batch's state and event; and every order of events that a driver can bring
 * about, explored, with what is open kept beside the machine. */
#include "core/served_batch.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

/* --- every pair --- */

static const struct {
    const char *state,
        *actions[SERVED_EVENT_COUNT]; /* the state after it and what is done; NULL: refused */
} pairs[SERVED_STATE_COUNT] = {
    [SERVED_RESTING] = {"resting",
                        {[SERVED_DUE] = "resting open",
                         [SERVED_HAS_NOTHING] = "resting close",
                         [SERVED_STAYS] = "staying start",
                         [SERVED_FORECASTS] = "forecast",
                         [SERVED_BEGINS] = "running start",
                         [SERVED_WEBHOOK] = "receiving start",
                         [SERVED_RELOADED] = "resting rest",
                         [SERVED_CHANGED] = "resting rest",
                         [SERVED_STOP] = "over"}},
    [SERVED_RECEIVING] = {"receiving",
                          {[SERVED_DUE] = "draining drain",
                           [SERVED_RECEIVED] = "resting close",
                           [SERVED_RELOADED] = "draining drain",
                           [SERVED_CHANGED] = "draining drain",
                           [SERVED_STOP] = "stopping"}},
    [SERVED_STAYING] = {"staying",
                        {[SERVED_DUE] = "draining drain",
                         [SERVED_STAY_ENDED] = "resting tell rest_later close",
                         [SERVED_ALONE_ENDED] = "over tell",
                         [SERVED_RELOADED] = "staying",
                         [SERVED_CHANGED] = "draining drain",
                         [SERVED_STOP] = "stopping"}},
    [SERVED_DRAINING] = {"draining",
                         {[SERVED_RECEIVED] = "resting rest close",
                          [SERVED_STAY_ENDED] = "resting rest close",
                          [SERVED_ALONE_ENDED] = "resting rest close",
                          [SERVED_RELOADED] = "draining",
                          [SERVED_CHANGED] = "draining",
                          [SERVED_STOP] = "stopping"}},
    [SERVED_FORECAST] = {"forecast",
                         {[SERVED_BEGINS] = "running start",
                          [SERVED_RELOADED] = "forecast",
                          [SERVED_CHANGED] = "forecast",
                          [SERVED_STOP] = "over close leave_period"}},
    [SERVED_RUNNING] = {"running",
                        {[SERVED_RUN_ENDED] = "resting tell end_period rest close",
                         [SERVED_RUN_INTERRUPTED] = "resting tell rest_later close",
                         [SERVED_RUN_HELD] = "resting tell rest close",
                         [SERVED_RELOADED] = "running",
                         [SERVED_CHANGED] = "running",
                         [SERVED_STOP] = "stopping"}},
    [SERVED_STOPPING] = {"stopping",
                         {[SERVED_RECEIVED] = "over",
                          [SERVED_STAY_ENDED] = "over tell_stopped",
                          [SERVED_ALONE_ENDED] = "over tell_stopped",
                          [SERVED_RUN_ENDED] = "over tell end_period",
                          [SERVED_RUN_INTERRUPTED] = "over tell_stopped",
                          [SERVED_RUN_HELD] = "over tell",
                          [SERVED_RELOADED] = "stopping",
                          [SERVED_CHANGED] = "stopping",
                          [SERVED_STOP] = "stopping"}},
    [SERVED_OVER] =
        {"over", {[SERVED_RELOADED] = "over", [SERVED_CHANGED] = "over", [SERVED_STOP] = "over"}},
};

static void say(const struct served_step *n, char out[200])
{
    static const char *const names[] = {"open",         "start",       "drain", "tell",
                                        "tell_stopped", "end_period",  "rest",  "rest_later",
                                        "close",        "leave_period"};
    size_t len = (size_t)snprintf(out, 200, "%s", served_state_names[n->state]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n->actions & 1u << i)
            len += (size_t)snprintf(out + len, 200 - len, " %s", names[i]);
}

static void every_pair(void **state)
{
    (void)state;
    for (int s = 0; s < SERVED_STATE_COUNT; s++)
        for (int e = 0; e < SERVED_EVENT_COUNT; e++) {
            struct served_step next;
            char text[200];
            bool legal = served_step((enum served_batch_state)s, (enum served_batch_event)e, &next);
            if (legal != (pairs[s].actions[e] != NULL))
                fail_msg("%s, %s: %s", served_state_names[s], served_event_names[e],
                         legal ? "legal" : "refused");
            say(&next, text);
            assert_string_equal(text, legal ? pairs[s].actions[e] : served_state_names[s]);
        }
}

static void each_has_a_name(void **state)
{
    (void)state;
    for (int s = 0; s < SERVED_STATE_COUNT; s++)
        assert_string_equal(served_state_names[s], pairs[s].state);
    for (int e = 0; e < SERVED_EVENT_COUNT; e++)
        assert_true(strlen(served_event_names[e]) > 0);
}

/* --- every order --- */

enum kind { NONE, RECEIVES, STAYS, SCHEDULED };

/* What is so around the machine, each a small number. */
struct world {
    enum served_batch_state state;
    enum kind kind; /* of what is open */
    bool started;   /* and has not ended */
    bool period;    /* a period's row says running */
    bool stopped;   /* the service ends */
};

enum { WORLDS = SERVED_STATE_COUNT * 4 * 2 * 2 * 2 };

static size_t index_of(const struct world *w)
{
    size_t i = (size_t)w->state * 4 + (size_t)w->kind;
    return ((i * 2 + w->started) * 2 + w->period) * 2 + w->stopped;
}

/* What the driver can bring about: a run's end is of the kind of the run, the ledger is opened only
 * while it is closed, and nothing once the service ends. */
static bool can_happen(const struct world *w, enum served_batch_event e)
{
    bool closed = w->kind == NONE;
    switch (e) {
    case SERVED_HAS_NOTHING:
    case SERVED_STAYS:
    case SERVED_FORECASTS:
    case SERVED_WEBHOOK:
        return closed && !w->stopped && w->state == SERVED_RESTING;
    case SERVED_BEGINS:
        return !w->stopped && ((closed && w->state == SERVED_RESTING) ||
                               (w->state == SERVED_FORECAST && !w->started));
    case SERVED_RECEIVED:
        return w->started && w->kind == RECEIVES;
    case SERVED_STAY_ENDED:
    case SERVED_ALONE_ENDED:
        return w->started && w->kind == STAYS;
    case SERVED_RUN_ENDED:
    case SERVED_RUN_INTERRUPTED:
    case SERVED_RUN_HELD:
        return w->started && w->kind == SCHEDULED;
    case SERVED_DUE:
        return !w->stopped && (w->state == SERVED_RESTING || w->state == SERVED_STAYING ||
                               w->state == SERVED_RECEIVING);
    default:
        return true;
    }
}

static void open_for(struct world *w, enum served_batch_event e)
{
    if (e == SERVED_STAYS || e == SERVED_HAS_NOTHING)
        w->kind = STAYS;
    else if (e == SERVED_WEBHOOK)
        w->kind = RECEIVES;
    else if (e == SERVED_FORECASTS || (e == SERVED_BEGINS && w->kind == NONE))
        w->kind = SCHEDULED;
    if (w->kind == SCHEDULED)
        w->period = true;
}

static bool is_end(enum served_batch_event e)
{
    return e >= SERVED_RECEIVED && e <= SERVED_RUN_HELD;
}

static struct world step(struct world w, enum served_batch_event e)
{
    struct served_step n;
    if (!served_step(w.state, e, &n))
        fail_msg("%s, %s is refused, and can happen", served_state_names[w.state],
                 served_event_names[e]);
    enum served_batch_state before = w.state;
    bool scheduled = w.kind == SCHEDULED;
    open_for(&w, e);
    w.stopped = w.stopped || e == SERVED_STOP;
    if (is_end(e))
        w.started = false;
    if (n.actions & SERVED_DO_START) {
        assert_true(w.kind != NONE && !w.started && !w.stopped);
        w.started = true;
    }
    if (n.actions & SERVED_DO_DRAIN)
        assert_true(w.started && w.kind != SCHEDULED); /* a scheduled run isn't cut short */
    if (n.actions & SERVED_DO_END_PERIOD) {
        assert_true(e == SERVED_RUN_ENDED && scheduled && w.period && n.actions & SERVED_DO_TELL);
        w.period = false;
    }
    assert_int_equal(e == SERVED_RUN_ENDED, !!(n.actions & SERVED_DO_END_PERIOD));
    assert_false(n.actions & SERVED_DO_TELL && n.actions & SERVED_DO_TELL_STOPPED);
    if (n.actions & (SERVED_DO_TELL | SERVED_DO_TELL_STOPPED))
        assert_true(is_end(e) && before != SERVED_DRAINING);
    if (n.actions & (SERVED_DO_REST | SERVED_DO_REST_LATER | SERVED_DO_OPEN))
        assert_true(n.state == SERVED_RESTING && !w.stopped);
    if (n.actions & SERVED_DO_CLOSE) {
        assert_true(w.kind != NONE && !w.started);
        w.kind = NONE;
    }
    if (n.actions & SERVED_DO_LEAVE_PERIOD)
        assert_true(w.period && w.stopped);
    w.state = n.state;
    if (w.state == SERVED_OVER) /* told from its ledger, which is closed then */
        w.kind = NONE;
    return w;
}

static void check(const struct world *w)
{
    assert_int_equal(served_is_open(w->state), w->kind != NONE);
    assert_int_equal(w->started, w->kind != NONE && w->state != SERVED_FORECAST);
    assert_true(!w->stopped || w->state == SERVED_STOPPING || w->state == SERVED_OVER);
    if (w->state == SERVED_RUNNING || w->state == SERVED_FORECAST)
        assert_true(w->period && w->kind == SCHEDULED);
}

/* The service ends from anywhere, at the latest with the run. */
static void check_stop(struct world w)
{
    w = step(w, SERVED_STOP);
    for (int e = 0; e < SERVED_EVENT_COUNT; e++)
        if (is_end((enum served_batch_event)e) && can_happen(&w, (enum served_batch_event)e))
            assert_int_equal(step(w, (enum served_batch_event)e).state, SERVED_OVER);
    if (!w.started)
        assert_int_equal(w.state, SERVED_OVER);
}

static void every_order(void **state)
{
    static bool seen[WORLDS];
    static struct world queue[WORLDS];
    size_t count = 0, next = 0;
    bool reached[SERVED_STATE_COUNT] = {false}, used[SERVED_STATE_COUNT][SERVED_EVENT_COUNT] = {0};
    (void)state;
    queue[count++] = (struct world){.state = SERVED_RESTING};
    seen[index_of(&queue[0])] = true;
    while (next < count) {
        struct world w = queue[next++];
        check(&w);
        check_stop(w);
        reached[w.state] = true;
        for (int e = 0; e < SERVED_EVENT_COUNT; e++) {
            if (!can_happen(&w, (enum served_batch_event)e))
                continue;
            used[w.state][e] = true;
            struct world after = step(w, (enum served_batch_event)e);
            if (!seen[index_of(&after)]) {
                seen[index_of(&after)] = true;
                queue[count++] = after;
            }
        }
    }
    assert_true(count > 10);
    for (int s = 0; s < SERVED_STATE_COUNT; s++) {
        assert_true(reached[s]);
        for (int e = 0; e < SERVED_EVENT_COUNT; e++) /* no row stands for what never happens */
            assert_int_equal(used[s][e], pairs[s].actions[e] != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),
        cmocka_unit_test(each_has_a_name),
        cmocka_unit_test(every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
