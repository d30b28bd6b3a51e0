/* The first documents of a run: what failed goes back if it was the run's fault. */
#include "batch/suspects.h"

#include "batch/exit_code.h"
#include "fake_flights.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    struct part part;
    struct flights *flights;
    struct suspects *suspects;
};

static struct scene *scene_of(int first)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->flights = flights_new(&s->part.context, s->part.ending, NULL);
    s->suspects = suspects_new(s->part.ending, s->flights, first);
    return s;
}

static void scene_free(struct scene *s)
{
    suspects_free(s->suspects);
    flights_free(s->flights);
    part_close(&s->part);
    free(s);
}

static void refuse(struct scene *s, int64_t id, int status, const char *pointer)
{
    const struct mindee_problem problem = {.status = status, .code = "422-1", .pointer = pointer};
    struct mindee_response r = fake_response(status);
    r.problem = &problem;
    r.text = "422 Unprocessable: no such option";
    suspects_refused(s->suspects, fake_flight(s->flights, id, DOC_FAILED), &r);
}

static void fail_job(struct scene *s, int64_t id, const char *code, bool fault)
{
    const struct mindee_problem problem = {.status = 400, .code = code, .detail = "no such model"};
    const struct mindee_job job = {.status = MINDEE_JOB_FAILED, .error = &problem};
    struct mindee_response r = fake_response(200);
    r.job = &job;
    suspects_job_failed(s->suspects, fake_flight(s->flights, id, DOC_FAILED), fault, &r);
}

static void turn(struct scene *s)
{
    suspects_turn(s->suspects, part_now(&s->part));
}

static bool has_ended(const struct scene *s)
{
    return ending_has_begun(s->part.ending);
}

static void a_few_may_be_out_until_one_is_accepted(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    assert_int_equal(suspects_room(s->suspects, 0), 4);
    assert_int_equal(suspects_room(s->suspects, 3), 1);
    assert_int_equal(suspects_room(s->suspects, 4), 0);
    assert_int_equal(suspects_room(s->suspects, 7), 0);
    suspects_accepted(s->suspects);
    assert_true(suspects_room(s->suspects, 7) == SIZE_MAX);
    scene_free(s);
}

static void without_a_canary_nothing_is_watched(void **state)
{
    struct scene *s = scene_of(0);
    (void)state;
    assert_true(suspects_room(s->suspects, 1000) == SIZE_MAX);
    for (int id = 1; id <= 5; id++)
        refuse(s, id, 422, "#/rag");
    for (int id = 6; id <= 30; id++)
        fail_job(s, id, "400-1", false);
    assert_false(has_ended(s));
    turn(s);
    assert_recorded("");
    scene_free(s);
}

static void three_equal_refusals_end_the_run(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    refuse(s, 2, 422, "#/rag");
    assert_true(suspects_any(s->suspects));
    turn(s); /* the run goes on: they are left alone */
    assert_recorded("");
    assert_false(has_ended(s));
    refuse(s, 3, 422, "#/rag");
    assert_int_equal(ending_exit_code(s->part.ending), EXIT_REFUSED);
    assert_string_equal(
        ending_reason(s->part.ending),
        "Mindee refuses the first documents all alike (422 Unprocessable: no such option): check "
        "api.model_id, api.product and the [request] options; nothing was paid, and the documents "
        "are queued again");
    turn(s);
    assert_recorded("event doc=1 run_stopped canary - -\n"
                    "event doc=2 run_stopped canary - -\n"
                    "event doc=3 run_stopped canary - -\n");
    assert_int_equal(s->flights->news.retry_after_ms, -1);
    assert_false(suspects_any(s->suspects));
    turn(s); /* once */
    assert_recorded("");
    scene_free(s);
}

static void three_unreadable_answers_end_the_run(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    suspects_unreadable(s->suspects);
    assert_int_equal(suspects_room(s->suspects, 1), 2);
    suspects_unreadable(s->suspects);
    suspects_accepted(s->suspects); /* one that can be read: the count begins anew */
    suspects_unreadable(s->suspects);
    suspects_unreadable(s->suspects);
    assert_false(has_ended(s));
    suspects_unreadable(s->suspects);
    assert_int_equal(ending_exit_code(s->part.ending), EXIT_REFUSED);
    assert_string_equal(
        ending_reason(s->part.ending),
        "uploads are accepted, and the answers can't be read (3 in a row): something between this "
        "machine and Mindee changes them, perhaps a proxy or a firewall; find out what it is, then "
        "run the same command again; those documents may be paid for, and only `mindee-batch retry "
        "--in-doubt` sends them again");
    turn(s); /* nothing goes back into the queue */
    assert_recorded("");
    scene_free(s);
}

