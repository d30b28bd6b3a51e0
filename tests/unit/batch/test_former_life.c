/* A document that is about to be sent, in a ledger that was put back: whether it may have been sent
 * before. Files and ledger are real. */
#include "batch/former_life.h"

#include "base/digest.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "ledger/restored.h"
#include "part_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUT_BACK_MS = PART_START_MS };

static int setup(void **state)
{
    struct part *p = calloc(1, sizeof *p);
    part_open(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    part_close(*state);
    free(*state);
    return 0;
}

static void put_back(struct part *p)
{
    struct ledger_held held;
    fixture_now_ms = PUT_BACK_MS;
    assert_ok(p->ledger->l, ledger_hold_restored(p->ledger->l, 5, &held));
    assert_ok(p->ledger->l, ledger_commit(p->ledger->l));
    assert_int_equal(held.missing, 5);
}

/* A file whose inode changed last at CHANGED_MS; its path is on no disk, so nothing else is known. */
static struct flight file_of(struct part *p, const char *name, const char *content,
                             int64_t changed_ms)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    struct flight f = {0};
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = p->ledger->root,
                                         .settings_id = p->ledger->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {7, 1, changed_ms * 1000000, 3},
                                         .type = 1,
                                         .pages = -1,
                                         .looked_at = true,
                                         .sha256 = digest};
    assert_ok(p->ledger->l, ledger_file_put(p->ledger->l, &file, &put, &f.id));
    return f;
}

static bool may_have_sent(struct part *p, const struct flight *f)
{
    return former_life_may_have_sent(&p->context, p->ending, f);
}

static void a_ledger_of_one_life_knows_all(void **state)
{
    struct part *p = *state;
    struct flight f = file_of(p, "a", "a", 1);
    assert_false(may_have_sent(p, &f));
}

static void files_before_and_after(void **state)
{
    struct part *p = *state;
    put_back(p);
    struct flight before = file_of(p, "a", "a", PUT_BACK_MS - 1);
    struct flight after = file_of(p, "b", "b", PUT_BACK_MS);
    assert_true(may_have_sent(p, &before));
    assert_false(may_have_sent(p, &after));
    fixture_submit(p->ledger, before.id); /* this life's own */
    assert_false(may_have_sent(p, &before));
}

/* A copy that came later is the same document: it may have been sent from the first. */
static void any_of_its_files(void **state)
{
    struct part *p = *state;
    put_back(p);
    struct flight later = file_of(p, "a", "same", PUT_BACK_MS + 5);
    assert_false(may_have_sent(p, &later));
    struct flight sooner = file_of(p, "b", "same", PUT_BACK_MS - 5);
    assert_int_equal(sooner.id, later.id);
    assert_true(may_have_sent(p, &later));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_ledger_of_one_life_knows_all),
        TEST(files_before_and_after),
        TEST(any_of_its_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
