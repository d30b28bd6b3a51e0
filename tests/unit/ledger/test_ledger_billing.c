/* What documents cost, upload by upload: whatever happened, the sums are those of the counters
 * (fixture_counts compares them), and each amount stands at its upload, in its period. */
#include "base/random.h"
#include "ledger/billing.h"
#include "ledger/document_ledger.h"

#include "ledger_fixture.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400000, LINES = 64 };

struct lines {
    size_t count;
    struct {
        int64_t document, at;
        char period[16];
        struct bill bill;
    } of[LINES];
};

static int keep(void *ctx, const struct bill_line *line)
{
    struct lines *lines = ctx;
    assert_true(lines->count < LINES);
    lines->of[lines->count].document = line->document_id;
    lines->of[lines->count].at = line->at.ms;
    snprintf(lines->of[lines->count].period, sizeof lines->of->period, "%s", line->period);
    lines->of[lines->count++].bill = line->bill;
    return 0;
}

static struct lines lines_of(struct fixture *f)
{
    struct lines lines = {0};
    (void)fixture_counts(f);
    assert_ok(f->l, ledger_billing(f->l, credits_of(2), keep, &lines));
    return lines;
}

static int begin_at(struct fixture *f, int64_t id, int64_t micro)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    assert_ok(f->l, ledger_attempt_start(f->l, id, (struct credits){micro}, &attempt, alias));
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    return attempt;
}

static void doubt(struct fixture *f, int64_t id, int attempt)
{
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
}

static void resend(struct fixture *f, int64_t id, int attempt)
{
    assert_ok(f->l, ledger_attempt_resent(f->l, id, attempt));
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, attempt);
}

static void accept(struct fixture *f, int64_t id, int attempt)
{
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, attempt, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
}

static void finish(struct fixture *f, int64_t id, int attempt, int pages)
{
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, pages));
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_READY, DOC_STORED, EV_RESULT, attempt);
}

static int64_t put_in(struct fixture *f, const char *name, const char *content, const char *period)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .looked_at = true,
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

/* --- single documents --- */

static void an_upload_at_its_day_and_price(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_in(f, "a", "a", "2026-11"), queued = put_in(f, "q", "q", NULL);
    assert_ok(f->l, ledger_set_pages(f->l, id, 3));
    fixture_now_ms = DAY_MS;
    int first = begin_at(f, id, 500000);
    doubt(f, id, first);
    resend(f, id, first);
    fixture_now_ms = 2 * (int64_t)DAY_MS;
    int second = begin_at(f, id, 250000);
    accept(f, id, second);
    struct lines lines = lines_of(f);
    assert_int_equal(lines.count, 3);
    assert_int_equal(lines.of[0].at, 2 * (int64_t)DAY_MS); /* the newest upload comes first */
    assert_int_equal(lines.of[0].bill.open.micro, 3 * 250000);
    assert_int_equal(lines.of[0].bill.planned.micro, 3 * 250000);
    assert_int_equal(lines.of[0].bill.documents, 1);
    assert_int_equal(lines.of[1].at, DAY_MS);
    assert_int_equal(lines.of[1].bill.at_risk.micro, 3 * 500000);
    assert_int_equal(lines.of[1].bill.resent, 1);
    assert_int_equal(lines.of[1].bill.documents, 0);
    assert_string_equal(lines.of[1].period, "2026-11");
    assert_int_equal(lines.of[2].document, queued); /* at the price that was given */
    assert_int_equal(lines.of[2].bill.planned.micro, credits_of(2).micro);
    assert_string_equal(lines.of[2].period, "");
    finish(f, id, second, 4); /* there were four */
    lines = lines_of(f);
    assert_int_equal(lines.of[0].bill.confirmed.micro, 4 * 250000);
    assert_int_equal(lines.of[0].bill.pages, 4);
    assert_int_equal(lines.of[0].bill.planned.micro, 3 * 250000);
    assert_int_equal(lines.of[1].bill.at_risk.micro, 4 * 500000);
}

static void what_is_free(void **state)
{
    struct fixture *f = *state;
    int64_t failed = fixture_put(f, "f", "f", NULL);
    int attempt = begin_at(f, failed, CREDIT_MICROS);
    accept(f, failed, attempt);
    assert_ok(f->l, ledger_attempt_end(f->l, failed, attempt, ATTEMPT_JOB_FAILED, 0, NULL));
    fixture_step(f, failed, DOC_PROCESSING, DOC_FAILED, EV_JOB_FAILED, attempt);
    (void)fixture_put(f, "r", NULL, NULL);
    struct lines lines = lines_of(f);
    assert_int_equal(lines.count, 2);
    assert_int_equal(lines.of[0].bill.failed, 1);
    assert_int_equal(lines.of[0].bill.confirmed.micro, 0);
    assert_int_equal(lines.of[0].bill.planned.micro, CREDIT_MICROS);
    assert_int_equal(lines.of[1].bill.rejected, 1);
    assert_int_equal(lines.of[1].bill.planned.micro, 0);
}

