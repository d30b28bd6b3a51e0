/* Never more than N in any 60 seconds, as the server counts them: simulated requests of many kinds
 * of slowness, some lost, some never sent; a server whose clock is up to 0.39 % off; several runs
 * that share the limit through leases, killed and begun again. And as fast as the window allows. */
#include "core/limiter.h"

#include "base/random.h"
#include "base/timer_queue.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    START_MS = 5000000,
    RUNS_MAX = 3,
    REQUESTS_MAX = 40000,
    HISTORY_S = 80, /* of answers that others are told */
};

enum fate { ANSWERED, LOST, UNSENT };

struct request {
    struct timer_entry end;
    enum fate fate;
    int run;
    int64_t arrival_ms; /* at the server, by our clock; -1: never */
};

struct slowness {
    const char *name;
    int64_t fixed_ms, uniform_ms;
    double exponential_ms;
    double lost, unsent; /* shares */
};

static const struct slowness slownesses[] = {
    {"quick", 50, 0, 0, 0, 0},
    {"jitter", 0, 4000, 0, 0.02, 0.02},
    {"long tail", 20, 0, 3000, 0.05, 0.05},
    {"hopeless", 0, 120000, 0, 0.2, 0.2},
};

/* One run of ours. */
struct run {
    struct limiter limiter;
    int out, uploads_max;
    /* what it wrote down with its last lease */
    uint32_t recorded_out, recorded_lease;
    uint32_t answered[HISTORY_S]; /* by second, the last ends at answered_end_ms */
    int64_t answered_end_ms;
};

struct world {
    struct random r;
    struct mono now;
    uint32_t limit;
    struct slowness slowness;
    struct timer_queue ends;
    struct request *requests; /* REQUESTS_MAX */
    int request_count;
    struct run runs[RUNS_MAX];
    int run_count;
    struct {
        struct mono counted_as_of;
        uint32_t count;
    } dead[20000];
    int dead_count;
};

static int64_t draw_latency(struct world *w)
{
    double ms = (double)w->slowness.fixed_ms;
    ms += (double)w->slowness.uniform_ms * random_unit(&w->r);
    ms += w->slowness.exponential_ms * -log(1.0 - random_unit(&w->r));
    return ms > 120000 ? 120000 : (int64_t)ms;
}

static void send_one(struct world *w, int run)
{
    assert_true(w->request_count < REQUESTS_MAX);
    struct request *q = &w->requests[w->request_count++];
    double luck = random_unit(&w->r);
    *q = (struct request){.run = run, .arrival_ms = -1};
    int64_t latency = draw_latency(w), within = latency;
    if (luck < w->slowness.unsent) {
        q->fate = UNSENT;
    } else if (luck < w->slowness.unsent + w->slowness.lost) {
        q->fate = LOST; /* and the server may see it up to 5 s after we closed */
        within = latency + LIMITER_LOST_MS;
    }
    if (q->fate == ANSWERED || (q->fate == LOST && random_below(&w->r, 2) == 0))
        q->arrival_ms = w->now.ms + (int64_t)((double)within * random_unit(&w->r));
    limiter_take(&w->runs[run].limiter, w->now);
    w->runs[run].out++;
    timer_queue_set(&w->ends, &q->end, mono_add(w->now, latency));
}

static void end_due(struct world *w)
{
    struct timer_entry *e;
    while ((e = timer_queue_pop(&w->ends, w->now)) != NULL) {
        struct request *q = TIMER_OWNER(e, struct request, end);
        struct run *run = &w->runs[q->run];
        run->out--;
        if (q->fate == ANSWERED)
            limiter_done(&run->limiter, w->now);
        else if (q->fate == LOST)
            limiter_lost(&run->limiter, w->now);
        else
            limiter_untaken(&run->limiter, w->now);
    }
}

/* Sends what may go; returns when this run wants to be asked again. */
static struct mono send_all(struct world *w, int i)
{
    struct run *run = &w->runs[i];
    while (run->out < run->uploads_max) {
        struct mono next = limiter_next(&run->limiter, w->now);
        assert_true(next.ms >= w->now.ms);
        if (next.ms > w->now.ms)
            return next;
        send_one(w, i);
    }
    return MONO_NEVER;
}

