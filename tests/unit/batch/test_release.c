/* What waited, for the commit or for its time: what becomes of each document, and in which order. */
#include "batch/release.h"

#include "fake_asking.h"
#include "fake_find.h"
#include "fake_flights.h"
#include "fake_move.h"
#include "fake_notes.h"
#include "fake_pace.h"
#include "fake_publish.h"
#include "fake_receive.h"
#include "fake_send_queue.h"
#include "fake_turns.h"
#include "fake_upload.h"
#include "part_fixture.h"

#include <stdlib.h>

struct scene {
    struct part part;
    struct release_neighbours with;
    struct release *release;
};

static void begin(struct scene *s)
{
    part_open(&s->part);
    struct run_context *c = &s->part.context;
    struct release_neighbours *w = &s->with;
    *w = (struct release_neighbours){.flights = flights_new(c, s->part.ending, NULL),
                                     .pace = pace_new(c, s->part.ending),
                                     .publish = publish_new(c, s->part.ending, NULL),
                                     .find = find_new(c, NULL),
                                     .upload = upload_new(c, NULL),
                                     .receive = receive_new(c, NULL, NULL),
                                     .poll = poll_new(c, NULL, NULL),
                                     .fetch = fetch_new(c, NULL),
                                     .admit = admit_new(c, NULL, NULL, NULL, NULL)};
    w->queue = send_queue_new(c, s->part.ending, w->flights);
    w->move = move_new(c, s->part.ending, NULL, w->flights, NULL);
    w->recover = recover_new(c, s->part.ending, NULL, w->flights, w->pace);
    w->retry = retry_new(c, s->part.ending, NULL, w->flights, w->find);
    s->release = release_new(w);
    w->poll->planned = part_at(2000);
}

static void end(struct scene *s)
{
    struct release_neighbours *w = &s->with;
    flights_drop_all(w->flights); /* out of the lines first */
    release_free(s->release);
    retry_free(w->retry);
    recover_free(w->recover);
    admit_free(w->admit);
    fetch_free(w->fetch);
    poll_free(w->poll);
    receive_free(w->receive);
    upload_free(w->upload);
    find_free(w->find);
    move_free(w->move);
    publish_free(w->publish);
    send_queue_free(w->queue);
    pace_free(w->pace);
    flights_free(w->flights);
    part_close(&s->part);
    record_take();
}

/* A document in that state, in the outbox with these actions. */
static struct flight *pending(struct scene *s, int64_t id, enum doc_state state, unsigned actions,
                              int64_t wait_ms)
{
    struct flight *f = fake_flight(s->with.flights, id, state);
    f->pending = actions;
    f->pending_wait_ms = wait_ms;
    flight_to_line(f, &s->with.flights->outbox, false);
    return f;
}

static void commit(struct scene *s)
{
    flights_seal(s->with.flights);
    release_after_commit(s->release, part_now(&s->part));
    assert_false(flights_wait_for_commit(s->with.flights));
}

static void assert_waits(const struct flight *f, enum flight_wake wake, int64_t ms)
{
    assert_int_equal(f->wake, wake);
    assert_true(timer_entry_is_set(&f->timer));
    assert_int_equal(f->timer.at.ms, part_at(ms).ms);
    assert_true(list_empty(&f->line));
}

/* --- after the commit --- */

static void an_intent_leaves(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = pending(&s, 1, DOC_SUBMITTING, DO_PERSIST | DO_SUBMIT, 0);
    commit(&s);
    assert_recorded("upload doc=1\n");
    assert_int_equal(f->pending, 0);
    assert_true(list_empty(&f->line));
    commit(&s); /* once */
    assert_recorded("");
    end(&s);
}

static void in_the_order_they_came(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pending(&s, 2, DOC_SUBMITTING, DO_SUBMIT, 0);
    pending(&s, 1, DOC_READY, DO_FETCH, 0);
    pending(&s, 3, DOC_SUBMITTING, DO_SUBMIT, 0);
    commit(&s);
    assert_recorded("upload doc=2\n"
                    "due_fetch doc=1\n"
                    "upload doc=3\n");
    end(&s);
}

static void back_into_the_queue(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pending(&s, 1, DOC_QUEUED, DO_PERSIST | DO_QUEUE, 0);
    pending(&s, 2, DOC_QUEUED, DO_PERSIST | DO_QUEUE_HEAD, 0);
    struct flight *later = pending(&s, 3, DOC_QUEUED, DO_QUEUE, 800);
    struct flight *later_head = pending(&s, 4, DOC_QUEUED, DO_QUEUE_HEAD, 900);
    later->queue_head = true; /* of an earlier step */
    commit(&s);
    assert_recorded("queue doc=1\n"
                    "queue doc=2 head\n");
    assert_waits(later, WAKE_QUEUE, 800);
    assert_waits(later_head, WAKE_QUEUE, 900);
    assert_false(later->queue_head);
    assert_true(later_head->queue_head);
    end(&s);
}

