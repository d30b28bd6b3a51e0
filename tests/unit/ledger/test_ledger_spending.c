/* What budgets go by: attempts of a count and of a month, at the price and with the pages that are
 * known of each. */
#include "ledger/document_ledger.h"
#include "ledger/spending.h"

#include "ledger_fixture.h"

#include <sqlite3.h>

enum { DAY_MS = 86400000, HOUR_MS = 3600000 };

static const struct wall begins = {10 * (int64_t)DAY_MS}, ends = {40 * (int64_t)DAY_MS};

static struct budget_spent spent_between(struct fixture *f, struct wall from, struct wall until)
{
    struct budget_spent s;
    assert_ok(f->l, ledger_spent(f->l, from, until, &s));
    return s;
}

/* After checking against the attempts' rows. */
static struct budget_spent spent(struct fixture *f)
{
    fixture_counts(f);
    return spent_between(f, begins, ends);
}

static void assert_spent(struct fixture *f, int64_t count, int64_t month)
{
    struct budget_spent s = spent(f);
    assert_int_equal(s.count.micro, credits_of(count).micro);
    assert_int_equal(s.month_in_all.micro, credits_of(month).micro);
}

static int setup(void **state)
{
    int rc = fixture_setup(state);
    fixture_now_ms = begins.ms + HOUR_MS;
    return rc;
}

static int64_t put(struct fixture *f, const char *name, int pages)
{
    int64_t id = fixture_put(f, name, name, NULL);
    if (pages)
        assert_ok(f->l, ledger_set_pages(f->l, id, pages));
    return id;
}

static int begin_at(struct fixture *f, int64_t id, struct credits price)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    assert_ok(f->l, ledger_attempt_start(f->l, id, price, &attempt, alias));
    return attempt;
}

static void from_its_beginning(void **state)
{
    struct fixture *f = *state;
    int64_t a = put(f, "a", 3), b = put(f, "b", 0);
    assert_spent(f, 0, 0);
    fixture_submit(f, a);
    assert_spent(f, 3, 3);
    fixture_submit(f, b); /* nobody knows its pages */
    assert_spent(f, 4, 4);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f); /* killed in the middle: none is lost, none is there twice */
    assert_spent(f, 4, 4);
}

static void until_it_is_known_to_be_free(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum attempt_outcome outcome;
        int64_t costs;
    } rows[] = {{ATTEMPT_NOT_SENT, 0}, {ATTEMPT_ANSWERED, 0},   {ATTEMPT_IN_DOUBT, 2},
                {ATTEMPT_JOB_DONE, 2}, {ATTEMPT_JOB_FAILED, 0}, {ATTEMPT_UNREADABLE, 2}};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[] = {(char)('a' + i), '\0'};
        int64_t id = put(f, name, 2);
        int attempt = fixture_submit(f, id);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, rows[i].outcome, 0, NULL));
        sum += rows[i].costs;
        assert_spent(f, sum, sum);
    }
    int64_t late = put(f, "late", 2); /* held to be unsent, and then there is a job */
    int attempt = fixture_submit(f, late);
    assert_ok(f->l, ledger_attempt_end(f->l, late, attempt, ATTEMPT_NOT_SENT, 0, NULL));
    assert_spent(f, sum, sum);
    assert_ok(f->l, ledger_attempt_end(f->l, late, attempt, ATTEMPT_JOB_DONE, 0, NULL));
    assert_spent(f, sum + 2, sum + 2);
}

static void a_result_puts_the_pages_right(void **state)
{
    struct fixture *f = *state;
    int64_t id = put(f, "a", 0);
    int first = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, first, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, first);
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, first);
    assert_spent(f, 1, 1);
    fixture_now_ms = ends.ms + HOUR_MS; /* the next month */
    int64_t free = put(f, "b", 0);
    int failed = fixture_submit(f, free);
    assert_ok(f->l, ledger_attempt_end(f->l, free, failed, ATTEMPT_JOB_FAILED, 0, NULL));
    fixture_store(f, id, "{}", 7); /* sent again: it counts again, and so it does in each month */
    assert_spent(f, 14, 7);
    assert_int_equal(spent_between(f, ends, (struct wall){ends.ms + DAY_MS}).month.micro,
                     credits_of(7).micro);
    assert_ok(f->l, ledger_set_pages(f->l, free, 9));
    assert_spent(f, 14, 7);
}

