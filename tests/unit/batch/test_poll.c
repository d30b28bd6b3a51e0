/* Asking for a job's state: when, and what each answer makes of the document. The planner is the
 * test's: it says a time and shows what it was told. */
#include "batch/poll.h"

#include "around.h"
#include "base/text.h"
#include "core/poll_planner_impl.h"
#include "fake_receive.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct around around;
    struct receive *receive;
    struct poll *poll;
    struct flight *f; /* a.pdf, document 1, its job job-1 */
};

/* --- a planner that shows what it was told --- */

enum { PLANNED_MS = 4000 }; /* from now on */

static struct mono next(struct poll_planner *p, struct poll_job *job,
                        const struct poll_budget *budget, struct mono now)
{
    (void)p;
    record("next polls=%d class=%d running=%lld get=%u free=%u jobs=%u coming=%u%s", job->polls,
           job->size_class, (long long)job->running_ms, budget->get_per_minute, budget->get_free,
           budget->jobs_in_flight, budget->jobs_coming, budget->last_jobs ? " last" : "");
    return mono_add(now, PLANNED_MS);
}

static struct mono due(struct poll_planner *p, struct poll_job *job,
                       const struct poll_budget *budget, struct mono now)
{
    (void)p;
    record("due polls=%d free=%u jobs=%u%s", job->polls, budget->get_free, budget->jobs_in_flight,
           budget->last_jobs ? " last" : "");
    return mono_add(now, 1500);
}

static int64_t horizon_ms(const struct poll_planner *p)
{
    (void)p;
    return 7000;
}

static void running(struct poll_planner *p, struct poll_job *job, struct mono at)
{
    (void)p, (void)job;
    record("running at %lld", (long long)mono_diff(at, part_at(0)));
}

static void finished(struct poll_planner *p, const struct poll_job *job, int64_t processing_ms)
{
    (void)p, (void)job;
    record("finished in %lld", (long long)processing_ms);
}

static void begin(struct scene *s)
{
    around_open(&s->around);
    struct run_context *c = &s->around.part.context;
    poll_planner_free(c->planner);
    c->planner = xcalloc(1, sizeof *c->planner);
    *c->planner = (struct poll_planner){.next = next,
                                        .due = due,
                                        .horizon_ms = horizon_ms,
                                        .running = running,
                                        .finished = finished};
    s->receive = receive_new(c, &s->around.with, NULL);
    s->poll = poll_new(c, &s->around.with, s->receive);
    s->f = around_document(&s->around, "a.pdf", "alpha", DOC_PROCESSING);
    record_take();
}

static void end(struct scene *s)
{
    flights_drop_all(s->around.with.flights); /* out of the line first */
    poll_free(s->poll);
    receive_free(s->receive);
    around_close(&s->around);
}

/* --- when --- */

static int64_t plan(struct scene *s, int64_t wait_ms, bool last)
{
    return mono_diff(poll_plan(s->poll, s->f, around_now(&s->around), wait_ms, last), part_at(0));
}

static void the_planner_is_told_the_budget(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flights *fl = s.around.with.flights;
    s.around.with.pace->rate[PACE_GET] = 200;
    s.around.with.pace->room_within = 55;
    fake_flight(fl, 2, DOC_READY);
    fake_flight(fl, 3, DOC_SUBMITTING);
    fake_flight(fl, 4, DOC_QUEUED);
    fake_flight(fl, 5, DOC_QUEUED);
    assert_int_equal(plan(&s, 0, false), 4000);
    assert_recorded("next polls=0 class=0 running=0 get=200 free=55 jobs=2 coming=1\n");
    assert_int_equal(s.around.with.pace->horizon_ms, 7000);
    assert_int_equal(plan(&s, 0, true), 4000); /* what is queued comes, and nothing after it */
    assert_recorded("next polls=0 class=0 running=0 get=200 free=55 jobs=2 coming=3 last\n");
    end(&s);
}

static void not_before_the_wait_is_over(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(plan(&s, 4001, false), 4001);
    assert_int_equal(plan(&s, 3999, false), 4000);
    end(&s);
}

