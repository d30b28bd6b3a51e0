/* The service's states, on virtual time: what runs when, with runs that take as long and end as the
 * script says. It begins on 2026-08-31, a Monday, at 16:00 UTC; times are given to the minute. */
#include "scripted_batch.h"
#include "virtual_loop.h"

#include "base/log.h"
#include "service/supervisor.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

struct stage {
    char directory[64], ledger[96];
    int64_t mono_ms, shift_ms;
    struct virtual_clock clock;
    struct loop *loop;
    struct supervisor *supervisor;
    struct served_entry entry; /* as the next one is made */
    struct {
        int64_t at_ms; /* since the beginning */
        void (*act)(struct stage *s);
    } acts[4];
    int act;
    int notices, troubles;
    bool reviews;                    /* somebody looks for what needs a person */
    void (*review)(struct stage *s); /* and this happens meanwhile */
    struct ledger *other;            /* somebody else has it */
};

static int setup(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    char in[96];
    unsetenv("NOTIFY_SOCKET");
    strcpy(s->directory, "/tmp/test-supervisor-XXXXXX");
    assert_non_null(mkdtemp(s->directory));
    snprintf(in, sizeof in, "%s/in", s->directory);
    assert_int_equal(mkdir(in, 0700), 0);
    snprintf(s->ledger, sizeof s->ledger, "%s/out/ledger.db", s->directory);
    s->mono_ms = VIRTUAL_MONO_START_MS;
    virtual_clock_init(&s->clock, &s->mono_ms);
    s->clock.wall_shift_ms = &s->shift_ms;
    script_setup(1000);
    s->entry = (struct served_entry){.name = "", .catch_up_ms = 120 * HOUR_MS};
    struct log_options log = {.level = LOG_ERROR};
    struct error e;
    assert_int_equal(log_open(&log, &e), 0);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct stage *s = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", s->directory);
    int status = system(command);
    free(s);
    return status;
}

static void set(struct config *c, const char *format, const char *value)
{
    struct error_list errors = {0};
    char text[200];
    snprintf(text, sizeof text, format, value);
    assert_int_equal(config_set(c, text, &errors), 0);
}

static struct served_batches *make_batches(const struct stage *s, const char *when)
{
    struct served_batches *r = calloc(1, sizeof *r);
    struct error e;
    r->count = 1;
    r->entries = calloc(1, sizeof *r->entries);
    r->config = config_new();
    r->entries[0] = s->entry;
    r->entries[0].config = r->config;
    set(r->config, "api.key=%s", "md_scripted");
    set(r->config, "input.directory=%s/in", s->directory);
    set(r->config, "output.directory=%s/out", s->directory);
    if (when) {
        r->entries[0].calendar = calendar_new();
        assert_int_equal(calendar_parse(r->entries[0].calendar, when, &e), 0);
    }
    return r;
}

static void before_step_cb(void *ctx)
{
    struct stage *s = ctx;
    int64_t now = s->mono_ms - VIRTUAL_MONO_START_MS;
    while (s->acts[s->act].act && now >= s->acts[s->act].at_ms)
        s->acts[s->act++].act(s);
}

static struct stage *stage; /* of the test that is on */

/* In the place of the log's line. */
void service_notice(const struct service_notice *n)
{
    struct stage *s = stage;
    s->notices++;
    s->troubles += n->kind == NOTICE_TROUBLE;
}

static int review(const struct config *c, const struct batch_options *o, int exit_code,
                  struct summary_review *out, struct error *e)
{
    (void)c, (void)o, (void)e;
    script_tell(&stage->clock.clock, "review %d", exit_code);
    *out = (struct summary_review){.known = true};
    if (stage->review)
        stage->review(stage);
    return 0;
}

static void stop_it(struct stage *s)
{
    supervisor_stop(s->supervisor);
}

/* Serves until it is stopped at STOP_MS since the beginning; its exit code. */
static int serve(struct stage *s, const char *when, int64_t stop_ms)
{
    const struct virtual_hooks hooks = {.before_step = before_step_cb, .ctx = s};
    stage = s;
    const struct supervisor_options options = {.seed = 1, .review = s->reviews ? review : NULL};
    struct error e = {0};
    int n = 0;
    while (s->acts[n].act)
        n++;
    s->acts[n].at_ms = stop_ms;
    s->acts[n].act = stop_it;
    s->act = 0;
    s->loop = virtual_loop_new(&s->clock, 7, &hooks);
    if (supervisor_new(&s->supervisor, s->loop, make_batches(s, when), &options, &e) < 0)
        fail_msg("%s", e.text);
    supervisor_start(s->supervisor);
    loop_run(s->loop);
    int code = supervisor_exit_code(s->supervisor);
    supervisor_free(s->supervisor);
    loop_free(s->loop);
    memset(s->acts, 0, sizeof s->acts);
    return code;
}

