/* Periods: a row for each occurrence, once; rules' first sight; documents and numbers by period. */
#include "ledger/document_ledger.h"
#include "ledger/listing.h"
#include "ledger/periods.h"
#include "ledger_fixture.h"

#include <sqlite3.h>
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
    assert_int_equal(c.credits.micro, credits_of(7).micro);
    assert_ok(f->l, ledger_period_counts(f->l, "2026-12", &c));
    assert_int_equal(c.documents, 1);
    assert_int_equal(c.credits.micro, credits_of(2).micro);
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
    assert_int_equal(c.credits_out.micro, credits_of(3).micro);
    assert_int_equal(c.credits.micro, credits_of(0).micro);
}

/* ---- the close ---- */

static void end_run(struct fixture *f, const char *rule, const char *period)
{
    begin(f, rule, period);
    assert_ok(f->l, ledger_period_end(f->l, rule, period, 0));
    assert_ok(f->l, ledger_commit(f->l));
}

static struct ledger_period_close closed(struct fixture *f, const char *period)
{
    struct ledger_period_close c;
    assert_int_equal(ledger_period_closed(f->l, period, &c), 1);
    assert_true(c.kept);
    return c;
}

static void end_badly(struct fixture *f, int64_t id)
{
    int n = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, n, ATTEMPT_ANSWERED, 422, "refused"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, n);
}

struct changes {
    char text[600];
    int stop_after, count;
};

static int tell(void *ctx, const struct ledger_period_change *c)
{
    struct changes *all = ctx;
    size_t used = strlen(all->text);
    snprintf(all->text + used, sizeof all->text - used, "%lld %s %s -> %s\n",
             (long long)c->at.ms / 1000, c->path, c->from ? c->from : "new", c->to);
    return ++all->count == all->stop_after;
}

static void assert_changes(struct fixture *f, const char *period, const char *expected)
{
    struct changes all = {.text = ""};
    assert_ok(f->l, ledger_period_changes(f->l, period, tell, &all));
    assert_string_equal(all.text, expected);
}

static void numbers_at_the_close_stay(void **state)
{
    struct fixture *f = *state;
    struct ledger_period_close c;
    struct ledger_counts now;
    int64_t a = put_in(f, "a.pdf", "2026-11", 1), b = put_in(f, "b.pdf", "2026-11", 1);
    fixture_store(f, a, "{}", 7);
    end_badly(f, b);
    assert_int_equal(ledger_period_closed(f->l, "2026-11", &c), 0);
    fixture_now_ms = 2000000;
    begin(f, RULE, "2026-11");
    assert_int_equal(ledger_period_closed(f->l, "2026-11", &c), 0); /* it is at work */
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 1));
    assert_ok(f->l, ledger_commit(f->l));
    const struct ledger_period_close at_close = closed(f, "2026-11");
    assert_int_equal(at_close.at.ms, 2000000);
    assert_int_equal(at_close.counts.files, 2);
    assert_int_equal(at_close.counts.by_state[DOC_STORED], 1);
    assert_int_equal(at_close.counts.by_state[DOC_FAILED], 1);
    assert_int_equal(at_close.counts.credits.micro, credits_of(7).micro);
    assert_changes(f, "2026-11", "");

    fixture_now_ms = 3000000;
    fixture_step(f, b, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    assert_changes(f, "2026-11", "3000 /data/b.pdf failed -> queued\n");
    fixture_now_ms = 4000000;
    fixture_store(f, b, "{}", 2);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    c = closed(f, "2026-11");
    assert_memory_equal(&c, &at_close, sizeof c);
    assert_changes(f, "2026-11", "4000 /data/b.pdf failed -> stored\n");
    assert_ok(f->l, ledger_period_counts(f->l, "2026-11", &now));
    assert_int_equal(now.by_state[DOC_STORED], 2);
    assert_int_equal(now.credits.micro, credits_of(9).micro);
}

