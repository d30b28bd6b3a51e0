/* See fault_server.h. One thread accepts, one serves each connection; all state is under one lock.
 * Connection threads are detached and counted, so that thousands of connections cost nothing once
 * they are over; stopping shuts every socket down and waits until the count is zero. Whatever goes
 * wrong on a socket ends its connection; a fault of the server's own ends the process. */
#include "lib/fault_server.h"

#include "base/list.h"
#include "base/require.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct record {
    struct list link;
    struct fault_record seen;
};

struct fault_server {
    struct fault_options options;
    int listener, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a request came, a release, the stop, a thread's end */
    struct list records;    /* struct record, in the order of their headers */
    struct list open;       /* struct connection */
    size_t connections;
    bool released, stopping;
    SSL_CTX *tls;
    X509 *certificate;
};

struct connection {
    struct list link;
    struct fault_server *server;
    int fd, number, requests;
    SSL *ssl;
    char in[16384];
    size_t len; /* bytes in IN that weren't used yet */
};

/* ---- bytes ---- */

static ssize_t receive(struct connection *c, char *out, size_t size)
{
    return c->ssl ? SSL_read(c->ssl, out, (int)size) : recv(c->fd, out, size, 0);
}

static bool transmit(struct connection *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n =
            c->ssl ? SSL_write(c->ssl, data, (int)len) : send(c->fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static void use(struct connection *c, size_t n)
{
    memmove(c->in, c->in + n, c->len - n);
    c->len -= n;
}

/* ---- requests ---- */

static void copy_until(char *out, size_t size, const char *from, const char *stops)
{
    size_t n = strcspn(from, stops);
    if (n >= size)
        n = size - 1;
    memcpy(out, from, n);
    out[n] = '\0';
}

static const char *find_header(const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0) {
            line += strlen(name);
            return line + strspn(line, " ");
        }
    }
    return NULL;
}

static struct record *note_request(struct connection *c, const char *head)
{
    struct record *r = xcalloc(1, sizeof *r);
    struct fault_record *seen = &r->seen;
    const char *value;
    copy_until(seen->method, sizeof seen->method, head, " ");
    copy_until(seen->path, sizeof seen->path, head + strcspn(head, " ") + 1, " \r");
    copy_until(seen->head, sizeof seen->head, head, "");
    if ((value = find_header(head, "authorization:")) != NULL)
        copy_until(seen->authorization, sizeof seen->authorization, value, "\r");
    if ((value = find_header(head, "content-length:")) != NULL)
        seen->content_length = strtoll(value, NULL, 10);
    seen->expects = find_header(head, "expect: 100-continue") != NULL;
    seen->chunked = find_header(head, "transfer-encoding:") != NULL;
    seen->connection = c->number;
    seen->nth = ++c->requests;
    seen->whole = seen->content_length == 0;
    if (c->server->options.keep_bodies)
        seen->body = xcalloc(1, (size_t)seen->content_length + 1);
    pthread_mutex_lock(&c->server->lock);
    list_push_back(&c->server->records, &r->link);
    pthread_cond_broadcast(&c->server->changed);
    pthread_mutex_unlock(&c->server->lock);
    return r;
}

/* NULL: the connection ended. */
static struct record *read_head(struct connection *c)
{
    for (;;) {
        c->in[c->len] = '\0';
        char *end = strstr(c->in, "\r\n\r\n");
        if (end) {
            end[2] = '\0';
            struct record *r = note_request(c, c->in);
            use(c, (size_t)(end + 4 - c->in));
            return r;
        }
        if (c->len == sizeof c->in - 1)
            return NULL;
        ssize_t n = receive(c, c->in + c->len, sizeof c->in - 1 - c->len);
        if (n <= 0)
            return NULL;
        c->len += (size_t)n;
    }
}

static bool read_body(struct connection *c, struct record *r, int64_t upto)
{
    struct fault_record *seen = &r->seen;
    while (seen->body_bytes < upto) {
        if (c->len == 0) {
            ssize_t n = receive(c, c->in, sizeof c->in - 1);
            if (n <= 0)
                return false;
            c->len = (size_t)n;
        }
        int64_t left = upto - seen->body_bytes;
        size_t n = (int64_t)c->len < left ? c->len : (size_t)left;
        if (seen->body)
            memcpy(seen->body + seen->body_bytes, c->in, n);
        use(c, n);
        pthread_mutex_lock(&c->server->lock);
        seen->body_bytes += (int64_t)n;
        seen->whole = seen->body_bytes == seen->content_length;
        pthread_cond_broadcast(&c->server->changed);
        pthread_mutex_unlock(&c->server->lock);
    }
    return true;
}