/* What limiter_next says is exact: not a millisecond before, and then indeed. */
static void check_exact(const struct world *w, struct mono next)
{
    if (next.ms == INT64_MAX)
        return;
    struct limiter copy = w->runs[0].limiter;
    assert_int_equal(limiter_next(&copy, mono_add(next, -1)).ms, next.ms);
    assert_int_equal(limiter_next(&copy, next).ms, next.ms);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Returns how many the server saw. */
static int check_server(const struct world *w, double skew)
{
    double *seen = calloc(REQUESTS_MAX, sizeof *seen);
    assert_non_null(seen);
    size_t n = 0;
    for (int i = 0; i < w->request_count; i++)
        if (w->requests[i].arrival_ms >= 0)
            seen[n++] = (double)w->requests[i].arrival_ms * (1.0 + skew);
    qsort(seen, n, sizeof *seen, by_value);
    for (size_t i = 0; i + w->limit < n; i++)
        if (seen[i + w->limit] - seen[i] < 60000.0)
            fail_msg("%s: %u in %.0f ms", w->slowness.name, w->limit + 1,
                     seen[i + w->limit] - seen[i]);
    free(seen);
    return (int)n;
}

static struct world *world_new(uint64_t seed, uint32_t limit, const struct slowness *slowness)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    random_init(&w->r, seed);
    w->now = (struct mono){START_MS};
    w->limit = limit;
    w->slowness = *slowness;
    w->requests = calloc(REQUESTS_MAX, sizeof *w->requests);
    assert_non_null(w->requests);
    timer_queue_init(&w->ends);
    return w;
}

static void world_free(struct world *w)
{
    timer_queue_release(&w->ends);
    free(w->requests);
    free(w);
}

static double draw_skew(struct world *w)
{
    return (random_unit(&w->r) - 0.5) * 2 * 0.0039;
}

static void test_one_run(void **state)
{
    (void)state;
    static const uint32_t limits[] = {1, 2, 7, 200, 1200};
    for (int s = 0; s < 4; s++)
        for (int k = 0; k < 10; k++) {
            enum limiter_pace pace = k % 2 ? PACE_EVEN : PACE_WINDOW;
            uint32_t limit = limits[k / 2];
            struct world *w = world_new((uint64_t)(100 * s + k), limit, &slownesses[s]);
            w->runs[0].uploads_max = k % 3 == 0 ? 16 : 5000;
            limiter_init(&w->runs[0].limiter, limit, pace, w->now);
            while (w->now.ms < START_MS + 600000) {
                end_due(w);
                struct mono next = send_all(w, 0);
                check_exact(w, next);
                w->now = mono_min(next, timer_queue_next(&w->ends));
            }
            int seen = check_server(w, draw_skew(w));
            if (s == 0) /* ten windows of 60.5 s at most, nine at least */
                assert_in_range(seen, pace == PACE_EVEN ? 8 * limit : 9 * limit, 10 * limit);
            assert_true(seen > 0);
            world_free(w);
        }
}

/* --- several runs, leases, kills --- */

static void record(struct world *w, int i)
{
    struct run *run = &w->runs[i];
    int64_t second = w->now.ms / 1000;
    run->answered_end_ms = (second + 8) * 1000; /* lost ones count in the future */
    for (int k = 0; k < HISTORY_S; k++) {
        struct mono from = {run->answered_end_ms - (k + 1) * 1000};
        run->answered[k] = limiter_answered(&run->limiter, from, mono_add(from, 1000));
    }
    run->recorded_out = run->limiter.out;
}

/* As limit_state does it: what the others wrote down, and a lease as far as all together allow. */
static void lease(struct world *w, int i, uint32_t want)
{
    struct limiter *l = &w->runs[i].limiter;
    uint32_t others_out = 0;
    for (int k = 0; k < w->run_count; k++)
        if (k != i)
            others_out += w->runs[k].recorded_out + w->runs[k].recorded_lease;
    limiter_room(l, w->now);
    limiter_clear_others(l, others_out);
    for (int k = 0; k < w->run_count; k++)
        for (int h = 0; k != i && h < HISTORY_S; h++) /* as of the second's end */
            limiter_add_others(l, (struct mono){w->runs[k].answered_end_ms - h * 1000},
                               w->runs[k].answered[h]);
    for (int k = 0; k < w->dead_count; k++)
        limiter_add_others(l, w->dead[k].counted_as_of, w->dead[k].count);

    record(w, i);
    uint32_t room = limiter_room_within(l, w->now, 1000);
    uint32_t count = room < want ? room : want;
    w->runs[i].recorded_lease = count;
    limiter_lease(l, count, mono_add(w->now, 1000));
}

static void bury(struct world *w, struct mono as_of, uint32_t count)
{
    if (count == 0)
        return;
    assert_true(w->dead_count < 20000);
    w->dead[w->dead_count].counted_as_of = as_of;
    w->dead[w->dead_count++].count = count;
}

/* Dies without a word, and begins again at once. */
static void kill_and_restart(struct world *w, int i)
{
    struct run *run = &w->runs[i];
    for (int k = 0; k < w->request_count; k++) {
        struct request *q = &w->requests[k];
        if (q->run != i || !timer_entry_is_set(&q->end))
            continue;
        timer_queue_remove(&w->ends, &q->end);
        if (q->arrival_ms > w->now.ms + LIMITER_LOST_MS) /* cut off before it came through */
            q->arrival_ms = -1;
    }
    bury(w, mono_add(w->now, LIMITER_LOST_MS), run->recorded_out + run->recorded_lease);
    for (int h = 0; h < HISTORY_S; h++)
        bury(w, (struct mono){run->answered_end_ms - h * 1000}, run->answered[h]);
    int uploads_max = run->uploads_max;
    *run = (struct run){.uploads_max = uploads_max};
    limiter_init(&run->limiter, w->limit, PACE_WINDOW, w->now);
    limiter_lease(&run->limiter, 0, w->now);
}

