/* See work_pool.h. Items wait in one line. A runner is one item of libuv's: it takes items from the
 * line and works on them until the line is empty or its time is up, and goes back to the loop,
 * which calls the done functions of what was done, and sends a runner on if items wait.
 *
 * There is a runner while anything waits. A further one starts when the line grows by CROWD items
 * for each that runs, or, where items were seen to be slow, with each new item. And a timer looks
 * after both lists while a runner is out: an item that hangs on its file system holds up no other,
 * neither one that waits nor one that is done, for longer than PATIENCE_MS.
 *
 * The two lists are shared between threads, under the lock; the rest is the loop's. */
#include "net/work_pool.h"

#include "base/error.h"
#include "base/list.h"

#include <stdlib.h>
#include <uv.h>

enum {
    RUNNERS = 4 /* libuv's threads, by default */,
    CROWD = 4,
    TURN_NS = 1000000,
    PATIENCE_MS = 20
};

struct work_item {
    struct list link;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

struct runner {
    uv_work_t request;
    struct work_pool *pool;
    bool running;
    bool slow; /* its last item took more than a turn */
};

struct work_pool {
    uv_loop_t *uv;
    uv_mutex_t lock;
    struct list line, did; /* struct work_item, under the lock, as is the line's length */
    size_t waiting;
    struct runner runners[RUNNERS];
    size_t running;
    bool slow;         /* as the last runner found it */
    bool freed;        /* to go with the last runner that is on its way back */
    uv_timer_t *watch; /* over the line; made when first needed, freed by its close callback */
};

static struct work_item *take(struct work_pool *p)
{
    struct work_item *item = NULL;
    uv_mutex_lock(&p->lock);
    struct list *first = list_first(&p->line);
    if (first) {
        item = LIST_ENTRY(first, struct work_item, link);
        list_remove(first);
        p->waiting--;
    }
    uv_mutex_unlock(&p->lock);
    return item;
}

static void put_down(struct work_pool *p, struct work_item *item)
{
    uv_mutex_lock(&p->lock);
    list_push_back(&p->did, &item->link);
    uv_mutex_unlock(&p->lock);
}

static void on_run(uv_work_t *request)
{
    struct runner *r = request->data;
    struct work_item *item;
    uint64_t began = uv_hrtime(), now = began, before = began;
    while (now - began < TURN_NS && (item = take(r->pool)) != NULL) {
        item->work(item->ctx);
        put_down(r->pool, item);
        before = now;
        now = uv_hrtime();
    }
    r->slow = now - before >= TURN_NS;
}

static void on_ran(uv_work_t *request, int status);

static void start_runner(struct work_pool *p)
{
    struct runner *r = p->runners;
    while (r->running)
        r++;
    r->running = true;
    p->running++;
    REQUIRE(uv_queue_work(p->uv, &r->request, on_run, on_ran) == 0);
}

static size_t waiting(struct work_pool *p)
{
    uv_mutex_lock(&p->lock);
    size_t n = p->waiting;
    uv_mutex_unlock(&p->lock);
    return n;
}

static void on_watch(uv_timer_t *timer);

static void watch(struct work_pool *p)
{
    if (!p->watch) {
        p->watch = xcalloc(1, sizeof *p->watch);
        REQUIRE(uv_timer_init(p->uv, p->watch) == 0);
        p->watch->data = p;
        uv_unref((uv_handle_t *)p->watch);
    }
    if (!uv_is_active((uv_handle_t *)p->watch))
        REQUIRE(uv_timer_start(p->watch, on_watch, PATIENCE_MS, 0) == 0);
}

static void see_to_line(struct work_pool *p, size_t line)
{
    if (line > 0 && p->running < RUNNERS && (p->slow || line > p->running * CROWD))
        start_runner(p);
    if (p->running > 0)
        watch(p);
}

/* The last thing to be done with P: a done function may free it, with its loop. */
static void deliver(struct work_pool *p)
{
    struct list did;
    list_init(&did);
    uv_mutex_lock(&p->lock);
    list_append(&did, &p->did);
    uv_mutex_unlock(&p->lock);
    LIST_EACH_SAFE (node, &did) {
        struct work_item *item = LIST_ENTRY(node, struct work_item, link);
        void (*done)(void *ctx) = item->done;
        void *ctx = item->ctx;
        free(item);
        done(ctx);
    }
}

static void on_watch(uv_timer_t *timer)
{
    struct work_pool *p = timer->data;
    if (waiting(p) > 0 && p->running < RUNNERS)
        start_runner(p);
    if (p->running > 0)
        watch(p);
    deliver(p);
}

static void destroy(struct work_pool *p)
{
    uv_mutex_destroy(&p->lock);
    free(p);
}

static void on_ran(uv_work_t *request, int status)
{
    struct runner *r = request->data;
    struct work_pool *p = r->pool;
    REQUIRE(status == 0); /* we never cancel */
    p->slow = r->slow;
    r->running = false;
    p->running--;
    if (p->freed) {
        if (p->running == 0)
            destroy(p);
        return;
    }
    see_to_line(p, waiting(p));
    deliver(p);
}

void work_pool_add(struct work_pool *p, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct work_item *item = xcalloc(1, sizeof *item);
    item->work = work;
    item->done = done;
    item->ctx = ctx;
    uv_mutex_lock(&p->lock);
    list_push_back(&p->line, &item->link);
    size_t line = ++p->waiting;
    uv_mutex_unlock(&p->lock);
    see_to_line(p, line);
}

struct work_pool *work_pool_new(struct uv_loop_s *uv)
{
    struct work_pool *p = xcalloc(1, sizeof *p);
    p->uv = uv;
    REQUIRE(uv_mutex_init(&p->lock) == 0);
    list_init(&p->line);
    list_init(&p->did);
    for (int i = 0; i < RUNNERS; i++) {
        p->runners[i].pool = p;
        p->runners[i].request.data = &p->runners[i];
    }
    return p;
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle);
}

void work_pool_free(struct work_pool *p)
{
    REQUIRE(list_empty(&p->line) && list_empty(&p->did));
    if (p->watch)
        uv_close((uv_handle_t *)p->watch, on_watch_closed);
    p->freed = true;
    if (p->running == 0)
        destroy(p);
}
