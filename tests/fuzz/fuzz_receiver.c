/* Any bytes as one connection to the receiver of webhooks, over a real loopback socket.
 *
 * The first byte says what the others are (enum below), the second where they are cut in two
 * writes. Either they go out as they are, or they become the body of a POST with its signature,
 * perhaps with headers of the fuzzer's own before it, so that deliveries are reached at all.
 *
 * Of every connection: each delivery's signature verifies and was among the bytes sent; it is
 * answered once; each answer has a status of ours, or one that the library gives to what isn't
 * HTTP; a plain signed request gets exactly the answer that it was given; and afterwards nothing is
 * held and the server has no connection left. Times are real and short, and only a request that met
 * none of them is judged that strictly. */
#include "base/buffer.h"
#include "base/digest.h"
#include "base/require.h"
#include "webhook/webhook_receiver.h"

#include <mindee.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "whsec_fuzz"

enum {
    SIGNED = 1,   /* a POST of the rest, else the rest as it is */
    REFUSE = 2,   /* deliveries get 503, else 200 */
    LATER = 4,    /* at the turn's end, else at once */
    CUT = 8,      /* in two writes */
    CHUNKED = 16, /* the POST's body is sent in two chunks */
    HEADERS = 32, /* the third byte says how many of the rest stand among the POST's headers */
    SLOW = 64,    /* waits for the server's timeouts, where the cut's lowest bits allow it */
    LEAVE = 128,  /* closes without reading */
};

enum {
    BODY_MAX = 2000,
    MEMORY_MAX = 1800, /* less, so that one connection meets this limit as well */
    TIMEOUT_MS = 20,
    STUCK_MS = 10000, /* nothing takes so long, on any machine */
    FD_RANGE = 16,    /* descriptors watched for connections that stay */
    DELIVERIES_MAX = 512,
};

static struct {
    struct loop *loop;
    struct webhook_receiver *receiver;

    /* of the current input */
    int first_fd, other_fds; /* the lowest that was free before, and how many above it weren't */
    unsigned flags;
    bool slow;
    struct buffer sent, heard;
    const uint8_t *body; /* of the POST */
    size_t body_len;
    struct webhook_delivery *waiting[DELIVERIES_MAX];
    int waiting_count, delivered, replied;
    int client;
    bool ended; /* the server closed */
    struct webhook_receiver_counts before;
} f;

/* ---- the application ---- */

static int reply_status(void)
{
    return f.flags & REFUSE ? 503 : 200;
}

/* Header lines may be folded: the space that folding adds doesn't count. */
static bool was_sent(const char *hex)
{
    size_t at = 0;
    for (size_t i = 0; i < f.sent.len && at < 2 * SHA256_BYTES; i++) {
        size_t j = i;
        for (at = 0; j < f.sent.len && at < 2 * SHA256_BYTES; j++) {
            if (at > 0 && strchr(" \t\r\n", f.sent.data[j]) != NULL && f.sent.data[j] != '\0')
                continue;
            if ((f.sent.data[j] | 0x20) != hex[at])
                break;
            at++;
        }
    }
    return at == 2 * SHA256_BYTES;
}

static void delivered(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    REQUIRE(ctx == &f && len <= BODY_MAX && body[len] == '\0');
    hmac_sha256(SECRET, strlen(SECRET), body, len, mac);
    hex_encode(mac, sizeof mac, hex);
    REQUIRE(mindee_webhook_verify(SECRET, body, len, hex) && was_sent(hex));
    if ((f.flags & (SIGNED | HEADERS)) == SIGNED)
        REQUIRE(len == f.body_len && (len == 0 || memcmp(body, f.body, len) == 0));
    f.delivered++;
    if (f.flags & LATER || f.slow) {
        REQUIRE(f.waiting_count < DELIVERIES_MAX);
        f.waiting[f.waiting_count++] = d;
    } else {
        webhook_delivery_reply(d, reply_status());
        f.replied++;
    }
}

/* What is slow is answered only when the receiver did so itself. */
static void turn_ended(void *ctx)
{
    struct webhook_receiver_counts counts;
    (void)ctx;
    webhook_receiver_counts(f.receiver, &counts);
    if (f.slow && counts.held > 0)
        return;
    for (int i = 0; i < f.waiting_count; i++)
        webhook_delivery_reply(f.waiting[i], reply_status());
    f.replied += f.waiting_count;
    f.waiting_count = 0;
}

