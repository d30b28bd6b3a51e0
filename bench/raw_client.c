/* See raw_client.h. */
#include "raw_client.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_AT_MOST_MS = 1000 };

static const char *program = "";

void raw_die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program, what, why);
    exit(1);
}

void *raw_grow(void *old, size_t bytes)
{
    void *new = realloc(old, bytes);
    if (new == NULL)
        raw_die("memory", "there is none left");
    return new;
}

int64_t raw_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void list_documents(struct raw_client *c, const char *directory)
{
    size_t capacity = 0;
    DIR *dir = opendir(directory);
    if (dir == NULL)
        raw_die(directory, "can't be read");
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        if (c->count == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            c->documents = raw_grow(c->documents, capacity * sizeof *c->documents);
        }
        size_t bytes = strlen(directory) + strlen(entry->d_name) + 2;
        c->documents[c->count] = (struct document){.path = raw_grow(NULL, bytes)};
        snprintf(c->documents[c->count++].path, bytes, "%s/%s", directory, entry->d_name);
    }
    closedir(dir);
}

/* ---- answers ---- */

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * n;
    if (t->len + len + 1 > t->capacity) {
        t->capacity = (t->len + len + 1) * 2;
        t->answer = raw_grow(t->answer, t->capacity);
    }
    memcpy(t->answer + t->len, bytes, len);
    t->len += len;
    t->answer[t->len] = '\0';
    return len;
}

static size_t throw_away(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)bytes, (void)ctx;
    return size * n;
}

/* The text of a JSON member, into OUT after PREFIX; false if it is null or missing. */
static bool member(const char *json, const char *name, const char *prefix, const char *suffix,
                   char out[URL_MAX_BYTES])
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    const char *at = strstr(json, quoted);
    if (at == NULL)
        return false;
    at += strlen(quoted);
    at += strspn(at, " :");
    if (*at++ != '"')
        return false;
    int len = (int)strcspn(at, "\"");
    return snprintf(out, URL_MAX_BYTES, "%s%.*s%s", prefix, len, at, suffix) < URL_MAX_BYTES;
}

static void set_url(struct document *d, const char *url)
{
    free(d->url);
    d->url = raw_grow(NULL, strlen(url) + 1);
    strcpy(d->url, url);
}

/* ---- requests ---- */

static size_t give(char *out, size_t size, size_t n, void *ctx)
{
    struct document *d = ctx;
    size_t len = d->size - d->given < size * n ? d->size - d->given : size * n;
    memcpy(out, d->bytes + d->given, len);
    d->given += len;
    return len;
}

static void set_upload(struct raw_client *c, struct transfer *t)
{
    char url[URL_MAX_BYTES];
    struct document *d = t->document;
    snprintf(url, sizeof url, "%s/v2/products/extraction/enqueue", c->base_url);
    t->mime = curl_mime_init(t->easy);
    curl_mimepart *part = curl_mime_addpart(t->mime);
    curl_mime_name(part, "model_id");
    curl_mime_data(part, c->model, CURL_ZERO_TERMINATED);
    part = curl_mime_addpart(t->mime);
    curl_mime_name(part, "file");
    if (d->bytes == NULL) {
        if (curl_mime_filedata(part, d->path) != CURLE_OK)
            raw_die(d->path, "can't be read");
    } else {
        curl_mime_filename(part, strrchr(d->path, '/') + 1);
        curl_mime_data_cb(part, (curl_off_t)d->size, give, NULL, NULL, d);
    }
    curl_easy_setopt(t->easy, CURLOPT_URL, url);
    curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->mime);
}

void raw_client_start(struct raw_client *c, struct document *d)
{
    struct transfer *t = c->idle[--c->idle_count];
    bool drop = d->step == RESULT && !c->keep_results;
    t->document = d;
    t->len = 0;
    if (d->step == UPLOAD) {
        set_upload(c, t);
    } else {
        curl_easy_setopt(t->easy, CURLOPT_URL, d->url);
        curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, drop ? throw_away : take);
    curl_multi_add_handle(c->multi, t->easy);
}

void raw_client_wait(struct raw_client *c, struct document *d)
{
    d->due_ms = raw_now_ms() + c->wait_ms;
    d->next = NULL;
    *c->last = d;
    c->last = &d->next;
}

void raw_client_done(struct raw_client *c, struct document *d)
{
    free(d->url);
    d->url = NULL;
    c->done++;
}

