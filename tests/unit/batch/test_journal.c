/* A turn's writes over a disk that fails: nothing is lost, nothing is released too early, and what
 * the ledger itself refuses is dropped. */
#include "batch/notes.h"

#include "../ledger/faulty_disk.h"
#include "batch/exit_code.h"
#include "held_turn.h"
#include "ledger/document_ledger.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scene {
    struct part part;
    struct journal *journal;
    struct ledger *l;
    int commits;
    int64_t results; /* as the last commit said */
};

static void committed_cb(void *ctx, int64_t results)
{
    struct scene *s = ctx;
    s->commits++;
    s->results = results;
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->l = s->part.context.ledger;
    s->journal = journal_new(&s->part.context, s->part.ending);
    journal_on_commit(s->journal, committed_cb, s);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    faulty_disk_arm(0, FAULTY_FULL, false);
    journal_free(s->journal);
    held_turn_use(NULL, NULL);
    part_close(&s->part);
    free(s);
    return 0;
}

static void disk_is_full(bool full)
{
    faulty_disk_arm(full ? 1 : 0, FAULTY_FULL, true);
}

/* The name's document, committed. */
static int64_t document(struct scene *s, const char *name)
{
    int64_t id = fixture_put(s->part.ledger, name, name, NULL);
    assert_ok(s->l, ledger_commit(s->l));
    return id;
}

static int pages_of(struct scene *s, int64_t id)
{
    struct ledger_document d;
    assert_ok(s->l, ledger_document_get(s->l, id, &d));
    ledger_document_release(&d);
    return d.pages;
}

/* What another process would see, as after a crash now. */
static int durable_pages_of(struct scene *s, int64_t id)
{
    struct ledger *reader;
    struct ledger_document d;
    struct error e;
    assert_int_equal(fixture_try_open(s->part.ledger, true, &reader, &e), 0);
    assert_int_equal(ledger_document_get(reader, id, &d), 0);
    ledger_document_release(&d);
    ledger_close(reader);
    return d.pages;
}

static bool reserve_is_there(struct scene *s)
{
    char path[128];
    snprintf(path, sizeof path, "%s.reserve", s->part.options.ledger);
    return access(path, F_OK) == 0;
}

/* --- a disk that works --- */

static void a_note_is_written_at_once_and_durable_with_the_commit(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    assert_false(journal_dirty(s->journal));
    note_pages(s->journal, id, 7);
    assert_true(journal_dirty(s->journal));
    assert_int_equal(pages_of(s, id), 7);
    assert_int_equal(durable_pages_of(s, id), -1);
    assert_true(journal_commit(s->journal));
    assert_false(journal_dirty(s->journal));
    assert_int_equal(durable_pages_of(s, id), 7);
    assert_false(journal_down(s->journal) || journal_was_down(s->journal));
    assert_false(journal_hopeless(s->journal));
    assert_int_equal(journal_next(s->journal).ms, 0);
}

static void each_commit_tells_how_many_results(void **state)
{
    struct scene *s = *state;
    int64_t a = document(s, "a"), b = document(s, "b");
    note_pages(s->journal, a, 1);
    note_result(s->journal, a, "{}", 2, 1);
    note_result(s->journal, b, "[]", 2, 1);
    assert_int_equal(s->commits, 0);
    assert_true(journal_commit(s->journal));
    assert_int_equal(s->commits, 1);
    assert_int_equal(s->results, 2);
    note_pages(s->journal, a, 2);
    assert_true(journal_commit(s->journal));
    assert_int_equal(s->commits, 2);
    assert_int_equal(s->results, 0);
}

static void nobody_needs_to_listen(void **state)
{
    struct scene *s = *state;
    journal_on_commit(s->journal, NULL, NULL);
    note_pages(s->journal, document(s, "a"), 1);
    assert_true(journal_commit(s->journal));
}

static void writes_too_cb(void *ctx, int64_t results)
{
    struct scene *s = ctx;
    (void)results;
    assert_ok(s->l, ledger_set_pages(s->l, 1, 9));
}

