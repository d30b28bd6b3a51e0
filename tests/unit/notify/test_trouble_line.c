/* What troubles a batch until somebody was told: grouped at the edges of notify.every, marked in the
 * ledger for the next process, told once and not less. */
#include "desk.h"

#include "ledger/told.h"
#include "ledger/unread_files.h"

#include <stdio.h>
#include <string.h>

#define URL    "notify.url"
#define SINK   "on_stored.url"
#define MINUTE ((int64_t)60 * 1000)
#define DAY    (24 * 60 * MINUTE)

static void begin(struct desk *d, void **state)
{
    desk_begin(d, *state);
    d->options.notify_url = "url";
    d->options.at_end = false;
}

static void assert_tells(struct desk *d, const char *kinds)
{
    assert_string_equal(desk_kinds(d, URL), kinds);
}

/* Told of KIND, delivered and durable. */
static void tell(struct desk *d, enum trouble_kind kind)
{
    notifier_trouble(d->n, kind, "it happened", "mend it");
    desk_commit(d, 0);
    assert_tells(d, trouble_names[kind]);
    fake_outlet_deliver(URL);
    desk_commit(d, 0);
}

static void what_comes_within_every_is_one_notice(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    notifier_trouble(d.n, TROUBLE_HANDOVERS, "3 results wait", "mend the sink");
    desk_pass(&d, MINUTE);
    notifier_trouble(d.n, TROUBLE_BUDGET, "the budget is reached", "raise it");
    notifier_trouble(d.n, TROUBLE_HANDOVERS, "4 results wait", "mend the sink");
    desk_pass(&d, DESK_EVERY_MS - MINUTE - 1);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_pass(&d, 2);
    desk_commit(&d, 0);
    assert_tells(&d, "budget handovers"); /* the gravest first, the newest words of each */
    assert_string_equal(desk_text(&d, URL, "text"),
                        "mindee-batch 2026-11: the budget is reached; 4 "
                        "results wait; raise it");
    assert_string_equal(desk_text(&d, URL, "event"), "trouble");
    fake_outlet_deliver(URL);
    desk_pass(&d, DESK_EVERY_MS + 1000);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_end(&d);
}

static void good_news_wait_for_nothing_and_take_the_rest_along(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    notifier_trouble(d.n, TROUBLE_UNREAD, "2 files can't be read", "mend the share");
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    notifier_trouble(d.n, TROUBLE_BACK, "Mindee answers again", "");
    desk_commit(&d, 0);
    assert_tells(&d, "unread back");
    desk_end(&d);
}

static void what_is_over_before_it_was_told_is_no_news(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    assert_true(notifier_trouble_over(d.n, TROUBLE_SILENCE));
    notifier_trouble(d.n, TROUBLE_SILENCE, "again", "");
    assert_false(notifier_trouble_over(d.n, TROUBLE_SILENCE));
    desk_pass(&d, 2 * DESK_EVERY_MS);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    notifier_trouble(d.n, TROUBLE_SILENCE, "again", "");
    assert_true(notifier_trouble_over(d.n, TROUBLE_SILENCE)); /* it is in this turn */
    desk_end(&d);
}

static void a_turn_that_is_lost_tells_it_once_more(void **state)
{
    struct desk d;
    int64_t told_at = 0;
    begin(&d, state);
    desk_start(&d);
    notifier_trouble(d.n, TROUBLE_SILENCE, "no answer", "");
    desk_assert_quiet(URL);
    desk_crash(&d);
    assert_int_equal(ledger_told_get(d.f->l, TOLD_TROUBLE_AT, &told_at), 0); /* nor is it marked */
    desk_start(&d);
    desk_assert_quiet(URL); /* it is for whoever saw it to say again */
    notifier_trouble(d.n, TROUBLE_SILENCE, "no answer", "");
    desk_commit(&d, 0);
    assert_tells(&d, "silence");
    desk_end(&d);
}

static void the_next_process_waits_for_the_rest_of_every(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    desk_pass(&d, MINUTE);
    desk_restart(&d);
    notifier_trouble(d.n, TROUBLE_UNREAD, "2 files", "");
    desk_pass(&d, DESK_EVERY_MS - MINUTE - 1);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_pass(&d, 2);
    desk_commit(&d, 0);
    assert_tells(&d, "unread");
    desk_end(&d);
}

