/* Many transfers at once: thousands of small ones, faults of every kind, cancels, and closing in
 * the middle of it all. */
#include "transfer_fixture.h"

#include "base/random.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 32 };

static const struct fault_route routes[] = {
    {.prefix = "/reset/before", .read_bytes = -1, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/middle", .read_bytes = 20000, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/after", .answer = "", .after = FAULT_RESET},
    {.prefix = "/close/before", .read_bytes = -1, .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/close/after", .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/close/reused", .from_nth = 2, .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/close/polite",
     .answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}",
     .after = FAULT_CLOSE},
    {.prefix = "/half",
     .answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nhalf",
     .after = FAULT_CLOSE},
    {.prefix = "/held", .answer = "", .after = FAULT_HOLD},
    {0},
};

/* A run of COUNT transfers, AT_ONCE of them under way at any time. */
struct run {
    struct fixture *f;
    struct random random;
    const char *const *kinds; /* the first part of the paths, taken in turn */
    size_t kind_count;
    int count, started, cancel_percent;
    bool close_at_half, closed;
    char file[160];
    struct file_stamp stamp;
    struct outcome *outcomes;
    struct transfer **transfers; /* NULL once delivered */
    char (*paths)[48];
};

static void start_next(struct run *r)
{
    int i = r->started++;
    struct outcome *o = &r->outcomes[i];
    snprintf(r->paths[i], sizeof r->paths[i], "%s/%d.", r->kinds[(size_t)i % r->kind_count], i);
    bool post = random_below(&r->random, 2) == 0;
    r->transfers[i] = post ? fixture_post(r->f, r->paths[i], r->file, &r->stamp, o)
                           : fixture_get(r->f, r->paths[i], o);
}

static void on_close(void *ctx)
{
    struct run *r = ctx;
    r->f->closed = r->closed = true;
    r->f->pool = NULL;
}

static void next(struct outcome *o)
{
    struct run *r = o->ctx;
    r->transfers[o - r->outcomes] = NULL;
    if (r->close_at_half && r->started >= r->count / 2) {
        if (r->started <= r->count)
            transfer_pool_close(r->f->pool, on_close, r);
        r->started = r->count + 1;
    }
    if (r->started < r->count)
        start_next(r);
    if ((int)random_below(&r->random, 100) < r->cancel_percent && r->started > 0 &&
        r->started <= r->count) {
        int victim = (int)random_below(&r->random, (uint64_t)r->started);
        if (r->transfers[victim])
            transfer_cancel(r->transfers[victim]);
    }
}

static void run_start(struct run *r, int count, size_t file_size)
{
    r->count = count;
    random_init(&r->random, 1);
    snprintf(r->file, sizeof r->file, "%s", fixture_file(r->f, "file", file_size, &r->stamp));
    r->outcomes = xcalloc((size_t)count, sizeof *r->outcomes);
    r->transfers = xcalloc((size_t)count, sizeof(struct transfer *));
    r->paths = xcalloc((size_t)count, sizeof *r->paths);
    for (int i = 0; i < count; i++) {
        r->outcomes[i].then = next;
        r->outcomes[i].ctx = r;
    }
    while (r->started < AT_ONCE && r->started < count)
        start_next(r);
}

/* What must hold whatever happened. */
static void check(struct run *r)
{
    struct fault_server *s = r->f->server;
    for (int i = 0; i < r->count; i++) {
        const struct transfer_result *result = &r->outcomes[i].result;
        const char *path = r->paths[i];
        if (path[0] == '\0') { /* never started */
            assert_int_equal(r->outcomes[i].calls, 0);
            continue;
        }
        assert_int_equal(r->outcomes[i].calls, 1);
        assert_true(fault_server_count(s, path, FAULT_SEEN) <= 1);
        if (fault_server_count(s, path, FAULT_SEEN) > 0)
            assert_true(result->on_wire);
        if (fault_server_count(s, path, FAULT_WHOLE) > 0)
            assert_true(result->body_sent_whole);
        if (result->end == TRANSFER_COMPLETE)
            assert_int_equal(fault_server_count(s, path, FAULT_ANSWERED), 1);
    }
}

