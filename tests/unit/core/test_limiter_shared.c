/* Clients that know nothing of each other share one key: a server with one strict window, in
 * virtual time, and each has more to send than the limit allows. None is refused often, each gets
 * about as much as the others, most of the limit is used, and what one leaves comes back. */
#include "core/limiter.h"

#include "base/random.h"
#include "test.h"

enum { START_MS = 3000000, MINUTE_MS = 60000, LIMIT = 200, CLIENTS_MAX = 3, UPLOADS = 16 };

struct server {
    int64_t seen[LIMIT]; /* ring of what was let in */
    int next, limit;
};

static bool server_admits(struct server *s, int64_t at_ms)
{
    int64_t *oldest = &s->seen[s->next % s->limit];
    if (*oldest && at_ms - *oldest < MINUTE_MS)
        return false;
    *oldest = at_ms;
    s->next++;
    return true;
}

struct client {
    struct limiter limiter;
    int64_t from_ms, to_ms;  /* it has something to send between them */
    int64_t end_ms[UPLOADS]; /* of what is on the wire; 0: free */
    bool refused[UPLOADS];
    int got, refusals;
    int64_t minute; /* of the newest refusal */
    int refusals_in_minute, most_refusals_a_minute;
    int64_t back_at_ms; /* at full rate again, sending by the window; 0: isn't */
};

static void note_refusal(struct client *c, struct mono now)
{
    if (now.ms / MINUTE_MS != c->minute)
        c->refusals_in_minute = 0;
    c->minute = now.ms / MINUTE_MS;
    c->refusals++;
    if (++c->refusals_in_minute > c->most_refusals_a_minute)
        c->most_refusals_a_minute = c->refusals_in_minute;
}

static void take_answers(struct client *c, struct mono now)
{
    for (int i = 0; i < UPLOADS; i++) {
        if (!c->end_ms[i] || c->end_ms[i] > now.ms)
            continue;
        c->end_ms[i] = 0;
        limiter_done(&c->limiter, now);
        if (c->refused[i]) {
            limiter_refused(&c->limiter, now, -1);
            note_refusal(c, now);
        } else {
            c->got++;
        }
    }
}

/* Sends what may go; returns when there is something to do again. */
static int64_t send_all(struct client *c, struct server *s, struct random *r, struct mono now)
{
    int64_t wake = now.ms < c->from_ms ? c->from_ms : INT64_MAX;
    for (int i = 0; i < UPLOADS; i++) {
        bool wants = !c->end_ms[i] && now.ms >= c->from_ms && now.ms < c->to_ms;
        int64_t next = wants ? limiter_next(&c->limiter, now).ms : INT64_MAX;
        if (next <= now.ms) {
            limiter_take(&c->limiter, now);
            c->refused[i] = !server_admits(s, now.ms);
            c->end_ms[i] = next = now.ms + 20 + (int64_t)random_below(r, 200);
        } else if (c->end_ms[i]) {
            next = c->end_ms[i];
        }
        wake = next < wake ? next : wake;
    }
    return wake;
}

static void simulate(struct client *clients, int count, struct server *s, struct random *r,
                     int64_t from_ms, int64_t to_ms)
{
    for (struct mono now = {from_ms}; now.ms < to_ms;) {
        int64_t wake = to_ms;
        int first = (int)random_below(r, (uint64_t)count);
        for (int i = 0; i < count; i++) {
            struct client *c = &clients[(first + i) % count];
            take_answers(c, now);
            int64_t next = send_all(c, s, r, now);
            wake = next < wake ? next : wake;
            if (c->limiter.pace != PACE_WINDOW)
                c->back_at_ms = 0;
            else if (c->back_at_ms == 0)
                c->back_at_ms = now.ms;
        }
        now.ms = wake > now.ms ? wake : now.ms + 1;
    }
}

static void client_init(struct client *c, int64_t from_ms, int64_t to_ms)
{
    *c = (struct client){.from_ms = from_ms, .to_ms = to_ms};
    limiter_init(&c->limiter, LIMIT, PACE_WINDOW, (struct mono){START_MS});
}

/* All stay; then all but the first leave. */
static void check_sharing(int count, uint64_t seed)
{
    struct server s = {.limit = LIMIT};
    struct client c[CLIENTS_MAX];
    struct random r;
    int64_t minutes = 300, end = START_MS + minutes * MINUTE_MS;
    int got = 0, refusals = 0;
    random_init(&r, seed);
    for (int i = 0; i < count; i++) /* the window is full when the others begin, or all at once */
        client_init(&c[i], START_MS + (seed % 2 ? 0 : i * 7777), i ? end : INT64_MAX);
    simulate(c, count, &s, &r, START_MS, end);
    for (int i = 0; i < count; i++) {
        got += c[i].got;
        refusals += c[i].refusals;
        assert_in_range(c[i].got / minutes, LIMIT * 7 / 10 / count, LIMIT * 11 / 10 / count);
        assert_in_range(c[i].most_refusals_a_minute, 1, LIMIT / 2 + UPLOADS);
        assert_int_equal(c[i].back_at_ms, 0); /* nobody is left to burst */
    }
    simulate(c, 1, &s, &r, end, end + 25 * MINUTE_MS);
    double back_minutes = (double)(c[0].back_at_ms - end) / MINUTE_MS;
    print_message("%d clients: %.1f a minute each on the mean, %.1f together, %.2f %% refused; "
                  "alone: as before after %.1f minutes\n",
                  count, (double)got / (double)(minutes * count), (double)got / (double)minutes,
                  100.0 * refusals / (got + refusals), back_minutes);
    assert_true(got >= minutes * LIMIT * 8 / 10);
    assert_true(refusals * 100 < got);
    assert_in_range(c[0].back_at_ms, end, end + 20 * MINUTE_MS); /* 20 gains of 5 % */
    assert_true(limiter_rate_per_minute(&c[0].limiter) == LIMIT);
}

static void test_fair_and_near_the_limit(void **state)
{
    (void)state;
    for (int count = 2; count <= CLIENTS_MAX; count++)
        for (uint64_t seed = 1; seed <= 4; seed++)
            check_sharing(count, seed);
}

/* Beside a client that bursts into each window, asks again every second and yields nothing, there
 * is little left, but no storm of ours; when it goes, all comes back. */
static void test_beside_one_that_never_yields(void **state)
{
    (void)state;
    struct server s = {.limit = LIMIT};
    struct client c;
    struct random r;
    int64_t end = START_MS + 120 * (int64_t)MINUTE_MS;
    random_init(&r, 7);
    client_init(&c, START_MS + 30000, INT64_MAX);
    for (int64_t ms = START_MS; ms < end; ms += 1000) {
        while (server_admits(&s, ms))
            continue;
        simulate(&c, 1, &s, &r, ms, ms + 1000);
    }
    assert_in_range(c.most_refusals_a_minute, 1, LIMIT / 2 + UPLOADS);
    assert_in_range(c.refusals, 1, 4 * 120 + LIMIT / 2); /* four a minute once it knows */
    int before = c.got;
    simulate(&c, 1, &s, &r, end, end + 25 * MINUTE_MS);
    assert_in_range(c.back_at_ms, end, end + 21 * MINUTE_MS);
    /* An even climb from nothing to the limit: half of what 20 minutes hold, and the rest. */
    assert_in_range(c.got - before, LIMIT * 12, LIMIT * 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fair_and_near_the_limit),
        cmocka_unit_test(test_beside_one_that_never_yields),
    };
    return cmocka_run_group_tests_name("limiter_shared", tests, NULL, NULL);
}
