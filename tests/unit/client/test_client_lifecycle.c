/* Making, cancelling and closing a client, beside other users of the same loop. */
#include "client_fixture.h"

#include "net/loop.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 3000 };

static const struct fault_route routes[] = {
    {.prefix = "/accepted", .answer = ACCEPTED},
    {.prefix = "/silent", .answer = "", .after = FAULT_HOLD},
    {.prefix = "/late", .answer = ACCEPTED, .late = true},
    {0}};

static void start(struct fixture *f, const char *path)
{
    fixture_start(f, &(struct fault_options){.routes = routes});
    fixture_client(f, path, NULL);
}

static void assert_not_made(const struct mindee_options *options, const char *message)
{
    uv_loop_t loop;
    struct mindee_client *client;
    char text[512] = "";
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(mindee_client_new(&client, &loop, options, text, sizeof text), -1);
    assert_null(client);
    if (!strstr(text, message))
        fail_msg("%s, not %s", text, message);
    char cut[8];
    assert_int_equal(mindee_client_new(&client, &loop, options, cut, sizeof cut), -1);
    assert_int_equal(strlen(cut), sizeof cut - 1);
    assert_int_equal(mindee_client_new(&client, &loop, options, NULL, 0), -1);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0); /* nothing was left on it */
}

static void bad_options(void **state)
{
    char longest[2000];
    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_not_made(&(struct mindee_options)MINDEE_OPTIONS_INIT, "API key is needed");
    assert_not_made(&(struct mindee_options){.size = sizeof(struct mindee_options), .api_key = ""},
                    "API key is needed");
    assert_not_made(
        &(struct mindee_options){.size = sizeof(struct mindee_options), .api_key = "md_x\n"},
        "line end");
    assert_not_made(&(struct mindee_options){.size = sizeof(struct mindee_options),
                                             .api_key = "md_x\r\nHost: evil"},
                    "line end");
    assert_not_made(
        &(struct mindee_options){.size = sizeof(struct mindee_options), .api_key = "md_\xc3\xa9"},
        "another character");
    assert_not_made(
        &(struct mindee_options){.size = sizeof(struct mindee_options), .api_key = longest},
        "over 1024 bytes");
    assert_not_made(&(struct mindee_options){.size = sizeof(struct mindee_options),
                                             .api_key = KEY,
                                             .base_url = "http://mindee.example"},
                    "plain http");
    assert_not_made(&(struct mindee_options){.size = sizeof(struct mindee_options),
                                             .api_key = KEY,
                                             .base_url = "mindee.example"},
                    "base URL mindee.example: it doesn't begin with https://");
    assert_not_made(&(struct mindee_options){.size = sizeof(struct mindee_options),
                                             .api_key = KEY,
                                             .ca_file = "/nonexistent/ca.pem"},
                    "/nonexistent/ca.pem");
}

static void made_and_closed(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "/accepted");
    fixture_end(&f);
    /* the default address and no callback at the end; nothing is requested */
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "",
                   &(struct mindee_options){.size = sizeof(struct mindee_options),
                                            .base_url = "https://api-v2.mindee.net"});
    mindee_client_close(f.client, NULL, NULL);
    f.client = NULL;
    fixture_end(&f);
}

/* In the callbacks of a closing client every call is answered as cancelled. */
static void call_again(struct told *t)
{
    struct mindee_client *client = t->fixture->client;
    struct mindee_enqueue q = fixture_enqueue(t->fixture, "/x");
    t->then = NULL;
    assert_int_equal(mindee_enqueue(client, &q, on_answer, t + 1), 0);
    assert_int_equal(mindee_get_job(client, JOB_ID, on_answer, t + 2), 0);
    mindee_get_result(client, "/v2/x", on_answer, t + 3);
    mindee_search_models(client, NULL, NULL, 1, on_answer, t + 4);
    for (int i = 1; i < 5; i++)
        assert_int_equal(t[i].calls, 0);
}

