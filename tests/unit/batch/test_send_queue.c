/* What may go out: those in memory, and behind them the ledger's, a few at a time. The flights are
 * flight.c's own, as what the queue promises is about both. */
#include "batch/send_queue.h"

#include "fake_notes.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"
#include "part_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    struct part part;
    struct journal *journal;
    struct flights *flights;
    struct send_queue *queue;
};

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->journal = journal_new(&s->part.context, s->part.ending);
    s->flights = flights_new(&s->part.context, s->part.ending, s->journal);
    s->queue = send_queue_new(&s->part.context, s->part.ending, s->flights);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    flights_free(s->flights);
    send_queue_free(s->queue);
    journal_free(s->journal);
    part_close(&s->part);
    free(s);
    return 0;
}

/* The documents 1 to N of the ledger, named so that they go out in that order. */
static void put_documents(struct scene *s, int n)
{
    char name[32];
    for (int i = 1; i <= n; i++) {
        snprintf(name, sizeof name, "%04d", i);
        assert_int_equal(fixture_put(s->part.ledger, name, name, NULL), i);
    }
}

/* One that isn't in the ledger's queue and waits in memory. */
static struct flight *in_memory(struct scene *s, int64_t id)
{
    const struct ledger_document d = {
        .id = id, .settings_id = s->part.context.settings_id, .state = DOC_QUEUED};
    return flight_new(s->flights, &d);
}

static int64_t first_id(struct scene *s)
{
    assert_true(send_queue_has_more(s->queue));
    return send_queue_first(s->queue)->id;
}

/* The first goes out. */
static int64_t send_first(struct scene *s)
{
    int64_t id = first_id(s);
    flight_event(send_queue_first(s->queue), EV_ADMIT, NULL);
    return id;
}

static void nothing_to_send(void **state)
{
    struct scene *s = *state;
    assert_false(send_queue_ledger_empty(s->queue)); /* not known yet */
    assert_false(send_queue_is_ready(s->queue));
    assert_false(send_queue_has_more(s->queue));
    assert_true(send_queue_ledger_empty(s->queue));
}

static void documents_leave_with_their_next_event(void **state)
{
    struct scene *s = *state;
    put_documents(s, 2);
    assert_int_equal(first_id(s), 1);
    assert_int_equal(first_id(s), 1); /* looking takes nothing */
    assert_true(send_queue_is_ready(s->queue));
    assert_true(send_queue_first(s->queue)->fresh);
    assert_int_equal(send_first(s), 1);
    assert_int_equal(send_first(s), 2);
    assert_false(send_queue_is_ready(s->queue));
    assert_false(send_queue_has_more(s->queue));
}

static void thirty_two_are_taken_at_a_time(void **state)
{
    struct scene *s = *state;
    put_documents(s, 40);
    assert_true(send_queue_has_more(s->queue));
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 32);
    assert_false(send_queue_ledger_empty(s->queue));
    for (int i = 1; i <= 32; i++)
        assert_int_equal(send_first(s), i);
    assert_false(send_queue_is_ready(s->queue));
    assert_int_equal(send_first(s), 33);
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 7);
    assert_true(send_queue_ledger_empty(s->queue));
}

/* Exactly as many as are taken at once: that there are no more shows at the next look. */
static void a_full_take_may_be_the_last(void **state)
{
    struct scene *s = *state;
    put_documents(s, 32);
    assert_true(send_queue_has_more(s->queue));
    assert_false(send_queue_ledger_empty(s->queue));
    for (int i = 1; i <= 32; i++)
        send_first(s);
    assert_false(send_queue_has_more(s->queue));
    assert_true(send_queue_ledger_empty(s->queue));
}

static void the_order_is_the_options(void **state)
{
    struct scene *s = *state;
    fixture_put(s->part.ledger, "a", "1", NULL);
    fixture_put(s->part.ledger, "b", "333", NULL);
    fixture_put(s->part.ledger, "c", "22", NULL);
    s->part.options.order = ORDER_LARGEST;
    assert_int_equal(send_first(s), 2);
    assert_int_equal(send_first(s), 3);
    assert_int_equal(send_first(s), 1);
}

static void other_settings_documents_stay(void **state)
{
    const struct ledger_settings other = {"ocr", "model-2", "{}"};
    struct scene *s = *state;
    put_documents(s, 1);
    assert_ok(s->part.context.ledger,
              ledger_settings_put(s->part.context.ledger, &other, &s->part.context.settings_id));
    assert_false(send_queue_has_more(s->queue));
    assert_true(send_queue_ledger_empty(s->queue));
}

static void what_comes_back_under_other_settings_is_the_ledgers_alone(void **state)
{
    struct scene *s = *state;
    const struct ledger_document d = {
        .id = 8, .settings_id = s->part.context.settings_id + 1, .state = DOC_QUEUED};
    struct flight *f = flight_new(s->flights, &d);
    assert_true(f->foreign);
    send_queue_add(s->queue, f);
    assert_false(send_queue_is_ready(s->queue));
    assert_true(f->dead);
    assert_int_equal(flights_tally(s->flights)->retired, 1);
}

/* With 4 uploads: 4 times 4, and 32. */
static void many_waiting_in_memory_are_sent_first(void **state)
{
    struct scene *s = *state;
    put_documents(s, 1);
    for (int i = 0; i < 47; i++)
        in_memory(s, 1000 + i);
    struct flight *one_more = in_memory(s, 2000);
    assert_false(send_queue_has_more(s->queue));
    assert_false(send_queue_ledger_empty(s->queue)); /* it wasn't looked at */
    flight_retire(one_more);
    assert_true(send_queue_has_more(s->queue));
    assert_int_equal(first_id(s), 1);
}

