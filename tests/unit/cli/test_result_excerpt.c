/* Which result is shown of a ledger, and what of it; also when there is little to show. */
#include "cli/result_excerpt.h"
#include "ledger_fixture.h"

#include <stdio.h>
#include <string.h>

#define INVOICE                                                                                    \
    "{\"inference\":{\"result\":{\"fields\":{\"supplier_name\":{\"value\":\"A \\\"B\\\"\"},"       \
    "\"invoice_number\":{\"value\":\"7\"},\"date\":{\"value\":null},"                              \
    "\"total_amount\":{\"value\":10.5},\"currency\":{\"value\":\"EUR\"}}}}}"

static void store(struct fixture *f, const char *name, const char *result, bool written)
{
    int64_t id = fixture_put(f, name, name, NULL);
    fixture_store(f, id, result, 1);
    if (written)
        assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, name), id, name));
}

static void assert_excerpt(struct fixture *f, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    assert_ok(f->l, result_excerpt(f->l, "/out", &out));
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void the_first_that_is_written(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a-queued", "q", NULL);
    fixture_put(f, "b-rejected", NULL, NULL);
    store(f, "c-not-written", "{}", false);
    store(f, "e", "{}", true);
    store(f, "d", INVOICE, true);
    assert_excerpt(f, "one of them, /out/results/d.json:\n"
                      "  supplier_name    \"A \\\"B\\\"\"\n"
                      "  invoice_number   \"7\"\n"
                      "  date             null\n"
                      "  total_amount     10.5\n");
}

static void nothing_stored_nothing_shown(void **state)
{
    struct fixture *f = *state;
    assert_excerpt(f, "");
    store(f, "a", INVOICE, false);
    assert_excerpt(f, "");
}

/* No invoice, and not even JSON: the fields are said to be missing. */
static void what_is_missing(void **state)
{
    static const char dashes[] = "one of them, /out/results/%s.json:\n"
                                 "  supplier_name    -\n"
                                 "  invoice_number   -\n"
                                 "  date             -\n"
                                 "  total_amount     -\n";
    struct fixture *f = *state;
    char expected[sizeof dashes + 8];
    store(f, "b", "{\"inference\":[]}", true);
    snprintf(expected, sizeof expected, dashes, "b");
    assert_excerpt(f, expected);
    store(f, "a", "<html>", true);
    snprintf(expected, sizeof expected, dashes, "a");
    assert_excerpt(f, expected);
}

/* A name or a value can't do things to a terminal. */
static void odd_bytes_are_shown_harmlessly(void **state)
{
    struct fixture *f = *state;
    struct buffer out;
    store(f, "a\033[2J",
          "{\"inference\":{\"result\":{\"fields\":{\"date\":{\"value\":\"\x7f\"}}}}}", true);
    buffer_init(&out, 0);
    assert_ok(f->l, result_excerpt(f->l, "/out", &out));
    assert_null(strchr(buffer_text(&out), '\033'));
    assert_null(strchr(buffer_text(&out), '\x7f'));
    buffer_release(&out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_is_written),
        TEST(nothing_stored_nothing_shown),
        TEST(what_is_missing),
        TEST(odd_bytes_are_shown_harmlessly),
    };
    return cmocka_run_group_tests_name("result_excerpt", tests, NULL, NULL);
}
