/* The post office: who gets a delivery, who keeps a stranger, and who answers. The receiver is a
 * stand-in that hands over what the test says, and writes down the replies. */
#include "batch/post_office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

void webhook_receiver_counts(const struct webhook_receiver *r, struct webhook_receiver_counts *out)
{
    (void)r;
    memset(out, 0, sizeof *out);
}

/* --- boxes --- */

struct box {
    struct post_box box;
    const char *name;
    enum post_answer answer, as_stranger;
};

static enum post_answer offer_cb(void *ctx, struct webhook_delivery *d,
                                 const struct mindee_webhook *w, const char *body, size_t len,
                                 bool stranger)
{
    struct box *b = ctx;
    char text[40];
    (void)d;
    assert_int_equal(strlen(body), len);
    snprintf(text, sizeof text, "%s%s%s", b->name, stranger ? "!" : "?",
             w ? w->inference.alias : "(unreadable)");
    tell(text);
    return stranger ? b->as_stranger : b->answer;
}

static struct box box_of(const char *name, enum post_answer answer, enum post_answer as_stranger)
{
    return (struct box){.name = name, .answer = answer, .as_stranger = as_stranger};
}

static void join(struct post_office *office, struct box *b)
{
    b->box.offer = offer_cb;
    b->box.ctx = b;
    post_office_join(office, &b->box);
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

static struct post_office *open_office(void)
{
    struct post_office *office;
    const struct batch_options o = {.webhook_listen = "127.0.0.1:0"};
    struct error e;
    assert_int_equal(post_office_open(&office, NULL, &o, &e), 0);
    return office;
}

static void close_office(struct post_office *office)
{
    bool closed = false;
    post_office_close(office, 0, closed_cb, &closed);
    assert_true(closed);
}

static void without_a_box_all_is_refused(void **state)
{
    struct post_office *office = open_office();
    (void)state;
    assert_string_equal(deliver(delivery), "503");
    struct box a = box_of("a", POST_TAKEN, POST_TAKEN);
    join(office, &a);
    assert_string_equal(deliver(delivery), "a?x"); /* the box replies */
    post_office_leave(&a.box);
    assert_string_equal(deliver(delivery), "503");
    close_office(office);
}

static void the_one_who_knows_it_has_it(void **state)
{
    struct post_office *office = open_office();
    struct box a = box_of("a", POST_UNKNOWN, POST_TAKEN), b = box_of("b", POST_TAKEN, POST_TAKEN);
    struct box c = box_of("c", POST_TAKEN, POST_TAKEN);
    (void)state;
    join(office, &a);
    join(office, &b);
    join(office, &c);
    assert_string_equal(deliver(delivery), "a?x b?x");
    a.answer = POST_CANT; /* it may be its own; but b knows it for sure */
    assert_string_equal(deliver(delivery), "a?x b?x");
    post_office_leave(&a.box);
    post_office_leave(&b.box);
    post_office_leave(&c.box);
    close_office(office);
}

static void a_stranger_is_for_the_first_to_keep(void **state)
{
    struct post_office *office = open_office();
    struct box a = box_of("a", POST_UNKNOWN, POST_TAKEN), b = box_of("b", POST_UNKNOWN, POST_TAKEN);
    (void)state;
    join(office, &a);
    join(office, &b);
    assert_string_equal(deliver(delivery), "a?x b?x a!x");
    assert_string_equal(deliver("no JSON"), "a?(unreadable) b?(unreadable) a!(unreadable)");
    a.as_stranger = POST_CANT;
    assert_string_equal(deliver(delivery), "a?x b?x a!x 503");
    a.as_stranger = POST_TAKEN;
    b.answer = POST_CANT; /* whose it is can't be told: Mindee comes again */
    assert_string_equal(deliver(delivery), "a?x b?x 503");
    post_office_leave(&a.box);
    post_office_leave(&b.box);
    close_office(office);
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    struct post_office *office;
    const struct batch_options o = {.webhook_listen = "taken"};
    struct error e;
    (void)state;
    assert_int_equal(post_office_open(&office, NULL, &o, &e), ERR_NETWORK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_box_all_is_refused),
        cmocka_unit_test(the_one_who_knows_it_has_it),
        cmocka_unit_test(a_stranger_is_for_the_first_to_keep),
        cmocka_unit_test(a_port_that_is_taken_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
