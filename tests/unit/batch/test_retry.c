/* Documents that ended otherwise than stored: which are selected by their states and by their paths,
 * and how they are taken up. The ledger is real; flights and find.h's one call are fakes. */
#include "base/digest.h"
#include "batch/exit_code.h"
#include "batch/retry.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"
#include "ledger_damage.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct find {
    const struct intake_entry *entries;
    size_t count;
    int room, examining; /* looks that are taken, and under way */
};

bool find_look_at(struct find *f, const struct intake_entry *entry)
{
    if (f->examining >= f->room)
        return false;
    f->examining++;
    record("look %s %s root=%lld", entry->path, entry->name, (long long)entry->root_id);
    return true;
}

bool find_is_examining(const struct find *f)
{
    return f->examining > 0;
}

void find_take_again(struct find *f, struct intake_entry *entries, size_t count)
{
    record("take_again %zu", count);
    for (size_t i = 0; i < count; i++)
        record("entry %s %s root=%lld error=%d", entries[i].path, entries[i].name,
               (long long)entries[i].root_id, entries[i].error);
    f->entries = entries;
    f->count = count;
}

enum { PATHS_MOST = 4 };

struct retrying {
    struct part part; /* first */
    struct batch_retry options;
    char *paths[PATHS_MOST];
    struct journal journal;
    struct flights *flights;
    struct find find;
    struct retry *retry;
};

static int setup(void **state)
{
    struct retrying *t = calloc(1, sizeof *t);
    part_open(&t->part);
    t->options.paths = t->paths;
    t->part.options.retrying = &t->options;
    t->flights = flights_new(&t->part.context, t->part.ending, NULL);
    t->retry = retry_new(&t->part.context, t->part.ending, &t->journal, t->flights, &t->find);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct retrying *t = *state;
    retry_free(t->retry);
    flights_free(t->flights);
    part_close(&t->part);
    free(t);
    return 0;
}

static void name_path(struct retrying *t, const char *path)
{
    t->paths[t->options.path_count++] = (char *)path;
}

/* --- documents, each with a file of its name --- */

static int64_t end_as(struct retrying *t, const char *name, enum doc_state state)
{
    struct fixture *f = t->part.ledger;
    int64_t id = fixture_put(f, name, state == DOC_REJECTED ? NULL : name, NULL);
    int attempt = 0;
    switch (state) {
    case DOC_FAILED:
        attempt = fixture_submit(f, id);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
        fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
        break;
    case DOC_LOST:
        attempt = fixture_accept(f, id, "job");
        fixture_step(f, id, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, attempt);
        break;
    case DOC_IN_DOUBT:
        attempt = fixture_submit(f, id);
        assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
        fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
        break;
    case DOC_STORED:
        fixture_store(f, id, "{}", 1);
        break;
    default:
        break;
    }
    return id;
}

/* One of each: 1 queued, 2 stored, 3 failed, 4 lost, 5 in doubt, 6 rejected. */
static void one_of_each(struct retrying *t)
{
    end_as(t, "queued", DOC_QUEUED);
    end_as(t, "stored", DOC_STORED);
    end_as(t, "failed", DOC_FAILED);
    end_as(t, "lost", DOC_LOST);
    end_as(t, "in-doubt", DOC_IN_DOUBT);
    end_as(t, "rejected", DOC_REJECTED);
}

static void turn(struct retrying *t)
{
    retry_turn(t->retry, part_now(&t->part));
}

static void start_and_turn(struct retrying *t)
{
    retry_start(t->retry);
    fake_loop_work_all(t->part.context.loop); /* what is named is looked at */
    turn(t);
}

/* --- which --- */

static void by_its_state(void **state)
{
    static const struct {
        enum doc_state state;
        const char *lines;
    } cases[] = {
        {DOC_FAILED, "take_again 0\nevent doc=3 retry retry - -\n"},
        {DOC_LOST, "take_again 0\nevent doc=4 retry retry - -\n"},
        {DOC_IN_DOUBT, "take_again 0\nevent doc=5 retry retry - -\n"},
        {DOC_REJECTED, "take_again 1\nentry /data/rejected rejected root=1 error=0\n"},
    };
    struct retrying *t = *state;
    one_of_each(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(t->options.states, 0, sizeof t->options.states);
        t->options.states[cases[i].state] = true;
        retry_free(t->retry);
        t->retry = retry_new(&t->part.context, t->part.ending, &t->journal, t->flights, &t->find);
        start_and_turn(t);
        assert_recorded(cases[i].lines);
        assert_false(retry_busy(t->retry));
    }
    assert_false(ending_has_begun(t->part.ending));
}

