/* The JSON of summary.json to the letter of its contract, the sums it promises, a resumed run's own
 * part; from a real ledger where numbers come from there. */
#include "ledger/document_ledger.h"
#include "ledger/periods.h"
#include "ledger/summary.h"
#include "ledger_fixture.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every number another one, so that none can stand in for another. */
static struct ledger_counts sample_counts(int64_t base)
{
    struct ledger_counts c = {
        .files = base + 1,
        .documents = base + 2,
        .duplicates = base + 3,
        .former = base + 4,
        .dismissed = base + 13,
        .resent = base + 5,
        .credits = credits_of(base + 6),
        .credits_at_risk = credits_of(base + 7),
        .credits_out = credits_of(base + 8),
        .post = base + 9,
        .get = base + 10,
        .http_429 = base + 11,
        .started_at = {1788199205000 + base},
        .finished_at = {1788199205000 + base + 12345},
    };
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        c.by_state[i] = base + 100 * (i + 1);
    return c;
}

static cJSON *parse_summary(const struct summary *s)
{
    struct buffer text;
    buffer_init(&text, 0);
    summary_json(&text, s);
    assert_int_equal(text.data[text.len - 1], '}');
    cJSON *json = cJSON_Parse(buffer_text(&text));
    assert_non_null(json);
    buffer_release(&text);
    return json;
}

static int64_t number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", name);
    return (int64_t)item->valuedouble;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static void expect_sample(const cJSON *o, int64_t base)
{
    const struct ledger_counts c = sample_counts(base);
    assert_int_equal(number(o, "files"), c.files);
    assert_int_equal(number(o, "documents"), c.documents);
    assert_int_equal(number(o, "queued"), c.by_state[DOC_QUEUED]);
    assert_int_equal(number(o, "processing"), c.by_state[DOC_SUBMITTING] +
                                                  c.by_state[DOC_PROCESSING] +
                                                  c.by_state[DOC_READY]);
    assert_int_equal(number(o, "stored"), c.by_state[DOC_STORED]);
    assert_int_equal(number(o, "failed"), c.by_state[DOC_FAILED]);
    assert_int_equal(number(o, "rejected"), c.by_state[DOC_REJECTED]);
    assert_int_equal(number(o, "lost"), c.by_state[DOC_LOST]);
    assert_int_equal(number(o, "in_doubt"), c.by_state[DOC_IN_DOUBT]);
    assert_int_equal(number(o, "dismissed"), c.dismissed);
    assert_int_equal(number(o, "duplicates"), c.duplicates);
    assert_int_equal(number(o, "resent"), c.resent);
    assert_int_equal(number(o, "credits"), c.credits.micro / CREDIT_MICROS);
    const cJSON *requests = cJSON_GetObjectItemCaseSensitive(o, "requests");
    assert_int_equal(number(requests, "post"), c.post);
    assert_int_equal(number(requests, "get"), c.get);
    assert_int_equal(number(o, "http_429"), c.http_429);
    assert_float_equal(cJSON_GetObjectItemCaseSensitive(o, "seconds")->valuedouble, 12.345, 1e-9);
}

static void every_number_in_its_place(void **state)
{
    const struct summary s = {
        .total = sample_counts(10000), .run = sample_counts(50), .has_run = true, .unread = 7};
    (void)state;
    cJSON *json = parse_summary(&s);
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(json, "run");
    expect_sample(json, 10000);
    expect_sample(run, 50);
    assert_int_equal(number(json, "unread"), 7);
    assert_string_equal(text_of(json, "started_at"), "2026-08-31T18:00:15Z");
    assert_string_equal(text_of(run, "started_at"), "2026-08-31T18:00:05Z");
    assert_string_equal(text_of(run, "finished_at"), "2026-08-31T18:00:17Z");
    assert_false(cJSON_HasObjectItem(run, "run"));
    cJSON_Delete(json);
}

static void large_numbers_are_whole(void **state)
{
    struct summary s = {.total = sample_counts(0)};
    struct buffer text;
    (void)state;
    s.total.credits = credits_of(98765432109);
    buffer_init(&text, 0);
    summary_json(&text, &s);
    assert_non_null(strstr(buffer_text(&text), "\"credits\":\t98765432109,"));
    buffer_release(&text);
}

