/* See transfer_fixture.h. */
#include "transfer_fixture.h"

#include "base/random.h"
#include "base/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct transfer_pool_options fixture_options(void)
{
    return (struct transfer_pool_options){.user_agent = "mindee-batch-test",
                                          .proxy = "", /* none, whatever the environment says */
                                          .connect_timeout_ms = 30000,
                                          .idle_timeout_ms = 60000};
}

struct fixture *fixture_new(const struct fault_options *server,
                            const struct transfer_pool_options *options)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    struct transfer_pool_options usual = fixture_options();
    struct error e = {0};
    snprintf(f->dir, sizeof f->dir, "/tmp/mb-transfer-XXXXXX");
    REQUIRE(mkdtemp(f->dir) != NULL);
    f->server = fault_server_start(server);
    f->loop = loop_new(&system_clock);
    REQUIRE(transfer_pool_new(&f->pool, f->loop, options ? options : &usual, &e) == 0);
    return f;
}

static void on_closed(void *ctx)
{
    struct fixture *f = ctx;
    f->closed = true;
}

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    REQUIRE(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.')
            REQUIRE(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
    closedir(dir);
    REQUIRE(rmdir(path) == 0);
}

void fixture_free(struct fixture *f)
{
    if (f->pool)
        transfer_pool_close(f->pool, on_closed, f);
    loop_run(f->loop);
    REQUIRE(f->closed);
    loop_free(f->loop); /* REQUIREs that nothing was left open */
    fault_server_stop(f->server);
    remove_dir(f->dir);
    free(f);
}

static void on_done(void *ctx, struct transfer_result *result)
{
    struct outcome *o = ctx;
    o->calls++;
    o->result = *result;
    text_copy(o->content_type, sizeof o->content_type, result->content_type);
    text_copy(o->location, sizeof o->location, result->location);
    free(o->body);
    o->body = buffer_detach(result->body, &o->body_len);
    o->fixture->delivered++;
    if (o->then)
        o->then(o);
}

static struct transfer_request request_for(struct fixture *f, const char *path, char url[256],
                                           struct outcome *o)
{
    if (path[0] == '/')
        snprintf(url, 256, "http://127.0.0.1:%d%s", fault_server_port(f->server), path);
    else
        snprintf(url, 256, "%s", path);
    o->fixture = f;
    return (struct transfer_request){.url = url,
                                     .authorization = "md_secret",
                                     .max_body_bytes = 1 << 20,
                                     .done = on_done,
                                     .ctx = o};
}

struct transfer *fixture_get(struct fixture *f, const char *path, struct outcome *o)
{
    char url[256];
    struct transfer_request request = request_for(f, path, url, o);
    return transfer_start(f->pool, &request);
}

struct transfer *fixture_post(struct fixture *f, const char *path, const char *file,
                              const struct file_stamp *stamp, struct outcome *o)
{
    char url[256];
    struct transfer_request request = request_for(f, path, url, o);
    struct transfer_field fields[] = {{"model_id", "the model"}, {"alias", "mb-1-1-1"}};
    struct transfer_file part = {.path = file,
                                 .field = "file",
                                 .filename = "invoice \"1\".pdf",
                                 .content_type = "application/pdf",
                                 .expected = stamp};
    request.fields = fields;
    request.field_count = 2;
    request.file = file ? &part : NULL;
    return transfer_start(f->pool, &request);
}

struct transfer *fixture_post_raw(struct fixture *f, const char *path, const void *body, size_t len,
                                  struct outcome *o)
{
    char url[256];
    struct transfer_request request = request_for(f, path, url, o);
    request.authorization = NULL;
    request.raw_body = body;
    request.raw_len = len;
    request.content_type = "text/x";
    request.headers = &(struct transfer_header){"X-Signature", "sign"};
    request.header_count = 1;
    return transfer_start(f->pool, &request);
}

void fixture_run_get(struct fixture *f, const char *path, struct outcome *o)
{
    fixture_get(f, path, o);
    loop_run(f->loop);
    REQUIRE(o->calls == 1);
}

void fixture_run_post(struct fixture *f, const char *path, const char *file,
                      const struct file_stamp *stamp, struct outcome *o)
{
    fixture_post(f, path, file, stamp, o);
    loop_run(f->loop);
    REQUIRE(o->calls == 1);
}

void outcome_release(struct outcome *o)
{
    free(o->body);
    *o = (struct outcome){0};
}

static char *make_content(const char *name, size_t size)
{
    struct random random;
    uint64_t seed = 1469598103934665603u;
    for (const char *c = name; *c; c++)
        seed = (seed ^ (unsigned char)*c) * 1099511628211u;
    random_init(&random, seed);
    char *bytes = xcalloc(1, size + 8);
    for (size_t i = 0; i < size; i += 8) {
        uint64_t r = random_u64(&random);
        memcpy(bytes + i, &r, 8);
    }
    return bytes;
}

const char *fixture_file(struct fixture *f, const char *name, size_t size, struct file_stamp *stamp)
{
    static char path[160];
    struct stat st;
    char *bytes = make_content(name, size);
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    FILE *file = fopen(path, "we");
    REQUIRE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    free(bytes);
    REQUIRE(stat(path, &st) == 0);
    *stamp = file_stamp_of(&st);
    return path;
}

bool fixture_body_holds(const struct fault_record *r, const char *name, size_t size)
{
    char *bytes = make_content(name, size);
    bool holds = r && r->body && memmem(r->body, (size_t)r->body_bytes, bytes, size) != NULL;
    free(bytes);
    return holds;
}