static void all_states_at_once(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    for (int s = DOC_FAILED; s <= DOC_LOST; s++)
        t->options.states[s] = true;
    start_and_turn(t);
    assert_recorded("take_again 1\nentry /data/rejected rejected root=1 error=0\n"
                    "event doc=3 retry retry - -\nevent doc=4 retry retry - -\n");
}

/* Also of a state that wasn't asked for; but what is stored or on its way needs no retry. */
static void by_its_path(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/lost");
    name_path(t, "/data/stored");
    name_path(t, "/data/queued");
    name_path(t, "/data/rejected");
    start_and_turn(t);
    assert_recorded("take_again 1\nentry /data/rejected rejected root=1 error=0\n"
                    "event doc=4 retry retry - -\n");
    assert_false(ending_has_begun(t->part.ending));
}

static void dismiss(struct retrying *t, int64_t id, enum doc_state state)
{
    fixture_step(t->part.ledger, id, state, state, EV_DISMISS, 0);
}

/* Settled by hand: only by name. */
static void what_was_dismissed_by_its_path_alone(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    dismiss(t, 3, DOC_FAILED);
    dismiss(t, 5, DOC_IN_DOUBT);
    dismiss(t, 6, DOC_REJECTED);
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        t->options.states[s] = true;
    name_path(t, "/data/failed");
    name_path(t, "/data/rejected");
    start_and_turn(t);
    assert_recorded("step doc=6 rejected rejected retry attempts=0 attempt=0 retry - -\n"
                    "take_again 1\nentry /data/rejected rejected root=1 error=0\n"
                    "event doc=3 retry retry - -\nevent doc=4 retry retry - -\n");
}

static void by_the_place_it_was_moved_to(void **state)
{
    struct retrying *t = *state;
    struct fixture *f = t->part.ledger;
    const struct file_stamp there = {6, 1, 99, 3};
    one_of_each(t);
    struct ledger_move row;
    assert_int_equal(ledger_moves_of(f->l, 3, 1u << DOC_FAILED, 0, &row, 1), 1);
    row.target = xstrdup("/failed/failed");
    assert_ok(f->l, ledger_move_intend(f->l, &row));
    assert_ok(f->l, ledger_move_done(f->l, row.file_id, &there));
    ledger_move_release(&row);
    name_path(t, "/failed/failed");
    start_and_turn(t);
    assert_recorded("take_again 0\nevent doc=3 retry retry - -\n");
}

static void a_path_that_is_not_in_the_ledger(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/failed");
    name_path(t, "/data/no\nsuch");
    start_and_turn(t);
    assert_recorded(""); /* nothing is begun */
    assert_int_equal(ending_exit_code(t->part.ending), EXIT_USAGE);
    assert_string_equal(ending_reason(t->part.ending),
                        "/data/no\\x0Asuch is not in the ledger; name files as failures.csv does");
    assert_false(retry_busy(t->retry));
}

static void a_document_of_many_files_goes_once(void **state)
{
    struct retrying *t = *state;
    int64_t id = end_as(t, "b", DOC_FAILED);
    end_as(t, "a", DOC_FAILED);
    assert_int_equal(fixture_put(t->part.ledger, "c", "b", NULL), id);
    t->options.states[DOC_FAILED] = true;
    name_path(t, "/data/c"); /* named besides */
    start_and_turn(t);
    /* in the order of their numbers, not of their paths */
    assert_recorded("take_again 0\nevent doc=1 retry retry - -\nevent doc=2 retry retry - -\n");
}

static void one_in_doubt_of_many_files_goes_once(void **state)
{
    struct retrying *t = *state;
    int64_t id = end_as(t, "a", DOC_IN_DOUBT);
    assert_int_equal(fixture_put(t->part.ledger, "b", "a", NULL), id);
    t->options.states[DOC_IN_DOUBT] = true;
    start_and_turn(t);
    assert_recorded("take_again 0\nevent doc=1 retry retry - -\n");
}

static void each_file_that_was_rejected_is_read_again(void **state)
{
    struct retrying *t = *state;
    struct fixture *f = t->part.ledger;
    int64_t root;
    root = fixture_root(f, "/more");
    end_as(t, "b", DOC_REJECTED);
    const struct ledger_new_file file = {.root_id = root,
                                         .settings_id = f->settings,
                                         .path = "/more/a",
                                         .name = "more/a",
                                         .stamp = {7, 1, 2, 3},
                                         .pages = -1,
                                         .reject_code = "unreadable"};
    enum ledger_put put;
    int64_t document;
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &document));
    t->options.states[DOC_REJECTED] = true;
    start_and_turn(t);
    assert_recorded("take_again 2\n"
                    "entry /data/b b root=1 error=0\n"
                    "entry /more/a more/a root=2 error=0\n");
    /* they live as long as the part */
    assert_int_equal(t->find.count, 2);
    assert_string_equal(t->find.entries[1].name, "more/a");
}

