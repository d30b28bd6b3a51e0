/* What an earlier run left on its way is taken up again: which documents, in which order, with which
 * event, and how many at a time. The ledger is real; flights and notes are fakes, and so is the one
 * number of pace.h that is asked for. */
#include "batch/recover.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "ledger/document_ledger.h"
#include "ledger_damage.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>

struct pace {
    size_t capacity;
};

size_t pace_job_capacity(struct pace *p, struct mono now)
{
    (void)now;
    return p->capacity;
}

struct recovery {
    struct part part; /* first */
    struct journal *journal;
    struct flights *flights;
    struct pace pace;
    struct recover *recover;
};

static int setup(void **state)
{
    struct recovery *t = calloc(1, sizeof *t);
    part_open(&t->part);
    t->journal = journal_new(&t->part.context, t->part.ending);
    t->flights = flights_new(&t->part.context, t->part.ending, t->journal);
    t->pace.capacity = 1000;
    t->recover = recover_new(&t->part.context, t->part.ending, t->journal, t->flights, &t->pace);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct recovery *t = *state;
    recover_free(t->recover);
    flights_free(t->flights);
    journal_free(t->journal);
    part_close(&t->part);
    free(t);
    return 0;
}

/* --- what an earlier run left --- */

static int64_t queued(struct recovery *t)
{
    static int number;
    char name[32];
    snprintf(name, sizeof name, "%d.pdf", ++number);
    return fixture_put(t->part.ledger, name, name, NULL);
}

static int64_t submitting(struct recovery *t)
{
    int64_t id = queued(t);
    fixture_submit(t->part.ledger, id);
    return id;
}

static int64_t in_doubt(struct recovery *t)
{
    struct fixture *f = t->part.ledger;
    int64_t id = submitting(t);
    assert_ok(f->l, ledger_attempt_end(f->l, id, 1, ATTEMPT_IN_DOUBT, 0, "timeout"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, 1);
    return id;
}

static int64_t processing(struct recovery *t)
{
    int64_t id = queued(t);
    fixture_accept(t->part.ledger, id, "job");
    return id;
}

static int64_t ready(struct recovery *t, const char *url)
{
    struct fixture *f = t->part.ledger;
    int64_t id = processing(t);
    if (url)
        assert_ok(f->l, ledger_attempt_result_url(f->l, id, 1, url));
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, 1);
    return id;
}

static void start(struct recovery *t)
{
    recover_start(t->recover);
}

static void turn(struct recovery *t)
{
    recover_turn(t->recover, part_now(&t->part));
}

#define assert_goes_on(t) assert_int_equal(recover_next((t)->recover, part_at(0)).ms, part_at(1).ms)
#define assert_waits(t)   assert_int_equal(recover_next((t)->recover, part_at(0)).ms, MONO_NEVER.ms)

/* --- which --- */

static void an_empty_ledger_needs_nothing(void **state)
{
    struct recovery *t = *state;
    queued(t);
    start(t);
    assert_recorded("");
    assert_false(recover_busy(t->recover));
    assert_waits(t);
}

static void nothing_happens_before_the_start(void **state)
{
    struct recovery *t = *state;
    submitting(t);
    processing(t);
    assert_false(recover_busy(t->recover));
    assert_waits(t);
    turn(t);
    assert_recorded("");
}

/* An upload whose answer nobody recorded. */
static void an_upload_on_its_way_is_in_doubt(void **state)
{
    struct recovery *t = *state;
    int64_t id = submitting(t);
    start(t);
    assert_recorded("attempt_end doc=1 attempt=1 in_doubt 0 restart\n"
                    "event doc=1 restart restart - -\n");
    assert_int_equal(t->flights->news.retry_after_ms, -1);
    assert_true(flight_find(t->flights, id)->taken_up);
}

/* A webhook told before the run ended: then there is nothing to doubt. */
static void an_upload_whose_job_failed_is_known(void **state)
{
    struct recovery *t = *state;
    int64_t id = submitting(t);
    assert_ok(t->part.ledger->l,
              ledger_attempt_end(t->part.ledger->l, id, 1, ATTEMPT_JOB_FAILED, 500, "webhook"));
    start(t);
    assert_true(t->flights->news.known);
    submitting(t);
    start(t);
    assert_false(t->flights->news.known);
}

