/* All transfers. See transfer.h.
 *
 * The pool owns what transfers share: the driver of libcurl's multi handle, easy handles that are
 * set up and reused, the places that max_connections bounds, and the watch over silence.
 *
 * Everything that can end a transfer only puts it in the list `ended`; pool_turn, called when
 * nothing of libcurl is on the stack, delivers them, and then gives the free places to those that
 * wait. So a callback may start, cancel and close whatever it likes.
 *
 * Silence: each running transfer has an entry in a timer queue, for when it will have been silent
 * too long, or so slow that it might go on for ever (a server that drips). Bytes don't move the
 * entry, they only note the time; when the entry is due it moves to where it belongs. Dropping an
 * upload's answer is dear, so only the time counts for which this process was awake, nothing counts
 * just after it was held up (loop.h), and a transfer that seems silent or slow gets one more look
 * at its socket: the answer may be lying there.
 *
 * Closing: cancel and deliver all transfers; wait for the reads under way on the thread pool; then
 * close the timer and the driver, which ends it. */
#include "net/transfer_internal.h"

#include "base/ca_file.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- silence ---- */

enum { LOOK_MS = 20 /* in which what lies in a socket is read */ };

/* The queue's times are the awake clock's. */
static struct mono from_awake(struct transfer_pool *pool, struct mono at)
{
    return mono_add(loop_now(pool->loop), mono_diff(at, loop_awake(pool->loop)));
}

static void arm_silence(struct transfer_pool *pool)
{
    struct mono next = timer_queue_next(&pool->silences);
    bool idle = next.ms == MONO_NEVER.ms;
    if (next.ms == pool->silence_armed.ms || (next.ms > pool->silence_armed.ms && !idle))
        return; /* too early does no harm, and saves moving the timer with each transfer */
    pool->silence_armed = next;
    loop_timer_set(pool->silence_timer, idle ? next : from_awake(pool, next));
}

/* Two silences' time, and more with each byte: at least 1 KB a second up and 10 KB down. */
static struct mono slow_at(const struct transfer *t)
{
    enum { LEAST_UP_PER_MS = 1, LEAST_DOWN_PER_MS = 10 };
    int64_t earned = t->sent / LEAST_UP_PER_MS + t->seen_down / LEAST_DOWN_PER_MS;
    return mono_add(t->started_awake, 2 * t->pool->idle_timeout_ms + earned);
}

/* One whose time seems to be up. */
static void judge(struct transfer *t, struct mono now)
{
    struct mono silent = mono_add(t->last_byte, t->pool->idle_timeout_ms);
    struct mono slow = slow_at(t), due = mono_min(silent, slow);
    if (!t->on_wire) { /* libcurl's connect timeout is at work */
        timer_queue_set(&t->pool->silences, &t->silence, mono_add(now, t->pool->idle_timeout_ms));
    } else if (!mono_reached(now, due)) {
        timer_queue_set(&t->pool->silences, &t->silence, due);
    } else if (mono_reached(now, slow) ? t->looked_slow : t->looked_silent) {
        transfer_end_silent(t, mono_reached(now, silent));
    } else {
        t->looked_silent = true;
        t->looked_slow = mono_reached(now, slow);
        timer_queue_set(&t->pool->silences, &t->silence, mono_add(now, LOOK_MS));
    }
}

static void on_silence(void *ctx)
{
    struct transfer_pool *pool = ctx;
    struct mono now = loop_awake(pool->loop), until;
    struct timer_entry *entry;
    pool->silence_armed = MONO_NEVER;
    if (loop_was_held_up(pool->loop, &until)) {
        pool->silence_armed = (struct mono){INT64_MIN};
        loop_timer_set(pool->silence_timer, until);
        return;
    }
    while ((entry = timer_queue_pop(&pool->silences, now)) != NULL)
        judge(TIMER_OWNER(entry, struct transfer, silence), now);
    arm_silence(pool);
}

/* ---- the pool's turn ---- */

static struct transfer *first_in(struct transfer_pool *pool, enum transfer_state state)
{
    struct list *node = list_first(&pool->states[state]);
    return node ? LIST_ENTRY(node, struct transfer, link) : NULL;
}

static bool has_place(const struct transfer_pool *pool)
{
    return pool->max_connections == 0 ||
           pool->counts[TRANSFER_OPENING] + pool->counts[TRANSFER_RUNNING] < pool->max_connections;
}

/* Each file that is being opened holds a buffer: a few at once keep the threads busy. What has none
 * doesn't wait for them. */
static bool may_begin(const struct transfer_pool *pool, const struct transfer *t)
{
    return !t->has_file || pool->counts[TRANSFER_OPENING] < TRANSFER_OPENING_AT_ONCE;
}

static void begin_waiting(struct transfer_pool *pool)
{
    LIST_EACH_SAFE (node, &pool->states[TRANSFER_WAITING]) {
        struct transfer *t = LIST_ENTRY(node, struct transfer, link);
        if (!has_place(pool))
            return;
        if (may_begin(pool, t))
            transfer_begin(t);
        else if (pool->max_connections == 0)
            return; /* what has no file never waits then */
    }
}

static void close_driver(struct transfer_pool *pool);

static void watch_stalls(struct transfer_pool *pool)
{
    bool on = transfer_pool_running(pool) > 0;
    if (on != pool->watching)
        loop_watch_stalls(pool->loop, on);
    pool->watching = on;
}

static void pool_turn(void *ctx)
{
    struct transfer_pool *pool = ctx;
    struct transfer *t;
    while ((t = first_in(pool, TRANSFER_ENDED)) != NULL)
        transfer_deliver(t);
    watch_stalls(pool);
    if (pool->closing) {
        close_driver(pool);
        return;
    }
    begin_waiting(pool);
    arm_silence(pool);
}

