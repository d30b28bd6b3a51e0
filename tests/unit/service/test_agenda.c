/* What is due: against the rows of a real ledger, on clocks set by hand. Months are UTC; the last
 * business day of 2026-11 is the 30th, of 2026-12 the 31st;
 * 2026-12-02 is the second of December. */
#include "ledger_fixture.h"

#include "ledger/periods.h"
#include "service/agenda.h"

#include <string.h>

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define MONTH  "last-business-day 18:00"
#define LATE   "business-day+2 06:30"

static struct wall at(const char *text)
{
    struct wall w = {0};
    assert_int_equal(wall_parse(text, &w), 0);
    return w;
}

static struct calendar *calendar_of(const char *when)
{
    struct calendar *c = calendar_new();
    struct error e;
    if (calendar_parse(c, when, &e) < 0)
        fail_msg("%s", e.text);
    return c;
}

/* Looks at NOW, as a run that ends at once, and so on until nothing is due: "2026-11 2026-12". */
static const char *play(struct fixture *f, struct agenda *a, const char *now)
{
    static char out[400];
    struct due due;
    int n = 1;
    out[0] = '\0';
    fixture_now_ms = at(now).ms;
    while (n == 1) {
        n = agenda_take(a, f->l, at(now), &due);
        assert_ok(f->l, n);
        assert_ok(f->l, ledger_commit(f->l));
        if (n != 1)
            break;
        strcat(out, *out ? " " : "");
        strcat(out, due.period);
        strcat(out, due.resumed ? "*" : "");
        strcat(out, strcmp(due.rule, LATE) == 0 ? "+2" : "");
        assert_ok(f->l, ledger_period_end(f->l, due.rule, due.period, 0));
        assert_ok(f->l, ledger_commit(f->l));
    }
    return out;
}

static enum period_state state_of(struct fixture *f, const char *rule, const char *period)
{
    enum period_state s = PERIOD_STATES;
    int n = ledger_period_find(f->l, rule, period, &s);
    assert_ok(f->l, n);
    return n == 1 ? s : PERIOD_STATES;
}

static void each_occurrence_runs_when_its_time_has_come_and_once(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of(MONTH ", " LATE);
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    assert_string_equal(play(f, &a, "2026-11-29T12:00:00Z"), "");
    assert_string_equal(play(f, &a, "2026-11-30T17:59:59.999Z"), "");
    assert_string_equal(play(f, &a, "2026-11-30T18:00:00Z"), "2026-11");
    assert_string_equal(play(f, &a, "2026-11-30T18:00:00Z"), "");
    assert_string_equal(play(f, &a, "2026-12-02T06:30:00Z"), "2026-12+2");
    assert_string_equal(play(f, &a, "2026-12-31T18:00:01Z"), "2026-12");
    calendar_free(c);
}

static void a_clock_set_back_runs_nothing_again(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of("daily 18:00");
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    play(f, &a, "2026-11-29T19:00:00Z");
    assert_string_equal(play(f, &a, "2026-11-30T18:00:01Z"), "2026-11-30");
    assert_string_equal(play(f, &a, "2026-11-30T17:10:00Z"), "");
    assert_string_equal(play(f, &a, "2026-11-30T18:00:01Z"), "");
    assert_string_equal(play(f, &a, "2026-12-01T18:00:01Z"), "2026-12-01");
    /* far ahead, and back: what ran too early doesn't run again, the rest does */
    assert_string_equal(play(f, &a, "2026-12-03T18:30:00Z"), "2026-12-03");
    assert_string_equal(play(f, &a, "2026-12-02T18:30:00Z"), ""); /* covered by the 3rd */
    assert_string_equal(play(f, &a, "2026-12-04T18:30:00Z"), "2026-12-04");
    calendar_free(c);
}

static void what_was_due_before_a_rule_was_asked_for_was_not_missed(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of(MONTH), *other = calendar_of("last-business-day 19:00");
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    assert_string_equal(play(f, &a, "2026-12-02T12:00:00Z"), "");
    assert_int_equal(state_of(f, MONTH, "2026-11"), PERIOD_STATES); /* no row */
    a.calendar = other; /* the rule is changed on the day itself, after its time */
    assert_string_equal(play(f, &a, "2026-12-31T19:30:00Z"), "");
    a.calendar = c; /* and back: it is new again */
    assert_string_equal(play(f, &a, "2026-12-31T19:40:00Z"), "");
    assert_string_equal(play(f, &a, "2027-01-29T18:00:00Z"), "2027-01");
    calendar_free(c);
    calendar_free(other);
}

static void several_missed_ones_run_once_for_the_newest(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of("daily 18:00, " MONTH);
    struct agenda a = {.calendar = c, .catch_up_ms = 3 * DAY_MS};
    play(f, &a, "2026-11-22T19:00:00Z");
    assert_string_equal(play(f, &a, "2026-11-30T20:00:00Z"), "2026-11-30 2026-11");
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-23"), PERIOD_MISSED);
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-27"), PERIOD_MISSED);
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-28"), PERIOD_COVERED);
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-29"), PERIOD_COVERED);
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-30"), PERIOD_DONE);
    calendar_free(c);
}

