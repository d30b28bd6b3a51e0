/* From a response to an event, a sign and words. */
#include "batch/answers.h"

#include "batch/exit_code.h"
#include "part_fixture.h"

#include <string.h>

/* --- pace.h: of all of it, answers.c only gives signs --- */

void pace_sign(struct pace *p, enum breaker_sign sign, const char *cause, const char *detail)
{
    (void)p;
    static const char *const signs[] = {"none", "up", "limited", "busy", "down", "refuses"};
    record("sign %s %s (%s)", signs[sign], cause, detail);
}

static struct silence silence;

struct silence *pace_silence(struct pace *p)
{
    (void)p;
    return &silence;
}

struct scene {
    struct part part;
    struct answers *answers;
    struct news news;
    char cause[ANSWER_CAUSE_MAX];
};

static void scene_open(struct scene *s)
{
    silence = (struct silence){0};
    part_open(&s->part);
    s->answers = answers_new(s->part.ending, NULL);
}

static void scene_close(struct scene *s)
{
    answers_free(s->answers);
    part_close(&s->part);
}

static enum doc_event_kind read_as(struct scene *s, enum request_kind kind,
                                   const struct mindee_response *r)
{
    const struct outcome o = answer_facts(kind, r);
    memset(&s->news, 'x', sizeof s->news);
    return answer_read(s->answers, &o, r, &s->news, s->cause);
}

/* --- the facts --- */

static void facts_are_the_responses(void **state)
{
    const struct mindee_problem problem = {.status = 429};
    struct mindee_response r = fake_response(429);
    (void)state;
    r.problem = &problem;
    struct outcome o = answer_facts(REQUEST_POLL, &r);
    assert_int_equal(o.kind, REQUEST_POLL);
    assert_int_equal(o.delivery, DELIVERY_ANSWERED);
    assert_int_equal(o.status, 429);
    assert_true(o.problem);
    assert_false(o.cancelled);
    /* the caller's to say */
    assert_false(o.body_ok || o.foreign_url || o.source_changed || o.incomplete);
}

static void facts_of_what_was_not_answered(void **state)
{
    struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_CONNECT);
    (void)state;
    struct outcome o = answer_facts(REQUEST_SUBMIT, &r);
    assert_int_equal(o.kind, REQUEST_SUBMIT);
    assert_int_equal(o.delivery, DELIVERY_NOT_SENT);
    assert_int_equal(o.status, 0);
    assert_false(o.problem);
    r = fake_silence(MINDEE_IN_DOUBT, MINDEE_TIMEOUT);
    o = answer_facts(REQUEST_FETCH, &r);
    assert_int_equal(o.kind, REQUEST_FETCH);
    assert_int_equal(o.delivery, DELIVERY_IN_DOUBT);
    r = fake_silence(MINDEE_NOT_SENT, MINDEE_CANCELLED);
    assert_true(answer_facts(REQUEST_FETCH, &r).cancelled);
    assert_false(answer_facts(REQUEST_FETCH, &r).turned_away);
    r = fake_silence(MINDEE_NOT_SENT, MINDEE_TURNED_AWAY);
    assert_true(answer_facts(REQUEST_SUBMIT, &r).turned_away);
    assert_false(answer_facts(REQUEST_SUBMIT, &r).cancelled);
}

/* --- reading --- */

static void a_fine_answer_has_no_code(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(202);
    (void)state;
    scene_open(&s);
    struct outcome o = answer_facts(REQUEST_SUBMIT, &r);
    o.body_ok = true;
    assert_int_equal(answer_read(s.answers, &o, &r, &s.news, s.cause), EV_ACCEPTED);
    assert_string_equal(s.cause, "http_202");
    assert_ptr_equal(s.news.cause, s.cause);
    assert_null(s.news.code);
    assert_string_equal(s.news.detail, "");
    assert_int_equal(s.news.retry_after_ms, -1);
    assert_false(s.news.late || s.news.known);
    assert_null(s.news.body);
    assert_recorded("sign up http_202 ()\n");
    assert_false(ending_has_begun(s.part.ending));
    scene_close(&s);
}