/* What is another's, was so before, or is the same again isn't told. */
static void only_what_changed_is_told(void **state)
{
    struct fixture *f = *state;
    int64_t first = put_in(f, "first.pdf", "2026-10", 1);
    put_in(f, "same.pdf", "2026-11", 1);
    int64_t open = put_in(f, "open.pdf", "2026-11", 1);
    int64_t failed = put_in(f, "failed.pdf", "2026-11", 1);
    int64_t again = put_in(f, "again.pdf", "2026-11", 1);
    end_badly(f, first);
    end_badly(f, failed);
    end_badly(f, again);
    fixture_accept(f, open, "job");
    end_run(f, RULE, "2026-11");
    fixture_now_ms = 2000000;
    fixture_step(f, first, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1); /* counted in October */
    fixture_step(f, failed, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    end_badly(f, failed); /* as it was */
    fixture_step(f, open, DOC_PROCESSING, DOC_READY, EV_JOB_READY, 1);
    assert_changes(f, "2026-11", ""); /* still on its way */
    fixture_now_ms = 3000000;
    fixture_step(f, again, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    fixture_submit(f, again);
    fixture_now_ms = 4000000;
    assert_ok(f->l, ledger_result_put(f->l, open, "{}", 2, 1));
    fixture_step(f, open, DOC_READY, DOC_STORED, EV_RESULT, 1);
    fixture_now_ms = 5000000;
    fixture_step(f, again, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, 2);
    assert_changes(f, "2026-11",
                   "4000 /data/open.pdf processing -> stored\n"
                   "3000 /data/again.pdf failed -> processing\n");
    struct changes one = {.stop_after = 1};
    assert_ok(f->l, ledger_period_changes(f->l, "2026-11", tell, &one));
    assert_int_equal(one.count, 1);
    assert_changes(f, "2026-10", ""); /* it isn't closed */
}

static void find_again(struct fixture *f, const char *name, const char *content, const char *period)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id = 0;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {9, 9, 9, 9},
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    assert_ok(f->l, ledger_commit(f->l));
}

static void assert_files(struct fixture *f, const char *period, int files)
{
    struct ledger_counts c;
    assert_ok(f->l, ledger_period_counts(f->l, period, &c));
    assert_int_equal(c.files, files);
    fixture_counts(f);
}

/* What left the counts before the close doesn't come into that period by what comes to its path
 * later, be it something else or the same again. */
static void a_closed_period_gains_nothing(void **state)
{
    struct fixture *f = *state;
    put_in(f, "stays.pdf", "2026-11", 1);
    put_in(f, "replaced.pdf", "2026-11", 1);
    put_in(f, "back.pdf", "2026-11", 1);
    put_in(f, "by_hand.pdf", "2026-11", 1);
    for (int i = 0; i < 3; i++) {
        static const char *const gone[] = {"replaced.pdf", "back.pdf", "by_hand.pdf"};
        assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, gone[i])));
    }
    end_run(f, RULE, "2026-11");
    assert_int_equal(closed(f, "2026-11").counts.files, 1);
    find_again(f, "replaced.pdf", "another", "2026-12");
    assert_files(f, "2026-11", 1);
    assert_files(f, "2026-12", 1);
    find_again(f, "back.pdf", "back.pdf", "2026-12");
    assert_files(f, "2026-11", 1);
    assert_files(f, "2026-12", 2);
    find_again(f, "by_hand.pdf", "by_hand.pdf", NULL);
    assert_files(f, "2026-11", 1);
    assert_files(f, "2026-12", 2);
    assert_changes(f, "2026-11", "");
    /* while its period is open it comes back into that one */
    put_in(f, "open.pdf", "2026-12", 1);
    assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, "open.pdf")));
    assert_files(f, "2026-12", 2);
    find_again(f, "open.pdf", "open.pdf", "2027-01");
    assert_files(f, "2026-12", 3);
}

static int is_called(void *ctx, const struct ledger_listing *row)
{
    assert_string_equal(row->name, (const char *)ctx);
    return 0;
}

/* A file of it that was never sent stays in the counts when something else is at its path; and its
 * content may come again elsewhere, and be sent: there is a name for the result. */
