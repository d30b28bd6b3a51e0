/* Everything where it belongs, or what isn't, by name; what repair puts right;
 * and the exit code for each. */
#include "batch_fixture.h"

#include "batch/batch.h"
#include "cli/verify_ledger.h"
#include "ledger/projections.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Two stored documents, one of them under two names. */
static int stored_setup(void **state)
{
    scene_setup(state);
    struct scene *s = *state;
    folder_put(&s->folder, "in/a", "content a", 9);
    folder_put(&s->folder, "in/a again", "content a", 9);
    folder_put(&s->folder, "in/b", "content b", 9);
    scene_read(s, PATHS("in"));
    scene_ledger_open(s);
    scene_store(s, "a", "{\"a\": 1}");
    scene_put(s, "a again");
    scene_store(s, "b", "{\"b\": 2}");
    struct ledger_projection p;
    while (ledger_unprojected(s->ledger, 0, &p, 1) == 1) {
        if (ledger_projected(s->ledger, p.file_id, p.document_id, p.name) < 0)
            fail_msg("%s", ledger_error(s->ledger)->text);
        ledger_projection_release(&p);
    }
    scene_ledger_close(s);
    folder_put(&s->folder, "out/results/a again.json", "{\"a\": 1}", 8);
    return 0;
}

static struct verify look(struct scene *s, bool repair)
{
    struct verify v;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    if (verify_make(&v, loop, &s->options, repair, &e) != 0)
        fail_msg("%s", e.text);
    loop_free(loop);
    assert_true(v.numbers_add_up || v.damaged);
    return v;
}

static void expect_exit(struct scene *s, bool repair, int code)
{
    struct verify v = look(s, repair);
    if (verify_exit_code(&v) != code)
        fail_msg("exit %d, not %d:\n%s", verify_exit_code(&v), code, buffer_text(&v.findings));
    verify_release(&v);
}

/* That the findings are LINE alone; "%" in it stands for the folder. */
static void expect_finding(struct scene *s, const struct verify *v, const char *line)
{
    struct buffer expected;
    buffer_init(&expected, 0);
    for (const char *p = line; *p; p++)
        if (*p == '%')
            buffer_put(&expected, s->folder.path);
        else
            buffer_printf(&expected, "%c", *p);
    assert_string_equal(buffer_text(&v->findings), buffer_text(&expected));
    buffer_release(&expected);
}

static void all_is_well(void **state)
{
    struct scene *s = *state;
    struct verify v = look(s, false);
    assert_int_equal(v.files, 3);
    assert_int_equal(v.results, 3);
    assert_int_equal(v.result_files, 3);
    assert_int_equal(v.inputs, 3);
    assert_int_equal(v.finding_count, 0);
    assert_true(v.numbers_add_up);
    assert_int_equal(verify_exit_code(&v), 0);
    verify_release(&v);
    expect_exit(s, true, 0);
}

static void a_result_file_that_is_missing(void **state)
{
    struct scene *s = *state;
    assert_int_equal(unlink(folder_path(&s->folder, "out/results/b.json")), 0);
    struct verify v = look(s, false);
    assert_int_equal(v.missing, 1);
    assert_int_equal(v.repaired, 0);
    expect_finding(s, &v, "  %/in/b: its result file is missing\n");
    assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
    verify_release(&v);
    v = look(s, true);
    assert_int_equal(v.missing, 1);
    assert_int_equal(v.repaired, 1);
    assert_int_equal(v.strays, 0);
    assert_int_equal(verify_exit_code(&v), 0);
    verify_release(&v);
    expect_exit(s, false, 0);
}

static void all_of_results_is_missing(void **state)
{
    struct scene *s = *state;
    unlink(folder_path(&s->folder, "out/results/a.json"));
    unlink(folder_path(&s->folder, "out/results/a again.json"));
    unlink(folder_path(&s->folder, "out/results/b.json"));
    assert_int_equal(rmdir(folder_path(&s->folder, "out/results")), 0);
    expect_exit(s, false, EXIT_SOME_FAILED);
    expect_exit(s, true, 0);
    expect_exit(s, false, 0);
}

static void result_files_that_differ(void **state)
{
    struct scene *s = *state;
    static const char *const others[] = {"", "{\"b\": 3}", "{\"b\": 2", "{\"b\": 2}\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        folder_put(&s->folder, "out/results/b.json", others[i], strlen(others[i]));
        struct verify v = look(s, false);
        assert_int_equal(v.differing, 1);
        assert_int_equal(v.strays, 0);
        expect_finding(s, &v, "  %/in/b: its result file differs from what Mindee sent\n");
        assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
        verify_release(&v);
        expect_exit(s, true, 0);
        expect_exit(s, false, 0);
    }
}