/* Begins, or waits. */
static void enter(struct transfer_pool *pool, struct transfer *t)
{
    bool first = !t->has_file || pool->counts[TRANSFER_WAITING] == 0;
    bool now = first && has_place(pool) && may_begin(pool, t);
    t->state = TRANSFER_WAITING;
    pool->counts[TRANSFER_WAITING]++;
    list_push_back(&pool->states[TRANSFER_WAITING], &t->link);
    watch_stalls(pool);
    if (now) {
        transfer_begin(t);
        arm_silence(pool);
    }
}

struct transfer *transfer_start(struct transfer_pool *pool, const struct transfer_request *request)
{
    REQUIRE(!pool->closing && request->url && request->done && request->max_body_bytes > 0);
    struct transfer *t = transfer_new(pool, request);
    enter(pool, t);
    return t;
}

static void on_finished(void *ctx, void *easy, int code)
{
    char *t = NULL;
    (void)ctx;
    REQUIRE(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t) == CURLE_OK && t);
    transfer_finished((struct transfer *)(void *)t, code);
}

void transfer_pool_cancel_stalled(struct transfer_pool *pool, int64_t still_ms)
{
    struct mono until, now = loop_awake(pool->loop);
    if (loop_was_held_up(pool->loop, &until))
        return;
    LIST_EACH_SAFE (node, &pool->states[TRANSFER_RUNNING]) {
        struct transfer *t = LIST_ENTRY(node, struct transfer, link);
        bool still = mono_reached(now, mono_add(t->last_byte, still_ms));
        if (t->has_file && t->sent < t->total && still)
            transfer_cancel(t);
    }
}

size_t transfer_pool_running(const struct transfer_pool *pool)
{
    size_t n = 0;
    for (int state = 0; state < TRANSFER_STATES; state++)
        n += pool->counts[state];
    return n;
}

/* ---- opening and closing ---- */

static int check_options(const struct transfer_pool_options *options, struct error *e)
{
    REQUIRE(options->user_agent && options->connect_timeout_ms > 0 && options->idle_timeout_ms > 0);
    int rc = options->ca_file ? ca_file_check(options->ca_file, e) : 0;
    if (rc < 0)
        return rc;
    return 0;
}

/* A TLS library may write to a socket that the peer has closed. */
static void ignore_broken_pipes(void)
{
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

/* Connections that idle have descriptors that files may need more: a fourth at most is theirs. */
static size_t connections_kept(void)
{
    enum { LEAST = 2, SHARE = 4 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return TRANSFER_DEFAULT_CONNECTS;
    size_t kept = (size_t)limit.rlim_cur / SHARE;
    return kept < LEAST                       ? LEAST
           : kept < TRANSFER_DEFAULT_CONNECTS ? kept
                                              : TRANSFER_DEFAULT_CONNECTS;
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

int transfer_pool_new(struct transfer_pool **out, struct loop *loop,
                      const struct transfer_pool_options *options, struct error *e)
{
    int rc = check_options(options, e);
    if (rc != 0)
        return rc;
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        return error_set(e, ERR_NETWORK, "start libcurl: %s", curl_easy_strerror(code));
    ignore_broken_pipes();
    struct transfer_pool *pool = xcalloc(1, sizeof *pool);
    pool->loop = loop;
    pool->ca_file = copy(options->ca_file);
    pool->proxy = copy(options->proxy);
    pool->user_agent = copy(options->user_agent);
    pool->http2 = options->http2 != 0;
    pool->connect_timeout_ms = options->connect_timeout_ms;
    pool->idle_timeout_ms = options->idle_timeout_ms;
    pool->max_connections = options->max_connections;
    for (int state = 0; state < TRANSFER_STATES; state++)
        list_init(&pool->states[state]);
    random_init_system(&pool->random);
    timer_queue_init(&pool->silences);
    pool->silence_timer = loop_timer_new(loop, on_silence, pool);
    pool->silence_armed = MONO_NEVER;
    size_t connects = pool->max_connections ? pool->max_connections : connections_kept();
    pool->driver = multi_driver_new(loop, connects, pool->http2, on_finished, pool_turn, pool);
    *out = pool;
    return 0;
}

static void on_driver_closed(void *ctx)
{
    struct transfer_pool *pool = ctx;
    void (*closed)(void *ctx) = pool->closed;
    void *closed_ctx = pool->closed_ctx;
    timer_queue_release(&pool->silences);
    upload_buffers_release(&pool->buffers);
    free(pool->ca_file);
    free(pool->proxy);
    free(pool->user_agent);
    free(pool);
    curl_global_cleanup();
    closed(closed_ctx);
}

/* All transfers are delivered. */
static void close_driver(struct transfer_pool *pool)
{
    if (pool->driver_closing || pool->sources > 0)
        return;
    pool->driver_closing = true;
    transfer_handles_free(pool);
    loop_timer_close(pool->silence_timer);
    multi_driver_close(pool->driver, on_driver_closed, pool);
}

void transfer_pool_close(struct transfer_pool *pool, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!pool->closing);
    pool->closing = true;
    pool->closed = closed;
    pool->closed_ctx = ctx;
    for (int state = 0; state < TRANSFER_ENDED; state++) {
        struct transfer *t;
        while ((t = first_in(pool, (enum transfer_state)state)) != NULL)
            transfer_cancel(t);
    }
    multi_driver_kick(pool->driver);
}

const char *transfer_library_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
