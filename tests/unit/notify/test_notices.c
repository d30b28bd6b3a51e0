/* Notices on their way: who gets which, in what order, how often, and what becomes of those that can't
 * be told or written down. */
#include "desk.h"

#include <string.h>

#define URL     "notify.url"
#define COMMAND "notify.command"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void begin(struct desk *d, void **state, bool both)
{
    desk_begin(d, *state);
    d->options.notify_url = "url";
    d->options.notify_command = both ? "command" : NULL;
}

static void forecast(struct desk *d, const char *words)
{
    notifier_forecast(d->n, NULL, words);
}

static void assert_tells(struct desk *d, const char *outlet, const char *words)
{
    const char *text = desk_text(d, outlet, "text");
    if (!strstr(text, words))
        fail_msg("%s tells %s instead of %s", outlet, text, words);
}

/* Rows that are still to be told, by both. */
static int64_t left(struct desk *d)
{
    int64_t count = 0;
    struct buffer body;
    for (int sink = SINK_URL; sink <= SINK_COMMAND; sink++) {
        int64_t id = 0;
        struct wall at;
        buffer_init(&body, 0);
        while (ledger_notice_next(d->f->l, (enum ledger_sink)sink, id, INT64_MAX, &id, &at,
                                  &body) == 1)
            count++;
        buffer_release(&body);
    }
    return count;
}

static void each_sink_has_its_own_and_waits_for_no_other(void **state)
{
    struct desk d;
    begin(&d, state, true);
    desk_start(&d);
    forecast(&d, "first");
    forecast(&d, "second");
    desk_assert_quiet(URL); /* the turn isn't durable */
    desk_commit(&d, 0);
    assert_int_equal(left(&d), 4);
    assert_tells(&d, URL, "first");
    assert_tells(&d, COMMAND, "first");
    fake_outlet_deliver(COMMAND);
    assert_tells(&d, COMMAND, "second");
    assert_tells(&d, URL, "first");
    fake_outlet_deliver(COMMAND);
    desk_assert_quiet(COMMAND);
    fake_outlet_deliver(URL);
    assert_tells(&d, URL, "second");
    assert_int_equal(left(&d), 1);
    assert_true(notifier_busy(d.n));
    fake_outlet_deliver(URL);
    assert_false(notifier_busy(d.n));
    assert_int_equal(left(&d), 0);
    desk_end(&d);
}

/* Whoever gets one twice can tell. */
static void what_failed_goes_again_under_its_key(void **state)
{
    struct desk d;
    char key[2][100];
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    forecast(&d, "second");
    desk_commit(&d, 0);
    strcpy(key[0], fake_outlet_header(URL, "Idempotency-Key"));
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", 4000);
    desk_assert_quiet(URL);
    desk_pass(&d, 3750);
    desk_assert_quiet(URL);
    desk_pass(&d, 250);
    assert_tells(&d, URL, "first");
    assert_string_equal(fake_outlet_header(URL, "Idempotency-Key"), key[0]);
    fake_outlet_deliver(URL);
    assert_tells(&d, URL, "second");
    strcpy(key[1], fake_outlet_header(URL, "Idempotency-Key"));
    assert_string_not_equal(key[0], key[1]);
    assert_null(fake_outlet_header(URL, "X-Mindee-Batch-Document"));
    desk_end(&d);
}

static void a_refusal_is_given_up_and_holds_up_nobody(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    forecast(&d, "second");
    desk_commit(&d, 0);
    fake_outlet_end(URL, OUTLET_REFUSED, "http_404", 60000);
    assert_tells(&d, URL, "second"); /* at once: the pause was the first one's */
    assert_int_equal(left(&d), 1);
    desk_end(&d);
}

static void a_day_is_the_longest(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    desk_commit(&d, 0);
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", DAY_MS);
    desk_pass(&d, 1000);
    forecast(&d, "second");
    desk_commit(&d, 0);
    desk_pass(&d, DAY_MS - 1000); /* to the day: it isn't too old yet */
    assert_tells(&d, URL, "first");
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", 250);
    desk_pass(&d, 250);
    assert_tells(&d, URL, "second");
    assert_int_equal(left(&d), 1);
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", 1000);
    desk_pass(&d, 1000);
    desk_assert_quiet(URL);
    assert_int_equal(left(&d), 0);
    assert_false(notifier_busy(d.n));
    desk_end(&d);
}

static void what_is_left_is_told_by_the_next_process(void **state)
{
    struct desk d;
    char key[100];
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    desk_commit(&d, 0);
    strcpy(key, fake_outlet_header(URL, "Idempotency-Key"));
    forecast(&d, "never durable");
    desk_restart(&d);
    assert_tells(&d, URL, "first");
    assert_string_equal(fake_outlet_header(URL, "Idempotency-Key"), key);
    fake_outlet_deliver(URL);
    desk_assert_quiet(URL);
    desk_commit(&d, 0);
    desk_restart(&d);
    desk_assert_quiet(URL);
    desk_end(&d);
}

/* That it is told was in the turn that was lost: better twice than never. */
static void a_crash_before_the_row_is_gone_tells_it_twice(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    desk_commit(&d, 0);
    fake_outlet_deliver(URL);
    desk_restart(&d);
    assert_tells(&d, URL, "first");
    desk_end(&d);
}