static void failures_are_told_once_by_whatever_process(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    desk_refuse(&d, "a", "422-001", "It is encrypted.");
    desk_refuse(&d, "b", "422-001", "It is encrypted.");
    notifier_rested(d.n, false);
    desk_commit(&d, 0);
    assert_tells(&d, "failures");
    assert_int_equal(cJSON_GetObjectItem(desk_told(&d, URL), "failures_new")->valueint, 2);
    fake_outlet_deliver(URL);
    notifier_rested(d.n, false);
    desk_pass(&d, 2 * DESK_EVERY_MS);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_restart(&d);
    notifier_rested(d.n, false);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_refuse(&d, "c", "422-001", "It is encrypted.");
    notifier_rested(d.n, false);
    desk_commit(&d, 0);
    const cJSON *failures = cJSON_GetObjectItem(desk_told(&d, URL), "failures");
    assert_int_equal(cJSON_GetArraySize(failures), 1);
    assert_string_equal(cJSON_GetObjectItem(failures->child, "name")->valuestring, "c");
    assert_string_equal(cJSON_GetObjectItem(failures->child, "path")->valuestring, "/data/c");
    assert_string_equal(cJSON_GetObjectItem(failures->child, "state")->valuestring, "failed");
    desk_end(&d);
}

/* A ledger that never told has a past that is nobody's news. */
static void what_failed_before_anybody_was_to_hear_of_it(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_refuse(&d, "old", "422-001", "");
    assert_ok(d.f->l, ledger_commit(d.f->l));
    desk_start(&d);
    notifier_rested(d.n, false);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_end(&d);
}

static void what_was_settled_before_it_was_told_is_not_told(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    int64_t id = desk_refuse(&d, "a", "422-001", "");
    notifier_rested(d.n, false);
    desk_pass(&d, MINUTE);
    const struct ledger_step dismissed = {.document_id = id,
                                          .from = DOC_FAILED,
                                          .to = DOC_FAILED,
                                          .event = EV_DISMISS,
                                          .attempt = 1,
                                          .cause = "by hand"};
    assert_ok(d.f->l, ledger_step(d.f->l, &dismissed));
    desk_commit(&d, 0);
    desk_pass(&d, 2 * DESK_EVERY_MS);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_end(&d);
}

static void put_unread(struct desk *d, int count)
{
    assert_ok(d->f->l, ledger_unread_clear(d->f->l, d->f->root));
    for (int i = 0; i < count; i++) {
        char path[40];
        snprintf(path, sizeof path, "/data/unread-%d", i);
        assert_ok(d->f->l, ledger_unread_put(d->f->l, d->f->root, path, "Input/output error"));
    }
}

static void rest_with_unread(struct desk *d, int count)
{
    put_unread(d, count);
    notifier_rested(d->n, true);
    desk_commit(d, 0);
    desk_pass(d, DESK_EVERY_MS + 1);
    desk_commit(d, 0);
}

static void unread_files_are_news_when_they_become_more(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    put_unread(&d, 1);
    notifier_rested(d.n, false); /* input.patience isn't over */
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    rest_with_unread(&d, 1);
    assert_tells(&d, "unread");
    assert_non_null(strstr(desk_text(&d, URL, "text"), "1 file or directory can't be read"));
    fake_outlet_deliver(URL);
    rest_with_unread(&d, 1);
    desk_assert_quiet(URL);
    desk_restart(&d);
    rest_with_unread(&d, 1);
    desk_assert_quiet(URL);
    rest_with_unread(&d, 3);
    assert_non_null(strstr(desk_text(&d, URL, "text"), "3 files or directories can't be read"));
    fake_outlet_deliver(URL);
    rest_with_unread(&d, 1);
    desk_assert_quiet(URL);
    rest_with_unread(&d, 2); /* of less, one more is news */
    assert_tells(&d, "unread");
    desk_end(&d);
}

