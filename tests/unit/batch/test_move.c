/* Inputs of documents that are done: when each step of a move comes, what is noted of it, which files
 * are moved and which have to wait. The files and the ledger are real; notes, flights and suspects
 * are fakes: what was moved is moved on the disk, and the ledger doesn't hear of it. */
#include "batch/move.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "fake_suspects.h"
#include "ledger_damage.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000 };

struct moving {
    struct part part; /* first */
    char in[96], done[96], failed[96];
    int64_t root;
    struct journal *journal;
    struct flights *flights;
    struct suspects *suspects;
    struct move *move;
};

static int setup(void **state)
{
    struct moving *t = calloc(1, sizeof *t);
    part_open(&t->part);
    const char *directory = t->part.ledger->directory;
    snprintf(t->in, sizeof t->in, "%s/in", directory);
    snprintf(t->done, sizeof t->done, "%s/done", directory);
    snprintf(t->failed, sizeof t->failed, "%s/failed", directory);
    assert_int_equal(mkdir(t->in, 0700), 0);
    t->root = fixture_root(t->part.ledger, t->in);
    t->part.options.move_to[DOC_STORED] = t->done;
    t->part.options.move_to[DOC_FAILED] = t->part.options.move_to[DOC_LOST] = t->failed;
    t->journal = journal_new(&t->part.context, t->part.ending);
    t->flights = flights_new(&t->part.context, t->part.ending, t->journal);
    t->suspects = suspects_new(t->part.ending, t->flights, 0);
    t->move = move_new(&t->part.context, t->part.ending, t->journal, t->flights, t->suspects);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct moving *t = *state;
    move_free(t->move);
    suspects_free(t->suspects);
    flights_free(t->flights);
    journal_free(t->journal);
    part_close(&t->part);
    free(t);
    return 0;
}

/* --- files --- */

