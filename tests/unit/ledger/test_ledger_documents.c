/* Documents from the queue to their result: order, attempts, credits, history, lists, runs. */
#include "ledger/document_ledger.h"
#include "ledger/listing.h"
#include "ledger/sent_settings.h"
#include "ledger_fixture.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool skip_one(void *ctx, int64_t id)
{
    return id == *(int64_t *)ctx;
}

static void queue_in_each_order(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d[4];
    int64_t c = fixture_put(f, "c", "333", NULL);
    int64_t a = fixture_put(f, "a", "1", NULL);
    int64_t b = fixture_put(f, "b", "55555", NULL);
    assert_ok(f->l, ledger_set_pages(f->l, a, 9));
    assert_ok(f->l, ledger_set_pages(f->l, c, 2));
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, d, 4), 3);
    assert_true(d[0].id == a && d[1].id == b && d[2].id == c);
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_LARGEST, NULL, NULL, d, 4), 3);
    assert_true(d[0].id == b && d[1].id == c && d[2].id == a);
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_PAGES, NULL, NULL, d, 4), 3);
    assert_true(d[0].id == a && d[1].id == c && d[2].id == b);
    assert_int_equal(d[0].pages, 9);
    assert_ok(f->l, ledger_set_pages(f->l, b, 20)); /* known later: it moves up */
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_PAGES, NULL, NULL, d, 1), 1);
    assert_int_equal(d[0].id, b);
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_PAGES, skip_one, &b, d, 1), 1);
    assert_int_equal(d[0].id, a);
    assert_int_equal(ledger_next_queued(f->l, f->settings + 1, ORDER_PAGES, NULL, NULL, d, 4), 0);
    fixture_submit(f, a);
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, d, 4), 2);
    assert_true(d[0].id == b && d[1].id == c);
    fixture_step(f, a, DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, 1);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(ledger_next_queued(f->l, f->settings, ORDER_NAME, NULL, NULL, d, 4), 3);
    assert_int_equal(d[0].id, a);
    assert_int_equal(d[0].attempt, 1);
    assert_false(d[0].has_job);
}