static void a_certificate_a_fortnight_before_its_end_and_once_a_day(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    const struct wall ends = {fixture_now_ms + 14 * DAY};
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_pass(&d, 250);
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    desk_commit(&d, 0);
    assert_non_null(strstr(desk_text(&d, URL, "text"),
                           "the webhook certificate /etc/cert.pem ends on 2026-11-22, in 13 days"));
    fake_outlet_deliver(URL);
    desk_commit(&d, 0);
    desk_pass(&d, DAY - 250);
    desk_restart(&d);
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_pass(&d, 250);
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    desk_commit(&d, 0);
    assert_non_null(strstr(desk_text(&d, URL, "text"), "in 12 days"));
    desk_end(&d);
}

static void a_certificate_that_has_ended(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_new(&d); /* no run has a ledger open */
    const struct wall ends = {fixture_now_ms};
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    assert_non_null(strstr(desk_text(&d, URL, "text"), "ended on 2026-11-08; renew it"));
    fake_outlet_deliver(URL);
    assert_true(notifier_certificate(d.n, "/etc/cert.pem", ends));
    desk_pass(&d, DESK_EVERY_MS + 1);
    desk_assert_quiet(URL);
    desk_end(&d);
    begin(&d, state);
    d.options.at_trouble = false;
    d.options.at_end = true;
    desk_new(&d);
    assert_false(notifier_certificate(d.n, "/etc/cert.pem", ends)); /* nobody hears of it here */
    desk_end(&d);
}

/* --- results that aren't taken --- */

static void begin_stuck(struct desk *d, void **state)
{
    begin(d, state);
    d->options.stored_url = "sink";
    d->options.from_beginning = true;
    desk_start(d);
    desk_store(d, "a", "A");
    desk_store(d, "b", "B");
    desk_commit(d, 2);
}

static void fail_and_pass(struct desk *d, int64_t ms)
{
    fake_outlet_end(SINK, OUTLET_FAILED, "http_503", ms);
    desk_commit(d, 0);
    desk_pass(d, ms);
}

static void half_a_minute_of_failures_is_trouble_once(void **state)
{
    struct desk d;
    begin_stuck(&d, state);
    fail_and_pass(&d, 30 * 1000 - 250);
    fail_and_pass(&d, 250);
    desk_assert_quiet(URL);
    fail_and_pass(&d, 1000);
    assert_tells(&d, "handovers");
    assert_non_null(strstr(desk_text(&d, URL, "text"),
                           "2 results are waiting to be handed over by on_stored.url: http_503"));
    fake_outlet_deliver(URL);
    for (int i = 0; i < 3; i++)
        fail_and_pass(&d, DESK_EVERY_MS);
    desk_assert_quiet(URL);
    fake_outlet_deliver(SINK); /* it is over: the next time is news again */
    fail_and_pass(&d, 30 * 1000);
    fail_and_pass(&d, DESK_EVERY_MS);
    desk_commit(&d, 0);
    assert_non_null(strstr(desk_text(&d, URL, "text"), "1 result is waiting"));
    desk_end(&d);
}

/* With a long on_stored.timeout half a minute is no long time. */
static void two_timeouts_of_failures_are_trouble(void **state)
{
    struct desk d;
    begin(&d, state);
    d.options.stored_timeout_ms = MINUTE;
    d.options.stored_url = "sink";
    d.options.from_beginning = true;
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_commit(&d, 1);
    fail_and_pass(&d, 2 * MINUTE - 250);
    fail_and_pass(&d, 250);
    desk_assert_quiet(URL);
    fail_and_pass(&d, 1000);
    assert_tells(&d, "handovers");
    desk_end(&d);
}

static void taken_before_anybody_was_told(void **state)
{
    struct desk d;
    begin_stuck(&d, state);
    tell(&d, TROUBLE_SILENCE);
    fail_and_pass(&d, 30 * 1000);
    fail_and_pass(&d, 1000);
    desk_assert_quiet(URL); /* within notify.every */
    fake_outlet_deliver(SINK);
    desk_pass(&d, DESK_EVERY_MS);
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    desk_end(&d);
}

/* --- with the end of a run --- */

