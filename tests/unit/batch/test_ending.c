/* A run's life, and why it ends: the first reason counts, but for a lost ledger. */
#include "../ledger/faulty_disk.h"
#include "batch/exit_code.h"
#include "ledger/document_ledger.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    struct part *p = calloc(1, sizeof *p);
    part_open(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    faulty_disk_arm(0, FAULTY_FULL, false);
    part_close(*state);
    free(*state);
    return 0;
}

static int damage_error(struct part *p)
{
    int64_t id = fixture_put(p->ledger, "a", "a", NULL);
    const struct ledger_step s = {
        .document_id = id, .from = DOC_PROCESSING, .to = DOC_READY, .event = EV_JOB_READY};
    int rc = ledger_step(p->context.ledger, &s);
    assert_int_equal(rc, ERR_DAMAGED);
    return rc;
}

static int full_disk_error(struct part *p)
{
    fixture_put(p->ledger, "a", "a", NULL);
    faulty_disk_arm(1, FAULTY_FULL, true);
    int rc = ledger_commit(p->context.ledger);
    assert_int_equal(rc, ERR_IO);
    return rc;
}

static void a_run_begins_running(void **state)
{
    struct part *p = *state;
    assert_int_equal(ending_life(p->ending), RUN_RUNNING);
    assert_false(ending_has_begun(p->ending));
    assert_int_equal(ending_exit_code(p->ending), -1);
    assert_string_equal(ending_reason(p->ending), "");
    assert_false(ending_storage_lost(p->ending));
    assert_false(ending_may_fetch(p->ending, part_now(p)));
    assert_false(ending_waits_for_results(p->ending, part_now(p)));
    assert_int_equal(ending_next(p->ending, part_now(p)).ms, MONO_NEVER.ms);
    assert_false(part_poked(p));
}

static void the_first_reason_counts(void **state)
{
    struct part *p = *state;
    ending_early(p->ending, EXIT_REFUSED, "Mindee refuses: %d", 401);
    assert_int_equal(ending_life(p->ending), RUN_DRAINING);
    assert_true(ending_has_begun(p->ending));
    assert_true(part_poked(p));
    part_pass(p, 1500);
    ending_early(p->ending, EXIT_RESUMABLE, "another");
    ending_verdict(p->ending, EXIT_ALL_STORED, "a third");
    assert_int_equal(ending_exit_code(p->ending), EXIT_REFUSED);
    assert_string_equal(ending_reason(p->ending), "Mindee refuses: 401");
    assert_false(part_poked(p));
    assert_int_equal(ending_next(p->ending, part_now(p)).ms, part_at(2000).ms);
    assert_recorded("");
}

static void a_long_reason_is_cut(void **state)
{
    struct part *p = *state;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ending_early(p->ending, EXIT_RESUMABLE, "%s", text);
    assert_int_equal(strlen(ending_reason(p->ending)), 599);
}

static void draining_asks_for_results_for_two_seconds(void **state)
{
    struct part *p = *state;
    ending_early(p->ending, EXIT_RESUMABLE, "stopped");
    assert_true(ending_may_fetch(p->ending, part_at(0)));
    assert_true(ending_may_fetch(p->ending, part_at(1999)));
    assert_false(ending_may_fetch(p->ending, part_at(2000)));
    assert_false(ending_waits_for_results(p->ending, part_at(0)));
    assert_int_equal(ending_next(p->ending, part_at(1999)).ms, part_at(2000).ms);
    assert_int_equal(ending_next(p->ending, part_at(2000)).ms, MONO_NEVER.ms);
}