static void a_readers_order_is_its_own(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d[4];
    struct ledger *reader;
    struct error e;
    int64_t a = fixture_put(f, "a", "1", NULL), b = fixture_put(f, "b", "55555", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    assert_int_equal(ledger_next_queued(reader, f->settings, ORDER_LARGEST, NULL, NULL, d, 4), 2);
    assert_true(d[0].id == b && d[1].id == a);
    assert_int_equal(ledger_next_queued(reader, f->settings, ORDER_NAME, NULL, NULL, d, 4), 2);
    assert_true(d[0].id == a && d[1].id == b);
    ledger_close(reader);
}

/* "bdac": the documents in their order, by the first letter of their file. */
static void assert_order(struct fixture *f, enum ledger_order order, const char *letters,
                         const int64_t id[])
{
    struct ledger_document d[8];
    int n = ledger_next_queued(f->l, f->settings, order, NULL, NULL, d, 8);
    assert_int_equal(n, strlen(letters));
    for (int i = 0; i < n; i++) {
        assert_int_equal(d[i].id, id[letters[i] - 'a']);
        ledger_document_release(&d[i]);
    }
}

/* Over all that is queued by now, whenever it came; equal ones as they came; another run's order
 * holds for what was queued before it too. */
static void the_order_is_over_all_that_is_queued(void **state)
{
    struct fixture *f = *state;
    int64_t id[5] = {
        fixture_put(f, "a", "4444", NULL),
        fixture_put(f, "b", "55555", NULL),
        fixture_put(f, "c", "4too", NULL),
    };
    assert_order(f, ORDER_LARGEST, "bac", id);
    id[3] = fixture_put(f, "d", "999999999", NULL);
    id[4] = fixture_put(f, "e", "4new", NULL);
    assert_order(f, ORDER_LARGEST, "dbace", id);
    fixture_step(f, id[3], DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, 1);
    assert_order(f, ORDER_LARGEST, "bace", id);
    fixture_step(f, id[3], DOC_SUBMITTING, DOC_QUEUED, EV_LIMITED, 1);
    assert_order(f, ORDER_LARGEST, "dbace", id);
    assert_order(f, ORDER_NAME, "abcde", id);
    assert_ok(f->l, ledger_set_pages(f->l, id[0], 3));
    assert_ok(f->l, ledger_set_pages(f->l, id[2], 7));
    assert_order(f, ORDER_PAGES, "cabde", id); /* those not counted last */
    assert_ok(f->l, ledger_set_pages(f->l, id[4], 9));
    assert_order(f, ORDER_PAGES, "ecabd", id);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_order(f, ORDER_PAGES, "ecabd", id);
    assert_order(f, ORDER_LARGEST, "dbace", id);
}

static void an_attempt_and_its_alias(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d;
    char alias[LEDGER_ALIAS_MAX], expected[LEDGER_ALIAS_MAX];
    int attempt;
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
    assert_int_equal(attempt, 1);
    snprintf(expected, sizeof expected, "mb-%016" PRIx64 "-%" PRId64 "-1", ledger_id(f->l), id);
    assert_string_equal(alias, expected);
    fixture_now_ms = 5000000;
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, 1, "0b1e-job"));
    assert_ok(f->l, ledger_attempt_result_url(f->l, id, 1, "https://host/r"));
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_true(d.has_job);
    assert_string_equal(d.job_id, "0b1e-job");
    assert_string_equal(d.result_url, "https://host/r");
    assert_int_equal(d.accepted_at.ms, 5000000);
    ledger_document_release(&d);
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
    assert_int_equal(attempt, 2);
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_false(d.has_job); /* the newest has none yet */
    assert_null(d.result_url);
    assert_int_equal(d.accepted_at.ms, 0);
    assert_int_equal(ledger_attempt_accepted(f->l, id, 3, "job"), ERR_NOT_FOUND);
    assert_int_equal(ledger_attempt_accepted(f->l, id + 1, 1, "job"), ERR_NOT_FOUND);
    char too_long[LEDGER_JOB_ID_MAX + 1];
    memset(too_long, 'j', LEDGER_JOB_ID_MAX);
    too_long[LEDGER_JOB_ID_MAX] = '\0';
    assert_int_equal(ledger_attempt_accepted(f->l, id, 2, too_long), ERR_LIMIT);
    assert_ok(f->l, ledger_commit(f->l)); /* refusals stick to nothing */
}

static void oldest_acceptance_first(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d[4];
    int64_t ids[3] = {fixture_put(f, "a", "a", NULL), fixture_put(f, "b", "b", NULL),
                      fixture_put(f, "c", "c", NULL)};
    const int64_t accepted[3] = {3000, 1000, 2000};
    for (int i = 0; i < 3; i++) {
        fixture_now_ms = accepted[i];
        fixture_accept(f, ids[i], "job");
    }
    assert_int_equal(ledger_documents_in(f->l, DOC_PROCESSING, NULL, NULL, d, 4), 3);
    assert_true(d[0].id == ids[1] && d[1].id == ids[2] && d[2].id == ids[0]);
    assert_int_equal(ledger_documents_in(f->l, DOC_PROCESSING, skip_one, &ids[1], d, 1), 1);
    assert_int_equal(d[0].id, ids[2]);
    for (int i = 0; i < 3; i++)
        fixture_step(f, ids[i], DOC_PROCESSING, i ? DOC_LOST : DOC_FAILED, EV_JOB_GONE, 1);
    assert_int_equal(ledger_documents_in(f->l, DOC_LOST, NULL, NULL, d, 4), 2);
    assert_true(d[0].id == ids[1] && d[1].id == ids[2]);
    assert_int_equal(ledger_documents_in(f->l, DOC_FAILED, NULL, NULL, d, 4), 1);
    assert_int_equal(ledger_documents_in(f->l, DOC_STORED, NULL, NULL, d, 4), 0);
    assert_int_equal(ledger_documents_in(f->l, DOC_QUEUED, NULL, NULL, d, 4), 0);
}

