/* raw_client.h - what the bare client and the floor share, so that what is between them is what the
 * floor does besides: a directory's documents, transfers over libcurl's multi interface, and the
 * wait before a job is looked at. Nothing is retried; the first thing that goes wrong ends the
 * program.
 *
 *   raw_client_open(&c, argc, argv);  the arguments below; C's hooks are set
 *   raw_client_run(&c);               until each document was said to be done
 *
 *   BASE_URL MODEL_ID AT_ONCE WAIT_MS DIRECTORY [CA_FILE]    the key from $MINDEE_V2_API_KEY
 *
 * AT_ONCE transfers share a multi handle and its connections; a document that waits for its job
 * holds none of them. Waits are all alike, so the waiting documents are a queue: the first is the
 * next one due. */
#ifndef MB_BENCH_RAW_CLIENT_H
#define MB_BENCH_RAW_CLIENT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { URL_MAX_BYTES = 512, AT_ONCE_MAX = 1024 };
enum step { UPLOAD, JOB, RESULT };

struct document {
    char *path;
    char *url; /* of its next GET */
    enum step step;
    int64_t due_ms;
    struct document *next; /* in the queue of those that wait */
    const char *bytes;     /* to upload; NULL: libcurl reads the file by its path */
    size_t size, given;
};

struct transfer {
    CURL *easy;
    curl_mime *mime;
    struct document *document;
    char *answer; /* NUL-ended; kept from document to document */
    size_t len, capacity;
};

struct raw_client {
    /* Set by the program: */
    const char *name;  /* for people */
    bool keep_results; /* else they are thrown away as they come */
    void *ctx;
    /* Each turn: begins uploads while c->idle_count > 0, and does what else is due. Returns in how
     * many ms it wants to be called at the latest. */
    int (*turn)(struct raw_client *c);
    /* A job was accepted, or is Processed (D->url leads on); or a result came whole. */
    void (*accepted)(struct raw_client *c, struct document *d);
    void (*processed)(struct raw_client *c, struct document *d);
    void (*fetched)(struct raw_client *c, struct document *d, const char *bytes, size_t len);

    const char *base_url, *model, *ca_file;
    long wait_ms, at_once;
    CURLM *multi;
    struct curl_slist *headers;
    struct transfer *idle[AT_ONCE_MAX];
    size_t idle_count;
    struct document *documents, *first, **last;
    size_t count, done;
};

void raw_client_open(struct raw_client *c, int argc, char **argv);
void raw_client_run(struct raw_client *c);

/* With a transfer that idles: D's upload, or the GET of D->url. */
void raw_client_start(struct raw_client *c, struct document *d);
/* D's job is looked at WAIT_MS from now. */
void raw_client_wait(struct raw_client *c, struct document *d);
void raw_client_done(struct raw_client *c, struct document *d);

int64_t raw_now_ms(void);
void *raw_grow(void *old, size_t bytes);
_Noreturn void raw_die(const char *what, const char *why);

#endif
