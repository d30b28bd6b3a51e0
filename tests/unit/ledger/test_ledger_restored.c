/* A ledger that was restored from a backup: what is held, what it counts, and that it is noticed. */
#include "ledger/backup.h"
#include "ledger/document_ledger.h"
#include "ledger/restored.h"
#include "ledger/webhooks.h"
#include "ledger_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t attempts(struct fixture *f)
{
    int64_t n;
    assert_ok(f->l, ledger_attempts(f->l, &n));
    return n;
}

static struct ledger_held hold(struct fixture *f, int64_t remembered)
{
    struct ledger_held held;
    assert_ok(f->l, ledger_hold_restored(f->l, remembered, &held));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_counts(f);
    fixture_reopen(f);
    return held;
}

static struct ledger_document document(struct fixture *f, int64_t id)
{
    struct ledger_document d;
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    return d;
}

/* Only a person's word sends it again. */
static void assert_held(struct fixture *f, int64_t id, int attempt)
{
    struct ledger_document d = document(f, id);
    assert_int_equal(d.state, DOC_IN_DOUBT);
    assert_true(d.unreadable);
    assert_int_equal(d.attempts, DOC_ATTEMPTS_UNKNOWN);
    assert_int_equal(d.attempt, attempt);
    ledger_document_release(&d);
}

static void attempts_are_counted(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL);
    assert_int_equal(attempts(f), 0);
    fixture_submit(f, a);
    fixture_store(f, b, "{}", 1);
    assert_int_equal(attempts(f), 2);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(attempts(f), 2);
}

static void what_was_queued_or_on_its_way_is_held(void **state)
{
    struct fixture *f = *state;
    int64_t queued = fixture_put(f, "a", "a", NULL), sending = fixture_put(f, "b", "b", NULL);
    int64_t stored = fixture_put(f, "c", "c", NULL), processing = fixture_put(f, "d", "d", NULL);
    int64_t refused = fixture_put(f, "e", "e", NULL);
    fixture_submit(f, sending);
    fixture_store(f, stored, "{}", 1);
    fixture_accept(f, processing, "job-d");
    int n = fixture_submit(f, refused); /* 429: queued again */
    assert_ok(f->l, ledger_attempt_end(f->l, refused, n, ATTEMPT_ANSWERED, 429, "http_429"));
    fixture_step(f, refused, DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, n);
    struct ledger_held held = hold(f, 10);
    assert_int_equal(held.in_doubt, 3);
    assert_int_equal(held.jobs, 1);
    assert_held(f, queued, 1);
    assert_held(f, sending, 1);
    assert_held(f, refused, 2);
    assert_int_equal(fixture_state(f, stored), DOC_STORED);
    struct ledger_document d = document(f, processing);
    assert_int_equal(d.state, DOC_PROCESSING);
    assert_true(d.has_job && !d.unreadable);
    assert_int_equal(d.attempts, DOC_ATTEMPTS_UNKNOWN);
    ledger_document_release(&d);
    struct ledger_document next;
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, &next, 1), 0);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.credits_at_risk.micro, credits_of(3).micro);
    assert_int_equal(c.resent, 0);
}

static void sending_it_again_counts(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    hold(f, 5);
    assert_ok(f->l, ledger_attempt_resent(f->l, a, 1));
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RETRY, 1);
    assert_int_equal(fixture_submit(f, a), 2);
    assert_int_equal(fixture_counts(f).resent, 1);
    struct ledger_document d = document(f, a);
    assert_false(d.unreadable);
    ledger_document_release(&d);
}

/* A resend that was queued when the backup was made: the resend may have been sent. */
static void a_resend_has_one_of_its_own(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    int n = fixture_submit(f, a);
    assert_ok(f->l, ledger_attempt_end(f->l, a, n, ATTEMPT_IN_DOUBT, 0, "reset"));
    fixture_step(f, a, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, n);
    assert_ok(f->l, ledger_attempt_resent(f->l, a, n));
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, n);
    hold(f, 5);
    assert_held(f, a, 2);
    assert_int_equal(fixture_counts(f).credits_at_risk.micro, credits_of(2).micro);
}

