/* Documents in memory: the machine's steps noted before anything follows, the lists and lines they
 * stand in, and how long they live. */
#include "batch/flight.h"

#include "fake_notes.h"
#include "ledger/document_ledger.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    struct part part;
    struct journal *journal;
    struct flights *flights;
};

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->journal = journal_new(&s->part.context, s->part.ending);
    s->flights = flights_new(&s->part.context, s->part.ending, s->journal);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    flights_free(s->flights);
    journal_free(s->journal);
    part_close(&s->part);
    free(s);
    return 0;
}

/* Not in the ledger: the fake journal doesn't mind. */
static struct flight *in_state(struct scene *s, int64_t id, enum doc_state state)
{
    const struct ledger_document d = {.id = id,
                                      .settings_id = s->part.context.settings_id,
                                      .state = state,
                                      .attempt = 2,
                                      .has_job = state == DOC_PROCESSING || state == DOC_READY,
                                      .pages = -1};
    return flight_new(s->flights, &d);
}

static void event(struct flight *f, enum doc_event_kind kind)
{
    const struct news n = {.cause = "cause", .retry_after_ms = -1};
    flight_event(f, kind, &n);
}

static size_t outbox(struct scene *s)
{
    struct list list;
    size_t n = 0;
    list_init(&list);
    flights_seal(s->flights);
    flights_after_commit(s->flights, &list);
    while (!list_empty(&list)) {
        list_remove(list_first(&list));
        n++;
    }
    return n;
}

/* --- from the ledger --- */

static void a_flight_is_what_the_ledger_says(void **state)
{
    struct scene *s = *state;
    char url[] = "https://host/r/1";
    const struct ledger_document d = {.id = 9,
                                      .state = DOC_READY,
                                      .attempts = 3,
                                      .attempt = 5,
                                      .resends = 2,
                                      .resend_if_gone = true,
                                      .has_job = true,
                                      .dismissed = true,
                                      .job_id = "job-9",
                                      .result_url = url,
                                      .accepted_at = {PART_START_MS - 4000},
                                      .size_bytes = 1234,
                                      .type = 2,
                                      .pages = 6};
    const struct flight *f = flight_new(s->flights, &d);
    strcpy(url, "gone");
    assert_int_equal(f->id, 9);
    assert_int_equal(f->doc.state, DOC_READY);
    assert_true(f->doc.has_job && f->doc.dismissed);
    assert_int_equal(f->doc.attempts, 3);
    assert_int_equal(f->doc.resends, 2);
    assert_true(f->doc.resend_if_gone);
    assert_int_equal(f->doc.accepted_at.ms, part_at(-4000).ms);
    assert_int_equal(f->attempt, 5);
    assert_string_equal(f->job_id, "job-9");
    assert_string_equal(f->result_url, "https://host/r/1");
    assert_int_equal(f->size_bytes, 1234);
    assert_int_equal(f->type, 2);
    assert_int_equal(f->pages, 6);
    assert_int_equal(f->asked_until.ms, part_at(3600000).ms);
    assert_int_equal(f->wake, WAKE_NONE);
    assert_false(f->fresh || f->parked || f->dead || f->taken_up);
}

static int64_t accepted_ms(struct scene *s, int64_t id, int64_t wall_ms)
{
    const struct ledger_document d = {.id = id, .state = DOC_PROCESSING, .accepted_at = {wall_ms}};
    return flight_new(s->flights, &d)->doc.accepted_at.ms;
}

static void a_time_of_day_that_cannot_be_is_now(void **state)
{
    struct scene *s = *state;
    assert_int_equal(accepted_ms(s, 1, 0), part_at(0).ms);                 /* never */
    assert_int_equal(accepted_ms(s, 2, PART_START_MS + 1), part_at(0).ms); /* to come */
    assert_int_equal(accepted_ms(s, 3, PART_START_MS), part_at(0).ms);     /* just now */
    assert_int_equal(accepted_ms(s, 4, -90000000), part_at(-86400000).ms); /* long ago */
    assert_int_equal(accepted_ms(s, 5, PART_START_MS - 60000), part_at(-60000).ms);
}

static void taking_finds_or_loads(void **state)
{
    struct scene *s = *state;
    int64_t id = fixture_put(s->part.ledger, "a", "abc", NULL);
    assert_null(flight_find(s->flights, id));
    assert_false(flight_known(s->flights, id));
    struct flight *f = flight_take(s->flights, id);
    assert_int_equal(f->id, id);
    assert_int_equal(f->size_bytes, 3);
    assert_ptr_equal(flight_take(s->flights, id), f);
    assert_ptr_equal(flight_find(s->flights, id), f);
    assert_true(flight_known(s->flights, id));
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 1);
}