/* ---- answers ---- */

static const struct fault_route *find_route(const struct fault_server *s,
                                            const struct fault_record *seen)
{
    static const struct fault_route proper = {.prefix = ""};
    for (const struct fault_route *r = s->options.routes; r && r->prefix; r++)
        if (strncmp(seen->path, r->prefix, strlen(r->prefix)) == 0 && seen->nth >= r->from_nth)
            return r;
    return &proper;
}

static void wait_for_release(struct fault_server *s, bool for_stop)
{
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && (for_stop || !s->released))
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static bool send_answer(struct connection *c, const struct fault_route *route,
                        struct fault_record *seen)
{
    char proper[256];
    const char *answer = route->answer;
    if (!answer) {
        bool post = strcmp(seen->method, "POST") == 0;
        snprintf(proper, sizeof proper,
                 "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n"
                 "{\"path\":\"%s\"}",
                 post ? "202 Accepted" : "200 OK", strlen(seen->path) + 11, seen->path);
        answer = proper;
    }
    if (!transmit(c, answer, strlen(answer)))
        return false;
    pthread_mutex_lock(&c->server->lock);
    seen->answered = true;
    pthread_cond_broadcast(&c->server->changed);
    pthread_mutex_unlock(&c->server->lock);
    while (route->endless)
        if (!transmit(c, route->endless, strlen(route->endless)))
            return false;
    return true;
}

/* Whether another request may come. */
static bool serve(struct connection *c)
{
    struct record *r = read_head(c);
    if (!r)
        return false;
    const struct fault_route *route = find_route(c->server, &r->seen);
    int64_t upto = r->seen.content_length;
    if (route->read_bytes < 0)
        upto = 0;
    else if (route->read_bytes > 0 && route->read_bytes < upto)
        upto = route->read_bytes;
    if (r->seen.expects && !route->ignores_expect && upto > 0 &&
        !transmit(c, "HTTP/1.1 100 Continue\r\n\r\n", 25))
        return false;
    if (!read_body(c, r, upto))
        return false;
    if (route->late)
        wait_for_release(c->server, false);
    if (!send_answer(c, route, &r->seen))
        return false;
    switch (route->after) {
    case FAULT_KEEP:
        return true;
    case FAULT_CLOSE:
        return false;
    case FAULT_RESET:
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                   sizeof(struct linger));
        return false;
    case FAULT_DRAIN:
        while (receive(c, c->in, sizeof c->in) > 0)
            continue;
        return false;
    case FAULT_HOLD:
        wait_for_release(c->server, true);
        return false;
    }
    return false;
}

/* ---- connections ---- */

static bool start_tls(struct connection *c)
{
    if (!c->server->tls)
        return true;
    c->ssl = SSL_new(c->server->tls);
    REQUIRE(c->ssl && SSL_set_fd(c->ssl, c->fd) == 1);
    return SSL_accept(c->ssl) == 1;
}

static void *serve_connection(void *ctx)
{
    struct connection *c = ctx;
    struct fault_server *s = c->server;
    if (s->options.hold_connections)
        wait_for_release(s, true);
    else if (start_tls(c))
        while (serve(c))
            continue;
    struct linger linger = {0};
    socklen_t size = sizeof linger;
    getsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, &size);
    if (c->ssl && !linger.l_onoff)
        SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    OPENSSL_thread_stop();
    pthread_mutex_lock(&s->lock);
    close(c->fd);
    list_remove(&c->link);
    free(c);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void open_connection(struct fault_server *s, int fd)
{
    pthread_attr_t attr;
    pthread_t thread;
    struct connection *c = xcalloc(1, sizeof *c);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->server = s;
    c->fd = fd;
    pthread_mutex_lock(&s->lock);
    c->number = (int)++s->connections;
    list_push_back(&s->open, &c->link);
    if (s->stopping)
        shutdown(fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    REQUIRE(pthread_attr_init(&attr) == 0);
    REQUIRE(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
    REQUIRE(pthread_create(&thread, &attr, serve_connection, c) == 0);
    pthread_attr_destroy(&attr);
}

static void *accept_all(void *ctx)
{
    struct fault_server *s = ctx;
    int fd;
    while ((fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        open_connection(s, fd);
    return NULL;
}

/* ---- TLS ---- */

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    X509V3_CTX ctx;
    REQUIRE(X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1));
    REQUIRE(X509_gmtime_adj(X509_getm_notBefore(x), -3600));
    REQUIRE(X509_gmtime_adj(X509_getm_notAfter(x), 86400));
    REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"127.0.0.1",
                                       -1, -1, 0));
    REQUIRE(X509_set_issuer_name(x, name) && X509_set_pubkey(x, key));
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {{NID_subject_alt_name, "IP:127.0.0.1"},
                      {NID_basic_constraints, "critical,CA:TRUE"}};
    for (size_t i = 0; i < 2; i++) {
        X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, extensions[i].nid, extensions[i].value);
        REQUIRE(e && X509_add_ext(x, e, -1));
        X509_EXTENSION_free(e);
    }
    REQUIRE(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

static void set_up_tls(struct fault_server *s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    s->tls = SSL_CTX_new(TLS_server_method());
    REQUIRE(key && s->tls);
    s->certificate = make_certificate(key);
    REQUIRE(SSL_CTX_use_certificate(s->tls, s->certificate) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(s->tls, key) == 1);
    EVP_PKEY_free(key);
}

void fault_server_write_ca(struct fault_server *s, const char *path)
{
    FILE *f = fopen(path, "we");
    REQUIRE(f && PEM_write_X509(f, s->certificate) == 1);
    REQUIRE(fclose(f) == 0);
}

/* ---- the server ---- */

static int bind_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0);
    REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

