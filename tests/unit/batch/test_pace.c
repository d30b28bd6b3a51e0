/* When a request may leave: the real limiter and breaker, a limiter's memory that gives what the test
 * says. Ten POSTs and twenty GETs a minute. */
#include "batch/pace.h"
#include "batch/refusals.h"

#include "batch/exit_code.h"
#include "fake_limit_state.h"
#include "fake_log.h"
#include "part_fixture.h"

#include <string.h>

struct scene {
    struct part part;
    struct pace *pace;
};

static void make(struct scene *s, uint32_t posts, uint32_t gets)
{
    fake_limits = (struct fake_limits){.most_posts = 100, .most_gets = 100};
    part_open(&s->part);
    struct batch_options *o = &s->part.options;
    o->post_per_minute = posts;
    o->get_per_minute = gets;
    o->limit_state = "/state";
    o->origin = "https://host";
    o->api.api_key = "md_key";
    s->pace = pace_new(&s->part.context, s->part.ending);
}

static void begin(struct scene *s)
{
    struct error e;
    make(s, 10, 20);
    assert_int_equal(pace_open(s->pace, &e), 0);
    record_take();
}

static void end(struct scene *s)
{
    pace_free(s->pace);
    part_close(&s->part);
}

static struct mono now(const struct scene *s)
{
    return part_now(&s->part);
}

/* When the next one may go, in ms from now; -1: never. */
static int64_t wait_ms(struct scene *s, enum pace_kind kind)
{
    struct mono at = pace_next_request(s->pace, kind, now(s));
    return at.ms == MONO_NEVER.ms ? -1 : mono_diff(at, now(s));
}

static void take(struct scene *s, enum pace_kind kind)
{
    assert_int_equal(wait_ms(s, kind), 0);
    pace_take(s->pace, kind, now(s));
}

static void answer(struct scene *s, enum pace_kind kind, int status)
{
    struct mindee_response r =
        status ? fake_response(status) : fake_silence(MINDEE_IN_DOUBT, MINDEE_BROKEN);
    r.on_wire = true;
    pace_answered(s->pace, kind, &r);
}

/* --- the memory --- */

static void without_a_limit_there_is_no_lease(void **state)
{
    struct scene s;
    struct error e;
    (void)state;
    make(&s, 0, 0);
    assert_int_equal(pace_open(s.pace, &e), 0);
    pace_want(s.pace, 5, 5);
    for (int i = 0; i < 1000; i++)
        take(&s, PACE_POST);
    pace_turn(s.pace, now(&s));
    assert_int_equal(pace_next(s.pace, now(&s)).ms, MONO_NEVER.ms);
    assert_false(pace_is_limited(s.pace, PACE_POST));
    assert_false(pace_is_limited(s.pace, PACE_GET));
    pace_close(s.pace);
    assert_recorded("");
    end(&s);
}

static void one_limit_is_enough_for_a_memory(void **state)
{
    struct scene s;
    struct error e;
    (void)state;
    make(&s, 0, 20);
    assert_int_equal(pace_open(s.pace, &e), 0);
    assert_false(pace_is_limited(s.pace, PACE_POST));
    assert_true(pace_is_limited(s.pace, PACE_GET));
    assert_int_equal(wait_ms(&s, PACE_POST), 0); /* nothing to lease */
    assert_recorded("open_limits /state https://host md_key\n");
    end(&s);
}

static void until_it_is_open_nothing_needs_a_lease(void **state)
{
    struct scene s;
    (void)state;
    make(&s, 10, 20);
    take(&s, PACE_POST);
    take(&s, PACE_GET);
    pace_close(s.pace);
    assert_recorded("");
    end(&s);
}

static void a_memory_that_cannot_be_opened(void **state)
{
    struct scene s;
    struct error e;
    (void)state;
    make(&s, 10, 20);
    fake_limits.open_fails = "read-only file system";
    assert_int_equal(pace_open(s.pace, &e), ERR_IO);
    assert_string_equal(e.text, "what was sent lately (limits.state): read-only file system");
    pace_close(s.pace);
    assert_recorded("");
    end(&s);
}

