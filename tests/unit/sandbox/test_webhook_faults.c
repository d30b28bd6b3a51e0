/* Webhooks at their worst: twice, never, forged, before the upload's own answer, in disorder; and
 * the same again for the same seed. */
#include "receiver.h"
#include "sandbox/catalog.h"
#include "sandbox/fault.h"
#include "sandbox/webhook.h"
#include "sandbox_fixture.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 24 };

static struct fixture f;
static struct receiver r;
static struct heard h;

static int setup(void **state)
{
    (void)state;
    fixture_init(&f);
    receiver_init(&r);
    f.options.catalog = catalog_new();
    f.options.posts_per_minute = 0;
    f.options.webhook.retry_ms = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heard_release(&h);
    fixture_stop(&f);
    receiver_stop(&r);
    catalog_free(f.options.catalog);
    fault_plan_free(f.options.faults);
    return 0;
}

static void start(void)
{
    char spec[256];
    struct error e;
    receiver_start(&r);
    snprintf(spec, sizeof spec, HOOK_1 "=http://127.0.0.1:%u/," SECRET, r.port);
    assert_int_equal(catalog_add_webhook(f.options.catalog, spec, &e), 0);
    fixture_start(&f);
}

static void upload(int number)
{
    char file[32], alias[32];
    snprintf(file, sizeof file, "%%PDF-1.4 %d", number);
    snprintf(alias, sizeof alias, "mb-%d", number);
    assert_int_equal(post_called(&f, &h, HOOK_1, file, alias), 202);
}

static void upload_all(int count)
{
    for (int i = 0; i < count; i++)
        upload(i);
    await_deliveries(&f);
}

static void get_last_job(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s?redirect=false", path_at(&h, "job/polling_url"));
    assert_int_equal(get(&f, &h, path), 200);
}

/* The document's number, from the alias in the body. */
static int number_in(const struct received *post)
{
    const char *alias = strstr(post->body, "\"alias\":\"mb-");
    assert_non_null(alias);
    return atoi(alias + 12);
}

static void test_duplicates(void **state)
{
    (void)state;
    int came[JOBS] = {0}, first[JOBS];
    f.options.webhook.duplicate_rate = 1;
    start();
    upload_all(JOBS);
    assert_int_equal(r.count, 2 * JOBS);
    for (int i = 0; i < r.count; i++) {
        int n = number_in(&r.posts[i]);
        assert_true(r.posts[i].signed_right);
        if (came[n]++ == 0)
            first[n] = i;
        assert_string_equal(r.posts[i].body, r.posts[first[n]].body);
    }
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(came[i], 2);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), JOBS);
    assert_int_equal(stat_of(&f, "webhooks/duplicates"), JOBS);
    ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL);
    assert_int_equal(number_at(&h, "jobs/3/webhooks/0/duplicates"), 1);
}

static void test_losses(void **state)
{
    (void)state;
    f.options.webhook.loss_rate = 1;
    f.options.webhook.early_rate = 1; /* what never comes can't be early */
    f.options.delete_when_fetched = true;
    start();
    upload_all(1);
    get_last_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Failed");
    assert_int_equal(number_at(&h, "job/webhooks/0/attempts_count"), 4);
    assert_int_equal(number_at(&h, "job/webhooks/0/error/status"), 504);
    assert_int_equal(get(&f, &h, path_at(&h, "job/result_url")), 200);
    assert_int_equal(r.count, 0);
    assert_int_equal(stat_of(&f, "webhooks/lost"), 1);
    assert_int_equal(stat_of(&f, "webhooks/failed"), 0);
    assert_int_equal(stat_of(&f, "webhooks/attempted"), 0);
    assert_int_equal(stat_of(&f, "webhooks/early"), 0);
}

static void test_forgeries(void **state)
{
    (void)state;
    int unsigned_ones = 0, cut = 0, forged = 0;
    f.options.webhook.forged_rate = 1;
    start();
    upload_all(JOBS);
    assert_int_equal(r.count, 2 * JOBS);
    for (int i = 0; i < r.count; i++) {
        const struct received *post = &r.posts[i];
        bool bears_mark = strstr(post->body, "\"forged\":true}") != NULL;
        assert_int_equal(bears_mark, !post->signed_right);
        cJSON *json = cJSON_ParseWithLength(post->body, post->len);
        assert_non_null(json);
        cJSON_Delete(json);
        forged += bears_mark;
        unsigned_ones += bears_mark && post->signature[0] == 0;
        cut += bears_mark && strlen(post->signature) == 32;
    }
    assert_int_equal(forged, JOBS);
    assert_true(unsigned_ones > 0 && cut > 0 && unsigned_ones + cut < JOBS);
    assert_int_equal(stat_of(&f, "webhooks/forged"), JOBS);
    assert_int_equal(stat_of(&f, "webhooks/forged_accepted"), 0);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), JOBS);
    assert_int_equal(stat_of(&f, "webhooks/refused/4xx"), 0);
}

static void test_a_trusting_receiver_shows(void **state)
{
    (void)state;
    f.options.webhook.forged_rate = 1;
    r.trusting = true;
    start();
    upload_all(3);
    assert_int_equal(stat_of(&f, "webhooks/forged_accepted"), 3);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), 3);
}

/* ---- before the 202 ---- */

static void test_early(void **state)
{
    (void)state;
    f.options.webhook.early_rate = 1;
    f.options.latency_median_ms = 500000;
    f.options.webhook.delay_ms = 500000;
    start();
    upload(0);
    assert_int_equal(r.count, 1); /* it was there first */
    assert_string_equal(text_at(&h, "job/status"), "Processing");
    assert_non_null(strstr(r.posts[0].body, text_at(&h, "job/id")));
    assert_int_equal(number_in(&r.posts[0]), 0);
    assert_int_equal(stat_of(&f, "webhooks/early"), 1);
    get_last_job();
    assert_string_equal(text_at(&h, "job/status"), "Processed");
    ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL);
    assert_true(cJSON_IsTrue(item_at(&h, "jobs/0/webhooks/0/early")));
}

