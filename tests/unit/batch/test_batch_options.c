/* From configuration and paths to a run's options: each refusal in its own words, roots with their
 * prefixes, the request as canonical JSON, shares,
 * and the origin that names the limiter's memory. */
#include "batch_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void make_directory(struct scene *s, const char *name)
{
    assert_int_equal(mkdir(folder_path(&s->folder, name), 0700), 0);
}

static void set_path(struct scene *s, const char *option, const char *name)
{
    char assignment[300];
    snprintf(assignment, sizeof assignment, "%s=%s", option, folder_path(&s->folder, name));
    scene_set(s, assignment);
}

/* --- what is refused --- */

static void no_key(void **state)
{
    struct scene *s = *state;
    scene_refuses(s, PATHS("in"), true,
                  "no API key: set $MINDEE_V2_API_KEY, or api.key_file to a file that holds it "
                  "(keys are made at https://app.mindee.com)");
    scene_read(s, PATHS("in")); /* not every command needs one */
    assert_null(s->options.api.api_key);
    scene_set(s, "api.key=md_secret");
    struct error e;
    assert_int_equal(scene_try_read(s, PATHS("in"), true, &e), 0);
    assert_string_equal(s->options.api.api_key, "md_secret");
}

static void a_path_that_is_not_there(void **state)
{
    struct scene *s = *state;
    scene_refuses(s, PATHS("in", "no\nsuch"), false, "%/no\\x0Asuch: No such file or directory");
    folder_put(&s->folder, "file", "x", 1);
    scene_refuses(s, PATHS("file/below"), false, "%/file/below: Not a directory");
    set_path(s, "input.directory", "configured");
    scene_refuses(s, NULL, false, "%/configured: No such file or directory");
}

static void paths_that_overlap(void **state)
{
    struct scene *s = *state;
    make_directory(s, "in/below");
    make_directory(s, "in-2");
    folder_put(&s->folder, "in/file", "x", 1);
    assert_int_equal(symlink("in/below", folder_path(&s->folder, "link")), 0);
    scene_refuses(s, PATHS("in", "in/below"), false,
                  "%/in and %/in/below overlap: name only the outer one");
    scene_refuses(s, PATHS("in/below", "in"), false,
                  "%/in/below and %/in overlap: name only the outer one");
    scene_refuses(s, PATHS("in", "link"), false,
                  "%/in and %/in/below overlap: name only the outer one");
    scene_read(s, PATHS("in", "in")); /* once is enough */
    assert_int_equal(s->options.root_count, 1);
    scene_read(s, PATHS("in", "in/file")); /* it is found there */
    assert_int_equal(s->options.root_count, 1);
    scene_read(s, PATHS("in/file", "in-2", "in"));
    assert_int_equal(s->options.root_count, 2);
    assert_string_equal(s->options.roots[1].path, folder_path(&s->folder, "in"));
    scene_read(s, PATHS("in", "in-2")); /* begins alike, and is another */
    assert_int_equal(s->options.root_count, 2);
}

/* Nothing would be found there, and the ledger would stand among the invoices. */
static void paths_where_the_output_goes(void **state)
{
    struct scene *s = *state;
    make_directory(s, "in/out");
    make_directory(s, "out");
    make_directory(s, "out/results");
    make_directory(s, "out/results/below");
    make_directory(s, "out/results-2");
    folder_put(&s->folder, "out/results/a.json", "{}", 2);
    assert_int_equal(symlink("out", folder_path(&s->folder, "link")), 0);
    scene_refuses(s, PATHS("in", "link"), false,
                  "%/out is where the documents are and the output directory, too: name another "
                  "output.directory");
    static const char *const results[] = {"results", "results/below", "results/a.json"};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        char path[100], words[300];
        snprintf(path, sizeof path, "out/%s", results[i]);
        snprintf(words, sizeof words,
                 "%%/%s is where the results are, not documents: name another PATH, or another "
                 "output.directory",
                 path);
        scene_refuses(s, PATHS(path), false, words);
    }
    scene_read(s, PATHS("out/results-2")); /* begins alike, and is another */
    set_path(s, "output.directory", "in/../in//");
    set_path(s, "input.directory", "in");
    scene_refuses(s, NULL, false,
                  "%/in is where the documents are and the output directory, too: name another "
                  "output.directory");
    set_path(s, "output.directory", "in/out"); /* below them it is passed over */
    scene_read(s, PATHS("in"));
    assert_int_equal(s->options.root_count, 1);
}