/* Find learns of it all the same: it reads what it is given, and nothing else. */
static void nothing_to_retry(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    start_and_turn(t);
    assert_recorded("take_again 0\n");
    assert_false(retry_busy(t->retry));
    assert_int_equal(retry_next(t->retry, part_now(&t->part)).ms, MONO_NEVER.ms);
}

/* --- taking up --- */

static void one_in_doubt_that_is_held_in_memory(void **state)
{
    struct retrying *t = *state;
    int64_t id = end_as(t, "a", DOC_IN_DOUBT);
    struct flight *held = fake_flight(t->flights, id, DOC_IN_DOUBT);
    flight_park(held);
    t->options.states[DOC_IN_DOUBT] = true;
    start_and_turn(t);
    assert_recorded("take_again 0\nevent doc=1 retry retry - -\n");
    assert_false(held->parked);
    assert_int_equal(flights_count(t->flights, DOC_IN_DOUBT), 1); /* not a second one */
    assert_int_equal(t->flights->news.retry_after_ms, -1);
}

/* Recovery may have sent it again already, or its webhook came. */
static void one_that_is_out_of_doubt_by_now(void **state)
{
    struct retrying *t = *state;
    int64_t id = end_as(t, "a", DOC_IN_DOUBT);
    t->options.states[DOC_IN_DOUBT] = true;
    fake_flight(t->flights, id, DOC_QUEUED);
    start_and_turn(t);
    assert_recorded("take_again 0\n");
    assert_false(retry_busy(t->retry));
}

static void those_of_other_settings_are_left(void **state)
{
    struct retrying *t = *state;
    int64_t other;
    const struct ledger_settings another = {"extraction", "another-model", "{}"};
    one_of_each(t);
    assert_ok(t->part.ledger->l, ledger_settings_put(t->part.ledger->l, &another, &other));
    t->part.context.settings_id = other;
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        t->options.states[s] = true;
    name_path(t, "/data/failed");
    name_path(t, "/data/rejected");
    start_and_turn(t);
    assert_recorded("take_again 0\n");
    assert_false(ending_has_begun(t->part.ending));
}

static void no_more_than_a_thousand_in_memory(void **state)
{
    struct retrying *t = *state;
    enum { MOST = 1000 };
    int64_t next = part_at(1).ms;
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        end_as(t, name, DOC_FAILED);
    }
    t->options.states[DOC_FAILED] = true;
    t->flights->to[EV_RETRY] = DOC_QUEUED;
    for (int i = 0; i < MOST - 2; i++)
        fake_flight(t->flights, 10000 + i, i % 2 ? DOC_QUEUED : DOC_PROCESSING);
    retry_start(t->retry);
    assert_recorded("take_again 0\n");
    assert_true(retry_busy(t->retry));
    assert_int_equal(retry_next(t->retry, part_now(&t->part)).ms, next);
    turn(t);
    assert_recorded("event doc=1 retry retry - -\nevent doc=2 retry retry - -\n");
    assert_true(retry_busy(t->retry));
    assert_int_equal(retry_next(t->retry, part_now(&t->part)).ms, MONO_NEVER.ms);
    turn(t);
    assert_recorded("");
    flight_park(flight_find(t->flights, 10000));
    assert_int_equal(retry_next(t->retry, part_now(&t->part)).ms, next);
    turn(t);
    assert_recorded("event doc=3 retry retry - -\n");
    assert_false(retry_busy(t->retry));
}

static void nothing_is_taken_up_once_the_run_ends(void **state)
{
    struct retrying *t = *state;
    end_as(t, "a", DOC_FAILED);
    t->options.states[DOC_FAILED] = true;
    retry_start(t->retry);
    ending_interrupt(t->part.ending, false);
    turn(t);
    assert_recorded("take_again 0\n");
    assert_false(retry_busy(t->retry));
    assert_int_equal(retry_next(t->retry, part_now(&t->part)).ms, MONO_NEVER.ms);
}