static void assert_waiting(struct fixture *f, int64_t settings, int64_t queued, int64_t in_doubt)
{
    int64_t q, d;
    assert_ok(f->l, ledger_waiting_elsewhere(f->l, settings, 2, &q, &d));
    assert_int_equal(q, queued);
    assert_int_equal(d, in_doubt);
}

static void end_in_doubt(struct fixture *f, int64_t id, enum attempt_outcome outcome)
{
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, outcome, 0, "doubt"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
}

/* It was to be sent again, and no file held its bytes: no run goes on with it before one does. */
static void without_its_file_it_waits_for_no_run(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), others = f->settings + 1;
    end_in_doubt(f, a, ATTEMPT_IN_DOUBT);
    assert_waiting(f, others, 0, 1);
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 1);
    fixture_step(f, a, DOC_QUEUED, DOC_IN_DOUBT, EV_SOURCE_GONE, 1);
    assert_waiting(f, others, 0, 0);
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 1); /* it is back */
    assert_waiting(f, others, 1, 0);
}

/* What only a person sends again waits for no run. */
static void waiting_for_runs_of_other_settings(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL);
    int64_t others = f->settings + 1;
    fixture_put(f, "c", "c", NULL);
    assert_waiting(f, f->settings, 0, 0);
    assert_waiting(f, others, 3, 0);
    end_in_doubt(f, a, ATTEMPT_IN_DOUBT);
    end_in_doubt(f, b, ATTEMPT_UNREADABLE);
    assert_waiting(f, others, 1, 1);
    assert_waiting(f, f->settings, 0, 0);
    for (int i = 1; i < 3; i++) {
        assert_waiting(f, others, 1, 1);
        assert_ok(f->l, ledger_attempt_resent(f->l, a, i));
        fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, i);
        assert_waiting(f, others, 2, 0);
        end_in_doubt(f, a, ATTEMPT_IN_DOUBT);
    }
    assert_waiting(f, others, 1, 0); /* so often, and no more */
}

static void assert_resends(struct fixture *f, int64_t id, int resends)
{
    struct ledger_document d;
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_int_equal(d.resends, resends);
    ledger_document_release(&d);
}

/* What a run that goes on counts from: since the newest retry, and nothing of another document's. */
static void resends_are_counted_from_the_last_retry(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a", "a", NULL), other = fixture_put(f, "b", "b", NULL);
    assert_resends(f, id, 0);
    for (int i = 1; i < 4; i++) {
        end_in_doubt(f, id, ATTEMPT_IN_DOUBT);
        assert_resends(f, id, i - 1); /* it isn't sent again yet */
        assert_ok(f->l, ledger_attempt_resent(f->l, id, i));
        fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, i);
        assert_resends(f, id, i);
    }
    end_in_doubt(f, id, ATTEMPT_IN_DOUBT);
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 4));
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RETRY, 4);
    assert_resends(f, id, 0);
    end_in_doubt(f, id, ATTEMPT_IN_DOUBT);
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 5));
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 5);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_resends(f, id, 1);
    end_in_doubt(f, id, ATTEMPT_IN_DOUBT);
    assert_waiting(f, f->settings + 1, 1, 1);
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 6));
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RETRY, 6);
    assert_resends(f, id, 0);
    assert_resends(f, other, 0);
}

static void assert_asked_for(struct fixture *f, int64_t id, bool asked_for)
{
    struct ledger_document d;
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_int_equal(d.resend_if_gone, asked_for);
    ledger_document_release(&d);
}