/* The ledger tells them apart. */
static void paths_of_one_name(void **state)
{
    struct scene *s = *state;
    make_directory(s, "a");
    make_directory(s, "a/in");
    scene_read(s, PATHS("in", "a/in"));
    assert_int_equal(s->options.root_count, 2);
}

static void too_many_paths(void **state)
{
    struct scene *s = *state;
    const char *paths[BATCH_MAX_ROOTS + 2];
    static char names[BATCH_MAX_ROOTS][16];
    for (int i = 0; i < BATCH_MAX_ROOTS; i++) {
        snprintf(names[i], sizeof names[i], "in/%d", i);
        folder_put(&s->folder, names[i], "x", 1);
        paths[i] = names[i];
    }
    paths[BATCH_MAX_ROOTS] = "in/0 again";
    paths[BATCH_MAX_ROOTS + 1] = NULL;
    scene_refuses(s, paths, false,
                  "1001 paths are too many: name a directory instead (at most 1000 paths)");
    paths[BATCH_MAX_ROOTS] = NULL;
    scene_read(s, paths);
    assert_int_equal(s->options.root_count, BATCH_MAX_ROOTS);
}

static void what_only_extraction_takes(void **state)
{
    struct scene *s = *state;
    scene_set(s, "api.product=ocr");
    scene_read(s, PATHS("in"));
    assert_int_equal(s->options.request.product, MINDEE_OCR);
    scene_set(s, "request.confidence=no");
    scene_refuses(s, PATHS("in"), false,
                  "request.rag, .raw_text, .polygon, .confidence, .text_context and "
                  ".data_schema_file are for the product extraction only; api.product is ocr");
}

static void schemas_that_are_none(void **state)
{
    struct scene *s = *state;
    static const char *const bad[] = {"", "{", "{\"a\": 1} and more", "words"};
    set_path(s, "request.data_schema_file", "schema.json");
    scene_refuses(s, PATHS("in"), false,
                  "request.data_schema_file: open %/schema.json: No such file or directory");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        folder_put(&s->folder, "schema.json", bad[i], strlen(bad[i]));
        scene_refuses(s, PATHS("in"), false,
                      "request.data_schema_file: %/schema.json is not a JSON file of at most 1 MB");
    }
    struct buffer large;
    buffer_init(&large, 0);
    buffer_printf(&large, "{\"a\": %1000000d}", 1);
    folder_put_buffer(&s->folder, "schema.json", &large);
    buffer_release(&large);
    scene_refuses(s, PATHS("in"), false,
                  "request.data_schema_file: %/schema.json is not a JSON file of at most 1 MB");
    set_path(s, "request.data_schema_file", "in");
    scene_refuses(s, PATHS("in"), false,
                  "request.data_schema_file: %/in is not a JSON file of at most 1 MB");
}

/* --- roots --- */

static void expect_root(const struct scene *s, size_t i, const char *below, const char *prefix)
{
    assert_true(i < s->options.root_count);
    assert_string_equal(s->options.roots[i].path, folder_path(&s->folder, below));
    assert_string_equal(s->options.roots[i].prefix, prefix);
}

static void roots_and_prefixes(void **state)
{
    struct scene *s = *state;
    make_directory(s, "other");
    folder_put(&s->folder, "a \xff.pdf", "x", 1);
    assert_int_equal(symlink("in", folder_path(&s->folder, "link")), 0);

    scene_read(s, PATHS("in"));
    assert_int_equal(s->options.root_count, 1);
    expect_root(s, 0, "in", "");
    scene_read(s, PATHS("other/..//in/"));
    expect_root(s, 0, "in", "");
    scene_read(s, PATHS("link"));
    expect_root(s, 0, "in", "");
    scene_read(s, PATHS("a \xff.pdf"));
    assert_int_equal(s->options.root_count, 1);
    expect_root(s, 0, "a \xff.pdf", "a \xff.pdf");
    scene_read(s, PATHS("in", "a \xff.pdf", "other"));
    assert_int_equal(s->options.root_count, 3);
    expect_root(s, 0, "in", "in");
    expect_root(s, 1, "a \xff.pdf", "a \xff.pdf");
    expect_root(s, 2, "other", "other");
    scene_read(s, PATHS("/"));
    assert_string_equal(s->options.roots[0].path, "/");
    assert_string_equal(s->options.roots[0].prefix, "");
}

