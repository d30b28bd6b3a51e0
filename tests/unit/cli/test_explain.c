/* One document's history, told to a person: whatever its state, by its path or the one it was moved
 * to; and what isn't in the ledger. */
#include "batch/batch.h"
#include "capture.h"
#include "cli/command.h"
#include "cli/story.h"
#include "core/document_words.h"
#include "ledger/document_ledger.h"
#include "ledger_fixture.h"
#include "run_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void in_this_order(const char *const *told, size_t n)
{
    const char *at = captured_out;
    for (size_t i = 0; i < n; i++) {
        at = strstr(at, told[i]);
        if (!at)
            fail_msg("not there, or too early: \"%s\" in\n%s", told[i], captured_out);
    }
}

/* When it came, when it was sent, what Mindee said, what it cost, where the result is. */
static void one_that_is_stored(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, fixture_put(f, "a.pdf", "a", NULL), "{}", 3);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    static const char *const told[] = {
        "/data/a.pdf\n  stored; document 1, ",
        ", 1 byte\n",
        "  SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n",
        "  Mindee  knows it as mb-",
        "-1-1, job job\n", /* document 1, attempt 1 */
        "  result  results/a.pdf.json\n",
        "  cost    3 pages charged\n\n",
        "Z  it was found\n",
        "Z  the upload began\n",
        "Z  Mindee took it\n",
        "Z  Mindee has read it\n",
        "Z  its result came and was stored\n",
    };
    in_this_order(told, sizeof told / sizeof *told);
    assert_null(strstr(captured_out, "  next "));
    assert_null(strstr(captured_out, "upload 1"));
    assert_string_equal(captured_err, "");
}

/* Its first upload was in doubt and turned out to have been read, too. */
static void one_that_was_charged_twice(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a.pdf", "a", NULL);
    int first = fixture_submit(f, id);
    const struct ledger_step doubt = {.document_id = id,
                                      .from = DOC_SUBMITTING,
                                      .to = DOC_IN_DOUBT,
                                      .event = EV_DOUBT,
                                      .attempt = first,
                                      .cause = "timeout"};
    assert_ok(f->l, ledger_attempt_end(f->l, id, first, ATTEMPT_IN_DOUBT, 0, "timeout"));
    assert_ok(f->l, ledger_step(f->l, &doubt));
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  in doubt; document 1, ");
    assert_says("  cost    1 page that may have been charged: no answer came to an upload\n");
    assert_says("  next    `mindee-batch retry PATH` sends it again, which may be charged twice; ");
    assert_says("whether Mindee took it isn't known (no answer in time)\n");
    fixture_step(f, id, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, first);
    fixture_store(f, id, "{}", 1);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, first, "the first job"));
    assert_ok(f->l, ledger_attempt_end(f->l, id, first, ATTEMPT_JOB_DONE, 200, NULL));
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  cost    2 pages charged\n");
    assert_says("Z  upload 2: Mindee took it\n");
}

static void one_that_waits(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", "a", NULL);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  waiting to be sent; document 1, ");
    assert_says(", 1 byte\n  SHA-256 ca978112");
    assert_says("\n  next    the next `mindee-batch run` sends it\n");
    static const char *const untold[] = {"knows it", "result", "cost"};
    for (size_t i = 0; i < sizeof untold / sizeof *untold; i++)
        assert_null(strstr(captured_out, untold[i]));
}

static void one_that_is_rejected(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", NULL, NULL);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  rejected; document 1, ");
    assert_says("  reason  Permission denied\n  next    mend or replace the file and");
    assert_null(strstr(captured_out, "SHA-256")); /* nobody read it */
}

static void one_on_its_way(void **state)
{
    struct fixture *f = *state;
    fixture_submit(f, fixture_put(f, "a.pdf", "a", NULL));
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  being uploaded; document 1, ");
    assert_says("  Mindee  may know it as mb-");
    assert_says(", no job is known\n");
}

static void one_that_mindee_never_got(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a.pdf", "a", NULL);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_NOT_SENT, 0, "connect"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_QUEUED, EV_FAULT, attempt);
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  Mindee  never got mb-");
    assert_null(strstr(captured_out, "knows it as"));
}