/* The 202 goes out after the first attempt; the retry comes when it comes. */
static void test_early_but_refused(void **state)
{
    (void)state;
    r.statuses[0] = 503;
    r.statuses[1] = 200;
    f.options.webhook.early_rate = 1;
    start();
    upload(0);
    assert_true(r.count >= 1);
    await_deliveries(&f);
    assert_int_equal(r.count, 2);
    assert_int_equal(stat_of(&f, "webhooks/early"), 0);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), 1);
}

/* The one way in which an upload's fate can be known when its answer was lost. */
static void test_early_and_the_202_is_lost(void **state)
{
    (void)state;
    struct error e;
    f.options.webhook.early_rate = 1;
    f.options.faults = fault_plan_new();
    assert_int_equal(fault_plan_add(f.options.faults, "post:reset-after=1", &e), 0);
    start();
    assert_true(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", "mb-0") <= 0);
    assert_int_equal(r.count, 1);
    assert_int_equal(number_in(&r.posts[0]), 0);
    assert_int_equal(stat_of(&f, "accepted"), 1);
}

/* ---- time and order ---- */

/* Draws the times of a hundred deliveries; returns how many of them are below MS. */
static int draw_times(const struct webhook_options *options, double sigma, int64_t ms,
                      int64_t times[100])
{
    struct random random;
    int below = 0;
    random_init(&random, 7);
    for (int i = 0; i < 100; i++) {
        struct delivery d = {.place = 0};
        times[i] = webhook_draw(&d, &random, options, sigma);
        assert_true(times[i] >= 0);
        below += times[i] < ms;
    }
    return below;
}

static void test_times(void **state)
{
    (void)state;
    int64_t times[100];
    int inversions = 0;
    struct webhook_options o = {.delay_ms = 0};
    assert_int_equal(draw_times(&o, 0.5, 1, times), 100); /* all at once */
    o.delay_ms = 2000;
    assert_int_equal(draw_times(&o, 0, 2000, times), 0);
    assert_int_equal(draw_times(&o, 0, 2001, times), 100);
    int below = draw_times(&o, 0.5, 2000, times); /* the median */
    assert_true(below > 30 && below < 70);
    o = (struct webhook_options){.shuffle = true};
    draw_times(&o, 0, 0, times);
    for (int i = 0; i < 100; i++)
        for (int k = 0; k < i; k++)
            inversions += times[i] < times[k];
    assert_true(inversions > 1000);
}

static void test_shuffled(void **state)
{
    (void)state;
    bool came[JOBS] = {false};
    f.options.webhook.shuffle = true;
    start();
    upload_all(JOBS);
    assert_int_equal(r.count, JOBS);
    for (int i = 0; i < r.count; i++)
        came[number_in(&r.posts[i])] = true;
    for (int i = 0; i < JOBS; i++)
        assert_true(came[i]);
}

/* ---- the seed ---- */

/* What was drawn for each job: L(ost), D(uplicate), F(orged). */
static void outcomes(char out[4 * JOBS + 1])
{
    fixture_start(&f);
    f.fd = -1;
    upload_all(JOBS);
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL), 200);
    for (int i = 0; i < JOBS; i++) {
        char path[64];
        snprintf(path, sizeof path, "jobs/%d/webhooks/0/outcome", i);
        *out++ = strcmp(text_at(&h, path), "lost") == 0 ? 'L' : '.';
        snprintf(path, sizeof path, "jobs/%d/webhooks/0/duplicates", i);
        *out++ = number_at(&h, path) > 0 ? 'D' : '.';
        snprintf(path, sizeof path, "jobs/%d/webhooks/0/forged", i);
        *out++ = number_at(&h, path) > 0 ? 'F' : '.';
        *out++ = ' ';
    }
    *out = 0;
}

static void test_seeded(void **state)
{
    (void)state;
    char one[4 * JOBS + 1], same[4 * JOBS + 1], other[4 * JOBS + 1], lossless[4 * JOBS + 1];
    f.options.webhook.loss_rate = f.options.webhook.duplicate_rate = 0.3;
    f.options.webhook.forged_rate = 0.3;
    f.options.webhook.retries = 1;
    start();
    fixture_stop(&f);
    outcomes(one);
    assert_non_null(strchr(one, 'L'));
    assert_non_null(strchr(one, 'D'));
    assert_non_null(strchr(one, 'F'));
    fixture_stop(&f);
    outcomes(same);
    assert_string_equal(one, same);
    fixture_stop(&f);
    f.options.seed++;
    outcomes(other);
    assert_string_not_equal(one, other);
    fixture_stop(&f);
    f.options.seed--;
    f.options.webhook.loss_rate = 0; /* changes nothing else */
    outcomes(lossless);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(lossless[4 * i], '.');
        assert_int_equal(lossless[4 * i + 2], one[4 * i + 2]);
        if (one[4 * i] != 'L')
            assert_int_equal(lossless[4 * i + 1], one[4 * i + 1]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_duplicates),
        TEST(test_losses),
        TEST(test_forgeries),
        TEST(test_a_trusting_receiver_shows),
        TEST(test_early),
        TEST(test_early_but_refused),
        TEST(test_early_and_the_202_is_lost),
        cmocka_unit_test(test_times),
        TEST(test_shuffled),
        TEST(test_seeded),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