static void to_its_result(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pending(&s, 1, DOC_READY, DO_PERSIST | DO_FETCH, 0);
    struct flight *later = pending(&s, 2, DOC_READY, DO_FETCH, 1500);
    commit(&s);
    assert_recorded("due_fetch doc=1\n");
    assert_waits(later, WAKE_FETCH, 1500);
    end(&s);
}

static void to_its_next_poll(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.find->busy = true;
    struct flight *f = pending(&s, 1, DOC_PROCESSING, DO_PERSIST | DO_POLL, 300);
    commit(&s);
    assert_recorded("plan_poll doc=1 wait=300\n");
    assert_waits(f, WAKE_POLL, 2000);
    end(&s);
}

static void in_doubt_until_it_is_sent_again(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = pending(&s, 1, DOC_IN_DOUBT, DO_PERSIST | DO_RESEND_AFTER, 10000);
    commit(&s);
    assert_recorded("");
    assert_waits(f, WAKE_RESEND, 10000);
    end(&s);
}

static void a_result_is_published_and_its_input_may_go(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = pending(&s, 1, DOC_STORED, DO_PERSIST | DO_STORE | DO_FORGET, 0);
    f->payload = xstrdup("{}");
    commit(&s);
    assert_recorded("publish doc=1\n"
                    "consider doc=1\n");
    assert_true(f->dead);
    end(&s);
}

static void whatever_it_ended_as_its_input_may_go(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pending(&s, 1, DOC_FAILED, DO_PERSIST | DO_FORGET, 0);
    pending(&s, 2, DOC_LOST, DO_PERSIST | DO_FORGET, 0);
    pending(&s, 3, DOC_REJECTED, DO_PERSIST | DO_FORGET, 0);
    pending(&s, 4, DOC_QUEUED, DO_PERSIST | DO_FORGET, 0);
    commit(&s);
    assert_recorded("consider doc=1\n"
                    "consider doc=2\n"
                    "consider doc=3\n");
    assert_int_equal(s.with.flights->tally.retired, 4);
    end(&s);
}

/* A webhook that comes twice says so; the answer must find it. */
static void what_is_being_uploaded_stays(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = pending(&s, 1, DOC_STORED, DO_FORGET, 0);
    f->uploading = true;
    commit(&s);
    assert_false(f->dead || f->parked);
    f->uploading = false;
    f->pending = DO_FORGET;
    flight_to_line(f, &s.with.flights->outbox, false);
    commit(&s);
    assert_true(f->dead);
    end(&s);
}

/* It isn't to be taken up again in this run. */
static void given_up_with_an_open_job_it_is_parked(void **state)
{
    struct scene s;
    (void)state;
    static const enum doc_state open[] = {DOC_PROCESSING, DOC_READY, DOC_IN_DOUBT};
    for (size_t i = 0; i < 3; i++) {
        begin(&s);
        struct flight *f = pending(&s, 1, open[i], DO_FORGET | DO_POLL, 0);
        commit(&s);
        assert_true(f->parked);
        assert_false(f->dead);
        assert_recorded("");
        end(&s);
    }
}

static void accepted_it_may_have_a_webhook_already(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.find->busy = true;
    struct flight *f = pending(&s, 1, DOC_PROCESSING, DO_PERSIST | DO_POLL, 0);
    f->adopts = true;
    commit(&s);
    assert_recorded("plan_poll doc=1 wait=0\n"
                    "adopt doc=1\n");
    assert_false(f->adopts);
    end(&s);
}

/* A step that was only written down. */
static void nothing_more_to_do_is_nothing(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = pending(&s, 1, DOC_PROCESSING, DO_PERSIST, 0);
    commit(&s);
    assert_recorded("");
    assert_false(timer_entry_is_set(&f->timer));
    assert_false(f->parked || f->dead);
    end(&s);
}

/* --- the last jobs --- */

static const char *planned(struct scene *s)
{
    pending(s, 100, DOC_PROCESSING, DO_POLL, 0);
    commit(s);
    return record_take();
}

#define LAST   "plan_poll doc=100 wait=0 last\n"
#define BEFORE "plan_poll doc=100 wait=0\n"

static void with_nothing_left_to_send_they_are_the_last(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_string_equal(planned(&s), LAST);
    end(&s);
}

