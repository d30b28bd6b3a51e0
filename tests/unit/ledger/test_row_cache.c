/* Documents' rows in memory: a turn's steps of a document are one write, what is asked for meanwhile is there, and
 * what is in flight stays in memory whatever comes in. */
#include "ledger/row_cache.h"

#include "ledger_fixture.h"

#include <stdio.h>
#include <string.h>

/* Changes of rows, by SQLite's word. */
static struct {
    int flight, document, spent;
} writes;

static void note_write(void *ctx, int what, const char *database, const char *table,
                       sqlite3_int64 row)
{
    (void)ctx;
    (void)what;
    (void)database;
    (void)row;
    writes.flight += strcmp(table, "flight") == 0;
    writes.document += strcmp(table, "document") == 0;
    writes.spent += strcmp(table, "spent") == 0;
}

static void watch(struct fixture *f)
{
    sqlite3_update_hook(f->l->db.db, note_write, NULL);
    memset(&writes, 0, sizeof writes);
}

static void commit(struct fixture *f)
{
    memset(&writes, 0, sizeof writes);
    assert_ok(f->l, ledger_commit(f->l));
}

static void begin(struct fixture *f, int64_t id, int *attempt)
{
    char alias[LEDGER_ALIAS_MAX];
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), attempt, alias));
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, *attempt);
}

/* With its file, and its place in the queue. */
static void a_document_is_made_as_it_is(void **state)
{
    struct fixture *f = *state;
    watch(f);
    fixture_put(f, "a", "1", NULL);
    assert_int_equal(writes.document, 1);
    commit(f);
    assert_int_equal(writes.document, 0);
    assert_int_equal(fixture_counts(f).files, 1);
    fixture_put(f, "b", "1", NULL); /* the same: it has two files now */
    commit(f);
    assert_int_equal(writes.document, 1);
    assert_int_equal(fixture_counts(f).duplicates, 1);
}

static void one_write_a_turn(void **state)
{
    struct fixture *f = *state;
    int attempt;
    watch(f);
    int64_t id = fixture_put(f, "a", "1", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    begin(f, id, &attempt);
    assert_int_equal(writes.flight, 0);
    commit(f);
    assert_int_equal(writes.flight, 1);
    assert_int_equal(writes.spent, 1);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, attempt, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    commit(f);
    assert_int_equal(writes.flight, 1);
    assert_int_equal(writes.document, 0);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 1));
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_PROCESSING, DOC_STORED, EV_RESULT, attempt);
    commit(f);
    assert_int_equal(writes.flight, 1); /* it is deleted */
    assert_int_equal(writes.document, 1);
    fixture_reopen(f);
    assert_int_equal(fixture_state(f, id), DOC_STORED);
    assert_int_equal(fixture_counts(f).by_state[DOC_STORED], 1);
}

static void a_flight_within_a_turn_is_no_write(void **state)
{
    struct fixture *f = *state;
    int attempt;
    int64_t id = fixture_put(f, "a", "1", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    watch(f);
    begin(f, id, &attempt);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_NOT_SENT, 0, "stopped"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_QUEUED, EV_NOT_SENT, attempt);
    commit(f);
    assert_int_equal(writes.flight, 0);
    fixture_reopen(f);
    assert_int_equal(fixture_state(f, id), DOC_QUEUED);
    fixture_counts(f);
}

static void what_is_asked_for_is_written_first(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d;
    int attempt;
    int64_t id = fixture_put(f, "a", "1", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    begin(f, id, &attempt);
    assert_int_equal(ledger_documents_in(f->l, DOC_SUBMITTING, NULL, NULL, &d, 1), 1);
    assert_int_equal(d.id, id);
    ledger_document_release(&d);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, attempt, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_int_equal(d.state, DOC_PROCESSING);
    ledger_document_release(&d);
}

static void intake_leaves_flights_in_memory(void **state)
{
    struct fixture *f = *state;
    struct document_row row;
    int attempt;
    int64_t id = fixture_put(f, "a", "1", NULL);
    begin(f, id, &attempt);
    assert_ok(f->l, ledger_commit(f->l));
    for (int i = 0; i < 3 * ROWS_AT_REST; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        fixture_put(f, name, name, NULL);
    }
    assert_true(row_cache_find(f->l, id, &row));
    assert_int_equal(row.state, DOC_SUBMITTING);
    assert_true(row.newest.known);
    fixture_step(f, id, DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, attempt);
    assert_ok(f->l, ledger_commit(f->l));
    assert_true(row_cache_find(f->l, id, &row)); /* at rest: among those used last */
    for (int i = 0; i < ROWS_AT_REST; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        fixture_put(f, name, name, NULL);
    }
    assert_false(row_cache_find(f->l, id, &row));
    fixture_counts(f);
}

/* More than are kept in memory, and more than one turn writes at once. */
static void many_in_flight(void **state)
{
    enum { MANY = 1500 };
    struct fixture *f = *state;
    static int64_t id[MANY];
    static int attempt[MANY];
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        id[i] = fixture_put(f, name, name, NULL);
    }
    for (int i = 0; i < MANY; i++)
        begin(f, id[i], &attempt[i]);
    assert_ok(f->l, ledger_commit(f->l));
    for (int i = 0; i < MANY; i++)
        fixture_step(f, id[i], DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, attempt[i]);
    assert_int_equal(fixture_counts(f).by_state[DOC_QUEUED], MANY);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).by_state[DOC_QUEUED], MANY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_document_is_made_as_it_is),        TEST(one_write_a_turn),
        TEST(a_flight_within_a_turn_is_no_write), TEST(what_is_asked_for_is_written_first),
        TEST(intake_leaves_flights_in_memory),    TEST(many_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