/* What is written on hearing of a commit waits for the next one. */
static void a_listener_may_write(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    journal_on_commit(s->journal, writes_too_cb, s);
    note_pages(s->journal, id, 1);
    assert_true(journal_commit(s->journal));
    assert_true(journal_dirty(s->journal));
    assert_int_equal(durable_pages_of(s, id), 1);
    assert_true(journal_commit(s->journal));
    assert_int_equal(durable_pages_of(s, id), 9);
}

/* --- a full disk --- */

static void a_commit_that_fails_ends_the_run(void **state)
{
    struct scene *s = *state;
    char reason[700];
    int64_t id = document(s, "a");
    assert_true(reserve_ready(journal_reserve(s->journal), part_now(&s->part)));
    note_pages(s->journal, id, 7);
    disk_is_full(true);
    part_log(&s->part, LOG_ERROR);
    assert_false(journal_commit(s->journal));
    const char *log = part_log_take(&s->part);
    assert_int_equal(strncmp(log, "error the ledger can't be written: ", 35), 0);
    assert_non_null(strstr(log,
                           "; nothing new is sent; what is on its way is finished and recorded "
                           "[ledger.write_failed]\n"));
    assert_true(journal_down(s->journal));
    assert_true(journal_was_down(s->journal));
    assert_true(journal_dirty(s->journal));
    assert_false(journal_hopeless(s->journal));
    assert_false(reserve_is_there(s));
    assert_int_equal(s->commits, 0);
    assert_int_equal(ending_life(s->part.ending), RUN_DRAINING);
    assert_int_equal(ending_exit_code(s->part.ending), EXIT_RESUMABLE);
    assert_false(ending_storage_lost(s->part.ending));
    strcpy(reason, ending_reason(s->part.ending));
    assert_int_equal(strncmp(reason, "stopped: ", 9), 0);
    assert_non_null(strstr(reason, "disk is full"));
    assert_non_null(strstr(reason, ". Nothing is lost"));
    assert_int_equal(durable_pages_of(s, id), -1);
}

static void it_is_tried_again_at_once_and_then_every_half_second(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    note_pages(s->journal, id, 7);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    assert_int_equal(journal_next(s->journal).ms, part_at(0).ms);
    assert_false(journal_commit(s->journal));
    assert_int_equal(journal_next(s->journal).ms, part_at(500).ms);
    disk_is_full(false);
    part_pass(&s->part, 499);
    assert_false(journal_commit(s->journal)); /* it isn't time yet */
    assert_int_equal(s->commits, 0);
    part_pass(&s->part, 1);
    assert_true(journal_commit(s->journal));
    assert_int_equal(s->commits, 1);
    assert_int_equal(durable_pages_of(s, id), 7);
}

static void what_was_noted_is_written_again_in_order(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    note_pages(s->journal, id, 1);
    note_pages(s->journal, id, 2);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    note_pages(s->journal, id, 3); /* remembered alone */
    assert_int_equal(pages_of(s, id), -1);
    note_result(s->journal, id, "{}", 2, 3);
    disk_is_full(false);
    part_log(&s->part, LOG_WARNING);
    assert_true(journal_commit(s->journal));
    assert_string_equal(part_log_take(&s->part),
                        "warning the ledger can be written again; what was on its way is recorded "
                        "[ledger.writes_again]\n");
    assert_int_equal(durable_pages_of(s, id), 3);
    assert_int_equal(s->results, 1);
    assert_false(journal_down(s->journal));
    assert_true(journal_was_down(s->journal));
    assert_false(journal_dirty(s->journal));
    assert_true(ending_has_begun(s->part.ending)); /* the run ends all the same */
}

/* A result larger than what SQLite keeps in memory meets the disk before the commit. */
static void a_write_that_fails_is_remembered_too(void **state)
{
    enum { BYTES = 20 * 1000 * 1000 };
    struct scene *s = *state;
    struct buffer stored;
    int64_t id = document(s, "a");
    char *bytes = malloc(BYTES);
    memset(bytes, 'x', BYTES);
    disk_is_full(true);
    note_pages(s->journal, id, 4);
    note_result(s->journal, id, bytes, BYTES, 4);
    assert_true(journal_down(s->journal));
    disk_is_full(false);
    assert_true(journal_commit(s->journal));
    assert_int_equal(durable_pages_of(s, id), 4);
    assert_int_equal(s->results, 1);
    buffer_init(&stored, 0);
    assert_ok(s->l, ledger_result_get(s->l, id, &stored));
    assert_int_equal(stored.len, BYTES);
    buffer_release(&stored);
    free(bytes);
}