static void refusals_that_differ_go_on(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    refuse(s, 2, 422, "#/polygon");
    refuse(s, 3, 400, "#/polygon");
    refuse(s, 4, 422, "#/polygon");
    assert_false(has_ended(s));
    scene_free(s);
}

/* A response without Mindee's own words counts by its status. */
static void refusals_without_a_problem(void **state)
{
    struct scene *s = scene_of(4);
    struct mindee_response r = fake_response(422);
    (void)state;
    r.text = "422 Unprocessable";
    for (int id = 1; id <= 3; id++)
        suspects_refused(s->suspects, fake_flight(s->flights, id, DOC_FAILED), &r);
    assert_true(has_ended(s));
    scene_free(s);
}

/* What is about the file says nothing of the run, yet such a document is a suspect too. */
static void a_refusal_of_the_file_stops_nothing(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    for (int id = 1; id <= 5; id++)
        refuse(s, id, 422, "#/file");
    assert_false(has_ended(s));
    assert_true(suspects_any(s->suspects));
    scene_free(s);
}

static void the_first_acceptance_acquits(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    refuse(s, 2, 422, "#/rag");
    suspects_accepted(s->suspects);
    assert_false(suspects_any(s->suspects));
    refuse(s, 3, 422, "#/rag"); /* its own fault from now on */
    assert_false(suspects_any(s->suspects));
    assert_false(has_ended(s));
    scene_free(s);
}

/* A second acceptance takes nobody off who failed as a job since. */
static void a_later_acceptance_leaves_failed_jobs_suspect(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    suspects_accepted(s->suspects);
    fail_job(s, 1, "400-1", false);
    suspects_accepted(s->suspects);
    assert_true(suspects_any(s->suspects));
    scene_free(s);
}

static void twenty_jobs_that_fail_alike_end_the_run(void **state)
{
    struct scene *s = scene_of(4);
    char expected[20 * 64] = "";
    (void)state;
    suspects_accepted(s->suspects);
    for (int id = 1; id <= 19; id++)
        fail_job(s, id, "400-1", false);
    assert_false(has_ended(s));
    fail_job(s, 20, "400-1", false);
    assert_int_equal(ending_exit_code(s->part.ending), EXIT_REFUSED);
    assert_string_equal(
        ending_reason(s->part.ending),
        "Mindee couldn't read the first 20 documents, each for the same reason (no such model): "
        "check api.model_id and the documents; nothing was charged for them, and they wait to be "
        "sent again");
    for (int id = 1; id <= 20; id++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected),
                 "event doc=%d run_stopped canary - -\n", id);
    turn(s);
    assert_recorded(expected);
    scene_free(s);
}

/* Without a detail the sentence is the answer's own. */
static void a_failed_job_without_words(void **state)
{
    struct scene *s = scene_of(4);
    struct mindee_response r = fake_response(200);
    (void)state;
    r.text = "the job failed";
    for (int id = 1; id <= 20; id++)
        suspects_job_failed(s->suspects, fake_flight(s->flights, id, DOC_FAILED), false, &r);
    assert_non_null(strstr(ending_reason(s->part.ending), "(the job failed)"));
    scene_free(s);
}

static void a_job_that_went_well_acquits(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    for (int id = 1; id <= 19; id++)
        fail_job(s, id, "400-1", false);
    suspects_job_done(s->suspects);
    assert_false(suspects_any(s->suspects));
    fail_job(s, 20, "400-1", false);
    assert_false(suspects_any(s->suspects));
    assert_false(has_ended(s));
    scene_free(s);
}

/* Jobs of an earlier run go well, and no upload of this one yet. */
static void later_jobs_leave_refusals_suspect(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    suspects_job_done(s->suspects);
    refuse(s, 1, 422, "#/rag");
    suspects_job_done(s->suspects);
    assert_true(suspects_any(s->suspects));
    scene_free(s);
}

static void a_fault_of_the_services_makes_no_suspect(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    for (int id = 1; id <= 25; id++)
        fail_job(s, id, "500-1", true);
    assert_false(suspects_any(s->suspects));
    assert_false(has_ended(s));
    scene_free(s);
}