/* A run that goes on keeps a person's word, until the job has answered for itself. */
static void what_was_asked_for_stays_until_it_is_done(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a", "a", NULL), other = fixture_put(f, "b", "b", NULL);
    fixture_accept(f, other, "job-b");
    assert_asked_for(f, id, false);
    fixture_accept(f, id, "job-a");
    assert_asked_for(f, id, false);
    fixture_step(f, id, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, 1);
    assert_asked_for(f, id, false);
    fixture_step(f, id, DOC_LOST, DOC_PROCESSING, EV_RETRY, 1);
    assert_asked_for(f, id, true);
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, 1);
    assert_asked_for(f, id, true);
    fixture_step(f, id, DOC_READY, DOC_PROCESSING, EV_RESULT_GONE, 1);
    assert_asked_for(f, id, true);
    fixture_step(f, id, DOC_PROCESSING, DOC_QUEUED, EV_JOB_GONE, 1);
    assert_asked_for(f, id, false);
    fixture_accept(f, id, "job-c");
    assert_asked_for(f, id, false);
    fixture_step(f, id, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, 2);
    fixture_step(f, id, DOC_LOST, DOC_PROCESSING, EV_RETRY, 2);
    fixture_step(f, id, DOC_PROCESSING, DOC_PROCESSING, EV_RESTORED, 2);
    assert_asked_for(f, id, false);
    assert_asked_for(f, other, false);
}

static void assert_money(struct fixture *f, int64_t credits, int64_t at_risk, int64_t out)
{
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.credits.micro, credits_of(credits).micro);
    assert_int_equal(c.credits_at_risk.micro, credits_of(at_risk).micro);
    assert_int_equal(c.credits_out.micro, credits_of(out).micro);
}

static void credits_of_a_plain_document(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_money(f, 0, 0, 0);
    fixture_submit(f, id);
    assert_money(f, 0, 0, 0);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, 1, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, 1);
    assert_money(f, 0, 0, 1); /* unknown counts as 1 */
    assert_ok(f->l, ledger_set_pages(f->l, id, 4));
    assert_money(f, 0, 0, 4);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 5)); /* the result puts it right */
    assert_ok(f->l, ledger_attempt_end(f->l, id, 1, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_PROCESSING, DOC_STORED, EV_RESULT, 1);
    assert_money(f, 5, 0, 0);
    assert_ok(f->l, ledger_result_put(f->l, id, "second", 6, 9)); /* the first one wins */
    assert_money(f, 5, 0, 0);
}

static void credits_of_doubt(void **state)
{
    struct fixture *f = *state;
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_set_pages(f->l, id, 2));
    fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, 1, ATTEMPT_IN_DOUBT, 0, "timeout"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, 1);
    assert_money(f, 0, 2, 2);
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 1));
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 1)); /* once */
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 1);
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, 2, "job"));
    assert_money(f, 0, 2, 4);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 2));
    assert_ok(f->l, ledger_attempt_end(f->l, id, 2, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_QUEUED, DOC_STORED, EV_RESULT, 2);
    assert_money(f, 2, 2, 2); /* the first upload may still cost */
    assert_int_equal(fixture_counts(f).resent, 1);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, 1, "late")); /* it did */
    assert_money(f, 4, 0, 0);
}

/* The new attempt doesn't leave: neither it nor the first one counts as sent again. */
static void a_resend_that_is_not_sent(void **state)
{
    struct fixture *f = *state;
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = fixture_put(f, "a", "a", NULL);
    fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, 1, ATTEMPT_IN_DOUBT, 0, "timeout"));
    for (int i = 2; i < 5; i++) {
        assert_ok(f->l, ledger_attempt_resent(f->l, id, i - 1)); /* whatever wasn't sent between */
        assert_int_equal(fixture_counts(f).resent, 1);
        assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
        assert_int_equal(attempt, i);
        assert_ok(f->l, ledger_attempt_end(f->l, id, i, ATTEMPT_NOT_SENT, 0, "changed"));
        assert_ok(f->l, ledger_attempt_unresent(f->l, id, i));
        assert_ok(f->l, ledger_attempt_unresent(f->l, id, i)); /* once */
        assert_int_equal(fixture_counts(f).resent, 0);
    }
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 4));
    assert_ok(f->l, ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias));
    assert_ok(f->l, ledger_attempt_end(f->l, id, 5, ATTEMPT_IN_DOUBT, 0, "timeout"));
    assert_ok(f->l, ledger_attempt_unresent(f->l, id, 5)); /* it was sent */
    assert_int_equal(fixture_counts(f).resent, 1);
    assert_ok(f->l, ledger_attempt_resent(f->l, id, 5));
    assert_int_equal(fixture_counts(f).resent, 2);
}