static void what_is_pending_goes_with_the_end(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    notifier_trouble(d.n, TROUBLE_UNREAD, "2 files can't be read", "mend the share");
    notifier_run_ended(d.n, 0, "");
    assert_string_equal(desk_text(&d, URL, "event"), "needs_attention");
    assert_int_equal(cJSON_GetObjectItem(desk_told(&d, URL), "exit")->valueint, 0);
    assert_tells(&d, "unread");
    fake_outlet_deliver(URL);
    desk_pass(&d, 2 * DESK_EVERY_MS);
    desk_assert_quiet(URL);
    assert_false(ledger_dirty(d.f->l)); /* no turn is coming: it was committed here */
    desk_end(&d);
}

static void failures_are_counted_once_at_the_end(void **state)
{
    struct desk d;
    begin(&d, state);
    d.options.at_end = true;
    desk_start(&d);
    tell(&d, TROUBLE_SILENCE);
    desk_refuse(&d, "a", "422-001", "");
    notifier_rested(d.n, false); /* within notify.every */
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    notifier_run_ended(d.n, 1, "");
    assert_string_equal(desk_text(&d, URL, "event"), "run_ended");
    fake_outlet_deliver(URL);
    desk_assert_quiet(URL);
    desk_close(&d, false);
    assert_true(d.closed); /* nothing more to say */
    desk_end(&d);
}

static void a_run_that_stays_tells_new_failures_alone(void **state)
{
    struct desk d;
    begin(&d, state);
    desk_start(&d);
    notifier_tells_failures(d.n);
    desk_refuse(&d, "a", "422-001", "");
    notifier_rested(d.n, false);
    desk_commit(&d, 0);
    fake_outlet_deliver(URL);
    desk_commit(&d, 0);
    notifier_run_ended(d.n, 1, "");
    desk_assert_quiet(URL); /* its exit code is no news */
    desk_refuse(&d, "b", "422-001", "");
    assert_ok(d.f->l, ledger_commit(d.f->l));
    desk_close(&d, true); /* within notify.every; there is no later */
    assert_tells(&d, "failures");
    const cJSON *failures = cJSON_GetObjectItem(desk_told(&d, URL), "failures");
    assert_string_equal(cJSON_GetObjectItem(failures->child, "name")->valuestring, "b");
    fake_outlet_deliver(URL);
    assert_true(d.closed);
    desk_end(&d);
}

static void nobody_hears_of_trouble_with_when_end(void **state)
{
    struct desk d;
    begin(&d, state);
    d.options.at_trouble = false;
    d.options.at_end = true;
    desk_start(&d);
    notifier_trouble(d.n, TROUBLE_SILENCE, "no answer", "");
    desk_refuse(&d, "a", "422-001", "");
    put_unread(&d, 2);
    notifier_rested(d.n, true);
    notifier_forecast(d.n, NULL, "it won't fit");
    desk_commit(&d, 0);
    desk_assert_quiet(URL);
    assert_false(notifier_trouble_over(d.n, TROUBLE_SILENCE));
    notifier_run_ended(d.n, 1, "");
    assert_string_equal(desk_text(&d, URL, "event"), "run_ended");
    desk_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_comes_within_every_is_one_notice),
        DESK_TEST(good_news_wait_for_nothing_and_take_the_rest_along),
        DESK_TEST(what_is_over_before_it_was_told_is_no_news),
        DESK_TEST(a_turn_that_is_lost_tells_it_once_more),
        DESK_TEST(the_next_process_waits_for_the_rest_of_every),
        DESK_TEST(failures_are_told_once_by_whatever_process),
        DESK_TEST(what_failed_before_anybody_was_to_hear_of_it),
        DESK_TEST(what_was_settled_before_it_was_told_is_not_told),
        DESK_TEST(unread_files_are_news_when_they_become_more),
        DESK_TEST(a_certificate_a_fortnight_before_its_end_and_once_a_day),
        DESK_TEST(a_certificate_that_has_ended),
        DESK_TEST(half_a_minute_of_failures_is_trouble_once),
        DESK_TEST(two_timeouts_of_failures_are_trouble),
        DESK_TEST(taken_before_anybody_was_told),
        DESK_TEST(what_is_pending_goes_with_the_end),
        DESK_TEST(failures_are_counted_once_at_the_end),
        DESK_TEST(a_run_that_stays_tells_new_failures_alone),
        DESK_TEST(nobody_hears_of_trouble_with_when_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
