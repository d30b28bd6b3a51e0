/* The run and its budgets: when something may go, when nothing is left, when a budget has stopped it
 * and what is said then. */
#include "batch/spending.h"

#include "fake_find.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "fake_turns.h"
#include "ledger/document_ledger.h"
#include "ledger/spending.h"
#include "part_fixture.h"

#include <string.h>

struct scene {
    struct part part;
    struct journal *journal;
    struct flights *flights;
    struct find *find;
    struct recover *recover;
    struct retry *retry;
    struct spending *spending;
};

static void begin(struct scene *s, int64_t count, int64_t month)
{
    part_open(&s->part);
    struct run_context *c = &s->part.context;
    s->part.options.spending.budget.count = count < 0 ? BUDGET_NONE : credits_of(count);
    s->part.options.spending.budget.month = month < 0 ? BUDGET_NONE : credits_of(month);
    s->journal = journal_new(c, s->part.ending);
    s->flights = flights_new(c, s->part.ending, s->journal);
    s->find = find_new(c, &(struct find_neighbours){.ending = s->part.ending});
    s->recover = recover_new(c, s->part.ending, s->journal, s->flights, NULL);
    s->retry = retry_new(c, s->part.ending, s->journal, s->flights, s->find);
    s->spending = spending_new(c, &(struct spending_neighbours){.ending = s->part.ending,
                                                                .journal = s->journal,
                                                                .flights = s->flights,
                                                                .find = s->find,
                                                                .recover = s->recover,
                                                                .retry = s->retry});
    record_take();
}

static void end(struct scene *s)
{
    spending_free(s->spending);
    retry_free(s->retry);
    recover_free(s->recover);
    find_free(s->find);
    flights_drop_all(s->flights);
    flights_free(s->flights);
    journal_free(s->journal);
    record_take();
    part_close(&s->part);
}

static int64_t spend(struct scene *s, const char *name, int pages)
{
    int64_t id = fixture_put(s->part.ledger, name, name, NULL);
    assert_ok(s->part.ledger->l, ledger_set_pages(s->part.ledger->l, id, pages));
    fixture_store(s->part.ledger, id, "{}", pages);
    return id;
}

static enum budget_answer ask(struct scene *s, int pages)
{
    struct flight f = {.pages = pages};
    return spending_ask(s->spending, &f);
}

static void turn(struct scene *s)
{
    spending_turn(s->spending, part_now(&s->part));
}

static bool over(struct scene *s)
{
    return ledger_spent_is_over(s->part.ledger->l);
}

static struct budget_spent spent(struct scene *s)
{
    struct budget_spent out;
    assert_ok(s->part.ledger->l, ledger_spent(s->part.ledger->l, (struct wall){0},
                                              (struct wall){31 * (int64_t)86400000}, &out));
    return out;
}

static void up_to_it(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "a", 4);
    assert_int_equal(ask(&s, 2), BUDGET_ALLOWS);
    assert_int_equal(ask(&s, 3), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(&s, 0), BUDGET_ALLOWS); /* unknown: one */
    s.part.options.spending.price = (struct credits){2 * CREDIT_MICROS};
    assert_int_equal(ask(&s, 1), BUDGET_ALLOWS);
    assert_int_equal(ask(&s, 2), BUDGET_COUNT_REACHED);
    s.part.options.spending.budget = (struct budget_limits){BUDGET_NONE, credits_of(5)};
    assert_int_equal(ask(&s, 1), BUDGET_MONTH_REACHED);
    end(&s);
}

/* In a flight, in the queue, on its way, or not found yet. */
static void what_is_left_to_send(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "earlier", 1);
    s.find->busy = true;
    turn(&s);
    assert_false(over(&s));
    s.find->busy = false;
    s.recover->busy = true;
    turn(&s);
    assert_false(over(&s));
    s.recover->busy = false;
    s.retry->busy = true;
    turn(&s);
    assert_false(over(&s));
    s.retry->busy = false;
    int64_t id = fixture_put(s.part.ledger, "a", "a", NULL); /* queued */
    turn(&s);
    assert_false(over(&s));
    fixture_store(s.part.ledger, id, "{}", 1);
    static const enum doc_state states[] = {DOC_QUEUED, DOC_SUBMITTING, DOC_IN_DOUBT};
    for (size_t i = 0; i < 3; i++) {
        struct ledger_document d = {.id = 99, .state = states[i]};
        struct flight *f = flight_new(s.flights, &d);
        turn(&s);
        assert_false(over(&s));
        flight_retire(f);
        flights_reap(s.flights);
    }
    ending_early(s.part.ending, 5, "enough"); /* nobody knows what it would have found */
    turn(&s);
    assert_false(over(&s));
    end(&s);
}

static void a_new_count_begins_with_the_next_one(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "a", 6);
    assert_int_equal(ask(&s, 1), BUDGET_COUNT_REACHED);
    turn(&s);
    assert_true(over(&s));
    assert_int_equal(ask(&s, 6), BUDGET_ALLOWS);
    spend(&s, "b", 5);
    assert_false(over(&s));
    assert_int_equal(ask(&s, 2), BUDGET_COUNT_REACHED);
    end(&s);
}

static void between_runs_nothing_changes(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "a", 1);
    s.part.options.mode = RUN_RECEIVES;
    turn(&s);
    spending_end(s.spending, true);
    assert_false(over(&s));
    assert_string_equal(spending_reason(s.spending), "");
    end(&s);
}

