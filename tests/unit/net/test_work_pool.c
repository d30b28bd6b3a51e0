/* Work on threads: each item once, each end told, help where it is slow. */
#include "base/error.h"
#include "net/work_pool.h"
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { ITEMS = 5000 };

struct world {
    uv_loop_t uv;
    struct work_pool *pool;
    atomic_int worked;
    int done, chains;
    pthread_barrier_t barrier;
};

static struct world *world_new(void)
{
    struct world *w = xcalloc(1, sizeof *w);
    assert_int_equal(uv_loop_init(&w->uv), 0);
    w->pool = work_pool_new(&w->uv);
    return w;
}

static void world_free(struct world *w)
{
    work_pool_free(w->pool);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->uv), 0);
    free(w);
}

static void work(void *ctx)
{
    struct world *w = ctx;
    atomic_fetch_add(&w->worked, 1);
}

static void done(void *ctx)
{
    struct world *w = ctx;
    w->done++;
    assert_true(w->done <= atomic_load(&w->worked));
}

static void each_once(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (int i = 0; i < ITEMS; i++)
        work_pool_add(w->pool, work, done, w);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    assert_int_equal(atomic_load(&w->worked), ITEMS);
    assert_int_equal(w->done, ITEMS);
    world_free(w);
}

static void again(void *ctx)
{
    struct world *w = ctx;
    w->done++;
    if (w->chains-- > 0)
        work_pool_add(w->pool, work, again, w);
}

static void an_end_begins_another(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->chains = 1000;
    work_pool_add(w->pool, work, again, w);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    assert_int_equal(w->done, 1001);
    world_free(w);
}

static void slow(void *ctx)
{
    (void)ctx;
    usleep(3000);
}

static void meet(void *ctx)
{
    struct world *w = ctx;
    pthread_barrier_wait(&w->barrier);
}

/* Two items that wait for each other: with one thread they would for ever. */
static void slow_ones_get_help(void **state)
{
    (void)state;
    struct world *w = world_new();
    assert_int_equal(pthread_barrier_init(&w->barrier, NULL, 2), 0);
    work_pool_add(w->pool, slow, done, w);
    atomic_fetch_add(&w->worked, 1);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    atomic_fetch_add(&w->worked, 2);
    work_pool_add(w->pool, meet, done, w);
    work_pool_add(w->pool, meet, done, w);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    assert_int_equal(w->done, 3);
    pthread_barrier_destroy(&w->barrier);
    world_free(w);
}

/* A blocked item doesn't hold up the others for ever, be they many or one. */
static void nobody_waits_behind_one_that_hangs(void **state)
{
    (void)state;
    static const int between[] = {20, 1, 0};
    for (size_t k = 0; k < sizeof between / sizeof *between; k++) {
        struct world *w = world_new();
        assert_int_equal(pthread_barrier_init(&w->barrier, NULL, 2), 0);
        atomic_fetch_add(&w->worked, 2);
        work_pool_add(w->pool, meet, done, w);
        for (int i = 0; i < between[k]; i++)
            work_pool_add(w->pool, work, done, w);
        work_pool_add(w->pool, meet, done, w);
        uv_run(&w->uv, UV_RUN_DEFAULT);
        assert_int_equal(w->done, between[k] + 2);
        pthread_barrier_destroy(&w->barrier);
        world_free(w);
    }
}

/* As above, and the others come while a second thread is busy and ends. */
static void nor_behind_its_neighbour(void **state)
{
    (void)state;
    struct world *w = world_new();
    assert_int_equal(pthread_barrier_init(&w->barrier, NULL, 2), 0);
    w->chains = 3000;
    atomic_fetch_add(&w->worked, 2);
    work_pool_add(w->pool, meet, done, w);
    for (int i = 0; i < 5; i++)
        work_pool_add(w->pool, work, again, w);
    while (w->chains > 0)
        uv_run(&w->uv, UV_RUN_ONCE);
    work_pool_add(w->pool, meet, done, w);
    uv_run(&w->uv, UV_RUN_DEFAULT);
    assert_int_equal(w->done, 3000 + 5 + 2);
    pthread_barrier_destroy(&w->barrier);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_once),
        cmocka_unit_test(an_end_begins_another),
        cmocka_unit_test(slow_ones_get_help),
        cmocka_unit_test(nobody_waits_behind_one_that_hangs),
        cmocka_unit_test(nor_behind_its_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
