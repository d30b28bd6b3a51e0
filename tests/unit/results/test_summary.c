/* summary.json as a file, and the table for people. */
#include "ledger_fixture.h"
#include "results/summary.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void the_file(void **state)
{
    struct fixture *f = *state;
    struct summary s = {.total = {.files = 3, .documents = 2, .duplicates = 1}};
    struct error e;
    struct stat st;
    struct buffer expected;
    char path[128], text[4096] = "";
    buffer_init(&expected, 0);
    summary_json(&expected, &s);
    buffer_put(&expected, "\n");
    assert_int_equal(summary_write(&s, f->directory, &e), 0);
    snprintf(path, sizeof path, "%s/summary.json", f->directory);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, buffer_text(&expected));
    buffer_release(&expected);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    snprintf(path, sizeof path, "%s/no", f->directory);
    assert_int_equal(summary_write(&s, path, &e), ERR_IO);
    assert_non_null(strstr(e.text, "/no/summary.json: No such file or directory"));
}

/* --- for people --- */

static void expect_table(const struct summary *s, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    summary_table(&out, s);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void a_table_of_one_run(void **state)
{
    (void)state;
    struct summary s = {.has_run = true};
    s.total = (struct ledger_counts){.files = 1234567,
                                     .documents = 1234567,
                                     .credits = {2 * CREDIT_MICROS},
                                     .started_at = {1000}};
    s.total.by_state[DOC_STORED] = 1234567;
    s.run = s.total;
    expect_table(&s, "  files                     1,234,567\n"
                     "  documents                 1,234,567\n"
                     "    stored                  1,234,567\n"
                     "  credits                           2\n"
                     "  uploads                           0\n"
                     "  questions to Mindee               0\n");
    s.run.finished_at = s.total.finished_at = (struct wall){66000};
    struct buffer out;
    buffer_init(&out, 0);
    summary_table(&out, &s);
    assert_non_null(strstr(buffer_text(&out), "  time                     1 min 05 s\n"));
    buffer_release(&out);
}

static void what_needs_a_person_is_told_by_kind(void **state)
{
    (void)state;
    struct summary s = {.has_run = true};
    s.review = (struct summary_review){.known = true, .open = 4123};
    s.review.kinds[REVIEW_SUMS] = 3;
    s.review.kinds[REVIEW_DUPLICATES] = 1;
    s.review.kinds[REVIEW_NEW_ACCOUNT] = 4119;
    s.review.kinds[REVIEW_UNSURE] = 1;
    struct buffer out;
    buffer_init(&out, 0);
    summary_table(&out, &s);
    assert_non_null(strstr(buffer_text(&out), "  to review                     4,123\n"
                                              "    3 sums don't add up, 1 may be a duplicate, "
                                              "4,119 bank accounts are new,\n"
                                              "    1 reading is unsure\n"));
    buffer_release(&out);
}

static void a_table_of_several_runs(void **state)
{
    (void)state;
    struct summary s = {.has_run = true};
    s.total = (struct ledger_counts){.files = 9,
                                     .documents = 8,
                                     .duplicates = 1,
                                     .resent = 1,
                                     .credits = {7 * CREDIT_MICROS},
                                     .credits_at_risk = {CREDIT_MICROS / 2},
                                     .post = 10,
                                     .get = 20,
                                     .http_429 = 3,
                                     .started_at = {1000},
                                     .finished_at = {9000}};
    s.total.by_state[DOC_STORED] = 2;
    s.total.by_state[DOC_QUEUED] = s.total.by_state[DOC_READY] = s.total.by_state[DOC_FAILED] = 1;
    s.total.by_state[DOC_REJECTED] = s.total.by_state[DOC_LOST] = 1;
    s.total.by_state[DOC_IN_DOUBT] = 1;
    s.run.started_at.ms = 5000;
    s.run.by_state[DOC_STORED] = 1;
    s.run.finished_at.ms = 5350;
    struct buffer out;
    buffer_init(&out, 0);
    summary_table(&out, &s);
    const char *text = buffer_text(&out);
    static const char *const lines[] = {
        "                             this run     all runs\n",
        "  files                             0            9\n",
        "  duplicates                        0            1   same content, sent once\n",
        "    stored                          1            2\n",
        "    queued                          0            1   not sent yet\n",
        "    processing                      0            1   sent, no result yet\n",
        "    failed                          0            1   see failures.csv\n",
        "    rejected                        0            1   not sent; see failures.csv\n",
        "    lost                            0            1   paid for, result gone;",
        "    in doubt                        0            1   sent, answer never came\n",
        "  answered \"too fast\"               0            3   over the limit",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text, lines[i]))
            fail_msg("not in the table: %s\n%s", lines[i], text);
    assert_non_null(strstr(text, "350 ms\n"));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file, fixture_setup, fixture_teardown),
        cmocka_unit_test(a_table_of_one_run),
        cmocka_unit_test(what_needs_a_person_is_told_by_kind),
        cmocka_unit_test(a_table_of_several_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
