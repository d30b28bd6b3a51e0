/* See client_fixture.h. */
#include "client_fixture.h"

#include "base/file_stamp.h"
#include "base/require.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_start(struct fixture *f, const struct fault_options *options)
{
    memset(f, 0, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/mb-client-XXXXXX");
    REQUIRE(mkdtemp(f->dir) != NULL);
    REQUIRE(uv_loop_init(&f->loop) == 0);
    f->server = fault_server_start(options);
}

void fixture_base(const struct fixture *f, const char *path, char out[128])
{
    snprintf(out, 128, "http://127.0.0.1:%d%s", fault_server_port(f->server), path);
}

void fixture_client(struct fixture *f, const char *path, const struct mindee_options *options)
{
    char base[128], text[512];
    struct mindee_options o = {.size = sizeof o, .timeout_ms = 60000, .connect_timeout_ms = 60000};
    if (options)
        o = *options;
    fixture_base(f, path, base);
    if (!o.base_url)
        o.base_url = base;
    if (!o.api_key)
        o.api_key = KEY;
    if (mindee_client_new(&f->client, &f->loop, &o, text, sizeof text) != 0)
        require_failed(text, __FILE__, __LINE__);
    f->closed = false;
}

static void on_closed(void *ctx)
{
    struct fixture *f = ctx;
    REQUIRE(!f->closed);
    f->closed = true;
    f->client = NULL;
}

void fixture_close_client(struct fixture *f)
{
    f->closed = false;
    mindee_client_close(f->client, on_closed, f);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    REQUIRE(f->closed);
}

void fixture_end(struct fixture *f)
{
    if (f->client)
        fixture_close_client(f);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    REQUIRE(uv_loop_close(&f->loop) == 0);
    fault_server_stop(f->server);
    DIR *dir = opendir(f->dir);
    REQUIRE(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.')
            REQUIRE(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
    closedir(dir);
    REQUIRE(rmdir(f->dir) == 0);
}

const char *fixture_file(struct fixture *f, const char *name, size_t size)
{
    static char path[160];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    char *bytes = xcalloc(1, size + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('a' + i % 23);
    FILE *file = fopen(path, "we");
    REQUIRE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    free(bytes);
    REQUIRE(stat(path, &st) == 0);
    struct file_stamp s = file_stamp_of(&st);
    f->stamp = (struct mindee_file_stamp){s.size_bytes, s.mtime_ns, s.ctime_ns, s.inode};
    return path;
}

struct mindee_enqueue fixture_enqueue(struct fixture *f, const char *path)
{
    struct mindee_enqueue q = MINDEE_ENQUEUE_INIT;
    q.model_id = "the-model";
    q.path = path;
    q.stamp = &f->stamp;
    q.filename = "a.pdf";
    q.content_type = "application/pdf";
    q.alias = "mb-1-2-3";
    return q;
}

void fixture_run(struct fixture *f)
{
    uv_run(&f->loop, UV_RUN_DEFAULT);
}

void on_answer(void *ctx, const struct mindee_response *r)
{
    struct told *t = ctx;
    t->calls++;
    t->delivery = r->delivery;
    t->fault = r->fault;
    t->status = r->status;
    t->retry_after_ms = r->retry_after_ms;
    t->body_sent_bytes = r->body_sent_bytes;
    t->on_wire = r->on_wire;
    t->has_job = r->job != NULL;
    t->has_inference = r->inference != NULL;
    t->has_problem = r->problem != NULL;
    t->models = (int)r->model_count;
    t->total_pages = r->total_pages;
    REQUIRE(text_copy(t->text, sizeof t->text, r->text));
    REQUIRE(strlen(r->body) == r->body_len || r->body_len > sizeof t->body);
    text_copy(t->body, sizeof t->body, r->body);
    if (r->job) {
        text_copy(t->job_id, sizeof t->job_id, r->job->id);
        text_copy(t->result_url, sizeof t->result_url, r->job->result_url);
    }
    if (r->inference)
        text_copy(t->inference_id, sizeof t->inference_id, r->inference->id);
    if (r->problem)
        text_copy(t->code, sizeof t->code, r->problem->code);
    if (t->then)
        t->then(t);
}