static void the_planner_is_told_of_a_job_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.f->pages = 5;
    s.f->poll = (struct poll_job){.running_ms = 900, .accepted_at = part_at(0)};
    plan(&s, 0, false);
    assert_recorded("next polls=0 class=2 running=900 get=0 free=4294967295 jobs=1 coming=0\n");
    assert_int_equal(s.f->poll.accepted_at.ms, part_at(0).ms);
    s.f->doc.accepted_at = part_at(50); /* another attempt's job */
    plan(&s, 0, false);
    assert_recorded("next polls=0 class=2 running=0 get=0 free=4294967295 jobs=1 coming=0\n");
    assert_int_equal(s.f->poll.accepted_at.ms, part_at(50).ms);
    s.f->poll.counted = true;
    s.f->poll.running_ms = 70;
    s.f->doc.accepted_at = part_at(60);
    s.f->pages = 1;
    plan(&s, 0, false);
    assert_recorded("next polls=0 class=2 running=70 get=0 free=4294967295 jobs=1 coming=0\n");
    assert_int_equal(s.f->poll.accepted_at.ms, part_at(50).ms);
    end(&s);
}

static void an_earlier_runs_job_is_asked_for_at_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.receive->expects = true;
    s.receive->fallback_ms = 60000;
    s.f->taken_up = true;
    assert_int_equal(plan(&s, 0, false), 0);
    assert_int_equal(plan(&s, 300, false), 300);
    assert_recorded("");
    s.f->poll.polls = 1; /* and then like any other */
    assert_int_equal(plan(&s, 0, false), 60000);
    end(&s);
}

/* A hundred at once, the others by turns: two GETs each. */
static void many_of_them_go_by_turns(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.with.pace->rate[PACE_GET] = 120;
    s.f->taken_up = true;
    for (int i = 0; i < 100; i++)
        assert_int_equal(plan(&s, 0, false), 0);
    assert_int_equal(plan(&s, 0, false), 1000);
    assert_int_equal(plan(&s, 0, false), 2000);
    end(&s);
}

static void with_webhooks_only_once_one_is_late(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.receive->expects = true;
    s.receive->fallback_ms = 60000;
    part_pass(&s.around.part, 10000);
    assert_int_equal(plan(&s, 0, false), 60000); /* from its 202 on */
    s.f->poll.polls = 1;
    assert_int_equal(plan(&s, 0, false), 70000); /* from this poll on */
    assert_int_equal(plan(&s, 60001, false), 70001);
    assert_recorded("");
    assert_false(s.f->poll.counted);
    s.receive->expects = false;
    assert_int_equal(plan(&s, 0, false), 14000);
    end(&s);
}

static int64_t replan(struct scene *s, bool last)
{
    return mono_diff(poll_replan(s->poll, s->f, around_now(&s->around), last), part_at(0));
}

static void what_was_planned_by_its_time_may_be_put_off(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.with.pace->room_within = 55;
    assert_int_equal(replan(&s, false), 1500);
    assert_recorded("due polls=0 free=55 jobs=1\n");
    assert_int_equal(replan(&s, true), 1500);
    assert_recorded("due polls=0 free=55 jobs=1 last\n");
    end(&s);
}

static void whatever_else_is_due_goes(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.f->hinted = true;
    assert_int_equal(replan(&s, false), 0);
    s.f->hinted = false;
    s.f->asks_first = true;
    assert_int_equal(replan(&s, false), 0);
    s.f->asks_first = false;
    s.f->taken_up = true;
    assert_int_equal(replan(&s, false), 0);
    s.f->poll.polls = 1; /* and then like any other */
    assert_int_equal(replan(&s, false), 1500);
    record_take();
    s.receive->expects = true;
    assert_int_equal(replan(&s, false), 0);
    assert_recorded("");
    end(&s);
}

/* --- the line --- */

static void the_first_in_the_line_goes_first(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *b = around_document(&s.around, "b.pdf", "beta", DOC_PROCESSING);
    struct flight *c = around_document(&s.around, "c.pdf", "gamma", DOC_PROCESSING);
    c->asks_first = true; /* its last GET was refused */
    record_take();
    assert_false(poll_waits(s.poll));
    poll_due(s.poll, s.f);
    poll_due(s.poll, b);
    poll_due(s.poll, c);
    while (poll_waits(s.poll))
        poll_send(s.poll, around_now(&s.around));
    assert_recorded("take get\n"
                    "get_job job-3\n"
                    "take get\n"
                    "get_job job-1\n"
                    "take get\n"
                    "get_job job-2\n");
    assert_int_equal(poll_out(s.poll), 3);
    for (int i = 0; i < 3; i++)
        around_answer(&s.around, fake_response(503));
    assert_int_equal(poll_out(s.poll), 0);
    end(&s);
}