static void credits_of_ends_that_cost(void **state)
{
    struct fixture *f = *state;
    int64_t failed = fixture_put(f, "failed", "f", NULL);
    fixture_accept(f, failed, "job");
    assert_ok(f->l, ledger_attempt_end(f->l, failed, 1, ATTEMPT_JOB_FAILED, 0, "bad"));
    fixture_step(f, failed, DOC_PROCESSING, DOC_FAILED, EV_JOB_FAILED, 1);
    assert_money(f, 0, 0, 0); /* free */
    int64_t lost = fixture_put(f, "lost", "l", NULL);
    fixture_accept(f, lost, "job");
    fixture_step(f, lost, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, 1);
    assert_money(f, 1, 0, 0);
    int64_t junk = fixture_put(f, "junk", "j", NULL);
    fixture_accept(f, junk, "job");
    assert_ok(f->l, ledger_bytes_keep(f->l, junk, "<html>", 6));
    fixture_step(f, junk, DOC_PROCESSING, DOC_FAILED, EV_RESULT_INVALID, 1);
    assert_money(f, 2, 0, 0);
    /* A webhook brings a result of an attempt in doubt, without a word about the attempt. */
    int64_t adopted = fixture_put(f, "adopted", "a", NULL);
    fixture_submit(f, adopted);
    assert_ok(f->l, ledger_attempt_end(f->l, adopted, 1, ATTEMPT_IN_DOUBT, 0, "reset"));
    fixture_step(f, adopted, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, 1);
    assert_ok(f->l, ledger_result_put(f->l, adopted, "{}", 2, 7));
    fixture_step(f, adopted, DOC_IN_DOUBT, DOC_STORED, EV_RESULT, 1);
    assert_money(f, 9, 0, 0);
}

static void a_202_after_its_webhook(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d;
    int64_t id = fixture_put(f, "a", "a", NULL);
    fixture_submit(f, id);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, 1));
    assert_ok(f->l, ledger_attempt_end(f->l, id, 1, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_STORED, EV_RESULT, 1);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, 1, "late"));
    assert_money(f, 1, 0, 0);
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_string_equal(d.job_id, "late");
    ledger_document_release(&d);
}

static void results_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    static const char bytes[] = "{\"a\":\"\0\xff\"}\n";
    struct buffer b;
    buffer_init(&b, 0);
    int64_t id = fixture_put(f, "a", "a", NULL), none = fixture_put(f, "b", "b", NULL);
    fixture_accept(f, id, "job");
    assert_ok(f->l, ledger_result_put(f->l, id, bytes, sizeof bytes, 1));
    fixture_step(f, id, DOC_PROCESSING, DOC_STORED, EV_RESULT, 1);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_ok(f->l, ledger_result_get(f->l, id, &b));
    assert_int_equal(b.len, sizeof bytes);
    assert_memory_equal(b.data, bytes, sizeof bytes);
    assert_int_equal(ledger_result_get(f->l, none, &b), ERR_NOT_FOUND);
    buffer_release(&b);
}

static void a_result_that_rotted(void **state)
{
    struct fixture *f = *state;
    struct buffer b;
    sqlite3 *db;
    buffer_init(&b, 0);
    int64_t id = fixture_put(f, "a", "a", NULL);
    fixture_store(f, id, "{\"total\":100}", 1);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE result SET bytes = '{\"total\":900}'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    fixture_open(f);
    assert_int_equal(ledger_result_get(f->l, id, &b), ERR_DAMAGED);
    assert_int_equal(b.len, 0);
    buffer_release(&b);
}