static void closing_gives_the_lease_back_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 3, 5);
    take(&s, PACE_POST);
    pace_close(s.pace);
    pace_close(s.pace);
    assert_recorded("lease posts=3 gets=5\n"
                    "close_limits out=1,0 after 1 leases\n");
    end(&s);
    assert_recorded("");
}

/* --- the lease --- */

static void a_lease_comes_before_the_first_request(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 2, 1);
    assert_recorded("");
    take(&s, PACE_POST);
    take(&s, PACE_POST);
    take(&s, PACE_GET);
    assert_recorded("lease posts=2 gets=1\n");
    end(&s);
}

static void at_most_one_lease_a_second(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 1, 0);
    take(&s, PACE_POST);
    assert_int_equal(wait_ms(&s, PACE_POST), 1000);
    assert_int_equal(wait_ms(&s, PACE_GET), 1000);
    part_pass(&s.part, 999);
    assert_int_equal(wait_ms(&s, PACE_POST), 1);
    pace_turn(s.pace, now(&s));
    assert_recorded("lease posts=1 gets=0\n");
    part_pass(&s.part, 1);
    pace_want(s.pace, 4, 2);
    take(&s, PACE_POST);
    take(&s, PACE_GET);
    assert_recorded("lease posts=4 gets=2\n");
    end(&s);
}

static void others_have_it_all(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_limits.most_posts = 0;
    pace_want(s.pace, 3, 0);
    assert_int_equal(wait_ms(&s, PACE_POST), 1000);
    assert_recorded("lease posts=3 gets=0\n");
    part_pass(&s.part, 1000);
    fake_limits.most_posts = 3;
    assert_int_equal(wait_ms(&s, PACE_POST), 0);
    assert_recorded("lease posts=3 gets=0\n");
    end(&s);
}

/* The window is full of what others have out: a lease may say that it isn't any more. */
static void what_others_had_out_is_looked_at_again(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_limits.others_out = 10;
    pace_want(s.pace, 3, 0);
    assert_int_equal(wait_ms(&s, PACE_POST), 1000);
    part_pass(&s.part, 1000);
    fake_limits.others_out = 9;
    assert_int_equal(wait_ms(&s, PACE_POST), 0);
    assert_recorded("lease posts=3 gets=0\n"
                    "lease posts=3 gets=0\n");
    end(&s);
}

static void a_lease_that_is_held_is_renewed_by_the_turn(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_turn(s.pace, now(&s));
    assert_recorded("");
    assert_int_equal(pace_next(s.pace, now(&s)).ms, MONO_NEVER.ms);
    pace_want(s.pace, 2, 0);
    assert_int_equal(wait_ms(&s, PACE_POST), 0);
    assert_int_equal(pace_next(s.pace, now(&s)).ms, part_at(1000).ms);
    record_take();
    part_pass(&s.part, 1000);
    pace_want(s.pace, 0, 0);
    pace_turn(s.pace, now(&s)); /* given back: the others are told */
    assert_recorded("lease posts=0 gets=0\n");
    assert_int_equal(pace_next(s.pace, now(&s)).ms, MONO_NEVER.ms);
    part_pass(&s.part, 1000);
    pace_turn(s.pace, now(&s));
    assert_recorded("");
    end(&s);
}

static void what_is_out_is_told_to_others_too(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 0, 1);
    take(&s, PACE_GET);
    pace_want(s.pace, 0, 0);
    for (int i = 1; i <= 3; i++) {
        part_pass(&s.part, 1000);
        pace_turn(s.pace, now(&s));
        assert_int_equal(pace_next(s.pace, now(&s)).ms, part_at(1000 * (i + 1)).ms);
    }
    answer(&s, PACE_GET, 200);
    part_pass(&s.part, 1000);
    pace_turn(s.pace, now(&s)); /* that it was answered */
    assert_recorded("lease posts=0 gets=1\n"
                    "lease posts=0 gets=0\n"
                    "lease posts=0 gets=0\n"
                    "lease posts=0 gets=0\n"
                    "lease posts=0 gets=0\n");
    assert_int_equal(pace_next(s.pace, now(&s)).ms, MONO_NEVER.ms);
    end(&s);
}