static void closing_answers_everything(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "/silent");
    struct told upload[5] = {{.fixture = &f, .then = call_again}};
    struct told poll = {.fixture = &f}, unsent = poll, foreign = poll;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, upload), 0);
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &poll), 0);
    while (fault_server_count(f.server, "/silent", true) < 2)
        uv_run(&f.loop, UV_RUN_ONCE);
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &unsent), 0);
    mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &foreign);
    fixture_close_client(&f);
    assert_int_equal(upload[0].calls, 1);
    assert_int_equal(upload[0].fault, MINDEE_CANCELLED);
    assert_int_equal(upload[0].delivery, MINDEE_IN_DOUBT); /* the server had it all */
    assert_int_equal(poll.calls, 1);
    assert_int_equal(poll.fault, MINDEE_CANCELLED);
    assert_int_equal(unsent.calls, 1);
    assert_int_equal(unsent.fault, MINDEE_CANCELLED);
    assert_int_equal(unsent.delivery, MINDEE_NOT_SENT);
    assert_int_equal(foreign.calls, 1);
    assert_int_equal(foreign.fault, MINDEE_FOREIGN_URL);
    for (int i = 1; i < 5; i++) {
        assert_int_equal(upload[i].calls, 1);
        assert_int_equal(upload[i].fault, MINDEE_CANCELLED);
        assert_int_equal(upload[i].delivery, MINDEE_NOT_SENT);
        assert_string_equal(upload[i].text, "the client is being closed");
    }
    fixture_end(&f);
}

static void mark_closed(void *ctx)
{
    struct fixture *f = ctx;
    f->closed = true;
    f->client = NULL;
}

static void close_now(struct told *t)
{
    mindee_client_close(t->fixture->client, mark_closed, t->fixture);
    assert_false(t->fixture->closed); /* later, never under the callback */
}

static void closed_from_a_callback(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct fixture f;
        start(&f, "/accepted");
        struct told t = {.fixture = &f, .then = close_now}, other = {.fixture = &f};
        if (kind == 0) {
            mindee_search_models(f.client, NULL, NULL, 1, on_answer, &t);
        } else {
            mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &t);
            mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &other);
        }
        fixture_run(&f);
        assert_int_equal(t.calls, 1);
        assert_int_equal(other.calls, kind);
        assert_true(f.closed);
        fixture_end(&f);
    }
}

/* What a callback of a cancelled upload starts isn't cancelled with it. */
static void start_another(struct told *t)
{
    struct mindee_enqueue q = fixture_enqueue(t->fixture, fixture_file(t->fixture, "b", SMALL));
    assert_int_equal(mindee_enqueue(t->fixture->client, &q, on_answer, t + 1), 0);
    fault_server_release(t->fixture->server);
}

static void uploads_are_cancelled_alone(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "/late");
    struct told sent[2] = {{.fixture = &f, .then = start_another}, {.fixture = &f}};
    struct told unsent = {.fixture = &f}, poll = unsent;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &sent[0]), 0);
    while (fault_server_count(f.server, "/late", true) < 1)
        uv_run(&f.loop, UV_RUN_ONCE);
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &poll), 0);
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &unsent), 0);
    mindee_client_cancel_uploads(f.client);
    mindee_client_cancel_uploads(f.client); /* twice is as good as once */
    fixture_run(&f);
    assert_int_equal(sent[0].calls, 1);
    assert_int_equal(sent[0].fault, MINDEE_CANCELLED);
    assert_int_equal(sent[0].delivery, MINDEE_IN_DOUBT);
    assert_int_equal(unsent.calls, 1);
    assert_int_equal(unsent.fault, MINDEE_CANCELLED);
    assert_int_equal(unsent.delivery, MINDEE_NOT_SENT);
    assert_false(unsent.on_wire);
    assert_int_equal(sent[1].calls, 1);
    assert_int_equal(sent[1].fault, MINDEE_OK);
    assert_string_equal(sent[1].job_id, JOB_ID);
    assert_int_equal(poll.calls, 1);
    assert_int_equal(poll.fault, MINDEE_OK);
    fixture_end(&f);
}

/* Another struct loop over the same uv loop, with its own turn and timer, as the batch has it; and
 * a second client. */