static const char *path_of(const char *directory, const char *name)
{
    static char paths[4][300];
    static int at;
    char *path = paths[at++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void write_file(const char *directory, const char *name, const char *content)
{
    FILE *f = fopen(path_of(directory, name), "we");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static bool is_there(const char *directory, const char *name)
{
    return access(path_of(directory, name), F_OK) == 0;
}

static void assert_content(const char *directory, const char *name, const char *expected)
{
    char text[100] = "";
    FILE *f = fopen(path_of(directory, name), "re");
    if (!f)
        fail_msg("%s/%s isn't there", directory, name);
    size_t len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

/* in/NAME, on the disk and in the ledger; returns its document. */
static int64_t put(struct moving *t, const char *name, const char *content)
{
    struct stat st;
    uint8_t digest[SHA256_BYTES];
    enum ledger_put how;
    int64_t id;
    write_file(t->in, name, content);
    assert_int_equal(stat(path_of(t->in, name), &st), 0);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = t->root,
                                         .settings_id = t->part.ledger->settings,
                                         .path = path_of(t->in, name),
                                         .name = name,
                                         .stamp = file_stamp_of(&st),
                                         .type = 1,
                                         .pages = -1,
                                         .sha256 = digest};
    assert_ok(t->part.ledger->l, ledger_file_put(t->part.ledger->l, &file, &how, &id));
    return id;
}

static int64_t stored(struct moving *t, const char *name)
{
    int64_t id = put(t, name, name);
    fixture_store(t->part.ledger, id, "{}", 1);
    return id;
}

static int64_t failed(struct moving *t, const char *name)
{
    int64_t id = put(t, name, name);
    int attempt = fixture_submit(t->part.ledger, id);
    fixture_step(t->part.ledger, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    return id;
}

/* An earlier run was about to move it there. */
static void intended(struct moving *t, int64_t document, const char *directory, const char *name)
{
    struct ledger *l = t->part.ledger->l;
    struct ledger_move row;
    assert_int_equal(ledger_moves_of(l, document, ~0u, 0, &row, 1), 1);
    row.target = xstrdup(path_of(directory, name));
    assert_ok(l, ledger_move_intend(l, &row));
    ledger_move_release(&row);
}

/* --- steps --- */

static void turn(struct moving *t)
{
    move_turn(t->move, part_now(&t->part));
}

static size_t works(const struct moving *t)
{
    return fake_loop_works(t->part.context.loop);
}

static void work(struct moving *t)
{
    fake_loop_work_all(t->part.context.loop);
}

/* Turns, until there is nothing left to do. Fails if there always is. */
static void move_all(struct moving *t)
{
    int turns = 0;
    for (; move_busy(t->move); turns++) {
        if (turns == 1000)
            fail_msg("it never ends");
        turn(t);
        work(t);
    }
}

/* A run that has looked through a ledger with nothing to be moved. */
static void start(struct moving *t)
{
    move_start(t->move);
    move_all(t);
    assert_recorded("");
}

/* "%" in LINES stands for the directory. */
static void assert_lines(struct moving *t, const char *lines)
{
    struct buffer expected;
    buffer_init(&expected, 0);
    for (const char *p = lines; *p; p++)
        if (*p == '%')
            buffer_put(&expected, t->part.ledger->directory);
        else
            buffer_printf(&expected, "%c", *p);
    assert_recorded(buffer_text(&expected) ? buffer_text(&expected) : "");
    buffer_release(&expected);
}

/* --- one move --- */

static void a_move_step_by_step(void **state)
{
    struct moving *t = *state;
    start(t);
    int64_t id = stored(t, "a.pdf");
    assert_false(move_busy(t->move));
    move_consider(t->move, id);
    assert_true(move_busy(t->move));
    assert_int_equal(works(t), 0); /* not before a turn */
    turn(t);
    assert_int_equal(works(t), 1);
    part_poked(&t->part);
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\n");
    assert_true(is_there(t->in, "a.pdf")); /* not before the commit */
    assert_int_equal(works(t), 0);
    assert_true(part_poked(&t->part));
    turn(t);
    work(t);
    assert_lines(t, "moved file=1 size=5\n");
    assert_false(is_there(t->in, "a.pdf"));
    assert_content(t->done, "a.pdf", "a.pdf");
    assert_true(part_poked(&t->part));
    assert_false(move_busy(t->move));
}

static void each_state_has_its_directory(void **state)
{
    struct moving *t = *state;
    start(t);
    int64_t a = stored(t, "a.pdf"), b = failed(t, "b.pdf"), c = put(t, "c.pdf", "c");
    int attempt = fixture_accept(t->part.ledger, c, "job");
    fixture_step(t->part.ledger, c, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, attempt);
    int64_t d = put(t, "d.pdf", "d"); /* queued */
    move_consider(t->move, a);
    move_consider(t->move, b);
    move_consider(t->move, c);
    move_consider(t->move, d);
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
    assert_content(t->failed, "b.pdf", "b.pdf");
    assert_content(t->failed, "c.pdf", "c");
    assert_true(is_there(t->in, "d.pdf"));
}

static void what_has_no_directory_stays(void **state)
{
    struct moving *t = *state;
    t->part.options.move_to[DOC_FAILED] = t->part.options.move_to[DOC_LOST] = NULL;
    start(t);
    move_consider(t->move, failed(t, "a.pdf"));
    move_all(t);
    assert_recorded("");
    assert_true(is_there(t->in, "a.pdf"));
}

static void where_nothing_is_moved_nothing_is_considered(void **state)
{
    struct moving *t = *state;
    memset(t->part.options.move_to, 0, sizeof t->part.options.move_to);
    int64_t id = stored(t, "a.pdf");
    move_start(t->move);
    assert_true(move_busy(t->move)); /* an earlier run may have left an intent */
    turn(t);
    assert_false(move_busy(t->move));
    move_consider(t->move, id);
    assert_false(move_busy(t->move));
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, MONO_NEVER.ms);
}

static void no_document_is_no_matter(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, 0);
    assert_false(move_busy(t->move));
}

static void names_with_directories(void **state)
{
    struct moving *t = *state;
    assert_int_equal(mkdir(path_of(t->in, "below"), 0700), 0);
    start(t);
    move_consider(t->move, stored(t, "below/a.pdf"));
    move_all(t);
    assert_content(t->done, "below/a.pdf", "below/a.pdf");
}

/* --- names that are taken (which name comes next is file_move.h's) --- */

static void a_name_that_is_taken(void **state)
{
    struct moving *t = *state;
    assert_int_equal(mkdir(t->done, 0700), 0);
    write_file(t->done, "a.pdf", "another's");
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a (2).pdf\nmoved file=1 size=5\n");
    assert_content(t->done, "a.pdf", "another's");
    assert_content(t->done, "a (2).pdf", "a.pdf");
}

static void a_name_that_is_taken_meanwhile(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    write_file(t->done, "a.pdf", "another's");
    turn(t);
    fake_loop_work(t->part.context.loop); /* finds that it is taken */
    assert_int_equal(works(t), 1);        /* and chooses another */
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nmove file=1 doc=1 %/done/a (2).pdf\n");
    assert_true(is_there(t->in, "a.pdf")); /* another intent, another commit */
    move_all(t);
    assert_recorded("moved file=1 size=5\n");
    assert_content(t->done, "a.pdf", "another's");
    assert_content(t->done, "a (2).pdf", "a.pdf");
}

/* The intent for the first name is withdrawn. */
static void one_that_goes_while_a_name_is_looked_for(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    write_file(t->done, "a.pdf", "another's");
    turn(t);
    fake_loop_work(t->part.context.loop);
    unlink(path_of(t->in, "a.pdf"));
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nunmoved file=1\n");
    assert_false(move_busy(t->move));
}

/* Both choose the same, before either is there. */
static void two_files_of_one_name(void **state)
{
    struct moving *t = *state;
    start(t);
    snprintf(t->failed, sizeof t->failed, "%s/done/b", t->part.ledger->directory);
    assert_int_equal(mkdir(path_of(t->in, "b"), 0700), 0);
    move_consider(t->move, stored(t, "b/a.pdf"));
    move_consider(t->move, failed(t, "a.pdf"));
    turn(t);
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/b/a.pdf\nmove file=2 doc=2 %/done/b/a.pdf\n");
    move_all(t);
    assert_content(t->done, "b/a.pdf", "b/a.pdf");
    assert_content(t->done, "b/a (2).pdf", "a.pdf");
}

/* --- what can't be moved --- */

static void one_that_is_gone_is_left_alone(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    unlink(path_of(t->in, "a.pdf"));
    move_all(t);
    assert_recorded(""); /* nothing was intended */
}

static void one_that_changed_is_left_alone(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    write_file(t->in, "a.pdf", "other bytes");
    move_all(t);
    assert_recorded("");
    assert_content(t->in, "a.pdf", "other bytes");
}

static void one_that_changes_before_it_is_moved_stays(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    write_file(t->in, "a.pdf", "other bytes");
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nunmoved file=1\n");
    assert_content(t->in, "a.pdf", "other bytes");
    assert_false(is_there(t->done, "a.pdf"));
}

static void one_that_goes_before_it_is_moved(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    unlink(path_of(t->in, "a.pdf"));
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nunmoved file=1\n");
}

static void a_directory_that_cannot_be_made(void **state)
{
    struct moving *t = *state;
    write_file(t->part.ledger->directory, "done", "a file");
    start(t);
    int64_t id = stored(t, "a.pdf");
    move_consider(t->move, id);
    move_all(t);
    assert_recorded("");
    assert_true(is_there(t->in, "a.pdf"));
    assert_false(ending_has_begun(t->part.ending));
    unlink(t->done);
    move_consider(t->move, id); /* as the next run does */
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
}

static void a_directory_that_goes_before_the_move(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    assert_int_equal(rmdir(t->done), 0);
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nunmoved file=1\n");
    assert_true(is_there(t->in, "a.pdf"));
}

/* --- how many, and which --- */

static void copies(struct moving *t, int count)
{
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02d.pdf", i);
        put(t, name, "one content");
    }
    fixture_store(t->part.ledger, 1, "{}", 1);
}

static void all_files_of_a_document_32_at_a_time(void **state)
{
    struct moving *t = *state;
    start(t);
    copies(t, 70);
    move_consider(t->move, 1);
    turn(t);
    assert_int_equal(works(t), 32);
    turn(t);
    assert_int_equal(works(t), 32);
    move_all(t);
    assert_content(t->done, "00.pdf", "one content");
    assert_content(t->done, "69.pdf", "one content");
    assert_false(is_there(t->in, "31.pdf"));
}

/* The first 40 were taken away by others; they don't hold up the rest, nor the run's end. */
static void copies_that_cannot_be_moved(void **state)
{
    struct moving *t = *state;
    start(t);
    copies(t, 45);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02d.pdf", i);
        unlink(path_of(t->in, name));
    }
    move_consider(t->move, 1);
    move_all(t);
    assert_content(t->done, "40.pdf", "one content");
    assert_content(t->done, "44.pdf", "one content");
}

