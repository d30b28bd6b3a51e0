/* results/ as a projection: from memory, from the ledger, for many files of one document, and what
 * can't be written. The files are real, and so is the ledger; the notes are not. */
#include "batch/publish.h"
#include "fake_notes.h"
#include "ledger/projections.h"
#include "ledger_damage.h"
#include "part_fixture.h"
#include "results/result_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct publishing {
    struct part part; /* first */
    struct journal *journal;
    struct publish *publish;
    struct flight flight; /* whose result has just come */
};

static int setup(void **state)
{
    struct publishing *t = calloc(1, sizeof *t);
    struct error e;
    part_open(&t->part);
    struct naming_place found;
    assert_int_equal(result_files_prepare(t->part.output, ACCESS_PRIVATE, &found, &e), 0);
    t->journal = journal_new(&t->part.context, t->part.ending);
    t->publish = publish_new(&t->part.context, t->part.ending, t->journal);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct publishing *t = *state;
    publish_free(t->publish);
    journal_free(t->journal);
    free(t->flight.payload);
    part_close(&t->part);
    free(t);
    return 0;
}

/* --- files and documents --- */

static const char *result_path(const struct publishing *t, const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/results/%s", t->part.output, name);
    return path;
}

static void assert_result(const struct publishing *t, const char *name, const char *expected)
{
    char text[100] = "";
    FILE *f = fopen(result_path(t, name), "re");
    if (!f)
        fail_msg("%s isn't there", name);
    size_t len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(text, expected);
}

static void assert_no_result(const struct publishing *t, const char *name)
{
    assert_int_equal(access(result_path(t, name), F_OK), -1);
}