static void an_interrupt_drains_and_a_second_one_stops(void **state)
{
    struct part *p = *state;
    ending_interrupt(p->ending, false);
    assert_int_equal(ending_life(p->ending), RUN_DRAINING);
    assert_int_equal(ending_exit_code(p->ending), EXIT_RESUMABLE);
    assert_string_equal(ending_reason(p->ending),
                        "interrupted: run the same command again to go on");
    assert_true(part_poked(p));
    assert_recorded("");
    part_pass(p, 5000);
    ending_interrupt(p->ending, true);
    assert_int_equal(ending_life(p->ending), RUN_STOPPING);
    assert_true(part_poked(p));
    assert_recorded("cancel_uploads\n");
    assert_false(ending_may_fetch(p->ending, part_at(5000)));
    assert_true(ending_waits_for_results(p->ending, part_at(5000)));
    assert_true(ending_waits_for_results(p->ending, part_at(6999)));
    assert_false(ending_waits_for_results(p->ending, part_at(7000)));
    assert_int_equal(ending_next(p->ending, part_at(5000)).ms, part_at(7000).ms);
    assert_int_equal(ending_next(p->ending, part_at(7000)).ms, MONO_NEVER.ms);
}

static void a_third_interrupt_gives_no_more_time(void **state)
{
    struct part *p = *state;
    ending_interrupt(p->ending, true);
    part_pass(p, 1900);
    ending_interrupt(p->ending, true);
    assert_recorded("cancel_uploads\n");
    assert_true(ending_waits_for_results(p->ending, part_at(1999)));
    assert_false(ending_waits_for_results(p->ending, part_at(2000)));
}

/* Both windows are open: the earlier end wakes the run. */
static void the_next_moment_is_the_earlier_of_two(void **state)
{
    struct part *p = *state;
    ending_interrupt(p->ending, false);
    part_pass(p, 500);
    ending_interrupt(p->ending, true);
    assert_int_equal(ending_next(p->ending, part_at(500)).ms, part_at(2000).ms);
    assert_int_equal(ending_next(p->ending, part_at(2000)).ms, part_at(2500).ms);
}

static void an_interrupt_keeps_an_earlier_reason(void **state)
{
    struct part *p = *state;
    ending_early(p->ending, EXIT_REFUSED, "refused");
    ending_interrupt(p->ending, true);
    assert_int_equal(ending_life(p->ending), RUN_STOPPING);
    assert_int_equal(ending_exit_code(p->ending), EXIT_REFUSED);
    assert_string_equal(ending_reason(p->ending), "refused");
}

static void damage_counts_more_than_an_earlier_reason(void **state)
{
    struct part *p = *state;
    ending_early(p->ending, EXIT_REFUSED, "refused");
    assert_false(ending_wrote(p->ending, damage_error(p)));
    assert_true(ending_storage_lost(p->ending));
    assert_int_equal(ending_life(p->ending), RUN_STOPPING);
    assert_int_equal(ending_exit_code(p->ending), EXIT_LEDGER);
    assert_string_equal(ending_reason(p->ending), ledger_error(p->context.ledger)->text);
    assert_recorded("cancel_uploads\n");
    /* nothing can be recorded any more: no result is waited for */
    assert_false(ending_waits_for_results(p->ending, part_now(p)));
    assert_false(ending_may_fetch(p->ending, part_now(p)));
}

static void a_full_disk_can_be_mended(void **state)
{
    struct part *p = *state;
    char expected[700];
    assert_false(ending_wrote(p->ending, full_disk_error(p)));
    assert_true(ending_storage_lost(p->ending));
    assert_int_equal(ending_exit_code(p->ending), EXIT_RESUMABLE);
    snprintf(expected, sizeof expected,
             "%s; nothing is lost: mend this and run the same command again",
             ledger_error(p->context.ledger)->text);
    assert_non_null(strstr(expected, "disk is full"));
    assert_string_equal(ending_reason(p->ending), expected);
}

static void storage_fails_once(void **state)
{
    struct part *p = *state;
    char words[700];
    ending_wrote(p->ending, full_disk_error(p));
    strcpy(words, ending_reason(p->ending));
    faulty_disk_arm(0, FAULTY_FULL, false);
    ledger_recover(p->context.ledger);
    ending_wrote(p->ending, damage_error(p));
    assert_string_equal(ending_reason(p->ending), words);
    assert_int_equal(ending_exit_code(p->ending), EXIT_RESUMABLE);
    assert_recorded("cancel_uploads\n");
}