static void a_ledger_that_cannot_be_listed(void **state)
{
    struct retrying *t = *state;
    end_as(t, "a", DOC_FAILED);
    t->options.states[DOC_FAILED] = true;
    ledger_damage(t->part.ledger, "DROP TABLE file");
    start_and_turn(t);
    assert_recorded("cancel_uploads\n");
    assert_true(ending_storage_lost(t->part.ending));
}

static void a_document_that_cannot_be_read(void **state)
{
    struct retrying *t = *state;
    end_as(t, "a", DOC_FAILED);
    t->options.states[DOC_FAILED] = true;
    retry_start(t->retry);
    ledger_damage(t->part.ledger, "DROP TABLE document");
    turn(t);
    assert_recorded("take_again 0\ncancel_uploads\n");
    assert_true(ending_storage_lost(t->part.ending));
}

/* --- asked for beside the run --- */

static struct {
    int times, code;
    char words[200];
} answer;

static void taken_cb(void *ctx, void *who, int code, const char *words)
{
    assert_non_null(ctx);
    assert_ptr_equal(who, &answer);
    answer.times++;
    answer.code = code;
    snprintf(answer.words, sizeof answer.words, "%s", words);
}

static void ask(struct retrying *t)
{
    t->part.options.retrying = NULL; /* it is an ordinary run */
    memset(&answer, 0, sizeof answer);
    retry_ask(t->retry, &t->options, taken_cb, t, &answer);
}

static void assert_answered(int code, const char *words)
{
    assert_int_equal(answer.times, 1);
    assert_int_equal(answer.code, code);
    assert_string_equal(answer.words, words);
}

/* All at once, of whatever settings; files as there is room to read them. */
static void asked_for_while_it_runs(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    end_as(t, "another", DOC_REJECTED);
    t->part.context.settings_id = 99;
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        t->options.states[s] = true;
    t->find.room = 1;
    ask(t);
    fake_loop_work_all(t->part.context.loop);
    assert_recorded("event doc=3 retry retry - -\nevent doc=4 retry retry - -\n"
                    "event doc=5 retry retry - -\n");
    assert_answered(0, "taken up again: 5; `mindee-batch status` tells what becomes of it");
    assert_true(retry_looks(t->retry) && retry_busy(t->retry));
    turn(t);
    turn(t);
    assert_recorded("look /data/another another root=1\n");
    t->find.examining = 0;
    turn(t);
    assert_recorded("look /data/rejected rejected root=1\n");
    assert_true(retry_looks(t->retry));
    assert_false(retry_busy(t->retry));
    t->find.examining = 0;
    assert_false(retry_looks(t->retry));
    turn(t);
    assert_recorded("");
}

static void asked_for_what_is_not_there(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    t->options.states[DOC_FAILED] = true;
    name_path(t, "/data/rejected");
    name_path(t, "/data/none");
    ask(t);
    assert_answered(EXIT_USAGE, "/data/none is not in the ledger; name files as failures.csv does");
    turn(t);
    assert_recorded(""); /* nothing is begun */
    assert_false(retry_busy(t->retry) || ending_has_begun(t->part.ending));
    t->options.path_count = 0;
    t->options.states[DOC_FAILED] = false;
    ask(t);
    fake_loop_work_all(t->part.context.loop);
    assert_answered(0, "there is nothing to retry");
}

/* --- what is named --- */

