/* One document's history, told to a person: whatever its state, by its path or the one it was moved
 * to; and what isn't in the ledger. */
#include "batch/batch.h"
#include "capture.h"
#include "ledger_fixture.h"
#include "run_words.h"

#include <stdio.h>
#include <string.h>

/* Of the ledger in DIRECTORY. */
static int explain_in(const char *directory, char *path)
{
    struct error_list errors;
    char text[200];
    struct config *config = config_new();
    error_list_init(&errors);
    snprintf(text, sizeof text, "output.directory=%s", directory);
    assert_int_equal(config_set(config, text, &errors), 0);
    error_list_release(&errors);
    int code = run_words(&explain_command, config, (const char *[]){path, NULL});
    config_free(config);
    return code;
}

static int explain(struct fixture *f, char *path)
{
    assert_ok(f->l, ledger_commit(f->l));
    return explain_in(f->directory, path);
}

static void assert_says(const char *text)
{
    if (!strstr(captured_out, text))
        fail_msg("not there: \"%s\" in\n%s", text, captured_out);
}

static void one_that_is_stored(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, fixture_put(f, "a.pdf", "a", NULL), "{}", 3);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_memory_equal(captured_out, "/data/a.pdf\n  document 1, ", 26);
    assert_says(", 1 bytes, stored\n");
    assert_says("  SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n");
    assert_says("-1-1, job job\n"); /* document 1, attempt 1 */
    assert_says("  result  results/a.pdf.json, 3 pages charged\n");
    const char *at = captured_out; /* what happened, in its order */
    static const char *const told[] = {"submitting  upload intended\n",
                                       "processing  accepted: there is a job\n",
                                       "ready       job done: the result is asked for\n",
                                       "stored      result received and stored\n"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        at = strstr(at, told[i]);
        if (!at)
            fail_msg("not there, or too early: \"%s\" in\n%s", told[i], captured_out);
    }
    assert_string_equal(captured_err, "");
}

static void one_that_waits(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", "a", NULL);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says(", 1 bytes, queued\n  SHA-256 ca978112");
    assert_null(strstr(captured_out, "alias"));
    assert_null(strstr(captured_out, "result"));
}

static void one_that_is_rejected(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", NULL, NULL);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("rejected\n  reason  unreadable: Permission denied\n");
    assert_null(strstr(captured_out, "SHA-256")); /* nobody read it */
}

static void one_on_its_way(void **state)
{
    struct fixture *f = *state;
    fixture_submit(f, fixture_put(f, "a.pdf", "a", NULL));
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("submitting\n");
    assert_says(", job none\n");
}

static void a_name_with_odd_bytes(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a\033[2J", "a", NULL);
    assert_int_equal(explain(f, "/data/a\033[2J"), 0);
    assert_null(strchr(captured_out, '\033'));
}

static void one_that_no_run_knows(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", "a", NULL);
    assert_int_equal(explain(f, "/data/b.pdf"), EXIT_USAGE);
    assert_string_equal(captured_out, "");
    assert_string_equal(captured_err,
                        "mindee-batch: /data/b.pdf is not in the ledger: no run has come across "
                        "it, or the output directory is another one\n");
}

static void how_many_paths(void **state)
{
    (void)state;
    assert_int_equal(run_words(&explain_command, NULL, (const char *[]){"a", "b", NULL}),
                     EXIT_USAGE);
    assert_int_equal(run_words(&explain_command, NULL, (const char *[]){NULL}), EXIT_USAGE);
}

static void without_a_ledger(void **state)
{
    struct fixture *f = *state;
    char elsewhere[120];
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", f->directory);
    assert_int_equal(explain_in(elsewhere, "/data/a.pdf"), EXIT_USAGE);
    assert_memory_equal(captured_err, "mindee-batch: ", 14);
    assert_non_null(strstr(captured_err, "elsewhere/ledger.db"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_stored), TEST(one_that_waits),        TEST(one_that_is_rejected),
        TEST(one_on_its_way),     TEST(a_name_with_odd_bytes), TEST(one_that_no_run_knows),
        TEST(how_many_paths),     TEST(without_a_ledger),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