/* Ids that share a place of the table. */
static void ids_far_apart_are_told_apart(void **state)
{
    struct scene *s = *state;
    struct flight *a = in_state(s, 5, DOC_QUEUED), *b = in_state(s, 5 + 4096, DOC_QUEUED);
    assert_ptr_equal(flight_find(s->flights, 5), a);
    assert_ptr_equal(flight_find(s->flights, 5 + 4096), b);
    assert_null(flight_find(s->flights, 5 + 2 * 4096));
}

static void a_ledger_that_cannot_be_read_ends_the_run(void **state)
{
    struct scene *s = *state;
    assert_null(flight_take(s->flights, 99));
    assert_true(ending_storage_lost(s->part.ending));
    assert_false(flight_known(s->flights, 99));
}

static void unknown_pages_count_as_one(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_QUEUED);
    assert_int_equal(flight_pages(f), 1);
    f->pages = 0;
    assert_int_equal(flight_pages(f), 1);
    f->pages = 7;
    assert_int_equal(flight_pages(f), 7);
}

/* --- events --- */

static void a_step_is_noted_and_waits_for_the_commit(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_QUEUED);
    f->fresh = true;
    assert_false(flights_wait_for_commit(s->flights));
    flight_event(f, EV_ADMIT, NULL);
    assert_recorded("step doc=3 queued submitting admit attempts=0 attempt=2 - - -\n");
    assert_int_equal(f->doc.state, DOC_SUBMITTING);
    assert_int_equal(f->pending, DO_PERSIST | DO_SUBMIT);
    assert_int_equal(f->pending_wait_ms, 0);
    assert_false(f->fresh);
    assert_true(flights_wait_for_commit(s->flights));
    assert_true(part_poked(&s->part));
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 0);
    assert_int_equal(flights_count(s->flights, DOC_SUBMITTING), 1);
}

static void the_words_go_into_the_step(void **state)
{
    struct scene *s = *state;
    const struct news n = {
        .cause = "http_422", .code = "422-004", .detail = "broken", .retry_after_ms = -1};
    flight_event(in_state(s, 3, DOC_SUBMITTING), EV_REFUSED, &n);
    assert_recorded("unresent doc=3 attempt=2\n"
                    "step doc=3 submitting failed refused attempts=0 attempt=2 http_422 422-004 "
                    "broken\n");
}

static void a_wait_is_the_machines(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_SUBMITTING);
    const struct news n = {.cause = "http_429", .retry_after_ms = 30000};
    flight_event(f, EV_LIMITED, &n);
    assert_int_equal(f->pending, DO_PERSIST | DO_QUEUE | DO_QUEUE_HEAD);
    assert_int_equal(f->pending_wait_ms, 30000);
}

/* retry.max_attempts of the options: the fifth fault is the last. */
static void the_policy_is_the_options(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_SUBMITTING);
    f->doc.attempts = 4;
    event(f, EV_FAULT);
    assert_int_equal(f->doc.state, DOC_FAILED);
    assert_recorded("step doc=3 submitting failed fault attempts=5 attempt=2 cause - -\n");
}

static void a_result_is_written_before_its_step(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_READY);
    char body[] = "{\"a\":1}";
    const struct news n = {
        .cause = "http_200", .body = body, .body_len = 7, .page_count = 4, .retry_after_ms = -1};
    flight_event(f, EV_RESULT, &n);
    memset(body, '#', 7); /* the callback is over */
    assert_recorded("result doc=3 pages=4 {\"a\":1}\n"
                    "step doc=3 ready stored result attempts=0 attempt=2 http_200 - -\n");
    assert_int_equal(f->payload_len, 7);
    assert_memory_equal(f->payload, "{\"a\":1}", 7);
    assert_int_equal(f->pending, DO_PERSIST | DO_STORE | DO_FORGET);
    assert_int_equal(flights_tally(s->flights)->stored, 1);
}

static void an_empty_result_is_kept_too(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_READY);
    event(f, EV_RESULT);
    assert_non_null(f->payload);
    assert_int_equal(f->payload_len, 0);
}

