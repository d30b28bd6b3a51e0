/* A document that is about to be sent, in a ledger that was put back: whether it may have been sent
 * before. Files and ledger are real. */
#include "batch/former_life.h"

#include "base/digest.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "ledger/restored.h"
#include "part_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PUT_BACK_MS = PART_START_MS };

struct scene {
    struct part part; /* first */
    struct former_life *life;
    int looked;
};

static int share_error; /* errno of each look; 0: the share is there */

int statx(int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict stx)
{
    if (share_error) {
        errno = share_error;
        return -1;
    }
    return (int)syscall(SYS_statx, fd, path, flags, mask, stx);
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->life = former_life_new(&s->part.context, s->part.ending);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    share_error = 0;
    former_life_free(s->life);
    part_close(&s->part);
    free(s);
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
static struct flight file_at(struct part *p, const char *path, const char *name,
                             const char *content, int64_t changed_ms)
{
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    struct flight f = {0};
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

static struct flight file_of(struct part *p, const char *name, const char *content,
                             int64_t changed_ms)
{
    char path[64];
    snprintf(path, sizeof path, "/data/%s", name);
    return file_at(p, path, name, content, changed_ms);
}

static void looked_cb(void *ctx, struct flight *f)
{
    struct scene *s = ctx;
    assert_non_null(f);
    s->looked++;
}

static enum former_life_word tells(struct scene *s, struct flight *f)
{
    return former_life_tells(s->life, f, looked_cb, s);
}

/* Once the pool has looked, if it has to. */
static bool may_have_sent(struct scene *s, struct flight *f)
{
    enum former_life_word word = tells(s, f);
    int looked = s->looked;
    if (word == FORMER_LIFE_LOOKS) {
        assert_int_equal(fake_loop_works(s->part.context.loop), 1);
        fake_loop_work(s->part.context.loop);
        assert_int_equal(s->looked, looked + 1);
        word = tells(s, f);
    }
    assert_int_not_equal(word, FORMER_LIFE_LOOKS);
    assert_int_equal(fake_loop_works(s->part.context.loop), 0);
    return word == FORMER_LIFE_MAY_HAVE_SENT;
}

static void a_ledger_of_one_life_knows_all(void **state)
{
    struct scene *s = *state;
    struct flight f = file_of(&s->part, "a", "a", 1);
    assert_int_equal(tells(s, &f), FORMER_LIFE_NEVER_SENT);
}

static void files_before_and_after(void **state)
{
    struct scene *s = *state;
    put_back(&s->part);
    struct flight before = file_of(&s->part, "a", "a", PUT_BACK_MS - 1);
    struct flight after = file_of(&s->part, "b", "b", PUT_BACK_MS);
    assert_int_equal(tells(s, &before), FORMER_LIFE_MAY_HAVE_SENT);
    assert_false(may_have_sent(s, &after));
    fixture_submit(s->part.ledger, before.id); /* this life's own */
    assert_int_equal(tells(s, &before), FORMER_LIFE_NEVER_SENT);
}

/* A copy that came later is the same document: it may have been sent from the first. */
static void any_of_its_files(void **state)
{
    struct scene *s = *state;
    put_back(&s->part);
    struct flight later = file_of(&s->part, "a", "same", PUT_BACK_MS + 5);
    assert_false(may_have_sent(s, &later));
    struct flight sooner = file_of(&s->part, "b", "same", PUT_BACK_MS - 5);
    assert_int_equal(sooner.id, later.id);
    assert_int_equal(tells(s, &later), FORMER_LIFE_MAY_HAVE_SENT);
}

/* Renamed since: its inode changed, and it was there all the same. */
static void a_file_is_asked_for_its_birth(void **state)
{
    struct scene *s = *state;
    char path[128];
    put_back(&s->part);
    snprintf(path, sizeof path, "%s/renamed", s->part.ledger->directory);
    FILE *file =
        fopen(path, "w"); /* it is born when it is made: long after 1970, so this is later */
    assert_non_null(file);
    fclose(file);
    struct flight f = file_at(&s->part, path, "renamed", "renamed", PUT_BACK_MS + 5);
    assert_false(may_have_sent(s, &f));
    fixture_now_ms = INT64_C(4102444800000); /* put back again in 2100 */
    struct ledger_held held;
    assert_ok(s->part.ledger->l, ledger_hold_restored(s->part.ledger->l, 10, &held));
    assert_ok(s->part.ledger->l, ledger_commit(s->part.ledger->l));
    struct flight g = file_at(&s->part, path, "renamed", "other", fixture_now_ms + 5);
    assert_true(may_have_sent(s, &g));
}

/* Its share is away: that it is held costs a question, that it is sent again costs money. */
static void what_cannot_be_looked_at_may_have_been_there(void **state)
{
    struct scene *s = *state;
    put_back(&s->part);
    struct flight away = file_of(&s->part, "a", "a", PUT_BACK_MS + 5);
    struct flight gone = file_of(&s->part, "b", "b", PUT_BACK_MS + 5);
    share_error = ESTALE;
    assert_true(may_have_sent(s, &away));
    share_error = ENOENT;
    assert_false(may_have_sent(s, &gone));
}

/* It may be asked for again and again, while a budget keeps it waiting. */
static void what_was_looked_at_is_known_until_it_is_settled(void **state)
{
    struct scene *s = *state;
    put_back(&s->part);
    struct flight f = file_of(&s->part, "b", "b", PUT_BACK_MS);
    assert_false(may_have_sent(s, &f));
    assert_int_equal(tells(s, &f), FORMER_LIFE_NEVER_SENT);
    assert_int_equal(tells(s, &f), FORMER_LIFE_NEVER_SENT);
    assert_int_equal(fake_loop_works(s->part.context.loop), 0);
    former_life_settled(s->life, &f);
    assert_int_equal(tells(s, &f), FORMER_LIFE_LOOKS);
    fake_loop_work(s->part.context.loop);
}

/* What the pool said holds for the files that it looked at. */
static void a_file_that_came_meanwhile_is_looked_at_too(void **state)
{
    struct scene *s = *state;
    struct loop *loop = s->part.context.loop;
    put_back(&s->part);
    struct flight f = file_of(&s->part, "a", "same", PUT_BACK_MS + 5);
    assert_int_equal(tells(s, &f), FORMER_LIFE_LOOKS);
    file_of(&s->part, "b", "same", PUT_BACK_MS + 6);
    fake_loop_work(loop);
    assert_int_equal(tells(s, &f), FORMER_LIFE_LOOKS);
    fake_loop_work(loop);
    assert_int_equal(tells(s, &f), FORMER_LIFE_NEVER_SENT);
    assert_int_equal(fake_loop_works(loop), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_ledger_of_one_life_knows_all),
        TEST(files_before_and_after),
        TEST(any_of_its_files),
        TEST(a_file_is_asked_for_its_birth),
        TEST(what_cannot_be_looked_at_may_have_been_there),
        TEST(what_was_looked_at_is_known_until_it_is_settled),
        TEST(a_file_that_came_meanwhile_is_looked_at_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
