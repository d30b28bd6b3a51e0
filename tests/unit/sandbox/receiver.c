/* See receiver.h. Everything that both threads touch is under the lock. */
#include "receiver.h"

#include "base/digest.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int status_for(struct receiver *r, const struct received *post)
{
    if (!post->signed_right && !r->trusting)
        return 401;
    int at = r->answered++;
    while (at > 0 && (at >= STATUSES_MAX || r->statuses[at] < 0))
        at--;
    return r->statuses[at];
}

static void note(struct received *post, struct http_request *r)
{
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    const char *signature = http_request_header(r, "X-Signature");
    const char *type = http_request_header(r, "Content-Type");
    snprintf(post->path, sizeof post->path, "%s", http_request_path(r));
    snprintf(post->type, sizeof post->type, "%s", type != NULL ? type : "");
    snprintf(post->signature, sizeof post->signature, "%s", signature != NULL ? signature : "");
    struct buffer *body = http_request_body(r);
    hmac_sha256(SECRET, strlen(SECRET), body->data, body->len, mac);
    hex_encode(mac, sizeof mac, hex);
    post->signed_right = strcmp(hex, post->signature) == 0;
    post->body = buffer_detach(body, &post->len);
}

static void handle(void *ctx, struct http_request *request)
{
    struct receiver *r = ctx;
    pthread_mutex_lock(&r->lock);
    REQUIRE(r->count < RECEIVED_MAX);
    struct received *post = &r->posts[r->count++];
    note(post, request);
    int status = status_for(r, post);
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    struct http_header location = {"Location", "/elsewhere"};
    if (status == 0)
        http_request_drop(request, HTTP_DROP_RESET);
    else
        http_request_reply(request, &(struct http_reply){.status = status,
                                                         .headers = &location,
                                                         .header_count = status / 100 == 3});
}

static void stop_asked(void *ctx)
{
    struct receiver *r = ctx;
    loop_watch_close(r->watch);
    http_server_close(r->server, 0, NULL, NULL);
}

static void *serve(void *ctx)
{
    struct receiver *r = ctx;
    loop_run(r->loop);
    return NULL;
}

void receiver_init(struct receiver *r)
{
    *r = (struct receiver){.statuses = {200, -1, -1, -1, -1, -1, -1, -1}};
}

void receiver_start(struct receiver *r)
{
    struct error e;
    struct http_server_options http = {.tls_cert_pem = r->tls_cert_pem,
                                       .tls_key_pem = r->tls_key_pem,
                                       .max_body_bytes = 1 << 20,
                                       .handle = handle,
                                       .ctx = r};
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    r->loop = loop_new(&system_clock);
    if (http_server_new(&r->server, r->loop, &http, &e) != 0)
        fail_msg("%s", e.text);
    r->port = http_server_port(r->server);
    assert_int_equal(pipe(r->stop), 0);
    r->watch = loop_watch_new(r->loop, r->stop[0], stop_asked, r);
    assert_int_equal(pthread_create(&r->thread, NULL, serve, r), 0);
}

void receiver_stop(struct receiver *r)
{
    assert_int_equal(write(r->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    loop_free(r->loop);
    close(r->stop[0]);
    close(r->stop[1]);
    for (int i = 0; i < r->count; i++)
        free(r->posts[i].body);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
}

void receiver_await(struct receiver *r, int count)
{
    pthread_mutex_lock(&r->lock);
    while (r->count < count)
        pthread_cond_wait(&r->changed, &r->lock);
    pthread_mutex_unlock(&r->lock);
}