/* A second delivery comes before the first one's files are written. */
static void a_result_is_still_to_be_written_after_another_event(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_READY);
    event(f, EV_RESULT);
    event(f, EV_RUN_STOPPED);
    assert_int_equal(f->pending, DO_STORE | DO_FORGET);
    assert_int_equal(outbox(s), 1);
}

/* Otherwise the newest decides. */
static void the_newest_event_decides(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_PROCESSING);
    event(f, EV_JOB_READY);
    assert_int_equal(f->pending, DO_PERSIST | DO_FETCH);
    event(f, EV_RESULT_GONE);
    assert_int_equal(f->pending, DO_PERSIST | DO_POLL);
    assert_int_equal(f->pending_wait_ms, 2000);
}

static void bytes_that_are_no_result_are_kept(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_READY);
    const struct news n = {
        .cause = "http_200", .body = "<html>", .body_len = 6, .retry_after_ms = -1};
    flight_event(f, EV_RESULT_INVALID, &n);
    assert_recorded("kept doc=3 <html>\n"
                    "step doc=3 ready ready result_invalid attempts=0 attempt=2 http_200 - -\n");
    event(f, EV_RESULT_INVALID); /* no body came */
    assert_recorded("step doc=3 ready ready result_invalid attempts=0 attempt=2 cause - -\n");
}

static void a_resend_is_counted_before_its_step(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_IN_DOUBT);
    event(f, EV_RESEND);
    assert_recorded("resent doc=3 attempt=2\n"
                    "step doc=3 in_doubt queued resend attempts=0 attempt=2 cause - -\n");
}

/* An older attempt settles the document, and its own upload is on the wire: that one is in doubt. */
static void an_overtaken_upload_is_in_doubt(void **state)
{
    struct scene *s = *state;
    const struct news late = {.cause = "webhook", .late = true, .retry_after_ms = -1};
    flight_event(in_state(s, 3, DOC_SUBMITTING), EV_JOB_FAILED, &late);
    assert_recorded("attempt_end doc=3 attempt=2 in_doubt 0 overtaken\n"
                    "step doc=3 submitting failed job_failed attempts=0 attempt=2 webhook - -\n");
    flight_event(in_state(s, 4, DOC_SUBMITTING), EV_JOB_FAULT, &late); /* it goes on */
    flight_event(in_state(s, 5, DOC_IN_DOUBT), EV_JOB_FAILED, &late);  /* it isn't out */
    assert_recorded("step doc=5 in_doubt failed job_failed attempts=0 attempt=2 webhook - -\n");
    event(in_state(s, 6, DOC_SUBMITTING), EV_JOB_FAILED); /* its own end */
    assert_recorded("step doc=6 submitting failed job_failed attempts=0 attempt=2 cause - -\n");
}

static void a_doubt_has_its_time(void **state)
{
    struct scene *s = *state;
    assert_int_equal(flights_tally(s->flights)->doubted_at.ms, part_at(0).ms);
    struct flight *f = in_state(s, 3, DOC_SUBMITTING);
    part_pass(&s->part, 700);
    event(f, EV_DOUBT);
    assert_int_equal(f->pending, DO_PERSIST | DO_RESEND_AFTER);
    assert_int_equal(f->pending_wait_ms, 10000);
    assert_int_equal(flights_tally(s->flights)->doubted_at.ms, part_at(700).ms);
    part_pass(&s->part, 300);
    event(f, EV_RESTART); /* in doubt already */
    assert_int_equal(flights_tally(s->flights)->doubted_at.ms, part_at(700).ms);
}

static void what_is_illegal_changes_nothing(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_QUEUED);
    f->fresh = true;
    part_log(&s->part, LOG_ERROR);
    event(f, EV_RESEND);
    assert_string_equal(
        part_log_take(&s->part),
        "error a fault of this program: this can't happen to it now (document 3) [doc.refused]\n");
    assert_recorded("");
    assert_true(f->fresh);
    assert_int_equal(f->pending, 0);
    assert_int_equal(f->doc.state, DOC_QUEUED);
    assert_false(flights_wait_for_commit(s->flights));
    assert_false(part_poked(&s->part));
}

/* --- only a record changed --- */

