/* `dismiss`: which documents it means, what it leaves behind, and what it says of those that it can't
 * mean. */
#include "base/text.h"
#include "batch/batch.h"
#include "capture.h"
#include "ledger/document_ledger.h"
#include "ledger/listing.h"
#include "ledger_fixture.h"
#include "run_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* WORDS: options and PATHs, with blanks between. */
static int dismiss_in(const char *directory, const char *words, const char *note)
{
    struct config *config = config_new();
    struct error_list errors;
    char text[200], copy[400];
    const char *line[12] = {NULL};
    size_t count = 0;
    text_copy(copy, sizeof copy, words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        line[count++] = word;
    if (note) {
        line[count++] = "--note";
        line[count++] = note;
    }
    error_list_init(&errors);
    snprintf(text, sizeof text, "output.directory=%s", directory);
    assert_int_equal(config_set(config, text, &errors), 0);
    assert_int_equal(config_set(config, "input.directory=/nowhere", &errors), 0);
    error_list_release(&errors);
    int code = run_words(&dismiss_command, config, line);
    config_free(config);
    return code;
}

static int dismiss(struct fixture *f, const char *words, const char *note)
{
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    int code = dismiss_in(f->directory, words, note);
    fixture_open(f);
    return code;
}

static void assert_in(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" isn't in: %s", words, text);
}

static int64_t end_as(struct fixture *f, const char *name, enum doc_state state)
{
    int64_t id = fixture_put(f, name, state == DOC_REJECTED ? NULL : name, NULL);
    int attempt;
    if (state == DOC_FAILED) {
        attempt = fixture_submit(f, id);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
        fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    } else if (state == DOC_LOST) {
        attempt = fixture_accept(f, id, "job");
        fixture_step(f, id, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, attempt);
    } else if (state == DOC_IN_DOUBT) {
        attempt = fixture_submit(f, id);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
        fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    } else if (state == DOC_SUBMITTING) {
        fixture_submit(f, id);
    } else if (state == DOC_STORED) {
        fixture_store(f, id, "{}", 1);
    }
    return id;
}

static void one_of_each(struct fixture *f)
{
    end_as(f, "queued", DOC_QUEUED);
    end_as(f, "stored", DOC_STORED);
    end_as(f, "failed", DOC_FAILED);
    end_as(f, "lost", DOC_LOST);
    end_as(f, "in-doubt", DOC_IN_DOUBT);
    end_as(f, "rejected", DOC_REJECTED);
}

static bool is_dismissed(struct fixture *f, int64_t id)
{
    struct ledger_document d;
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    ledger_document_release(&d);
    return d.dismissed;
}

static void by_its_state(void **state)
{
    static const char *const states[] = {"--failed", "--lost", "--in-doubt", "--rejected"};
    struct fixture *f = *state;
    one_of_each(f);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(dismiss(f, states[i], NULL), 0);
        assert_in(captured_out, "1 document is dismissed");
        assert_int_equal(fixture_counts(f).dismissed, i + 1);
        assert_true(is_dismissed(f, 3 + i));
        assert_int_equal(dismiss(f, states[i], "again"), 0); /* it is settled already */
        assert_in(captured_out, "there was nothing to dismiss");
    }
}

static void by_its_path_with_a_note(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char path[200];
    one_of_each(f);
    assert_int_equal(dismiss(f, "--failed /data/lost /data/in-doubt /data/failed", "keyed in"), 0);
    assert_in(captured_out, "3 documents are dismissed: `mindee-batch retry PATH` takes one up");
    assert_int_equal(fixture_counts(f).dismissed, 3);
    snprintf(path, sizeof path, "%s/summary.json", f->directory);
    assert_int_equal(stat(path, &st), 0);
    snprintf(path, sizeof path, "%s/failures.csv", f->directory);
    FILE *file = fopen(path, "r");
    char text[2000] = "";
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_in(text, "/data/rejected");
    assert_null(strstr(text, "/data/lost"));
}

/* A run that followed links recorded the link's own path. */
static void by_the_path_of_a_link(void **state)
{
    struct fixture *f = *state;
    char link[200];
    snprintf(link, sizeof link, "%s/link", f->directory);
    assert_int_equal(symlink("/dev/null", link), 0);
    int64_t id = fixture_put_at(f, link, "link", NULL, NULL);
    assert_int_equal(dismiss(f, link, NULL), 0);
    assert_in(captured_out, "1 document is dismissed");
    assert_true(is_dismissed(f, id));
    assert_int_equal(unlink(link), 0);
}

