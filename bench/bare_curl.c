/* The least a client can do: for each document of a directory one upload, one look at its job after
 * a fixed wait (and again until it is Processed), one GET of its result, which is thrown away.
 * Nothing is hashed, parsed, recorded or retried; the first thing that goes wrong ends it. What
 * mindee-batch costs beyond this is the price of everything it is for.
 *
 *   bench_bare_curl BASE_URL MODEL_ID AT_ONCE WAIT_MS DIRECTORY [CA_FILE]
 *
 * The key comes from $MINDEE_V2_API_KEY. AT_ONCE transfers share a multi handle and its
 * connections; a document that waits for its job holds none of them. Waits are all alike, so the
 * waiting documents are a queue: the first is the next one due. */
#include <curl/curl.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { URL_MAX_BYTES = 512, AT_ONCE_MAX = 1024, POLL_AT_MOST_MS = 1000 };
enum step { UPLOAD, JOB, RESULT };

struct document {
    char *path;
    char *url; /* of its next GET */
    enum step step;
    int64_t due_ms;
    struct document *next; /* in the queue of those that wait */
};

struct transfer {
    CURL *easy;
    curl_mime *mime;
    struct document *document;
    char *answer; /* NUL-ended; kept from document to document */
    size_t len, capacity;
};

struct client {
    const char *base_url, *model, *ca_file;
    long wait_ms;
    CURLM *multi;
    struct curl_slist *headers;
    struct transfer *idle[AT_ONCE_MAX];
    size_t idle_count;
    struct document *documents, *first, **last;
    size_t count, started, done;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_bare_curl: %s: %s\n", what, why);
    exit(1);
}

static void *grow(void *old, size_t bytes)
{
    void *new = realloc(old, bytes);
    if (new == NULL)
        die("memory", "there is none left");
    return new;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void list_documents(struct client *c, const char *directory)
{
    size_t capacity = 0;
    DIR *dir = opendir(directory);
    if (dir == NULL)
        die(directory, "can't be read");
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        if (c->count == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            c->documents = grow(c->documents, capacity * sizeof *c->documents);
        }
        size_t bytes = strlen(directory) + strlen(entry->d_name) + 2;
        c->documents[c->count] = (struct document){.path = grow(NULL, bytes)};
        snprintf(c->documents[c->count++].path, bytes, "%s/%s", directory, entry->d_name);
    }
    closedir(dir);
}

/* ---- answers ---- */

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * n;
    if (t->document->step == RESULT)
        return len;
    if (t->len + len + 1 > t->capacity) {
        t->capacity = (t->len + len + 1) * 2;
        t->answer = grow(t->answer, t->capacity);
    }
    memcpy(t->answer + t->len, bytes, len);
    t->len += len;
    t->answer[t->len] = '\0';
    return len;
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
    d->url = grow(NULL, strlen(url) + 1);
    strcpy(d->url, url);
}

static void queue(struct client *c, struct document *d)
{
    d->due_ms = now_ms() + c->wait_ms;
    d->next = NULL;
    *c->last = d;
    c->last = &d->next;
}

/* ---- requests ---- */

static void start(struct client *c, struct document *d)
{
    struct transfer *t = c->idle[--c->idle_count];
    t->document = d;
    t->len = 0;
    if (d->step == UPLOAD) {
        char url[URL_MAX_BYTES];
        snprintf(url, sizeof url, "%s/v2/products/extraction/enqueue", c->base_url);
        t->mime = curl_mime_init(t->easy);
        curl_mimepart *part = curl_mime_addpart(t->mime);
        curl_mime_name(part, "model_id");
        curl_mime_data(part, c->model, CURL_ZERO_TERMINATED);
        part = curl_mime_addpart(t->mime);
        curl_mime_name(part, "file");
        if (curl_mime_filedata(part, d->path) != CURLE_OK)
            die(d->path, "can't be read");
        curl_easy_setopt(t->easy, CURLOPT_URL, url);
        curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->mime);
    } else {
        curl_easy_setopt(t->easy, CURLOPT_URL, d->url);
        curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
    }
    curl_multi_add_handle(c->multi, t->easy);
}

