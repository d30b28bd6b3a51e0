/* GETs: results before polls, out of one budget. */
#include "batch/gets.h"

#include "batch/exit_code.h"
#include "fake_asking.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "fake_pace.h"
#include "fake_publish.h"
#include "fake_upload.h"
#include "part_fixture.h"

struct scene {
    struct part part;
    struct gets_neighbours with;
    struct gets *gets;
};

static void begin(struct scene *s)
{
    part_open(&s->part);
    struct run_context *c = &s->part.context;
    struct ending *ending = s->part.ending;
    s->with.ending = ending;
    s->with.journal = journal_new(c, ending);
    s->with.flights = flights_new(c, ending, s->with.journal);
    s->with.pace = pace_new(c, ending);
    s->with.publish = publish_new(c, ending, s->with.journal);
    s->with.upload = upload_new(c, NULL);
    s->with.poll = poll_new(c, NULL, NULL);
    s->with.fetch = fetch_new(c, NULL);
    s->with.check = endpoint_check_new(c, ending, s->with.pace);
    s->gets = gets_new(&s->with);
}

static void end(struct scene *s)
{
    gets_free(s->gets);
    endpoint_check_free(s->with.check);
    fetch_free(s->with.fetch);
    poll_free(s->with.poll);
    upload_free(s->with.upload);
    publish_free(s->with.publish);
    pace_free(s->with.pace);
    flights_free(s->with.flights);
    journal_free(s->with.journal);
    part_close(&s->part);
    record_take();
}

static void turn(struct scene *s)
{
    gets_turn(s->gets, part_now(&s->part));
}

/* In ms from now; -1: never. */
static int64_t next_ms(struct scene *s)
{
    struct mono at = gets_next(s->gets, part_now(&s->part));
    return at.ms == MONO_NEVER.ms ? -1 : mono_diff(at, part_now(&s->part));
}

/* --- the order --- */

static void results_go_before_polls(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.poll->waits = 2;
    s.with.fetch->waits = 2;
    turn(&s);
    assert_recorded("send_fetch\nsend_fetch\nsend_poll\nsend_poll\n");
    assert_int_equal(gets_out(s.gets), 4);
    turn(&s);
    assert_recorded("");
    end(&s);
}

static void no_more_than_sixty_four_are_out(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.poll->waits = 100;
    s.with.check->out = 1;
    s.with.fetch->out = 3;
    turn(&s);
    assert_int_equal(s.with.poll->out, 60);
    assert_int_equal(gets_out(s.gets), 64);
    assert_int_equal(next_ms(&s), -1); /* an answer comes first */
    end(&s);
}

/* Each one more at once costs a connection more. */
static void beside_uploads_there_are_fewer(void **state)
{
    static const int uploads[] = {0, 16, 40, 48, 64, 1000}, gets[] = {64, 48, 24, 16, 16, 16};
    (void)state;
    for (size_t i = 0; i < sizeof uploads / sizeof *uploads; i++) {
        struct scene s;
        begin(&s);
        s.with.upload->out = uploads[i];
        s.with.poll->waits = 100;
        turn(&s);
        assert_int_equal(gets_out(s.gets), gets[i]);
        assert_int_equal(next_ms(&s), -1);
        end(&s);
    }
}

static void as_many_as_the_limit_allows(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.fetch->waits = 3;
    s.with.pace->may_go[PACE_GET] = 2;
    s.with.pace->later[PACE_GET] = part_at(700);
    turn(&s);
    assert_recorded("send_fetch\nsend_fetch\n");
    assert_int_equal(next_ms(&s), 700);
    end(&s);
}

static void while_the_service_is_down_none_goes(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.fetch->waits = 1;
    s.with.pace->service_waits = true;
    s.with.pace->service_next = part_at(1500);
    turn(&s);
    assert_recorded("");
    assert_int_equal(next_ms(&s), 1500);
    s.with.pace->service_waits = false;
    turn(&s);
    assert_recorded("send_fetch\n");
    end(&s);
}

static void no_result_without_room_for_its_file(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.publish->full = true;
    s.with.fetch->waits = 1;
    turn(&s);
    assert_recorded("");
    assert_int_equal(next_ms(&s), -1);
    s.with.poll->waits = 1; /* a poll needs none */
    turn(&s);
    assert_recorded("send_poll\n");
    end(&s);
}

/* --- room for results --- */

static void a_poll_leaves_room_for_the_results(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.poll->waits = 1;
    s.with.poll->out = 3;
    s.with.check->out = 1;
    fake_flight(s.with.flights, 1, DOC_READY);
    fake_flight(s.with.flights, 2, DOC_READY);
    s.with.fetch->out = 1; /* one of the two is being fetched */
    s.with.pace->room[PACE_GET] = 4 + 1 + 1;
    turn(&s);
    assert_recorded("");
    assert_int_equal(next_ms(&s), 100);      /* room comes in the limiter's slots */
    s.with.pace->room[PACE_GET] = 4 + 1 + 2; /* itself and its result */
    assert_int_equal(next_ms(&s), 1);
    turn(&s);
    assert_recorded("send_poll\n");
    end(&s);
}