static void run_end(struct run *r)
{
    for (int i = 0; i < r->count; i++)
        free(r->outcomes[i].body);
    free(r->outcomes);
    free(r->transfers);
    free(r->paths);
}

static int count_ends(const struct run *r, enum transfer_end end)
{
    int n = 0;
    for (int i = 0; i < r->count; i++)
        n += r->outcomes[i].calls == 1 && r->outcomes[i].result.end == end;
    return n;
}

static int set_up(void **state)
{
    *state = fixture_new(&(struct fault_options){.routes = routes}, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

static void thousands_of_small_ones(void **state)
{
    static const char *const kinds[] = {"/fine"};
    struct run r = {.f = *state, .kinds = kinds, .kind_count = 1};
    run_start(&r, 3000, 3000);
    loop_run(r.f->loop);
    assert_int_equal(count_ends(&r, TRANSFER_COMPLETE), 3000);
    assert_int_equal(fault_server_count(r.f->server, "/fine", FAULT_WHOLE), 3000);
    assert_true(fault_server_connections(r.f->server) <= AT_ONCE);
    assert_int_equal(transfer_pool_running(r.f->pool), 0);
    check(&r);
    run_end(&r);
}

static void faults_of_every_kind(void **state)
{
    static const char *const kinds[] = {
        "/fine",         "/reset/before", "/fine",         "/close/reused", "/reset/middle",
        "/close/before", "/close/reused", "/close/polite", "/fine",         "/reset/after",
        "/close/after",  "/half",         "/close/reused", "/fine"};
    struct run r = {.f = *state, .kinds = kinds, .kind_count = sizeof kinds / sizeof kinds[0]};
    run_start(&r, 1400, 60000);
    loop_run(r.f->loop);
    assert_true(count_ends(&r, TRANSFER_COMPLETE) >= 500);
    assert_true(count_ends(&r, TRANSFER_BROKEN) >= 600);
    assert_int_equal(count_ends(&r, TRANSFER_COMPLETE) + count_ends(&r, TRANSFER_BROKEN), 1400);
    check(&r);
    run_end(&r);
}

static void cancels_under_load(void **state)
{
    static const char *const kinds[] = {"/fine", "/close/reused", "/fine", "/half", "/fine"};
    struct run r = {.f = *state, .kinds = kinds, .kind_count = 5, .cancel_percent = 100};
    run_start(&r, 1000, 200000);
    loop_run(r.f->loop);
    assert_true(count_ends(&r, TRANSFER_CANCELLED) > 0);
    assert_true(count_ends(&r, TRANSFER_COMPLETE) > 0);
    check(&r);
    run_end(&r);
}

static void closing_from_a_callback(void **state)
{
    static const char *const kinds[] = {"/fine", "/fine", "/fine", "/half"};
    struct run r = {.f = *state, .kinds = kinds, .kind_count = 4, .close_at_half = true};
    run_start(&r, 400, 200000);
    loop_run(r.f->loop);
    assert_true(r.closed);
    assert_true(count_ends(&r, TRANSFER_CANCELLED) > 0);
    check(&r);
    run_end(&r);
}

/* ---- a bound on connections ---- */

static int set_up_bounded(void **state)
{
    struct transfer_pool_options options = fixture_options();
    options.max_connections = 4;
    *state = fixture_new(&(struct fault_options){.routes = routes}, &options);
    return 0;
}

static void connections_are_bounded(void **state)
{
    static const char *const kinds[] = {"/fine"};
    struct run r = {.f = *state, .kinds = kinds, .kind_count = 1};
    run_start(&r, 500, 3000);
    assert_int_equal(transfer_pool_running(r.f->pool), AT_ONCE);
    loop_run(r.f->loop);
    assert_int_equal(count_ends(&r, TRANSFER_COMPLETE), 500);
    assert_true(fault_server_connections(r.f->server) <= 4);
    check(&r);
    run_end(&r);
}

/* ---- closing with everything in flight ---- */

static void await_held(void *ctx)
{
    fault_server_await(ctx, "/held", FAULT_WHOLE, 4);
}

struct closing {
    struct fixture *f;
    char file[160];
    struct file_stamp stamp;
};

static void on_closing_done(void *ctx)
{
    struct closing *c = ctx;
    c->f->closed = true;
    c->f->pool = NULL;
}

/* Four hold the connections, others wait; one is just beginning. */
static void close_now(void *ctx)
{
    struct closing *c = ctx;
    transfer_pool_close(c->f->pool, on_closing_done, c);
}

static void await_held_of(void *ctx)
{
    await_held(((struct closing *)ctx)->f->server);
}

static void close_with_everything_in_flight(void **state)
{
    struct closing c = {.f = *state};
    struct outcome outcomes[20] = {0};
    char path[20][32];
    snprintf(c.file, sizeof c.file, "%s", fixture_file(c.f, "file", 300000, &c.stamp));
    for (int i = 0; i < 20; i++) {
        snprintf(path[i], sizeof path[i], "/held/%d.", i);
        fixture_post(c.f, path[i], c.file, &c.stamp, &outcomes[i]);
    }
    loop_work(c.f->loop, await_held_of, close_now, &c);
    loop_run(c.f->loop);
    assert_true(c.f->closed);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(outcomes[i].calls, 1);
        assert_int_equal(outcomes[i].result.end, TRANSFER_CANCELLED);
        assert_int_equal(outcomes[i].result.body_sent_whole,
                         fault_server_count(c.f->server, path[i], FAULT_WHOLE) == 1);
        outcome_release(&outcomes[i]);
    }
}

static void close_right_after_the_start(void **state)
{
    struct closing c = {.f = *state};
    struct outcome outcomes[20] = {0};
    snprintf(c.file, sizeof c.file, "%s", fixture_file(c.f, "file", 300000, &c.stamp));
    for (int i = 0; i < 20; i++) {
        if (i % 2)
            fixture_post(c.f, "/fine", c.file, &c.stamp, &outcomes[i]);
        else
            fixture_get(c.f, "/fine", &outcomes[i]);
    }
    transfer_pool_close(c.f->pool, on_closing_done, &c);
    for (int i = 0; i < 20; i++)
        assert_int_equal(outcomes[i].calls, 0); /* never from inside the call */
    loop_run(c.f->loop);
    assert_true(c.f->closed);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(outcomes[i].calls, 1);
        assert_int_equal(outcomes[i].result.end, TRANSFER_CANCELLED);
        assert_false(outcomes[i].result.on_wire);
        outcome_release(&outcomes[i]);
    }
    assert_int_equal(fault_server_count(c.f->server, "/", FAULT_SEEN), 0);
}

static void cancel_right_after_the_start(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    struct transfer *t = fixture_get(f, "/fine", &o);
    transfer_cancel(t);
    transfer_cancel(t); /* once more is as good as once */
    assert_int_equal(o.calls, 0);
    loop_run(f->loop);
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.result.end, TRANSFER_CANCELLED);
    assert_string_equal(o.result.text, "cancelled");
    outcome_release(&o);
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define BOUNDED(name) cmocka_unit_test_setup_teardown(name, set_up_bounded, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(thousands_of_small_ones),
        TEST(faults_of_every_kind),
        TEST(cancels_under_load),
        TEST(closing_from_a_callback),
        BOUNDED(connections_are_bounded),
        BOUNDED(close_with_everything_in_flight),
        BOUNDED(close_right_after_the_start),
        TEST(close_right_after_the_start),
        TEST(cancel_right_after_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
