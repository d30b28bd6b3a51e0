/* client_fixture.h - a libuv loop of a caller's own, a client on it, a fault server, and what each
 * call was answered. The server's routes are told apart by the base URL's path: a client made for
 * "/half" sends its requests below /half/v2. */
#ifndef MB_TESTS_CLIENT_FIXTURE_H
#define MB_TESTS_CLIENT_FIXTURE_H

#include "lib/fault_server.h"

#include <mindee.h>
#include <uv.h>

#define KEY    "md_test_key_4711"
#define JOB_ID "12345678-1234-1234-1234-jobid1234567"

/* An HTTP/1.1 answer, verbatim; LEN is what Content-Length says. */
#define ANSWER(status, len, body) "HTTP/1.1 " status "\r\nContent-Length: " len "\r\n\r\n" body
#define ACCEPTED                                                                                   \
    ANSWER("202 Accepted", "75", "{\"job\":{\"id\":\"" JOB_ID "\",\"status\":\"Processing\"}}")

struct fixture {
    uv_loop_t loop;
    struct fault_server *server;
    struct mindee_client *client;
    char dir[64]; /* removed at the end */
    struct mindee_file_stamp stamp;
    bool closed;
};

struct told {
    struct fixture *fixture;
    int calls;
    enum mindee_delivery delivery;
    enum mindee_fault fault;
    int status, models, total_pages;
    int64_t retry_after_ms, body_sent_bytes;
    bool on_wire, has_job, has_inference, has_problem;
    char text[MINDEE_TEXT_MAX], job_id[80], result_url[256], inference_id[80], code[32], body[512];
    void (*then)(struct told *t); /* called from within the callback; may be NULL */
};

/* The loop, the server and a directory; no client yet. */
void fixture_start(struct fixture *f, const struct fault_options *options);
/* A client for the server, below PATH; NULL options: the usual ones. */
void fixture_client(struct fixture *f, const char *path, const struct mindee_options *options);
void fixture_base(const struct fixture *f, const char *path, char out[128]);
void fixture_close_client(struct fixture *f); /* and runs the loop until it is gone */
void fixture_end(struct fixture *f);          /* REQUIREs that the loop closes cleanly */

/* Makes the file DIR/NAME of SIZE bytes and stamps it.
 * Returns its path, valid until the next call. */
const char *fixture_file(struct fixture *f, const char *name, size_t size);
/* An upload of such a file: to be changed at will. */
struct mindee_enqueue fixture_enqueue(struct fixture *f, const char *path);
void fixture_run(struct fixture *f);

void on_answer(void *ctx, const struct mindee_response *response); /* CTX: struct told */

#endif