static void send(struct scene *s)
{
    poll_due(s->poll, s->f);
    poll_send(s->poll, around_now(&s->around));
    part_poked(&s->around.part);
    record_take();
}

static void what_is_on_the_wire_is_noted(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    part_pass(&s.around.part, 2500);
    send(&s);
    assert_int_equal(s.f->requests, 1);
    assert_int_equal(s.f->poll.polls, 1);
    assert_int_equal(s.f->asked_at.ms, part_at(2500).ms);
    assert_true(poll_busy(s.poll));
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_false(poll_busy(s.poll)); /* it is asked again another time */
    around_answer(&s.around, fake_response(503));
    assert_int_equal(s.f->requests, 0);
    assert_true(part_poked(&s.around.part));
    end(&s);
}

/* --- what came of it --- */

static struct mindee_job processing(void)
{
    return (struct mindee_job){.id = "job-1",
                               .alias = "mb-1-1",
                               .created_at = "2026-08-31T18:00:00Z",
                               .completed_at = "",
                               .status = MINDEE_JOB_PROCESSING,
                               .result_url = ""};
}

static struct mindee_job processed(void)
{
    struct mindee_job job = processing();
    job.status = MINDEE_JOB_PROCESSED;
    job.completed_at = "2026-08-31T18:00:03.250Z";
    job.result_url = "https://host/result/1";
    return job;
}

static struct mindee_job failed(const struct mindee_problem *why)
{
    struct mindee_job job = processing();
    job.status = MINDEE_JOB_FAILED;
    job.completed_at = "2026-08-31T18:00:01Z";
    job.error = why;
    return job;
}

static void answer_job(struct scene *s, int status, const struct mindee_job *job)
{
    struct mindee_response r = fake_response(status);
    r.job = job;
    around_answer(&s->around, r);
}

static void begin_sent(struct scene *s)
{
    begin(s);
    part_pass(&s->around.part, 2000);
    send(s);
    part_pass(&s->around.part, 150);
}

static void not_yet(void **state)
{
    struct scene s;
    const struct mindee_job job = processing();
    (void)state;
    begin_sent(&s);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "running at 2000\n"
                    "event doc=1 job_processing http_200 - \n");
    assert_int_equal(s.around.with.flights->news.took_ms, 150);
    end(&s);
}

static void done(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    (void)state;
    begin_sent(&s);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "finished in 3250\n"
                    "result_url doc=1 attempt=1 https://host/result/1\n"
                    "suspects job_done\n"
                    "event doc=1 job_ready http_200 - \n");
    assert_string_equal(s.f->result_url, "https://host/result/1");
    end(&s);
}

static void done_says_a_302_too(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    (void)state;
    begin_sent(&s);
    answer_job(&s, 302, &job);
    assert_recorded("answered get 302\n"
                    "sign up\n"
                    "finished in 3250\n"
                    "result_url doc=1 attempt=1 https://host/result/1\n"
                    "suspects job_done\n"
                    "event doc=1 job_ready http_302 http_302 \n");
    end(&s);
}

static void a_webhook_should_have_said_so(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    (void)state;
    begin_sent(&s);
    s.receive->expects = true;
    answer_job(&s, 200, &job);
    assert_non_null(
        strstr(record_take(), "suspects job_done\nmissed job-1\nevent doc=1 job_ready"));
    end(&s);
}

/* Its webhook may have come between the runs. */
static void but_not_of_an_earlier_runs_job(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    (void)state;
    begin_sent(&s);
    s.receive->expects = true;
    s.f->taken_up = true;
    answer_job(&s, 200, &job);
    assert_null(strstr(record_take(), "missed"));
    end(&s);
}

static void a_clock_that_cannot_be_is_not_learned_from(void **state)
{
    struct scene s;
    struct mindee_job job = processed();
    (void)state;
    static const char *const times[] = {"", "yesterday", "2026-08-31T17:59:59Z"};
    for (size_t i = 0; i < 3; i++) {
        begin_sent(&s);
        job.completed_at = times[i];
        answer_job(&s, 200, &job);
        assert_null(strstr(record_take(), "finished"));
        end(&s);
    }
}

static void the_job_failed(void **state)
{
    struct scene s;
    const struct mindee_problem why = {
        .status = 422, .title = "", .detail = "no such page", .code = "422-011"};
    const struct mindee_job job = failed(&why);
    (void)state;
    begin_sent(&s);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "finished in 1000\n"
                    "event doc=1 job_failed job_failed 422-011 no such page\n"
                    "attempt_end doc=1 attempt=1 job_failed 422 422-011\n"
                    "suspects job_failed doc=1\n");
    end(&s);
}