static void many_documents_32_at_a_time(void **state)
{
    struct moving *t = *state;
    start(t);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02d.pdf", i);
        move_consider(t->move, stored(t, name));
    }
    turn(t);
    assert_int_equal(works(t), 32);
    move_all(t);
    assert_content(t->done, "00.pdf", "00.pdf");
    assert_content(t->done, "39.pdf", "39.pdf");
}

static void considered_twice_is_moved_once(void **state)
{
    struct moving *t = *state;
    start(t);
    int64_t id = stored(t, "a.pdf");
    move_consider(t->move, id);
    turn(t);
    move_consider(t->move, id);
    turn(t);
    assert_int_equal(works(t), 1);
    work(t);
    move_consider(t->move, id);
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nmoved file=1 size=5\n");
}

/* More than are remembered one by one: all files are looked through. */
static void very_many_are_considered(void **state)
{
    struct moving *t = *state;
    enum { MOST = 4096 };
    start(t);
    stored(t, "a.pdf");
    for (int i = 0; i < MOST; i++)
        move_consider(t->move, 10000 + i);
    move_consider(t->move, 1);
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
}

/* --- what earlier runs left --- */

static void what_earlier_runs_left_is_found(void **state)
{
    struct moving *t = *state;
    stored(t, "a.pdf");
    failed(t, "b.pdf");
    put(t, "c.pdf", "c");
    move_start(t->move);
    assert_true(move_busy(t->move));
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
    assert_content(t->failed, "b.pdf", "b.pdf");
    assert_true(is_there(t->in, "c.pdf"));
}

