/* The post router: who gets a delivery, who keeps a stranger, and who answers. The receiver is a
 * stand-in that hands over what the test says, and writes down the replies. */
#include "webhook/webhook_router.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

/* --- the stand-in --- */

static struct webhook_receiver_options receiver; /* of the one there is */
static char told[400];                           /* "a? b! 200 ..." */

static void tell(const char *text)
{
    strcat(told, *told ? " " : "");
    strcat(told, text);
}

int webhook_receiver_new(struct webhook_receiver **out, struct loop *loop,
                         const struct webhook_receiver_options *options, struct error *e)
{
    (void)loop;
    receiver = *options;
    *out = (struct webhook_receiver *)(void *)&receiver;
    return strcmp(options->listen, "taken") == 0 ? error_set(e, ERR_NETWORK, "the port is taken")
                                                 : 0;
}

void webhook_delivery_reply(struct webhook_delivery *d, int status)
{
    char text[16];
    (void)d;
    snprintf(text, sizeof text, "%d", status);
    tell(text);
}

void webhook_receiver_close(struct webhook_receiver *r, int64_t grace_ms, void (*closed)(void *ctx),
                            void *ctx)
{
    (void)r, (void)grace_ms;
    closed(ctx);
}

bool webhook_receiver_reload(struct webhook_receiver *r)
{
    (void)r;
    return true;
}

uint16_t webhook_receiver_port(const struct webhook_receiver *r)
{
    (void)r;
    return 1;
}

const char *webhook_receiver_certificate(const struct webhook_receiver *r, struct wall *ends)
{
    (void)r, (void)ends;
    return NULL;
}

void webhook_receiver_counts(const struct webhook_receiver *r, struct webhook_receiver_counts *out)
{
    (void)r;
    memset(out, 0, sizeof *out);
}

/* --- routes --- */

struct route {
    struct webhook_route route;
    const char *name;
    enum route_answer answer, as_stranger;
};

static enum route_answer offer_cb(void *ctx, struct webhook_delivery *d,
                                  const struct mindee_webhook *w, const char *body, size_t len,
                                  bool stranger)
{
    struct route *b = ctx;
    char text[40];
    (void)d;
    assert_int_equal(strlen(body), len);
    snprintf(text, sizeof text, "%s%s%s", b->name, stranger ? "!" : "?",
             w ? w->inference.alias : "(unreadable)");
    tell(text);
    return stranger ? b->as_stranger : b->answer;
}

static struct route box_of(const char *name, enum route_answer answer,
                           enum route_answer as_stranger)
{
    return (struct route){.name = name, .answer = answer, .as_stranger = as_stranger};
}

static void join(struct webhook_router *router, struct route *b)
{
    b->route.offer = offer_cb;
    b->route.ctx = b;
    webhook_router_join(router, &b->route);
}

static const char delivery[] =
    "{\"inference_id\": \"i\", \"model_id\": \"m\", \"file_name\": \"f\", \"file_alias\": \"x\","
    " \"error\": {\"status\": 422, \"title\": \"t\", \"detail\": \"d\", \"code\": \"422-001\","
    " \"errors\": []}, \"created_at\": \"2026-01-01T00:00:00\"}";

static const char *deliver(const char *body)
{
    told[0] = '\0';
    receiver.delivered(receiver.ctx, NULL, body, strlen(body));
    return told;
}

static void closed_cb(void *ctx)
{
    *(bool *)ctx = true;
}

static struct webhook_router *open_office(void)
{
    struct webhook_router *router;
    const struct webhook_receiver_options o = {.listen = "127.0.0.1:0"};
    struct error e;
    assert_int_equal(webhook_router_open(&router, NULL, &o, &e), 0);
    return router;
}

static void close_office(struct webhook_router *router)
{
    bool closed = false;
    webhook_router_close(router, 0, closed_cb, &closed);
    assert_true(closed);
}

static void without_a_box_all_is_refused(void **state)
{
    struct webhook_router *router = open_office();
    (void)state;
    assert_string_equal(deliver(delivery), "503");
    struct route a = box_of("a", ROUTE_TAKEN, ROUTE_TAKEN);
    join(router, &a);
    assert_string_equal(deliver(delivery), "a?x"); /* the route replies */
    webhook_router_leave(&a.route);
    assert_string_equal(deliver(delivery), "503");
    close_office(router);
}

static void the_one_who_knows_it_has_it(void **state)
{
    struct webhook_router *router = open_office();
    struct route a = box_of("a", ROUTE_UNKNOWN, ROUTE_TAKEN),
                 b = box_of("b", ROUTE_TAKEN, ROUTE_TAKEN);
    struct route c = box_of("c", ROUTE_TAKEN, ROUTE_TAKEN);
    (void)state;
    join(router, &a);
    join(router, &b);
    join(router, &c);
    assert_string_equal(deliver(delivery), "a?x b?x");
    a.answer = ROUTE_REFUSED; /* it may be its own; but b knows it for sure */
    assert_string_equal(deliver(delivery), "a?x b?x");
    webhook_router_leave(&a.route);
    webhook_router_leave(&b.route);
    webhook_router_leave(&c.route);
    close_office(router);
}