/* Gone, or left out by the patterns: nobody has to mend it. */
static void one_that_does_not_count_any_more(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a.pdf", NULL, NULL);
    assert_ok(f->l, ledger_file_gone(f->l, fixture_file_id(f, "a.pdf")));
    assert_int_equal(explain(f, "/data/a.pdf"), 0);
    assert_says("  file    not there any more, or left out by the patterns now\n");
    assert_says("  next    nothing is to be done: the file doesn't count any more\n");
    assert_null(strstr(captured_out, "mend or replace"));
}

static void causes_in_words(void **state)
{
    static const char *const rows[][2] = {
        {"http_429", "429 Too Many Requests"},
        {"http_202", ""},
        {"http_200_broken", "200 OK, the connection broke"},
        {"http_503_unexpected", "503 Service Unavailable, the answer can't be understood"},
        {"connect", "no connection to Mindee"},
        {"canary", "Mindee hadn't taken any document yet"},
        {"retry", ""},
        {"", ""},
        {"paid by telephone", "paid by telephone"},
        {"a\033[2J", "a\\x1B[2J"},
    };
    char words[STORY_CAUSE_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(story_cause(rows[i][0], words), rows[i][1]);
}

/* No event and no state is without words, and none is told by its name for programs. */
static void words_for_all(void **state)
{
    (void)state;
    for (int kind = 0; kind < EV_COUNT; kind++) {
        const char *words = doc_event_words((enum doc_event_kind)kind);
        if (!words || strlen(words) < 10 || strchr(words, '_'))
            fail_msg("event %s: %s", doc_event_names[kind], words ? words : "none");
    }
    for (int number = 0; number < DOC_STATE_COUNT; number++) {
        const char *words = doc_state_words((enum doc_state)number);
        if (!words || !*words || strchr(words, '_'))
            fail_msg("state %s", doc_state_names[number]);
    }
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

static void put_at(struct fixture *f, const char *folder, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    fixture_put_at(f, path, name, path, NULL);
}

static void explain_below(struct fixture *f, const char *folder, const char *name, const char *told)
{
    char path[160], line[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(line, sizeof line, "%s/%s\n  waiting", folder, told);
    assert_int_equal(explain(f, path), 0);
    assert_memory_equal(captured_out, line, strlen(line));
}

/* With input.follow_symlinks the ledger has the path that was walked, links and all; else it has what
 * a link leads to. */
static void one_behind_a_link(void **state)
{
    struct fixture *f = *state;
    char made[] = "/tmp/test_explain.XXXXXX", before[512];
    char *folder = mkdtemp(made) ? realpath(made, NULL) : NULL;
    assert_non_null(folder);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("others", 0700), 0);
    assert_int_equal(
        symlink("others/a", "a") | symlink("others/b", "b") | symlink("others", "link"), 0);
    for (const char *const *name = (const char *const[]){"others/a", "others/b", "others/c", NULL};
         *name; name++)
        assert_int_equal(fclose(fopen(*name, "wb")), 0);
    put_at(f, folder, "a");
    put_at(f, folder, "others/b");
    put_at(f, folder, "link/c");
    explain_below(f, folder, "a", "a");
    explain_below(f, folder, "link/../a", "a");
    explain_below(f, folder, "b", "others/b");
    explain_below(f, folder, "link/b", "others/b");
    explain_below(f, folder, "link/c", "link/c");
    put_at(f, folder, "others/a"); /* now both are there: what is written is meant */
    explain_below(f, folder, "a", "a");
    explain_below(f, folder, "link/a", "others/a");
    assert_int_equal(explain(f, "b"), 0);
    unlink("others/a");
    unlink("others/b");
    unlink("others/c");
    unlink("a");
    unlink("b");
    unlink("link");
    rmdir("others");
    assert_int_equal(chdir(before) | rmdir(folder), 0);
    free(folder);
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
    assert_non_null(strstr(captured_err, "elsewhere/ledger.db yet"));
    assert_non_null(strstr(captured_err, " -s output.directory=DIR)"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_stored),
        TEST(one_that_waits),
        TEST(one_that_is_rejected),
        TEST(one_that_mindee_never_got),
        TEST(one_that_does_not_count_any_more),
        TEST(one_on_its_way),
        TEST(one_that_was_charged_twice),
        TEST(causes_in_words),
        TEST(words_for_all),
        TEST(a_name_with_odd_bytes),
        TEST(one_that_no_run_knows),
        TEST(one_behind_a_link),
        TEST(how_many_paths),
        TEST(without_a_ledger),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
