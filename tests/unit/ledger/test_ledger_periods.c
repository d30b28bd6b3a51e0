/* Periods: a row for each occurrence, once; rules' first sight; documents and numbers by period. */
#include "ledger_fixture.h"

#include <stdio.h>
#include <string.h>

#define RULE  "last-business-day 18:00"
#define OTHER "daily 02:30"

static const struct wall due = {900000};

static enum period_begin begin(struct fixture *f, const char *rule, const char *period)
{
    enum period_begin how = PERIOD_OVER;
    assert_ok(f->l, ledger_period_begin(f->l, rule, period, due, &how));
    return how;
}

struct rows {
    struct ledger_period row[8];
    int count, stop_after; /* 0: never */
};

static int collect(void *ctx, const struct ledger_period *p)
{
    struct rows *r = ctx;
    assert_true(r->count < 8);
    r->row[r->count++] = *p;
    return r->count == r->stop_after;
}

static struct rows all(struct fixture *f)
{
    struct rows r = {0};
    assert_ok(f->l, ledger_periods(f->l, collect, &r));
    return r;
}

static void an_occurrence_begins_once_and_goes_on_until_it_ends(void **state)
{
    struct fixture *f = *state;
    int64_t run;
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_NEW);
    assert_true(ledger_dirty(f->l)); /* the caller commits */
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f); /* as after a crash */
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_INTERRUPTED);
    assert_false(ledger_dirty(f->l));
    assert_int_equal(begin(f, OTHER, "2026-11"), PERIOD_NEW); /* another rule is another run */
    assert_int_equal(begin(f, RULE, "2026-12"), PERIOD_NEW);
    assert_ok(f->l, ledger_run_start(f->l, &run));
    fixture_now_ms = 1234000;
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 1));
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_OVER);
    struct rows r = all(f);
    assert_int_equal(r.count, 3);
    const struct ledger_period *p = &r.row[1]; /* due at the same time: by rule */
    assert_string_equal(r.row[0].rule, OTHER);
    assert_string_equal(p->rule, RULE);
    assert_string_equal(p->period, "2026-11");
    assert_int_equal(p->state, PERIOD_DONE);
    assert_int_equal(p->due_at.ms, 900000);
    assert_int_equal(p->started_at.ms, 1000000);
    assert_int_equal(p->finished_at.ms, 1234000);
    assert_int_equal(p->run, run);
    assert_int_equal(p->exit_code, 1);
    assert_int_equal(r.row[2].state, PERIOD_RUNNING);
    assert_int_equal(r.row[2].exit_code, -1);
    assert_int_equal(r.row[2].finished_at.ms, 0);
}

static void what_wasnt_committed_never_began(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_NEW);
    fixture_reopen(f);
    assert_int_equal(all(f).count, 0);
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_NEW);
}

static void an_end_is_of_what_runs_alone(void **state)
{
    struct fixture *f = *state;
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 0)); /* nothing: no row */
    assert_int_equal(all(f).count, 0);
    begin(f, RULE, "2026-11");
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 4));
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 0)); /* over: it stays */
    assert_int_equal(all(f).row[0].exit_code, 4);
}

static void what_is_passed_over_keeps_the_row_it_has(void **state)
{
    struct fixture *f = *state;
    enum period_state s;
    assert_ok(f->l, ledger_period_pass(f->l, RULE, "2026-11", due, PERIOD_MISSED));
    assert_ok(f->l, ledger_period_pass(f->l, RULE, "2026-11", due, PERIOD_COVERED));
    assert_int_equal(ledger_period_find(f->l, RULE, "2026-11", &s), 1);
    assert_int_equal(s, PERIOD_MISSED);
    assert_int_equal(begin(f, RULE, "2026-11"), PERIOD_OVER);
    begin(f, RULE, "2026-12");
    assert_ok(f->l, ledger_period_pass(f->l, RULE, "2026-12", due, PERIOD_SKIPPED));
    assert_int_equal(ledger_period_find(f->l, RULE, "2026-12", &s), 1);
    assert_int_equal(s, PERIOD_RUNNING);
    assert_int_equal(ledger_period_find(f->l, RULE, "2027-01", &s), 0);
}

static void the_oldest_that_was_interrupted(void **state)
{
    struct fixture *f = *state;
    struct ledger_period p;
    enum period_begin how;
    const char *const months[] = {"2026-10", "2026-11", "2026-12"};
    assert_int_equal(ledger_period_interrupted(f->l, &p), 0);
    for (int i = 0; i < 3; i++)
        assert_ok(f->l,
                  ledger_period_begin(f->l, RULE, months[i], (struct wall){5000 + 100 * i}, &how));
    assert_int_equal(ledger_period_interrupted(f->l, &p), 1);
    assert_string_equal(p.period, "2026-10"); /* the oldest */
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-10", 0));
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 0));
    assert_int_equal(ledger_period_interrupted(f->l, &p), 1);
    assert_string_equal(p.period, "2026-12");
    assert_int_equal(p.due_at.ms, 5200);
    struct rows r = {.stop_after = 2};
    assert_ok(f->l, ledger_periods(f->l, collect, &r));
    assert_int_equal(r.count, 2);
}