static void strays(void **state)
{
    struct scene *s = *state;
    folder_put(&s->folder, "out/results/mine.txt", "x", 1);
    struct verify v = look(s, false);
    assert_int_equal(v.strays, 1);
    assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
    verify_release(&v);
    /* A repaired file, or one that is in the way, doesn't hide it. */
    folder_put(&s->folder, "out/results/b.json", "wrong", 5);
    v = look(s, true);
    assert_int_equal(v.repaired, 1);
    assert_int_equal(v.strays, 1);
    assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
    verify_release(&v);
    assert_int_equal(unlink(folder_path(&s->folder, "out/results/b.json")), 0);
    assert_int_equal(mkdir(folder_path(&s->folder, "out/results/b.json"), 0700), 0);
    v = look(s, true);
    assert_int_equal(v.differing, 1);
    assert_int_equal(v.repaired, 0);
    assert_int_equal(v.strays, 1);
    assert_non_null(strstr(buffer_text(&v.findings), "something else stands in its place"));
    assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
    verify_release(&v);
}

static void a_link_to_the_right_bytes(void **state)
{
    struct scene *s = *state;
    assert_int_equal(unlink(folder_path(&s->folder, "out/results/a again.json")), 0);
    assert_int_equal(symlink("a.json", folder_path(&s->folder, "out/results/a again.json")), 0);
    folder_put(&s->folder, "out/results/mine.txt", "x", 1);
    struct verify v = look(s, false);
    assert_int_equal(v.result_files, 3);
    assert_int_equal(v.strays, 1);
    verify_release(&v);
}

static void inputs_not_taken_yet(void **state)
{
    struct scene *s = *state;
    folder_put(&s->folder, "in/new \x01", "x", 1);
    struct verify v = look(s, false);
    assert_int_equal(v.inputs, 4);
    assert_int_equal(v.unknown, 1);
    expect_finding(s, &v, "  %/in/new \\x01: not in the ledger; run again to take it\n");
    assert_int_equal(verify_exit_code(&v), EXIT_RESUMABLE);
    verify_release(&v);
    assert_int_equal(unlink(folder_path(&s->folder, "in/new \x01")), 0);
    folder_put(&s->folder, "in/b", "content b, changed", 18);
    v = look(s, false);
    expect_finding(s, &v, "  %/in/b: changed since it was taken; run again to take it\n");
    assert_int_equal(verify_exit_code(&v), EXIT_RESUMABLE);
    verify_release(&v);
}

static void documents_without_a_result(void **state)
{
    struct scene *s = *state;
    folder_put(&s->folder, "in/c", "content c", 9);
    scene_ledger_open(s);
    scene_fail(s, "c");
    scene_ledger_close(s);
    struct verify v = look(s, false);
    assert_int_equal(v.unstored, 1);
    assert_int_equal(v.open, 0);
    assert_int_equal(verify_exit_code(&v), EXIT_SOME_FAILED);
    verify_release(&v);
    scene_ledger_open(s);
    scene_dismiss(s, "c");
    scene_ledger_close(s);
    v = look(s, false);
    assert_int_equal(v.unstored, 0);
    assert_int_equal(v.dismissed, 1);
    assert_int_equal(verify_exit_code(&v), EXIT_ALL_STORED);
    verify_release(&v);
    folder_put(&s->folder, "in/d", "content d", 9);
    scene_ledger_open(s);
    scene_put(s, "d");
    scene_ledger_close(s);
    v = look(s, false);
    assert_int_equal(v.open, 1);
    assert_int_equal(verify_exit_code(&v), EXIT_RESUMABLE);
    verify_release(&v);
}

