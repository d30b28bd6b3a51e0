/* The end: what of a run's results is waited for (settling), what of its notices, for how long, and that
 * what hangs holds up nobody for good. */
#include "desk.h"

#include <string.h>

#define URL  "notify.url"
#define SINK "on_stored.url"

enum { NOTICE_WAIT_MS = 5000 };

static void begin(struct desk *d, void **state, int results)
{
    desk_begin(d, *state);
    d->options.notify_url = "url";
    d->options.stored_url = "sink";
    d->options.from_beginning = true;
    desk_start(d);
    for (int i = 0; i < results; i++) {
        char name[] = {(char)('a' + i), '\0'};
        desk_store(d, name, name);
    }
    desk_commit(d, results);
}

static void nothing_is_left_to_settle(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    fake_outlet_deliver(SINK);
    desk_settle(&d, false);
    assert_true(d.settled);
    assert_string_equal(notifier_left(d.n), "");
    assert_false(ledger_dirty(d.f->l)); /* nobody else commits the cursor any more */
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    desk_end(&d);
}

static void without_a_ledger_it_is_settled(void **state)
{
    struct desk d;
    desk_begin(&d, *state);
    d.options.stored_url = "sink";
    desk_new(&d);
    desk_settle(&d, false);
    assert_true(d.settled);
    desk_end(&d);
}

/* The time counts from the last that was taken, not from the run's end. */
static void as_long_as_results_are_taken(void **state)
{
    struct desk d;
    begin(&d, state, 4);
    desk_settle(&d, false);
    for (int i = 0; i < 3; i++) {
        desk_pass(&d, DESK_TIMEOUT_MS - 250);
        assert_false(d.settled);
        fake_outlet_deliver(SINK);
    }
    assert_false(d.settled);
    fake_outlet_deliver(SINK);
    assert_true(d.settled);
    assert_string_equal(notifier_left(d.n), "");
    notifier_run_ended(d.n, 0, "");
    assert_string_equal(desk_text(&d, URL, "event"), "run_ended");
    desk_end(&d);
}

static void one_that_hangs_is_left(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    desk_settle(&d, false);
    desk_pass(&d, DESK_TIMEOUT_MS - 250);
    assert_false(d.settled);
    desk_pass(&d, 250);
    assert_true(d.settled);
    assert_true(fake_outlet_is_cancelled(SINK));
    assert_string_equal(notifier_left(d.n), "2 results not handed over by on_stored.url");
    notifier_run_ended(d.n, 0, "");
    assert_string_equal(desk_text(&d, URL, "event"), "needs_attention");
    assert_string_equal(desk_kinds(&d, URL), "handovers");
    assert_int_equal(cJSON_GetObjectItem(desk_told(&d, URL), "handover_left")->valueint, 2);
    fake_outlets_cancelled();
    desk_assert_quiet(SINK); /* they are for the next run */
    desk_end(&d);
}

/* Taken at the last moment, though it was cancelled: it isn't handed over again. */
static void cancelled_and_taken_all_the_same(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    desk_settle(&d, false);
    desk_pass(&d, DESK_TIMEOUT_MS);
    assert_true(fake_outlet_is_cancelled(SINK));
    notifier_run_ended(d.n, 0, "");
    fake_outlet_deliver(SINK);
    desk_assert_quiet(SINK);
    fake_outlet_deliver(URL);
    desk_close(&d, false);
    assert_true(d.closed);
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    assert_false(ledger_dirty(d.f->l));
    desk_end(&d);
}

static void a_next_try_after_the_end_is_not_waited_for(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    fake_outlet_end(SINK, OUTLET_FAILED, "http_503", DESK_TIMEOUT_MS);
    desk_settle(&d, false);
    assert_true(d.settled);
    assert_string_equal(notifier_left(d.n), "1 result not handed over by on_stored.url: http_503");
    desk_end(&d);
}

static void a_next_try_before_the_end_is(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    fake_outlet_end(SINK, OUTLET_FAILED, "http_503", DESK_TIMEOUT_MS - 250);
    desk_settle(&d, false);
    assert_false(d.settled);
    desk_pass(&d, DESK_TIMEOUT_MS - 250);
    fake_outlet_deliver(SINK);
    assert_true(d.settled);
    assert_string_equal(notifier_left(d.n), "");
    desk_end(&d);
}

static void a_second_signal_hurries(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    notifier_hurry(d.n); /* nothing is waited for yet */
    desk_settle(&d, false);
    assert_false(d.settled);
    notifier_hurry(d.n);
    assert_true(d.settled);
    notifier_run_ended(d.n, 5, "stopped");
    desk_close(&d, true);
    fake_outlets_cancelled();
    assert_true(d.closed);
    desk_end(&d);
}

/* Nothing begins any more, and what is on its way has a few seconds. */
static void stopped_by_a_person(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    desk_settle(&d, true);
    assert_false(d.settled);
    desk_pass(&d, NOTICE_WAIT_MS - 250);
    assert_false(d.settled);
    fake_outlet_deliver(SINK);
    assert_true(d.settled);
    desk_assert_quiet(SINK);
    assert_non_null(strstr(notifier_left(d.n), "1 result not handed over"));
    desk_end(&d);
}

static void one_trouble_is_not_told_while_it_settles(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    desk_settle(&d, false);
    notifier_trouble(d.n, TROUBLE_BUDGET, "the budget is reached", "");
    desk_assert_quiet(URL);
    fake_outlet_deliver(SINK);
    assert_true(d.settled);
    notifier_run_ended(d.n, 5, "");
    assert_string_equal(desk_kinds(&d, URL), "budget"); /* with the end, once */
    desk_end(&d);
}

/* --- closing --- */