/* Nor is a retry of what was held before, and was sent after the second backup. */
static void a_retry_has_one_of_its_own(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    hold(f, 5);
    assert_ok(f->l, ledger_attempt_resent(f->l, a, 1));
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RETRY, 1);
    hold(f, 7);
    assert_held(f, a, 2);
    assert_ok(f->l, ledger_attempt_resent(f->l, a, 2));
    assert_int_equal(fixture_counts(f).resent, 2);
}

static void an_alias_of_it_is_nobodys(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), id;
    int n;
    char alias[LEDGER_ALIAS_MAX];
    hold(f, 5);
    snprintf(alias, sizeof alias, "mb-%016llx-%lld-1", (unsigned long long)ledger_id(f->l),
             (long long)a);
    assert_int_equal(ledger_find_by_alias(f->l, alias, &id, &n), 0);
}

static void it_comes_out_ahead(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a", "a", NULL);
    fixture_store(f, fixture_put(f, "b", "b", NULL), "{}", 1);
    hold(f, 50);
    assert_int_equal(attempts(f), 51);
    hold(f, 51);
    assert_int_equal(attempts(f), 52);
    hold(f, -1);
    hold(f, 7);
    assert_int_equal(attempts(f), 52);
    fixture_store(f, fixture_put(f, "c", "c", NULL), "{}", 1);
    assert_int_equal(attempts(f), 53);
}

static void twice_is_as_once(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    hold(f, 5);
    struct ledger_counts once = fixture_counts(f);
    hold(f, 5);
    assert_held(f, a, 1);
    struct ledger_counts twice = fixture_counts(f);
    assert_memory_equal(&once, &twice, sizeof once);
}

static void all_of_many_are_held(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 1200 };
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        int64_t id = fixture_put(f, name, name, NULL);
        if (i % 3 == 0)
            fixture_accept(f, id, name);
    }
    struct ledger_held held = hold(f, 5000);
    assert_int_equal(held.in_doubt, MANY - MANY / 3);
    assert_int_equal(held.jobs, MANY / 3);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_IN_DOUBT], MANY - MANY / 3);
    assert_int_equal(c.by_state[DOC_QUEUED], 0);
}

static void a_copy_knows_that_it_is_one(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct ledger_projection p;
    char copy[120];
    int64_t a = fixture_put(f, "a", "a", NULL);
    fixture_store(f, a, "{}", 1);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, "a"), a, "a"));
    assert_ok(f->l, ledger_commit(f->l));
    assert_false(ledger_is_copy(f->l));
    assert_false(ledger_was_put_back(f->l));
    snprintf(copy, sizeof copy, "%s/copy.db", f->directory);
    if (ledger_backup(f->path, copy, &e) != 0)
        fail_msg("%s", e.text);
    uint64_t id = ledger_id(f->l);
    fixture_close(f);
    assert_int_equal(rename(copy, f->path), 0);
    char log[120];
    snprintf(log, sizeof log, "%s-wal", f->path);
    unlink(log);
    fixture_open(f);
    assert_true(ledger_id(f->l) == id);
    assert_true(ledger_is_copy(f->l));
    fixture_counts(f);
    assert_ok(f->l, ledger_go_on(f->l));
    fixture_reopen(f); /* without a commit */
    assert_true(ledger_is_copy(f->l));
    assert_int_equal(ledger_unprojected_of(f->l, a, 0, &p, 1), 0);
    assert_ok(f->l, ledger_go_on(f->l));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_false(ledger_is_copy(f->l));
    assert_true(ledger_was_put_back(f->l));
    /* under its name may stand what came after the copy */
    assert_int_equal(ledger_unprojected_of(f->l, a, 0, &p, 1), 1);
    assert_true(p.again);
    ledger_projection_release(&p);
}