int fault_server_dead_port(void)
{
    int port, fd = bind_loopback(&port);
    close(fd);
    return port;
}

struct fault_server *fault_server_start(const struct fault_options *options)
{
    struct fault_server *s = xcalloc(1, sizeof *s);
    s->options = *options;
    list_init(&s->records);
    list_init(&s->open);
    REQUIRE(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_cond_init(&s->changed, NULL) == 0);
    if (options->tls)
        set_up_tls(s);
    signal(SIGPIPE, SIG_IGN); /* TLS writes have no MSG_NOSIGNAL */
    s->listener = bind_loopback(&s->port);
    REQUIRE(listen(s->listener, 512) == 0);
    REQUIRE(pthread_create(&s->thread, NULL, accept_all, s) == 0);
    return s;
}

int fault_server_port(const struct fault_server *s)
{
    return s->port;
}

void fault_server_release(struct fault_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->released = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void fault_server_stop(struct fault_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    LIST_EACH (pos, &s->open)
        shutdown(LIST_ENTRY(pos, struct connection, link)->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    pthread_mutex_lock(&s->lock);
    while (!list_empty(&s->open))
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    close(s->listener);
    LIST_EACH_SAFE (pos, &s->records) {
        struct record *r = LIST_ENTRY(pos, struct record, link);
        free(r->seen.body);
        free(r);
    }
    SSL_CTX_free(s->tls);
    X509_free(s->certificate);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- what it saw ---- */

static size_t count(struct fault_server *s, const char *prefix, enum fault_stage stage)
{
    size_t n = 0;
    LIST_EACH (pos, &s->records) {
        const struct fault_record *seen = &LIST_ENTRY(pos, struct record, link)->seen;
        if (strncmp(seen->path, prefix, strlen(prefix)) == 0)
            n += stage == FAULT_SEEN || (stage == FAULT_WHOLE ? seen->whole : seen->answered);
    }
    return n;
}

size_t fault_server_count(struct fault_server *s, const char *prefix, enum fault_stage stage)
{
    pthread_mutex_lock(&s->lock);
    size_t n = count(s, prefix, stage);
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t fault_server_connections(struct fault_server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->connections;
    pthread_mutex_unlock(&s->lock);
    return n;
}

void fault_server_await(struct fault_server *s, const char *prefix, enum fault_stage stage,
                        size_t wanted)
{
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && count(s, prefix, stage) < wanted)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static const struct fault_record *find(struct fault_server *s, const char *prefix)
{
    LIST_EACH (pos, &s->records) {
        const struct fault_record *seen = &LIST_ENTRY(pos, struct record, link)->seen;
        if (strncmp(seen->path, prefix, strlen(prefix)) == 0)
            return seen;
    }
    return NULL;
}

const struct fault_record *fault_server_find(struct fault_server *s, const char *prefix)
{
    pthread_mutex_lock(&s->lock);
    const struct fault_record *found = find(s, prefix);
    pthread_mutex_unlock(&s->lock);
    return found;
}

void fault_server_await_body(struct fault_server *s, const char *prefix, int64_t bytes)
{
    const struct fault_record *found;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && (!(found = find(s, prefix)) || found->body_bytes < bytes))
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}