static void without_a_ledger_the_newest_is_kept(void **state)
{
    struct desk d;
    begin(&d, state, true);
    desk_new(&d);
    forecast(&d, "first");
    assert_tells(&d, URL, "first");
    assert_null(fake_outlet_header(URL, "Idempotency-Key"));
    forecast(&d, "second");
    forecast(&d, "third");
    assert_tells(&d, URL, "first"); /* it is on its way */
    fake_outlet_deliver(URL);
    assert_tells(&d, URL, "third");
    fake_outlet_end(URL, OUTLET_FAILED, "http_503", 1000);
    desk_pass(&d, 1000);
    assert_tells(&d, URL, "third");
    fake_outlet_deliver(URL);
    desk_assert_quiet(URL);
    assert_true(notifier_busy(d.n));
    fake_outlet_deliver(COMMAND);
    assert_tells(&d, COMMAND, "third");
    fake_outlet_deliver(COMMAND);
    assert_false(notifier_busy(d.n));
    desk_end(&d);
}

static void one_from_memory_that_is_refused_is_gone(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_new(&d);
    forecast(&d, "first");
    fake_outlet_end(URL, OUTLET_REFUSED, "http_404", 0);
    desk_assert_quiet(URL);
    assert_false(notifier_busy(d.n));
    desk_end(&d);
}

static void told_while_the_ledger_was_away_it_is_not_told_again(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    desk_commit(&d, 0);
    notifier_detach(d.n);
    fake_outlet_deliver(URL);
    fixture_reopen(d.f);
    desk_attach(&d);
    desk_assert_quiet(URL);
    desk_commit(&d, 0);
    assert_int_equal(left(&d), 0);
    desk_end(&d);
}

/* Which has numbers of its own: those told of the one before say nothing of it. */
static void another_ledger_begins_anew(void **state)
{
    struct desk d;
    void *other;
    int64_t id;
    begin(&d, state, false);
    desk_start(&d);
    forecast(&d, "first");
    desk_commit(&d, 0);
    fake_outlet_deliver(URL);
    desk_commit(&d, 0);
    notifier_detach(d.n);
    int64_t now_ms = fixture_now_ms;
    assert_int_equal(fixture_setup(&other), 0);
    fixture_now_ms = now_ms;
    d.f = other;
    assert_ok(d.f->l, ledger_notice_put(d.f->l, SINK_URL, "{\"text\":\"its own\"}", &id));
    assert_ok(d.f->l, ledger_commit(d.f->l));
    desk_attach(&d);
    assert_tells(&d, URL, "its own");
    desk_end(&d);
    assert_int_equal(fixture_teardown(&other), 0);
}

/* What can't be written down is told from memory, and the sender isn't asked to wait for it. */
static void a_ledger_that_takes_no_notice(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    notifier_detach(d.n);
    fixture_close(d.f);
    desk_script(
        &d, "CREATE TRIGGER full BEFORE INSERT ON notice BEGIN SELECT raise(ABORT, 'full'); END");
    fixture_open(d.f);
    desk_attach(&d);
    assert_ok(d.f->l, ledger_commit(d.f->l));
    forecast(&d, "first");
    assert_tells(&d, URL, "first");
    assert_null(fake_outlet_header(URL, "Idempotency-Key"));
    fake_outlet_deliver(URL);
    ledger_recover(d.f->l);
    assert_int_equal(left(&d), 0);
    desk_end(&d);
}

static void a_ledger_that_is_damaged_stays_as_it_is(void **state)
{
    struct desk d;
    begin(&d, state, false);
    desk_start(&d);
    notifier_detach(d.n);
    fixture_close(d.f);
    desk_script(&d,
                "CREATE TRIGGER torn BEFORE INSERT ON run BEGIN SELECT raise(ABORT, 'torn'); END");
    fixture_open(d.f);
    desk_attach(&d);
    assert_ok(d.f->l, ledger_commit(d.f->l));
    int64_t id;
    notifier_trouble(d.n, TROUBLE_SILENCE, "no answer for an hour",
                     ""); /* in a turn that is lost */
    assert_int_equal(ledger_run_start(d.f->l, &id), ERR_DAMAGED);
    notifier_run_ended(d.n, 3, "the ledger is damaged");
    assert_string_equal(desk_kinds(&d, URL), "silence");
    assert_tells(&d, URL, "the ledger is damaged");
    assert_null(cJSON_GetObjectItem(desk_told(&d, URL), "stored"));
    assert_int_equal(ledger_error(d.f->l)->code, ERR_DAMAGED);
    fake_outlet_deliver(URL);
    desk_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(each_sink_has_its_own_and_waits_for_no_other),
        DESK_TEST(what_failed_goes_again_under_its_key),
        DESK_TEST(a_refusal_is_given_up_and_holds_up_nobody),
        DESK_TEST(a_day_is_the_longest),
        DESK_TEST(what_is_left_is_told_by_the_next_process),
        DESK_TEST(a_crash_before_the_row_is_gone_tells_it_twice),
        DESK_TEST(without_a_ledger_the_newest_is_kept),
        DESK_TEST(one_from_memory_that_is_refused_is_gone),
        DESK_TEST(told_while_the_ledger_was_away_it_is_not_told_again),
        DESK_TEST(another_ledger_begins_anew),
        DESK_TEST(a_ledger_that_takes_no_notice),
        DESK_TEST(a_ledger_that_is_damaged_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