static void failures_in_a_row_are_one_trouble(void **state)
{
    struct scene *s = *state;
    note_pages(s->journal, document(s, "a"), 7);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    part_log(&s->part, LOG_ERROR);
    assert_false(journal_commit(s->journal));
    part_pass(&s->part, 500);
    assert_false(journal_commit(s->journal));
    assert_string_equal(part_log_take(&s->part), "");
    assert_int_equal(journal_next(s->journal).ms, part_at(1000).ms);
}

static void after_15_seconds_it_is_hopeless(void **state)
{
    struct scene *s = *state;
    note_pages(s->journal, document(s, "a"), 7);
    part_pass(&s->part, 100);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    part_pass(&s->part, 14999);
    assert_false(journal_hopeless(s->journal));
    assert_false(journal_commit(s->journal)); /* a later failure doesn't count anew */
    part_pass(&s->part, 1);
    assert_true(journal_hopeless(s->journal));
    disk_is_full(false);
    part_pass(&s->part, 500);
    assert_true(journal_commit(s->journal));
    assert_false(journal_hopeless(s->journal));
}

/* The second trouble has a patience of its own, and no first try at once. */
static void trouble_that_comes_back(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    note_pages(s->journal, id, 1);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    disk_is_full(false);
    assert_true(journal_commit(s->journal));
    part_pass(&s->part, 20000);
    note_pages(s->journal, id, 2);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    assert_false(journal_hopeless(s->journal));
    assert_int_equal(journal_next(s->journal).ms, part_at(20500).ms);
    disk_is_full(false);
    part_pass(&s->part, 500);
    assert_true(journal_commit(s->journal));
    assert_int_equal(durable_pages_of(s, id), 2);
}

static void an_earlier_reason_stays(void **state)
{
    struct scene *s = *state;
    ending_early(s->part.ending, EXIT_REFUSED, "refused");
    note_pages(s->journal, document(s, "a"), 7);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    assert_string_equal(ending_reason(s->part.ending), "refused");
}

static void nothing_is_sent_while_it_is_down(void **state)
{
    struct scene *s = *state;
    int attempt = 77;
    char alias[LEDGER_ALIAS_MAX] = "as before";
    int64_t id = document(s, "a");
    note_pages(s->journal, id, 7);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    disk_is_full(false);
    assert_false(note_attempt_start(s->journal, id, &attempt, alias));
    assert_int_equal(attempt, 77);
    assert_string_equal(alias, "as before");
    assert_true(journal_commit(s->journal));
    assert_true(note_attempt_start(s->journal, id, &attempt, alias));
    assert_int_equal(attempt, 1);
}

/* An attempt that was begun in the turn that failed gets its number again. */
static void an_attempt_keeps_its_number(void **state)
{
    struct scene *s = *state;
    struct ledger_attempt row;
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int64_t id = document(s, "a");
    assert_true(note_attempt_start(s->journal, id, &attempt, alias));
    note_attempt_end(s->journal, id, attempt, ATTEMPT_NOT_SENT, 0, "connect");
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    assert_int_equal(ledger_attempt_get(s->l, id, 1, &row), ERR_NOT_FOUND);
    disk_is_full(false);
    assert_true(journal_commit(s->journal));
    assert_ok(s->l, ledger_attempt_get(s->l, id, 1, &row));
    assert_int_equal(row.outcome, ATTEMPT_NOT_SENT);
    assert_int_equal(ledger_attempt_get(s->l, id, 2, &row), ERR_NOT_FOUND);
}

/* --- what can't ever be written --- */