/* What comes after an answer: a wait, the next GET at once, or the end. */
static void advance(struct client *c, struct transfer *t)
{
    struct document *d = t->document;
    char job[URL_MAX_BYTES], url[URL_MAX_BYTES];
    if (d->step == UPLOAD) {
        snprintf(job, sizeof job, "%s/v2/jobs/", c->base_url);
        if (!member(t->answer, "id", job, "?redirect=false", url))
            die(d->path, "no job in the answer");
        set_url(d, url);
        d->step = JOB;
        queue(c, d);
    } else if (d->step == JOB && !member(t->answer, "result_url", "", "", url)) {
        if (strstr(t->answer, "\"Failed\"") != NULL)
            die(d->path, "its job failed");
        queue(c, d);
    } else if (d->step == JOB) {
        set_url(d, url);
        d->step = RESULT;
        start(c, d);
    } else {
        free(d->url);
        d->url = NULL;
        c->done++;
    }
}

static void finish(struct client *c, CURL *easy, CURLcode code)
{
    struct transfer *t = NULL;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(c->multi, easy);
    curl_mime_free(t->mime);
    t->mime = NULL;
    if (code != CURLE_OK)
        die(t->document->path, curl_easy_strerror(code));
    if (status != (t->document->step == UPLOAD ? 202 : 200))
        die(t->document->path, "refused");
    c->idle[c->idle_count++] = t;
    advance(c, t);
}

/* Jobs that are due go before new uploads: results are what it is for. */
static void start_what_can(struct client *c)
{
    int64_t now = now_ms();
    while (c->idle_count > 0 && c->first != NULL && c->first->due_ms <= now) {
        struct document *d = c->first;
        c->first = d->next;
        if (c->first == NULL)
            c->last = &c->first;
        start(c, d);
    }
    while (c->idle_count > 0 && c->started < c->count)
        start(c, &c->documents[c->started++]);
}

static int patience_ms(const struct client *c)
{
    if (c->first == NULL || c->idle_count == 0)
        return POLL_AT_MOST_MS;
    int64_t left = c->first->due_ms - now_ms();
    return left < 0 ? 0 : left < POLL_AT_MOST_MS ? (int)left : POLL_AT_MOST_MS;
}

static void run(struct client *c)
{
    while (c->done < c->count) {
        int busy, left;
        start_what_can(c);
        curl_multi_perform(c->multi, &busy);
        for (CURLMsg *m = curl_multi_info_read(c->multi, &left); m != NULL;
             m = curl_multi_info_read(c->multi, &left))
            if (m->msg == CURLMSG_DONE)
                finish(c, m->easy_handle, m->data.result);
        if (c->done < c->count && curl_multi_poll(c->multi, NULL, 0, patience_ms(c), NULL) != 0)
            die("poll", "failed");
    }
}

/* ---- life ---- */

static void open_transfers(struct client *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct transfer *t = calloc(1, sizeof *t);
        if (t == NULL || (t->easy = curl_easy_init()) == NULL)
            die("libcurl", "no handle");
        curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
        curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
        curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, c->headers);
        curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
        if (c->ca_file != NULL)
            curl_easy_setopt(t->easy, CURLOPT_CAINFO, c->ca_file);
        c->idle[c->idle_count++] = t;
    }
}

int main(int argc, char **argv)
{
    static struct client c;
    char authorization[URL_MAX_BYTES];
    const char *key = getenv("MINDEE_V2_API_KEY");
    long at_once = argc >= 6 ? strtol(argv[3], NULL, 10) : 0;
    if (argc < 6 || argc > 7 || key == NULL || at_once < 1 || at_once > AT_ONCE_MAX) {
        fprintf(stderr, "usage: MINDEE_V2_API_KEY=... bench_bare_curl BASE_URL MODEL_ID AT_ONCE "
                        "WAIT_MS DIRECTORY [CA_FILE]\n");
        return 2;
    }
    c.base_url = argv[1], c.model = argv[2], c.ca_file = argv[6];
    c.wait_ms = strtol(argv[4], NULL, 10);
    c.last = &c.first;
    list_documents(&c, argv[5]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c.multi = curl_multi_init();
    curl_multi_setopt(c.multi, CURLMOPT_MAXCONNECTS, at_once);
    curl_multi_setopt(c.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, at_once);
    snprintf(authorization, sizeof authorization, "Authorization: %s", key);
    c.headers = curl_slist_append(NULL, authorization);
    open_transfers(&c, (size_t)at_once);
    run(&c);
    printf("%zu documents\n", c.done);
    return 0;
}
