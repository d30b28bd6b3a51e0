/* The GET of a result: its line, and what each answer makes of the document. */
#include "batch/fetch.h"

#include "around.h"

#include <string.h>

struct scene {
    struct around around;
    struct fetch *fetch;
    struct flight *f; /* a.pdf, document 1, its job job-1 */
};

static void begin(struct scene *s)
{
    around_open(&s->around);
    s->fetch = fetch_new(&s->around.part.context, &s->around.with);
    s->f = around_document(&s->around, "a.pdf", "alpha", DOC_READY);
    record_take();
}

static void end(struct scene *s)
{
    flights_drop_all(s->around.with.flights); /* out of the line first */
    fetch_free(s->fetch);
    around_close(&s->around);
}

static void send(struct scene *s)
{
    fetch_due(s->fetch, s->f, false);
    fetch_send(s->fetch, around_now(&s->around));
    part_poked(&s->around.part);
    record_take();
}

static void begin_sent(struct scene *s)
{
    begin(s);
    part_pass(&s->around.part, 3000);
    send(s);
}

static void answer(struct scene *s, struct mindee_response r)
{
    around_answer(&s->around, r);
}

/* A whole result of that job. */
static struct mindee_response result(const char *job_id)
{
    static struct mindee_inference inference;
    struct mindee_response r = fake_response(200);
    inference = (struct mindee_inference){.id = "i", .job_id = job_id, .page_count = 2};
    r.inference = &inference;
    r.body = "{\"inference\": {}}";
    r.body_len = strlen(r.body);
    return r;
}

/* --- the line --- */

static void the_first_in_the_line_goes_first(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *b = around_document(&s.around, "b.pdf", "beta", DOC_READY);
    struct flight *c = around_document(&s.around, "c.pdf", "gamma", DOC_READY);
    assert_false(fetch_waits(s.fetch));
    fetch_due(s.fetch, s.f, false);
    fetch_due(s.fetch, b, false);
    fetch_due(s.fetch, c, true);
    while (fetch_waits(s.fetch))
        fetch_send(s.fetch, around_now(&s.around));
    assert_recorded("take get\n"
                    "get_result https://host/r/3\n"
                    "take get\n"
                    "get_result https://host/r/1\n"
                    "take get\n"
                    "get_result https://host/r/2\n");
    assert_int_equal(fetch_out(s.fetch), 3);
    for (int i = 0; i < 3; i++)
        answer(&s, fake_response(503));
    assert_int_equal(fetch_out(s.fetch), 0);
    end(&s);
}

static void what_is_on_the_wire_is_noted(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    assert_int_equal(s.f->requests, 1);
    assert_int_equal(s.f->asked_at.ms, part_at(3000).ms);
    answer(&s, fake_response(503));
    assert_int_equal(s.f->requests, 0);
    assert_true(part_poked(&s.around.part));
    end(&s);
}

/* --- what came of it --- */

static void a_result(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, result("job-1"));
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "attempt_end doc=1 attempt=1 job_done 200 \n"
                    "event doc=1 result http_200 - \n");
    const struct news *n = &s.around.with.flights->news;
    assert_string_equal(n->body, "{\"inference\": {}}");
    assert_int_equal(n->body_len, 17);
    assert_int_equal(n->page_count, 2);
    assert_false(n->late);
    end(&s);
}

static void whose_job_is_not_said_or_in_capitals(void **state)
{
    struct scene s;
    static const char *const ids[] = {"", "JOB-1"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin_sent(&s);
        answer(&s, result(ids[i]));
        assert_non_null(strstr(record_take(), "event doc=1 result http_200 - \n"));
        end(&s);
    }
}

/* Attempt 2 was sent while the result of attempt 1 was on its way: it is a result all the same. */
static void a_result_of_an_older_attempt(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.f->attempt = 2;
    strcpy(s.f->job_id, "job-2");
    answer(&s, result("job-1"));
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "attempt_end doc=1 attempt=1 job_done 200 \n"
                    "event doc=1 result http_200 - \n");
    assert_true(s.around.with.flights->news.late);
    assert_true(s.around.with.flights->news.known);
    assert_string_equal(s.f->job_id, "job-2");
    end(&s);
}