static void a_problem_gives_its_code_and_words(void **state)
{
    const struct mindee_problem problem = {.status = 422, .code = "422-004"};
    struct scene s;
    struct mindee_response r = fake_response(422);
    (void)state;
    scene_open(&s);
    r.problem = &problem;
    r.text = "422 Unprocessable: broken";
    assert_int_equal(read_as(&s, REQUEST_SUBMIT, &r), EV_REFUSED);
    assert_string_equal(s.cause, "http_422");
    assert_string_equal(s.news.code, "422-004");
    assert_string_equal(s.news.detail, "422 Unprocessable: broken");
    assert_recorded("sign up http_422 (422 Unprocessable: broken)\n");
    scene_close(&s);
}

static void without_a_problems_code_the_cause_is_the_code(void **state)
{
    const struct mindee_problem problem = {.status = 422, .code = ""};
    struct scene s;
    struct mindee_response r = fake_response(422);
    (void)state;
    scene_open(&s);
    read_as(&s, REQUEST_SUBMIT, &r);
    assert_ptr_equal(s.news.code, s.cause);
    r.problem = &problem;
    read_as(&s, REQUEST_SUBMIT, &r);
    assert_string_equal(s.news.code, "http_422");
    scene_close(&s);
}

static void retry_after_is_passed_on(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(429);
    (void)state;
    scene_open(&s);
    r.retry_after_ms = 7000;
    r.text = "429 Too Many Requests";
    assert_int_equal(read_as(&s, REQUEST_SUBMIT, &r), EV_LIMITED);
    assert_int_equal(s.news.retry_after_ms, 7000);
    assert_recorded("sign limited http_429 (429 Too Many Requests)\n");
    scene_close(&s);
}

static void what_got_lost_has_the_transports_name(void **state)
{
    static const struct {
        enum mindee_fault fault;
        const char *cause;
    } faults[] = {
        {MINDEE_CONNECT, "connect"},         {MINDEE_BROKEN, "broken"},
        {MINDEE_TIMEOUT, "timeout"},         {MINDEE_TOO_LARGE, "too_large"},
        {MINDEE_UNEXPECTED, "unexpected"},   {MINDEE_FOREIGN_URL, "foreign_url"},
        {MINDEE_SOURCE_CHANGED, "source"},   {MINDEE_SOURCE_ERROR, "source"},
        {MINDEE_TURNED_AWAY, "turned_away"}, {MINDEE_CANCELLED, "stopped"},
        {MINDEE_UNTRUSTED, "untrusted"},     {MINDEE_PROXY_REFUSES, "proxy"},
    };
    struct scene s;
    (void)state;
    scene_open(&s);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct mindee_response r = fake_silence(MINDEE_IN_DOUBT, faults[i].fault);
        assert_int_equal(read_as(&s, REQUEST_SUBMIT, &r), EV_DOUBT);
        assert_string_equal(s.cause, faults[i].cause);
        assert_string_equal(s.news.code, faults[i].cause);
        assert_string_equal(s.news.detail, "no answer");
    }
    scene_close(&s);
}

/* A status came, and then not the whole answer: both names. */
static void a_status_and_a_fault(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(200);
    (void)state;
    scene_open(&s);
    r.fault = MINDEE_BROKEN;
    r.text = "connection lost";
    struct outcome o = answer_facts(REQUEST_FETCH, &r);
    o.incomplete = true;
    assert_int_equal(answer_read(s.answers, &o, &r, &s.news, s.cause), EV_ASK_AGAIN);
    assert_string_equal(s.cause, "http_200_broken");
    assert_string_equal(s.news.code, "http_200_broken");
    assert_recorded("sign down http_200_broken (connection lost)\n");
    scene_close(&s);
}

static void a_redirect_to_a_poll_is_no_failure_of_the_service(void **state)
{
    struct scene s;
    const struct mindee_response r = fake_response(302);
    (void)state;
    scene_open(&s);
    struct outcome o = answer_facts(REQUEST_POLL, &r);
    o.body_ok = true;
    o.job = JOB_READY;
    assert_int_equal(answer_read(s.answers, &o, &r, &s.news, s.cause), EV_JOB_READY);
    assert_recorded("sign up http_302 ()\n");
    scene_close(&s);
}

static void what_we_cancelled_says_nothing_of_the_service(void **state)
{
    struct scene s;
    const struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_CANCELLED);
    (void)state;
    scene_open(&s);
    assert_int_equal(read_as(&s, REQUEST_FETCH, &r), EV_GIVE_UP);
    assert_recorded("sign none stopped (no answer)\n");
    scene_close(&s);
}