static void what_ended_for_another_reason_keeps_them_failed(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    ending_early(s->part.ending, EXIT_RESUMABLE, "interrupted");
    turn(s);
    assert_recorded("");
    assert_true(suspects_any(s->suspects));
    scene_free(s);
}

/* A key that is refused ends the run too: what failed before may be the key's fault. */
static void any_refusal_of_the_run_takes_them_back(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    ending_early(s->part.ending, EXIT_REFUSED, "Mindee refuses");
    turn(s);
    assert_recorded("event doc=1 run_stopped canary - -\n");
    scene_free(s);
}

/* A webhook brought its result meanwhile. */
static void who_has_a_result_stays(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    s->flights->to[EV_RESULT] = DOC_STORED;
    for (int id = 1; id <= 3; id++)
        refuse(s, id, 422, "#/rag");
    flight_event(flight_find(s->flights, 2), EV_RESULT, NULL);
    turn(s);
    assert_recorded("event doc=2 result\n"
                    "event doc=1 run_stopped canary - -\n"
                    "event doc=3 run_stopped canary - -\n");
    scene_free(s);
}

static void who_left_memory_is_taken_from_the_ledger(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    int64_t id = fixture_put(s->part.ledger, "a", "a", NULL);
    refuse(s, id, 422, "#/rag");
    int attempt = fixture_submit(s->part.ledger, id);
    fixture_step(s->part.ledger, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    flight_retire(flight_find(s->flights, id));
    ending_early(s->part.ending, EXIT_REFUSED, "Mindee refuses");
    turn(s);
    assert_recorded("event doc=1 run_stopped canary - -\n");
    scene_free(s);
}

/* The ledger can't be read: the run ends as it has to, and nothing is forgotten half-way. */
static void a_ledger_that_cannot_be_read(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    flight_retire(flight_find(s->flights, 1));
    ending_early(s->part.ending, EXIT_REFUSED, "Mindee refuses");
    s->flights->unreadable = true;
    turn(s);
    assert_true(ending_storage_lost(s->part.ending));
    assert_true(suspects_any(s->suspects));
    assert_recorded("cancel_uploads\n");
    scene_free(s);
}

/* More than the first block of them. */
static void many_suspects(void **state)
{
    struct scene *s = scene_of(1000);
    (void)state;
    for (int id = 1; id <= 100; id++)
        refuse(s, id, 413, "");
    assert_false(has_ended(s));
    ending_early(s->part.ending, EXIT_REFUSED, "Mindee refuses");
    record_take();
    turn(s);
    assert_int_equal(s->flights->news_count, 100);
    scene_free(s);
}

static void acquitted_by_hand(void **state)
{
    struct scene *s = scene_of(4);
    (void)state;
    refuse(s, 1, 422, "#/rag");
    suspects_acquit(s->suspects);
    ending_early(s->part.ending, EXIT_REFUSED, "Mindee refuses");
    turn(s);
    assert_recorded("");
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_may_be_out_until_one_is_accepted),
        cmocka_unit_test(without_a_canary_nothing_is_watched),
        cmocka_unit_test(three_equal_refusals_end_the_run),
        cmocka_unit_test(three_unreadable_answers_end_the_run),
        cmocka_unit_test(refusals_that_differ_go_on),
        cmocka_unit_test(refusals_without_a_problem),
        cmocka_unit_test(a_refusal_of_the_file_stops_nothing),
        cmocka_unit_test(the_first_acceptance_acquits),
        cmocka_unit_test(a_later_acceptance_leaves_failed_jobs_suspect),
        cmocka_unit_test(twenty_jobs_that_fail_alike_end_the_run),
        cmocka_unit_test(a_failed_job_without_words),
        cmocka_unit_test(a_job_that_went_well_acquits),
        cmocka_unit_test(later_jobs_leave_refusals_suspect),
        cmocka_unit_test(a_fault_of_the_services_makes_no_suspect),
        cmocka_unit_test(what_ended_for_another_reason_keeps_them_failed),
        cmocka_unit_test(any_refusal_of_the_run_takes_them_back),
        cmocka_unit_test(who_has_a_result_stays),
        cmocka_unit_test(who_left_memory_is_taken_from_the_ledger),
        cmocka_unit_test(a_ledger_that_cannot_be_read),
        cmocka_unit_test(many_suspects),
        cmocka_unit_test(acquitted_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