static void scheduled_runs_alone(void **state)
{
    struct stage *s = *state;
    script.runs[0].takes_ms = 5 * MINUTE_MS;
    script.runs[1].exit_code = EXIT_SOME_FAILED;
    assert_int_equal(serve(s, "daily 18:00", 49 * HOUR_MS), 0);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:05 end 0; "
                                     "01 18:00 run 2026-09-01; 01 18:00 end 1");
    assert_int_equal(s->notices, 2);
    assert_int_equal(s->troubles, 0);
}

/* What needs a person is known when the end is told. */
static void a_run_is_reviewed_before_its_end_is_told(void **state)
{
    struct stage *s = *state;
    s->reviews = true;
    script.runs[1].exit_code = EXIT_SOME_FAILED;
    assert_int_equal(serve(s, "daily 18:00", 49 * HOUR_MS), 0);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:00 end 0; 31 18:00 review 0; "
                                     "01 18:00 run 2026-09-01; 01 18:00 end 1; 01 18:00 review 1");
    assert_int_equal(s->notices, 2);
}

static void one_that_is_stopped_while_it_is_reviewed_has_ended(void **state)
{
    struct stage *s = *state;
    s->reviews = true;
    s->review = stop_it;
    assert_int_equal(serve(s, "daily 18:00", 49 * HOUR_MS), 0);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:00 end 0; 31 18:00 review 0");
    assert_int_equal(s->notices, 1);
}

static void a_staying_run_is_reviewed_when_it_makes_room(void **state)
{
    struct stage *s = *state;
    s->reviews = s->entry.watch = s->entry.stays = true;
    assert_int_equal(serve(s, "daily 18:00", 24 * HOUR_MS), EXIT_ALL_STORED);
    assert_string_equal(script.told, "31 16:00 stay; 31 18:00 end 5; 31 18:00 review 0; "
                                     "31 18:00 run 2026-08-31; 31 18:00 end 0; 31 18:00 review 0; "
                                     "31 18:00 stay; 01 16:00 end 5; 01 16:00 review 0");
}

static void a_staying_run_makes_room_and_comes_back(void **state)
{
    struct stage *s = *state;
    s->entry.watch = s->entry.stays = true;
    script.stop_takes_ms = 3 * MINUTE_MS;
    script.runs[0].takes_ms = 5 * MINUTE_MS;
    assert_int_equal(serve(s, "daily 18:00", 24 * HOUR_MS), EXIT_ALL_STORED);
    assert_string_equal(script.told, "31 16:00 stay; 31 18:03 end 5; 31 18:03 run 2026-08-31; "
                                     "31 18:08 end 0; 31 18:08 stay; 01 16:03 end 5");
}

static void what_is_due_meanwhile_waits(void **state)
{
    struct stage *s = *state;
    script.runs[0].takes_ms = 30 * HOUR_MS;
    s->entry.catch_up_ms = 0; /* it isn't missed: we were there */
    serve(s, "daily 18:00", 52 * HOUR_MS);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 02 00:00 end 0; "
                                     "02 00:00 run 2026-09-01; 02 00:00 end 0; "
                                     "02 18:00 run 2026-09-02; 02 18:00 end 0");
}

static void what_is_due_meanwhile_is_skipped_if_so_wanted(void **state)
{
    struct stage *s = *state;
    script.runs[0].takes_ms = 30 * HOUR_MS;
    s->entry.skip_overlap = true;
    serve(s, "daily 18:00", 52 * HOUR_MS);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 02 00:00 end 0; "
                                     "02 18:00 run 2026-09-02; 02 18:00 end 0");
}

static void a_run_that_can_go_on_does_and_is_given_up_in_the_end(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 7; i++)
        script.runs[i].exit_code = EXIT_RESUMABLE;
    serve(s, "daily 18:00", 20 * HOUR_MS);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:00 end 5; "
                                     "31 18:15 run 2026-08-31*; 31 18:15 end 5; "
                                     "31 18:30 run 2026-08-31*; 31 18:30 end 5; "
                                     "31 18:45 run 2026-08-31*; 31 18:45 end 5; "
                                     "31 19:00 run 2026-08-31*; 31 19:00 end 5");
    assert_int_equal(s->troubles, 5);
}

static void a_refusal_ends_the_period(void **state)
{
    struct stage *s = *state;
    script.runs[0].exit_code = EXIT_REFUSED;
    assert_int_equal(serve(s, "daily 18:00", 27 * HOUR_MS), 0);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:00 end 4; "
                                     "01 18:00 run 2026-09-01; 01 18:00 end 0");
    assert_int_equal(s->troubles, 1);
}

