/* What a request came to, as it is counted for whoever measures. */
#include "batch/meter.h"

#include "test.h"

#include <string.h>

static struct batch_meter meter;

static enum meter_outcome counted(enum meter_request kind, struct mindee_response r, bool usable)
{
    memset(&meter, 0, sizeof meter);
    meter_answer(&meter, kind, &r, 70, usable);
    assert_int_equal(histogram_total(&meter.request_times[kind]), 1);
    for (int o = 0; o < METER_OUTCOMES; o++)
        if (meter.requests[kind][o])
            return (enum meter_outcome)o;
    fail_msg("nothing was counted");
    return METER_OUTCOMES;
}

static struct mindee_response answered(int status)
{
    return (struct mindee_response){.delivery = MINDEE_ANSWERED, .status = status, .on_wire = true};
}

static void answers_count_by_their_status(void **state)
{
    (void)state;
    assert_int_equal(counted(METER_SUBMIT, answered(202), true), METER_2XX);
    assert_int_equal(counted(METER_SUBMIT, answered(422), true), METER_4XX);
    assert_int_equal(counted(METER_SUBMIT, answered(429), true), METER_429);
    assert_int_equal(counted(METER_POLL, answered(503), true), METER_5XX);
    assert_int_equal(counted(METER_POLL, answered(302), true), METER_2XX); /* where the result is */
    assert_int_equal(counted(METER_FETCH, answered(200), true), METER_2XX);
    assert_int_equal(counted(METER_FETCH, answered(200), false), METER_BROKEN); /* not stored */
}

static void what_got_no_answer_counts_by_what_is_known(void **state)
{
    struct mindee_response r = {.delivery = MINDEE_NOT_SENT, .fault = MINDEE_CONNECT};
    (void)state;
    assert_int_equal(counted(METER_SUBMIT, r, true), METER_NOT_SENT);
    r = (struct mindee_response){
        .delivery = MINDEE_NOT_SENT, .fault = MINDEE_BROKEN, .on_wire = true};
    assert_int_equal(counted(METER_SUBMIT, r, true), METER_NOT_SENT);
    r.delivery = MINDEE_IN_DOUBT;
    assert_int_equal(counted(METER_SUBMIT, r, true), METER_IN_DOUBT);
    assert_int_equal(counted(METER_POLL, r, true), METER_BROKEN);
}

static void bytes_of_uploads_alone_count(void **state)
{
    struct mindee_response r = answered(202);
    (void)state;
    r.body_sent_bytes = 1234;
    (void)counted(METER_SUBMIT, r, true);
    assert_int_equal(meter.upload_bytes, 1234);
    (void)counted(METER_FETCH, r, true);
    assert_int_equal(meter.upload_bytes, 0);
}

static void a_clock_that_is_behind_makes_no_negative_time(void **state)
{
    (void)state;
    memset(&meter, 0, sizeof meter);
    meter_job(&meter, (struct wall){1000}, (struct wall){4000}, (struct wall){3500});
    assert_int_equal(meter.job_times.sum_us, 3000000);
    assert_int_equal(meter.delays.sum_us, 0);
    assert_int_equal(histogram_total(&meter.delays), 1);
}

static void a_rejected_file_is_a_step(void **state)
{
    (void)state;
    memset(&meter, 0, sizeof meter);
    meter_file(&meter, PUT_REJECTED);
    meter_file(&meter, PUT_DUPLICATE);
    meter_step(&meter, EV_ADMIT);
    assert_int_equal(meter.steps[EV_REJECT], 1);
    assert_int_equal(meter.steps[EV_ADMIT], 1);
    assert_int_equal(meter.files[PUT_DUPLICATE], 1);
}

static void nobody_needs_to_measure(void **state)
{
    const struct mindee_response r = answered(200);
    const struct webhook_receiver_counts c = {0};
    (void)state;
    meter_step(NULL, EV_ADMIT);
    meter_answer(NULL, METER_POLL, &r, 1, true);
    meter_job(NULL, (struct wall){0}, (struct wall){0}, (struct wall){0});
    meter_commit(NULL, 1, true);
    meter_file(NULL, PUT_QUEUED);
    meter_orphan(NULL);
    meter_webhooks(NULL, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_count_by_their_status),
        cmocka_unit_test(what_got_no_answer_counts_by_what_is_known),
        cmocka_unit_test(bytes_of_uploads_alone_count),
        cmocka_unit_test(a_clock_that_is_behind_makes_no_negative_time),
        cmocka_unit_test(a_rejected_file_is_a_step),
        cmocka_unit_test(nobody_needs_to_measure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