static void another_jobs_result(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, result("job-2"));
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "event doc=1 result_invalid http_200 foreign-result the result is another "
                    "document's\n");
    assert_string_equal(s.around.with.flights->news.body, "{\"inference\": {}}");
    end(&s);
}

static void a_whole_answer_that_is_no_result(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(200);
    (void)state;
    begin_sent(&s);
    r.fault = MINDEE_UNEXPECTED;
    r.text = "200, and no inference in it";
    r.body = "<html>";
    r.body_len = 6;
    answer(&s, r);
    assert_recorded(
        "answered get 200\n"
        "sign up\n"
        "event doc=1 result_invalid http_200_unexpected http_200_unexpected 200, and no "
        "inference in it\n");
    assert_int_equal(s.around.with.flights->news.body_len, 6);
    assert_int_equal(s.around.with.flights->news.page_count, 0);
    end(&s);
}

static void an_answer_that_is_too_large(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(200);
    (void)state;
    begin_sent(&s);
    r.delivery = MINDEE_IN_DOUBT;
    r.fault = MINDEE_TOO_LARGE;
    answer(&s, r);
    assert_recorded("answered get 200\n"
                    "sign up\n"
                    "event doc=1 result_invalid http_200_too_large http_200_too_large \n");
    end(&s);
}

static void an_answer_that_breaks_off(void **state)
{
    struct scene s;
    struct mindee_response r = result("job-1");
    (void)state;
    begin_sent(&s);
    r.inference = NULL;
    r.fault = MINDEE_BROKEN;
    answer(&s, r);
    assert_recorded("answered get 200\n"
                    "sign down\n"
                    "event doc=1 ask_again http_200_broken http_200_broken \n");
    end(&s);
}

static void no_answer(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_silence(MINDEE_IN_DOUBT, MINDEE_TIMEOUT));
    assert_recorded("answered get 0\n"
                    "sign down\n"
                    "event doc=1 ask_again timeout timeout no answer\n");
    assert_false(s.f->asks_first);
    end(&s);
}

static void a_refused_get_asks_first(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(429);
    (void)state;
    begin_sent(&s);
    r.retry_after_ms = 5000;
    answer(&s, r);
    assert_recorded("answered get 429\n"
                    "sign limited\n"
                    "event doc=1 ask_again http_429 http_429 \n");
    assert_true(s.f->asks_first);
    assert_int_equal(s.around.with.flights->news.retry_after_ms, 5000);
    send(&s);
    answer(&s, fake_response(503));
    assert_false(s.f->asks_first);
    end(&s);
}

static void the_result_is_gone(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_response(404));
    assert_recorded("answered get 404\n"
                    "sign up\n"
                    "event doc=1 result_gone http_404 http_404 \n");
    end(&s);
}

static void its_url_is_of_another_origin(void **state)
{
    struct scene s;
    struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_FOREIGN_URL);
    (void)state;
    begin_sent(&s);
    r.text = "https://elsewhere/ isn't followed";
    answer(&s, r);
    assert_recorded("answered get 0\n"
                    "sign none\n"
                    "event doc=1 foreign_url foreign_url foreign_url https://elsewhere/ isn't "
                    "followed\n");
    end(&s);
}

static void the_key_was_revoked(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_response(403));
    assert_recorded("answered get 403\n"
                    "sign refuses\n"
                    "event doc=1 run_stopped http_403 http_403 \n");
    assert_int_equal(ending_exit_code(s.around.part.ending), EXIT_REFUSED);
    end(&s);
}

static void asked_for_long_enough(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.f->asked_until = mono_add(around_now(&s.around), 1);
    answer(&s, fake_response(503));
    assert_non_null(strstr(record_take(), "event doc=1 ask_again"));
    send(&s);
    s.f->asked_until = around_now(&s.around);
    answer(&s, fake_response(503));
    assert_non_null(strstr(record_take(), "event doc=1 give_up http_503"));
    send(&s);
    answer(&s, result("job-1")); /* what comes is taken */
    assert_non_null(strstr(record_take(), "event doc=1 result http_200"));
    end(&s);
}

