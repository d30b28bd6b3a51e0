/* transfer_fixture.h - a loop, a pool and a fault server for one test, and what became of each
 * request. fixture_free closes everything and checks that the loop closed cleanly. */
#ifndef MB_TESTS_TRANSFER_FIXTURE_H
#define MB_TESTS_TRANSFER_FIXTURE_H

#include "lib/fault_server.h"
#include "net/transfer.h"

struct fixture {
    struct loop *loop;
    struct transfer_pool *pool;
    struct fault_server *server;
    char dir[64]; /* removed at the end, with its files */
    size_t delivered;
    bool closed;
};

/* What a callback was told, copied. */
struct outcome {
    struct fixture *fixture;
    int calls;
    struct transfer_result result; /* its pointers aren't valid any more */
    char content_type[64], location[128];
    char *body; /* free with outcome_release */
    size_t body_len;
    void (*then)(struct outcome *o); /* called from within the callback; may be NULL */
    void *ctx;
};

struct fixture *fixture_new(const struct fault_options *server,
                            const struct transfer_pool_options *options);
/* The options that fixture_new takes for NULL, to start from. */
struct transfer_pool_options fixture_options(void);
void fixture_free(struct fixture *f);

/* Both start a request for PATH on the fault server (or a whole URL), with the key "md_secret". */
struct transfer *fixture_get(struct fixture *f, const char *path, struct outcome *o);
struct transfer *fixture_post(struct fixture *f, const char *path, const char *file,
                              const struct file_stamp *stamp, struct outcome *o);
/* A raw body with the type "text/x" and the header "X-Signature: sign". */
struct transfer *fixture_post_raw(struct fixture *f, const char *path, const void *body, size_t len,
                                  struct outcome *o);
/* Starts it, runs the loop, leaves the outcome in O. */
void fixture_run_get(struct fixture *f, const char *path, struct outcome *o);
void fixture_run_post(struct fixture *f, const char *path, const char *file,
                      const struct file_stamp *stamp, struct outcome *o);
void outcome_release(struct outcome *o);

/* Makes a file of SIZE bytes that are its own (NAME decides them). Returns its path, valid until
 * the next call. */
const char *fixture_file(struct fixture *f, const char *name, size_t size,
                         struct file_stamp *stamp);
/* Whether the body of a request that came holds exactly the bytes of such a file. */
bool fixture_body_holds(const struct fault_record *r, const char *name, size_t size);

#endif