struct neighbour {
    struct fixture *fixture;
    struct loop *loop;
    struct loop_timer *timer;
    struct told *told;
    int turns, ticks;
};

static void on_turn(void *ctx)
{
    struct neighbour *n = ctx;
    n->turns++;
}

static void on_tick(void *ctx)
{
    struct neighbour *n = ctx;
    struct mindee_enqueue q = fixture_enqueue(n->fixture, fixture_file(n->fixture, "a", SMALL));
    if (++n->ticks < 3)
        loop_timer_set(n->timer, loop_now(n->loop));
    assert_int_equal(mindee_enqueue(n->fixture->client, &q, on_answer, n->told), 0);
}

static void two_loops_on_one(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "/accepted");
    struct told t = {.fixture = &f}, second = t;
    struct neighbour n = {.fixture = &f, .told = &t};
    n.loop = loop_adopt(&f.loop, &system_clock);
    n.timer = loop_timer_new(n.loop, on_tick, &n);
    struct loop_turn *turn = loop_on_turn(n.loop, on_turn, &n);
    loop_timer_set(n.timer, loop_now(n.loop));
    struct mindee_client *first = f.client;
    fixture_client(&f, "/accepted", NULL);
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &second), 0);
    struct mindee_client *other = f.client;
    f.client = first;
    loop_run(n.loop);
    assert_int_equal(n.ticks, 3);
    assert_true(n.turns > 0);
    assert_int_equal(t.calls, 3);
    assert_int_equal(t.fault, MINDEE_OK);
    assert_int_equal(second.fault, MINDEE_OK);
    fixture_close_client(&f); /* the neighbour's loop goes on without it */
    loop_timer_set(n.timer, loop_now(n.loop));
    f.client = other;
    loop_run(n.loop);
    assert_int_equal(n.ticks, 4);
    assert_int_equal(t.calls, 4);
    loop_timer_close(n.timer);
    loop_turn_close(turn);
    loop_free(n.loop);
    fixture_end(&f);
}

/* Calls answered without a request, each made in the callback of the last, starve nobody. */
static void once_more(struct told *t)
{
    if (!t->fixture->closed)
        mindee_get_result(t->fixture->client, "https://elsewhere.example/", on_answer, t);
}

static void stop_it(uv_timer_t *timer)
{
    struct fixture *f = timer->data;
    f->closed = true;
    uv_close((uv_handle_t *)timer, NULL);
}

static void an_endless_chain_lets_others_in(void **state)
{
    struct fixture f;
    uv_timer_t timer;
    (void)state;
    start(&f, "/accepted");
    struct told t = {.fixture = &f, .then = once_more};
    uv_timer_init(&f.loop, &timer);
    timer.data = &f;
    uv_timer_start(&timer, stop_it, 5, 0);
    mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &t);
    fixture_run(&f);
    assert_true(f.closed && t.calls > 0);
    fixture_end(&f);
}

/* Many calls in one go: each is answered once. */
static void hundreds_at_once(void **state)
{
    enum { COUNT = 300 };
    struct fixture f;
    (void)state;
    start(&f, "/accepted");
    struct told *t = calloc(COUNT, sizeof *t);
    assert_non_null(t);
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    for (int i = 0; i < COUNT; i++) {
        t[i].fixture = &f;
        if (i % 3 == 0)
            assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t[i]), 0);
        else if (i % 3 == 1)
            assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &t[i]), 0);
        else
            mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &t[i]);
    }
    fixture_run(&f);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(t[i].calls, 1);
        assert_int_equal(t[i].fault, i % 3 == 2 ? MINDEE_FOREIGN_URL : MINDEE_OK);
    }
    assert_int_equal(fault_server_count(f.server, "/accepted", true), 200);
    free(t);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_options),
        cmocka_unit_test(made_and_closed),
        cmocka_unit_test(closing_answers_everything),
        cmocka_unit_test(closed_from_a_callback),
        cmocka_unit_test(uploads_are_cancelled_alone),
        cmocka_unit_test(two_loops_on_one),
        cmocka_unit_test(an_endless_chain_lets_others_in),
        cmocka_unit_test(hundreds_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