static void a_memory_that_cannot_be_written_ends_the_run(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_limits.lease_fails = "disk full";
    pace_want(s.pace, 1, 0);
    assert_false(pace_lost(s.pace));
    assert_int_equal(wait_ms(&s, PACE_POST), 1000);
    assert_true(pace_lost(s.pace));
    assert_int_equal(ending_life(s.part.ending), RUN_DRAINING);
    assert_int_equal(ending_exit_code(s.part.ending), EXIT_RESUMABLE);
    assert_string_equal(ending_reason(s.part.ending),
                        "what is sent can't be noted (disk full): make room or repair "
                        "limits.state, then run the same command again");
    assert_true(part_poked(&s.part));
    part_pass(&s.part, 5000);
    assert_int_equal(wait_ms(&s, PACE_POST), 1000); /* and nothing goes out */
    end(&s);
}

/* --- requests --- */

static void each_kind_has_a_window_of_its_own(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 100, 100);
    for (int i = 0; i < 10; i++)
        take(&s, PACE_POST);
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 0);
    assert_int_equal(wait_ms(&s, PACE_POST), -1); /* not before an answer */
    for (int i = 0; i < 20; i++)
        take(&s, PACE_GET);
    assert_int_equal(pace_room(s.pace, PACE_GET, now(&s)), 0);
    end(&s);
}

static void an_answer_holds_its_place_for_the_window(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 100, 0);
    for (int i = 0; i < 10; i++)
        take(&s, PACE_POST);
    part_pass(&s.part, 300);
    answer(&s, PACE_POST, 202);
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 0);
    assert_int_equal(pace_next_post_place(s.pace, now(&s)).ms, part_at(300 + 60600).ms);
    part_pass(&s.part, 60600);
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 1);
    end(&s);
}

static void without_an_answer_it_holds_it_for_longer(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 100, 0);
    for (int i = 0; i < 10; i++)
        take(&s, PACE_POST);
    answer(&s, PACE_POST, 0);
    assert_int_equal(pace_next_post_place(s.pace, now(&s)).ms, part_at(65600).ms);
    end(&s);
}

static void what_never_left_holds_none(void **state)
{
    struct scene s;
    struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_CONNECT);
    int64_t post, get, http_429;
    (void)state;
    begin(&s);
    pace_want(s.pace, 2, 0);
    take(&s, PACE_POST);
    take(&s, PACE_POST);
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 8);
    r.on_wire = false;
    pace_answered(s.pace, PACE_POST, &r);
    pace_untake(s.pace, PACE_POST, now(&s));
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 10);
    assert_int_equal(wait_ms(&s, PACE_POST), 0); /* the lease is as it was */
    assert_false(pace_counts(s.pace, &post, &get, &http_429));
    end(&s);
}

static void what_went_out_is_counted_once(void **state)
{
    struct scene s;
    int64_t post, get, http_429;
    (void)state;
    begin(&s);
    pace_want(s.pace, 10, 10);
    for (int i = 0; i < 3; i++)
        take(&s, PACE_POST);
    take(&s, PACE_GET);
    assert_false(pace_counts(s.pace, &post, &get, &http_429)); /* not before it is answered */
    answer(&s, PACE_POST, 202);
    answer(&s, PACE_POST, 0);
    answer(&s, PACE_POST, 429);
    answer(&s, PACE_GET, 404);
    assert_true(pace_counts(s.pace, &post, &get, &http_429));
    assert_int_equal(post, 3);
    assert_int_equal(get, 1);
    assert_int_equal(http_429, 1);
    assert_false(pace_counts(s.pace, &post, &get, &http_429));
    assert_int_equal(post + get + http_429, 0);
    end(&s);
}

