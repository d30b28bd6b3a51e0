/* Result files that were published and aren't there, or are cut off, any more. The files and the
 * ledger are real. */
#include "batch/missing_results.h"

#include "ledger/projections.h"
#include "part_fixture.h"
#include "results/result_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct missing {
    struct part part; /* first */
    struct missing_results *missing;
    struct result_place *place;
};

static int setup(void **state)
{
    struct missing *t = calloc(1, sizeof *t);
    struct naming_place found;
    struct error e;
    part_open(&t->part);
    assert_int_equal(result_files_prepare(t->part.output, ACCESS_PRIVATE, &found, &e), 0);
    t->place = result_place_new(t->part.output, found.longest, ACCESS_PRIVATE);
    t->missing = missing_results_new(&t->part.context, t->part.ending);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct missing *t = *state;
    missing_results_free(t->missing);
    result_place_free(t->place);
    part_close(&t->part);
    free(t);
    return 0;
}

static const char *result_path(const struct missing *t, const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/results/%s.json", t->part.output, name);
    return path;
}

static void write_result(const struct missing *t, const char *name, const char *text)
{
    FILE *f = fopen(result_path(t, name), "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Stored, and its result published as NAME.json. */
static void publish(struct missing *t, const char *name, const char *result)
{
    struct fixture *f = t->part.ledger;
    int64_t id = fixture_put(f, name, name, NULL);
    fixture_store(f, id, result, 1);
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, name), id, name));
    assert_ok(f->l, ledger_commit(f->l));
    write_result(t, name, result);
}

/* How often something was found. */
static int look_through(struct missing *t)
{
    int found = 0;
    missing_results_start(t->missing, t->place);
    for (int i = 0; i < 20 && missing_results_busy(t->missing); i++) {
        found += missing_results_turn(t->missing);
        fake_loop_work_all(t->part.context.loop);
    }
    assert_false(missing_results_busy(t->missing));
    return found;
}

static void run_anew(struct missing *t, bool clean)
{
    if (clean)
        missing_results_save(t->missing);
    assert_ok(t->part.ledger->l, ledger_commit(t->part.ledger->l));
    missing_results_free(t->missing);
    t->missing = missing_results_new(&t->part.context, t->part.ending);
}

static void what_is_there_is_let_be(void **state)
{
    struct missing *t = *state;
    publish(t, "a", "{}");
    assert_int_equal(look_through(t), 0);
}

static void what_is_gone_is_to_be_written(void **state)
{
    struct missing *t = *state;
    publish(t, "a", "{}");
    publish(t, "b", "{}");
    run_anew(t, true);
    assert_int_equal(unlink(result_path(t, "b")), 0);
    part_log(&t->part, LOG_WARNING);
    assert_int_equal(look_through(t), 1);
    assert_string_equal(
        part_log_take(&t->part),
        "warning b: its result file is gone; it is written again [result.missing]\n");
    run_anew(t, true);
    assert_int_equal(look_through(t), 0); /* it is known to be unwritten */
}

/* Emptied by a power cut: after an end that wasn't clean, and what was published before the last
 * clean one isn't suspected. */
static void of_another_size_after_an_unclean_end(void **state)
{
    struct missing *t = *state;
    publish(t, "old", "{\"a\": 1}");
    run_anew(t, true);
    publish(t, "new", "{\"a\": 1}");
    write_result(t, "old", "");
    write_result(t, "new", "");
    assert_int_equal(look_through(t), 0); /* the same boot, and the ledger was closed well */
    run_anew(t, false);
    assert_ok(t->part.ledger->l, ledger_published_mark(t->part.ledger->l, "another boot"));
    publish(t, "newer", "{\"a\": 1}");
    write_result(t, "newer", "");
    part_log(&t->part, LOG_WARNING);
    assert_int_equal(look_through(t), 1);
    assert_string_equal(
        part_log_take(&t->part),
        "warning newer: its result file is gone; it is written again [result.missing]\n");
}

static void an_end_that_has_begun_finds_nothing(void **state)
{
    struct missing *t = *state;
    publish(t, "a", "{}");
    run_anew(t, true);
    assert_int_equal(unlink(result_path(t, "a")), 0);
    missing_results_start(t->missing, t->place);
    assert_false(missing_results_turn(t->missing));
    assert_true(missing_results_reading(t->missing));
    ending_interrupt(t->part.ending, false);
    fake_loop_work_all(t->part.context.loop);
    assert_false(missing_results_turn(t->missing));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_there_is_let_be),
        TEST(what_is_gone_is_to_be_written),
        TEST(of_another_size_after_an_unclean_end),
        TEST(an_end_that_has_begun_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