static void what_is_in_memory_is_not_taken_twice(void **state)
{
    struct scene *s = *state;
    put_documents(s, 3);
    assert_non_null(flight_take(s->flights, 2));
    assert_int_equal(send_first(s), 1);
    assert_int_equal(send_first(s), 3);
    assert_false(send_queue_has_more(s->queue));
}

static void an_empty_ledger_is_not_asked_until_it_grew(void **state)
{
    struct scene *s = *state;
    assert_false(send_queue_has_more(s->queue));
    put_documents(s, 1);
    assert_false(send_queue_has_more(s->queue));
    send_queue_grew(s->queue);
    assert_false(send_queue_ledger_empty(s->queue));
    assert_int_equal(first_id(s), 1);
}

/* While it was in memory the look-up passed it over. */
static void what_was_given_back_is_looked_for(void **state)
{
    struct scene *s = *state;
    put_documents(s, 1);
    struct flight *f = flight_take(s->flights, 1);
    assert_false(send_queue_has_more(s->queue));
    assert_true(send_queue_ledger_empty(s->queue));
    flight_retire(f);
    assert_false(send_queue_ledger_empty(s->queue));
    assert_int_equal(first_id(s), 1);
    assert_true(send_queue_ledger_empty(s->queue));
}

static void what_is_ready_in_memory_goes_before_the_ledgers(void **state)
{
    struct scene *s = *state;
    put_documents(s, 2);
    send_queue_add(s->queue, in_memory(s, 1001));
    send_queue_add(s->queue, in_memory(s, 1000));
    assert_int_equal(send_first(s), 1001);
    assert_int_equal(send_first(s), 1000);
    assert_int_equal(send_first(s), 1);
}

static struct flight *refused_by_limit(struct scene *s, int64_t id, int64_t sent_as)
{
    struct flight *f = in_memory(s, id);
    f->queue_head = true;
    f->sent_as = sent_as;
    send_queue_add(s->queue, f);
    return f;
}

static void at_the_head_they_stand_as_they_were_sent(void **state)
{
    struct scene *s = *state;
    send_queue_add(s->queue, in_memory(s, 1));
    refused_by_limit(s, 12, 12);
    refused_by_limit(s, 10, 10);
    refused_by_limit(s, 13, 13);
    struct flight *f = refused_by_limit(s, 11, 11);
    send_queue_add(s->queue, in_memory(s, 2));
    send_queue_add(s->queue, f); /* twice is once */
    static const int64_t order[] = {10, 11, 12, 13, 1, 2};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        assert_int_equal(send_first(s), order[i]);
    assert_false(send_queue_is_ready(s->queue));
}

/* A smaller name was found while the line waited. */
static void what_was_found_meanwhile_may_come_first(void **state)
{
    struct scene *s = *state;
    fixture_put(s->part.ledger, "m", "m", NULL);
    assert_int_equal(first_id(s), 1);
    fixture_put(s->part.ledger, "a", "a", NULL);
    send_queue_choose_again(s->queue); /* nothing is known to have come */
    assert_int_equal(first_id(s), 1);
    send_queue_grew(s->queue);
    send_queue_choose_again(s->queue);
    assert_false(send_queue_is_ready(s->queue));
    assert_int_equal(first_id(s), 2);
    send_queue_choose_again(s->queue); /* chosen already */
    assert_true(send_queue_is_ready(s->queue));
    assert_int_equal(send_first(s), 2);
    assert_int_equal(send_first(s), 1);
    flights_reap(s->flights);
}

static void choosing_again_leaves_what_something_happened_to(void **state)
{
    struct scene *s = *state;
    put_documents(s, 3);
    assert_int_equal(first_id(s), 1);
    struct flight *being_read = flight_find(s->flights, 2);
    being_read->requests = 1;
    refused_by_limit(s, 1000, 1);
    send_queue_add(s->queue, in_memory(s, 1001));
    send_queue_grew(s->queue);
    send_queue_choose_again(s->queue);
    assert_null(flight_find(s->flights, 1));
    assert_null(flight_find(s->flights, 3));
    assert_int_equal(send_first(s), 1000);
    assert_int_equal(send_first(s), 2);
    assert_int_equal(send_first(s), 1001);
    assert_int_equal(send_first(s), 1);
    assert_int_equal(send_first(s), 3);
    being_read->requests = 0;
}

static void a_ledger_that_cannot_be_read(void **state)
{
    struct scene *s = *state;
    sqlite3 *db;
    put_documents(s, 1);
    assert_ok(s->part.context.ledger, ledger_commit(s->part.context.ledger));
    assert_int_equal(sqlite3_open(s->part.options.ledger, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE queue", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_false(send_queue_has_more(s->queue));
    assert_true(ending_storage_lost(s->part.ending));
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_send),
        TEST(documents_leave_with_their_next_event),
        TEST(thirty_two_are_taken_at_a_time),
        TEST(a_full_take_may_be_the_last),
        TEST(the_order_is_the_options),
        TEST(other_settings_documents_stay),
        TEST(what_comes_back_under_other_settings_is_the_ledgers_alone),
        TEST(many_waiting_in_memory_are_sent_first),
        TEST(what_is_in_memory_is_not_taken_twice),
        TEST(an_empty_ledger_is_not_asked_until_it_grew),
        TEST(what_was_given_back_is_looked_for),
        TEST(what_is_ready_in_memory_goes_before_the_ledgers),
        TEST(at_the_head_they_stand_as_they_were_sent),
        TEST(what_was_found_meanwhile_may_come_first),
        TEST(choosing_again_leaves_what_something_happened_to),
        TEST(a_ledger_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