/* What a further file saves stands in that file's period. */
static void duplicates_save(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_in(f, "a", "same", "2026-10");
    assert_int_equal(put_in(f, "b", "same", "2026-10"), id);
    assert_int_equal(put_in(f, "c", "same", "2026-11"), id);
    assert_int_equal(lines_of(f).count, 1); /* nothing is paid, and nothing saved */
    int attempt = begin_at(f, id, 500000);
    accept(f, id, attempt);
    finish(f, id, attempt, 2);
    struct lines lines = lines_of(f);
    assert_int_equal(lines.count, 3);
    assert_int_equal(lines.of[0].bill.saved.micro, 0);
    assert_int_equal(lines.of[1].bill.saved.micro, CREDIT_MICROS);
    assert_string_equal(lines.of[1].period, "2026-10");
    assert_int_equal(lines.of[2].bill.saved.micro, CREDIT_MICROS);
    assert_string_equal(lines.of[2].period, "2026-11");
}

/* A webhook brings the result and says nothing of the upload: one of those in doubt was it, at the mean of
 * their prices; the others are at risk still, and no amount is below zero. */
static void one_of_several_in_doubt_was_it(void **state)
{
    struct fixture *f = *state;
    static const int64_t prices[] = {300000, 100000, 500000};
    int64_t id = fixture_put(f, "a", "a", NULL), at_risk = 0;
    for (int i = 0; i < 3; i++) {
        int attempt = begin_at(f, id, prices[i]);
        doubt(f, id, attempt);
        if (i < 2)
            resend(f, id, attempt);
    }
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 2));
    fixture_step(f, id, DOC_IN_DOUBT, DOC_STORED, EV_RESULT, 3);
    struct lines lines = lines_of(f);
    assert_int_equal(lines.count, 3);
    assert_int_equal(lines.of[0].bill.confirmed.micro, 2 * 300000);
    for (size_t i = 1; i < 3; i++) {
        assert_true(lines.of[i].bill.at_risk.micro >= 0);
        at_risk += lines.of[i].bill.at_risk.micro;
    }
    assert_int_equal(at_risk, 2 * 600000);
}

static int refuse(void *ctx, const struct bill_line *line)
{
    (void)line;
    ++*(int *)ctx;
    return ERR_FORMAT;
}

static void whoever_asks_can_end_it(void **state)
{
    struct fixture *f = *state;
    int calls = 0;
    fixture_put(f, "a", "a", NULL);
    fixture_put(f, "b", "b", NULL);
    assert_int_equal(ledger_billing(f->l, credits_of(1), refuse, &calls), ERR_FORMAT);
    assert_int_equal(calls, 1);
    assert_int_equal(lines_of(f).count, 2); /* no statement was left open */
}

/* --- any ledger --- */

/* From queued to somewhere. */
static void live(struct fixture *f, struct random *r, int64_t id)
{
    int attempt = begin_at(f, id, (int64_t)(1 + random_below(r, 7)) * 150000);
    fixture_now_ms += (int64_t)random_below(r, DAY_MS);
    switch (random_below(r, 9)) {
    case 0: /* on its way */
        return;
    case 1:
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
        fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
        fixture_step(f, id, DOC_FAILED, DOC_QUEUED, EV_RETRY, attempt);
        return;
    case 2:
        doubt(f, id, attempt);
        return;
    case 3:
        doubt(f, id, attempt);
        resend(f, id, attempt);
        return;
    case 4: /* by a webhook alone */
        doubt(f, id, attempt);
        assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 1 + (int)random_below(r, 9)));
        fixture_step(f, id, DOC_IN_DOUBT, DOC_STORED, EV_RESULT, attempt);
        return;
    case 5:
        accept(f, id, attempt);
        return;
    case 6:
        accept(f, id, attempt);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_FAILED, 0, NULL));
        fixture_step(f, id, DOC_PROCESSING, DOC_FAILED, EV_JOB_FAILED, attempt);
        return;
    case 7: /* its job is nowhere any more */
        accept(f, id, attempt);
        fixture_step(f, id, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, attempt);
        if (random_below(r, 2))
            fixture_step(f, id, DOC_LOST, DOC_QUEUED, EV_RETRY, attempt);
        return;
    default:
        accept(f, id, attempt);
        finish(f, id, attempt, 1 + (int)random_below(r, 9));
    }
}

static void any_ledger_adds_up(void **state)
{
    struct fixture *f = *state;
    struct random r;
    random_init(&r, 4711);
    for (int i = 0; i < 400; i++) {
        char name[32], content[32];
        snprintf(name, sizeof name, "%d", i);
        snprintf(content, sizeof content, "%d", (int)random_below(&r, 300));
        int64_t id = fixture_put(f, name, content, NULL);
        if (random_below(&r, 2) && fixture_state(f, id) == DOC_QUEUED)
            assert_ok(f->l, ledger_set_pages(f->l, id, 1 + (int)random_below(&r, 20)));
        for (int n = 0; n < 4 && fixture_state(f, id) == DOC_QUEUED; n++)
            live(f, &r, id);
        if (i % 20 == 0)
            (void)fixture_counts(f);
    }
    struct ledger_counts c = fixture_counts(f);
    assert_true(c.credits.micro > 0 && c.credits_at_risk.micro > 0 && c.resent > 0);
    assert_true(c.by_state[DOC_LOST] && c.by_state[DOC_STORED] && c.duplicates);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    (void)fixture_counts(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_upload_at_its_day_and_price, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_is_free, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(duplicates_save, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(one_of_several_in_doubt_was_it, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(whoever_asks_can_end_it, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(any_ledger_adds_up, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
