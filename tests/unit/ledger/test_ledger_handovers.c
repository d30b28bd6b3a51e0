/* What the ledger remembers of handovers and notices. */
#include "ledger_fixture.h"

#include "ledger/handovers.h"

#include <stdlib.h>
#include <string.h>

static int64_t store(struct fixture *f, const char *name, const char *result)
{
    int64_t id = fixture_put(f, name, name, NULL);
    fixture_store(f, id, result, 1);
    assert_ok(f->l, ledger_commit(f->l));
    return id;
}

static int64_t last_result(struct fixture *f)
{
    int64_t last = -1;
    assert_ok(f->l, ledger_last_result(f->l, &last));
    return last;
}

static void results_in_the_order_they_were_stored(void **state)
{
    struct fixture *f = *state;
    struct ledger_handover h;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL), count;
    assert_int_equal(last_result(f), 0);
    assert_int_equal(ledger_handover_next(f->l, 0, 100, &h), 0);
    fixture_store(f, b, "result b", 1);
    fixture_store(f, a, "result a", 1);
    assert_ok(f->l, ledger_commit(f->l));
    int64_t last = last_result(f);
    assert_int_equal(ledger_handover_next(f->l, 0, last, &h), 1);
    assert_int_equal(h.document_id, b);
    assert_string_equal(h.path, "/data/b");
    assert_string_equal(h.name, "b");
    assert_false(h.projected);
    int64_t first = h.result;
    ledger_handover_release(&h);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, "a"), a, "a"));
    assert_int_equal(ledger_handover_next(f->l, first, last, &h), 1);
    assert_int_equal(h.document_id, a);
    assert_true(h.projected);
    assert_int_equal(h.result, last);
    ledger_handover_release(&h);
    assert_int_equal(ledger_handover_next(f->l, last, last, &h), 0);
    assert_int_equal(ledger_handover_next(f->l, 0, first - 1, &h), 0);
    assert_ok(f->l, ledger_handovers_between(f->l, 0, last, &count));
    assert_int_equal(count, 2);
    assert_ok(f->l, ledger_handovers_between(f->l, first, last, &count));
    assert_int_equal(count, 1);
}

/* A path that has other content by now: the result of the file that was there is handed over all the
 * same. */
static void a_result_whose_file_was_replaced(void **state)
{
    struct fixture *f = *state;
    struct ledger_handover h;
    int64_t former = store(f, "a", "old");
    fixture_put(f, "a", "other content", NULL);
    assert_int_equal(ledger_handover_next(f->l, 0, last_result(f), &h), 1);
    assert_int_equal(h.document_id, former);
    assert_string_equal(h.path, "/data/a");
    assert_string_equal(h.name, "a (replaced)");
    ledger_handover_release(&h);
}

static void cursors_move_with_the_commit(void **state)
{
    struct fixture *f = *state;
    int64_t cursor = -1;
    assert_int_equal(ledger_handover_cursor(f->l, SINK_URL, &cursor), 0);
    assert_ok(f->l, ledger_handover_move(f->l, SINK_URL, 0));
    assert_ok(f->l, ledger_handover_move(f->l, SINK_COMMAND, 7));
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_handover_move(f->l, SINK_URL, 5));
    assert_int_equal(ledger_handover_cursor(f->l, SINK_URL, &cursor), 1);
    assert_int_equal(cursor, 5);
    fixture_reopen(f);
    assert_int_equal(ledger_handover_cursor(f->l, SINK_URL, &cursor), 1);
    assert_int_equal(cursor, 0);
    assert_int_equal(ledger_handover_cursor(f->l, SINK_COMMAND, &cursor), 1);
    assert_int_equal(cursor, 7);
}

static void notices_wait_for_their_sink(void **state)
{
    struct fixture *f = *state;
    int64_t one, two, other, id = 0, last;
    struct wall at;
    struct buffer body;
    buffer_init(&body, 0);
    assert_ok(f->l, ledger_last_notice(f->l, &last));
    assert_int_equal(last, 0);
    fixture_now_ms = 1000000;
    assert_ok(f->l, ledger_notice_put(f->l, SINK_URL, "{\"n\":1}", &one));
    assert_ok(f->l, ledger_notice_put(f->l, SINK_COMMAND, "{}", &other));
    fixture_now_ms = 2000000;
    assert_ok(f->l, ledger_notice_put(f->l, SINK_URL, "{\"n\":2}", &two));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_ok(f->l, ledger_last_notice(f->l, &last));
    assert_int_equal(last, two);
    assert_int_equal(ledger_notice_next(f->l, SINK_URL, 0, last, &id, &at, &body), 1);
    assert_int_equal(id, one);
    assert_int_equal(at.ms, 1000000);
    assert_string_equal(buffer_text(&body), "{\"n\":1}");
    assert_int_equal(ledger_notice_next(f->l, SINK_URL, one, other, &id, &at, &body), 0);
    assert_ok(f->l, ledger_notice_drop(f->l, one));
    buffer_clear(&body);
    assert_int_equal(ledger_notice_next(f->l, SINK_URL, 0, last, &id, &at, &body), 1);
    assert_int_equal(id, two);
    assert_int_equal(at.ms, 2000000);
    /* All gone: a number never comes back. */
    assert_ok(f->l, ledger_notice_drop(f->l, two));
    assert_ok(f->l, ledger_notice_drop(f->l, other));
    assert_int_equal(ledger_notice_next(f->l, SINK_COMMAND, 0, last, &id, &at, &body), 0);
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_notice_put(f->l, SINK_URL, "{}", &id));
    assert_true(id > two);
    buffer_release(&body);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(results_in_the_order_they_were_stored),
        TEST(a_result_whose_file_was_replaced),
        TEST(cursors_move_with_the_commit),
        TEST(notices_wait_for_their_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