static void it_failed_by_a_fault_of_the_service(void **state)
{
    struct scene s;
    const struct mindee_problem why = {
        .status = 500, .title = "", .detail = "an error", .code = "500-001"};
    const struct mindee_job job = failed(&why);
    (void)state;
    begin_sent(&s);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "finished in 1000\n"
                    "event doc=1 job_fault job_failed 500-001 an error\n"
                    "attempt_end doc=1 attempt=1 job_failed 500 500-001\n"
                    "suspects job_failed doc=1 fault\n");
    end(&s);
}

/* A webhook said that attempt 1 failed, and attempt 2 is on its way when the poll is answered. */
static void an_answer_for_an_older_attempt_settles_that_alone(void **state)
{
    struct scene s;
    const struct mindee_problem why = {
        .status = 500, .title = "", .detail = "an error", .code = "500-001"};
    const struct mindee_job job = failed(&why);
    (void)state;
    begin_sent(&s);
    s.f->attempt = 2;
    text_copy(s.f->job_id, sizeof s.f->job_id, "job-2");
    answer_job(&s, 200, &job);
    assert_true(s.around.with.flights->news.late);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "event doc=1 job_fault job_failed 500-001 an error\n"
                    "attempt_end doc=1 attempt=1 job_failed 500 500-001\n");
    end(&s);
}

static void a_job_that_a_webhook_calls_failed_is_asked_for_at_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.f->hinted = true;
    assert_int_equal(plan(&s, 0, false), 0);
    assert_recorded("");
    assert_int_equal(plan(&s, 300, false), 300);
    send(&s);
    assert_false(s.f->hinted);
    around_answer(&s.around, fake_response(503));
    end(&s);
}

static void it_failed_without_a_reason(void **state)
{
    struct scene s;
    const struct mindee_job job = failed(NULL);
    (void)state;
    begin_sent(&s);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "finished in 1000\n"
                    "event doc=1 job_failed job_failed job_failed Mindee couldn't read it, and "
                    "gave no reason\n"
                    "attempt_end doc=1 attempt=1 job_failed 0 \n"
                    "suspects job_failed doc=1\n");
    end(&s);
}

static void the_job_is_gone(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    around_answer(&s.around, fake_response(404));
    assert_recorded("answered get 404\n"
                    "sign up\n"
                    "event doc=1 job_gone http_404 http_404 \n");
    end(&s);
}

static void a_refused_get_asks_first(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(429);
    (void)state;
    begin_sent(&s);
    r.retry_after_ms = 5000;
    around_answer(&s.around, r);
    assert_recorded("answered get 429\n"
                    "sign limited\n"
                    "event doc=1 ask_again http_429 http_429 \n");
    assert_true(s.f->asks_first);
    assert_int_equal(s.around.with.flights->news.retry_after_ms, 5000);
    send(&s);
    around_answer(&s.around, fake_response(503));
    assert_false(s.f->asks_first);
    end(&s);
}

static void nothing_was_learned(void **state)
{
    struct scene s;
    struct mindee_response r = fake_silence(MINDEE_IN_DOUBT, MINDEE_TIMEOUT);
    (void)state;
    begin_sent(&s);
    around_answer(&s.around, r);
    assert_recorded("answered get 0\n"
                    "sign down\n"
                    "event doc=1 ask_again timeout timeout no answer\n");
    send(&s);
    r = fake_response(200); /* a status, and then not the whole answer */
    r.fault = MINDEE_BROKEN;
    around_answer(&s.around, r);
    assert_recorded("answered get 200\n"
                    "sign down\n"
                    "event doc=1 ask_again http_200_broken http_200_broken \n");
    end(&s);
}

/* Whatever it would have said, its status is an answer. */
static void an_answer_that_is_too_large(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(404);
    (void)state;
    begin_sent(&s);
    r.delivery = MINDEE_IN_DOUBT;
    r.fault = MINDEE_TOO_LARGE;
    around_answer(&s.around, r);
    assert_recorded("answered get 404\n"
                    "sign up\n"
                    "event doc=1 job_gone http_404_too_large http_404_too_large \n");
    end(&s);
}