static void more_fetches_than_results_leave_none_waiting(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.poll->waits = 1;
    s.with.fetch->out = 2;
    s.with.pace->room[PACE_GET] = 2;
    turn(&s);
    assert_recorded("send_poll\n");
    end(&s);
}

static void a_result_takes_the_last_room(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.fetch->waits = 1;
    s.with.poll->out = 10;
    s.with.pace->room[PACE_GET] = 1;
    assert_int_equal(next_ms(&s), 1);
    turn(&s);
    assert_recorded("send_fetch\n");
    end(&s);
}

/* --- the endpoints --- */

static void the_check_goes_once_something_was_sent(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.check->due = true;
    s.with.fetch->waits = 1;
    turn(&s);
    assert_recorded("send_fetch\n");
    s.with.upload->begun = true;
    s.with.fetch->waits = 1;
    turn(&s);
    assert_recorded("send_check\nsend_fetch\n");
    turn(&s);
    assert_recorded("");
    assert_true(gets_busy(s.gets));
    ending_early(s.part.ending, EXIT_RESUMABLE, "enough");
    assert_false(gets_busy(s.gets));
    end(&s);
}

static void the_check_waits_for_better_times(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.check->due = true;
    s.with.upload->begun = true;
    s.with.pace->service_down = true; /* a probe may go: a result's or a poll's */
    turn(&s);
    s.with.pace->service_down = false;
    s.with.pace->may_go[PACE_GET] = 0;
    turn(&s);
    s.with.pace->may_go[PACE_GET] = 1;
    ending_early(s.part.ending, EXIT_RESUMABLE, "enough");
    turn(&s);
    assert_recorded("");
    assert_false(gets_busy(s.gets));
    end(&s);
}

/* --- a run that ends --- */

static void draining_results_are_fetched_and_nothing_is_polled(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.fetch->waits = 1;
    s.with.poll->waits = 1;
    ending_early(s.part.ending, EXIT_RESUMABLE, "enough");
    turn(&s);
    assert_recorded("send_fetch\n");
    assert_int_equal(next_ms(&s), -1);
    end(&s);
}

static void what_could_not_be_kept_isnt_asked_for(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.fetch->waits = 1;
    s.with.journal->down = true;
    turn(&s);
    assert_int_equal(next_ms(&s), -1);
    s.with.journal->down = false;
    ending_interrupt(s.part.ending, true);
    assert_recorded("cancel_uploads\n");
    turn(&s);
    assert_int_equal(next_ms(&s), -1);
    assert_recorded("");
    end(&s);
}

/* --- what is wanted --- */

static void two_for_each_job_and_some(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(gets_wanted(s.gets, true), 0); /* no jobs */
    fake_flight(s.with.flights, 1, DOC_PROCESSING);
    fake_flight(s.with.flights, 2, DOC_READY);
    assert_int_equal(gets_wanted(s.gets, true), 2 * 2 + 64);
    ending_early(s.part.ending, EXIT_RESUMABLE, "enough");
    assert_int_equal(gets_wanted(s.gets, true), 2 * 2 + 64);
    ending_interrupt(s.part.ending, true);
    ending_storage_failed(s.part.ending);
    assert_int_equal(gets_wanted(s.gets, true), 0);
    end(&s);
}

static void none_before_something_may_be_asked(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_flight(s.with.flights, 1, DOC_PROCESSING);
    assert_int_equal(gets_wanted(s.gets, false), 0);
    s.with.check->due = true;
    assert_int_equal(gets_wanted(s.gets, false), 0);
    s.with.upload->begun = true; /* the check may go */
    assert_int_equal(gets_wanted(s.gets, false), 66);
    s.with.check->due = false;
    int *reasons[] = {&s.with.poll->waits, &s.with.poll->out,  &s.with.fetch->waits,
                      &s.with.fetch->out,  &s.with.check->out, &s.with.upload->out};
    for (size_t i = 0; i < 6; i++) {
        *reasons[i] = 1;
        assert_int_equal(gets_wanted(s.gets, false), 66);
        *reasons[i] = 0;
        assert_int_equal(gets_wanted(s.gets, false), 0);
    }
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_go_before_polls),
        cmocka_unit_test(no_more_than_sixty_four_are_out),
        cmocka_unit_test(beside_uploads_there_are_fewer),
        cmocka_unit_test(as_many_as_the_limit_allows),
        cmocka_unit_test(while_the_service_is_down_none_goes),
        cmocka_unit_test(no_result_without_room_for_its_file),
        cmocka_unit_test(a_poll_leaves_room_for_the_results),
        cmocka_unit_test(more_fetches_than_results_leave_none_waiting),
        cmocka_unit_test(a_result_takes_the_last_room),
        cmocka_unit_test(the_check_goes_once_something_was_sent),
        cmocka_unit_test(the_check_waits_for_better_times),
        cmocka_unit_test(draining_results_are_fetched_and_nothing_is_polled),
        cmocka_unit_test(what_could_not_be_kept_isnt_asked_for),
        cmocka_unit_test(two_for_each_job_and_some),
        cmocka_unit_test(none_before_something_may_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