static void catch_up_ends_at_its_bound(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of(MONTH);
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    play(f, &a, "2026-11-02T00:00:00Z");
    assert_string_equal(play(f, &a, "2026-12-05T18:01:00Z"), "2026-11"); /* a minute's grace */
    assert_string_equal(play(f, &a, "2027-01-05T18:01:00.001Z"), "");
    assert_int_equal(state_of(f, MONTH, "2026-12"), PERIOD_MISSED);
    a.catch_up_ms = 0; /* never: but a minute late is in time */
    assert_string_equal(play(f, &a, "2027-01-29T18:00:59Z"), "2027-01");
    assert_string_equal(play(f, &a, "2027-02-26T18:02:00Z"), "");
    a.waited_from = at("2027-03-31T17:00:00Z"); /* we were there, and something kept us */
    assert_string_equal(play(f, &a, "2027-03-31T23:00:00Z"), "2027-03");
    calendar_free(c);
}

static void an_interrupted_run_goes_on_first_however_old_it_is(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of(MONTH);
    struct agenda a = {.calendar = c, .catch_up_ms = DAY_MS};
    struct due due;
    play(f, &a, "2026-11-02T00:00:00Z");
    fixture_now_ms = at("2026-11-30T18:00:00Z").ms;
    assert_int_equal(agenda_take(&a, f->l, (struct wall){fixture_now_ms}, &due), 1);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f); /* the process died in it, and stays away for a month */
    assert_string_equal(play(f, &a, "2026-12-31T18:00:05Z"), "2026-11* 2026-12");
    a.calendar = NULL; /* also where the schedule is gone by now */
    enum period_begin how;
    assert_ok(f->l, ledger_period_begin(f->l, LATE, "2027-01", at("2027-01-05T06:30:00Z"), &how));
    assert_string_equal(play(f, &a, "2027-01-06T00:00:00Z"), "2027-01*+2");
    calendar_free(c);
}

static void looking_alone_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of("daily 18:00");
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    struct due due = {0};
    play(f, &a, "2026-11-20T00:00:00Z");
    fixture_now_ms = at("2026-11-22T19:00:00Z").ms;
    assert_int_equal(agenda_due(&a, f->l, (struct wall){fixture_now_ms}, &due), 1);
    assert_string_equal(due.period, "2026-11-22");
    assert_string_equal(due.rule, "daily 18:00");
    assert_int_equal(due.at.ms, at("2026-11-22T18:00:00Z").ms);
    assert_false(ledger_dirty(f->l));
    assert_int_equal(agenda_due(&a, f->l, at("2026-11-20T17:00:00Z"), &due), 0);
    calendar_free(c);
}

static void what_came_while_a_run_was_at_work_can_be_skipped(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of("daily 18:00, " MONTH);
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    play(f, &a, "2026-11-27T00:00:00Z");
    assert_string_equal(play(f, &a, "2026-11-28T18:00:00Z"), "2026-11-28");
    fixture_now_ms = at("2026-11-30T18:30:00Z").ms; /* it took two days */
    assert_int_equal(
        agenda_skip(&a, f->l, at("2026-11-28T18:00:00Z"), (struct wall){fixture_now_ms}), 3);
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-29"), PERIOD_SKIPPED);
    assert_int_equal(state_of(f, MONTH, "2026-11"), PERIOD_SKIPPED);
    assert_string_equal(play(f, &a, "2026-11-30T18:31:00Z"), "");
    assert_string_equal(play(f, &a, "2026-12-01T18:00:00Z"), "2026-12-01");
    calendar_free(c);
}

/* A budget stopped it: not before a person says so, and no longer once another one is due. */
static void what_is_held_waits_until_the_next_is_due(void **state)
{
    struct fixture *f = *state;
    struct calendar *c = calendar_of("daily 18:00");
    struct agenda a = {.calendar = c, .catch_up_ms = 5 * DAY_MS};
    struct due due;
    play(f, &a, "2026-11-29T19:00:00Z");
    assert_int_equal(agenda_take(&a, f->l, at("2026-11-30T18:00:01Z"), &due), 1);
    a.held = true;
    assert_int_equal(agenda_due(&a, f->l, at("2026-11-30T18:30:00Z"), &due), 0);
    assert_string_equal(play(f, &a, "2026-11-30T18:30:00Z"), "");
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-30"), PERIOD_RUNNING);
    a.held = false;
    assert_int_equal(agenda_due(&a, f->l, at("2026-11-30T18:30:00Z"), &due), 1);
    assert_true(due.resumed);
    a.held = true;
    assert_string_equal(play(f, &a, "2026-12-01T18:00:01Z"), "2026-12-01");
    assert_int_equal(state_of(f, "daily 18:00", "2026-11-30"), PERIOD_DONE);
    calendar_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_occurrence_runs_when_its_time_has_come_and_once),
        TEST(a_clock_set_back_runs_nothing_again),
        TEST(what_was_due_before_a_rule_was_asked_for_was_not_missed),
        TEST(several_missed_ones_run_once_for_the_newest),
        TEST(catch_up_ends_at_its_bound),
        TEST(an_interrupted_run_goes_on_first_however_old_it_is),
        TEST(what_is_held_waits_until_the_next_is_due),
        TEST(looking_alone_changes_nothing),
        TEST(what_came_while_a_run_was_at_work_can_be_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
