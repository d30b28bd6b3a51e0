/* The k-th write to the disk fails, for each k until a whole story gets through: whatever had been
 * committed is there, of the turn that failed all or nothing, and work goes on after. */
#include "faulty_disk.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"
#include "ledger_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURNS = 4, PER_TURN = 2 };

static char big[9000]; /* a result of several pages */

/* One document from nothing to its result; 0 or the first error. */
static int whole_document(struct fixture *f, const char *name)
{
    char path[64], alias[LEDGER_ALIAS_MAX];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    int attempt;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .pages = -1,
                                         .sha256 = digest};
    struct ledger_step s = {.from = DOC_QUEUED, .to = DOC_SUBMITTING, .event = EV_ADMIT};
    int err = ledger_file_put(f->l, &file, &put, &id);
    if (!err)
        err = ledger_attempt_start(f->l, id, credits_of(1), &attempt, alias);
    s.document_id = id;
    if (!err)
        err = ledger_step(f->l, &s);
    if (!err)
        err = ledger_attempt_accepted(f->l, id, attempt, "job");
    if (!err)
        err = ledger_result_put(f->l, id, big, sizeof big, 1);
    if (!err)
        err = ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL);
    s.from = DOC_SUBMITTING;
    s.to = DOC_STORED;
    s.event = EV_RESULT;
    return err ? err : ledger_step(f->l, &s);
}

static int one_turn(struct fixture *f, int turn)
{
    char name[32];
    int err = 0;
    for (int i = 0; i < PER_TURN && !err; i++) {
        snprintf(name, sizeof name, "t%d-%d", turn, i);
        err = whole_document(f, name);
    }
    return err ? err : ledger_commit(f->l);
}

static void assert_sticks(struct fixture *f, int err)
{
    char words[512];
    int64_t id;
    const struct ledger_settings s = {"ocr", "model-9", "{}"};
    assert_true(err == ERR_IO);
    strcpy(words, ledger_error(f->l)->text);
    assert_non_null(strstr(words, f->directory));
    assert_int_equal(ledger_settings_put(f->l, &s, &id), err);
    assert_string_equal(ledger_error(f->l)->text, words);
    assert_int_equal(ledger_commit(f->l), err);
    assert_string_equal(ledger_error(f->l)->text, words);
    assert_false(ledger_dirty(f->l));
}

/* Turns until the end or, unless RECOVER, the first that fails; returns how many were committed.
 * *MET: one failed. */
static int run_turns(struct fixture *f, bool recover, bool *met)
{
    *met = false;
    for (int turn = 0; turn < TURNS; turn++) {
        int err = one_turn(f, turn);
        if (!err)
            continue;
        assert_true(faulty_disk_failed());
        *met = true;
        assert_sticks(f, err);
        assert_int_equal(fixture_counts(f).files, turn * PER_TURN);
        if (recover) {
            faulty_disk_arm(0, FAULTY_FULL, false);
            ledger_recover(f->l);
            assert_int_equal(fixture_counts(f).files, turn * PER_TURN);
            for (int again = turn; again < TURNS; again++)
                assert_ok(f->l, one_turn(f, again));
            return TURNS;
        }
        return turn;
    }
    return TURNS;
}

static void assert_whole(struct fixture *f, int turns)
{
    struct ledger_counts c = fixture_counts(f);
    struct buffer b;
    buffer_init(&b, 0);
    assert_int_equal(c.files % PER_TURN, 0);
    /* A commit whose sync failed may be found done. */
    assert_true(c.files == turns * PER_TURN || c.files == (turns + 1) * PER_TURN);
    assert_int_equal(c.by_state[DOC_STORED], c.files);
    for (int64_t id = 1; id <= c.files; id++) {
        buffer_clear(&b);
        assert_ok(f->l, ledger_result_get(f->l, id, &b));
        assert_int_equal(b.len, sizeof big);
    }
    buffer_release(&b);
}

/* Every n-th point: what the sanitizers see takes its time. */
enum { STEP = SANITIZED ? 5 : 1 };

static void sweep(struct fixture *f, enum faulty_kind kind, bool for_good, bool recover)
{
    int k = 1;
    for (;; k += STEP) {
        char command[128];
        fixture_close(f);
        snprintf(command, sizeof command, "rm -f '%s'*", f->path);
        assert_int_equal(system(command), 0);
        fixture_open(f);
        const struct ledger_settings s = {"extraction", "model-1", "{}"};
        assert_ok(f->l, ledger_settings_put(f->l, &s, &f->settings));
        f->root = fixture_root(f, "/data");
        assert_ok(f->l, ledger_commit(f->l));
        faulty_disk_arm(k, kind, for_good);
        bool met;
        int turns = run_turns(f, recover, &met);
        fixture_close(f); /* a checkpoint at the end may meet it too */
        met = met || faulty_disk_failed();
        faulty_disk_arm(0, kind, false);
        fixture_open(f);
        assert_whole(f, turns);
        fixture_put(f, "after", "after", NULL);
        assert_ok(f->l, ledger_commit(f->l));
        if (!met)
            break;
    }
    print_message("%d points\n", k / STEP);
    assert_true(k > 40);
}

static void the_disk_is_full(void **state)
{
    sweep(*state, FAULTY_FULL, true, false);
}

static void one_write_fails(void **state)
{
    sweep(*state, FAULTY_IO, false, false);
}

static void room_again(void **state)
{
    sweep(*state, FAULTY_FULL, true, true);
}

/* What was known of a document in memory goes back with the turn. */
static void a_turn_that_failed_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct ledger_document d;
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_submit(f, id);
    assert_ok(f->l, ledger_set_pages(f->l, id, 9));
    faulty_disk_arm(1, FAULTY_FULL, false);
    assert_int_equal(ledger_commit(f->l), ERR_IO);
    assert_non_null(strstr(ledger_error(f->l)->text, "disk is full"));
    ledger_recover(f->l);
    assert_int_equal(fixture_submit(f, id), 1); /* from queued, its first attempt */
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_document_get(f->l, id, &d));
    assert_int_equal(d.pages, -1);
    assert_int_equal(d.state, DOC_SUBMITTING);
    fixture_counts(f);
}

/* Making and opening a ledger, cut off at each write:
 * the next start finds an empty one or a whole one. */
static void cut_off_while_it_is_made(void **state)
{
    struct fixture *f = *state;
    struct error e;
    int k = 1, err;
    do {
        char command[128];
        fixture_close(f);
        snprintf(command, sizeof command, "rm -f '%s'*", f->path);
        assert_int_equal(system(command), 0);
        faulty_disk_arm(k, FAULTY_IO, true);
        err = fixture_try_open(f, false, &f->l, &e);
        assert_true(err == 0 || err == ERR_IO);
        fixture_close(f);
        bool failed = faulty_disk_failed();
        faulty_disk_arm(0, FAULTY_IO, false);
        fixture_open(f);
        assert_true(ledger_id(f->l) != 0);
        assert_int_equal(fixture_counts(f).files, 0);
        if (!failed)
            break;
        k++;
    } while (true);
    assert_true(k > 10);
}

static int install(void **state)
{
    faulty_disk_install();
    memset(big, 'x', sizeof big);
    return fixture_setup(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_disk_is_full, install, fixture_teardown),
        TEST(one_write_fails),
        TEST(room_again),
        TEST(a_turn_that_failed_is_forgotten),
        TEST(cut_off_while_it_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