static void projections_of_each_file(void **state)
{
    struct fixture *f = *state;
    struct ledger_projection p[4];
    int64_t id = fixture_put(f, "a", "same", NULL);
    fixture_put(f, "b", "same", NULL);
    fixture_put(f, "c", "other", NULL);
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 0);
    fixture_store(f, id, "{}", 1);
    assert_int_equal(ledger_unprojected_of(f->l, id, 0, p, 1), 1);
    assert_string_equal(p[0].name, "a");
    int64_t first = p[0].file_id;
    free(p[0].name);
    assert_int_equal(ledger_unprojected_of(f->l, id, first, p, 4), 1);
    assert_string_equal(p[0].name, "b");
    free(p[0].name);
    assert_ok(f->l, ledger_projected(f->l, first, id + 1,
                                     "a")); /* of another document: nothing of this one */
    assert_int_equal(ledger_unprojected_of(f->l, id, 0, p, 4), 2);
    free(p[0].name);
    free(p[1].name);
    assert_ok(f->l, ledger_projected(f->l, first, id, "a"));
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 1);
    assert_ok(f->l, ledger_projected(f->l, p[0].file_id, p[0].document_id, p[0].name));
    free(p[0].name);
    fixture_put(f, "d", "same", NULL); /* found later: its result is there already */
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 1);
    assert_string_equal(p[0].name, "d");
    free(p[0].name);
}

struct story {
    int count;
    struct ledger_event events[16];
    char causes[16][32];
    int stop_after;
};

static int tell(void *ctx, const struct ledger_event *row)
{
    struct story *s = ctx;
    s->events[s->count] = *row;
    strcpy(s->causes[s->count++], row->cause);
    return s->count == s->stop_after;
}

static void history_in_order(void **state)
{
    struct fixture *f = *state;
    struct story s = {0}, cut = {.stop_after = 2};
    int64_t id = fixture_put(f, "a", "a", NULL), other = fixture_put(f, "b", "b", NULL);
    fixture_now_ms = 1;
    fixture_submit(f, id);
    fixture_submit(f, other);
    fixture_now_ms = 2;
    const struct ledger_step limited = {.document_id = id,
                                        .from = DOC_SUBMITTING,
                                        .to = DOC_QUEUED,
                                        .event = EV_LIMITED,
                                        .attempt = 1,
                                        .cause = "http_429"};
    assert_ok(f->l, ledger_step(f->l, &limited));
    fixture_now_ms = 3;
    fixture_store(f, id, "{}", 1);
    assert_ok(f->l, ledger_history(f->l, id, tell, &s));
    assert_int_equal(s.count, 6);
    assert_int_equal(s.events[0].event, EV_ADMIT);
    assert_int_equal(s.events[0].at.ms, 1);
    assert_string_equal(s.causes[0], "");
    assert_int_equal(s.events[1].from, DOC_SUBMITTING);
    assert_int_equal(s.events[1].to, DOC_QUEUED);
    assert_int_equal(s.events[1].at.ms, 2);
    assert_string_equal(s.causes[1], "http_429");
    assert_int_equal(s.events[2].attempt, 2);
    assert_int_equal(s.events[5].to, DOC_STORED);
    assert_ok(f->l, ledger_history(f->l, id, tell, &cut));
    assert_int_equal(cut.count, 2);
    assert_int_equal(ledger_history(f->l, 99, tell, &s), ERR_NOT_FOUND);
}

static void a_step_from_elsewhere_is_refused(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a", "a", NULL);
    const struct ledger_step s = {
        .document_id = id, .from = DOC_PROCESSING, .to = DOC_READY, .event = EV_JOB_READY};
    assert_int_equal(ledger_step(f->l, &s), ERR_DAMAGED);
    assert_int_equal(fixture_state(f, id), DOC_QUEUED);
    assert_ok(f->l, ledger_commit(f->l));
}

struct rows {
    char text[1024];
};

static int list_row(void *ctx, const struct ledger_listing *row)
{
    struct rows *r = ctx;
    size_t used = strlen(r->text);
    snprintf(r->text + used, sizeof r->text - used, "%s|%s|%d|%s|%s|%s|%d|%d\n", row->path,
             row->name, row->state, row->code, row->detail, row->job_id, row->pages,
             row->projected);
    return 0;
}

