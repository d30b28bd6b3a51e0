/* libcurl's multi interface on libuv. See multi_driver.h.
 *
 * libcurl says which sockets to watch (socket_cb) and when it wants to be called at the latest
 * (timer_cb); we call curl_multi_socket_action once for each readiness and each expiry, then drain
 * the finished handles, always: a handle can finish in any call, also one about another socket.
 *
 * The rules that keep this right:
 * - nothing of libcurl is called from its callbacks; they only note and arm;
 * - a timer of 0 ms runs in the next turn, through an idle handle: calling back at once would
 *   recurse, and libuv runs a timer that is armed for "now" from a timer again in the same pass;
 * - a poll handle is stopped and closed while libcurl still holds the descriptor (libuv takes the
 *   number out of epoll there and then), and freed in its close callback. The number may be back
 *   under a new handle before that; the old one is stopped and doesn't matter any more;
 * - libuv stops a handle whose socket has an error pending and reports it as a negative status.
 *   libcurl is called with no flags, so that it looks for itself (CURL_CSELECT_ERR would turn a
 *   receive error into a send error), and the handle is armed again if it is still wanted;
 * - curl_multi_cleanup closes idle connections and calls socket_cb while at it. */
#include "net/multi_driver.h"

#include "base/list.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <uv.h>

struct multi_driver {
    CURLM *multi;
    uv_loop_t *uv;
    uv_timer_t timer;
    uv_idle_t kick;
    struct list sockets; /* struct socket_watch */
    size_t handles;      /* of libuv's, not yet closed */
    bool due;            /* libcurl asked for 0 ms */
    bool closing;
    void (*finished)(void *ctx, void *easy, int code);
    void (*after)(void *ctx);
    void *ctx;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct socket_watch {
    uv_poll_t handle;
    struct list link;
    struct multi_driver *driver;
    curl_socket_t fd;
    int events; /* UV_READABLE | UV_WRITABLE, as libcurl wants them */
};

static void on_readiness(uv_poll_t *handle, int status, int events);

/* ---- closing ---- */

static void maybe_closed(struct multi_driver *d)
{
    if (!d->closing || d->handles > 0)
        return;
    void (*closed)(void *ctx) = d->closed;
    void *ctx = d->closed_ctx;
    free(d);
    closed(ctx);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct multi_driver *d = handle->data;
    d->handles--;
    maybe_closed(d);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *w = handle->data;
    struct multi_driver *d = w->driver;
    free(w);
    d->handles--;
    maybe_closed(d);
}

static void watch_close(struct socket_watch *w)
{
    list_remove(&w->link);
    uv_close((uv_handle_t *)&w->handle, on_watch_closed);
}

/* ---- what libcurl asks for ---- */

static struct socket_watch *watch_new(struct multi_driver *d, curl_socket_t fd)
{
    struct socket_watch *w = xcalloc(1, sizeof *w);
    w->driver = d;
    w->fd = fd;
    w->handle.data = w;
    REQUIRE(uv_poll_init_socket(d->uv, &w->handle, fd) == 0);
    d->handles++;
    list_push_back(&d->sockets, &w->link);
    return w;
}

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket)
{
    struct multi_driver *d = ctx;
    struct socket_watch *w = socket;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            curl_multi_assign(d->multi, fd, NULL);
            watch_close(w);
        }
        return 0;
    }
    if (!w) {
        w = watch_new(d, fd);
        curl_multi_assign(d->multi, fd, w);
    }
    w->events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    REQUIRE(uv_poll_start(&w->handle, w->events, on_readiness) == 0);
    return 0;
}

static void on_kick(uv_idle_t *handle);
static void on_timer(uv_timer_t *handle);

static void kick(struct multi_driver *d)
{
    if (!d->closing)
        REQUIRE(uv_idle_start(&d->kick, on_kick) == 0);
}

