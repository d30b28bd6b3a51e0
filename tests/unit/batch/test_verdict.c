/* How a run that came to its end ends: the first line that fits decides. */
#include "batch/verdict.h"

#include "test.h"

#include <string.h>

/* Ten files, all stored. */
static struct ledger_counts all_stored(void)
{
    struct ledger_counts c = {.files = 10, .documents = 10};
    c.by_state[DOC_STORED] = 10;
    return c;
}

/* Ten files, N of them in STATE, the others stored. */
static struct ledger_counts some_in(enum doc_state state, int64_t n)
{
    struct ledger_counts c = all_stored();
    c.by_state[DOC_STORED] -= n;
    c.by_state[state] = n;
    return c;
}

static void expect(const struct ledger_counts *c, const struct verdict_facts *f, int exit_code,
                   const char *reason)
{
    struct verdict v;
    memset(&v, 'x', sizeof v);
    verdict_find(&v, c, f);
    assert_int_equal(v.exit_code, exit_code);
    assert_string_equal(v.reason, reason);
}

static const struct verdict_facts nothing;

static void all_is_stored(void **state)
{
    (void)state;
    const struct ledger_counts c = all_stored();
    expect(&c, &nothing, 0, "");
}

static void duplicates_are_stored_with_their_document(void **state)
{
    (void)state;
    struct ledger_counts c = all_stored();
    c.files = 13;
    c.duplicates = 3;
    expect(&c, &nothing, 0, "");
}

static void no_files(void **state)
{
    (void)state;
    const struct ledger_counts c = {0};
    const struct verdict_facts f = {.unwritten = 1, .budget = "it is"};
    expect(&c, &f, 0,
           "no files found: check the path, and input.include, input.exclude, input.recursive");
}

static void what_is_final_and_not_stored_has_failed(void **state)
{
    static const enum doc_state states[] = {DOC_FAILED, DOC_REJECTED, DOC_LOST, DOC_IN_DOUBT};
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const struct ledger_counts c = some_in(states[i], 1);
        expect(&c, &nothing, 1, "");
    }
}

static void what_was_dismissed_is_settled(void **state)
{
    (void)state;
    struct ledger_counts c = all_stored();
    c.by_state[DOC_STORED] = 7;
    c.dismissed = 3;
    expect(&c, &nothing, 0, "");
    c.by_state[DOC_STORED] = 6;
    c.by_state[DOC_FAILED] = 1;
    expect(&c, &nothing, 1, "");
}

static void what_is_open_can_be_asked_for_later(void **state)
{
    static const enum doc_state states[] = {DOC_SUBMITTING, DOC_PROCESSING, DOC_READY};
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const struct ledger_counts c = some_in(states[i], 3);
        expect(&c, &nothing, 5,
               "3 still not done after polling.give_up_after: run the same command again later, "
               "they are asked for once more");
    }
}

static void open_ones_are_added_up_with_thousands_apart(void **state)
{
    (void)state;
    struct ledger_counts c = {.files = 5000, .documents = 5000};
    c.by_state[DOC_PROCESSING] = 1200;
    c.by_state[DOC_READY] = 30;
    c.by_state[DOC_SUBMITTING] = 4;
    c.by_state[DOC_STORED] = 5000 - 1234;
    expect(&c, &nothing, 5,
           "1,234 still not done after polling.give_up_after: run the same command again later, "
           "they are asked for once more");
}

static void what_waits_for_a_run_of_its_settings_does_not_count(void **state)
{
    (void)state;
    const struct ledger_counts queued = some_in(DOC_QUEUED, 4), doubtful = some_in(DOC_IN_DOUBT, 3);
    const struct verdict_facts all = {.waiting_elsewhere = 4}, some = {.waiting_elsewhere = 3};
    const struct verdict_facts doubts = {.doubtful_elsewhere = 3};
    expect(&queued, &all, 0, "");
    expect(&queued, &some, 5, "1 are still to be sent: run the same command again");
    expect(&doubtful, &doubts, 0, "");
    expect(&doubtful, &nothing, 1, "");
}

static void the_budget_holds_what_is_queued(void **state)
{
    (void)state;
    const struct ledger_counts c = some_in(DOC_QUEUED, 4), none = all_stored();
    const struct verdict_facts f = {.budget = "the budget is reached"}, no = {.budget = ""};
    struct verdict v;
    expect(&c, &f, 5, "the budget is reached");
    /* files that are tried again only if something is sent wait for the budget, those that can't be
     * read at all for a person */
    const struct verdict_facts tried = {.budget = "the budget is reached", .files_away = true},
                               unread = {.budget = "the budget is reached", .unread = 2};
    expect(&c, &tried, 5, "the budget is reached");
    verdict_find(&v, &c, &unread);
    assert_int_equal(v.exit_code, 5);
    assert_non_null(strstr(v.reason, "2 can't be read for now"));
    expect(&none, &f, 0, "");
    expect(&c, &no, 5, "4 are still to be sent: run the same command again");
    verdict_find(&v, &c, &f);
    assert_true(v.by_budget);
    verdict_find(&v, &none, &f);
    assert_false(v.by_budget);
}

static void open_ones_come_before_those_of_other_options(void **state)
{
    struct ledger_counts c = some_in(DOC_QUEUED, 4);
    struct verdict v;
    (void)state;
    c.by_state[DOC_STORED]--;
    c.by_state[DOC_PROCESSING]++;
    verdict_find(&v, &c, &nothing);
    assert_int_equal(v.exit_code, 5);
    assert_non_null(strstr(v.reason, "1 still not done"));
}

static void files_that_could_not_be_written_come_first(void **state)
{
    (void)state;
    const struct ledger_counts stored = all_stored(), queued = some_in(DOC_QUEUED, 1);
    const struct verdict_facts f = {.unwritten = 2, .budget = "it is"};
    static const char words[] =
        "some result files could not be written; the results are safe in the ledger: make room in "
        "the output directory and run the same command again";
    expect(&stored, &f, 5, words);
    expect(&queued, &f, 5, words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_stored),
        cmocka_unit_test(duplicates_are_stored_with_their_document),
        cmocka_unit_test(no_files),
        cmocka_unit_test(what_is_final_and_not_stored_has_failed),
        cmocka_unit_test(what_was_dismissed_is_settled),
        cmocka_unit_test(what_is_open_can_be_asked_for_later),
        cmocka_unit_test(open_ones_are_added_up_with_thousands_apart),
        cmocka_unit_test(what_waits_for_a_run_of_its_settings_does_not_count),
        cmocka_unit_test(the_budget_holds_what_is_queued),
        cmocka_unit_test(open_ones_come_before_those_of_other_options),
        cmocka_unit_test(files_that_could_not_be_written_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
