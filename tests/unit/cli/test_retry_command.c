/* What `retry` finds out before there is a run: what is meant, that it is in the ledger, for which
 * settings there is to be a run, and who has the ledger. The run itself is a fake. */
#include "asked_of.h"
#include "batch/batch.h"
#include "cli/run.h"
#include "control/control_client.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the run, and the one that has the ledger --- */

enum { RUNS_MOST = 4 };
static struct {
    char settings[100]; /* "product model options" */
    char paths[400];    /* each with a blank behind it */
    char states[200];   /* likewise */
} runs[RUNS_MOST];
static int run_count, run_code;

/* In place of run_batch, whose file has the command too (see CMakeLists.txt). */
int __wrap_run_batch(const struct command_line *cl, const struct batch_retry *retry,
                     bool budget_again);

int __wrap_run_batch(const struct command_line *cl, const struct batch_retry *retry,
                     bool budget_again)
{
    (void)cl, (void)budget_again;
    assert_true(run_count < RUNS_MOST);
    snprintf(runs[run_count].settings, sizeof runs[0].settings, "%s %s %s",
             retry->settings->product, retry->settings->model_id, retry->settings->options);
    runs[run_count].paths[0] = runs[run_count].states[0] = '\0';
    for (size_t i = 0; i < retry->path_count; i++) {
        strcat(runs[run_count].paths, retry->paths[i]);
        strcat(runs[run_count].paths, " ");
    }
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        if (retry->states[s]) {
            strcat(runs[run_count].states, doc_state_names[s]);
            strcat(runs[run_count].states, " ");
        }
    run_count++;
    return run_code;
}

static int answer_rc, answer_code, asked;
static char asked_in_directory[200], asked_for[600];

int control_ask(const char *directory, const struct control_request *r, struct control_answer *a,
                struct error *e)
{
    asked++;
    snprintf(asked_in_directory, sizeof asked_in_directory, "%s", directory);
    snprintf(asked_for, sizeof asked_for, "%s%s", r->command, r->all ? " all" : "");
    for (size_t i = 0; i < r->path_count; i++) {
        strcat(asked_for, " ");
        strcat(asked_for, r->paths[i]);
    }
    *a = (struct control_answer){.exit_code = answer_code,
                                 .text = strdup("2 documents are taken up")};
    if (answer_rc < 0) {
        control_answer_release(a);
        return error_set(e, answer_rc, "the run doesn't answer");
    }
    return 0;
}

static int setup(void **state)
{
    run_count = run_code = answer_rc = answer_code = asked = 0;
    return fixture_setup(state);
}

/* --- what is in the ledger --- */

static int64_t put_failed(struct fixture *f, const char *name)
{
    int64_t id = fixture_put(f, name, name, NULL);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    return id;
}

static void use_settings(struct fixture *f, const char *product, const char *model)
{
    const struct ledger_settings s = {product, model, "{\"rag\":true}"};
    assert_ok(f->l, ledger_settings_put(f->l, &s, &f->settings));
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Nobody has the ledger meanwhile. */
static int retry(struct fixture *f, const char *const *words)
{
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    int code = asked_of(&retry_command, f, words, NULL);
    fixture_open(f);
    return code;
}

/* --- */

static void nothing_is_said_or_nothing_is_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(retry(f, (const char *const[]){NULL}), EXIT_USAGE);
    assert_complained("retry what? --failed, --in-doubt, --lost, --rejected, or PATHs");
    assert_int_equal(asked_in(&retry_command, "/no/such/place", WORDS("--failed"), NULL),
                     EXIT_USAGE);
    assert_complained("there is no ledger at /no/such/place/ledger.db yet");
    assert_int_equal(retry(f, WORDS("/data/never.pdf")), EXIT_USAGE);
    assert_complained("/data/never.pdf is not in the ledger; name files as failures.csv does");
    assert_int_equal(run_count, 0);
}

/* The exit code speaks of what is in the ledger all the same. */
static void nothing_to_retry(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(retry(f, WORDS("--failed")), 0);
    assert_told("there is nothing to retry");
    fixture_store(f, fixture_put(f, "a", "a", NULL), "{}", 1);
    assert_int_equal(retry(f, WORDS("--failed", "--lost", "--rejected", "--in-doubt")), 0);
    put_failed(f, "b");
    assert_int_equal(retry(f, WORDS("--lost")), EXIT_SOME_FAILED);
    assert_told("there is nothing to retry");
    fixture_put(f, "c", "c", NULL);
    assert_int_equal(retry(f, WORDS("--lost")), EXIT_RESUMABLE);
    assert_int_equal(run_count, 0);
}

static void a_run_for_each_set_of_settings(void **state)
{
    struct fixture *f = *state;
    int64_t first = f->settings;
    put_failed(f, "a");
    use_settings(f, "classification", "model-2");
    put_failed(f, "b");
    f->settings = first;
    put_failed(f, "c");
    use_settings(f, "crop", "model-3");
    fixture_store(f, fixture_put(f, "d", "d", NULL), "{}", 1); /* nothing of theirs failed */
    assert_int_equal(retry(f, WORDS("--failed", "--lost")), 0);
    assert_int_equal(run_count, 2);
    assert_string_equal(runs[0].settings, "extraction model-1 {}");
    assert_string_equal(runs[1].settings, "classification model-2 {\"rag\":true}");
    assert_string_equal(runs[0].states, "failed lost ");
    assert_string_equal(runs[0].paths, "");
}