static void put_result(const struct publishing *t, const char *name, const char *content)
{
    FILE *f = fopen(result_path(t, name), "we");
    assert_non_null(f);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

/* A stored document with its files NAME, NAME-2, NAME-3 ... */
static int64_t stored(struct publishing *t, const char *name, int files, const char *result)
{
    struct fixture *f = t->part.ledger;
    int64_t id = fixture_put(f, name, name, NULL);
    for (int i = 2; i <= files; i++) {
        char other[64];
        snprintf(other, sizeof other, "%s-%d", name, i);
        assert_int_equal(fixture_put(f, other, name, NULL), id);
    }
    fixture_store(f, id, result, 1);
    return id;
}

/* Its result comes, and is in memory. */
static void comes(struct publishing *t, int64_t document, const char *result)
{
    free(t->flight.payload);
    t->flight =
        (struct flight){.id = document, .payload = xstrdup(result), .payload_len = strlen(result)};
    publish_result(t->publish, &t->flight);
}

static void turn(struct publishing *t)
{
    publish_turn(t->publish, part_now(&t->part));
}

static size_t writing(const struct publishing *t)
{
    return fake_loop_works(t->part.context.loop);
}

static void write_all(struct publishing *t)
{
    fake_loop_work_all(t->part.context.loop);
}

/* What is written so far is on the disk. */
static void sync_all(struct publishing *t)
{
    part_pass(&t->part, 250);
    turn(t);
    write_all(t);
}

/* What was noted is in the ledger: files FIRST to LAST. */
static void settle(struct publishing *t, int64_t first, int64_t last, int64_t document)
{
    struct ledger *l = t->part.ledger->l;
    struct ledger_projection p;
    for (int64_t file = first; file <= last; file++) {
        assert_int_equal(ledger_unprojected(l, file - 1, &p, 1), 1);
        assert_int_equal(p.file_id, file);
        assert_ok(l, ledger_projected(l, file, document, p.name));
        ledger_projection_release(&p);
    }
    record_take();
}

/* --- a result that has just come --- */

static void a_result_is_written_from_memory(void **state)
{
    struct publishing *t = *state;
    int64_t id = stored(t, "a.pdf", 1, "kept");
    comes(t, id, "fresh"); /* not read again */
    assert_null(t->flight.payload);
    assert_true(publish_busy(t->publish));
    assert_true(publish_has_room(t->publish));
    assert_no_result(t, "a.pdf.json");
    assert_recorded("");
    part_poked(&t->part);
    write_all(t);
    assert_result(t, "a.pdf.json", "fresh");
    assert_recorded("");
    assert_true(part_poked(&t->part));
    assert_true(publish_busy(t->publish));
    turn(t); /* for others that come with it */
    assert_int_equal(writing(t), 0);
    sync_all(t);
    assert_recorded("published file=1 doc=1\n"); /* once it is on the disk */
    assert_true(part_poked(&t->part));
    assert_false(publish_busy(t->publish));
    assert_int_equal(publish_errors(t->publish), 0);
}

static void each_of_its_files_gets_it(void **state)
{
    struct publishing *t = *state;
    comes(t, stored(t, "a.pdf", 3, "kept"), "fresh");
    assert_null(t->flight.payload);
    assert_int_equal(writing(t), 3);
    write_all(t);
    assert_result(t, "a.pdf.json", "fresh");
    assert_result(t, "a.pdf-2.json", "fresh");
    assert_result(t, "a.pdf-3.json", "fresh");
    sync_all(t);
    assert_recorded("published file=1 doc=1\npublished file=2 doc=1\npublished file=3 doc=1\n");
}

static void bytes_are_kept_as_they_are(void **state)
{
    static const char bytes[] = "{\"a\":\0\"b\"}";
    struct publishing *t = *state;
    struct stat st;
    int64_t id = stored(t, "a.pdf", 2, "{}");
    t->flight = (struct flight){.id = id, .payload = malloc(sizeof bytes), .payload_len = 11};
    memcpy(t->flight.payload, bytes, sizeof bytes);
    publish_result(t->publish, &t->flight);
    write_all(t);
    assert_int_equal(stat(result_path(t, "a.pdf.json"), &st), 0);
    assert_int_equal(st.st_size, 11);
    assert_int_equal(stat(result_path(t, "a.pdf-2.json"), &st), 0);
    assert_int_equal(st.st_size, 11);
}

static void one_that_needs_no_file_keeps_its_bytes(void **state)
{
    struct publishing *t = *state;
    int64_t id = stored(t, "a.pdf", 1, "kept");
    settle(t, 1, 1, id);
    comes(t, id, "fresh");
    assert_string_equal(t->flight.payload, "fresh"); /* the flight's to free */
    assert_int_equal(writing(t), 0);
    assert_false(publish_busy(t->publish));
}

/* Eight from memory, the others later, from the ledger. */
static void many_files_of_one_document(void **state)
{
    struct publishing *t = *state;
    int64_t id = stored(t, "a.pdf", 11, "kept");
    comes(t, id, "fresh");
    assert_int_equal(writing(t), 8);
    turn(t); /* not while others are written */
    assert_int_equal(writing(t), 8);
    write_all(t);
    assert_true(publish_busy(t->publish));
    turn(t); /* the eight are in hand */
    assert_int_equal(writing(t), 3);
    write_all(t);
    sync_all(t);
    assert_result(t, "a.pdf-8.json", "fresh");
    assert_result(t, "a.pdf-11.json", "kept");
    assert_non_null(strstr(record_take(), "published file=9 doc=1\npublished file=10 doc=1\n"));
    assert_false(publish_busy(t->publish));
}

static void room_for_32_files(void **state)
{
    struct publishing *t = *state;
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof name, "%c.pdf", 'a' + i);
        assert_true(publish_has_room(t->publish));
        comes(t, stored(t, name, 8, "kept"), "fresh");
    }
    assert_int_equal(writing(t), 32);
    assert_false(publish_has_room(t->publish));
    fake_loop_work(t->part.context.loop);
    assert_true(publish_has_room(t->publish));
    write_all(t);
}

/* --- what the ledger holds --- */

static void nothing_is_looked_for_unasked(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 1, "kept");
    assert_false(publish_busy(t->publish));
    turn(t);
    assert_int_equal(writing(t), 0);
    publish_look(t->publish);
    assert_true(publish_busy(t->publish));
    turn(t);
    assert_int_equal(writing(t), 1);
    write_all(t);
    assert_result(t, "a.pdf.json", "kept");
    sync_all(t);
    assert_recorded("published file=1 doc=1\n");
    assert_false(publish_busy(t->publish));
}

static void a_backlog_is_written_sixteen_at_a_time(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 20, "kept");
    publish_look(t->publish);
    turn(t);
    assert_int_equal(writing(t), 16);
    write_all(t);
    assert_true(publish_busy(t->publish));
    turn(t);
    assert_int_equal(writing(t), 4);
    write_all(t);
    sync_all(t);
    assert_non_null(strstr(record_take(), "published file=19 doc=1\npublished file=20 doc=1\n"));
    assert_false(publish_busy(t->publish));
}