/* What comes after an answer. */
static void advance(struct raw_client *c, struct transfer *t)
{
    struct document *d = t->document;
    char job[URL_MAX_BYTES], url[URL_MAX_BYTES];
    if (d->step == UPLOAD) {
        snprintf(job, sizeof job, "%s/v2/jobs/", c->base_url);
        if (!member(t->answer, "id", job, "?redirect=false", url))
            raw_die(d->path, "no job in the answer");
        set_url(d, url);
        d->step = JOB;
        c->accepted(c, d);
    } else if (d->step == JOB && !member(t->answer, "result_url", "", "", url)) {
        if (strstr(t->answer, "\"Failed\"") != NULL)
            raw_die(d->path, "its job failed");
        raw_client_wait(c, d);
    } else if (d->step == JOB) {
        set_url(d, url);
        d->step = RESULT;
        c->processed(c, d);
    } else {
        c->fetched(c, d, t->answer, t->len);
    }
}

static void finish(struct raw_client *c, CURL *easy, CURLcode code)
{
    struct transfer *t = NULL;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(c->multi, easy);
    curl_mime_free(t->mime);
    t->mime = NULL;
    if (code != CURLE_OK)
        raw_die(t->document->path, curl_easy_strerror(code));
    if (status != (t->document->step == UPLOAD ? 202 : 200))
        raw_die(t->document->path, "refused");
    c->idle[c->idle_count++] = t;
    advance(c, t);
}

/* Jobs that are due go before new uploads: results are what it is for. */
static void start_due(struct raw_client *c)
{
    int64_t now = raw_now_ms();
    while (c->idle_count > 0 && c->first != NULL && c->first->due_ms <= now) {
        struct document *d = c->first;
        c->first = d->next;
        if (c->first == NULL)
            c->last = &c->first;
        raw_client_start(c, d);
    }
}

static int patience_ms(const struct raw_client *c, int at_most)
{
    if (c->first == NULL || c->idle_count == 0)
        return at_most;
    int64_t left = c->first->due_ms - raw_now_ms();
    return left < 0 ? 0 : left < at_most ? (int)left : at_most;
}

void raw_client_run(struct raw_client *c)
{
    while (c->done < c->count) {
        int busy, left;
        start_due(c);
        int at_most = c->turn(c);
        curl_multi_perform(c->multi, &busy);
        for (CURLMsg *m = curl_multi_info_read(c->multi, &left); m != NULL;
             m = curl_multi_info_read(c->multi, &left))
            if (m->msg == CURLMSG_DONE)
                finish(c, m->easy_handle, m->data.result);
        int wait_ms = patience_ms(c, at_most < POLL_AT_MOST_MS ? at_most : POLL_AT_MOST_MS);
        if (c->done < c->count && curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL) != 0)
            raw_die("poll", "failed");
    }
}

/* ---- life ---- */

static void open_transfers(struct raw_client *c)
{
    for (long i = 0; i < c->at_once; i++) {
        struct transfer *t = calloc(1, sizeof *t);
        if (t == NULL || (t->easy = curl_easy_init()) == NULL)
            raw_die("libcurl", "no handle");
        curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
        curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
        curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, c->headers);
        curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
        if (c->ca_file != NULL)
            curl_easy_setopt(t->easy, CURLOPT_CAINFO, c->ca_file);
        c->idle[c->idle_count++] = t;
    }
}

void raw_client_open(struct raw_client *c, int argc, char **argv)
{
    char authorization[URL_MAX_BYTES];
    const char *key = getenv("MINDEE_V2_API_KEY");
    program = c->name;
    c->at_once = argc >= 6 ? strtol(argv[3], NULL, 10) : 0;
    if (argc < 6 || argc > 7 || key == NULL || c->at_once < 1 || c->at_once > AT_ONCE_MAX) {
        fprintf(stderr,
                "usage: MINDEE_V2_API_KEY=... %s BASE_URL MODEL_ID AT_ONCE WAIT_MS DIRECTORY "
                "[CA_FILE]\n",
                program);
        exit(2);
    }
    c->base_url = argv[1], c->model = argv[2], c->ca_file = argv[6];
    c->wait_ms = strtol(argv[4], NULL, 10);
    c->last = &c->first;
    list_documents(c, argv[5]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c->multi = curl_multi_init();
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, c->at_once);
    curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, c->at_once);
    snprintf(authorization, sizeof authorization, "Authorization: %s", key);
    c->headers = curl_slist_append(NULL, authorization);
    open_transfers(c);
}