/* Uploads are missing from it: so may documents be, and what was there before now is suspicious. */
static void the_time_is_kept_where_uploads_are_missing(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    fixture_store(f, a, "{}", 1);
    assert_int_equal(ledger_restored_at(f->l).ms, 0);
    assert_int_equal(hold(f, 1).missing, 0); /* all are known */
    assert_int_equal(ledger_restored_at(f->l).ms, 0);
    fixture_now_ms += 5000;
    int64_t now = clock_wall(&fixture_clock).ms;
    assert_int_equal(hold(f, 4).missing, 2);
    assert_int_equal(ledger_restored_at(f->l).ms, now);
    fixture_now_ms += 5000;
    assert_int_equal(hold(f, 4).missing, 0); /* given once more */
    assert_int_equal(ledger_restored_at(f->l).ms, now);
    assert_int_equal(hold(f, -1).missing, -1);
    assert_int_equal(ledger_restored_at(f->l).ms, now + 5000);
    assert_ok(f->l, ledger_counts_check(f->l));
}

/* What became of it since the backup isn't known, until it is held or a person asks. */
static void what_was_settled_may_be_forgotten(void **state)
{
    struct fixture *f = *state;
    int64_t changed = fixture_put(f, "a", "a", NULL), refused = fixture_put(f, "b", "b", NULL);
    int n = fixture_submit(f, changed);
    assert_ok(f->l, ledger_attempt_end(f->l, changed, n, ATTEMPT_NOT_SENT, 0, "source"));
    fixture_step(f, changed, DOC_SUBMITTING, DOC_REJECTED, EV_SOURCE_GONE, n);
    n = fixture_submit(f, refused);
    assert_ok(f->l, ledger_attempt_end(f->l, refused, n, ATTEMPT_ANSWERED, 422, "http_422"));
    fixture_step(f, refused, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, n);
    fixture_now_ms += 1000;
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 0);
    hold(f, 2); /* nothing is missing */
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 0);
    hold(f, 9);
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 1);
    assert_int_equal(ledger_may_be_forgotten(f->l, refused), 1);
    assert_int_equal(ledger_may_be_forgotten(f->l, fixture_put(f, "c", "c", NULL)), 1);
    struct ledger_step asked = {.document_id = refused,
                                .from = DOC_FAILED,
                                .to = DOC_QUEUED,
                                .event = EV_RETRY,
                                .cause = "retry"};
    assert_ok(f->l, ledger_step(f->l, &asked));
    assert_int_equal(ledger_may_be_forgotten(f->l, refused), 0);
    asked = (struct ledger_step){.document_id = changed,
                                 .from = DOC_REJECTED,
                                 .to = DOC_QUEUED,
                                 .event = EV_RETRY,
                                 .cause = "read_again"};
    assert_ok(f->l, ledger_step(f->l, &asked));
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 1);
    n = fixture_submit(f, changed);
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 0);
    fixture_now_ms += 1000;
    assert_ok(f->l, ledger_attempt_end(f->l, changed, n, ATTEMPT_FORGOTTEN, 0, "restored"));
    assert_int_equal(ledger_may_be_forgotten(f->l, changed), 0);
}

/* Under a name that went over to another file since stands that one's result. */
static void published_results_are_written_again(void **state)
{
    struct fixture *f = *state;
    struct ledger_projection p;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL);
    fixture_store(f, a, "{}", 1);
    fixture_store(f, b, "{}", 1);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, "a"), a, "a"));
    assert_int_equal(ledger_unprojected_of(f->l, a, 0, &p, 1), 0);
    hold(f, 2); /* no upload is missing: names may have gone over all the same */
    assert_int_equal(ledger_unprojected_of(f->l, a, 0, &p, 1), 1);
    assert_true(p.again);
    ledger_projection_release(&p);
    assert_int_equal(ledger_unprojected_of(f->l, b, 0, &p, 1), 1);
    assert_false(p.again); /* it wasn't there before */
    ledger_projection_release(&p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(attempts_are_counted),
        TEST(what_was_queued_or_on_its_way_is_held),
        TEST(sending_it_again_counts),
        TEST(a_resend_has_one_of_its_own),
        TEST(a_retry_has_one_of_its_own),
        TEST(an_alias_of_it_is_nobodys),
        TEST(it_comes_out_ahead),
        TEST(twice_is_as_once),
        TEST(all_of_many_are_held),
        TEST(a_copy_knows_that_it_is_one),
        TEST(the_time_is_kept_where_uploads_are_missing),
        TEST(what_was_settled_may_be_forgotten),
        TEST(published_results_are_written_again),
    };
    return cmocka_run_group_tests_name("ledger_restored", tests, NULL, NULL);
}