static void cancelled_it_is_left_to_the_next_run(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_silence(MINDEE_IN_DOUBT, MINDEE_CANCELLED));
    assert_recorded("answered get 0\n"
                    "sign none\n"
                    "event doc=1 give_up stopped stopped no answer\n");
    end(&s);
}

static void the_answer_to_a_document_that_was_dropped(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    flights_drop_all(s.around.with.flights);
    answer(&s, result("job-1"));
    assert_recorded("answered get 200\n"
                    "sign up\n");
    assert_int_equal(fetch_out(s.fetch), 0);
    end(&s);
}

/* --- busy --- */

static void a_run_waits_for_what_is_out(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fetch_due(s.fetch, s.f, false);
    assert_false(fetch_busy(s.fetch)); /* the document itself keeps the run alive */
    fetch_send(s.fetch, around_now(&s.around));
    assert_true(fetch_busy(s.fetch));
    answer(&s, fake_response(503));
    assert_false(fetch_busy(s.fetch));
    end(&s);
}

static void one_that_drains_for_what_can_go_within_a_moment_too(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_false(fetch_busy(s.fetch));
    fetch_due(s.fetch, s.f, false);
    assert_true(fetch_busy(s.fetch));
    s.around.with.pace->lost = true; /* no GET can go */
    assert_false(fetch_busy(s.fetch));
    s.around.with.pace->lost = false;
    part_pass(&s.around.part, ENDING_STOP_MS - 1);
    assert_true(fetch_busy(s.fetch));
    part_pass(&s.around.part, 1);
    assert_false(fetch_busy(s.fetch));
    fetch_send(s.fetch, around_now(&s.around));
    part_pass(&s.around.part, 3600000);
    assert_true(fetch_busy(s.fetch));
    answer(&s, fake_response(503));
    end(&s);
}

static void one_that_stops_for_what_is_out_and_only_for_a_moment(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *b = around_document(&s.around, "b.pdf", "beta", DOC_READY);
    fetch_due(s.fetch, s.f, false);
    fetch_due(s.fetch, b, false);
    ending_interrupt(s.around.part.ending, true);
    assert_false(fetch_busy(s.fetch));
    fetch_send(s.fetch, around_now(&s.around));
    assert_true(fetch_busy(s.fetch));
    part_pass(&s.around.part, ENDING_STOP_MS - 1);
    assert_true(fetch_busy(s.fetch));
    part_pass(&s.around.part, 1);
    assert_false(fetch_busy(s.fetch));
    answer(&s, fake_response(503));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_in_the_line_goes_first),
        cmocka_unit_test(what_is_on_the_wire_is_noted),
        cmocka_unit_test(a_result),
        cmocka_unit_test(whose_job_is_not_said_or_in_capitals),
        cmocka_unit_test(a_result_of_an_older_attempt),
        cmocka_unit_test(another_jobs_result),
        cmocka_unit_test(a_whole_answer_that_is_no_result),
        cmocka_unit_test(an_answer_that_is_too_large),
        cmocka_unit_test(an_answer_that_breaks_off),
        cmocka_unit_test(no_answer),
        cmocka_unit_test(a_refused_get_asks_first),
        cmocka_unit_test(the_result_is_gone),
        cmocka_unit_test(its_url_is_of_another_origin),
        cmocka_unit_test(the_key_was_revoked),
        cmocka_unit_test(asked_for_long_enough),
        cmocka_unit_test(cancelled_it_is_left_to_the_next_run),
        cmocka_unit_test(the_answer_to_a_document_that_was_dropped),
        cmocka_unit_test(a_run_waits_for_what_is_out),
        cmocka_unit_test(one_that_drains_for_what_can_go_within_a_moment_too),
        cmocka_unit_test(one_that_stops_for_what_is_out_and_only_for_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