static void what_has_not_been_is_null(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    struct error e;
    assert_int_equal(summary_read(&s, f->l, &e), 0);
    assert_false(s.has_run);
    cJSON *json = parse_summary(&s);
    assert_int_equal(number(json, "files"), 0);
    assert_int_equal(number(json, "seconds"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "run")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "started_at")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "finished_at")));
    cJSON_Delete(json);
}

static void expect_sums(const cJSON *o)
{
    static const char *const states[] = {"queued",   "processing", "stored",   "failed",
                                         "rejected", "lost",       "in_doubt", "dismissed"};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        assert_true(number(o, states[i]) >= 0);
        sum += number(o, states[i]);
    }
    assert_int_equal(number(o, "documents"), sum);
    assert_int_equal(number(o, "files"), number(o, "documents") + number(o, "duplicates"));
}

static cJSON *read_summary(struct fixture *f, struct summary *s)
{
    struct error e;
    assert_int_equal(summary_read(s, f->l, &e), 0);
    cJSON *json = parse_summary(s);
    expect_sums(json);
    if (s->has_run)
        expect_sums(cJSON_GetObjectItemCaseSensitive(json, "run"));
    return json;
}

static void start_run(struct fixture *f, int64_t at_ms)
{
    int64_t run;
    fixture_now_ms = at_ms;
    assert_ok(f->l, ledger_run_start(f->l, &run));
}

static void end_run(struct fixture *f, int64_t at_ms, int exit_code)
{
    fixture_now_ms = at_ms;
    assert_ok(f->l, ledger_run_end(f->l, exit_code));
    assert_ok(f->l, ledger_commit(f->l));
}

static void fail_document(struct fixture *f, int64_t id)
{
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
}

/* Interrupted with something in every state; the run after it settles some of it. */
static void a_resumed_runs_own_part(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    start_run(f, 1000);
    int64_t stored = fixture_put(f, "1", "1", NULL), later = fixture_put(f, "2", "2", NULL);
    int64_t failed = fixture_put(f, "3", "3", NULL), doubt = fixture_put(f, "4", "4", NULL);
    fixture_put(f, "5", "5", NULL);
    fixture_put(f, "1 again", "1", NULL);
    fixture_put(f, "unreadable", NULL, NULL);
    fixture_store(f, stored, "{}", 3);
    int job = fixture_accept(f, later, "job-2");
    fail_document(f, failed);
    int lost_answer = fixture_submit(f, doubt);
    assert_ok(f->l, ledger_attempt_end(f->l, doubt, lost_answer, ATTEMPT_IN_DOUBT, 0, "timeout"));
    fixture_step(f, doubt, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, lost_answer);
    assert_ok(f->l, ledger_run_add(f->l, 4, 9, 1));
    end_run(f, 31500, 5);

    cJSON *json = read_summary(f, &s);
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(json, "run");
    const cJSON *both[] = {json, run}; /* the first run is all there is */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(number(both[i], "files"), 7);
        assert_int_equal(number(both[i], "documents"), 6);
        assert_int_equal(number(both[i], "duplicates"), 1);
        assert_int_equal(number(both[i], "stored"), 1);
        assert_int_equal(number(both[i], "processing"), 1);
        assert_int_equal(number(both[i], "queued"), 1);
        assert_int_equal(number(both[i], "failed"), 1);
        assert_int_equal(number(both[i], "rejected"), 1);
        assert_int_equal(number(both[i], "in_doubt"), 1);
        assert_int_equal(number(both[i], "credits"), 3);
        assert_int_equal(number(both[i], "http_429"), 1);
        assert_float_equal(cJSON_GetObjectItem(both[i], "seconds")->valuedouble, 30.5, 1e-9);
    }
    cJSON_Delete(json);

    fixture_reopen(f);
    start_run(f, 100000);
    assert_ok(f->l, ledger_attempt_result_url(f->l, later, job, "https://host/result"));
    fixture_step(f, later, DOC_PROCESSING, DOC_READY, EV_JOB_READY, job);
    assert_ok(f->l, ledger_result_put(f->l, later, "{}", 2, 2));
    assert_ok(f->l, ledger_attempt_end(f->l, later, job, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, later, DOC_READY, DOC_STORED, EV_RESULT, job);
    assert_ok(f->l, ledger_run_add(f->l, 0, 2, 0));
    json = read_summary(f, &s); /* it goes on still */
    run = cJSON_GetObjectItemCaseSensitive(json, "run");
    assert_int_equal(number(json, "stored"), 2);
    assert_int_equal(number(run, "stored"), 1);
    assert_int_equal(number(run, "queued"), 1); /* left open */
    assert_int_equal(number(run, "processing"), 0);
    assert_int_equal(number(run, "failed"), 0); /* an earlier run's */
    assert_int_equal(number(run, "rejected"), 0);
    assert_int_equal(number(run, "in_doubt"), 0);
    assert_int_equal(number(run, "credits"), 2);
    assert_int_equal(number(cJSON_GetObjectItem(run, "requests"), "get"), 2);
    assert_int_equal(number(cJSON_GetObjectItem(json, "requests"), "get"), 11);
    assert_int_equal(number(run, "http_429"), 0);
    assert_int_equal(number(run, "documents"), 2);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(run, "finished_at")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "finished_at")));
    cJSON_Delete(json);
}

