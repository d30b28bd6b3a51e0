/* Work on a thread while the loop goes on: what needs a person of one batch is looked for, or its page is made, and the
 * loop's timer, which stands for another batch, isn't held up by it. */
#include "service/served_batch_work.h"

#include "base/clock.h"
#include "test.h"

#include <semaphore.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_S = 60 };

static struct {
    struct loop *loop;
    struct loop_timer *timer;
    sem_t turned; /* the loop did something else */
    bool went_on, done;
    int exit_code;
} stage;

static void wait_for_the_loop(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    stage.went_on = sem_timedwait(&stage.turned, &until) == 0;
}

static int review(const struct config *c, const struct batch_options *o, int exit_code,
                  struct summary_review *out, struct error *e)
{
    (void)c, (void)o;
    wait_for_the_loop();
    stage.exit_code = exit_code;
    if (exit_code == EXIT_REFUSED)
        return error_set(e, ERR_DAMAGED, "review.db is damaged");
    *out = (struct summary_review){.known = true, .open = 3};
    return 0;
}

static int make_page(const struct config *c, const struct batch_options *o, const char *batch,
                     struct buffer *place, struct error *e)
{
    (void)c, (void)o;
    wait_for_the_loop();
    if (strcmp(batch, "broken") == 0)
        return error_set(e, ERR_IO, "the disk is full");
    buffer_put(place, "/out/report.html");
    return 0;
}

static void turn_cb(void *ctx)
{
    (void)ctx;
    assert_false(stage.done);
    sem_post(&stage.turned);
}

static void reviewed(struct served_batch *s)
{
    assert_null(s->work);
    stage.done = true;
    loop_timer_close(stage.timer);
}

static void begin(void)
{
    stage.done = stage.went_on = false;
    assert_int_equal(sem_init(&stage.turned, 0, 0), 0);
    stage.timer = loop_timer_new(stage.loop, turn_cb, NULL);
}

static void wait_until_done(struct served_batch *s)
{
    assert_non_null(s->work);
    loop_timer_set(stage.timer, loop_now(stage.loop));
    loop_run(stage.loop);
    assert_true(stage.done);
    assert_true(stage.went_on);
    sem_destroy(&stage.turned);
}

static void look(int exit_code, struct summary_review *found)
{
    const struct served_entry entry = {.name = ""};
    const struct served_batch_host host = {.loop = stage.loop, .alone = true, .review = review};
    struct served_batch s = {.entry = &entry, .host = &host, .running_on = &entry};
    begin();
    assert_true(served_batch_review(&s, exit_code, reviewed));
    wait_until_done(&s);
    assert_int_equal(stage.exit_code, exit_code);
    *found = s.review;
}

static void the_loop_goes_on_meanwhile(void **state)
{
    struct summary_review found;
    (void)state;
    look(EXIT_SOME_FAILED, &found);
    assert_true(found.known);
    assert_int_equal(found.open, 3);
}

static void what_failed_is_not_known(void **state)
{
    struct summary_review found;
    (void)state;
    look(EXIT_REFUSED, &found);
    assert_false(found.known);
}

static void a_page_is_made_meanwhile(void **state)
{
    static const char *const names[] = {"", "broken"};
    const struct served_batch_host host = {.loop = stage.loop, .alone = true, .report = make_page};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct served_entry entry = {.name = (char *)names[i]};
        struct served_batch s = {.entry = &entry, .host = &host, .running_on = &entry};
        begin();
        assert_true(served_batch_page(&s, reviewed));
        wait_until_done(&s);
    }
}

static void where_nobody_looks_nothing_is_called(void **state)
{
    const struct served_entry entry = {.name = ""};
    const struct served_batch_host host = {.loop = stage.loop, .alone = true};
    struct served_batch s = {.entry = &entry, .host = &host, .running_on = &entry};
    (void)state;
    assert_false(served_batch_review(&s, 0, reviewed));
    assert_false(served_batch_page(&s, reviewed));
    assert_null(s.work);
}

static int setup(void **state)
{
    (void)state;
    stage.loop = loop_new(&system_clock);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    loop_free(stage.loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_loop_goes_on_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(what_failed_is_not_known, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_is_made_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(where_nobody_looks_nothing_is_called, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