static void lists(void **state)
{
    struct fixture *f = *state;
    struct rows all = {""}, unstored = {""};
    struct ledger_projection p;
    int64_t b = fixture_put(f, "b", "b", NULL), c = fixture_put(f, "c", "c", NULL);
    fixture_put(f, "a", NULL, NULL);
    fixture_store(f, b, "{}", 6);
    assert_int_equal(ledger_unprojected(f->l, 0, &p, 1), 1);
    assert_ok(f->l, ledger_projected(f->l, p.file_id, p.document_id, p.name));
    free(p.name);
    fixture_accept(f, c, "job-c");
    const struct ledger_step s = {.document_id = c,
                                  .from = DOC_PROCESSING,
                                  .to = DOC_FAILED,
                                  .event = EV_JOB_FAILED,
                                  .attempt = 1,
                                  .code = "422-001",
                                  .detail = "broken"};
    assert_ok(f->l, ledger_step(f->l, &s));
    assert_ok(f->l, ledger_list(f->l, false, list_row, &all));
    assert_string_equal(all.text, "/data/a|a|7|unreadable|Permission denied||0|0\n"
                                  "/data/b|b|5|||job|6|1\n"
                                  "/data/c|c|6|422-001|broken|job-c|0|0\n");
    assert_ok(f->l, ledger_list(f->l, true, list_row, &unstored));
    assert_null(strstr(unstored.text, "/data/b"));
    assert_non_null(strstr(unstored.text, "/data/c"));
    fixture_step(f, c, DOC_FAILED, DOC_STORED, EV_RESULT, 1); /* after all: the words go */
    all.text[0] = '\0';
    assert_ok(f->l, ledger_list(f->l, false, list_row, &all));
    assert_null(strstr(all.text, "422-001"));
}

static int64_t end_failed(struct fixture *f, const char *name)
{
    int64_t id = fixture_put(f, name, name, NULL);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    return id;
}

static void dismissed_and_back(void **state)
{
    struct fixture *f = *state;
    struct rows unstored = {""};
    struct story story = {0};
    struct ledger_document d[2];
    int64_t a = end_failed(f, "a"), b = end_failed(f, "b"), c = fixture_put(f, "c", "c", NULL);
    end_in_doubt(f, c, ATTEMPT_IN_DOUBT);
    fixture_now_ms = 7000;
    const struct ledger_step by_hand = {.document_id = a,
                                        .from = DOC_FAILED,
                                        .to = DOC_FAILED,
                                        .event = EV_DISMISS,
                                        .attempt = 1,
                                        .cause = "keyed in"};
    assert_ok(f->l, ledger_step(f->l, &by_hand));
    fixture_step(f, c, DOC_IN_DOUBT, DOC_IN_DOUBT, EV_DISMISS, 1);
    struct ledger_counts n = fixture_counts(f);
    assert_int_equal(n.documents, 3);
    assert_int_equal(n.dismissed, 2);
    assert_int_equal(n.by_state[DOC_FAILED], 1);
    assert_int_equal(n.by_state[DOC_IN_DOUBT], 0);
    assert_int_equal(n.credits_at_risk.micro,
                     credits_of(1).micro); /* settled, and perhaps paid all the same */
    assert_ok(f->l, ledger_list(f->l, true, list_row, &unstored));
    assert_string_equal(unstored.text, "/data/b|b|6||||0|0\n");
    assert_int_equal(ledger_documents_in(f->l, DOC_IN_DOUBT, NULL, NULL, d, 2), 0);
    assert_waiting(f, f->settings + 1, 0, 0);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).dismissed, 2);
    assert_ok(f->l, ledger_document_get(f->l, a, &d[0]));
    assert_true(d[0].dismissed);
    ledger_document_release(&d[0]);
    assert_ok(f->l, ledger_history(f->l, a, tell, &story));
    assert_int_equal(story.events[story.count - 1].event, EV_DISMISS);
    assert_int_equal(story.events[story.count - 1].at.ms, 7000);
    assert_string_equal(story.causes[story.count - 1], "keyed in");
    /* a result comes after all; a job is asked for; a person asks again */
    fixture_step(f, c, DOC_IN_DOUBT, DOC_PROCESSING, EV_ACCEPTED, 1);
    n = fixture_counts(f);
    assert_int_equal(n.dismissed, 1);
    assert_int_equal(n.by_state[DOC_PROCESSING], 1);
    fixture_step(f, c, DOC_PROCESSING, DOC_FAILED, EV_JOB_FAILED, 1);
    assert_int_equal(fixture_counts(f).dismissed, 2);
    fixture_step(f, c, DOC_FAILED, DOC_STORED, EV_RESULT, 1);
    fixture_step(f, a, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    n = fixture_counts(f);
    assert_int_equal(n.dismissed, 0);
    assert_int_equal(n.by_state[DOC_STORED], 1);
    assert_int_equal(n.by_state[DOC_QUEUED], 1);
    assert_ok(f->l, ledger_document_get(f->l, b, &d[0]));
    assert_false(d[0].dismissed);
    ledger_document_release(&d[0]);
}