static void a_stranger_is_for_the_first_to_keep(void **state)
{
    struct webhook_router *router = open_office();
    struct route a = box_of("a", ROUTE_UNKNOWN, ROUTE_TAKEN),
                 b = box_of("b", ROUTE_UNKNOWN, ROUTE_TAKEN);
    (void)state;
    join(router, &a);
    join(router, &b);
    assert_string_equal(deliver(delivery), "a?x b?x a!x");
    assert_string_equal(deliver("no JSON"), "a?(unreadable) b?(unreadable) a!(unreadable)");
    a.as_stranger = ROUTE_REFUSED;
    assert_string_equal(deliver(delivery), "a?x b?x a!x 503");
    a.as_stranger = ROUTE_TAKEN;
    b.answer = ROUTE_REFUSED; /* whose it is can't be told: Mindee comes again */
    assert_string_equal(deliver(delivery), "a?x b?x 503");
    webhook_router_leave(&a.route);
    webhook_router_leave(&b.route);
    close_office(router);
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    struct webhook_router *router;
    const struct webhook_receiver_options o = {.listen = "taken"};
    struct error e;
    (void)state;
    assert_int_equal(webhook_router_open(&router, NULL, &o, &e), ERR_NETWORK);
}

static void waits_cb(void *ctx)
{
    ++*(int *)ctx;
}

static const char *offer_again(struct webhook_router *router, bool hold)
{
    told[0] = '\0';
    webhook_router_offer_again(router, hold);
    return told;
}

static void one_for_an_absent_route_waits_for_it(void **state)
{
    struct webhook_router *router = open_office();
    struct route a = box_of("a", ROUTE_UNKNOWN, ROUTE_TAKEN),
                 b = box_of("b", ROUTE_TAKEN, ROUTE_TAKEN);
    int called = 0;
    (void)state;
    webhook_router_expect(router, 2, waits_cb, &called);
    join(router, &a);
    assert_false(webhook_router_waits(router));
    assert_string_equal(deliver(delivery), "a?x");
    assert_int_equal(called, 1);
    assert_true(webhook_router_waits(router));
    assert_string_equal(offer_again(router, true), "a?x");
    assert_true(webhook_router_waits(router));
    join(router, &b);
    assert_string_equal(offer_again(router, true), "a?x b?x");
    assert_false(webhook_router_waits(router));
    assert_int_equal(called, 1);
    b.answer = ROUTE_UNKNOWN; /* all are there, and nobody knows it */
    assert_string_equal(deliver(delivery), "a?x b?x a!x");
    webhook_router_leave(&b.route);
    assert_string_equal(deliver(delivery), "a?x");
    assert_string_equal(deliver("no JSON"), "a?(unreadable)");
    assert_string_equal(offer_again(router, false),
                        "a?x 503 a?(unreadable) 503"); /* it can't come */
    assert_false(webhook_router_waits(router));
    webhook_router_leave(&a.route);
    close_office(router);
}

static void one_that_is_not_ready_is_as_good_as_absent(void **state)
{
    struct webhook_router *router = open_office();
    struct route a = box_of("a", ROUTE_LATER, ROUTE_TAKEN);
    int called = 0;
    (void)state;
    join(router, &a);
    assert_string_equal(deliver(delivery), "a?x 503"); /* nobody would offer it again */
    webhook_router_expect(router, 1, waits_cb, &called);
    assert_string_equal(deliver(delivery), "a?x");
    assert_int_equal(called, 1);
    a.answer = ROUTE_TAKEN;
    assert_string_equal(offer_again(router, true), "a?x");
    a.answer = ROUTE_REFUSED; /* it can tell, and can't write */
    assert_string_equal(deliver(delivery), "a?x 503");
    webhook_router_leave(&a.route);
    close_office(router);
}

static void what_still_waits_at_the_end_is_refused(void **state)
{
    struct webhook_router *router = open_office();
    int called = 0;
    (void)state;
    webhook_router_expect(router, 1, waits_cb, &called);
    assert_string_equal(deliver(delivery), "");
    close_office(router);
    assert_string_equal(told, "503");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_box_all_is_refused),
        cmocka_unit_test(the_one_who_knows_it_has_it),
        cmocka_unit_test(a_stranger_is_for_the_first_to_keep),
        cmocka_unit_test(one_for_an_absent_route_waits_for_it),
        cmocka_unit_test(one_that_is_not_ready_is_as_good_as_absent),
        cmocka_unit_test(what_still_waits_at_the_end_is_refused),
        cmocka_unit_test(a_port_that_is_taken_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
