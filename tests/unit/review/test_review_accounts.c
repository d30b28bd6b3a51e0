/* Bank accounts: which records make one known for their supplier, and what a decision about one record does to others,
 * in whatever order documents and decisions come. */
#include "review_fixture.h"

#include "ledger/document_ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DE "DE89370400440532013000"
#define GB "GB29NWBK60161331926819"

/* One of Alpha's, with that account; found by itself, so that the order of age is that of the calls. */
static void invoice_of(struct setup *s, const char *number, const char *iban, const char *total)
{
    struct buffer out;
    buffer_init(&out, 0);
    buffer_printf(
        &out,
        RESULT(VALUE("supplier_name", "\"Alpha GmbH\"") "," VALUE("invoice_number", "\"%s\"") "," VALUE("date", "\"2026-03-01\"") "," VALUE(
            "total_net",
            "%s") "," VALUE("total_tax",
                            "0") "," VALUE("total_amount",
                                           "%s") ",\"locale\":{\"fields\":{" VALUE("currency",
                                                                                   "\"EUR\"") "}},"
                                                                                              "\"supplier_payment_details\":{\"items\":[{\"fields\":{" VALUE(
                                                                                                  "iban",
                                                                                                  "\"%s\"") "}}]}"),
        number, total, total, iban);
    fixture_now_ms += 60 * 1000;
    store(s, buffer_text(&out));
    buffer_release(&out);
}

static void invoice(struct setup *s, const char *number, const char *iban)
{
    invoice_of(s, number, iban, "100");
}

#define NEW_ACCOUNT ": iban-new supplier_payment_details[1].iban"
#define REVIEW_NEW  "review" NEW_ACCOUNT

static void the_second_of_a_fraud_is_found_like_the_first(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A-22", GB);
    update(s);
    assert_told(s, 1, "ready");
    assert_told(s, 2, REVIEW_NEW);
    invoice(s, "A-37", GB); /* while the first waits */
    update(s);
    assert_told(s, 3, REVIEW_NEW);
    assert_non_null(strstr(s->record.reasons.items[0].text, "wait for a person"));
    decide(s, 2, REVIEW_REJECT);
    invoice(s, "A-48", GB); /* when it was rejected */
    invoice(s, "A-59", DE);
    update(s);
    assert_told(s, 3, REVIEW_NEW);
    assert_told(s, 4, REVIEW_NEW);
    assert_told(s, 5, "ready");
}

static void what_is_accepted_settles_those_that_wait(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A-22", GB);
    invoice(s, "A-37", GB);
    invoice(s, "A-48", GB);
    update(s);
    for (int n = 2; n <= 4; n++)
        assert_told(s, n, REVIEW_NEW);
    decide(s, 3, REVIEW_ACCEPT);
    assert_told(s, 2, REVIEW_NEW); /* it came before */
    assert_told(s, 3, "accepted" NEW_ACCOUNT);
    assert_told(s, 4, "ready");
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 3, "accepted"); /* nothing is new about it any more */
    invoice(s, "A-59", GB);
    update(s);
    assert_told(s, 5, "ready");
}

static void what_is_found_out_later_opens_what_was_ready(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A-22", GB);
    update(s);
    decide(s, 2, REVIEW_ACCEPT);
    invoice(s, "A-37", GB);
    invoice(s, "A-48", GB);
    update(s);
    assert_told(s, 3, "ready");
    assert_told(s, 4, "ready");
    decide(s, 2, REVIEW_REJECT); /* a fraud after all */
    assert_told(s, 2, "rejected" NEW_ACCOUNT);
    assert_told(s, 3, REVIEW_NEW);
    assert_told(s, 4, REVIEW_NEW); /* because 3 is in doubt now */
    decide(s, 2, REVIEW_REOPEN);
    assert_told(s, 4, REVIEW_NEW);
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 3, "ready");
    assert_told(s, 4, "ready");
}

/* The same by a program that comes later and finds decisions there. */
static void facts_made_anew_are_the_same(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A-22", GB);
    invoice(s, "A-37", GB);
    invoice(s, "A-48", GB);
    update(s);
    decide(s, 2, REVIEW_REJECT);
    decide(s, 3, REVIEW_ACCEPT);
    for (int i = 1; i <= 2; i++) {
        assert_told(s, 2, "rejected" NEW_ACCOUNT);
        assert_told(s, 3, "accepted" NEW_ACCOUNT);
        assert_told(s, 4, "ready");
        s->options.recipe[0] = 7; /* with other options, which change nothing of this */
        open_review(s);
        update(s);
    }
    decide(s, 3, REVIEW_REJECT); /* whoever has the first options learns of it */
    assert_told(s, 4, REVIEW_NEW);
    s->options.recipe[0] = 0;
    open_review(s);
    update(s);
    assert_told(s, 4, REVIEW_NEW);
}