static int64_t put_in(struct fixture *f, const char *name, const char *period)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .looked_at = true,
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

static void begin_period(struct fixture *f, const char *period, int64_t at_ms)
{
    enum period_begin how;
    fixture_now_ms = at_ms;
    assert_ok(f->l, ledger_period_begin(f->l, "day-1", period, (struct wall){at_ms}, &how));
    start_run(f, at_ms);
    assert_ok(f->l, ledger_period_run(f->l, "day-1", period));
}

static void expect_of_period(struct fixture *f, const char *name, int64_t stored, int64_t queued,
                             double seconds)
{
    struct summary s;
    cJSON *json = read_summary(f, &s);
    const cJSON *o = cJSON_GetObjectItemCaseSensitive(json, "of_period");
    expect_sums(o);
    assert_string_equal(text_of(o, "name"), name);
    assert_int_equal(number(o, "stored"), stored);
    assert_int_equal(number(o, "queued"), queued);
    assert_int_equal(number(o, "credits"), 2 * stored);
    assert_float_equal(cJSON_GetObjectItem(o, "seconds")->valuedouble, seconds, 1e-9);
    assert_true(
        cJSON_IsNull(cJSON_GetObjectItem(o, "http_429"))); /* nobody counts that by period */
    cJSON_Delete(json);
}

/* What belongs to the period of the newest run, before its row says that it has ended, and after. */
static void the_runs_period(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    begin_period(f, "2026-10", 1000);
    fixture_store(f, put_in(f, "1", "2026-10"), "{}", 2);
    put_in(f, "early", "2026-11");
    expect_of_period(f, "2026-10", 1, 0, 0);
    end_run(f, 3000, 0);
    expect_of_period(f, "2026-10", 1, 0, 2);
    assert_ok(f->l, ledger_period_end(f->l, "day-1", "2026-10", 0));
    assert_ok(f->l, ledger_commit(f->l));
    expect_of_period(f, "2026-10", 1, 0, 2);
    fixture_reopen(f);
    begin_period(f, "2026-11", 10000);
    put_in(f, "2", "2026-11");
    expect_of_period(f, "2026-11", 0, 2, 0);
    end_run(f, 10500, 5);
    fixture_reopen(f);
    start_run(f, 20000); /* by hand: of no period */
    cJSON *json = read_summary(f, &s);
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "of_period")));
    cJSON_Delete(json);
    struct error e;
    assert_int_equal(summary_of_period(&s, f->l, "2026-10", &e), 0);
    assert_int_equal(s.of_period.counts.by_state[DOC_STORED], 1);
}

/* As the last walk saw it: of all, of the run, and of its period, which is walked by its runs. */
static void what_the_last_walk_left_out(void **state)
{
    static const char *const objects[] = {"run", "of_period"};
    struct fixture *f = *state;
    struct summary s;
    begin_period(f, "2026-10", 1000);
    for (int count = 7; count >= 5; count -= 2) {
        assert_ok(f->l, ledger_left_out(f->l, count));
        assert_ok(f->l, ledger_commit(f->l));
        if (count == 5) {
            end_run(f, 2000, 0);
            fixture_reopen(f);
        }
        cJSON *json = read_summary(f, &s);
        assert_int_equal(cJSON_GetObjectItem(json, "left_out")->valueint, count);
        for (size_t i = 0; i < 2; i++) {
            const cJSON *o = cJSON_GetObjectItem(json, objects[i]);
            assert_int_equal(cJSON_GetObjectItem(o, "left_out")->valueint, count);
        }
        cJSON_Delete(json);
    }
    assert_ok(f->l, ledger_counts_check(f->l));
}