static void the_configured_directory(void **state)
{
    struct scene *s = *state;
    make_directory(s, "other");
    scene_read(s, NULL);
    assert_int_equal(s->options.root_count, 0);
    set_path(s, "input.directory", "other");
    scene_read(s, NULL);
    assert_int_equal(s->options.root_count, 1);
    expect_root(s, 0, "other", "");
    scene_read(s, PATHS("in")); /* named ones go before it */
    assert_int_equal(s->options.root_count, 1);
    expect_root(s, 0, "in", "");
}

static void where_inputs_go(void **state)
{
    struct scene *s = *state;
    scene_read(s, PATHS("in"));
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        assert_null(s->options.move_to[i]);
    assert_null(s->options.walk.never_walked[0]);
    set_path(s, "input.move_stored", "in/done");
    set_path(s, "input.move_failed", "aside/");
    scene_read(s, PATHS("in"));
    assert_string_equal(s->options.move_to[DOC_STORED], folder_path(&s->folder, "in/done"));
    assert_string_equal(s->options.move_to[DOC_FAILED], folder_path(&s->folder, "aside"));
    assert_string_equal(s->options.move_to[DOC_LOST], s->options.move_to[DOC_FAILED]);
    assert_null(s->options.move_to[DOC_REJECTED]);
    assert_null(s->options.move_to[DOC_IN_DOUBT]);
    assert_string_equal(s->options.walk.never_walked[0], s->options.move_to[DOC_STORED]);
    assert_string_equal(s->options.walk.never_walked[1], s->options.move_to[DOC_FAILED]);
    assert_null(s->options.walk.never_walked[2]);
}

static void inputs_that_would_go_in_circles(void **state)
{
    struct scene *s = *state;
    set_path(s, "input.move_rejected", "in");
    scene_refuses(s, PATHS("in"), false,
                  "input.move_rejected: %/in is, or holds, %/in, where the documents are: name a "
                  "directory beside it or below it");
    set_path(s, "input.move_rejected", ".");
    scene_refuses(s, PATHS("in"), false,
                  "input.move_rejected: % is, or holds, %/in, where the documents are: name a "
                  "directory beside it or below it");
    scene_set(s, "input.move_rejected=");
    set_path(s, "input.move_stored", "out/results/done");
    scene_refuses(s, PATHS("in"), false,
                  "input.move_stored: %/out/results/done is where the results are: name another "
                  "directory");
}

static void watching(void **state)
{
    struct scene *s = *state;
    scene_read(s, PATHS("in"));
    assert_false(s->options.watch.enabled);
    assert_int_equal(s->options.watch.quiet_ms, 5000);
    assert_int_equal(s->options.watch.rescan_ms, 60000);
    scene_set(s, "watch.enabled=yes");
    scene_set(s, "watch.quiet=0s");
    scene_set(s, "watch.rescan=5m");
    scene_read(s, PATHS("in"));
    assert_true(s->options.watch.enabled);
    assert_int_equal(s->options.watch.quiet_ms, 0);
    assert_int_equal(s->options.watch.rescan_ms, 300000);
}

static void where_the_output_goes(void **state)
{
    struct scene *s = *state;
    scene_read(s, NULL);
    assert_string_equal(s->options.output, folder_path(&s->folder, "out"));
    assert_string_equal(s->options.ledger, folder_path(&s->folder, "out/ledger.db"));
    assert_string_equal(s->options.walk.output_directory, s->options.output);
    set_path(s, "ledger.path", "elsewhere.db");
    set_path(s, "output.directory", "in/../in//");
    scene_read(s, NULL);
    assert_string_equal(s->options.output, folder_path(&s->folder, "in"));
    assert_string_equal(s->options.ledger, folder_path(&s->folder, "elsewhere.db"));

    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(s->folder.path), 0);
    scene_set(s, "output.directory=not/yet/");
    scene_set(s, "ledger.path=");
    struct error e;
    char *const relative[] = {"in"};
    if (s->read)
        batch_options_release(&s->options);
    s->read = batch_options_read(&s->options, s->config, relative, 1, false, &e) == 0;
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_true(s->read);
    assert_string_equal(s->options.output, folder_path(&s->folder, "not/yet"));
    assert_string_equal(s->options.ledger, folder_path(&s->folder, "not/yet/ledger.db"));
    expect_root(s, 0, "in", "");
}