static void a_doubtful_sum_is_no_doubt_of_the_account(void **state)
{
    struct setup *s = *state;
    invoice_of(s, "A-10", DE, "0"); /* total-zero */
    invoice(s, "A-22", DE);
    invoice(s, "A-37", GB);
    update(s);
    assert_told(s, 1, "review: total-zero total_amount");
    assert_told(s, 2, "ready");
    assert_told(s, 3, REVIEW_NEW);
    decide(s, 1, REVIEW_REJECT); /* 2 is the first that is sure, and had no other before it */
    assert_told(s, 2, REVIEW_NEW);
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 2, "accepted" NEW_ACCOUNT);
    assert_told(s, 3, REVIEW_NEW);
}

static void a_duplicate_makes_no_account_known(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A 10", GB); /* the same once more, to another account */
    invoice(s, "A-37", GB);
    update(s);
    assert_told(s, 2, "review" NEW_ACCOUNT ", duplicate-number invoice_number");
    assert_told(s, 3, REVIEW_NEW);
}

static void a_corrected_account_counts_as_it_is_then(void **state)
{
    struct setup *s = *state;
    invoice(s, "A-10", DE);
    invoice(s, "A-22", GB);
    invoice(s, "A-37", GB);
    update(s);
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 3, "ready");
    must_correct(s, 2, "supplier_payment_details[1].iban=" DE);
    assert_told(s, 2, "review"); /* nobody accepted it yet */
    assert_told(s, 3, REVIEW_NEW);
    must_correct(s, 3, "supplier_payment_details[1].iban=" DE);
    decide(s, 3, REVIEW_ACCEPT);
    assert_told(s, 3, "corrected");
}

/* Results come in any order: the first that came is the newest, and nothing of the rest depends on it. */
static void the_order_of_results_is_nothing(void **state)
{
    struct setup *s = *state;
    enum { MANY = 40 };
    char number[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(number, sizeof number, "A-%d", 1000 + 37 * i);
        fixture_now_ms -= 2 * 60 * 1000; /* each is older than the one before it */
        invoice(s, number, i == MANY - 1 || i % 4 ? DE : GB);
        if (i % 7 == 0)
            update(s);
    }
    update(s);
    for (int n = 1; n <= MANY; n++) {
        int came = MANY - n;
        assert_told(s, n, came != MANY - 1 && came % 4 == 0 ? REVIEW_NEW : "ready");
    }
}

static void many_that_wait_are_settled_at_once(void **state)
{
    struct setup *s = *state;
    enum { MANY = 300 };
    char number[16], total[16];
    invoice(s, "A-1", DE);
    for (int i = 0; i < MANY; i++) {
        snprintf(number, sizeof number, "A-%d", 1000 + 37 * i);
        snprintf(total, sizeof total, "%d", 200 + i);
        invoice_of(s, number, GB, total);
    }
    update(s);
    assert_told(s, MANY + 1, REVIEW_NEW);
    decide(s, 2, REVIEW_ACCEPT);
    struct review_counts c;
    assert_int_equal(review_count(s->r, &c), 0);
    assert_int_equal(c.states[REVIEW_OPEN], 0);
    decide(s, 2, REVIEW_REJECT);
    assert_int_equal(review_count(s->r, &c), 0);
    assert_int_equal(c.states[REVIEW_OPEN], MANY - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SETUP(the_second_of_a_fraud_is_found_like_the_first),
        WITH_SETUP(what_is_accepted_settles_those_that_wait),
        WITH_SETUP(what_is_found_out_later_opens_what_was_ready),
        WITH_SETUP(facts_made_anew_are_the_same),
        WITH_SETUP(a_doubtful_sum_is_no_doubt_of_the_account),
        WITH_SETUP(a_duplicate_makes_no_account_known),
        WITH_SETUP(a_corrected_account_counts_as_it_is_then),
        WITH_SETUP(the_order_of_results_is_nothing),
        WITH_SETUP(many_that_wait_are_settled_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