/* All at once: whichever of them is sent again, its doubt has to be known before. */
static void every_upload_is_in_doubt_from_the_start(void **state)
{
    struct recovery *t = *state;
    for (int i = 0; i < 150; i++)
        submitting(t);
    start(t);
    assert_int_equal(t->flights->news_count, 150);
}

static void a_job_is_asked_for(void **state)
{
    struct recovery *t = *state;
    int64_t id = processing(t);
    start(t);
    assert_recorded("event doc=1 restart restart - -\n");
    const struct flight *f = flight_find(t->flights, id);
    assert_true(f->taken_up);
    assert_string_equal(f->job_id, "job");
    turn(t);
    assert_recorded(""); /* once */
    assert_false(recover_busy(t->recover));
}

static void the_soonest_to_expire_comes_first(void **state)
{
    struct recovery *t = *state;
    int64_t first = queued(t), second = queued(t);
    fixture_accept(t->part.ledger, second, "job-2");
    fixture_now_ms += 5;
    fixture_accept(t->part.ledger, first, "job-1");
    fixture_now_ms += 5;
    processing(t);
    start(t);
    assert_recorded("event doc=2 restart restart - -\n"
                    "event doc=1 restart restart - -\n"
                    "event doc=3 restart restart - -\n");
}

static void a_result_comes_before_jobs(void **state)
{
    struct recovery *t = *state;
    processing(t);
    fixture_now_ms += 5;
    int64_t id = ready(t, "https://host/result");
    start(t);
    assert_recorded("event doc=2 restart restart - -\n"
                    "event doc=1 restart restart - -\n");
    assert_string_equal(flight_find(t->flights, id)->result_url, "https://host/result");
}

static void a_result_without_its_url_is_asked_for_by_its_job(void **state)
{
    struct recovery *t = *state;
    ready(t, NULL);
    start(t);
    assert_recorded("event doc=1 result_gone restart - -\n");
}

/* --- doubts of an earlier policy --- */

static void doubts_wait_for_a_webhook_first(void **state)
{
    struct recovery *t = *state;
    in_doubt(t);
    start(t);
    assert_recorded("event doc=1 restart restart - -\n");
}

static void without_webhooks_doubts_are_sent_again_at_once(void **state)
{
    struct recovery *t = *state;
    t->part.options.retry.in_doubt_wait_ms = 0;
    in_doubt(t);
    start(t);
    assert_recorded("event doc=1 resend restart - -\n");
}

static void held_doubts_stay(void **state)
{
    struct recovery *t = *state;
    t->part.options.retry.resend_in_doubt = false;
    in_doubt(t);
    submitting(t); /* this one must be settled all the same */
    start(t);
    assert_recorded("attempt_end doc=2 attempt=1 in_doubt 0 restart\n"
                    "event doc=2 restart restart - -\n");
    assert_false(recover_busy(t->recover));
}

/* --- as there is room --- */

static void sixty_four_jobs_a_turn(void **state)
{
    struct recovery *t = *state;
    for (int i = 0; i < 100; i++)
        processing(t);
    start(t);
    assert_int_equal(t->flights->news_count, 64);
    assert_true(recover_busy(t->recover));
    assert_goes_on(t);
    turn(t);
    assert_int_equal(t->flights->news_count, 100);
    turn(t); /* finds that there are no more */
    assert_int_equal(t->flights->news_count, 100);
    assert_false(recover_busy(t->recover));
    assert_waits(t);
}

/* Results and jobs share it. */
static void no_more_jobs_than_the_gets_cover(void **state)
{
    struct recovery *t = *state;
    t->pace.capacity = 3;
    for (int i = 0; i < 2; i++)
        ready(t, "https://host/result");
    for (int i = 0; i < 4; i++)
        processing(t);
    start(t);
    assert_recorded("event doc=1 restart restart - -\n"
                    "event doc=2 restart restart - -\n"
                    "event doc=3 restart restart - -\n");
    assert_true(recover_busy(t->recover));
    assert_waits(t);
    turn(t);
    assert_recorded("");
    flight_park(flight_find(t->flights, 3)); /* one that isn't asked for any more */
    assert_goes_on(t);
    turn(t);
    assert_recorded("event doc=4 restart restart - -\n");
    t->pace.capacity = 2; /* below what is out */
    assert_waits(t);
    t->pace.capacity = 1000;
    turn(t);
    assert_recorded("event doc=5 restart restart - -\n"
                    "event doc=6 restart restart - -\n");
}

