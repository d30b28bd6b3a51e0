/* libcurl's multi interface on the loop. See multi_driver.h.
 *
 * libcurl says which sockets to watch (socket_cb) and when it wants to be called at the latest
 * (timer_cb); we call curl_multi_socket_action once for each socket that is ready and each expiry,
 * then drain the finished handles, always: a handle can finish in any call, also one about another
 * socket. The sockets are in a set of their own (socket_set.h), whose descriptor the loop watches.
 *
 * The rules that keep this right:
 * - nothing of libcurl is called from its callbacks; they only note and arm;
 * - a timer of 0 ms runs in the next turn, through an idle handle: calling back at once would
 *   recurse, and libuv runs a timer that is armed for "now" from a timer again in the same pass;
 * - of a socket with an error pending libcurl is told without flags, so that it looks for itself
 *   (CURL_CSELECT_ERR would turn a receive error into a send error);
 * - what one call closes, the next socket in hand may be: it is asked after first;
 * - curl_multi_cleanup closes idle connections and calls socket_cb and close_cb while at it. */
#include "net/multi_driver.h"

#include "net/socket_set.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <uv.h>

struct multi_driver {
    CURLM *multi;
    uv_loop_t *uv;
    uv_timer_t timer;
    uv_idle_t kick;
    struct socket_set *sockets;
    uv_poll_t ready; /* some socket is */
    size_t handles;  /* of libuv's, not yet closed */
    size_t added;    /* easy handles: while there are any, the loop stays alive */
    bool due;        /* libcurl asked for 0 ms */
    bool closing;
    void (*finished)(void *ctx, void *easy, int code);
    void (*after)(void *ctx);
    void *ctx;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* ---- closing ---- */

static void maybe_closed(struct multi_driver *d)
{
    if (!d->closing || d->handles > 0)
        return;
    void (*closed)(void *ctx) = d->closed;
    void *ctx = d->closed_ctx;
    socket_set_free(d->sockets);
    free(d);
    closed(ctx);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct multi_driver *d = handle->data;
    d->handles--;
    maybe_closed(d);
}

/* ---- what libcurl asks for ---- */

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket)
{
    struct multi_driver *d = ctx;
    (void)easy, (void)socket;
    if (what == CURL_POLL_REMOVE)
        socket_set_unwant(d->sockets, fd);
    else
        socket_set_want(d->sockets, fd,
                        (what & CURL_POLL_IN ? SOCKET_IN : 0) |
                            (what & CURL_POLL_OUT ? SOCKET_OUT : 0));
    return 0;
}

static curl_socket_t open_cb(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct multi_driver *d = ctx;
    (void)purpose;
    int fd = socket_set_open(d->sockets, address->family, address->socktype, address->protocol);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int close_cb(void *ctx, curl_socket_t fd)
{
    struct multi_driver *d = ctx;
    socket_set_close(d->sockets, fd);
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

static void take_off(struct multi_driver *d, CURL *easy)
{
    REQUIRE(curl_multi_remove_handle(d->multi, easy) == CURLM_OK);
    if (--d->added == 0)
        uv_unref((uv_handle_t *)&d->ready);
}

static void drain(struct multi_driver *d)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(d->multi, &left)) != NULL) {
        REQUIRE(message->msg == CURLMSG_DONE);
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        take_off(d, easy);
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

static void on_ready(uv_poll_t *handle, int status, int events)
{
    enum { AT_ONCE = 64 };
    struct multi_driver *d = handle->data;
    struct socket_ready ready[AT_ONCE];
    (void)status, (void)events;
    size_t count = socket_set_ready(d->sockets, ready, AT_ONCE);
    for (size_t i = 0; i < count; i++)
        if (socket_set_still(d->sockets, &ready[i]))
            act(d, ready[i].fd,
                (ready[i].events & SOCKET_IN ? CURL_CSELECT_IN : 0) |
                    (ready[i].events & SOCKET_OUT ? CURL_CSELECT_OUT : 0));
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
    d->sockets = socket_set_new();
    REQUIRE(uv_poll_init(d->uv, &d->ready, socket_set_fd(d->sockets)) == 0);
    REQUIRE(uv_poll_start(&d->ready, UV_READABLE, on_ready) == 0);
    uv_unref((uv_handle_t *)&d->ready);
    REQUIRE(uv_timer_init(d->uv, &d->timer) == 0);
    REQUIRE(uv_idle_init(d->uv, &d->kick) == 0);
    d->ready.data = d->timer.data = d->kick.data = d;
    d->handles = 3;
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

void multi_driver_prepare(struct multi_driver *d, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_cb);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, d);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_cb);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, d);
}

int multi_driver_add(struct multi_driver *d, void *easy)
{
    int code = (int)curl_multi_add_handle(d->multi, easy);
    if (code == 0 && d->added++ == 0)
        uv_ref((uv_handle_t *)&d->ready);
    return code;
}

void multi_driver_remove(struct multi_driver *d, void *easy)
{
    take_off(d, easy);
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
    uv_close((uv_handle_t *)&d->ready, on_handle_closed);
    uv_close((uv_handle_t *)&d->timer, on_handle_closed);
    uv_close((uv_handle_t *)&d->kick, on_handle_closed);
}