static void what_it_waits_for_goes_on(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 3, DOC_READY);
    struct list line;
    list_init(&line);
    flight_wake_at(f, WAKE_FETCH, part_at(5000));
    flight_to_line(f, &line, false);
    event(f, EV_JOB_FAILED); /* the fetch decides */
    assert_recorded("");
    assert_ptr_equal(list_first(&line), &f->line);
    assert_int_equal(flights_next(s->flights, part_at(0)).ms, part_at(5000).ms);
    assert_false(flights_wait_for_commit(s->flights));
    assert_true(part_poked(&s->part));
    assert_false(f->dead);
    list_remove(&f->line);
}

static void what_waits_for_nothing_is_put_away(void **state)
{
    struct scene *s = *state;
    struct flight *idle = in_state(s, 1, DOC_READY), *busy = in_state(s, 2, DOC_READY);
    struct flight *parked = in_state(s, 3, DOC_READY), *pending = in_state(s, 4, DOC_READY);
    busy->requests = 1;
    pending->pending = DO_FETCH;
    struct flight *timed = in_state(s, 5, DOC_READY);
    flight_wake_at(timed, WAKE_FETCH, part_at(1000));
    flight_park(parked);
    event(idle, EV_JOB_FAILED);
    event(busy, EV_JOB_FAILED);
    event(parked, EV_JOB_FAILED);
    event(pending, EV_JOB_FAILED);
    event(timed, EV_JOB_FAILED);
    assert_true(idle->dead);
    assert_null(flight_find(s->flights, 1));
    assert_false(busy->dead || parked->dead || pending->dead || timed->dead);
    assert_true(parked->parked);
    busy->requests = 0;
}

/* --- timers and lines --- */

static void timers_come_in_their_order(void **state)
{
    struct scene *s = *state;
    struct flight *a = in_state(s, 1, DOC_PROCESSING), *b = in_state(s, 2, DOC_QUEUED);
    assert_int_equal(flights_next(s->flights, part_at(0)).ms, MONO_NEVER.ms);
    flight_wake_at(a, WAKE_POLL, part_at(2000));
    flight_wake_at(b, WAKE_QUEUE, part_at(1000));
    assert_int_equal(flights_next(s->flights, part_at(0)).ms, part_at(1000).ms);
    assert_null(flights_due(s->flights, part_at(999)));
    assert_ptr_equal(flights_due(s->flights, part_at(1000)), b);
    assert_int_equal(b->wake, WAKE_QUEUE);
    assert_null(flights_due(s->flights, part_at(1999)));
    flight_wake_at(a, WAKE_FETCH, part_at(3000)); /* set anew */
    assert_null(flights_due(s->flights, part_at(2000)));
    assert_ptr_equal(flights_due(s->flights, part_at(9000)), a);
    assert_int_equal(a->wake, WAKE_FETCH);
    assert_null(flights_due(s->flights, part_at(9000)));
}

static void an_event_takes_the_timer_off(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_IN_DOUBT);
    flight_wake_at(f, WAKE_RESEND, part_at(1000));
    event(f, EV_ACCEPTED);
    assert_null(flights_due(s->flights, part_at(1000)));
}

static void a_flight_is_in_one_line(void **state)
{
    struct scene *s = *state;
    struct list one, other;
    struct flight *a = in_state(s, 1, DOC_QUEUED), *b = in_state(s, 2, DOC_QUEUED);
    list_init(&one);
    list_init(&other);
    flight_to_line(a, &one, false);
    flight_to_line(b, &one, true);
    assert_ptr_equal(list_first(&one), &b->line);
    flight_to_line(b, &other, false);
    assert_ptr_equal(list_first(&one), &a->line);
    flight_event(a, EV_ADMIT, NULL);
    assert_true(list_empty(&one));
    list_remove(&b->line);
}

static void what_comes_meanwhile_waits_for_the_next_commit(void **state)
{
    struct scene *s = *state;
    struct list first;
    struct flight *a = in_state(s, 1, DOC_QUEUED), *b = in_state(s, 2, DOC_QUEUED);
    list_init(&first);
    flight_event(a, EV_ADMIT, NULL);
    flights_seal(s->flights);
    flights_after_commit(s->flights, &first);
    assert_false(flights_wait_for_commit(s->flights));
    flight_event(b, EV_ADMIT, NULL);
    assert_true(flights_wait_for_commit(s->flights));
    assert_ptr_equal(list_first(&first), &a->line);
    assert_ptr_equal(first.prev, &a->line);
    list_remove(&a->line);
}