static int timer_cb(CURLM *multi, long timeout_ms, void *ctx)
{
    struct multi_driver *d = ctx;
    (void)multi;
    if (d->closing)
        return 0;
    d->due = timeout_ms == 0;
    if (timeout_ms <= 0) {
        uv_timer_stop(&d->timer);
        if (d->due)
            kick(d);
        return 0;
    }
    uint64_t real = uv_hrtime() / 1000000, turn = uv_now(d->uv);
    uint64_t late = real > turn ? real - turn : 0;
    REQUIRE(uv_timer_start(&d->timer, on_timer, (uint64_t)timeout_ms + late, 0) == 0);
    return 0;
}

/* ---- calling it ---- */

static void drain(struct multi_driver *d)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(d->multi, &left)) != NULL) {
        REQUIRE(message->msg == CURLMSG_DONE);
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        REQUIRE(curl_multi_remove_handle(d->multi, easy) == CURLM_OK);
        d->finished(d->ctx, easy, (int)code);
    }
    d->after(d->ctx);
}

static void act(struct multi_driver *d, curl_socket_t fd, int flags)
{
    int running;
    curl_multi_socket_action(d->multi, fd, flags, &running);
}

static void on_kick(uv_idle_t *handle)
{
    struct multi_driver *d = handle->data;
    uv_idle_stop(handle);
    if (d->due) {
        d->due = false;
        act(d, CURL_SOCKET_TIMEOUT, 0);
    }
    drain(d);
}

static void on_timer(uv_timer_t *handle)
{
    struct multi_driver *d = handle->data;
    act(d, CURL_SOCKET_TIMEOUT, 0);
    drain(d);
}

static void on_readiness(uv_poll_t *handle, int status, int events)
{
    struct socket_watch *w = handle->data;
    struct multi_driver *d = w->driver;
    int flags = 0;
    if (status == 0)
        flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    act(d, w->fd, flags);
    if (status < 0 && !uv_is_closing((uv_handle_t *)handle))
        uv_poll_start(handle, w->events, on_readiness);
    drain(d);
}

/* ---- what the pool asks for ---- */

struct multi_driver *multi_driver_new(struct loop *loop, size_t max_connects, bool multiplex,
                                      void (*finished)(void *ctx, void *easy, int code),
                                      void (*after)(void *ctx), void *ctx)
{
    struct multi_driver *d = xcalloc(1, sizeof *d);
    d->finished = finished;
    d->after = after;
    d->ctx = ctx;
    d->uv = loop_uv(loop);
    list_init(&d->sockets);
    REQUIRE(uv_timer_init(d->uv, &d->timer) == 0);
    REQUIRE(uv_idle_init(d->uv, &d->kick) == 0);
    d->timer.data = d->kick.data = d;
    d->handles = 2;
    d->multi = curl_multi_init();
    REQUIRE(d->multi != NULL);
    curl_multi_setopt(d->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
    curl_multi_setopt(d->multi, CURLMOPT_SOCKETDATA, d);
    curl_multi_setopt(d->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
    curl_multi_setopt(d->multi, CURLMOPT_TIMERDATA, d);
    curl_multi_setopt(d->multi, CURLMOPT_MAXCONNECTS, (long)max_connects);
    curl_multi_setopt(d->multi, CURLMOPT_PIPELINING,
                      multiplex ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
    return d;
}

int multi_driver_add(struct multi_driver *d, void *easy)
{
    return (int)curl_multi_add_handle(d->multi, easy);
}

void multi_driver_remove(struct multi_driver *d, void *easy)
{
    REQUIRE(curl_multi_remove_handle(d->multi, easy) == CURLM_OK);
}

void multi_driver_resume(struct multi_driver *d, void *easy)
{
    curl_easy_pause(easy, CURLPAUSE_CONT);
    kick(d);
}

void multi_driver_kick(struct multi_driver *d)
{
    kick(d);
}

void multi_driver_close(struct multi_driver *d, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!d->closing);
    d->closing = true;
    d->closed = closed;
    d->closed_ctx = ctx;
    REQUIRE(curl_multi_cleanup(d->multi) == CURLM_OK);
    LIST_EACH_SAFE(pos, &d->sockets)
    watch_close(LIST_ENTRY(pos, struct socket_watch, link));
    uv_close((uv_handle_t *)&d->timer, on_handle_closed);
    uv_close((uv_handle_t *)&d->kick, on_handle_closed);
}