static void a_thousand_files_of_the_ledger_at_a_time(void **state)
{
    struct moving *t = *state;
    for (int i = 0; i < 1500; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.pdf", i);
        fixture_put(t->part.ledger, name, "queued", NULL);
    }
    stored(t, "a.pdf");
    move_start(t->move);
    turn(t);
    assert_int_equal(works(t), 0);
    assert_true(move_busy(t->move));
    assert_true(part_poked(&t->part));
    turn(t);
    assert_int_equal(works(t), 1);
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
}

static void many_that_earlier_runs_left(void **state)
{
    struct moving *t = *state;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02d.pdf", i);
        stored(t, name);
    }
    move_start(t->move);
    turn(t);
    assert_int_equal(works(t), 32);
    move_all(t);
    assert_content(t->done, "39.pdf", "39.pdf");
}

static void an_intent_is_settled_first(void **state)
{
    struct moving *t = *state;
    stored(t, "a.pdf");
    intended(t, stored(t, "b.pdf"), t->done, "chosen.pdf");
    assert_int_equal(mkdir(t->done, 0700), 0);
    move_start(t->move);
    turn(t);
    work(t);
    assert_lines(t, "moved file=2 size=5\nmove file=1 doc=1 %/done/a.pdf\n");
    assert_content(t->done, "chosen.pdf", "b.pdf");
    assert_true(is_there(t->in, "a.pdf"));
}