/* One that can't be settled by hand: then nothing is. */
static void all_or_nothing(void **state)
{
    struct fixture *f = *state;
    one_of_each(f);
    assert_int_equal(dismiss(f, "--failed /data/lost /data/stored", NULL), EXIT_USAGE);
    assert_in(captured_err, "/data/stored is stored: only what failed, was rejected, is lost or in "
                            "doubt can be dismissed");
    assert_int_equal(dismiss(f, "/data/queued", NULL), EXIT_USAGE);
    assert_in(captured_err, "/data/queued is queued");
    assert_int_equal(dismiss(f, "--lost /data/none", NULL), EXIT_USAGE);
    assert_in(captured_err, "/data/none is not in the ledger");
    assert_int_equal(fixture_counts(f).dismissed, 0);
}

static int last_cause(void *ctx, const struct ledger_event *row)
{
    text_copy(ctx, 64, row->cause);
    return 0;
}

/* A second time it says nothing new, but for a note. */
static void once_more(void **state)
{
    struct fixture *f = *state;
    char cause[64] = "";
    int64_t id = end_as(f, "a", DOC_FAILED);
    assert_int_equal(fixture_put(f, "b", "a", NULL), id); /* two files, one document */
    assert_int_equal(dismiss(f, "/data/a /data/b", "first"), 0);
    assert_in(captured_out, "1 document is dismissed");
    assert_int_equal(dismiss(f, "/data/b", NULL), 0);
    assert_in(captured_out, "there was nothing to dismiss");
    assert_int_equal(dismiss(f, "/data/b", "second"), 0);
    assert_ok(f->l, ledger_history(f->l, id, last_cause, cause));
    assert_string_equal(cause, "second");
    assert_int_equal(fixture_counts(f).dismissed, 1);
}

/* What was on the wire when its run died is in doubt; but a job that is known to have failed leaves
 * none. */
static void what_was_cut_off(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d;
    int64_t cut = end_as(f, "cut", DOC_SUBMITTING), other = end_as(f, "other", DOC_SUBMITTING),
            known = end_as(f, "known", DOC_QUEUED);
    int attempt = fixture_submit(f, known);
    assert_ok(f->l, ledger_attempt_end(f->l, known, attempt, ATTEMPT_JOB_FAILED, 500, "webhook"));
    assert_int_equal(dismiss(f, "/data/nowhere", NULL), EXIT_USAGE);
    assert_int_equal(fixture_counts(f).by_state[DOC_SUBMITTING], 3); /* nothing was done */
    assert_int_equal(dismiss(f, "/data/cut", "sent by mail"), 0);
    assert_in(captured_out, "1 document is dismissed");
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.by_state[DOC_SUBMITTING], 1);
    assert_int_equal(c.by_state[DOC_IN_DOUBT], 1);
    assert_int_equal(c.credits_at_risk.micro, credits_of(2).micro);
    assert_ok(f->l, ledger_counts_check(f->l));
    assert_true(is_dismissed(f, cut));
    assert_ok(f->l, ledger_document_get(f->l, other, &d));
    assert_int_equal(d.state, DOC_IN_DOUBT);
    ledger_document_release(&d);
    assert_int_equal(dismiss(f, "--in-doubt", NULL), 0);
    assert_true(is_dismissed(f, other));
    assert_false(is_dismissed(f, known));
}

static void what_it_does_not_take(void **state)
{
    struct fixture *f = *state;
    char nowhere[100], note[1100];
    struct stat st;
    snprintf(nowhere, sizeof nowhere, "%s/none", f->directory);
    assert_int_equal(dismiss_in(nowhere, "--failed", NULL), EXIT_USAGE);
    assert_in(captured_err, "there is no ledger at ");
    assert_in(captured_err, " -s output.directory=DIR)");
    assert_int_not_equal(stat(nowhere, &st), 0); /* none is made */
    assert_int_equal(dismiss(f, "", NULL), EXIT_USAGE);
    assert_in(captured_err, "dismiss what?");
    memset(note, 'x', sizeof note);
    note[1001] = '\0';
    assert_int_equal(dismiss(f, "--failed", note), EXIT_USAGE);
    note[1000] = '\0';
    assert_int_equal(dismiss(f, "--failed", note), 0);
    assert_int_equal(dismiss_in(f->directory, "--failed", NULL), EXIT_LEDGER); /* it is open */
    assert_in(captured_err, "process ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(by_its_state),
        TEST(by_its_path_with_a_note),
        TEST(by_the_path_of_a_link),
        TEST(all_or_nothing),
        TEST(once_more),
        TEST(what_was_cut_off),
        TEST(what_it_does_not_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