static void too_many_requests(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(429);
    (void)state;
    begin(&s);
    pace_want(s.pace, 10, 10);
    take(&s, PACE_POST);
    take(&s, PACE_POST);
    record_take();
    r.retry_after_ms = 30000;
    pace_answered(s.pace, PACE_POST, &r);
    pace_answered(s.pace, PACE_POST, &r);
    assert_recorded("");
    assert_int_equal(pace_next(s.pace, part_now(&s.part)).ms, part_at(1000).ms);
    part_pass(&s.part, 1000);
    pace_turn(s.pace, part_now(&s.part));
    assert_recorded("lease posts=10 gets=10\n"
                    "log warning limit.refused kind=post what=uploads answers=2 rate_per_minute=5 "
                    "retry_after=30000ms\n");
    assert_true(pace_rate_per_minute(s.pace, PACE_POST) == 5.0);
    assert_true(pace_rate_per_minute(s.pace, PACE_GET) == 20.0);
    assert_int_equal(wait_ms(&s, PACE_POST), 29000);
    assert_int_equal(wait_ms(&s, PACE_GET), 0);
    end(&s);
}

/* Those that come in a heap are one line, and a long storm is a line a minute. */
static void refusals_are_said_once(void **state)
{
    struct refusals r;
    const struct mono begin_at = {5000};
    (void)state;
    record_take();
    refusals_init(&r, "get", "questions");
    refusals_say(&r, MONO_NEVER);
    assert_recorded(""); /* there were none */
    for (int i = 0; i < 9; i++)
        refusals_heard(&r, mono_add(begin_at, i * 100), -1, 100 - i);
    refusals_say(&r, mono_add(begin_at, 999));
    assert_recorded("");
    refusals_say(&r, mono_add(begin_at, 1000));
    assert_recorded("log warning limit.refused kind=get what=questions answers=9 "
                    "rate_per_minute=92 retry_after=-1ms\n");
    refusals_heard(&r, mono_add(begin_at, 2000), 7000, 50);
    assert_int_equal(r.due.ms, begin_at.ms + 61000);
    refusals_heard(&r, mono_add(begin_at, 59000), 3000, 50);
    refusals_say(&r, mono_add(begin_at, 60999));
    assert_recorded("");
    refusals_say(&r, MONO_NEVER); /* the run ends */
    assert_recorded("log warning limit.refused kind=get what=questions answers=2 "
                    "rate_per_minute=50 retry_after=7000ms\n");
}

static void the_configured_pace_holds(void **state)
{
    struct scene s;
    (void)state;
    make(&s, 10, 20);
    pace_free(s.pace);
    s.part.options.pace = PACE_EVEN;
    s.pace = pace_new(&s.part.context, s.part.ending);
    take(&s, PACE_POST);
    assert_int_equal(wait_ms(&s, PACE_POST), 6050 - 100); /* each minute's tenth, and our slack */
    take(&s, PACE_GET);
    assert_int_equal(wait_ms(&s, PACE_GET), 3025 - 100);
    end(&s);
}

/* --- what there is room for --- */

static void room_within_a_horizon(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    pace_want(s.pace, 0, 20);
    for (int i = 0; i < 8; i++) {
        take(&s, PACE_GET);
        answer(&s, PACE_GET, 200);
    }
    assert_int_equal(pace_get_room_within(s.pace, now(&s), 0), 12);
    assert_int_equal(pace_get_room_within(s.pace, now(&s), 60500), 12);
    assert_int_equal(pace_get_room_within(s.pace, now(&s), 60600), 20);
    assert_int_equal(pace_room(s.pace, PACE_GET, now(&s)), 12);
    end(&s);
}

static void jobs_as_many_as_the_gets_cover(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(pace_job_capacity(s.pace, now(&s)), 20 * 30 / 3);
    end(&s);
    make(&s, 10, 0);
    assert_int_equal(pace_job_capacity(s.pace, now(&s)), 4096);
    end(&s);
}

/* --- the breaker --- */

static void four_failures_and_the_service_is_down(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    for (int i = 0; i < 3; i++)
        pace_sign(s.pace, SIGN_DOWN, "connect", "no route to host");
    assert_true(pace_service_up(s.pace, now(&s)));
    assert_false(pace_service_down(s.pace));
    assert_int_equal(pace_service_next(s.pace, now(&s)).ms, now(&s).ms);
    assert_recorded("");
    pace_sign(s.pace, SIGN_DOWN, "connect", "no route to host");
    assert_recorded("log warning service.down cause=connect detail=no route to host\n");
    assert_false(pace_service_up(s.pace, now(&s)));
    assert_true(pace_service_down(s.pace));
    end(&s);
}

