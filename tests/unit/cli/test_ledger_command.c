/* What `ledger` says to a person, and which words it takes. What it does is tested with the ledger, and
 * end to end. */
#include "base/text.h"
#include "batch/batch.h"
#include "capture.h"
#include "ledger_fixture.h"
#include "run_words.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* WORDS: what stands behind the command, with blanks between. */
static int ledger(struct fixture *f, const char *directory, bool yes, const char *words)
{
    struct error_list errors;
    struct config *config = config_new();
    char text[200], copy[200];
    const char *line[10] = {NULL};
    size_t count = 0;
    if (f->l)
        fixture_close(f);
    text_copy(copy, sizeof copy, words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        line[count++] = word;
    line[count] = yes ? "--yes" : NULL;
    error_list_init(&errors);
    snprintf(text, sizeof text, "output.directory=%s", directory);
    assert_int_equal(config_set(config, text, &errors), 0);
    snprintf(text, sizeof text, "limits.state=%s/state", f->directory);
    assert_int_equal(config_set(config, text, &errors), 0);
    assert_int_equal(config_set(config, "input.directory=/nowhere", &errors), 0);
    error_list_release(&errors);
    int code = run_words(&ledger_command, config, line);
    config_free(config);
    fixture_open(f);
    return code;
}

static void assert_in(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" isn't in: %s", words, text);
}

static void words_that_it_does_not_take(void **state)
{
    struct fixture *f = *state;
    static const char *const words[] = {"",           "backup",  "backup a b",
                                        "restored a", "restore", "check"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(ledger(f, f->directory, true, words[i]), EXIT_USAGE);
        assert_in(captured_err, "ledger backup FILE, or ledger restored --yes");
    }
    assert_int_equal(ledger(f, f->directory, true, "backup /tmp/never.db"), EXIT_USAGE);
    assert_int_not_equal(access("/tmp/never.db", F_OK), 0);
}

static void a_backup_is_told(void **state)
{
    struct fixture *f = *state;
    char words[120], said[200];
    snprintf(words, sizeof words, "backup %s/monday.db", f->directory);
    snprintf(said, sizeof said, "%s was copied to %s/monday.db\n", f->path, f->directory);
    assert_int_equal(ledger(f, f->directory, false, words), 0);
    assert_string_equal(captured_out, said);
    assert_int_equal(ledger(f, f->directory, false, words), EXIT_USAGE);
    assert_in(captured_err, "is there already");
}

static void without_yes_it_explains(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(ledger(f, f->directory, false, "restored"), EXIT_USAGE);
    assert_in(captured_err, "it holds in doubt what was queued or on its way");
    assert_in(captured_err, "--yes");
    assert_int_equal(fixture_state(f, a), DOC_QUEUED);
}

static void with_yes_it_holds(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL);
    fixture_accept(f, b, "job-b");
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(ledger(f, f->directory, true, "restored"), 0);
    assert_in(captured_out, ": 1 document is held in doubt");
    assert_in(captured_out, "1 job is known");
    assert_int_equal(fixture_state(f, a), DOC_IN_DOUBT);
    assert_int_equal(fixture_state(f, b), DOC_PROCESSING);
}

static void where_there_is_no_ledger(void **state)
{
    struct fixture *f = *state;
    char nowhere[100], ledger_path[128];
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", f->directory);
    snprintf(ledger_path, sizeof ledger_path, "%s/ledger.db", nowhere);
    assert_int_equal(ledger(f, nowhere, true, "restored"), EXIT_USAGE);
    assert_in(captured_err, "no ledger at ");
    assert_int_equal(ledger(f, nowhere, false, "backup /tmp/never.db"), EXIT_USAGE);
    assert_in(captured_err, "no ledger at ");
    assert_int_not_equal(access(nowhere, F_OK), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(words_that_it_does_not_take), TEST(a_backup_is_told),
        TEST(without_yes_it_explains),     TEST(with_yes_it_holds),
        TEST(where_there_is_no_ledger),
    };
    return cmocka_run_group_tests_name("ledger_command", tests, NULL, NULL);
}
