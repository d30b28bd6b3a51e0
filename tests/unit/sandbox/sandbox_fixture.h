/* sandbox_fixture.h - a sandbox on a loop in a thread of its own, with a clock that tests can put
 * forward, and a client that talks to it one request at a time. */
#ifndef TEST_SANDBOX_FIXTURE_H
#define TEST_SANDBOX_FIXTURE_H

#include "base/buffer.h"
#include "sandbox/sandbox.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdatomic.h>

#define INVOICES "11111111-1111-4111-8111-0000000e0001"
#define HOOK_1   "aaaaaaaa-1111-4111-8111-0000000e0001"
#define HOOK_2   "aaaaaaaa-1111-4111-8111-0000000e0002"
#define OCR      "66666666-6666-4666-8666-0000000c0006"

struct fixture {
    struct clock clock; /* first: its address is the fixture's */
    _Atomic int64_t ahead_ms;
    struct sandbox_options options;
    struct loop *loop;
    struct sandbox *sandbox;
    struct loop_watch *watch;
    pthread_t thread;
    int stop[2];
    uint16_t port;
    int fd; /* the client's connection, -1: none */
};

/* The last answer. */
struct heard {
    int status; /* 0: the connection ended; negative: -errno */
    char headers[2048];
    struct buffer body;
    cJSON *json; /* NULL if it is none */
};

/* The options default to no latency. */
void fixture_init(struct fixture *f);
void fixture_start(struct fixture *f);
void fixture_stop(struct fixture *f);
void fixture_forward(struct fixture *f, int64_t ms);

/* One request with the key "k" (KEY NULL: none); HEARD is replaced. Keeps the connection. */
int ask(struct fixture *f, struct heard *h, const char *method, const char *path, const char *key,
        const char *type, const char *body);
int get(struct fixture *f, struct heard *h, const char *path);
/* Sends FILE, the head of a PDF, as a document; ALIAS may be NULL. */
int post(struct fixture *f, struct heard *h, const char *product, const char *model,
         const char *file, const char *alias);
/* Sends an invoice that is to be delivered to the webhooks HOOKS. */
int post_called(struct fixture *f, struct heard *h, const char *hooks, const char *file,
                const char *alias);
/* Blocks until no delivery is to come or under way. */
void await_deliveries(struct fixture *f);
/* A string or number somewhere in the answer: "job/id". Fails the test if it isn't there. */
const char *text_at(const struct heard *h, const char *path);
int64_t number_at(const struct heard *h, const char *path);
cJSON *item_at(const struct heard *h, const char *path);
/* The path of an URL in the answer, for the next request; "" if it is null. */
const char *path_at(const struct heard *h, const char *path);
int64_t stat_of(struct fixture *f, const char *name);
void heard_release(struct heard *h);

#endif