static void runs_count_what_they_did(void **state)
{
    struct fixture *f = *state;
    struct ledger_counts c;
    int64_t run;
    assert_ok(f->l, ledger_run_counts(f->l, &c));
    assert_int_equal(c.started_at.ms, 0);
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL);
    fixture_now_ms = 10;
    assert_ok(f->l, ledger_run_start(f->l, &run));
    assert_ok(f->l, ledger_run_add(f->l, 1, 2, 3));
    fixture_store(f, a, "{}", 5);
    fixture_now_ms = 20;
    assert_ok(f->l, ledger_run_end(f->l, 5));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    fixture_now_ms = 30;
    assert_ok(f->l, ledger_run_start(f->l, &run));
    assert_ok(f->l, ledger_run_add(f->l, 10, 20, 30));
    fixture_store(f, b, "{}", 7);
    fixture_put(f, "c", "c", NULL);
    assert_ok(f->l, ledger_run_counts(f->l, &c));
    assert_int_equal(c.credits.micro, credits_of(7).micro);
    assert_int_equal(c.files, 1);
    assert_int_equal(c.by_state[DOC_STORED], 1);
    assert_int_equal(c.by_state[DOC_QUEUED], 0); /* one came, one went */
    assert_true(c.post == 10 && c.get == 20 && c.http_429 == 30);
    assert_int_equal(c.started_at.ms, 30);
    assert_int_equal(c.finished_at.ms, 0);
    c = fixture_counts(f);
    assert_int_equal(c.credits.micro, credits_of(12).micro);
    assert_true(c.post == 11 && c.get == 22 && c.http_429 == 33);
    assert_int_equal(c.started_at.ms, 10);
    fixture_now_ms = 40;
    assert_ok(f->l, ledger_run_end(f->l, 0));
    fixture_put(f, "d", "d", NULL); /* by another command: not the run's */
    assert_ok(f->l, ledger_commit(f->l));
    struct ledger *reader;
    struct error e;
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    assert_ok(reader, ledger_run_counts(reader, &c));
    assert_int_equal(c.files, 1);
    assert_int_equal(c.finished_at.ms, 40);
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 4);
    assert_int_equal(c.finished_at.ms, 40);
    ledger_close(reader);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(queue_in_each_order),
        TEST(a_readers_order_is_its_own),
        TEST(the_order_is_over_all_that_is_queued),
        TEST(an_attempt_and_its_alias),
        TEST(oldest_acceptance_first),
        TEST(without_its_file_it_waits_for_no_run),
        TEST(waiting_for_runs_of_other_settings),
        TEST(resends_are_counted_from_the_last_retry),
        TEST(what_was_asked_for_stays_until_it_is_done),
        TEST(credits_of_a_plain_document),
        TEST(credits_of_doubt),
        TEST(a_resend_that_is_not_sent),
        TEST(credits_of_ends_that_cost),
        TEST(a_202_after_its_webhook),
        TEST(results_byte_for_byte),
        TEST(a_result_that_rotted),
        TEST(projections_of_each_file),
        TEST(history_in_order),
        TEST(a_step_from_elsewhere_is_refused),
        TEST(lists),
        TEST(dismissed_and_back),
        TEST(runs_count_what_they_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