static void each_at_its_price(void **state)
{
    struct fixture *f = *state;
    int64_t id = put(f, "a", 3);
    int first = begin_at(f, id, (struct credits){500000});
    assert_int_equal(spent(f).count.micro, 1500000);
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, first);
    assert_ok(f->l, ledger_attempt_end(f->l, id, first, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, first);
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, first);
    int second = begin_at(f, id, (struct credits){100000});
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, second);
    assert_int_equal(spent(f).count.micro, 1800000);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.credits.micro, 0);
    assert_int_equal(c.credits_at_risk.micro, 1500000);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, second, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, second);
    assert_int_equal(fixture_counts(f).credits_out.micro, 1800000);
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, second);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 4));
    assert_ok(f->l, ledger_attempt_end(f->l, id, second, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_READY, DOC_STORED, EV_RESULT, second);
    c = fixture_counts(f);
    assert_int_equal(c.credits.micro, 400000);
    assert_int_equal(c.credits_at_risk.micro, 2000000);
    assert_int_equal(c.credits_out.micro, 2000000);
    assert_int_equal(spent(f).count.micro, 2400000);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(spent(f).count.micro, 2400000);
}

static void a_count_ends_where_nothing_is_left(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, put(f, "a", 2), "{}", 2);
    assert_false(ledger_spent_is_over(f->l));
    assert_ok(f->l, ledger_spent_nothing_left(f->l));
    assert_true(ledger_spent_is_over(f->l));
    assert_spent(f, 0, 2);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_true(ledger_spent_is_over(f->l));
    fixture_submit(f, put(f, "b", 5));
    assert_false(ledger_spent_is_over(f->l));
    assert_spent(f, 5, 7);
}

/* What the count before it began is no part of it, whatever becomes of it. */
static void earlier_attempts_stay_out(void **state)
{
    struct fixture *f = *state;
    int64_t a = put(f, "a", 0), b = put(f, "b", 2);
    int first = fixture_accept(f, a, "job");
    int failed = fixture_accept(f, b, "other");
    assert_ok(f->l, ledger_spent_begin(f->l));
    assert_spent(f, 0, 3);
    assert_ok(f->l, ledger_result_put(f->l, a, "{}", 2, 6));
    assert_ok(f->l, ledger_attempt_end(f->l, a, first, ATTEMPT_JOB_DONE, 200, NULL));
    assert_ok(f->l, ledger_attempt_end(f->l, b, failed, ATTEMPT_JOB_FAILED, 0, NULL));
    assert_spent(f, 0, 6);
    fixture_submit(f, put(f, "c", 1));
    assert_spent(f, 1, 7);
}

static void stopped_until_somebody_says_so(void **state)
{
    struct fixture *f = *state;
    const struct budget_limits limits = {credits_of(10), credits_of(0)};
    struct budget_spent s = spent(f);
    assert_true(s.stopped_count.micro < 0 && s.stopped_month.micro < 0);
    assert_ok(f->l, ledger_spent_stopped(f->l, BUDGET_COUNT_REACHED, &limits));
    s = spent(f);
    assert_int_equal(s.stopped_count.micro, credits_of(10).micro);
    assert_true(s.stopped_month.micro < 0);
    assert_ok(f->l, ledger_spent_stopped(f->l, BUDGET_MONTH_REACHED, &limits));
    assert_int_equal(spent(f).stopped_month.micro, 0);
    assert_true(spent_between(f, ends, (struct wall){ends.ms + DAY_MS}).stopped_month.micro < 0);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    s = spent(f);
    assert_int_equal(s.stopped_count.micro, credits_of(10).micro);
    assert_int_equal(s.stopped_month.micro, 0);
    assert_ok(f->l, ledger_spent_begin(f->l)); /* a scheduled run */
    s = spent(f);
    assert_true(s.stopped_count.micro < 0);
    assert_int_equal(s.stopped_month.micro, 0);
    assert_ok(f->l, ledger_spent_again(f->l)); /* a person */
    s = spent(f);
    assert_true(s.stopped_count.micro < 0 && s.stopped_month.micro < 0);
}

