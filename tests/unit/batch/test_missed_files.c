/* Files that a walk didn't come across: which are looked at, and which leave the counts. The ledger
 * and the files are real, the notes are not. */
#include "batch/missed_files.h"

#include "base/digest.h"
#include "fake_log.h"
#include "fake_notes.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct missing {
    struct part part; /* first */
    struct journal *journal;
    struct missed_files *missed;
    struct intake_root roots[2];
    char here[64]; /* a directory that is there; /data, the fixture's, is not */
    int64_t here_id;
};

static int setup(void **state)
{
    struct missing *t = calloc(1, sizeof *t);
    part_open(&t->part);
    fake_log_level = LOG_ERROR;
    strcpy(t->here, "/tmp/test-missed-XXXXXX");
    REQUIRE(mkdtemp(t->here) != NULL);
    t->here_id = fixture_root(t->part.ledger, t->here);
    t->roots[0] = (struct intake_root){.path = "/data", .id = t->part.ledger->root};
    t->roots[1] = (struct intake_root){.path = t->here, .id = t->here_id};
    t->part.options.roots = t->roots;
    t->part.options.root_count = 2;
    t->journal = journal_new(&t->part.context, t->part.ending);
    t->missed = missed_files_new(&t->part.context, t->part.ending, t->journal);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct missing *t = *state;
    missed_files_free(t->missed);
    journal_free(t->journal);
    t->part.options.roots = NULL;
    t->part.options.root_count = 0;
    part_close(&t->part);
    rmdir(t->here);
    free(t);
    return 0;
}

/* A file that is there, known to the ledger. */
static int64_t put_here(struct missing *t, const char *name, const char *content)
{
    char path[128];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t document;
    snprintf(path, sizeof path, "%s/%s", t->here, name);
    FILE *f = fopen(path, "we");
    REQUIRE(f != NULL);
    fclose(f);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = t->here_id,
                                         .settings_id = t->part.ledger->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 1, 1, 1},
                                         .type = 1,
                                         .pages = -1,
                                         .looked_at = true,
                                         .sha256 = digest};
    assert_ok(t->part.ledger->l, ledger_file_put(t->part.ledger->l, &file, &put, &document));
    return document;
}

static void remove_here(struct missing *t, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", t->here, name);
    assert_int_equal(unlink(path), 0);
}

static void look_through(struct missing *t)
{
    for (int i = 0; i < 20 && missed_busy(t->missed); i++) {
        missed_turn(t->missed);
        fake_loop_work_all(t->part.context.loop);
    }
    assert_false(missed_busy(t->missed));
}

static void walk(struct missing *t, const int64_t *seen, size_t count, bool whole)
{
    missed_walk_begins(t->missed);
    for (size_t i = 0; i < count; i++)
        missed_seen(t->missed, seen[i]);
    missed_walk_ended(t->missed, whole);
    look_through(t);
}

static void what_is_gone_and_was_never_sent(void **state)
{
    struct missing *t = *state;
    int64_t sent = fixture_put(t->part.ledger, "sent", "sent", NULL);
    fixture_put(t->part.ledger, "queued", "queued", NULL);
    fixture_put(t->part.ledger, "unreadable", NULL, NULL);
    fixture_put(t->part.ledger, "seen", "seen", NULL);
    fixture_submit(t->part.ledger, sent);
    walk(t, (const int64_t[]){4}, 1, true);
    assert_recorded("gone file=2\ngone file=3\n");
}

/* The patterns leave it out: but only a walk that could read everything says so. */
static void what_is_there_and_was_not_found(void **state)
{
    struct missing *t = *state;
    put_here(t, "a", "a");
    walk(t, NULL, 0, false);
    assert_recorded("");
    char told[256];
    fake_log_level = LOG_INFO;
    walk(t, NULL, 0, true);
    snprintf(told, sizeof told,
             "log info file.left_out path=%s/a next=it was never sent, and doesn't count any more\n"
             "gone file=1\n",
             t->here);
    assert_recorded(told);
    remove_here(t, "a");
    walk(t, NULL, 0, true);
    snprintf(told, sizeof told,
             "log info file.gone path=%s/a next=it was never sent, and doesn't count any more\n"
             "gone file=1\n",
             t->here);
    assert_recorded(told);
}