static void a_payload_that_rotted(void **state)
{
    struct scene *s = *state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(s->options.ledger, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "UPDATE result SET bytes = '{\"b\": 9}' WHERE CAST(bytes AS TEXT) LIKE '%b%'",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
    struct verify v = look(s, true);
    assert_int_equal(v.damaged, 1);
    assert_int_equal(v.results, 2);
    assert_int_equal(v.repaired, 0);
    assert_int_equal(v.strays, 0); /* its file stands where it belongs */
    expect_finding(s, &v, "  %/in/b: its result in the ledger is not what was received\n");
    assert_int_equal(verify_exit_code(&v), EXIT_LEDGER);
    verify_release(&v);
}

static void numbers_that_do_not_add_up(void **state)
{
    struct scene *s = *state;
    struct verify v;
    struct error e;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(s->options.ledger, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE counter SET n = n + 1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct loop *loop = loop_new(&system_clock);
    assert_int_equal(verify_make(&v, loop, &s->options, false, &e), 0);
    loop_free(loop);
    assert_false(v.numbers_add_up);
    assert_int_equal(v.finding_count, 1);
    assert_int_equal(v.result_files, 3); /* the rest is looked at all the same */
    assert_int_equal(verify_exit_code(&v), EXIT_LEDGER);
    verify_release(&v);
}

static void no_ledger(void **state)
{
    struct scene *s = *state;
    struct verify v;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    scene_read(s, PATHS("in"));
    assert_int_equal(verify_make(&v, loop, &s->options, false, &e), ERR_NOT_FOUND);
    assert_int_equal(exit_code_of(&e), EXIT_USAGE);
    verify_release(&v);
    assert_int_equal(access(s->options.output, F_OK), -1);
    loop_free(loop);
}

static void more_findings_than_are_shown(void **state)
{
    struct scene *s = *state;
    char name[32];
    for (int i = 0; i < VERIFY_FINDINGS_SHOWN + 7; i++) {
        snprintf(name, sizeof name, "in/new %d", i);
        folder_put(&s->folder, name, "x", 1);
    }
    struct verify v = look(s, false);
    struct buffer out;
    assert_int_equal(v.unknown, VERIFY_FINDINGS_SHOWN + 7);
    buffer_init(&out, 0);
    verify_print(&v, &out);
    assert_non_null(strstr(buffer_text(&out), "\n  ... and 7 more\n"));
    assert_non_null(strstr(buffer_text(&out), "  inputs not taken yet                 57"));
    assert_non_null(strstr(buffer_text(&out), "  numbers add up                      yes\n"));
    buffer_release(&out);
    verify_release(&v);
}

static void assert_prints(struct scene *s, const char *line)
{
    struct verify v = look(s, false);
    struct buffer out;
    buffer_init(&out, 0);
    verify_print(&v, &out);
    if (!strstr(buffer_text(&out), line))
        fail_msg("\"%s\" isn't in\n%s", line, buffer_text(&out));
    buffer_release(&out);
    verify_release(&v);
}

/* A directory without files was named all the same. */
static void whether_inputs_were_named(void **state)
{
    struct scene *s = *state;
    assert_int_equal(mkdir(folder_path(&s->folder, "empty"), 0700), 0);
    assert_prints(s, "\n  inputs looked at                      3\n");
    scene_read(s, PATHS("empty"));
    assert_prints(s, "\n  inputs looked at                      0   no files are there\n");
    scene_set(s, "input.exclude=*");
    scene_read(s, PATHS("in"));
    assert_prints(s, "\n  inputs looked at                      0\n");
    scene_read(s, NULL);
    assert_prints(s, "\n  inputs looked at                   none   name the PATHs to compare");
}

/* --- exit codes, from the numbers alone --- */

static void expect_code(struct verify v, int code)
{
    assert_int_equal(verify_exit_code(&v), code);
}

static void exit_codes(void **state)
{
    (void)state;
    expect_code((struct verify){.numbers_add_up = true}, 0);
    expect_code((struct verify){.numbers_add_up = true, .missing = 2, .repaired = 2}, 0);
    expect_code((struct verify){.numbers_add_up = true, .missing = 1, .differing = 1}, 1);
    expect_code(
        (struct verify){.numbers_add_up = true, .missing = 1, .differing = 1, .repaired = 1}, 1);
    expect_code((struct verify){.numbers_add_up = true, .strays = 1}, 1);
    expect_code((struct verify){.numbers_add_up = true, .unstored = 1}, 1);
    expect_code((struct verify){.numbers_add_up = true, .open = 1}, 5);
    expect_code((struct verify){.numbers_add_up = true, .unknown = 1}, 5);
    expect_code((struct verify){.numbers_add_up = true, .open = 1, .unstored = 1, .missing = 1}, 5);
    expect_code((struct verify){.numbers_add_up = true, .damaged = 1, .open = 1}, 3);
    expect_code((struct verify){.numbers_add_up = false}, 3);
}

int main(void)
{
#define TEST(name)   cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
#define STORED(name) cmocka_unit_test_setup_teardown(name, stored_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        STORED(all_is_well),
        STORED(a_result_file_that_is_missing),
        STORED(all_of_results_is_missing),
        STORED(result_files_that_differ),
        STORED(strays),
        STORED(a_link_to_the_right_bytes),
        STORED(inputs_not_taken_yet),
        STORED(documents_without_a_result),
        STORED(a_payload_that_rotted),
        STORED(numbers_that_do_not_add_up),
        TEST(no_ledger),
        STORED(more_findings_than_are_shown),
        STORED(whether_inputs_were_named),
        cmocka_unit_test(exit_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