static void while_more_may_come_they_are_not(void **state)
{
    struct scene s;
    (void)state;
    for (int i = 0; i < 4; i++) {
        begin(&s);
        s.with.find->busy = i == 0;
        s.with.retry->busy = i == 1;
        s.with.recover->busy = i == 2;
        s.with.queue->ledger_has_more = i == 3;
        assert_string_equal(planned(&s), BEFORE);
        s.with.admit->pauses = PAUSE_BUDGET | PAUSE_RATE; /* what is over the budget doesn't come */
        assert_string_equal(planned(&s), LAST);
        s.with.admit->pauses = PAUSE_DISK; /* nor what there is no room for */
        assert_string_equal(planned(&s), LAST);
        s.with.admit->pauses = PAUSE_RATE | PAUSE_SERVICE;
        assert_string_equal(planned(&s), BEFORE);
        end(&s);
    }
}

static void with_no_more_than_can_go_at_once_they_are(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_flight(s.with.flights, 1, DOC_QUEUED);
    fake_flight(s.with.flights, 2, DOC_QUEUED);
    s.with.pace->room[PACE_POST] = 2;
    assert_string_equal(planned(&s), LAST);
    s.with.pace->room[PACE_POST] = 1;
    assert_string_equal(planned(&s), BEFORE);
    end(&s);
}

/* --- when its time has come --- */

static void wakes(struct scene *s, int64_t id, enum doc_state state, enum flight_wake wake,
                  int64_t ms)
{
    flight_wake_at(fake_flight(s->with.flights, id, state), wake, part_at(ms));
}

static void each_into_the_line_it_waited_for(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    wakes(&s, 1, DOC_QUEUED, WAKE_QUEUE, 100);
    wakes(&s, 2, DOC_PROCESSING, WAKE_POLL, 200);
    wakes(&s, 3, DOC_READY, WAKE_FETCH, 300);
    wakes(&s, 4, DOC_IN_DOUBT, WAKE_RESEND, 400);
    wakes(&s, 5, DOC_PROCESSING, WAKE_POLL, 401);
    part_pass(&s.part, 99);
    release_due(s.release, part_now(&s.part));
    assert_recorded("");
    part_pass(&s.part, 301);
    release_due(s.release, part_now(&s.part));
    assert_recorded("queue doc=1\n"
                    "due_poll doc=2\n"
                    "due_fetch doc=3\n"
                    "event doc=4 resend\n");
    assert_int_equal(flight_find(s.with.flights, 2)->wake, WAKE_NONE);
    part_pass(&s.part, 1);
    release_due(s.release, part_now(&s.part));
    assert_recorded("due_poll doc=5\n");
    end(&s);
}

static void a_poll_that_is_put_off_waits_on(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.with.find->busy = true;
    s.with.poll->put_off = part_at(700);
    wakes(&s, 1, DOC_PROCESSING, WAKE_POLL, 200);
    part_pass(&s.part, 200);
    release_due(s.release, part_now(&s.part));
    assert_recorded("put_off_poll doc=1\n");
    assert_waits(flight_find(s.with.flights, 1), WAKE_POLL, 700);
    part_pass(&s.part, 500);
    release_due(s.release, part_now(&s.part));
    assert_recorded("due_poll doc=1\n");
    s.with.find->busy = false;
    wakes(&s, 2, DOC_PROCESSING, WAKE_POLL, 700);
    s.with.poll->put_off = part_at(900);
    release_due(s.release, part_now(&s.part));
    assert_recorded("put_off_poll doc=2 last\n");
    end(&s);
}

static void a_result_whose_get_was_refused_comes_first(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    wakes(&s, 1, DOC_READY, WAKE_FETCH, 0);
    flight_find(s.with.flights, 1)->asks_first = true;
    release_due(s.release, part_now(&s.part));
    assert_recorded("due_fetch doc=1 first\n");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intent_leaves),
        cmocka_unit_test(in_the_order_they_came),
        cmocka_unit_test(back_into_the_queue),
        cmocka_unit_test(to_its_result),
        cmocka_unit_test(to_its_next_poll),
        cmocka_unit_test(in_doubt_until_it_is_sent_again),
        cmocka_unit_test(a_result_is_published_and_its_input_may_go),
        cmocka_unit_test(whatever_it_ended_as_its_input_may_go),
        cmocka_unit_test(what_is_being_uploaded_stays),
        cmocka_unit_test(given_up_with_an_open_job_it_is_parked),
        cmocka_unit_test(accepted_it_may_have_a_webhook_already),
        cmocka_unit_test(nothing_more_to_do_is_nothing),
        cmocka_unit_test(with_nothing_left_to_send_they_are_the_last),
        cmocka_unit_test(while_more_may_come_they_are_not),
        cmocka_unit_test(with_no_more_than_can_go_at_once_they_are),
        cmocka_unit_test(each_into_the_line_it_waited_for),
        cmocka_unit_test(a_poll_that_is_put_off_waits_on),
        cmocka_unit_test(a_result_whose_get_was_refused_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