static void start(void)
{
    static const char *const secrets[] = {SECRET, NULL};
    struct webhook_receiver_options options = {.listen = "127.0.0.1:0",
                                               .secrets = secrets,
                                               .max_body_bytes = BODY_MAX,
                                               .max_memory_bytes = MEMORY_MAX,
                                               .max_connections = 8,
                                               .request_timeout_ms = TIMEOUT_MS,
                                               .hold_timeout_ms = TIMEOUT_MS,
                                               .delivered = delivered,
                                               .ctx = &f};
    struct error e;
    /* Else a broken condition ends the process before the fuzzer can keep the input. */
    REQUIRE(setenv("MINDEE_BATCH_ABORT", "1", 1) == 0);
    f.loop = loop_new(&system_clock);
    REQUIRE(webhook_receiver_new(&f.receiver, f.loop, &options, &e) == 0);
    loop_on_turn(f.loop, turn_ended, &f);
    buffer_init(&f.sent, 0);
    buffer_init(&f.heard, 0);
    uv_run(loop_uv(f.loop), UV_RUN_NOWAIT);
}

/* ---- the connection ---- */

/* Ours and the server's end of the connection. */
static int open_fds(void)
{
    int count = -f.other_fds;
    for (int fd = f.first_fd; fd < f.first_fd + FD_RANGE; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* The fuzzer opens some of its own between inputs, for its symbolizer. */
static void look_at_fds(void)
{
    f.first_fd = fcntl(0, F_DUPFD, 3);
    REQUIRE(f.first_fd >= 0 && close(f.first_fd) == 0);
    f.other_fds = 0;
    f.other_fds = open_fds();
}

static void hear(void)
{
    char piece[16384];
    ssize_t n = 1;
    while (f.client >= 0 && !f.ended && n > 0) {
        n = recv(f.client, piece, sizeof piece, 0);
        if (n > 0)
            REQUIRE(buffer_append(&f.heard, piece, (size_t)n) == 0);
        else
            f.ended = n == 0 || errno != EAGAIN;
    }
}

/* One turn of the loop, as soon as there is something to do for it or for us. */
static void step(void)
{
    uv_loop_t *uv = loop_uv(f.loop);
    /* The end of the last turn, for us, is the beginning of this one. */
    int wait_ms = f.waiting_count > 0 && !f.slow ? 0 : uv_backend_timeout(uv);
    struct pollfd fds[] = {{uv_backend_fd(uv), POLLIN, 0},
                           {f.ended || f.flags & LEAVE ? -1 : f.client, POLLIN, 0}};
    poll(fds, 2, wait_ms < 0 || wait_ms > TIMEOUT_MS ? TIMEOUT_MS : wait_ms);
    uv_run(uv, UV_RUN_NOWAIT);
    if (!(f.flags & LEAVE))
        hear();
}

static void connect_client(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(webhook_receiver_port(f.receiver)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger reset = {1, 0}; /* no port is left waiting */
    int on = 1;
    f.client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(f.client >= 0);
    REQUIRE(setsockopt(f.client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
    REQUIRE(setsockopt(f.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    REQUIRE(connect(f.client, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS);
    struct mono stuck = mono_add(loop_now(f.loop), STUCK_MS);
    while (open_fds() < 2 && !f.ended) {
        uv_run(loop_uv(f.loop), UV_RUN_NOWAIT);
        REQUIRE(!mono_reached(loop_now(f.loop), stuck));
    }
}

static void say(size_t from, size_t to)
{
    struct mono stuck = mono_add(loop_now(f.loop), STUCK_MS);
    while (from < to && !f.ended) {
        ssize_t n = send(f.client, f.sent.data + from, to - from, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return; /* refused already: the answer may still be there */
        from += n > 0 ? (size_t)n : 0;
        REQUIRE(!mono_reached(loop_now(f.loop), stuck));
        step();
    }
}

/* Until the server closed, and after our own close until it has nothing left of us. */
static void finish(bool strict)
{
    struct mono stuck = mono_add(loop_now(f.loop), STUCK_MS);
    bool shut = false;
    while (!f.ended && !(f.flags & LEAVE)) {
        if (!shut && !f.slow && (!strict || f.heard.len > 0)) {
            shutdown(f.client, SHUT_WR);
            shut = true;
        }
        step();
        REQUIRE(!mono_reached(loop_now(f.loop), stuck));
    }
    close(f.client);
    f.client = -1;
    while (open_fds() > 0 || f.waiting_count > 0) {
        step();
        REQUIRE(!mono_reached(loop_now(f.loop), stuck));
    }
}

/* ---- what is sent ---- */

static void put(const void *data, size_t len)
{
    if (len > 0)
        REQUIRE(buffer_append(&f.sent, data, len) == 0);
}

static void put_chunk(const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    buffer_printf(&f.sent, "%zx\r\n", len);
    put(data, len);
    buffer_put(&f.sent, "\r\n");
}

static void put_post(const uint8_t *data, size_t size, size_t cut)
{
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    size_t headers = 0;
    if (f.flags & HEADERS && size > 0) {
        headers = data[0] < size - 1 ? data[0] : size - 1;
        data++;
        size--;
    }
    f.body = data + headers;
    f.body_len = size - headers;
    hmac_sha256(SECRET, strlen(SECRET), f.body, f.body_len, mac);
    hex_encode(mac, sizeof mac, hex);
    buffer_put(&f.sent, "POST /webhook HTTP/1.1\r\nHost: x\r\n");
    put(data, headers);
    buffer_printf(&f.sent, "%sX-Signature: %s\r\n", headers > 0 ? "\r\n" : "", hex);
    if (!(f.flags & CHUNKED)) {
        buffer_printf(&f.sent, "Content-Length: %zu\r\n\r\n", f.body_len);
        put(f.body, f.body_len);
        return;
    }
    buffer_put(&f.sent, "Transfer-Encoding: chunked\r\n\r\n");
    size_t half = f.body_len * cut / 256;
    put_chunk(f.body, half);
    put_chunk(f.body + half, f.body_len - half);
    buffer_put(&f.sent, "0\r\n\r\n");
}

/* ---- what is heard ---- */

static bool status_is_known(int status)
{
    /* From 400 on also the library's, of what it can't read. */
    static const int known[] = {100, 200, 400, 401, 404, 405, 413, 414, 431, 501, 503, 505};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == status)
            return true;
    return false;
}

static size_t content_length(const char *head, const char *end)
{
    static const char name[] = "\r\nContent-Length: ";
    for (; head < end; head++)
        if (strncasecmp(head, name, sizeof name - 1) == 0)
            return strtoul(head + sizeof name - 1, NULL, 10);
    return 0;
}

/* The first answer's status, 0 without one; COUNT: of all. The last may be cut short. */
static int check_answers(int *count)
{
    static const char start_of[] = "HTTP/1.1 ";
    const char *at = buffer_text(&f.heard), *all = at + f.heard.len;
    int first = 0;
    for (*count = 0; at < all;) {
        const char *end = strstr(at, "\r\n\r\n");
        if (end == NULL) {
            size_t len = (size_t)(all - at);
            REQUIRE(strncmp(at, start_of, len < sizeof start_of - 1 ? len : sizeof start_of - 1) ==
                    0);
            break;
        }
        REQUIRE(strncmp(at, start_of, sizeof start_of - 1) == 0);
        int status = atoi(at + sizeof start_of - 1);
        if (!status_is_known(status))
            fprintf(stderr, "status %d\n", status);
        REQUIRE(status_is_known(status));
        if (status != 100) {
            first = first ? first : status;
            ++*count;
        }
        size_t len = content_length(at, end);
        at = end + 4;
        if (strncmp(at, start_of, sizeof start_of - 1) != 0) /* else it answers HEAD */
            at += len < (size_t)(all - at) ? len : (size_t)(all - at);
    }
    return first;
}

static void judge(bool strict)
{
    struct webhook_receiver_counts now;
    const struct webhook_receiver_counts *b = &f.before;
    int count, first = check_answers(&count);
    webhook_receiver_counts(f.receiver, &now);
    REQUIRE(now.held == 0 && f.replied == f.delivered);
    REQUIRE(now.delivered - b->delivered == f.delivered);
    int64_t in_time = f.delivered - (now.timed_out - b->timed_out);
    REQUIRE(in_time >= 0);
    REQUIRE(now.accepted - b->accepted == (f.flags & REFUSE ? 0 : in_time));
    if (!strict || now.overdue > b->overdue || now.timed_out > b->timed_out)
        return;
    int expected = reply_status();
    if (!(f.flags & CHUNKED) && f.body_len > BODY_MAX)
        expected = 413;
    else if (f.body_len > MEMORY_MAX)
        expected = 503;
    REQUIRE(f.delivered == (f.body_len <= MEMORY_MAX));
    if (count != 1 || first != expected)
        fprintf(stderr, "%d answers, %d instead of %d\n", count, first, expected);
    REQUIRE(count == 1 && (first == expected || (first == 413 && f.body_len > BODY_MAX)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (f.loop == NULL)
        start();
    if (size < 2)
        return 0;
    f.flags = data[0];
    f.slow = f.flags & SLOW && data[1] % 8 == 0;
    f.ended = false;
    f.delivered = f.replied = 0;
    buffer_clear(&f.sent);
    buffer_clear(&f.heard);
    webhook_receiver_counts(f.receiver, &f.before);
    look_at_fds();
    if (f.flags & SIGNED)
        put_post(data + 2, size - 2, data[1]);
    else
        put(data + 2, size - 2);
    bool strict = (f.flags & (SIGNED | HEADERS | LEAVE)) == SIGNED && !f.slow;
    size_t cut = f.flags & CUT ? f.sent.len * data[1] / 256 : 0;
    connect_client();
    say(0, cut);
    say(cut, f.sent.len);
    finish(strict);
    judge(strict);
    return 0;
}
