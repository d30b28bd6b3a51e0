/* The one GET that looks at the webhook endpoints, and what it warns of. */
#include "batch/endpoint_check.h"

#include "base/text.h"
#include "fake_log.h"
#include "fake_pace.h"
#include "part_fixture.h"

#include <stdio.h>

struct scene {
    struct part part;
    struct pace *pace;
    struct endpoint_check *check;
};

static void begin(struct scene *s)
{
    part_open(&s->part);
    struct batch_options *o = &s->part.options;
    o->request.product = MINDEE_SPLIT;
    o->request.model_id = "model-1";
    o->request.webhook_ids = "end-1";
    o->webhook.listen = ":8443";
    o->webhook.path = "/webhook";
    s->pace = pace_new(&s->part.context, s->part.ending);
    s->check = endpoint_check_new(&s->part.context, s->part.ending, s->pace);
}

static void end(struct scene *s)
{
    endpoint_check_free(s->check);
    pace_free(s->pace);
    part_close(&s->part);
}

static void send(struct scene *s)
{
    endpoint_check_send(s->check, part_now(&s->part));
    part_poked(&s->part);
}

/* The model's endpoint, at that URL. */
static void add(struct mindee_model *m, const char *id, const char *url)
{
    m->webhooks[m->webhook_count].id = id;
    m->webhooks[m->webhook_count].name = "hook";
    m->webhooks[m->webhook_count++].url = url;
}

static void answer(struct scene *s, const struct mindee_model *models, size_t count)
{
    struct mindee_response r = fake_response(200);
    r.models = models;
    r.model_count = count;
    fake_client_answer(s->part.context.client, &r);
}

/* What is warned of where the options' endpoint is at URL. */
static const char *warned_at(const char *url)
{
    static char text[512];
    struct scene s;
    struct mindee_model m = {.id = "model-1", .name = "Invoices"};
    begin(&s);
    send(&s);
    add(&m, "end-1", url);
    record_take();
    answer(&s, &m, 1);
    end(&s);
    assert_true(text_copy(text, sizeof text, record_take()));
    return text;
}

/* --- the request --- */

static void it_is_due_once_where_webhooks_are_taken(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_true(endpoint_check_is_due(s.check));
    s.part.options.webhook.listen = NULL;
    assert_false(endpoint_check_is_due(s.check));
    s.part.options.webhook.listen = ":8443";
    endpoint_check_send(s.check, part_now(&s.part));
    assert_recorded("take get\n"
                    "search_models - split 1\n");
    assert_false(endpoint_check_is_due(s.check));
    assert_int_equal(endpoint_check_out(s.check), 1);
    part_poked(&s.part);
    answer(&s, NULL, 0);
    assert_recorded("answered get 200\n");
    assert_int_equal(endpoint_check_out(s.check), 0);
    assert_false(endpoint_check_is_due(s.check));
    assert_true(part_poked(&s.part));
    end(&s);
}

static void without_an_answer_nothing_is_said(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    send(&s);
    record_take();
    const struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_CONNECT);
    fake_client_answer(s.part.context.client, &r);
    assert_recorded("answered get 0\n");
    assert_false(endpoint_check_is_due(s.check));
    end(&s);
}

/* --- what it warns of --- */

static void all_is_well(void **state)
{
    (void)state;
    assert_string_equal(warned_at("https://host/webhook"), "answered get 200\n");
    assert_string_equal(warned_at("https://host:8443/webhook?secret=x"), "answered get 200\n");
    assert_string_equal(warned_at("https://host/webhook#x"), "answered get 200\n");
}

static const char *other_path(const char *theirs)
{
    static char text[512];
    snprintf(text, sizeof text,
             "answered get 200\n"
             "log warning webhook.other_path endpoint=end-1 its_path=%s ours=/webhook what=fine if "
             "a proxy in front changes the path\n",
             theirs);
    return text;
}

static void another_path_and_never_its_secret(void **state)
{
    (void)state;
    assert_string_equal(warned_at("https://host/hooks/mindee?secret=x"),
                        other_path("/hooks/mindee"));
    assert_string_equal(warned_at("https://host"), other_path("/"));
    assert_string_equal(warned_at("nonsense"), other_path("/"));
    assert_string_equal(warned_at("https://host/Webhook"), other_path("/Webhook"));
}

static void each_endpoint_is_looked_for(void **state)
{
    struct scene s;
    struct mindee_model m = {.id = "MODEL-1", .name = "Invoices"};
    (void)state;
    begin(&s);
    s.part.options.request.webhook_ids = "end-1,end-2,END-3";
    send(&s);
    add(&m, "end-3", "https://host/webhook"); /* ids are alike in either case */
    add(&m, "END-1", "https://host/webhook");
    record_take();
    answer(&s, &m, 1);
    assert_recorded("answered get 200\n"
                    "log warning webhook.unknown_endpoint endpoint=end-2 model=Invoices what=the "
                    "model has no such webhook: `mindee-batch models` lists them\n");
    end(&s);
}

static void only_our_model_counts(void **state)
{
    struct scene s;
    struct mindee_model m[] = {{.id = "model-2", .name = "Receipts"},
                               {.id = "model-1", .name = "Invoices"}};
    (void)state;
    begin(&s);
    send(&s);
    add(&m[1], "end-1", "https://host/webhook");
    record_take();
    answer(&s, m, 2);
    assert_recorded("answered get 200\n");
    end(&s);
}

static void a_run_that_closes_says_nothing(void **state)
{
    struct scene s;
    const struct mindee_model m = {.id = "model-1", .name = "Invoices"};
    (void)state;
    begin(&s);
    send(&s);
    record_take();
    ending_close(s.part.ending);
    answer(&s, &m, 1);
    assert_recorded("answered get 200\n");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_due_once_where_webhooks_are_taken),
        cmocka_unit_test(without_an_answer_nothing_is_said),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(another_path_and_never_its_secret),
        cmocka_unit_test(each_endpoint_is_looked_for),
        cmocka_unit_test(only_our_model_counts),
        cmocka_unit_test(a_run_that_closes_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