/* A file of the ledger whose path is on the disk, with CONTENT there; the ledger knows KNOWN. */
static int64_t file_on_disk(struct retrying *t, const char *name, const char *known,
                            const char *content, char path[128])
{
    struct fixture *f = t->part.ledger;
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    snprintf(path, 128, "%s/%s", f->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    sha256(known, strlen(known), digest);
    const struct ledger_new_file new = {.root_id = f->root,
                                        .settings_id = f->settings,
                                        .path = path,
                                        .name = name,
                                        .stamp = {7, 1, 2, 3},
                                        .type = 1,
                                        .pages = -1,
                                        .sha256 = digest};
    assert_ok(f->l, ledger_file_put(f->l, &new, &put, &id));
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
    return id;
}

/* Other bytes than they had: a new file. Another time alone says nothing. */
static void a_path_that_holds_other_bytes(void **state)
{
    struct retrying *t = *state;
    char other[128], same[128], line[200];
    file_on_disk(t, "other", "old", "new", other);
    file_on_disk(t, "same", "as ever", "as ever", same);
    name_path(t, other);
    name_path(t, same);
    t->find.room = 1;
    ask(t);
    fake_loop_work(t->part.context.loop);
    assert_recorded("event doc=2 retry retry - -\n");
    turn(t);
    snprintf(line, sizeof line, "look %s other root=1\n", other);
    assert_recorded(line);
    assert_answered(0, "taken up again: 2; `mindee-batch status` tells what becomes of it");
}

/* Its file may be large, or on a share that hangs: until the pool has looked the loop goes on. What is
 * taken up is what was there to be taken up when it was asked for. */
static void the_loop_goes_on_while_a_file_is_looked_at(void **state)
{
    struct retrying *t = *state;
    struct loop *loop = t->part.context.loop;
    one_of_each(t);
    t->options.states[DOC_FAILED] = true;
    name_path(t, "/data/lost");
    name_path(t, "/data/in-doubt");
    ask(t);
    turn(t);
    assert_recorded("");
    assert_int_equal(answer.times, 0);
    assert_true(retry_busy(t->retry));
    assert_int_equal(fake_loop_works(loop), 1);
    end_as(t, "failed since", DOC_FAILED);
    fixture_step(t->part.ledger, 5, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, 1);
    part_poked(&t->part);
    fake_loop_work(loop);
    assert_true(part_poked(&t->part));
    assert_recorded("event doc=3 retry retry - -\nevent doc=4 retry retry - -\n");
    assert_int_equal(answer.times, 1);
    assert_false(retry_busy(t->retry));
}

/* So does the retry that a run was started for: nothing is taken up before. */
static void a_run_of_its_own_waits_for_its_files(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/lost");
    retry_start(t->retry);
    turn(t);
    assert_recorded("");
    assert_true(retry_busy(t->retry));
    fake_loop_work(t->part.context.loop);
    turn(t);
    assert_recorded("take_again 0\nevent doc=4 retry retry - -\n");
}

static void a_run_that_ends_while_a_file_is_looked_at(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/lost");
    ask(t);
    ending_interrupt(t->part.ending, false);
    assert_false(retry_busy(t->retry));
    fake_loop_work(t->part.context.loop);
    assert_answered(EXIT_LEDGER, "");
    assert_recorded("");
}

static void a_ledger_that_cannot_be_written_meanwhile(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/lost");
    ask(t);
    t->journal.down = true;
    fake_loop_work(t->part.context.loop);
    assert_answered(EXIT_LEDGER, "");
    assert_recorded("");
}

/* The pool may be at it for longer than the run lives. */
static void a_look_that_outlives_the_run(void **state)
{
    struct retrying *t = *state;
    one_of_each(t);
    name_path(t, "/data/lost");
    ask(t);
    retry_free(t->retry);
    t->retry = NULL;
    fake_loop_work(t->part.context.loop);
    assert_int_equal(answer.times, 0);
}

/* More than are kept in memory: they are queued in the ledger at once, and come in their time. */
static void asked_for_thousands(void **state)
{
    struct retrying *t = *state;
    char name[20];
    for (int i = 0; i < 1100; i++) {
        snprintf(name, sizeof name, "%04d", i);
        end_as(t, name, DOC_FAILED);
    }
    t->options.states[DOC_FAILED] = true;
    t->flights->to[EV_RETRY] = DOC_QUEUED;
    ask(t);
    fake_loop_work_all(t->part.context.loop);
    assert_int_equal(flights_count(t->flights, DOC_QUEUED), 1000);
    assert_false(retry_busy(t->retry));
    record_take();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(by_its_state),
        TEST(all_states_at_once),
        TEST(by_its_path),
        TEST(what_was_dismissed_by_its_path_alone),
        TEST(by_the_place_it_was_moved_to),
        TEST(a_path_that_is_not_in_the_ledger),
        TEST(a_document_of_many_files_goes_once),
        TEST(one_in_doubt_of_many_files_goes_once),
        TEST(each_file_that_was_rejected_is_read_again),
        TEST(nothing_to_retry),
        TEST(one_in_doubt_that_is_held_in_memory),
        TEST(one_that_is_out_of_doubt_by_now),
        TEST(those_of_other_settings_are_left),
        TEST(no_more_than_a_thousand_in_memory),
        TEST(nothing_is_taken_up_once_the_run_ends),
        TEST(a_ledger_that_cannot_be_listed),
        TEST(a_document_that_cannot_be_read),
        TEST(asked_for_while_it_runs),
        TEST(asked_for_what_is_not_there),
        TEST(asked_for_thousands),
        TEST(a_path_that_holds_other_bytes),
        TEST(the_loop_goes_on_while_a_file_is_looked_at),
        TEST(a_run_of_its_own_waits_for_its_files),
        TEST(a_run_that_ends_while_a_file_is_looked_at),
        TEST(a_ledger_that_cannot_be_written_meanwhile),
        TEST(a_look_that_outlives_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