/* It has stopped already: uploads aren't cut twice, and the moment for results stays. */
static void storage_that_fails_while_stopping(void **state)
{
    struct part *p = *state;
    ending_interrupt(p->ending, true);
    part_pass(p, 500);
    ending_wrote(p->ending, full_disk_error(p));
    assert_true(ending_storage_lost(p->ending));
    assert_int_equal(ending_life(p->ending), RUN_STOPPING);
    assert_non_null(strstr(ending_reason(p->ending), "disk is full"));
    assert_recorded("cancel_uploads\n");
    assert_int_equal(ending_next(p->ending, part_at(600)).ms, part_at(2000).ms);
}

/* Its end is on record: a script gets the code of that. */
static void storage_that_fails_while_closing(void **state)
{
    struct part *p = *state;
    ending_verdict(p->ending, EXIT_SOME_FAILED, "some failed");
    ending_close(p->ending);
    ending_wrote(p->ending, damage_error(p));
    assert_true(ending_storage_lost(p->ending));
    assert_int_equal(ending_life(p->ending), RUN_CLOSING);
    assert_int_equal(ending_exit_code(p->ending), EXIT_SOME_FAILED);
    assert_string_equal(ending_reason(p->ending), "some failed");
    assert_recorded("");
}

static void what_went_well_changes_nothing(void **state)
{
    struct part *p = *state;
    assert_true(ending_wrote(p->ending, 0));
    assert_true(ending_wrote(p->ending, 17));
    assert_int_equal(ending_life(p->ending), RUN_RUNNING);
}

static void a_verdict_holds_where_nothing_was_said_before(void **state)
{
    struct part *p = *state;
    ending_verdict(p->ending, EXIT_SOME_FAILED, "some failed");
    ending_verdict(p->ending, EXIT_ALL_STORED, "");
    assert_int_equal(ending_exit_code(p->ending), EXIT_SOME_FAILED);
    assert_string_equal(ending_reason(p->ending), "some failed");
    assert_int_equal(ending_life(p->ending), RUN_RUNNING);
    assert_false(ending_has_begun(p->ending));
}

static void a_closing_run_takes_no_reason(void **state)
{
    struct part *p = *state;
    ending_close(p->ending);
    assert_int_equal(ending_life(p->ending), RUN_CLOSING);
    assert_true(ending_has_begun(p->ending));
    ending_early(p->ending, EXIT_RESUMABLE, "late");
    ending_interrupt(p->ending, true);
    assert_int_equal(ending_life(p->ending), RUN_CLOSING);
    assert_int_equal(ending_exit_code(p->ending), -1);
    assert_recorded("");
    assert_false(ending_may_fetch(p->ending, part_now(p)));
    assert_false(ending_waits_for_results(p->ending, part_now(p)));
}

/* A turn is asked for only while there are turns. */
static void no_turn_is_asked_for_without_a_timer(void **state)
{
    struct part *p = *state;
    loop_timer_close(p->context.timer);
    p->context.timer = NULL;
    ending_early(p->ending, EXIT_RESUMABLE, "before the start");
    assert_int_equal(ending_life(p->ending), RUN_DRAINING);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_run_begins_running),
        TEST(the_first_reason_counts),
        TEST(a_long_reason_is_cut),
        TEST(draining_asks_for_results_for_two_seconds),
        TEST(an_interrupt_drains_and_a_second_one_stops),
        TEST(a_third_interrupt_gives_no_more_time),
        TEST(the_next_moment_is_the_earlier_of_two),
        TEST(an_interrupt_keeps_an_earlier_reason),
        TEST(damage_counts_more_than_an_earlier_reason),
        TEST(a_full_disk_can_be_mended),
        TEST(storage_fails_once),
        TEST(storage_that_fails_while_stopping),
        TEST(storage_that_fails_while_closing),
        TEST(what_went_well_changes_nothing),
        TEST(a_verdict_holds_where_nothing_was_said_before),
        TEST(a_closing_run_takes_no_reason),
        TEST(no_turn_is_asked_for_without_a_timer),
    };
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