static void a_refused_note_is_dropped(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    part_log(&s->part, LOG_ERROR);
    note_pages(s->journal, 99, 7);
    const char *log = part_log_take(&s->part);
    assert_string_equal(
        log, "error a fault of this program: the ledger doesn't take what happened: there is no "
             "document 99 in the ledger [ledger.refused]\n");
    note_pages(s->journal, id, 7);
    assert_true(journal_commit(s->journal));
    assert_false(journal_was_down(s->journal));
    assert_int_equal(durable_pages_of(s, id), 7);
    assert_false(ending_has_begun(s->part.ending));
}

/* The same when it comes to it at the second time; what is counted is what is durable. */
static void a_note_that_is_refused_later_is_dropped(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    note_pages(s->journal, id, 1);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    note_result(s->journal, 99, "{}", 2, 1);
    note_result(s->journal, id, "{}", 2, 1);
    note_pages(s->journal, id, 2);
    disk_is_full(false);
    part_log(&s->part, LOG_ERROR);
    assert_true(journal_commit(s->journal));
    assert_string_equal(
        part_log_take(&s->part),
        "error a fault of this program: the ledger doesn't take what happened: there is no "
        "document 99 in the ledger [ledger.refused]\n");
    assert_int_equal(durable_pages_of(s, id), 2);
    assert_int_equal(s->results, 1);
}

static void damage_loses_the_ledger(void **state)
{
    struct scene *s = *state;
    const struct ledger_step step = {.document_id = document(s, "a"),
                                     .from = DOC_PROCESSING,
                                     .to = DOC_READY,
                                     .event = EV_JOB_READY};
    note_step(s->journal, &step);
    assert_true(ending_storage_lost(s->part.ending));
    assert_int_equal(ending_exit_code(s->part.ending), EXIT_LEDGER);
    assert_false(journal_down(s->journal));
}

static void what_is_lost_can_be_forgotten(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    note_result(s->journal, id, "{}", 2, 1);
    note_kept(s->journal, id, "bytes", 5);
    disk_is_full(true);
    assert_false(journal_commit(s->journal));
    journal_forget(s->journal);
    assert_true(journal_dirty(s->journal)); /* it is down still */
    disk_is_full(false);
    assert_true(journal_commit(s->journal));
    assert_int_equal(s->results, 0);
    assert_int_equal(fixture_state(s->part.ledger, id), DOC_QUEUED);
    assert_false(journal_dirty(s->journal));
}

/* The notes' memory goes with the journal (sanitizers look). */
static void a_journal_may_go_with_notes_in_it(void **state)
{
    struct scene *s = *state;
    note_kept(s->journal, document(s, "a"), "bytes", 5);
    journal_free(s->journal);
    s->journal = NULL;
    journal_free(NULL);
}

/* --- a ledger that takes its time --- */

static struct {
    enum held_fate fate;
    int durable; /* how often it was said */
} held;

static enum held_fate decide(void *ctx, bool *at_once)
{
    (void)ctx;
    *at_once = false;
    return held.fate;
}

static void durable_cb(void *ctx)
{
    (void)ctx;
    held.durable++;
}

static void begin_held(struct scene *s, enum held_fate fate)
{
    held.durable = 0;
    held.fate = fate;
    held_turn_use(decide, NULL);
    assert_true(journal_turn(s->journal, durable_cb, NULL));
    assert_true(journal_out(s->journal));
}

static void what_comes_meanwhile_goes_with_the_next_turn(void **state)
{
    struct scene *s = *state;
    int64_t a = document(s, "a"), b = document(s, "b");
    note_pages(s->journal, a, 3);
    begin_held(s, HELD_DURABLE);
    assert_false(journal_dirty(s->journal));
    note_pages(s->journal, b, 4);
    assert_true(journal_dirty(s->journal));
    ledger_turn_end(s->l); /* it isn't known yet */
    assert_int_equal(held.durable, 0);
    assert_int_equal(s->commits, 0);
    held_turn_tell();
    assert_int_equal(held.durable, 1);
    assert_int_equal(s->commits, 1);
    assert_false(journal_out(s->journal));
    assert_true(journal_dirty(s->journal));
    assert_int_equal(durable_pages_of(s, a), 3);
    assert_int_not_equal(durable_pages_of(s, b), 4);
    assert_true(journal_commit(s->journal));
    assert_int_equal(durable_pages_of(s, b), 4);
}