/* --- the request --- */

static void a_request_with_nothing_set(void **state)
{
    struct scene *s = *state;
    scene_read(s, NULL);
    assert_string_equal(s->options.request_json, "{}");
    assert_int_equal(s->options.request.rag, -1);
    assert_null(s->options.request.model_id);
    assert_null(s->options.request.webhook_ids);
    assert_null(s->options.request.data_schema);
}

static void the_request_is_canonical(void **state)
{
    struct scene *s = *state;
    static const char *const in_order[] = {
        "request.rag=yes",       "request.raw_text=no",          "request.polygon=yes",
        "request.confidence=no", "request.text_context=a \"b\"",
    };
    enum { COUNT = sizeof in_order / sizeof *in_order };
    folder_put(&s->folder, "schema.json", "{ \"b\" : [1,\n 2.5],\t\"a\":null }\n", 30);
    set_path(s, "request.data_schema_file", "schema.json");
    for (int i = COUNT; i-- > 0;)
        scene_set(s, in_order[i]);
    scene_read(s, NULL);
    assert_string_equal(s->options.request_json,
                        "{\"rag\":true,\"raw_text\":false,\"polygon\":true,\"confidence\":false,"
                        "\"text_context\":\"a \\\"b\\\"\","
                        "\"data_schema\":\"{\\\"b\\\":[1,2.5],\\\"a\\\":null}\"}");
    assert_string_equal(s->options.request.data_schema, "{\"b\":[1,2.5],\"a\":null}");
    /* Laid out otherwise it is the same schema, and the same documents. */
    char *first = xstrdup(s->options.request_json);
    folder_put(&s->folder, "schema.json", "{\"b\":[1,2.5],\"a\":null}", 22);
    for (int i = 0; i < COUNT; i++)
        scene_set(s, in_order[i]);
    scene_read(s, NULL);
    assert_string_equal(s->options.request_json, first);
    free(first);
    scene_set(s, "request.polygon=");
    scene_read(s, NULL);
    assert_null(strstr(s->options.request_json, "polygon"));
}

static void webhooks_make_no_other_document(void **state)
{
    struct scene *s = *state;
    scene_set(s, "request.webhook_ids=00000000-0000-4000-8000-000000000001,"
                 "00000000-0000-4000-8000-000000000002");
    scene_read(s, NULL);
    assert_string_equal(s->options.request_json, "{}");
    assert_string_equal(s->options.request.webhook_ids, "00000000-0000-4000-8000-000000000001,"
                                                        "00000000-0000-4000-8000-000000000002");
}

/* --- limits --- */

static void expect_share(struct scene *s, const char *share, const char *post, const char *get,
                         uint32_t post_expected, uint32_t get_expected)
{
    char assignment[100];
    snprintf(assignment, sizeof assignment, "limits.share=%s", share);
    scene_set(s, assignment);
    snprintf(assignment, sizeof assignment, "limits.post_per_minute=%s", post);
    scene_set(s, assignment);
    snprintf(assignment, sizeof assignment, "limits.get_per_minute=%s", get);
    scene_set(s, assignment);
    scene_read(s, NULL);
    assert_int_equal(s->options.post_per_minute, post_expected);
    assert_int_equal(s->options.get_per_minute, get_expected);
}

static void shares(void **state)
{
    struct scene *s = *state;
    expect_share(s, "100%", "200", "1200", 200, 1200);
    expect_share(s, "50%", "200", "1200", 100, 600);
    expect_share(s, "33%", "200", "1000", 66, 330); /* never more than the share */
    expect_share(s, "29%", "100", "1000000", 29, 290000);
    expect_share(s, "33.3%", "1000", "2000", 333, 666);
    expect_share(s, "1%", "100", "299", 1, 2);
    expect_share(s, "50%", "1", "0", 1, 0); /* 0 is no limit: nothing may round to it */
}