static void jobs_that_find_no_room_are_not_forgotten(void **state)
{
    struct recovery *t = *state;
    t->pace.capacity = 0;
    processing(t);
    start(t);
    assert_recorded("");
    assert_true(recover_busy(t->recover));
    t->pace.capacity = 1;
    turn(t);
    assert_recorded("event doc=1 restart restart - -\n");
}

static void doubts_wait_while_many_are_queued(void **state)
{
    struct recovery *t = *state;
    enum { MOST = 256 };
    for (int i = 0; i < MOST; i++)
        fake_flight(t->flights, 10000 + i, DOC_QUEUED);
    in_doubt(t);
    start(t);
    assert_recorded("");
    assert_true(recover_busy(t->recover));
    turn(t);
    assert_waits(t);
    flight_retire(flight_find(t->flights, 10000));
    assert_goes_on(t);
    turn(t);
    assert_recorded("event doc=1 restart restart - -\n");
}

static void sixty_four_doubts_a_turn(void **state)
{
    struct recovery *t = *state;
    for (int i = 0; i < 70; i++)
        in_doubt(t);
    start(t);
    assert_int_equal(t->flights->news_count, 64);
    assert_goes_on(t);
    turn(t);
    assert_int_equal(t->flights->news_count, 70);
    turn(t);
    assert_false(recover_busy(t->recover));
}

static void what_is_in_memory_is_left_alone(void **state)
{
    struct recovery *t = *state;
    int64_t doubt = in_doubt(t), job = processing(t);
    fake_flight(t->flights, doubt, DOC_IN_DOUBT);
    fake_flight(t->flights, job, DOC_PROCESSING);
    start(t);
    assert_recorded("");
}

/* --- the end --- */

static void nothing_is_taken_up_once_the_run_ends(void **state)
{
    struct recovery *t = *state;
    t->pace.capacity = 0;
    processing(t);
    start(t);
    ending_interrupt(t->part.ending, false);
    t->pace.capacity = 1000;
    turn(t);
    assert_recorded("");
    assert_false(recover_busy(t->recover));
    assert_waits(t);
}

static void a_ledger_that_cannot_be_read(void **state)
{
    struct recovery *t = *state;
    submitting(t);
    ledger_damage(t->part.ledger, "DROP TABLE flight");
    start(t);
    assert_recorded("cancel_uploads\n"); /* the storage is lost */
    assert_true(ending_storage_lost(t->part.ending));
    assert_false(recover_busy(t->recover));
}

static void a_run_that_only_receives_takes_up_uploads_alone(void **state)
{
    struct recovery *t = *state;
    int64_t id = submitting(t), job = processing(t), doubt = in_doubt(t);
    t->part.options.mode = RUN_RECEIVES;
    t->part.options.retry.resend_in_doubt = true;
    start(t);
    assert_non_null(flight_find(t->flights, id)); /* or a webhook for it would find it on its way */
    assert_null(flight_find(t->flights, job));
    assert_null(flight_find(t->flights, doubt));
    assert_false(recover_busy(t->recover));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_ledger_needs_nothing),
        TEST(nothing_happens_before_the_start),
        TEST(an_upload_on_its_way_is_in_doubt),
        TEST(an_upload_whose_job_failed_is_known),
        TEST(every_upload_is_in_doubt_from_the_start),
        TEST(a_job_is_asked_for),
        TEST(the_soonest_to_expire_comes_first),
        TEST(a_result_comes_before_jobs),
        TEST(a_result_without_its_url_is_asked_for_by_its_job),
        TEST(doubts_wait_for_a_webhook_first),
        TEST(without_webhooks_doubts_are_sent_again_at_once),
        TEST(held_doubts_stay),
        TEST(sixty_four_jobs_a_turn),
        TEST(no_more_jobs_than_the_gets_cover),
        TEST(jobs_that_find_no_room_are_not_forgotten),
        TEST(doubts_wait_while_many_are_queued),
        TEST(sixty_four_doubts_a_turn),
        TEST(what_is_in_memory_is_left_alone),
        TEST(nothing_is_taken_up_once_the_run_ends),
        TEST(a_ledger_that_cannot_be_read),
        TEST(a_run_that_only_receives_takes_up_uploads_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