static void its_end_says_why(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "a", 4);
    int64_t b = fixture_put(s.part.ledger, "b", "b", NULL);
    assert_int_equal(ask(&s, 3), BUDGET_COUNT_REACHED);
    turn(&s);
    assert_string_equal(spending_reason(s.spending), ""); /* a job may fail: for now */
    part_log(&s.part, LOG_WARNING);
    spending_end(s.spending, true);
    static const char words[] =
        "the budget is reached: raise limits.max_credits = 6, or `run --budget-again`; 4 credits are "
        "spent, the next document costs 3";
    assert_string_equal(spending_reason(s.spending), words);
    assert_string_equal(part_log_take(&s.part), /* the sentence is the end's to tell */
                        "warning a budget is reached, nothing more is sent: "
                        "limits.max_credits = 6 [budget.reached]\n");
    assert_int_equal(spent(&s).stopped_count.micro, credits_of(6).micro);
    /* the next run, with room for it by now */
    struct spending *next =
        spending_new(&s.part.context, &(struct spending_neighbours){.ending = s.part.ending,
                                                                    .journal = s.journal,
                                                                    .flights = s.flights,
                                                                    .find = s.find,
                                                                    .recover = s.recover,
                                                                    .retry = s.retry});
    spending_free(s.spending);
    s.spending = next;
    assert_int_equal(ask(&s, 1), BUDGET_COUNT_REACHED);
    spending_end(s.spending, true);
    assert_non_null(
        strstr(spending_reason(s.spending),
               "4 credits are spent, and a run was stopped: nothing is sent before that"));
    s.part.options.spending.budget.count = credits_of(7);
    assert_int_equal(ask(&s, 3), BUDGET_ALLOWS);
    assert_string_equal(spending_reason(s.spending), "");
    (void)b;
    end(&s);
}

static void nothing_waited_for_it(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 6, -1);
    spend(&s, "a", 4);
    fixture_put(s.part.ledger, "b", "b", NULL); /* of other settings */
    assert_int_equal(ask(&s, 3), BUDGET_COUNT_REACHED);
    spending_end(s.spending, false);
    assert_string_equal(spending_reason(s.spending), "");
    assert_true(spent(&s).stopped_count.micro < 0);
    end(&s);
}

/* It doesn't end: it is stopped when nothing is on its way any more. */
static void one_that_stays(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, -1, 6);
    s.part.options.mode = RUN_STAYS;
    spend(&s, "a", 4);
    fixture_put(s.part.ledger, "b", "b", NULL);
    assert_int_equal(ask(&s, 3), BUDGET_MONTH_REACHED);
    s.flights->busy = true;
    turn(&s);
    assert_string_equal(spending_reason(s.spending), "");
    s.flights->busy = false;
    turn(&s);
    assert_non_null(
        strstr(spending_reason(s.spending),
               "the budget of 1970-01 is reached: raise limits.max_credits_month = 6, then send "
               "SIGHUP to the service or restart it; 4 credits are spent, "));
    assert_null(strstr(spending_reason(s.spending), "--budget-again")); /* refused beside it */
    assert_int_equal(ask(&s, 1), BUDGET_MONTH_REACHED);
    assert_int_equal(mono_diff(spending_next(s.spending, part_now(&s.part)), part_now(&s.part)),
                     60000);
    int64_t left = 31 * (int64_t)86400000 - fixture_now_ms;
    part_pass(&s.part, left - 1000);
    assert_int_equal(mono_diff(spending_next(s.spending, part_now(&s.part)), part_now(&s.part)),
                     1001);
    part_pass(&s.part, 1000); /* the next month */
    assert_int_equal(ask(&s, 6), BUDGET_ALLOWS);
    assert_string_equal(spending_reason(s.spending), "");
    assert_true(spending_next(s.spending, part_now(&s.part)).ms == MONO_NEVER.ms);
    end(&s);
}

static void a_scheduled_run_of_a_watched_folder(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, 3, -1);
    s.part.options.mode = RUN_SCHEDULED;
    s.part.options.watch.enabled = true;
    spend(&s, "a", 3);
    fixture_put(s.part.ledger, "b", "b", NULL);
    assert_int_equal(ask(&s, 1), BUDGET_COUNT_REACHED);
    spending_end(s.spending, true);
    assert_non_null(strstr(spending_reason(s.spending), " = 3, then send SIGHUP to the service"));
    end(&s);
}

static void a_month_that_was_allowed_again(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, -1, 5);
    spend(&s, "a", 5);
    assert_ok(s.part.ledger->l, ledger_spent_again(s.part.ledger->l));
    spend(&s, "b", 4);
    fixture_put(s.part.ledger, "c", "c", NULL);
    assert_int_equal(ask(&s, 2), BUDGET_MONTH_REACHED);
    spending_end(s.spending, true);
    assert_string_equal(
        spending_reason(s.spending),
        "the budget of 1970-01 is reached: raise limits.max_credits_month = 5, or `run "
        "--budget-again`; 9 credits are spent in 1970-01, 4 of them since it was allowed again, "
        "the next document costs 2");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_it),
        cmocka_unit_test(what_is_left_to_send),
        cmocka_unit_test(a_new_count_begins_with_the_next_one),
        cmocka_unit_test(between_runs_nothing_changes),
        cmocka_unit_test(its_end_says_why),
        cmocka_unit_test(nothing_waited_for_it),
        cmocka_unit_test(one_that_stays),
        cmocka_unit_test(a_scheduled_run_of_a_watched_folder),
        cmocka_unit_test(a_month_that_was_allowed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