static void a_person_allows_the_month_again(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, put(f, "a", 4), "{}", 4);
    assert_ok(f->l, ledger_spent_again(f->l));
    fixture_store(f, put(f, "b", 3), "{}", 3);
    struct budget_spent s = spent(f);
    assert_int_equal(s.count.micro, credits_of(3).micro);
    assert_int_equal(s.month.micro, credits_of(3).micro);
    assert_int_equal(s.month_in_all.micro, credits_of(7).micro);
    fixture_now_ms = ends.ms; /* that word was for the month in which it was said */
    fixture_store(f, put(f, "c", 2), "{}", 2);
    s = spent_between(f, ends, (struct wall){ends.ms + DAY_MS});
    assert_int_equal(s.month.micro, credits_of(2).micro);
    assert_int_equal(s.count.micro, credits_of(5).micro);
}

/* To the quarter of an hour, in which months begin everywhere. */
static void months_end_sharply(void **state)
{
    struct fixture *f = *state;
    fixture_now_ms = ends.ms - 1;
    fixture_store(f, put(f, "a", 1), "{}", 1);
    fixture_now_ms = ends.ms;
    fixture_store(f, put(f, "b", 2), "{}", 2);
    fixture_now_ms = begins.ms - 1;
    fixture_store(f, put(f, "c", 4), "{}", 4);
    assert_spent(f, 7, 1);
    enum { QUARTER_MS = 900000 };
    struct wall later = {begins.ms - QUARTER_MS};
    assert_int_equal(spent_between(f, later, ends).month.micro, credits_of(5).micro);
}

static void a_failed_turn_never_was(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, put(f, "a", 2), "{}", 2);
    int64_t b = put(f, "b", 3);
    assert_ok(f->l, ledger_commit(f->l));
    assert_spent(f, 2, 2);
    fixture_submit(f, b);
    fixture_reopen(f); /* uncommitted */
    assert_spent(f, 2, 2);
}

/* Schema 11 knew neither prices nor counts. */
static void make_older(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "ALTER TABLE attempt DROP COLUMN price;"
                                  "ALTER TABLE document DROP COLUMN accepted_price;"
                                  "ALTER TABLE document DROP COLUMN done_price;"
                                  "ALTER TABLE document DROP COLUMN doubt_price;"
                                  "ALTER TABLE flight DROP COLUMN accepted_price;"
                                  "ALTER TABLE flight DROP COLUMN done_price;"
                                  "ALTER TABLE flight DROP COLUMN doubt_price; DROP TABLE spent;"
                                  "DELETE FROM counter WHERE id > 32;"
                                  "UPDATE counter SET n = n / 1000000 WHERE id IN (4, 5, 6);"
                                  "PRAGMA user_version=11",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
}

static void an_older_ledger_is_summed_up(void **state)
{
    struct fixture *f = *state;
    int64_t run;
    assert_ok(f->l, ledger_run_start(f->l, &run));
    fixture_store(f, put(f, "a", 4), "{}", 5);
    fixture_accept(f, put(f, "b", 3), "job");
    int64_t c = put(f, "c", 0), d = put(f, "d", 2);
    int attempt = fixture_submit(f, c);
    assert_ok(f->l, ledger_attempt_end(f->l, c, attempt, ATTEMPT_ANSWERED, 503, NULL));
    fixture_step(f, c, DOC_SUBMITTING, DOC_QUEUED, EV_FAULT, attempt);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    make_older(f->path);
    fixture_open(f);
    assert_false(ledger_spent_is_over(f->l)); /* something waits to be sent: all counts */
    assert_spent(f, 8, 8);
    struct ledger_counts n = fixture_counts(f), of_run;
    assert_int_equal(n.credits.micro, credits_of(5).micro);
    assert_int_equal(n.credits_out.micro, credits_of(3).micro);
    assert_ok(f->l, ledger_run_counts(f->l, &of_run));
    assert_int_equal(of_run.credits.micro, credits_of(5).micro);
    fixture_store(f, c, "{}", 1);
    fixture_store(f, d, "{}", 2);
    assert_spent(f, 11, 11);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    make_older(f->path);
    fixture_open(f);
    assert_true(ledger_spent_is_over(f->l)); /* nothing waits: what comes is a new count */
    assert_spent(f, 0, 11);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(from_its_beginning),
        TEST(until_it_is_known_to_be_free),
        TEST(a_result_puts_the_pages_right),
        TEST(each_at_its_price),
        TEST(a_count_ends_where_nothing_is_left),
        TEST(earlier_attempts_stay_out),
        TEST(stopped_until_somebody_says_so),
        TEST(a_person_allows_the_month_again),
        TEST(months_end_sharply),
        TEST(a_failed_turn_never_was),
        TEST(an_older_ledger_is_summed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