/* --- refusals that end the run --- */

static void expect_refusal(enum request_kind kind, int status, const char *way_out)
{
    struct scene s;
    struct mindee_response r = fake_response(status);
    char reason[700];
    scene_open(&s);
    r.text = "so says Mindee";
    assert_int_equal(read_as(&s, kind, &r), EV_RUN_STOPPED);
    assert_int_equal(ending_life(s.part.ending), RUN_DRAINING);
    assert_int_equal(ending_exit_code(s.part.ending), EXIT_REFUSED);
    strcpy(reason, "Mindee refuses: so says Mindee. Stopped, nothing is lost: ");
    strcat(reason, way_out);
    strcat(reason, ", then run the same command again");
    assert_string_equal(ending_reason(s.part.ending), reason);
    scene_close(&s);
}

/* On the way to Mindee: as long as nothing was reached that is how it stays. */
static void what_stands_between_ends_a_run_that_reached_nothing(void **state)
{
    static const struct {
        enum mindee_fault fault;
        int status;
        const char *words;
    } ways[] = {{MINDEE_UNTRUSTED, 0, "api.ca_file"},
                {MINDEE_PROXY_REFUSES, 0, "api.proxy"},
                {MINDEE_OK, 407, "api.proxy"}};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (int reached = 0; reached < 2; reached++) {
            struct scene s;
            struct mindee_response r = fake_response(ways[i].status);
            if (ways[i].fault != MINDEE_OK)
                r = fake_silence(MINDEE_NOT_SENT, ways[i].fault);
            scene_open(&s);
            silence.ever_heard = reached;
            enum doc_event_kind kind = read_as(&s, REQUEST_SUBMIT, &r);
            assert_int_equal(kind, ways[i].status ? EV_RUN_STOPPED : EV_NOT_SENT);
            assert_int_equal(ending_has_begun(s.part.ending), !reached);
            if (!reached) {
                assert_int_equal(ending_exit_code(s.part.ending), EXIT_REFUSED);
                assert_non_null(strstr(ending_reason(s.part.ending), ways[i].words));
            }
            scene_close(&s);
        }
}

static void refusals_say_the_way_out(void **state)
{
    (void)state;
    expect_refusal(REQUEST_SUBMIT, 401, "check the API key (api.key_file, or MINDEE_V2_API_KEY)");
    expect_refusal(REQUEST_POLL, 401, "check the API key (api.key_file, or MINDEE_V2_API_KEY)");
    expect_refusal(REQUEST_SUBMIT, 402,
                   "the plan lacks an option or its credits are used up: see the Mindee platform");
    expect_refusal(REQUEST_FETCH, 403, "this key has no access: check the key and api.model_id");
    expect_refusal(
        REQUEST_SUBMIT, 404,
        "check api.model_id and api.product; `mindee-batch models` lists the key's models");
}

/* A job that isn't there is that document's matter. */
static void a_404_to_a_poll_goes_on(void **state)
{
    struct scene s;
    const struct mindee_response r = fake_response(404);
    (void)state;
    scene_open(&s);
    assert_int_equal(read_as(&s, REQUEST_POLL, &r), EV_JOB_GONE);
    assert_int_equal(read_as(&s, REQUEST_FETCH, &r), EV_RESULT_GONE);
    assert_false(ending_has_begun(s.part.ending));
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_the_responses),
        cmocka_unit_test(facts_of_what_was_not_answered),
        cmocka_unit_test(a_fine_answer_has_no_code),
        cmocka_unit_test(a_problem_gives_its_code_and_words),
        cmocka_unit_test(without_a_problems_code_the_cause_is_the_code),
        cmocka_unit_test(retry_after_is_passed_on),
        cmocka_unit_test(what_got_lost_has_the_transports_name),
        cmocka_unit_test(a_status_and_a_fault),
        cmocka_unit_test(a_redirect_to_a_poll_is_no_failure_of_the_service),
        cmocka_unit_test(what_we_cancelled_says_nothing_of_the_service),
        cmocka_unit_test(what_stands_between_ends_a_run_that_reached_nothing),
        cmocka_unit_test(refusals_say_the_way_out),
        cmocka_unit_test(a_404_to_a_poll_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
