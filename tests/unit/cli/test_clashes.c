/* Batches that would write to one place, however their paths are written; and those that don't. */
#include "cli/clashes.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], ini[96];
static struct config *c;
static struct error_list errors;

static const char *below(const char *name)
{
    static char paths[4][128];
    static int turn;
    char *path = paths[turn++ & 3];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    char made[] = "/tmp/test_clashes.XXXXXX", *real;
    if (!mkdtemp(made) || !(real = realpath(made, NULL)))
        return -1;
    snprintf(directory, sizeof directory, "%s", real);
    free(real);
    snprintf(ini, sizeof ini, "%s/a.ini", directory);
    c = config_new();
    error_list_init(&errors);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(c);
    error_list_release(&errors);
    unlink(ini);
    unlink(below("link"));
    rmdir(below("there"));
    return rmdir(directory);
}

static void load(const char *text)
{
    FILE *f = fopen(ini, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    if (config_load_file(c, ini, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
}

/* The text of error I with the directory taken out of it. */
static const char *error_text(size_t i)
{
    static char text[600];
    size_t used = 0, n = strlen(directory);
    assert_true(i < errors.count);
    for (const char *p = errors.errors[i].text; *p && used < sizeof text - 1;) {
        if (strncmp(p, directory, n) == 0) {
            text[used++] = '%';
            p += n;
        } else {
            text[used++] = *p++;
        }
    }
    text[used] = '\0';
    return text;
}

static void assert_fine(void)
{
    if (clashes_check(c, &errors) < 0)
        fail_msg("%s", error_text(0));
    assert_int_equal(errors.count, 0);
}

static void assert_clash(const char *expected)
{
    assert_int_equal(clashes_check(c, &errors), ERR_USAGE);
    assert_string_equal(error_text(0), expected);
    assert_int_equal(errors.count, 1);
}

static void no_batches(void **state)
{
    (void)state;
    load("[output]\ndirectory = out\n[ledger]\npath = out/results/l\n");
    assert_fine();
}

static void apart(void **state)
{
    (void)state;
    load("[batch.a]\noutput = out\n"
         "[batch.b]\noutput = out/b\n" /* inside, but not among its results */
         "[batch.c]\noutput = out/results-c\n"
         "[batch.d]\noutput = out-d\nledger.path = out/d.db\n");
    assert_fine();
}

static void moved_into_anothers_input(void **state)
{
    (void)state;
    load("[batch.a]\noutput = out-a\ndirectory = in-a\ninput.move_stored = in-a/done\n"
         "[batch.b]\noutput = out-b\ndirectory = in-b\ninput.move_failed = in-a/new\n");
    assert_clash(
        "%/a.ini:8: batch b: input.move_failed, %/in-a/new, lies within the input of batch a, "
        "%/in-a, which would send what is moved there: set it to a place outside");
}

static void one_output_directory_by_default(void **state)
{
    (void)state;
    load("[output]\ndirectory = out\n[batch.a]\n[batch.b]\n");
    assert_clash("batches a (%/a.ini:2) and b (%/a.ini:2) have one output directory, %/out: give "
                 "each its own, as in output = b/results below [batch.b]");
}

static void one_output_directory_written_differently(void **state)
{
    (void)state;
    assert_int_equal(mkdir(below("there"), 0700), 0);
    assert_int_equal(symlink("there", below("link")), 0);
    load("[batch.a]\noutput = there/not/yet/\n[batch.b]\noutput = ./link/gone/..//./not/yet\n");
    assert_clash("batches a (%/a.ini:2) and b (%/a.ini:4) have one output directory, "
                 "%/there/not/yet: give each its own, as in output = b/results below [batch.b]");
}

static void one_ledger(void **state)
{
    (void)state;
    load("[ledger]\npath = the.db\n[batch.a]\noutput = a\n[batch.b]\noutput = b\n");
    assert_clash("batches a (%/a.ini:2) and b (%/a.ini:2) have one ledger, %/the.db: give each its "
                 "own, or set no ledger.path (it is in the output directory then)");
}

static void the_ledger_of_another(void **state)
{
    (void)state;
    load("[batch.a]\noutput = a\n[batch.b]\noutput = b\nledger.path = a/ledger.db\n");
    assert_clash("batches a (default) and b (%/a.ini:5) have one ledger, %/a/ledger.db: give each "
                 "its own, or set no ledger.path (it is in the output directory then)");
}

static void among_the_results_of_another(void **state)
{
    (void)state;
    load("[batch.a]\noutput = b/results/deep/a\n[batch.b]\noutput = b\n");
    assert_clash("%/a.ini:2: batch a: its output directory, %/b/results/deep/a, lies within the "
                 "results of batch b, %/b/results: set output of [batch.a] to a place outside of "
                 "them");
}

static void a_ledger_among_the_results_of_another(void **state)
{
    (void)state;
    load("[batch.a]\noutput = a\n[batch.b]\noutput = b\nledger.path = a/results/b.db\n");
    assert_clash("%/a.ini:5: batch b: its ledger, %/a/results/b.db, lies within the results of "
                 "batch a, %/a/results: set ledger.path of [batch.b] to a place outside of them");
}

static void each_pair_is_told(void **state)
{
    (void)state;
    load("[batch.a]\noutput = x\n[batch.b]\noutput = x\n[batch.c]\noutput = x\n");
    assert_int_equal(clashes_check(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(no_batches),
        TEST(apart),
        TEST(moved_into_anothers_input),
        TEST(one_output_directory_by_default),
        TEST(one_output_directory_written_differently),
        TEST(one_ledger),
        TEST(the_ledger_of_another),
        TEST(among_the_results_of_another),
        TEST(a_ledger_among_the_results_of_another),
        TEST(each_pair_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
