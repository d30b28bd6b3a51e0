/* See sandbox_fixture.h. The loop's thread is stopped by a byte through a pipe, the one thing that
 * may come to it from outside. */
#include "sandbox_fixture.h"

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the server's thread ---- */

static struct mono mono_ahead(const struct clock *c)
{
    const struct fixture *f = (const struct fixture *)(const void *)c;
    return mono_add(clock_mono(&system_clock), f->ahead_ms);
}

static struct wall wall_ahead(const struct clock *c)
{
    const struct fixture *f = (const struct fixture *)(const void *)c;
    return (struct wall){clock_wall(&system_clock).ms + f->ahead_ms};
}

static void stop_asked(void *ctx)
{
    struct fixture *f = ctx;
    loop_watch_close(f->watch);
    sandbox_close(f->sandbox, NULL, NULL);
}

static void *serve(void *ctx)
{
    struct fixture *f = ctx;
    loop_run(f->loop);
    return NULL;
}

void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.clock = {mono_ahead, wall_ahead}, .fd = -1};
    sandbox_options_init(&f->options);
    f->options.latency_median_ms = 0;
}

void fixture_start(struct fixture *f)
{
    struct error e;
    f->loop = loop_new(&f->clock);
    if (sandbox_new(&f->sandbox, f->loop, &f->options, &e) != 0)
        fail_msg("%s", e.text);
    f->port = sandbox_port(f->sandbox);
    assert_int_equal(pipe(f->stop), 0);
    f->watch = loop_watch_new(f->loop, f->stop[0], stop_asked, f);
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
}

void fixture_stop(struct fixture *f)
{
    if (f->fd >= 0)
        close(f->fd);
    assert_int_equal(write(f->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(f->thread, NULL), 0);
    loop_free(f->loop);
    close(f->stop[0]);
    close(f->stop[1]);
}

void fixture_forward(struct fixture *f, int64_t ms)
{
    if (f->fd >= 0)
        close(f->fd); /* the server would find it idle for too long */
    f->fd = -1;
    f->ahead_ms += ms;
}

/* ---- the client ---- */

static int dial(const struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(f->port)};
    struct timeval patience = {.tv_sec = 60};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int end_of(ssize_t n)
{
    return n == 0 ? 0 : -errno;
}

static int hear(int fd, struct heard *h)
{
    size_t len = 0;
    ssize_t n;
    while (len < 4 || memcmp(h->headers + len - 4, "\r\n\r\n", 4) != 0) {
        if ((n = recv(fd, h->headers + len, 1, 0)) <= 0)
            return end_of(n);
        assert_true(++len < sizeof h->headers);
    }
    h->headers[len] = 0;
    const char *announced = strcasestr(h->headers, "content-length: ");
    size_t want = announced != NULL ? strtoul(announced + 16, NULL, 10) : 0;
    while (h->body.len < want) {
        char block[4096];
        size_t most = want - h->body.len < sizeof block ? want - h->body.len : sizeof block;
        if ((n = recv(fd, block, most, 0)) <= 0)
            return end_of(n);
        assert_int_equal(buffer_append(&h->body, block, (size_t)n), 0);
    }
    assert_int_equal(sscanf(h->headers, "HTTP/1.1 %d", &h->status), 1);
    h->json = cJSON_Parse(buffer_text(&h->body));
    return h->status;
}

void heard_release(struct heard *h)
{
    buffer_release(&h->body);
    cJSON_Delete(h->json);
    *h = (struct heard){.status = 0};
}

int ask(struct fixture *f, struct heard *h, const char *method, const char *path, const char *key,
        const char *type, const char *body)
{
    struct buffer request;
    heard_release(h);
    if (f->fd < 0)
        f->fd = dial(f);
    buffer_init(&request, 0);
    buffer_printf(&request, "%s %s HTTP/1.1\r\nHost: example.test:80\r\n", method, path);
    if (key != NULL)
        buffer_printf(&request, "Authorization: %s\r\n", key);
    if (body != NULL)
        buffer_printf(&request, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, strlen(body));
    buffer_put(&request, "\r\n");
    buffer_put(&request, body != NULL ? body : "");
    (void)!send(f->fd, request.data, request.len, MSG_NOSIGNAL);
    buffer_release(&request);
    int status = hear(f->fd, h);
    if (status <= 0 || strcasestr(h->headers, "connection: close") != NULL) {
        close(f->fd);
        f->fd = -1;
    }
    h->status = status;
    return status;
}

int get(struct fixture *f, struct heard *h, const char *path)
{
    return ask(f, h, "GET", path, "k", NULL, NULL);
}

static void put_field(struct buffer *body, const char *name, const char *value)
{
    if (value != NULL)
        buffer_printf(body, "--B\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                      name, value);
}

static int post_form(struct fixture *f, struct heard *h, const char *product, const char *model,
                     const char *file, const char *alias, const char *hooks)
{
    struct buffer body;
    char path[64];
    buffer_init(&body, 0);
    snprintf(path, sizeof path, "/v2/products/%s/enqueue", product);
    put_field(&body, "model_id", model);
    put_field(&body, "alias", alias);
    put_field(&body, "webhook_ids", hooks);
    buffer_printf(&body,
                  "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.pdf\"\r\n"
                  "\r\n%s\n1 0 obj<<>>endobj\n%%%%EOF\r\n--B--\r\n",
                  file);
    int status = ask(f, h, "POST", path, "k", "multipart/form-data; boundary=B", body.data);
    buffer_release(&body);
    return status;
}

int post(struct fixture *f, struct heard *h, const char *product, const char *model,
         const char *file, const char *alias)
{
    return post_form(f, h, product, model, file, alias, NULL);
}

int post_called(struct fixture *f, struct heard *h, const char *hooks, const char *file,
                const char *alias)
{
    return post_form(f, h, "extraction", INVOICES, file, alias, hooks);
}

void await_deliveries(struct fixture *f)
{
    while (stat_of(f, "webhooks/pending") > 0)
        usleep(2000);
}

cJSON *item_at(const struct heard *h, const char *path)
{
    char copy[128], *rest = copy, *name;
    cJSON *item = h->json;
    snprintf(copy, sizeof copy, "%s", path);
    while (item != NULL && (name = strsep(&rest, "/")) != NULL)
        item = name[strspn(name, "0123456789")] == 0 ? cJSON_GetArrayItem(item, atoi(name))
                                                     : cJSON_GetObjectItemCaseSensitive(item, name);
    if (item == NULL)
        fail_msg("nothing at %s in %s", path, buffer_text(&h->body));
    return item;
}

const char *text_at(const struct heard *h, const char *path)
{
    const cJSON *item = item_at(h, path);
    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

int64_t number_at(const struct heard *h, const char *path)
{
    const cJSON *item = item_at(h, path);
    assert_true(cJSON_IsNumber(item));
    return (int64_t)item->valuedouble;
}

const char *path_at(const struct heard *h, const char *path)
{
    static char out[256];
    static const char base[] = "http://example.test:80";
    if (cJSON_IsNull(item_at(h, path)))
        return "";
    const char *url = text_at(h, path);
    assert_memory_equal(url, base, sizeof base - 1);
    snprintf(out, sizeof out, "%s", url + sizeof base - 1);
    return out;
}

int64_t stat_of(struct fixture *f, const char *name)
{
    struct heard h = {.status = 0};
    assert_int_equal(ask(f, &h, "GET", "/sandbox/stats", NULL, NULL, NULL), 200);
    int64_t n = number_at(&h, name);
    heard_release(&h);
    return n;
}