/* A commit has begun: what waits for it is its own, and what happens then waits for the next. */
static void what_happens_after_the_seal_waits_for_the_next_commit(void **state)
{
    struct scene *s = *state;
    struct list first, second;
    struct flight *a = in_state(s, 1, DOC_QUEUED), *b = in_state(s, 2, DOC_QUEUED),
                  *c = in_state(s, 3, DOC_QUEUED);
    list_init(&first);
    list_init(&second);
    flight_event(a, EV_ADMIT, NULL);
    flight_event(b, EV_ADMIT, NULL);
    flights_seal(s->flights);
    assert_false(flights_wait_for_commit(s->flights));
    assert_true(flights_busy(s->flights));
    flight_event(b, EV_ACCEPTED, NULL); /* of which the commit that has begun knows nothing */
    flight_event(c, EV_ADMIT, NULL);
    assert_true(flights_wait_for_commit(s->flights));
    flights_after_commit(s->flights, &first);
    assert_ptr_equal(first.next, &a->line);
    assert_ptr_equal(first.prev, &a->line);
    list_remove(&a->line);
    flights_seal(s->flights);
    flights_after_commit(s->flights, &second);
    assert_ptr_equal(second.next, &b->line);
    assert_ptr_equal(second.prev, &c->line);
    list_remove(&b->line);
    list_remove(&c->line);
}

static void the_outbox_keeps_the_order_of_events(void **state)
{
    struct scene *s = *state;
    struct list list;
    struct flight *a = in_state(s, 1, DOC_QUEUED), *b = in_state(s, 2, DOC_QUEUED);
    list_init(&list);
    flight_event(b, EV_ADMIT, NULL);
    flight_event(a, EV_ADMIT, NULL);
    flight_event(b, EV_ACCEPTED, NULL); /* the last one counts */
    flights_seal(s->flights);
    flights_after_commit(s->flights, &list);
    assert_ptr_equal(list.next, &a->line);
    assert_ptr_equal(list.prev, &b->line);
    list_remove(&a->line);
    list_remove(&b->line);
}

/* --- parking --- */

static void a_parked_one_is_not_counted(void **state)
{
    struct scene *s = *state;
    struct list line;
    struct flight *f = in_state(s, 1, DOC_PROCESSING);
    in_state(s, 2, DOC_READY);
    list_init(&line);
    flight_to_line(f, &line, false);
    flight_wake_at(f, WAKE_POLL, part_at(1000));
    assert_int_equal(flights_with_jobs(s->flights), 2);
    flight_park(f);
    flight_park(f); /* twice is once */
    assert_int_equal(flights_with_jobs(s->flights), 1);
    assert_int_equal(flights_count(s->flights, DOC_PROCESSING), 1);
    assert_true(list_empty(&line));
    assert_null(flights_due(s->flights, part_at(1000)));
    assert_true(flight_known(s->flights, 1)); /* so that it isn't taken up again */
    flight_unpark(f);
    flight_unpark(f);
    assert_int_equal(flights_with_jobs(s->flights), 2);
}

static void an_event_unparks(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_PROCESSING);
    flight_park(f);
    event(f, EV_JOB_FAULT);
    assert_false(f->parked);
    assert_int_equal(f->doc.state, DOC_QUEUED);
    assert_int_equal(flights_with_jobs(s->flights), 0);
    struct flight *g = in_state(s, 2, DOC_PROCESSING);
    flight_park(g);
    event(g, EV_JOB_READY);
    assert_int_equal(flights_with_jobs(s->flights), 1);
}

static void a_parked_one_retires(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_READY);
    flight_park(f);
    flight_retire(f);
    assert_int_equal(flights_with_jobs(s->flights), 0);
    in_state(s, 2, DOC_READY);
    assert_int_equal(flights_with_jobs(s->flights), 1);
}

/* --- busy --- */

static void a_queue_alone_keeps_no_run_busy(void **state)
{
    struct scene *s = *state;
    assert_false(flights_busy(s->flights));
    in_state(s, 1, DOC_QUEUED);
    assert_false(flights_busy(s->flights));
    struct flight *job = in_state(s, 2, DOC_PROCESSING);
    assert_true(flights_busy(s->flights));
    flight_park(job);
    assert_false(flights_busy(s->flights));
    in_state(s, 3, DOC_IN_DOUBT);
    assert_true(flights_busy(s->flights));
}

static void an_ending_run_waits_for_the_commit_alone(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_PROCESSING);
    ending_interrupt(s->part.ending, false);
    assert_false(flights_busy(s->flights));
    event(f, EV_JOB_READY);
    assert_true(flights_busy(s->flights));
    assert_int_equal(outbox(s), 1);
    assert_false(flights_busy(s->flights));
}