/* From the first file on: a duplicate's may be any. */
static void another_look_begins_anew(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 17, "kept");
    publish_look(t->publish);
    turn(t);
    write_all(t);
    turn(t);
    write_all(t);
    sync_all(t);
    assert_false(publish_busy(t->publish));
    settle(t, 2, 17, 1);
    publish_look(t->publish);
    turn(t);
    write_all(t);
    sync_all(t);
    assert_recorded("published file=1 doc=1\n");
}

static void the_end_does_not_wait_for_a_backlog(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 20, "kept");
    publish_look(t->publish);
    turn(t);
    ending_interrupt(t->part.ending, false);
    assert_true(publish_busy(t->publish)); /* what is being written */
    write_all(t);
    assert_true(publish_busy(t->publish));
    turn(t); /* and synced at once */
    write_all(t);
    assert_false(publish_busy(t->publish));
}

/* --- what can't be --- */

static void a_damaged_result_holds_nothing_up(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 1, "damaged");
    stored(t, "b.pdf", 1, "missing");
    stored(t, "c.pdf", 1, "whole");
    ledger_damage(t->part.ledger, "UPDATE result SET bytes = x'00' WHERE document = 1;"
                                  "DELETE FROM result WHERE document = 2");
    publish_look(t->publish);
    turn(t);
    assert_int_equal(publish_errors(t->publish), 2);
    write_all(t);
    sync_all(t);
    assert_no_result(t, "a.pdf.json");
    assert_no_result(t, "b.pdf.json");
    assert_result(t, "c.pdf.json", "whole");
    assert_recorded("published file=3 doc=3\n");
    assert_false(ending_has_begun(t->part.ending));
    assert_false(publish_busy(t->publish));
}

static void a_list_that_cannot_be_read(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 1, "kept");
    ledger_damage(t->part.ledger, "DROP TABLE unprojected");
    publish_look(t->publish);
    turn(t);
    assert_true(ending_storage_lost(t->part.ending));
}

static void files_that_cannot_be_read(void **state)
{
    struct publishing *t = *state;
    int64_t id = stored(t, "a.pdf", 1, "kept");
    ledger_damage(t->part.ledger, "DROP TABLE unprojected");
    comes(t, id, "fresh");
    assert_true(ending_storage_lost(t->part.ending));
    assert_string_equal(t->flight.payload, "fresh");
    assert_int_equal(writing(t), 0);
}

/* A stranger's file, or a directory, stands where the result is to be: it gets another name. */
static void a_name_that_is_in_the_way(void **state)
{
    struct publishing *t = *state;
    stored(t, "a.pdf", 1, "in the way");
    stored(t, "b.pdf", 1, "fine");
    stored(t, "c.pdf.json/d.pdf", 1, "below a file");
    assert_int_equal(mkdir(result_path(t, "a.pdf.json"), 0700), 0);
    put_result(t, "c.pdf.json", "");
    publish_look(t->publish);
    turn(t);
    write_all(t);
    assert_int_equal(publish_errors(t->publish), 0);
    assert_result(t, "b.pdf.json", "fine");
    assert_recorded("clash file=1 at=-1\nclash file=3 at=0\n");
    assert_false(ending_has_begun(t->part.ending));
}

/* What stands there is the result of an earlier file, which goes from there first. */
static void a_name_that_goes_over(void **state)
{
    struct publishing *t = *state;
    struct fixture *f = t->part.ledger;
    comes(t, stored(t, "a.pdf", 1, "old"), "old");
    write_all(t);
    sync_all(t);
    settle(t, 1, 1, 1);
    int64_t id = fixture_put(f, "a.pdf", "other content", NULL);
    fixture_store(f, id, "new", 1);
    comes(t, id, "new");
    write_all(t);
    assert_result(t, "a.pdf.json", "old");
    assert_recorded(""); /* no clash */
    publish_look(t->publish);
    turn(t);
    write_all(t);
    assert_result(t, "a.pdf (replaced).json", "old");
    sync_all(t);
    assert_non_null(strstr(record_take(), "published file=1 doc=1\n"));
    settle(t, 1, 1, 1);
    part_pass(&t->part, 250);
    turn(t);
    write_all(t);
    assert_result(t, "a.pdf.json", "new");
}