static void bring_down(struct scene *s)
{
    begin(s);
    pace_want(s->pace, 10, 10);
    for (int i = 0; i < 4; i++)
        pace_sign(s->pace, SIGN_DOWN, "connect", "");
    record_take();
}

static void let_probe_go(struct scene *s)
{
    int64_t pause_ms = mono_diff(pace_service_next(s->pace, now(s)), now(s));
    assert_in_range(pause_ms, 500, 1000); /* first_delay, half of it jittered */
    part_pass(&s->part, pause_ms);
    assert_true(pace_service_up(s->pace, now(s)));
    assert_true(pace_service_down(s->pace));
    take(s, PACE_POST);
    record_take();
}

static void one_probe_at_a_time(void **state)
{
    struct scene s;
    (void)state;
    bring_down(&s);
    let_probe_go(&s);
    assert_false(pace_service_up(s.pace, now(&s)));
    assert_int_equal(pace_service_next(s.pace, now(&s)).ms, MONO_NEVER.ms);
    pace_sign(s.pace, SIGN_DOWN, "timeout", "");
    assert_in_range(mono_diff(pace_service_next(s.pace, now(&s)), now(&s)), 1000, 2000);
    assert_recorded(""); /* nothing new */
    end(&s);
}

static void a_probe_that_succeeds_opens_it(void **state)
{
    struct scene s;
    (void)state;
    bring_down(&s);
    let_probe_go(&s);
    pace_sign(s.pace, SIGN_UP, "http_202", "");
    assert_recorded("log warning service.up cause=http_202 detail=\n");
    assert_true(pace_service_up(s.pace, now(&s)));
    assert_false(pace_service_down(s.pace));
    end(&s);
}

static void a_probe_that_never_left_leaves_its_place(void **state)
{
    struct scene s;
    (void)state;
    bring_down(&s);
    let_probe_go(&s);
    pace_untake(s.pace, PACE_POST, now(&s));
    assert_true(pace_service_up(s.pace, now(&s)));
    assert_true(pace_service_down(s.pace));
    assert_int_equal(pace_room(s.pace, PACE_POST, now(&s)), 10);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_there_is_no_lease),
        cmocka_unit_test(one_limit_is_enough_for_a_memory),
        cmocka_unit_test(until_it_is_open_nothing_needs_a_lease),
        cmocka_unit_test(a_memory_that_cannot_be_opened),
        cmocka_unit_test(closing_gives_the_lease_back_once),
        cmocka_unit_test(a_lease_comes_before_the_first_request),
        cmocka_unit_test(at_most_one_lease_a_second),
        cmocka_unit_test(others_have_it_all),
        cmocka_unit_test(what_others_had_out_is_looked_at_again),
        cmocka_unit_test(a_lease_that_is_held_is_renewed_by_the_turn),
        cmocka_unit_test(what_is_out_is_told_to_others_too),
        cmocka_unit_test(a_memory_that_cannot_be_written_ends_the_run),
        cmocka_unit_test(each_kind_has_a_window_of_its_own),
        cmocka_unit_test(an_answer_holds_its_place_for_the_window),
        cmocka_unit_test(without_an_answer_it_holds_it_for_longer),
        cmocka_unit_test(what_never_left_holds_none),
        cmocka_unit_test(what_went_out_is_counted_once),
        cmocka_unit_test(too_many_requests),
        cmocka_unit_test(refusals_are_said_once),
        cmocka_unit_test(the_configured_pace_holds),
        cmocka_unit_test(room_within_a_horizon),
        cmocka_unit_test(jobs_as_many_as_the_gets_cover),
        cmocka_unit_test(four_failures_and_the_service_is_down),
        cmocka_unit_test(one_probe_at_a_time),
        cmocka_unit_test(a_probe_that_succeeds_opens_it),
        cmocka_unit_test(a_probe_that_never_left_leaves_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
