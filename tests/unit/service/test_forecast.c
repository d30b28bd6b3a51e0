/* A forecast of what a run will send, in a sentence: what fits before the next run and what doesn't,
 * and one that is given up. And the log's line of each notice. */
#include "batch_fixture.h"

#include "base/log.h"
#include "capture.h"
#include "service/forecast.h"
#include "service/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS INT64_C(1788192000000) /* 2026-08-31T16:00:00Z */

static struct served_entry entry;
static struct forecast forecast;
static int done;

static void done_cb(void *ctx)
{
    assert_ptr_equal(ctx, &done);
    assert_null(forecast.entry); /* another one may begin from here */
    done++;
}

static int set_up(void **state)
{
    int rc = scene_setup(state);
    struct scene *s = *state;
    entry = (struct served_entry){.name = "acme", .config = s->config};
    memset(&forecast, 0, sizeof forecast);
    done = 0;
    return rc;
}

static void make(struct scene *s, int64_t deadline_ms)
{
    const struct forecast_about about = {
        .period = "2026-08", .begins = {START_MS}, .deadline = {deadline_ms}};
    const struct log_options log = {.level = LOG_INFO, .clock = &system_clock};
    struct loop *loop = loop_new(&system_clock);
    char in[300];
    struct error e = {0};
    snprintf(in, sizeof in, "input.directory=%s", folder_path(&s->folder, "in"));
    scene_set(s, in);
    capture_begin();
    int rc = log_open(&log, &e);
    if (rc == 0)
        rc = forecast_start(&forecast, loop, &entry, &about, done_cb, &done, &e);
    loop_run(loop);
    log_close();
    capture_end();
    loop_free(loop);
    if (rc < 0)
        fail_msg("%s", e.text);
    assert_int_equal(done, 1);
}

static void what_fits(void **state)
{
    struct scene *s = *state;
    scene_pdf(s, "in/a.pdf", 3, "a");
    scene_pdf(s, "in/b.pdf", 1, "b");
    make(s, START_MS + 3600 * 1000);
    assert_false(forecast.late);
    assert_string_equal(
        forecast.said,
        "2 documents (4 pages) for 2026-08 take 1 min 00 s at 200 uploads a minute: until "
        "2026-08-31T16:01:00Z, and the next run is due at 2026-08-31T17:00:00Z");
    assert_non_null(
        strstr(captured_err,
               " info batch acme: the next run, worked out before (period 2026-08, documents 2, "
               "pages 4, credits 4, rejected 0, "));
    assert_non_null(strstr(captured_err, ", in time yes) [schedule.forecast]\n"));
}

static void what_doesnt_fit(void **state)
{
    struct scene *s = *state;
    scene_pdf(s, "in/a.pdf", 1, "a");
    make(s, START_MS + 1000);
    assert_true(forecast.late);
    assert_non_null(strstr(forecast.said, ", but the next run is due at 2026-08-31T16:00:01Z"));
    assert_non_null(strstr(captured_err, " warning "));
    assert_non_null(strstr(captured_err, ", in time no) [schedule.forecast]\n"));
}

static void no_run_after_it(void **state)
{
    struct scene *s = *state;
    scene_pdf(s, "in/a.pdf", 1, "a");
    make(s, 0);
    assert_false(forecast.late);
    assert_non_null(strstr(forecast.said, ", and the next run is due at no time"));
}

static void nothing_to_send_takes_no_time(void **state)
{
    make(*state, START_MS);
    assert_false(forecast.late);
    assert_non_null(strstr(forecast.said, "0 documents (0 pages) for 2026-08 take 0 "));
}

/* Stopped at once or while it walks: DONE never comes, and the loop runs out. */
static void given_up(void **state)
{
    struct scene *s = *state;
    const struct forecast_about about = {.period = "2026-08", .begins = {START_MS}};
    struct loop *loop = loop_new(&system_clock);
    struct error e;
    char in[300];
    scene_pdf(s, "in/a.pdf", 1, "a");
    snprintf(in, sizeof in, "input.directory=%s", folder_path(&s->folder, "in"));
    scene_set(s, in);
    forecast_stop(&forecast); /* none is being made */
    assert_int_equal(forecast_start(&forecast, loop, &entry, &about, done_cb, &done, &e), 0);
    assert_non_null(forecast.entry);
    forecast_stop(&forecast);
    assert_null(forecast.entry);
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(done, 0);
}

static void a_directory_that_isnt_there(void **state)
{
    struct scene *s = *state;
    const struct forecast_about about = {.period = "2026-08", .begins = {START_MS}};
    struct loop *loop = loop_new(&system_clock);
    struct error e;
    scene_set(s, "input.directory=/no/such/directory");
    assert_true(forecast_start(&forecast, loop, &entry, &about, done_cb, &done, &e) < 0);
    assert_non_null(strstr(e.text, "/no/such/directory"));
    assert_null(forecast.entry); /* and nothing to stop */
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(done, 0);
}

/* --- notices --- */

static void notice(const struct service_notice *n)
{
    const struct log_options log = {.level = LOG_INFO, .clock = &system_clock};
    struct error e;
    capture_begin();
    int rc = log_open(&log, &e);
    service_notice(n);
    log_close();
    capture_end();
    assert_int_equal(rc, 0);
}

static void a_notice_is_a_line(void **state)
{
    const struct due due = {.rule = "daily 18:00", .period = "2026-08-31"};
    const struct served_entry plain = {.name = ""};
    struct service_notice n = {.kind = NOTICE_END,
                               .entry = &entry,
                               .due = &due,
                               .exit_code = 1,
                               .text = "some documents are not stored"};
    (void)state;
    notice(&n);
    assert_non_null(
        strstr(captured_err,
               " info batch acme: the scheduled run has ended: some documents are not stored "
               "(period 2026-08-31, schedule daily 18:00, exit code 1) [schedule.end]\n"));
    n = (struct service_notice){
        .kind = NOTICE_TROUBLE, .entry = &plain, .exit_code = -1, .text = "late"};
    notice(&n);
    assert_non_null(strstr(captured_err, " warning this needs a person: late [serve.trouble]\n"));
}

/* Documents are parsed in a process of their own, which is this program. */
int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scene_teardown)
    if (argc > 1 && strcmp(argv[1], "page-helper") == 0)
        return page_helper_main();
    page_helper_use("/proc/self/exe");
    const struct CMUnitTest tests[] = {
        TEST(what_fits),          TEST(what_doesnt_fit),
        TEST(no_run_after_it),    TEST(nothing_to_send_takes_no_time),
        TEST(given_up),           TEST(a_directory_that_isnt_there),
        TEST(a_notice_is_a_line),
    };
    return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