/* Two names became one to the file system: what was published for one may be the other's. */
static void a_name_that_is_anothers_too(void **state)
{
    struct publishing *t = *state;
    struct ledger *l = t->part.ledger->l;
    const struct naming_place folding = {.folds = FOLD_CASE, .longest = NAME_CUT_MOST};
    stored(t, "a.pdf", 1, "ours");
    stored(t, "A.pdf", 1, "theirs");
    stored(t, "b.pdf", 1, "alone");
    settle(t, 1, 1, 1);
    settle(t, 3, 3, 3);
    assert_ok(l, ledger_names_place(l, &folding));
    settle(t, 1, 1, 1);
    settle(t, 2, 2, 2);
    assert_ok(l, ledger_unpublish(l, 1, true));
    assert_ok(l, ledger_unpublish(l, 3, true));
    put_result(t, "a.pdf.json", "theirs");
    put_result(t, "b.pdf.json", "another size");
    publish_look(t->publish);
    turn(t);
    write_all(t);
    assert_result(t, "a.pdf.json", "theirs");
    assert_result(t, "b.pdf.json", "alone");
    assert_recorded("clash file=1 at=-1\n");
}

static void names_are_cut_to_what_the_ledger_says(void **state)
{
    struct publishing *t = *state;
    struct ledger *l = t->part.ledger->l;
    const struct naming_place shorter = {.longest = 40};
    struct buffer file;
    assert_ok(l, ledger_names_place(l, &shorter));
    stored(t, "a-name-of-more-bytes-than-forty-is-cut.pdf", 1, "cut");
    publish_look(t->publish);
    turn(t);
    write_all(t);
    buffer_init(&file, 0);
    ledger_result_file(l, "a-name-of-more-bytes-than-forty-is-cut.pdf", &file);
    assert_int_equal(file.len, 40);
    assert_result(t, buffer_text(&file), "cut");
    buffer_release(&file);
}

/* The earlier file's result is lost, so it can't go from there: nobody waits for that. */
static void a_name_that_cannot_go_over(void **state)
{
    struct publishing *t = *state;
    struct fixture *f = t->part.ledger;
    comes(t, stored(t, "a.pdf", 1, "old"), "old");
    write_all(t);
    sync_all(t);
    settle(t, 1, 1, 1);
    int64_t id = fixture_put(f, "a.pdf", "other content", NULL);
    fixture_store(f, id, "new", 1);
    assert_ok(f->l, ledger_commit(f->l));
    ledger_damage(f, "UPDATE result SET bytes = x'00' WHERE document = 1");
    comes(t, id, "new");
    write_all(t);
    assert_recorded("");
    for (int i = 0; i < 3; i++) {
        part_pass(&t->part, 250);
        turn(t);
        write_all(t);
    }
    assert_non_null(strstr(record_take(), "clash file=2 at=-1\n"));
    assert_result(t, "a.pdf.json", "old"); /* all that is left of it */
}

static void a_file_that_cannot_be_written(void **state)
{
    struct publishing *t = *state;
    char partial[200];
    stored(t, "a.pdf", 12, "kept");
    snprintf(partial, sizeof partial, "%s/.partial", t->part.output);
    assert_int_equal(rmdir(partial), 0);
    publish_look(t->publish);
    turn(t);
    write_all(t);
    assert_int_equal(publish_errors(t->publish), 12); /* also those that the log doesn't tell of */
    assert_recorded("");
    assert_int_equal(mkdir(partial, 0700), 0);
    publish_look(t->publish);
    turn(t);
    write_all(t);
    assert_result(t, "a.pdf-12.json", "kept");
    assert_int_equal(publish_errors(t->publish), 12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_result_is_written_from_memory),
        TEST(each_of_its_files_gets_it),
        TEST(bytes_are_kept_as_they_are),
        TEST(one_that_needs_no_file_keeps_its_bytes),
        TEST(many_files_of_one_document),
        TEST(room_for_32_files),
        TEST(nothing_is_looked_for_unasked),
        TEST(a_backlog_is_written_sixteen_at_a_time),
        TEST(another_look_begins_anew),
        TEST(the_end_does_not_wait_for_a_backlog),
        TEST(a_damaged_result_holds_nothing_up),
        TEST(a_list_that_cannot_be_read),
        TEST(files_that_cannot_be_read),
        TEST(a_name_that_is_in_the_way),
        TEST(a_name_that_goes_over),
        TEST(a_name_that_cannot_go_over),
        TEST(a_name_that_is_anothers_too),
        TEST(names_are_cut_to_what_the_ledger_says),
        TEST(a_file_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
