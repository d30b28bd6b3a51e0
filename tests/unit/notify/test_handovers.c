/* Results handed over: each at least once, in order, none that isn't durable, with what goes along; and
 * where each sink goes on. */
#include "desk.h"

#include "ledger/file_names.h"
#include "ledger/projections.h"

#include <stdio.h>
#include <string.h>

#define URL     "on_stored.url"
#define COMMAND "on_stored.command"

enum { FILE_WAIT_MS = 2000, SAVE_MS = 100 };

static void begin(struct desk *d, void **state, bool url, bool command)
{
    desk_begin(d, *state);
    d->options.stored_url = url ? "url" : NULL;
    d->options.stored_command = command ? "command" : NULL;
    d->options.from_beginning = true;
}

static void project(struct desk *d, const char *name, int64_t result)
{
    assert_ok(d->f->l, ledger_projected(d->f->l, fixture_file_id(d->f, name), result, name));
}

static void assert_hands(const char *outlet, const char *result)
{
    const char *body = fake_outlet_body(outlet);
    if (!body || strcmp(body, result) != 0)
        fail_msg("%s hands over %s instead of %s", outlet, body ? body : "nothing", result);
}

static void in_order_each_sink_for_itself(void **state)
{
    struct desk d;
    begin(&d, state, true, true);
    desk_start(&d);
    for (int i = 0; i < 3; i++) {
        char name[] = {(char)('a' + i), '\0'};
        char result[] = {(char)('A' + i), '\0'};
        desk_store(&d, name, result);
        project(&d, name, i + 1);
    }
    desk_assert_quiet(URL);
    desk_commit(&d, 3);
    assert_hands(URL, "A");
    assert_hands(COMMAND, "A");
    assert_string_equal(fake_outlet_deliver(COMMAND), "A");
    assert_string_equal(fake_outlet_deliver(COMMAND), "B");
    assert_string_equal(fake_outlet_deliver(COMMAND), "C");
    desk_assert_quiet(COMMAND);
    assert_hands(URL, "A");
    assert_true(notifier_busy(d.n));
    assert_string_equal(fake_outlet_deliver(URL), "A");
    assert_hands(URL, "B");
    desk_end(&d);
}

static void the_same_again_until_it_is_taken(void **state)
{
    static const enum outlet_end ends[] = {OUTLET_FAILED, OUTLET_REFUSED, OUTLET_FAILED};
    struct desk d;
    char key[100];
    begin(&d, state, true, false);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_commit(&d, 2);
    strcpy(key, fake_outlet_header(URL, "Idempotency-Key"));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        fake_outlet_end(URL, ends[i], "http_4xx", 1000);
        desk_pass(&d, 750);
        desk_assert_quiet(URL);
        desk_pass(&d, 250);
        assert_hands(URL, "A");
        assert_string_equal(fake_outlet_header(URL, "Idempotency-Key"), key);
    }
    fake_outlet_deliver(URL);
    assert_hands(URL, "B");
    assert_string_not_equal(fake_outlet_header(URL, "Idempotency-Key"), key);
    assert_int_equal(fake_outlet_tries(URL), 5);
    desk_end(&d);
}

static void what_goes_along(void **state)
{
    struct desk d;
    char document[24];
    const char *name = "R\xc3\xa9sum\xc3\xa9 100%\n.pdf";
    begin(&d, state, true, true);
    d.options.batch = "north";
    desk_start(&d);
    int64_t id = desk_store(&d, name, "A");
    project(&d, name, 1);
    desk_commit(&d, 1);
    snprintf(document, sizeof document, "%lld", (long long)id);
    assert_string_equal(fake_outlet_header(URL, "X-Mindee-Batch-Path"),
                        "/data/R%C3%A9sum%C3%A9%20100%25%0A.pdf");
    assert_string_equal(fake_outlet_header(URL, "X-Mindee-Batch-Document"), document);
    assert_string_equal(fake_outlet_header(URL, "X-Mindee-Batch-Batch"), "north");
    assert_string_equal(fake_outlet_header(URL, "X-Mindee-Batch-Period"), "2026-11");
    assert_string_equal(fake_outlet_variable(COMMAND, "PATH"),
                        "/data/R\xc3\xa9sum\xc3\xa9 100%\n.pdf");
    assert_string_equal(fake_outlet_variable(COMMAND, "DOCUMENT"), document);
    assert_string_equal(fake_outlet_variable(COMMAND, "BATCH"), "north");
    assert_string_equal(fake_outlet_variable(COMMAND, "PERIOD"), "2026-11");
    const char *file = fake_outlet_variable(COMMAND, "RESULT_FILE");
    assert_memory_equal(file, "/out/results/R", 14);
    assert_string_equal(file + strlen(file) - 5, ".json");
    desk_end(&d);
}