static void one_that_did_not_come_to_its_end_ends_the_rest(void **state)
{
    struct fixture *f = *state;
    put_failed(f, "a");
    use_settings(f, "classification", "model-2");
    put_failed(f, "b");
    run_code = EXIT_SOME_FAILED; /* it did */
    assert_int_equal(retry(f, WORDS("--failed")), EXIT_SOME_FAILED);
    assert_int_equal(run_count, 2);
    run_count = 0;
    run_code = EXIT_REFUSED;
    assert_int_equal(retry(f, WORDS("--failed")), EXIT_REFUSED);
    assert_int_equal(run_count, 1);
}

static void by_its_path_whatever_its_state(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, fixture_put(f, "a", "a", NULL), "{}", 1);
    fixture_put(f, "b", "b", NULL);
    assert_int_equal(retry(f, WORDS("/data/b", "/data/../data/a")), 0);
    assert_int_equal(run_count, 1);
    assert_string_equal(runs[0].paths, "/data/b /data/a ");
    assert_string_equal(runs[0].states, "");
}

/* All of them are known, or there is no run. */
static void one_path_that_is_wrong_is_enough(void **state)
{
    struct fixture *f = *state;
    put_failed(f, "a");
    assert_int_equal(retry(f, WORDS("--failed", "/data/a", "/data/never")), EXIT_USAGE);
    assert_int_equal(run_count, 0);
}

/* A run that was killed left it on its way: the next one finds it in doubt. */
static void what_a_killed_run_left_on_its_way(void **state)
{
    struct fixture *f = *state;
    fixture_submit(f, fixture_put(f, "a", "a", NULL));
    assert_int_equal(retry(f, WORDS("--lost")), EXIT_RESUMABLE);
    assert_int_equal(run_count, 0);
    assert_int_equal(retry(f, WORDS("--in-doubt")), 0);
    assert_int_equal(run_count, 1);
}

static void what_is_settled_by_hand_is_passed_over(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_failed(f, "a");
    const struct ledger_step dismissed = {.document_id = id,
                                          .from = DOC_FAILED,
                                          .to = DOC_FAILED,
                                          .event = EV_DISMISS,
                                          .attempt = 1,
                                          .cause = "by hand"};
    assert_ok(f->l, ledger_step(f->l, &dismissed));
    assert_int_equal(retry(f, WORDS("--failed")), 0);
    assert_told("there is nothing to retry");
    assert_int_equal(retry(f, WORDS("/data/a")), 0);
    assert_int_equal(run_count, 1);
}

/* --- beside a run, which has the ledger: the fixture --- */

static int retry_beside(struct fixture *f, const char *const *words)
{
    assert_ok(f->l, ledger_commit(f->l));
    return asked_of(&retry_command, f, words, NULL);
}

static void handed_to_the_run_that_has_the_ledger(void **state)
{
    struct fixture *f = *state;
    put_failed(f, "a");
    assert_int_equal(retry_beside(f, WORDS("--all", "/data/a")), 0);
    assert_told("2 documents are taken up\n");
    assert_string_equal(asked_in_directory, f->directory);
    assert_string_equal(asked_for, "retry all /data/a");
    answer_code = EXIT_USAGE;
    assert_int_equal(retry_beside(f, WORDS("--failed")), EXIT_USAGE);
    assert_complained("2 documents are taken up\n");
    assert_int_equal(asked, 2);
    assert_int_equal(run_count, 0);
}

static void a_run_that_does_not_answer(void **state)
{
    struct fixture *f = *state;
    put_failed(f, "a");
    answer_rc = ERR_IO;
    assert_int_equal(retry_beside(f, WORDS("--failed")), EXIT_LEDGER);
    assert_complained("the run doesn't answer");
    answer_rc = ERR_LIMIT; /* of what was asked */
    assert_int_equal(retry_beside(f, WORDS("--failed")), EXIT_USAGE);
    assert_int_equal(asked, 2); /* neither is asked again */
    assert_int_equal(run_count, 0);
}

static void with_nothing_to_do_no_run_is_asked(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(retry_beside(f, WORDS("--failed")), 0);
    assert_told("there is nothing to retry");
    assert_int_equal(asked, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_said_or_nothing_is_there),
        TEST(nothing_to_retry),
        TEST(a_run_for_each_set_of_settings),
        TEST(one_that_did_not_come_to_its_end_ends_the_rest),
        TEST(by_its_path_whatever_its_state),
        TEST(one_path_that_is_wrong_is_enough),
        TEST(what_a_killed_run_left_on_its_way),
        TEST(what_is_settled_by_hand_is_passed_over),
        TEST(handed_to_the_run_that_has_the_ledger),
        TEST(a_run_that_does_not_answer),
        TEST(with_nothing_to_do_no_run_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