/* --- the end --- */

static void a_retired_one_is_the_ledgers(void **state)
{
    struct scene *s = *state;
    struct list line;
    struct flight *f = in_state(s, 1, DOC_QUEUED);
    list_init(&line);
    flight_to_line(f, &line, false);
    flight_wake_at(f, WAKE_QUEUE, part_at(1000));
    flight_retire(f);
    flight_retire(f);     /* twice is once */
    assert_true(f->dead); /* its callbacks may be on the stack */
    assert_false(flight_known(s->flights, 1));
    assert_true(list_empty(&line));
    assert_null(flights_due(s->flights, part_at(1000)));
    assert_int_equal(flights_count(s->flights, DOC_QUEUED), 0);
    assert_int_equal(flights_tally(s->flights)->retired, 1);
    flights_reap(s->flights);
}

/* The queue can't have grown by it. */
static void a_stored_one_is_not_given_back(void **state)
{
    struct scene *s = *state;
    flight_retire(in_state(s, 1, DOC_STORED));
    assert_int_equal(flights_tally(s->flights)->retired, 0);
    assert_int_equal(flights_tally(s->flights)->stored, 0); /* nor stored by this run */
}

/* All that it owns goes with it (sanitizers look), and not before its last request was answered. */
static void it_outlives_its_requests(void **state)
{
    struct scene *s = *state;
    struct flight *f = in_state(s, 1, DOC_READY);
    f->result_url = strdup("https://host/r/1");
    f->source.path = strdup("/data/a");
    f->source.name = strdup("a");
    event(f, EV_RESULT);
    f->requests = 2;
    flight_retire(f);
    flights_reap(s->flights);
    f->requests = 1;
    flights_reap(s->flights);
    assert_true(f->dead); /* and not freed */
    f->requests = 0;
    flights_reap(s->flights);
}

static void it_can_be_taken_again_while_the_old_one_ends(void **state)
{
    struct scene *s = *state;
    int64_t id = fixture_put(s->part.ledger, "a", "a", NULL);
    struct flight *old = flight_take(s->flights, id);
    old->requests = 1;
    flight_retire(old);
    struct flight *f = flight_take(s->flights, id);
    assert_ptr_not_equal(f, old);
    old->requests = 0;
    flights_reap(s->flights);
    assert_ptr_equal(flight_find(s->flights, id), f);
}

static void all_are_dropped(void **state)
{
    struct scene *s = *state;
    struct flight *asked = in_state(s, 1, DOC_PROCESSING);
    in_state(s, 2, DOC_QUEUED);
    event(in_state(s, 3, DOC_QUEUED), EV_ADMIT);
    asked->requests = 1;
    flights_drop_all(s->flights);
    for (int state_number = 0; state_number < DOC_STATE_COUNT; state_number++)
        assert_int_equal(flights_count(s->flights, (enum doc_state)state_number), 0);
    assert_false(flights_wait_for_commit(s->flights));
    assert_true(asked->dead);
    asked->requests = 0;
    flights_reap(s->flights);
    assert_false(flights_busy(s->flights));
}

/* --- what people read --- */

static const char *log_of(struct scene *s, struct flight *f, enum doc_event_kind kind,
                          enum log_level level)
{
    part_log(&s->part, level);
    event(f, kind);
    return part_log_take(&s->part);
}

static void what_went_wrong_has_a_line_of_its_kind(void **state)
{
    struct scene *s = *state;
    assert_string_equal(
        log_of(s, in_state(s, 1, DOC_SUBMITTING), EV_REFUSED, LOG_WARNING),
        "warning failed: Mindee refused the document (document 1, attempt 2) [doc.failed]\n");
    assert_string_equal(log_of(s, in_state(s, 2, DOC_SUBMITTING), EV_DOUBT, LOG_WARNING),
                        "warning in doubt: it was sent, and no answer came: whether Mindee took it "
                        "isn't known (document 2, attempt 2, again in 10 s) [doc.in_doubt]\n");
    assert_string_equal(
        log_of(s, in_state(s, 3, DOC_QUEUED), EV_REJECT, LOG_WARNING),
        "warning rejected: it was not sent (document 3, attempt 2) [doc.rejected]\n");
    struct flight *lost = in_state(s, 4, DOC_PROCESSING);
    lost->doc.asked_again = true;
    assert_string_equal(log_of(s, lost, EV_JOB_GONE, LOG_WARNING),
                        "warning its result is lost: Mindee doesn't know it any more (document 4, "
                        "attempt 2) [doc.lost]\n");
    assert_non_null(strstr(log_of(s, in_state(s, 5, DOC_IN_DOUBT), EV_RESEND, LOG_WARNING),
                           "warning it is sent again, and its pages may be charged twice "
                           "(document 5, attempt 2, again in "));
}