/* It was moved, and the run died before it could say so. */
static void an_intent_that_was_carried_out(void **state)
{
    struct moving *t = *state;
    intended(t, stored(t, "a.pdf"), t->done, "a.pdf");
    assert_int_equal(mkdir(t->done, 0700), 0);
    assert_int_equal(rename(path_of(t->in, "a.pdf"), path_of(t->done, "a.pdf")), 0);
    move_start(t->move);
    turn(t);
    work(t);
    assert_recorded("moved file=1 size=5\n");
}

static void an_intent_of_a_file_that_is_nowhere(void **state)
{
    struct moving *t = *state;
    intended(t, stored(t, "a.pdf"), t->done, "a.pdf");
    unlink(path_of(t->in, "a.pdf"));
    move_start(t->move);
    turn(t);
    work(t);
    assert_recorded("unmoved file=1\n");
}

static void an_intent_whose_place_was_taken_by_a_stranger(void **state)
{
    struct moving *t = *state;
    intended(t, stored(t, "a.pdf"), t->done, "a.pdf");
    assert_int_equal(mkdir(t->done, 0700), 0);
    write_file(t->done, "a.pdf", "another's");
    move_start(t->move);
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a (2).pdf\nmoved file=1 size=5\n");
    assert_content(t->done, "a.pdf", "another's");
}

/* This run moves nothing of that kind: no other name is looked for. */
static void an_intent_without_a_directory_is_withdrawn(void **state)
{
    struct moving *t = *state;
    intended(t, stored(t, "a.pdf"), t->done, "a.pdf");
    assert_int_equal(mkdir(t->done, 0700), 0);
    write_file(t->done, "a.pdf", "another's");
    memset(t->part.options.move_to, 0, sizeof t->part.options.move_to);
    move_start(t->move);
    move_all(t);
    assert_recorded("unmoved file=1\n");
    assert_true(is_there(t->in, "a.pdf"));
}

static void many_intents(void **state)
{
    struct moving *t = *state;
    assert_int_equal(mkdir(t->done, 0700), 0);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02d.pdf", i);
        intended(t, stored(t, name), t->done, name);
    }
    stored(t, "last.pdf");
    move_start(t->move);
    turn(t);
    assert_int_equal(works(t), 32);
    fake_loop_work(t->part.context.loop);
    turn(t); /* no more before these are settled */
    assert_int_equal(works(t), 31);
    move_all(t);
    assert_content(t->done, "39.pdf", "39.pdf");
    assert_content(t->done, "last.pdf", "last.pdf");
}

static void a_run_that_stays_looks_again_each_hour(void **state)
{
    struct moving *t = *state;
    t->part.options.mode = RUN_STAYS;
    write_file(t->part.ledger->directory, "done", "a file");
    stored(t, "a.pdf");
    start(t);
    unlink(t->done);
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, part_at(HOUR_MS).ms);
    part_pass(&t->part, HOUR_MS - 1);
    turn(t);
    assert_false(move_busy(t->move));
    part_pass(&t->part, 1);
    turn(t);
    move_all(t);
    assert_content(t->done, "a.pdf", "a.pdf");
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, part_at(2 * HOUR_MS).ms);
}

static void a_run_that_ends_does_not(void **state)
{
    struct moving *t = *state;
    start(t);
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, MONO_NEVER.ms);
    part_pass(&t->part, HOUR_MS);
    turn(t);
    assert_false(move_busy(t->move));
}

/* --- what has to wait --- */