static void a_closed_period_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger_source source;
    int64_t a = put_in(f, "a.pdf", "2026-11", 1);
    end_run(f, RULE, "2026-11");
    assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, "a.pdf")));
    assert_files(f, "2026-11", 1);
    find_again(f, "a.pdf", "another", "2026-12");
    assert_files(f, "2026-11", 1);
    find_again(f, "copy.pdf", "a.pdf", "2026-12");
    assert_files(f, "2026-12", 2);
    fixture_store(f, a, "{}", 1);
    assert_int_equal(ledger_document_source(f->l, a, 0, &source), 1);
    assert_string_equal(source.name, "copy.pdf");
    ledger_source_release(&source);
    assert_ok(f->l, ledger_list_period(f->l, "2026-11", is_called, "a.pdf (replaced)"));
    assert_files(f, "2026-11", 1);
    assert_changes(f, "2026-11", "1000 /data/a.pdf queued -> stored\n");
}

/* By hand, before the close or after it, and taken up again. */
static void dismissals_are_changes(void **state)
{
    struct fixture *f = *state;
    int64_t before = put_in(f, "before.pdf", "2026-11", 1);
    int64_t after = put_in(f, "after.pdf", "2026-11", 1);
    int64_t both = put_in(f, "both.pdf", "2026-11", 1);
    end_badly(f, before);
    end_badly(f, after);
    end_badly(f, both);
    fixture_step(f, before, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
    fixture_step(f, both, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
    end_run(f, RULE, "2026-11");
    assert_int_equal(closed(f, "2026-11").counts.dismissed, 2);
    assert_int_equal(closed(f, "2026-11").counts.by_state[DOC_FAILED], 1);
    fixture_now_ms = 2000000;
    fixture_step(f, after, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
    fixture_now_ms = 3000000;
    fixture_step(f, both, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1); /* once more: nothing new */
    assert_changes(f, "2026-11", "2000 /data/after.pdf failed -> dismissed\n");
    fixture_now_ms = 4000000;
    fixture_step(f, before, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    end_badly(f, before);
    assert_changes(f, "2026-11",
                   "2000 /data/after.pdf failed -> dismissed\n"
                   "4000 /data/before.pdf dismissed -> failed\n");
    assert_int_equal(closed(f, "2026-11").counts.dismissed, 2);
}

/* A later run of the same period, of another rule, or one that collects what came late for it. */
static void a_later_run_closes_it_anew(void **state)
{
    struct fixture *f = *state;
    struct ledger_period_close c;
    int64_t a = put_in(f, "a.pdf", "2026-11", 1);
    end_badly(f, a);
    end_run(f, RULE, "2026-11");
    fixture_now_ms = 2000000;
    int64_t b = put_in(f, "b.pdf", "2026-11", 1);
    end_badly(f, b);
    assert_int_equal(closed(f, "2026-11").counts.files, 1);
    assert_changes(f, "2026-11", "2000 /data/b.pdf new -> failed\n");
    begin(f, OTHER, "2026-12");
    assert_ok(f->l, ledger_period_counts_to(f->l, OTHER, "2026-12", "2026-11"));
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_period_counts_to(f->l, OTHER, "2026-12", "2026-11"));
    assert_false(ledger_dirty(f->l));                       /* nothing new: no write */
    assert_int_equal(closed(f, "2026-11").counts.files, 1); /* as long as it is at work */
    fixture_now_ms = 3000000;
    assert_ok(f->l, ledger_period_end(f->l, OTHER, "2026-12", 0));
    assert_int_equal(closed(f, "2026-11").at.ms, 3000000);
    assert_int_equal(closed(f, "2026-11").counts.by_state[DOC_FAILED], 2);
    assert_changes(f, "2026-11", "");
    assert_int_equal(ledger_period_closed(f->l, "2026-12", &c), 0); /* its own is to come */
    assert_string_equal(all(f).row[0].counts_to, "2026-11");
    assert_ok(f->l, ledger_period_end(f->l, OTHER, "2026-12", 0)); /* it has ended: nothing */
    fixture_now_ms = 4000000;
    end_run(f, OTHER, "2026-11");
    assert_int_equal(closed(f, "2026-11").at.ms, 4000000);
}

static void an_end_that_isnt_committed_closes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger_period_close c;
    put_in(f, "a.pdf", "2026-11", 1);
    begin(f, RULE, "2026-11");
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_period_end(f->l, RULE, "2026-11", 0));
    fixture_reopen(f);
    assert_int_equal(ledger_period_closed(f->l, "2026-11", &c), 0);
    assert_int_equal(all(f).row[0].state, PERIOD_RUNNING);
}

/* The newest event before the close is taken out with its document: its number isn't given again. */
static void a_history_that_is_taken_out_changes_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t a = put_in(f, "a.pdf", "2026-11", 1);
    end_badly(f, a);
    struct ledger_new_file file = {.root_id = f->root,
                                   .settings_id = f->settings,
                                   .path = "/data/z.pdf",
                                   .name = "z.pdf",
                                   .stamp = {1, 2, 3, 4},
                                   .reject_code = "unreadable"};
    enum ledger_put put;
    int64_t id = 0;
    uint8_t digest[SHA256_BYTES];
    struct ledger_document d;
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    end_run(f, RULE, "2026-11");
    sha256("a.pdf", 5, digest);
    file.reject_code = NULL;
    file.sha256 = digest; /* a duplicate: what stood for it as long as nobody could read it goes */
    int64_t rejected = id;
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    assert_int_equal(id, a);
    assert_int_equal(ledger_document_get(f->l, rejected, &d), ERR_NOT_FOUND);
    fixture_now_ms = 3000000;
    fixture_step(f, a, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    assert_changes(f, "2026-11", "3000 /data/a.pdf failed -> queued\n");
}

static void numbers_that_an_older_version_didnt_keep(void **state)
{
    struct fixture *f = *state;
    struct ledger_period_close c;
    sqlite3 *db;
    int64_t a = put_in(f, "a.pdf", "2026-11", 1);
    end_badly(f, a);
    fixture_now_ms = 2000000;
    end_run(f, RULE, "2026-11");
    fixture_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TABLE period_close; DROP TABLE period_counter;"
                                  "ALTER TABLE period DROP COLUMN counts_to;"
                                  "ALTER TABLE attempt DROP COLUMN price;"
                                  "ALTER TABLE document DROP COLUMN accepted_price;"
                                  "ALTER TABLE document DROP COLUMN done_price;"
                                  "ALTER TABLE document DROP COLUMN doubt_price;"
                                  "ALTER TABLE flight DROP COLUMN accepted_price;"
                                  "ALTER TABLE flight DROP COLUMN done_price;"
                                  "ALTER TABLE flight DROP COLUMN doubt_price; DROP TABLE spent;"
                                  "DELETE FROM counter WHERE id > 32;"
                                  "UPDATE counter SET n = n / 1000000 WHERE id IN (4, 5, 6);"
                                  "DELETE FROM event WHERE document = 0; PRAGMA user_version=10",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    fixture_open(f);
    assert_int_equal(ledger_period_closed(f->l, "2026-11", &c), 1);
    assert_false(c.kept);
    assert_int_equal(c.at.ms, 2000000);
    fixture_step(f, a, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    assert_changes(f, "2026-11", "");
    assert_int_equal(ledger_period_closed(f->l, "2026-12", &c), 0);
    end_run(f, OTHER, "2026-11"); /* from then on */
    assert_int_equal(closed(f, "2026-11").counts.by_state[DOC_QUEUED], 1);
}

static void which_periods_there_are(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ledger_period_known(f->l, "2026-11"), 0);
    put_in(f, "a.pdf", "2026-11", 1);
    assert_int_equal(ledger_period_known(f->l, "2026-11"), 1);
    begin(f, RULE, "2027-01");
    assert_ok(f->l, ledger_period_counts_to(f->l, RULE, "2027-01", "2026-12"));
    assert_int_equal(ledger_period_known(f->l, "2027-01"), 1);
    assert_int_equal(ledger_period_known(f->l, "2026-12"), 1);
    assert_int_equal(ledger_period_known(f->l, "november"), 0);
    assert_int_equal(ledger_period_known(f->l, ""), 0);
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
        TEST(numbers_at_the_close_stay),
        TEST(only_what_changed_is_told),
        TEST(a_closed_period_gains_nothing),
        TEST(a_closed_period_loses_nothing),
        TEST(dismissals_are_changes),
        TEST(a_later_run_closes_it_anew),
        TEST(an_end_that_isnt_committed_closes_nothing),
        TEST(a_history_that_is_taken_out_changes_nothing),
        TEST(numbers_that_an_older_version_didnt_keep),
        TEST(which_periods_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