/* ---- rules ---- */

static bool is_rule(void *ctx, const char *rule)
{
    return strcmp(rule, ctx) == 0;
}

static void a_rule_is_seen_for_the_first_time_once(void **state)
{
    struct fixture *f = *state;
    struct wall since = {0};
    assert_int_equal(ledger_rule_since(f->l, RULE, &since), 0);
    assert_int_equal(since.ms, 1000000);
    assert_ok(f->l, ledger_rule_note(f->l, RULE));
    assert_ok(f->l, ledger_rule_note(f->l, OTHER));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_now_ms = 5000000;
    assert_ok(f->l, ledger_rule_note(f->l, RULE));
    assert_false(ledger_dirty(f->l)); /* nothing new: no write */
    assert_int_equal(ledger_rule_since(f->l, RULE, &since), 1);
    assert_int_equal(since.ms, 1000000);
    fixture_now_ms = 400000; /* the clock was ahead when it was noted */
    assert_int_equal(ledger_rule_since(f->l, RULE, &since), 1);
    assert_int_equal(since.ms, 400000);
    assert_ok(f->l, ledger_rule_note(f->l, RULE));
    fixture_now_ms = 600000;
    assert_int_equal(ledger_rule_since(f->l, RULE, &since), 1);
    assert_int_equal(since.ms, 400000);
    assert_ok(f->l, ledger_rules_keep(f->l, is_rule, (void *)(uintptr_t)OTHER));
    assert_int_equal(ledger_rule_since(f->l, RULE, &since), 0);
    assert_int_equal(ledger_rule_since(f->l, OTHER, &since), 1);
}

/* ---- documents ---- */

static int64_t put_in(struct fixture *f, const char *name, const char *period, int pages)
{
    char path[200];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id = 0;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .type = 1,
                                         .pages = pages,
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

static int count_rows(void *ctx, const struct ledger_listing *row)
{
    int *n = ctx;
    (void)row;
    ++*n;
    return 0;
}

static void documents_stay_in_the_period_of_their_intake(void **state)
{
    struct fixture *f = *state;
    struct ledger_counts c;
    int listed = 0;
    int64_t a = put_in(f, "a.pdf", "2026-11", 3);
    put_in(f, "b.pdf", "2026-11", 1);
    int64_t late = put_in(f, "c.pdf", "2026-12", 1);
    put_in(f, "d.pdf", NULL, 1);
    fixture_store(f, a, "{}", 7);
    fixture_store(f, late, "{}", 2);
    put_in(f, "a.pdf", "2026-12", 3); /* found again in another period: still of its own */
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_period_counts(f->l, "2026-11", &c));
    assert_int_equal(c.files, 2);
    assert_int_equal(c.documents, 2);
    assert_int_equal(c.duplicates, 0);
    assert_int_equal(c.by_state[DOC_STORED], 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 1);
    assert_int_equal(c.credits, 7);
    assert_ok(f->l, ledger_period_counts(f->l, "2026-12", &c));
    assert_int_equal(c.documents, 1);
    assert_int_equal(c.credits, 2);
    assert_ok(f->l, ledger_period_counts(f->l, "2027-01", &c));
    assert_int_equal(c.documents, 0);
    assert_ok(f->l, ledger_list_period(f->l, "2026-11", count_rows, &listed));
    assert_int_equal(listed, 2);
    fixture_counts(f); /* all of it adds up */
}

/* While documents are in flight their states are in another table. */
static void a_period_counts_what_is_on_its_way(void **state)
{
    struct fixture *f = *state;
    struct ledger_counts c;
    int64_t a = put_in(f, "a.pdf", "2026-11", 3);
    fixture_accept(f, a, "job-1");
    assert_ok(f->l, ledger_period_counts(f->l, "2026-11", &c));
    assert_int_equal(c.by_state[DOC_PROCESSING], 1);
    assert_int_equal(c.pages_out, 3);
    assert_int_equal(c.credits, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_occurrence_begins_once_and_goes_on_until_it_ends),
        TEST(what_wasnt_committed_never_began),
        TEST(an_end_is_of_what_runs_alone),
        TEST(what_is_passed_over_keeps_the_row_it_has),
        TEST(the_oldest_that_was_interrupted),
        TEST(a_rule_is_seen_for_the_first_time_once),
        TEST(documents_stay_in_the_period_of_their_intake),
        TEST(a_period_counts_what_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