static void other_directories_are_not_asked(void **state)
{
    struct missing *t = *state;
    fixture_put(t->part.ledger, "a", "a", NULL);
    t->roots[0].path = "/dat";
    walk(t, NULL, 0, true);
    assert_recorded("");
    t->roots[0].path = "/data/a"; /* a PATH that is the file itself */
    walk(t, NULL, 0, true);
    assert_recorded("gone file=1\n");
}

static void what_comes_while_it_walks(void **state)
{
    struct missing *t = *state;
    fixture_put(t->part.ledger, "a", "a", NULL);
    missed_walk_begins(t->missed);
    fixture_put(t->part.ledger, "b", "b", NULL);
    missed_walk_ended(t->missed, true);
    look_through(t);
    assert_recorded("gone file=1\n");
}

static struct elsewhere *elsewhere(struct missing *t, const char *content)
{
    uint8_t digest[SHA256_BYTES];
    sha256(content, strlen(content), digest);
    return missed_elsewhere(t->missed, digest, t->part.ledger->settings);
}

static void look_elsewhere(struct missing *t, const char *content)
{
    struct elsewhere *e = elsewhere(t, content);
    assert_non_null(e);
    elsewhere_look(e);
    missed_elsewhere_gone(t->missed, e);
    elsewhere_free(e);
}

/* Renamed: the document was found at another path. */
static void found_at_another_path(void **state)
{
    struct missing *t = *state;
    int64_t a = fixture_put(t->part.ledger, "a", "same", NULL);
    assert_int_equal(put_here(t, "a", "same"), a);
    assert_null(elsewhere(t, "same")); /* nothing is walked */
    missed_walk_begins(t->missed);
    assert_null(elsewhere(t, "another"));
    look_elsewhere(t, "same");
    assert_recorded("gone file=1\n"); /* the other one is there */
    remove_here(t, "a");
    look_elsewhere(t, "same");
    assert_recorded("gone file=1\ngone file=2\n");
}

/* What was sent while the pool looked stays in the counts. */
static void sent_while_others_are_looked_at(void **state)
{
    struct missing *t = *state;
    int64_t a = fixture_put(t->part.ledger, "a", "same", NULL);
    missed_walk_begins(t->missed);
    struct elsewhere *e = elsewhere(t, "same");
    elsewhere_look(e);
    fixture_accept(t->part.ledger, a, "job");
    missed_elsewhere_gone(t->missed, e);
    elsewhere_free(e);
    assert_recorded("");
}

/* It was on its way while the others were looked at, and came back unsent. */
static void looked_at_again_once_it_is_durable(void **state)
{
    struct missing *t = *state;
    int64_t a = fixture_put(t->part.ledger, "a", "a", NULL);
    fixture_step(t->part.ledger, a, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, 0);
    walk(t, NULL, 0, true);
    assert_recorded("");
    fixture_step(t->part.ledger, a, DOC_SUBMITTING, DOC_QUEUED, EV_NOT_SENT, 0);
    t->journal->dirty = true;
    missed_look_again(t->missed);
    missed_turn(t->missed);
    assert_int_equal(fake_loop_works(t->part.context.loop), 0);
    t->journal->dirty = false;
    look_through(t);
    assert_recorded("gone file=1\n");
}

static void nothing_after_the_end_has_begun(void **state)
{
    struct missing *t = *state;
    fixture_put(t->part.ledger, "a", "a", NULL);
    missed_walk_begins(t->missed);
    missed_walk_ended(t->missed, true);
    ending_interrupt(t->part.ending, false);
    look_through(t);
    assert_recorded("");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_gone_and_was_never_sent), TEST(what_is_there_and_was_not_found),
        TEST(other_directories_are_not_asked), TEST(what_comes_while_it_walks),
        TEST(found_at_another_path),           TEST(looked_at_again_once_it_is_durable),
        TEST(nothing_after_the_end_has_begun), TEST(sent_while_others_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