static void stopped_in_a_run_the_next_start_goes_on(void **state)
{
    struct stage *s = *state;
    script.runs[0].takes_ms = script.runs[1].takes_ms = HOUR_MS;
    assert_int_equal(serve(s, "daily 18:00", 2 * HOUR_MS + 10 * MINUTE_MS), EXIT_RESUMABLE);
    s->mono_ms += 200 * HOUR_MS; /* away for longer than is caught up */
    assert_int_equal(serve(s, "daily 18:00", 220 * HOUR_MS), 0);
    assert_memory_equal(script.told, "31 18:00 run 2026-08-31; 31 18:10 end 5; ", 41);
    assert_non_null(strstr(script.told, "02:10 run 2026-08-31*; "));
    assert_int_equal(s->troubles, 0);
}

static void set_back(struct stage *s)
{
    s->shift_ms = -HOUR_MS;
}

static void a_clock_set_back_runs_nothing_twice(void **state)
{
    struct stage *s = *state;
    s->acts[0].at_ms = 2 * HOUR_MS + 30 * MINUTE_MS;
    s->acts[0].act = set_back;
    serve(s, "daily 18:00", 30 * HOUR_MS);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:00 end 0; "
                                     "01 18:00 run 2026-09-01; 01 18:00 end 0");
}

static void set_forward(struct stage *s)
{
    s->shift_ms = HOUR_MS;
}

static void a_clock_set_forward_is_noticed_within_a_minute(void **state)
{
    struct stage *s = *state;
    s->acts[0].at_ms = 90 * MINUTE_MS; /* 17:30 becomes 18:30 */
    s->acts[0].act = set_forward;
    serve(s, "daily 18:00", 3 * HOUR_MS);
    assert_true(strncmp(script.told, "31 18:30 run 2026-08-31", 23) == 0 ||
                strncmp(script.told, "31 18:31 run 2026-08-31", 23) == 0);
}

static void take_ledger(struct stage *s)
{
    const struct ledger_options o = {.path = s->ledger, .clock = &s->clock.clock};
    struct error e;
    if (ledger_open(&s->other, &o, &e) < 0)
        fail_msg("%s", e.text);
}

static void give_ledger_back(struct stage *s)
{
    ledger_close(s->other);
}

static void a_ledger_in_use_is_waited_for_and_what_was_due_is_not_missed(void **state)
{
    struct stage *s = *state;
    s->entry.catch_up_ms = 0;
    s->acts[0].at_ms = HOUR_MS;
    s->acts[0].act = take_ledger;
    s->acts[1].at_ms = 5 * HOUR_MS;
    s->acts[1].act = give_ledger_back;
    serve(s, "daily 18:00", 6 * HOUR_MS);
    assert_string_equal(script.told, "31 21:00 run 2026-08-31; 31 21:00 end 0");
    assert_int_equal(s->troubles, 0);
}

static void one_that_only_stays_ends_with_its_run(void **state)
{
    struct stage *s = *state;
    s->entry.stays = true;
    script.stay_ends = true;
    assert_int_equal(serve(s, NULL, 10 * HOUR_MS), EXIT_RESUMABLE);
    assert_string_equal(script.told, "31 16:00 stay; 31 16:00 end 5");
    assert_int_equal(s->troubles, 1);
}

static void with_a_schedule_it_tries_again(void **state)
{
    struct stage *s = *state;
    s->entry.stays = true;
    script.stay_ends = true;
    serve(s, "daily 18:00", 40 * MINUTE_MS);
    assert_string_equal(script.told,
                        "31 16:00 stay; 31 16:00 end 5; 31 16:15 stay; 31 16:15 end 5; "
                        "31 16:30 stay; 31 16:30 end 5");
}

/* Its rest between two tries isn't what a run is missed for, even if nothing is caught up. */
static void what_comes_due_in_its_rest_is_not_missed(void **state)
{
    struct stage *s = *state;
    s->entry.stays = true;
    s->entry.catch_up_ms = 0;
    script.stay_ends = true;
    serve(s, "daily 16:20", 31 * MINUTE_MS);
    assert_non_null(strstr(script.told, "run 2026-08-31"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(scheduled_runs_alone),
        TEST(a_run_is_reviewed_before_its_end_is_told),
        TEST(one_that_is_stopped_while_it_is_reviewed_has_ended),
        TEST(a_staying_run_is_reviewed_when_it_makes_room),
        TEST(a_staying_run_makes_room_and_comes_back),
        TEST(what_is_due_meanwhile_waits),
        TEST(what_is_due_meanwhile_is_skipped_if_so_wanted),
        TEST(a_run_that_can_go_on_does_and_is_given_up_in_the_end),
        TEST(a_refusal_ends_the_period),
        TEST(stopped_in_a_run_the_next_start_goes_on),
        TEST(a_clock_set_back_runs_nothing_twice),
        TEST(a_clock_set_forward_is_noticed_within_a_minute),
        TEST(a_ledger_in_use_is_waited_for_and_what_was_due_is_not_missed),
        TEST(one_that_only_stays_ends_with_its_run),
        TEST(with_a_schedule_it_tries_again),
        TEST(what_comes_due_in_its_rest_is_not_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