static void test_shared(void **state)
{
    (void)state;
    for (int s = 0; s < 4; s++)
        for (int k = 0; k < 6; k++) {
            struct world *w =
                world_new((uint64_t)(1000 + 100 * s + k), k % 2 ? 200 : 30, &slownesses[s]);
            w->run_count = 1 + k / 2;
            for (int i = 0; i < w->run_count; i++) {
                w->runs[i].uploads_max = 16 + (int)random_below(&w->r, 100);
                limiter_init(&w->runs[i].limiter, w->limit, PACE_WINDOW, w->now);
                lease(w, i, 20);
            }
            int64_t second = START_MS;
            while (w->now.ms < START_MS + 400000) {
                end_due(w);
                if (w->now.ms >= second) {
                    second += 1000;
                    for (int i = 0; i < w->run_count; i++) {
                        if (random_below(&w->r, 40) == 0)
                            kill_and_restart(w, i);
                        lease(w, i, 20 + (uint32_t)random_below(&w->r, 100));
                    }
                }
                struct mono next = {second};
                for (int i = 0; i < w->run_count; i++)
                    next = mono_min(next, send_all(w, i));
                w->now = mono_min(next, timer_queue_next(&w->ends));
            }
            int seen = check_server(w, draw_skew(w));
            if (s == 0) /* leases and kills cost something, not everything */
                assert_true(seen > (int)w->limit * 3);
            world_free(w);
        }
}

/* --- speed --- */

/* The last of n documents leaves at floor((n - 1) / N) times a window and an upload's time, up to a
 * slot each time. */
static void test_as_fast_as_claimed(void **state)
{
    (void)state;
    for (int64_t upload_ms = 1; upload_ms < 20000; upload_ms = upload_ms * 3 + 17) {
        enum { LIMIT = 50, DOCUMENTS = 1000 };
        struct limiter l;
        limiter_init(&l, LIMIT, PACE_WINDOW, (struct mono){START_MS});
        struct mono now = {START_MS}, answer[DOCUMENTS];
        int answered = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            struct mono next;
            while ((next = limiter_next(&l, now)).ms > now.ms) {
                bool more = answered < i;
                now = more ? mono_min(next, answer[answered]) : next;
                while (answered < i && answer[answered].ms <= now.ms)
                    limiter_done(&l, answer[answered++]);
            }
            limiter_take(&l, now);
            answer[i] = mono_add(now, upload_ms);
            int64_t windows = i / LIMIT, left_ms = now.ms - START_MS;
            assert_in_range(left_ms, windows * (60500 + upload_ms),
                            windows * (60500 + upload_ms + LIMITER_SLOT_MS));
        }
    }
}

/* --- somebody else uses the key too --- */

struct server {
    struct mono seen[400];
    int count, limit;
};

static bool server_accepts(struct server *s, struct mono now)
{
    int kept = 0;
    for (int i = 0; i < s->count; i++)
        if (mono_diff(now, s->seen[i]) < 60000)
            s->seen[kept++] = s->seen[i];
    s->count = kept;
    if (kept >= s->limit)
        return false;
    s->seen[s->count++] = now;
    return true;
}

/* Two minutes alone, an hour beside a client that takes 120 a minute and never yields, then alone:
 * we turn even and slow, are refused now and then, still send most of what is left, and recover. */
static void test_yields_and_recovers(void **state)
{
    (void)state;
    struct server server = {.limit = 200};
    struct limiter l;
    struct mono now = {START_MS}, other = {START_MS + 120000};
    int64_t shared_end = START_MS + 3720000;
    limiter_init(&l, 200, PACE_WINDOW, now);
    int sent = 0, refused = 0;
    while (now.ms < shared_end + 1800000) {
        if (other.ms <= now.ms) {
            server_accepts(&server, now);
            other = mono_add(other, 500);
            if (other.ms > shared_end)
                other = MONO_NEVER;
        } else if (limiter_next(&l, now).ms <= now.ms) {
            limiter_take(&l, now);
            limiter_done(&l, now);
            bool ok = server_accepts(&server, now);
            if (!ok)
                limiter_refused(&l, now, -1);
            if (now.ms > START_MS + 120000 && now.ms < shared_end) {
                sent += ok;
                refused += !ok;
            }
        } else {
            now = mono_min(other, limiter_next(&l, now));
        }
    }
    assert_in_range(sent, 60 * 40, 60 * 80); /* of 80 a minute */
    assert_true(refused * 20 < sent);        /* under 5 % */
    assert_true(limiter_rate_per_minute(&l) == 200.0);
    assert_int_equal(l.pace, PACE_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_run),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_as_fast_as_claimed),
        cmocka_unit_test(test_yields_and_recovers),
    };
    return cmocka_run_group_tests_name("limiter_window", tests, NULL, NULL);
}