static void of_a_batch_without_a_name_or_a_period(void **state)
{
    struct desk d;
    struct error e;
    begin(&d, state, true, true);
    desk_new(&d);
    assert_int_equal(notifier_attach(d.n, d.f->l, NULL, &e), 0);
    desk_store(&d, "a", "A");
    project(&d, "a", 1);
    desk_commit(&d, 1);
    assert_null(fake_outlet_header(URL, "X-Mindee-Batch-Batch"));
    assert_null(fake_outlet_header(URL, "X-Mindee-Batch-Period"));
    assert_string_equal(fake_outlet_variable(COMMAND, "BATCH"),
                        ""); /* no variable of an outer batch's */
    assert_string_equal(fake_outlet_variable(COMMAND, "PERIOD"), "");
    desk_end(&d);
}

/* Its name is in the command's surroundings; a URL's receiver has no use for it. */
static void a_command_waits_for_the_result_file(void **state)
{
    struct desk d;
    begin(&d, state, true, true);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_commit(&d, 2);
    assert_hands(URL, "A");
    desk_assert_quiet(COMMAND);
    desk_pass(&d, FILE_WAIT_MS / 2);
    desk_assert_quiet(COMMAND);
    project(&d, "a", 1);
    desk_commit(&d, 0);
    assert_hands(COMMAND, "A");
    assert_string_equal(fake_outlet_variable(COMMAND, "RESULT_FILE"), "/out/results/a.json");
    fake_outlet_deliver(COMMAND);
    desk_pass(&d, FILE_WAIT_MS - 250);
    desk_assert_quiet(COMMAND);
    desk_pass(&d, 500); /* not for ever */
    assert_hands(COMMAND, "B");
    assert_string_equal(fake_outlet_variable(COMMAND, "RESULT_FILE"), "");
    desk_end(&d);
}

static void when_no_run_writes_files_none_is_waited_for(void **state)
{
    struct desk d;
    begin(&d, state, false, true);
    desk_start(&d);
    desk_store(&d, "a", "A");
    assert_ok(d.f->l, ledger_commit(d.f->l));
    notifier_run_ended(d.n, 5, "");
    assert_hands(COMMAND, "A");
    desk_end(&d);
}

static void a_sink_that_is_new_begins_now(void **state)
{
    struct desk d;
    begin(&d, state, true, false);
    d.options.from_beginning = false;
    desk_store(&d, "a", "A");
    assert_ok(d.f->l, ledger_commit(d.f->l));
    desk_start(&d);
    assert_false(notifier_busy(d.n));
    assert_int_equal(desk_cursor(&d, SINK_URL),
                     1); /* where it begins is known to the next run, too */
    desk_store(&d, "b", "B");
    desk_commit(&d, 1);
    assert_hands(URL, "B");
    desk_end(&d);
}

static void one_that_was_left_out_goes_on_where_it_was(void **state)
{
    struct desk d;
    begin(&d, state, true, true);
    d.options.from_beginning = false;
    desk_start(&d);
    desk_store(&d, "a", "A");
    project(&d, "a", 1);
    desk_commit(&d, 1);
    fake_outlet_deliver(URL);
    fake_outlet_deliver(COMMAND);
    desk_pass(&d, SAVE_MS);
    desk_commit(&d, 0);
    d.options.stored_url = NULL;
    desk_restart(&d);
    desk_store(&d, "b", "B");
    project(&d, "b", 2);
    desk_commit(&d, 1);
    fake_outlet_deliver(COMMAND);
    desk_pass(&d, SAVE_MS);
    desk_commit(&d, 0);
    d.options.stored_url = "url";
    desk_restart(&d);
    assert_hands(URL, "B");
    desk_assert_quiet(COMMAND);
    desk_end(&d);
}

