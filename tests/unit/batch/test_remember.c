/* A run that is given a ledger from a backup: the real memory beside the real ledger. */
#include "batch/remember.h"

#include "batch/exit_code.h"
#include "ledger/backup.h"
#include "ledger/restored.h"
#include "part_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct scene {
    struct part part;
    char state[96], copy[96];
    struct remember *remember;
};

static void open_scene(struct scene *s)
{
    part_open(&s->part);
    snprintf(s->state, sizeof s->state, "%s/state", s->part.ledger->directory);
    snprintf(s->copy, sizeof s->copy, "%s/copy.db", s->part.ledger->directory);
    s->part.options.limit_state = s->state;
    s->part.options.ledger = s->part.ledger->path;
    s->remember = NULL;
}

static void close_scene(struct scene *s)
{
    remember_free(s->remember);
    part_close(&s->part);
}

static int try_run(struct scene *s, struct error *e)
{
    remember_free(s->remember);
    s->remember = remember_new(&s->part.context, s->part.ending);
    return remember_open(s->remember, e);
}

static void begin_run(struct scene *s)
{
    struct error e = {0};
    if (try_run(s, &e) != 0)
        fail_msg("%s", e.text);
}

static void stopped(struct scene *s, const char *words)
{
    struct error e = {0};
    assert_int_equal(try_run(s, &e), ERR_DAMAGED);
    assert_int_equal(exit_code_of(&e), EXIT_LEDGER);
    if (!strstr(e.text, words) || !strstr(e.text, "`mindee-batch ledger restored --yes`"))
        fail_msg("\"%s\" or the way out isn't in: %s", words, e.text);
}

static void commit(struct scene *s)
{
    assert_ok(s->part.ledger->l, ledger_commit(s->part.ledger->l));
    remember_seal(s->remember);
    remember_commit(s->remember, part_now(&s->part));
}

static void submit(struct scene *s, const char *name)
{
    fixture_submit(s->part.ledger, fixture_put(s->part.ledger, name, name, NULL));
    commit(s);
}

static void back_up(struct scene *s)
{
    struct error e = {0};
    if (ledger_backup(s->part.ledger->path, s->copy, &e) != 0)
        fail_msg("%s", e.text);
}

static void put_back(struct scene *s)
{
    char log[128];
    remember_free(s->remember);
    s->remember = NULL;
    fixture_close(s->part.ledger);
    snprintf(log, sizeof log, "%s-wal", s->part.ledger->path);
    unlink(log);
    assert_int_equal(rename(s->copy, s->part.ledger->path), 0);
    fixture_open(s->part.ledger);
    s->part.context.ledger = s->part.ledger->l;
}

static void the_same_ledger_goes_on(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    submit(&s, "a");
    begin_run(&s);
    fixture_submit(s.part.ledger, fixture_put(s.part.ledger, "b", "b", NULL));
    assert_ok(s.part.ledger->l, ledger_commit(s.part.ledger->l)); /* killed before it was noted */
    begin_run(&s);
    commit(&s);
    begin_run(&s);
    close_scene(&s);
}

static void one_upload_more_is_noticed(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    submit(&s, "a");
    back_up(&s);
    submit(&s, "b");
    put_back(&s);
    stopped(&s, "it knows of 1 of 2 uploads");
    stopped(&s, "it knows of 1 of 2 uploads");
    assert_true(ledger_is_copy(s.part.ledger->l));
    close_scene(&s);
}

static void a_backup_of_all_that_was_sent_goes_on(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    submit(&s, "a");
    back_up(&s);
    put_back(&s);
    begin_run(&s);
    assert_false(ledger_is_copy(s.part.ledger->l));
    submit(&s, "b");
    begin_run(&s);
    close_scene(&s);
}

/* Its run found nothing, and so committed nothing either. */
static void a_backup_of_one_that_never_sent_goes_on(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    back_up(&s);
    put_back(&s);
    begin_run(&s);
    assert_false(ledger_is_copy(s.part.ledger->l));
    close_scene(&s);
    open_scene(&s);
    begin_run(&s);
    back_up(&s);
    submit(&s, "a");
    put_back(&s);
    stopped(&s, "it knows of 0 of 1 uploads");
    close_scene(&s);
}

static void where_nothing_is_remembered(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    submit(&s, "a");
    char elsewhere[128];
    snprintf(elsewhere, sizeof elsewhere, "%s-2", s.state);
    s.part.options.limit_state = elsewhere;
    begin_run(&s); /* it is no copy */
    back_up(&s);
    put_back(&s);
    snprintf(elsewhere, sizeof elsewhere, "%s-3", s.state);
    stopped(&s, "limits.state doesn't know how much was sent");
    close_scene(&s);
}

static void restored_it_goes_on(void **state)
{
    struct scene s;
    struct ledger_held held;
    (void)state;
    open_scene(&s);
    begin_run(&s);
    fixture_put(s.part.ledger, "b", "b", NULL);
    submit(&s, "a");
    back_up(&s);
    submit(&s, "b");
    submit(&s, "c");
    put_back(&s);
    stopped(&s, "it knows of 1 of 3 uploads");
    assert_ok(s.part.ledger->l, ledger_hold_restored(s.part.ledger->l, 3, &held));
    assert_ok(s.part.ledger->l, ledger_commit(s.part.ledger->l));
    begin_run(&s);
    commit(&s);
    begin_run(&s);
    close_scene(&s);
}

static void a_memory_that_cannot_be_made(void **state)
{
    struct scene s;
    struct error e = {0};
    (void)state;
    open_scene(&s);
    s.part.options.limit_state = s.part.ledger->path;
    assert_int_not_equal(try_run(&s, &e), 0);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_ledger_goes_on),
        cmocka_unit_test(one_upload_more_is_noticed),
        cmocka_unit_test(a_backup_of_all_that_was_sent_goes_on),
        cmocka_unit_test(a_backup_of_one_that_never_sent_goes_on),
        cmocka_unit_test(where_nothing_is_remembered),
        cmocka_unit_test(restored_it_goes_on),
        cmocka_unit_test(a_memory_that_cannot_be_made),
    };
    return cmocka_run_group_tests_name("remember", tests, NULL, NULL);
}