static void a_turn_that_is_refused_is_written_again_with_what_came_since(void **state)
{
    struct scene *s = *state;
    int64_t a = document(s, "a"), b = document(s, "b");
    int attempt, later;
    char alias[LEDGER_ALIAS_MAX];
    assert_true(note_attempt_start(s->journal, a, &attempt, alias));
    begin_held(s, HELD_REFUSED);
    note_attempt_end(s->journal, a, attempt, ATTEMPT_NOT_SENT, 0,
                     "test"); /* of one that was taken back */
    note_pages(s->journal, b, 4);
    assert_true(journal_unsure(s->journal));
    assert_false(
        note_attempt_start(s->journal, b, &later, alias)); /* nobody knows what it builds on */
    assert_false(journal_down(s->journal));
    held_turn_tell();
    assert_int_equal(held.durable, 0);
    assert_true(journal_down(s->journal));
    held_turn_use(NULL, NULL);
    part_pass(&s->part, 1000);
    assert_true(journal_commit(s->journal));
    assert_false(journal_down(s->journal));
    assert_int_equal(durable_pages_of(s, b), 4);
    struct ledger_document d;
    assert_ok(s->l, ledger_document_get(s->l, a, &d));
    assert_int_equal(d.attempt, attempt);
    ledger_document_release(&d);
}

/* Its answer got lost: nothing of it is written twice, what came since is, and the run goes on. */
static void a_turn_whose_answer_got_lost_is_not_written_twice(void **state)
{
    struct scene *s = *state;
    struct ledger_counts c;
    int64_t a = document(s, "a"), b = document(s, "b");
    int attempt, later;
    char alias[LEDGER_ALIAS_MAX];
    note_run(s->journal, 5, 7, 0);
    assert_true(note_attempt_start(s->journal, a, &attempt, alias));
    begin_held(s, HELD_ANSWER_LOST);
    note_run(s->journal, 1, 1, 0);
    assert_true(note_attempt_start(s->journal, b, &later, alias));
    note_pages(s->journal, b, 4);
    held_turn_tell();
    assert_int_equal(held.durable, 1);
    assert_false(journal_down(s->journal));
    assert_false(ending_has_begun(s->part.ending));
    held_turn_use(NULL, NULL);
    assert_true(journal_commit(s->journal));
    assert_int_equal(durable_pages_of(s, b), 4);
    assert_ok(s->l, ledger_counts(s->l, &c));
    assert_int_equal(c.post, 6);
    assert_int_equal(c.get, 8);
    struct ledger_document d;
    assert_ok(s->l, ledger_document_get(s->l, a, &d));
    assert_int_equal(d.attempt, attempt);
    ledger_document_release(&d);
    assert_ok(s->l, ledger_document_get(s->l, b, &d));
    assert_int_equal(d.attempt, later);
    ledger_document_release(&d);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_note_is_written_at_once_and_durable_with_the_commit),
        TEST(each_commit_tells_how_many_results),
        TEST(nobody_needs_to_listen),
        TEST(a_listener_may_write),
        TEST(a_commit_that_fails_ends_the_run),
        TEST(it_is_tried_again_at_once_and_then_every_half_second),
        TEST(what_was_noted_is_written_again_in_order),
        TEST(a_write_that_fails_is_remembered_too),
        TEST(failures_in_a_row_are_one_trouble),
        TEST(after_15_seconds_it_is_hopeless),
        TEST(trouble_that_comes_back),
        TEST(an_earlier_reason_stays),
        TEST(nothing_is_sent_while_it_is_down),
        TEST(an_attempt_keeps_its_number),
        TEST(a_refused_note_is_dropped),
        TEST(a_note_that_is_refused_later_is_dropped),
        TEST(damage_loses_the_ledger),
        TEST(what_is_lost_can_be_forgotten),
        TEST(a_journal_may_go_with_notes_in_it),
        TEST(what_comes_meanwhile_goes_with_the_next_turn),
        TEST(a_turn_that_is_refused_is_written_again_with_what_came_since),
        TEST(a_turn_whose_answer_got_lost_is_not_written_twice),
    };
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