static void the_cursor_joins_a_commit_or_makes_its_own(void **state)
{
    struct desk d;
    begin(&d, state, true, false);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_store(&d, "c", "C");
    desk_commit(&d, 3);
    desk_pass(&d, 1000);
    fake_outlet_deliver(URL); /* long since the last one was written: now */
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    assert_ok(d.f->l, ledger_commit(d.f->l));
    fake_outlet_deliver(URL); /* and this one after a while */
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    desk_pass(&d, SAVE_MS);
    assert_int_equal(desk_cursor(&d, SINK_URL), 2);
    assert_true(ledger_dirty(d.f->l)); /* the run commits it */
    fake_outlet_deliver(URL);
    assert_int_equal(desk_cursor(&d, SINK_URL), 3); /* there is a turn to join */
    desk_end(&d);
}

static void a_crash_repeats_and_leaves_out_nothing(void **state)
{
    struct desk d;
    char key[100];
    begin(&d, state, true, false);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_commit(&d, 2);
    strcpy(key, fake_outlet_header(URL, "Idempotency-Key"));
    fake_outlet_deliver(URL); /* and the turn that knows it is lost */
    desk_restart(&d);
    assert_hands(URL, "A");
    assert_string_equal(fake_outlet_header(URL, "Idempotency-Key"), key);
    fake_outlet_deliver(URL);
    assert_string_equal(fake_outlet_deliver(URL), "B");
    desk_end(&d);
}

/* The same process at the same ledger knows better than that, if the ledger lost a turn. */
static void taken_while_the_ledger_was_away(void **state)
{
    struct desk d;
    begin(&d, state, true, false);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_commit(&d, 2);
    notifier_detach(d.n);
    fake_outlet_deliver(URL);
    desk_assert_quiet(URL); /* B's bytes are in the ledger */
    fixture_reopen(d.f);
    desk_attach(&d);
    assert_hands(URL, "B");
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    desk_end(&d);
}

static void a_document_whose_file_is_replaced_has_no_path(void **state)
{
    struct desk d;
    begin(&d, state, true, true);
    desk_start(&d);
    desk_store(&d, "a", "A");
    assert_ok(d.f->l, ledger_commit(d.f->l));
    notifier_detach(d.n);
    fixture_close(d.f);
    desk_script(&d, "UPDATE result SET document = 4711");
    fixture_open(d.f);
    desk_attach(&d);
    /* Its bytes are found by its document: there are none, and it is passed by. */
    desk_assert_quiet(URL);
    assert_false(notifier_busy(d.n));
    desk_end(&d);
}

static void stopped_nothing_more_begins(void **state)
{
    struct desk d;
    begin(&d, state, true, false);
    desk_start(&d);
    desk_store(&d, "a", "A");
    desk_store(&d, "b", "B");
    desk_commit(&d, 2);
    desk_close(&d, true);
    assert_false(d.closed);
    fake_outlet_deliver(URL);
    assert_true(d.closed);
    assert_int_equal(desk_cursor(&d, SINK_URL), 1);
    desk_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(in_order_each_sink_for_itself),
        DESK_TEST(the_same_again_until_it_is_taken),
        DESK_TEST(what_goes_along),
        DESK_TEST(of_a_batch_without_a_name_or_a_period),
        DESK_TEST(a_command_waits_for_the_result_file),
        DESK_TEST(when_no_run_writes_files_none_is_waited_for),
        DESK_TEST(a_sink_that_is_new_begins_now),
        DESK_TEST(one_that_was_left_out_goes_on_where_it_was),
        DESK_TEST(the_cursor_joins_a_commit_or_makes_its_own),
        DESK_TEST(a_crash_repeats_and_leaves_out_nothing),
        DESK_TEST(taken_while_the_ledger_was_away),
        DESK_TEST(a_document_whose_file_is_replaced_has_no_path),
        DESK_TEST(stopped_nothing_more_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
