/* Stored documents and their results, as exports read them. */
#include "ledger_fixture.h"

#include "ledger/document_ledger.h"
#include "ledger/handovers.h"
#include "ledger/stored_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t store(struct fixture *f, const char *name, const char *content, const char *result)
{
    int64_t id = fixture_put(f, name, content, NULL);
    fixture_store(f, id, result, 2);
    assert_ok(f->l, ledger_commit(f->l));
    return id;
}

static struct ledger_stored_filter all(struct fixture *f)
{
    struct ledger_stored_filter filter = {0};
    assert_ok(f->l, ledger_last_result(f->l, &filter.upto));
    return filter;
}

static void assert_list(struct fixture *f, const struct ledger_stored_filter *filter,
                        const int64_t *expected, size_t count)
{
    struct ledger_stored_list list;
    assert_ok(f->l, ledger_stored_list(f->l, filter, &list));
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list.documents[i], expected[i]);
    ledger_stored_list_release(&list);
}

static void by_the_bytes_of_their_names(void **state)
{
    struct fixture *f = *state;
    int64_t b = store(f, "b", "1", "{}"), upper = store(f, "Z", "2", "{}"),
            a = store(f, "a/x", "3", "{}");
    fixture_put(f, "0-queued", "4", NULL);
    struct ledger_stored_filter filter = all(f);
    assert_list(f, &filter, (const int64_t[]){upper, a, b}, 3);
}

static void up_to_a_result_and_since_a_time(void **state)
{
    struct fixture *f = *state;
    int64_t early = store(f, "b", "1", "{}");
    struct ledger_stored_filter filter = all(f);
    fixture_now_ms += 5000;
    int64_t late = store(f, "a", "2", "{}");
    assert_list(f, &filter, &early, 1);
    filter = all(f);
    filter.since.ms = fixture_now_ms;
    assert_list(f, &filter, &late, 1);
    filter.since.ms = fixture_now_ms + 1;
    assert_list(f, &filter, NULL, 0);
}

struct seen {
    int64_t files;
    int pages, calls;
    char name[64], path[64], json[64], job[64];
    uint8_t sha256[SHA256_BYTES];
};

static int see(void *ctx, const struct ledger_stored *s)
{
    struct seen *seen = ctx;
    seen->files = s->files;
    seen->pages = s->pages;
    seen->calls++;
    snprintf(seen->name, sizeof seen->name, "%s", s->name);
    snprintf(seen->path, sizeof seen->path, "%s", s->path);
    snprintf(seen->job, sizeof seen->job, "%s", s->job_id);
    snprintf(seen->json, sizeof seen->json, "%.*s", (int)s->json_len, s->json);
    memcpy(seen->sha256, s->sha256, SHA256_BYTES);
    return 7;
}

/* A document that two files hold is called by the first of them. */
static void what_is_known_of_one(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    uint8_t digest[SHA256_BYTES];
    int64_t id = store(f, "m", "same", "{\"x\": 1.50}");
    fixture_put(f, "c", "same", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(ledger_stored_get(f->l, id, see, &seen), 7);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.files, 2);
    assert_int_equal(seen.pages, 2);
    assert_string_equal(seen.name, "m");
    assert_string_equal(seen.path, "/data/m");
    assert_string_equal(seen.json, "{\"x\": 1.50}");
    assert_true(*seen.job);
    sha256("same", 4, digest);
    assert_memory_equal(seen.sha256, digest, sizeof digest);
}

static void one_that_is_replaced_in_place(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    int64_t id = store(f, "a", "old", "{}");
    fixture_put(f, "a", "new", NULL);
    struct ledger_stored_filter filter = all(f);
    assert_list(f, &filter, &id, 1);
    assert_int_equal(ledger_stored_get(f->l, id, see, &seen), 7);
    assert_string_equal(seen.name, "a (replaced)");
}

static void one_without_a_result(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_int_equal(ledger_stored_get(f->l, id, see, &seen), ERR_NOT_FOUND);
    assert_int_equal(seen.calls, 0);
}

struct scan {
    int64_t last, total;
    int stop_at;
};

static int take(void *ctx, const struct ledger_result *r)
{
    struct scan *scan = ctx;
    assert_true(r->id > scan->last);
    scan->last = r->id;
    return ++scan->total == scan->stop_at ? ERR_FORMAT : 0;
}

static void results_in_parts(void **state)
{
    struct fixture *f = *state;
    struct scan scan = {0};
    uint8_t digest[SHA256_BYTES], expected[SHA256_BYTES];
    for (int i = 0; i < 5; i++)
        store(f, (const char[]){(char)('a' + i), 0}, (const char[]){(char)('a' + i), 0}, "{}");
    struct ledger_stored_filter filter = all(f);
    assert_int_equal(ledger_results_after(f->l, 0, filter.upto, 2, take, &scan), 2);
    assert_int_equal(ledger_results_after(f->l, scan.last, filter.upto, 100, take, &scan), 3);
    assert_int_equal(scan.last, filter.upto);
    assert_int_equal(ledger_results_after(f->l, scan.last, filter.upto, 100, take, &scan), 0);
    scan = (struct scan){.stop_at = 1};
    assert_int_equal(ledger_results_after(f->l, 0, filter.upto, 100, take, &scan), ERR_FORMAT);
    sha256("{}", 2, expected);
    assert_int_equal(ledger_result_digest(f->l, filter.upto, digest), 1);
    assert_memory_equal(digest, expected, sizeof digest);
    assert_int_equal(ledger_result_digest(f->l, filter.upto + 1, digest), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_the_bytes_of_their_names, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(up_to_a_result_and_since_a_time, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_is_known_of_one, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(one_that_is_replaced_in_place, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(one_without_a_result, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(results_in_parts, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