/* An upload reads the file, or its answer may send it again. */
static void not_while_it_is_being_sent(void **state)
{
    struct moving *t = *state;
    start(t);
    int64_t id = stored(t, "a.pdf"), other = stored(t, "b.pdf");
    struct flight *f = fake_flight(t->flights, id, DOC_STORED);
    f->requests = 1;
    move_consider(t->move, id);
    move_consider(t->move, other);
    for (int i = 0; i < 3; i++) {
        turn(t);
        work(t);
    }
    assert_lines(t, "move file=2 doc=2 %/done/b.pdf\nmoved file=2 size=5\n");
    assert_true(move_busy(t->move));
    f->requests = 0;
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nmoved file=1 size=5\n");
}

static void not_while_it_is_being_sent_found_by_looking(void **state)
{
    struct moving *t = *state;
    struct flight *f = fake_flight(t->flights, stored(t, "a.pdf"), DOC_STORED);
    stored(t, "b.pdf");
    f->requests = 1;
    move_start(t->move);
    for (int i = 0; i < 3; i++) {
        turn(t);
        work(t);
    }
    assert_lines(t, "move file=2 doc=2 %/done/b.pdf\nmoved file=2 size=5\n");
    f->requests = 0;
    move_all(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nmoved file=1 size=5\n");
}

/* They may yet be queued again. */
static void failed_ones_wait_while_there_are_suspects(void **state)
{
    struct moving *t = *state;
    start(t);
    t->suspects->any = true;
    move_consider(t->move, failed(t, "a.pdf"));
    move_consider(t->move, stored(t, "b.pdf"));
    move_all(t);
    assert_true(is_there(t->in, "a.pdf"));
    assert_content(t->done, "b.pdf", "b.pdf");
    record_take();
    t->suspects->any = false;
    turn(t);
    move_all(t);
    assert_content(t->failed, "a.pdf", "a.pdf");
}

static void nothing_else_is_left_of_the_run(void **state)
{
    struct moving *t = *state;
    start(t);
    assert_true(move_is_done(t->move));
    assert_recorded("");
    t->suspects->any = true;
    move_consider(t->move, failed(t, "a.pdf"));
    move_all(t);
    part_poked(&t->part);
    assert_false(move_is_done(t->move)); /* nothing more is sent: they failed on their own */
    assert_recorded("suspects acquit\n");
    assert_true(part_poked(&t->part));
    t->suspects->any = false;
    /* the run sets its timer after it asked, to what is next */
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, part_now(&t->part).ms);
    turn(t);
    move_all(t);
    assert_content(t->failed, "a.pdf", "a.pdf");
    assert_true(move_is_done(t->move));
}

static void nothing_is_picked_while_a_retry_takes_up(void **state)
{
    struct moving *t = *state;
    failed(t, "a.pdf");
    intended(t, failed(t, "b.pdf"), t->failed, "b.pdf");
    assert_int_equal(mkdir(t->failed, 0700), 0);
    move_wait(t->move, true);
    move_start(t->move);
    for (int i = 0; i < 3; i++) {
        turn(t);
        work(t);
    }
    assert_recorded("moved file=2 size=5\n"); /* what was begun is settled */
    assert_true(is_there(t->in, "a.pdf"));
    move_wait(t->move, false);
    move_all(t);
    assert_content(t->failed, "a.pdf", "a.pdf");
}

/* --- the end --- */

static void nothing_begins_once_the_run_ends(void **state)
{
    struct moving *t = *state;
    t->part.options.mode = RUN_STAYS;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    ending_interrupt(t->part.ending, false);
    assert_false(move_busy(t->move));
    turn(t);
    assert_int_equal(works(t), 0);
    assert_int_equal(move_next(t->move, part_now(&t->part)).ms, MONO_NEVER.ms);
}

static void no_intent_is_noted_once_the_run_ends(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    ending_interrupt(t->part.ending, false);
    assert_true(move_busy(t->move)); /* the pool has it */
    work(t);
    assert_recorded("");
    assert_false(move_busy(t->move));
    assert_true(is_there(t->in, "a.pdf"));
}

static void what_was_intended_is_carried_out(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    ending_interrupt(t->part.ending, false);
    assert_true(move_busy(t->move));
    turn(t);
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nmoved file=1 size=5\n");
    assert_false(move_busy(t->move));
}