static void another_try_is_information(void **state)
{
    struct scene *s = *state;
    assert_string_equal(log_of(s, in_state(s, 1, DOC_SUBMITTING), EV_NOT_SENT, LOG_WARNING), "");
    assert_non_null(
        strstr(log_of(s, in_state(s, 2, DOC_SUBMITTING), EV_NOT_SENT, LOG_INFO), " (document 2, "));
    assert_non_null(strstr(
        log_of(s, in_state(s, 3, DOC_READY), EV_ASK_AGAIN, LOG_INFO),
        "info tried again later: Mindee gave no answer about it: it is asked again (document 3, "));
}

static void the_usual_way_shows_with_v_alone(void **state)
{
    struct scene *s = *state;
    assert_string_equal(log_of(s, in_state(s, 1, DOC_QUEUED), EV_ADMIT, LOG_INFO), "");
    assert_string_equal(log_of(s, in_state(s, 2, DOC_QUEUED), EV_ADMIT, LOG_DEBUG),
                        "debug the upload began (document 2, attempt 2) [doc.step]\n");
}

static void a_line_names_the_file(void **state)
{
    struct scene *s = *state;
    struct flight *f = flight_take(s->flights, fixture_put(s->part.ledger, "a.pdf", "a", NULL));
    assert_non_null(
        strstr(log_of(s, f, EV_REJECT, LOG_WARNING), "warning /data/a.pdf: rejected: "));
    f = flight_take(s->flights, fixture_put(s->part.ledger, "b.pdf", "b", NULL));
    f->source.path = strdup("/where/it/was/sent/from");
    assert_non_null(strstr(log_of(s, f, EV_REJECT, LOG_WARNING),
                           "warning /where/it/was/sent/from: rejected: "));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_flight_is_what_the_ledger_says),
        TEST(a_time_of_day_that_cannot_be_is_now),
        TEST(taking_finds_or_loads),
        TEST(ids_far_apart_are_told_apart),
        TEST(a_ledger_that_cannot_be_read_ends_the_run),
        TEST(unknown_pages_count_as_one),
        TEST(a_step_is_noted_and_waits_for_the_commit),
        TEST(the_words_go_into_the_step),
        TEST(a_wait_is_the_machines),
        TEST(the_policy_is_the_options),
        TEST(a_result_is_written_before_its_step),
        TEST(an_empty_result_is_kept_too),
        TEST(a_result_is_still_to_be_written_after_another_event),
        TEST(the_newest_event_decides),
        TEST(bytes_that_are_no_result_are_kept),
        TEST(a_resend_is_counted_before_its_step),
        TEST(an_overtaken_upload_is_in_doubt),
        TEST(a_doubt_has_its_time),
        TEST(what_is_illegal_changes_nothing),
        TEST(what_it_waits_for_goes_on),
        TEST(what_waits_for_nothing_is_put_away),
        TEST(timers_come_in_their_order),
        TEST(an_event_takes_the_timer_off),
        TEST(a_flight_is_in_one_line),
        TEST(what_comes_meanwhile_waits_for_the_next_commit),
        TEST(what_happens_after_the_seal_waits_for_the_next_commit),
        TEST(the_outbox_keeps_the_order_of_events),
        TEST(a_parked_one_is_not_counted),
        TEST(an_event_unparks),
        TEST(a_parked_one_retires),
        TEST(a_queue_alone_keeps_no_run_busy),
        TEST(an_ending_run_waits_for_the_commit_alone),
        TEST(a_retired_one_is_the_ledgers),
        TEST(a_stored_one_is_not_given_back),
        TEST(it_outlives_its_requests),
        TEST(it_can_be_taken_again_while_the_old_one_ends),
        TEST(all_are_dropped),
        TEST(what_went_wrong_has_a_line_of_its_kind),
        TEST(another_try_is_information),
        TEST(the_usual_way_shows_with_v_alone),
        TEST(a_line_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