static void a_result_of_another_origin(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    struct mindee_response r = fake_response(200);
    (void)state;
    begin_sent(&s);
    r.fault = MINDEE_FOREIGN_URL;
    r.text = "its result URL is of another origin";
    r.job = &job;
    around_answer(&s.around, r);
    assert_non_null(strstr(record_take(),
                           "event doc=1 foreign_url http_200_foreign_url http_200_foreign_url its "
                           "result URL is of another origin\n"));
    assert_string_equal(s.f->result_url, "https://host/r/1"); /* as it was */
    end(&s);
}

static void the_key_was_revoked(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    around_answer(&s.around, fake_response(401));
    assert_recorded("answered get 401\n"
                    "sign refuses\n"
                    "event doc=1 run_stopped http_401 http_401 \n");
    assert_int_equal(ending_exit_code(s.around.part.ending), EXIT_REFUSED);
    end(&s);
}

static void asked_for_long_enough(void **state)
{
    struct scene s;
    const struct mindee_job not_done = processing(), job = processed();
    (void)state;
    begin_sent(&s);
    s.f->asked_until = s.f->asked_at;
    answer_job(&s, 200, &not_done);
    assert_non_null(strstr(record_take(), "event doc=1 give_up http_200 - \n"));
    send(&s);
    around_answer(&s.around, fake_response(503));
    assert_non_null(strstr(record_take(), "event doc=1 give_up http_503 http_503 \n"));
    send(&s);
    answer_job(&s, 200, &job); /* what is done is taken */
    assert_non_null(strstr(record_take(), "event doc=1 job_ready"));
    send(&s);
    s.f->asked_until = mono_add(s.f->asked_at, 1); /* it was asked before, whenever that is read */
    part_pass(&s.around.part, 3600 * 1000);
    answer_job(&s, 200, &not_done);
    assert_non_null(strstr(record_take(), "event doc=1 job_processing"));
    end(&s);
}

static void cancelled_it_is_left_to_the_next_run(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    around_answer(&s.around, fake_silence(MINDEE_NOT_SENT, MINDEE_CANCELLED));
    assert_recorded("answered get 0\n"
                    "sign none\n"
                    "event doc=1 give_up stopped stopped no answer\n");
    end(&s);
}

static void the_answer_to_a_document_that_was_dropped(void **state)
{
    struct scene s;
    const struct mindee_job job = processed();
    (void)state;
    begin_sent(&s);
    flights_drop_all(s.around.with.flights);
    answer_job(&s, 200, &job);
    assert_recorded("answered get 200\n"
                    "sign up\n");
    assert_int_equal(poll_out(s.poll), 0);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planner_is_told_the_budget),
        cmocka_unit_test(not_before_the_wait_is_over),
        cmocka_unit_test(the_planner_is_told_of_a_job_once),
        cmocka_unit_test(an_earlier_runs_job_is_asked_for_at_once),
        cmocka_unit_test(many_of_them_go_by_turns),
        cmocka_unit_test(with_webhooks_only_once_one_is_late),
        cmocka_unit_test(what_was_planned_by_its_time_may_be_put_off),
        cmocka_unit_test(whatever_else_is_due_goes),
        cmocka_unit_test(the_first_in_the_line_goes_first),
        cmocka_unit_test(what_is_on_the_wire_is_noted),
        cmocka_unit_test(not_yet),
        cmocka_unit_test(done),
        cmocka_unit_test(done_says_a_302_too),
        cmocka_unit_test(a_webhook_should_have_said_so),
        cmocka_unit_test(but_not_of_an_earlier_runs_job),
        cmocka_unit_test(a_clock_that_cannot_be_is_not_learned_from),
        cmocka_unit_test(the_job_failed),
        cmocka_unit_test(it_failed_by_a_fault_of_the_service),
        cmocka_unit_test(an_answer_for_an_older_attempt_settles_that_alone),
        cmocka_unit_test(a_job_that_a_webhook_calls_failed_is_asked_for_at_once),
        cmocka_unit_test(it_failed_without_a_reason),
        cmocka_unit_test(the_job_is_gone),
        cmocka_unit_test(a_refused_get_asks_first),
        cmocka_unit_test(nothing_was_learned),
        cmocka_unit_test(an_answer_that_is_too_large),
        cmocka_unit_test(a_result_of_another_origin),
        cmocka_unit_test(the_key_was_revoked),
        cmocka_unit_test(asked_for_long_enough),
        cmocka_unit_test(cancelled_it_is_left_to_the_next_run),
        cmocka_unit_test(the_answer_to_a_document_that_was_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