static void the_notice_of_the_end_has_a_few_seconds(void **state)
{
    struct desk d;
    begin(&d, state, 0);
    notifier_run_ended(d.n, 0, "");
    desk_close(&d, false);
    assert_false(d.closed);
    desk_pass(&d, NOTICE_WAIT_MS - 250);
    assert_false(fake_outlet_is_cancelled(URL));
    desk_pass(&d, 250);
    assert_true(fake_outlet_is_cancelled(URL));
    assert_false(d.closed); /* it may still be taken */
    fake_outlets_cancelled();
    assert_true(d.closed);
    assert_int_equal(fake_outlets_open(), 0);
    notifier_free(d.n);
    d.n = NULL;
    d.closed = false;
    desk_start(&d); /* it is in the ledger */
    assert_string_equal(desk_text(&d, URL, "event"), "run_ended");
    desk_end(&d);
}

static void told_within_them_it_ends_at_once(void **state)
{
    struct desk d;
    begin(&d, state, 0);
    notifier_run_ended(d.n, 0, "");
    desk_close(&d, false);
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", NOTICE_WAIT_MS - 250);
    assert_false(d.closed);
    desk_pass(&d, NOTICE_WAIT_MS - 250);
    fake_outlet_deliver(URL);
    assert_true(d.closed);
    desk_end(&d);
}

static void a_try_that_is_due_later_is_the_next_runs(void **state)
{
    struct desk d;
    begin(&d, state, 0);
    notifier_run_ended(d.n, 0, "");
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", NOTICE_WAIT_MS);
    desk_close(&d, false);
    assert_true(d.closed);
    desk_end(&d);
}

static void what_settled_is_not_waited_for_again(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    fake_outlet_end(SINK, OUTLET_FAILED, "http_503", DESK_TIMEOUT_MS);
    desk_settle(&d, false);
    notifier_run_ended(d.n, 0, "");
    fake_outlet_deliver(URL);
    desk_close(&d, false);
    assert_true(d.closed);
    desk_end(&d);
}

static void results_are_waited_for_by_one_that_never_settled(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    notifier_run_ended(d.n, 0, "");
    fake_outlet_deliver(URL);
    desk_close(&d, false);
    desk_pass(&d, DESK_TIMEOUT_MS - 250);
    assert_false(d.closed);
    fake_outlet_deliver(SINK);
    desk_pass(&d, DESK_TIMEOUT_MS - 250);
    fake_outlet_deliver(SINK);
    assert_true(d.closed);
    desk_end(&d);
}

/* --- between runs --- */

static void what_is_left_goes_on_and_the_ledger_is_closed_behind_it(void **state)
{
    struct desk d;
    struct ledger *other;
    struct error e;
    begin(&d, state, 2);
    notifier_run_ended(d.n, 0, "");
    notifier_detach(d.n);
    fixture_close(d.f);
    fake_outlet_deliver(SINK);
    desk_assert_quiet(SINK);
    notifier_go_on(d.n, d.f->path);
    assert_int_equal(fixture_try_open(d.f, false, &other, &e), ERR_BUSY);
    assert_string_equal(fake_outlet_deliver(SINK), "b");
    assert_int_equal(fixture_try_open(d.f, false, &other, &e),
                     ERR_BUSY); /* the notice isn't told */
    fake_outlet_deliver(URL);
    fixture_open(d.f);
    assert_int_equal(desk_cursor(&d, SINK_URL), 2);
    desk_end(&d);
}

static void the_next_run_takes_the_ledger_from_it(void **state)
{
    struct desk d;
    begin(&d, state, 2);
    notifier_run_ended(d.n, 0, "");
    notifier_detach(d.n);
    fixture_close(d.f);
    notifier_go_on(d.n, d.f->path);
    fake_outlet_deliver(SINK);
    notifier_detach(d.n);
    fixture_open(d.f); /* nobody has it */
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    desk_attach(&d);
    assert_string_equal(fake_outlet_body(SINK), "b");
    desk_end(&d);
}

static void a_ledger_that_somebody_has_waits_for_the_next_run(void **state)
{
    struct desk d;
    begin(&d, state, 1);
    notifier_run_ended(d.n, 0, "");
    notifier_detach(d.n);
    fake_outlet_end(SINK, OUTLET_FAILED, "http_503", 1000);
    notifier_go_on(d.n, d.f->path); /* the fixture has it */
    desk_pass(&d, 2000);
    desk_assert_quiet(SINK);
    desk_attach(&d);
    assert_string_equal(fake_outlet_body(SINK), "a");
    desk_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(nothing_is_left_to_settle),
        DESK_TEST(without_a_ledger_it_is_settled),
        DESK_TEST(as_long_as_results_are_taken),
        DESK_TEST(one_that_hangs_is_left),
        DESK_TEST(cancelled_and_taken_all_the_same),
        DESK_TEST(a_next_try_after_the_end_is_not_waited_for),
        DESK_TEST(a_next_try_before_the_end_is),
        DESK_TEST(a_second_signal_hurries),
        DESK_TEST(stopped_by_a_person),
        DESK_TEST(one_trouble_is_not_told_while_it_settles),
        DESK_TEST(the_notice_of_the_end_has_a_few_seconds),
        DESK_TEST(told_within_them_it_ends_at_once),
        DESK_TEST(a_try_that_is_due_later_is_the_next_runs),
        DESK_TEST(what_settled_is_not_waited_for_again),
        DESK_TEST(results_are_waited_for_by_one_that_never_settled),
        DESK_TEST(what_is_left_goes_on_and_the_ledger_is_closed_behind_it),
        DESK_TEST(the_next_run_takes_the_ledger_from_it),
        DESK_TEST(a_ledger_that_somebody_has_waits_for_the_next_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