static void a_run_that_had_nothing_to_do(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    start_run(f, 1000);
    fixture_store(f, fixture_put(f, "1", "1", NULL), "{}", 1);
    end_run(f, 2000, 0);
    fixture_reopen(f);
    start_run(f, 5000);
    end_run(f, 5250, 0);
    cJSON *json = read_summary(f, &s);
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(json, "run");
    assert_int_equal(number(json, "stored"), 1);
    assert_int_equal(number(run, "files"), 0);
    assert_int_equal(number(run, "stored"), 0);
    assert_float_equal(cJSON_GetObjectItem(run, "seconds")->valuedouble, 0.25, 1e-9);
    assert_float_equal(cJSON_GetObjectItem(json, "seconds")->valuedouble, 4.25, 1e-9);
    cJSON_Delete(json);
}

/* A retry takes documents out of a state: no number of its run goes below zero. */
static void a_run_that_takes_back(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    start_run(f, 1000);
    int64_t id = fixture_put(f, "1", "1", NULL);
    fail_document(f, id);
    end_run(f, 2000, 1);
    fixture_reopen(f);
    start_run(f, 3000);
    fixture_step(f, id, DOC_FAILED, DOC_QUEUED, EV_RETRY, 0);
    fixture_store(f, id, "{}", 1);
    end_run(f, 4000, 0);
    cJSON *json = read_summary(f, &s);
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(json, "run");
    assert_int_equal(number(run, "stored"), 1);
    assert_int_equal(number(run, "failed"), 0);
    assert_int_equal(number(run, "files"), 1);
    cJSON_Delete(json);
}

/* While a run is at work: its own, and one that failed before; then one of them is asked for again. */
static void a_run_beside_which_some_are_dismissed(void **state)
{
    struct fixture *f = *state;
    struct summary s;
    start_run(f, 1000);
    int64_t before = fixture_put(f, "1", "1", NULL);
    fail_document(f, before);
    end_run(f, 2000, 1);
    start_run(f, 3000);
    int64_t own = fixture_put(f, "2", "2", NULL);
    fail_document(f, own);
    fixture_step(f, before, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
    fixture_step(f, own, DOC_FAILED, DOC_FAILED, EV_DISMISS, 1);
    cJSON *json = read_summary(f, &s);
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(json, "run");
    assert_int_equal(number(json, "dismissed"), 2);
    assert_int_equal(number(run, "dismissed"), 2);
    assert_int_equal(number(run, "failed"), 0);
    cJSON_Delete(json);
    end_run(f, 4000, 0);
    start_run(f, 5000);
    fixture_step(f, own, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    json = read_summary(f, &s);
    run = cJSON_GetObjectItemCaseSensitive(json, "run");
    assert_int_equal(number(json, "dismissed"), 1);
    assert_int_equal(number(run, "dismissed"), 0);
    assert_int_equal(number(run, "queued"), 1);
    cJSON_Delete(json);
}

static void what_needs_a_person_is_there_if_it_is_known(void **state)
{
    (void)state;
    struct summary s = {.total = sample_counts(1000)};
    cJSON *json = parse_summary(&s);
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "to_review")));
    cJSON_Delete(json);
    s.review = (struct summary_review){
        .known = true, .open = 12, .codes = {[CHECK_TOTAL_SUM] = 11, [CHECK_IBAN_NEW] = 2}};
    json = parse_summary(&s);
    assert_int_equal(number(json, "to_review"), 12);
    const cJSON *kinds = cJSON_GetObjectItemCaseSensitive(json, "to_review_kinds");
    assert_int_equal(cJSON_GetArraySize(kinds), 2);
    assert_int_equal(number(kinds, "total-sum"), 11);
    assert_int_equal(number(kinds, "iban-new"), 2);
    cJSON_Delete(json);
}

int main(void)
{
#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_a_person_is_there_if_it_is_known),
        cmocka_unit_test(every_number_in_its_place),
        cmocka_unit_test(large_numbers_are_whole),
        LEDGER_TEST(what_has_not_been_is_null),
        LEDGER_TEST(a_resumed_runs_own_part),
        LEDGER_TEST(the_runs_period),
        LEDGER_TEST(what_the_last_walk_left_out),
        LEDGER_TEST(a_run_that_had_nothing_to_do),
        LEDGER_TEST(a_run_that_takes_back),
        LEDGER_TEST(a_run_beside_which_some_are_dismissed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