static void no_other_name_is_looked_for_once_the_run_ends(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    turn(t);
    work(t);
    write_file(t->done, "a.pdf", "another's");
    ending_interrupt(t->part.ending, false);
    turn(t);
    work(t);
    assert_lines(t, "move file=1 doc=1 %/done/a.pdf\nunmoved file=1\n");
    assert_false(move_busy(t->move));
}

/* No commit will come that it could wait for. */
static void an_intent_does_not_outlive_the_ledger(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    move_consider(t->move, stored(t, "b.pdf"));
    turn(t);
    fake_loop_work(t->part.context.loop); /* a.pdf waits for its commit, b.pdf is on the pool */
    ending_storage_failed(t->part.ending);
    assert_true(move_busy(t->move));
    work(t);
    assert_false(move_busy(t->move));
    assert_true(is_there(t->in, "a.pdf"));
}

static void a_ledger_that_cannot_be_read(void **state)
{
    struct moving *t = *state;
    start(t);
    move_consider(t->move, stored(t, "a.pdf"));
    ledger_damage(t->part.ledger, "DROP TABLE move");
    turn(t);
    assert_true(ending_storage_lost(t->part.ending));
    assert_false(move_busy(t->move));
    assert_int_equal(works(t), 0);
}

static void intents_that_cannot_be_read(void **state)
{
    struct moving *t = *state;
    stored(t, "a.pdf");
    move_start(t->move);
    ledger_damage(t->part.ledger, "DROP TABLE move");
    turn(t);
    assert_true(ending_storage_lost(t->part.ending));
    assert_int_equal(works(t), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_move_step_by_step),
        TEST(each_state_has_its_directory),
        TEST(what_has_no_directory_stays),
        TEST(where_nothing_is_moved_nothing_is_considered),
        TEST(no_document_is_no_matter),
        TEST(names_with_directories),
        TEST(a_name_that_is_taken),
        TEST(a_name_that_is_taken_meanwhile),
        TEST(one_that_goes_while_a_name_is_looked_for),
        TEST(two_files_of_one_name),
        TEST(one_that_is_gone_is_left_alone),
        TEST(one_that_changed_is_left_alone),
        TEST(one_that_changes_before_it_is_moved_stays),
        TEST(one_that_goes_before_it_is_moved),
        TEST(a_directory_that_cannot_be_made),
        TEST(a_directory_that_goes_before_the_move),
        TEST(all_files_of_a_document_32_at_a_time),
        TEST(copies_that_cannot_be_moved),
        TEST(many_documents_32_at_a_time),
        TEST(considered_twice_is_moved_once),
        TEST(very_many_are_considered),
        TEST(what_earlier_runs_left_is_found),
        TEST(a_thousand_files_of_the_ledger_at_a_time),
        TEST(many_that_earlier_runs_left),
        TEST(an_intent_is_settled_first),
        TEST(an_intent_that_was_carried_out),
        TEST(an_intent_of_a_file_that_is_nowhere),
        TEST(an_intent_whose_place_was_taken_by_a_stranger),
        TEST(an_intent_without_a_directory_is_withdrawn),
        TEST(many_intents),
        TEST(a_run_that_stays_looks_again_each_hour),
        TEST(a_run_that_ends_does_not),
        TEST(not_while_it_is_being_sent),
        TEST(not_while_it_is_being_sent_found_by_looking),
        TEST(failed_ones_wait_while_there_are_suspects),
        TEST(nothing_else_is_left_of_the_run),
        TEST(nothing_is_picked_while_a_retry_takes_up),
        TEST(nothing_begins_once_the_run_ends),
        TEST(no_intent_is_noted_once_the_run_ends),
        TEST(what_was_intended_is_carried_out),
        TEST(no_other_name_is_looked_for_once_the_run_ends),
        TEST(an_intent_does_not_outlive_the_ledger),
        TEST(a_ledger_that_cannot_be_read),
        TEST(intents_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