static void expect_origin(struct scene *s, const char *base_url, const char *origin)
{
    char assignment[200];
    snprintf(assignment, sizeof assignment, "api.base_url=%s", base_url);
    scene_set(s, assignment);
    scene_read(s, NULL);
    assert_string_equal(s->options.origin, origin);
}

/* Two spellings of one server must share one memory of what was sent. */
static void origins(void **state)
{
    struct scene *s = *state;
    scene_read(s, NULL);
    assert_string_equal(s->options.origin, "https://api-v2.mindee.net");
    expect_origin(s, "https://api-v2.mindee.net/", "https://api-v2.mindee.net");
    expect_origin(s, "https://api-v2.mindee.net/v2", "https://api-v2.mindee.net");
    expect_origin(s, "HTTPS://API-V2.Mindee.NET", "https://api-v2.mindee.net");
    expect_origin(s, "https://api-v2.mindee.net:443/v2/", "https://api-v2.mindee.net");
    expect_origin(s, "https://host:8443/x/y", "https://host:8443");
    expect_origin(s, "https://host:80", "https://host:80");
    expect_origin(s, "http://127.0.0.1:8080", "http://127.0.0.1:8080");
    expect_origin(s, "http://localhost:80/", "http://localhost");
    expect_origin(s, "http://[::1]:80", "http://[::1]");
    expect_origin(s, "https://[fe80::443]", "https://[fe80::443]");
}

static void the_retry_policy(void **state)
{
    struct scene *s = *state;
    scene_read(s, NULL);
    assert_true(s->options.retry.resend_in_doubt);
    assert_int_equal(s->options.retry.max_attempts, 8);
    assert_int_equal(s->options.retry.max_resends, 2);
    assert_int_equal(s->options.retry.first_delay_ms, 500);
    assert_int_equal(s->options.retry.max_delay_ms, 90000);
    assert_false(budget_is_set(&s->options.spending.budget));
    assert_int_equal(s->options.spending.price.micro, CREDIT_MICROS);
    assert_int_equal(s->options.pace, PACE_WINDOW);
    scene_set(s, "retry.in_doubt=hold");
    scene_set(s, "retry.max_resends=0");
    scene_set(s, "limits.max_credits=0");
    scene_set(s, "limits.pace=even");
    scene_read(s, NULL);
    assert_false(s->options.retry.resend_in_doubt);
    assert_int_equal(s->options.retry.max_resends, 0);
    assert_int_equal(s->options.spending.budget.count.micro, 0);
    assert_true(s->options.spending.budget.month.micro < 0);
    assert_int_equal(s->options.pace, PACE_EVEN);
}

/* Between runs, where the inputs may be away. */
static void for_receiving_no_path_is_looked_at(void **state)
{
    struct scene *s = *state;
    struct batch_options o;
    struct error e;
    scene_set(s, "api.key=md_secret");
    set_path(s, "input.directory", "away");
    set_path(s, "input.move_stored", "away/done");
    scene_refuses(s, NULL, true, "%/away: No such file or directory");
    assert_int_equal(batch_options_read_receiving(&o, s->config, &e), 0);
    assert_int_equal(o.mode, RUN_RECEIVES);
    assert_int_equal(o.root_count, 0);
    assert_null(o.move_to[DOC_STORED]);
    assert_false(o.retry.resend_in_doubt);
    assert_string_equal(o.api.api_key, "md_secret");
    batch_options_release(&o);
    scene_set(s, "limits.get_per_minute=1");
    assert_int_equal(batch_options_read_receiving(&o, s->config, &e), ERR_USAGE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(no_key),
        TEST(a_path_that_is_not_there),
        TEST(paths_that_overlap),
        TEST(paths_where_the_output_goes),
        TEST(paths_of_one_name),
        TEST(too_many_paths),
        TEST(what_only_extraction_takes),
        TEST(schemas_that_are_none),
        TEST(roots_and_prefixes),
        TEST(the_configured_directory),
        TEST(where_inputs_go),
        TEST(inputs_that_would_go_in_circles),
        TEST(watching),
        TEST(where_the_output_goes),
        TEST(a_request_with_nothing_set),
        TEST(the_request_is_canonical),
        TEST(webhooks_make_no_other_document),
        TEST(shares),
        TEST(origins),
        TEST(the_retry_policy),
        TEST(for_receiving_no_path_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
