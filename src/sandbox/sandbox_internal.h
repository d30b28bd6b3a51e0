/* sandbox_internal.h - the server's parts among themselves: the gate that a request passes
 * (sandbox.c), what the API does (routes.c), what goes out (answer.c), its
 * trace (trace.c), the record (stats.c).
 * Webhooks have a header of their own. */
#ifndef MB_SANDBOX_SANDBOX_INTERNAL_H
#define MB_SANDBOX_SANDBOX_INTERNAL_H

#include "base/list.h"
#include "base/timer_queue.h"
#include "net/http_server.h"
#include "sandbox/fault.h"
#include "sandbox/rag.h"
#include "sandbox/record.h"
#include "sandbox/sandbox.h"
#include "sandbox/webhook.h"
#include "sandbox/window.h"

struct sandbox {
    struct sandbox_options options;
    char *key; /* NULL: any */
    struct loop *loop;
    struct http_server *server;
    bool tls;
    struct record record;
    struct rag_store rag;
    struct window posts, gets;
    struct random latency_random, fault_random;
    uint64_t let_in;         /* by the key and the limits */
    uint64_t refused_keys;   /* 401 */
    uint64_t resets_before;  /* faults before anything was counted */
    struct timer_queue late; /* of struct late_answer */
    struct list late_all;    /* the same */
    struct loop_timer *late_timer;
    struct webhooks *webhooks; /* NULL: none to call, or closing */
    uint64_t traced_bytes;
    int open; /* parts not yet closed: the server, the webhooks */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* ---- answer.c ---- */

struct answer {
    int status;
    const char *type; /* NULL: application/json */
    struct buffer body;
    struct buffer location; /* empty: none */
    int64_t retry_after_ms; /* -1: none */
    bool retry_date;        /* as a date */
    struct job *held_for;   /* not before that job's webhooks were tried; NULL: at once */
};

void answer_begin(struct answer *a);
void answer_end(struct answer *a);
void answer_problem(struct answer *a, const struct problem *p);
void answer_status(struct answer *a, int status,
                   const char *detail); /* one of the usual problems */
/* Sends it, in the way that FAULT says; the answer is empty after. */
void answer_send(struct sandbox *s, struct http_request *r, struct answer *a,
                 const struct fault *fault);
void late_answers_due(void *sandbox);                     /* the timer's callback */
void late_answer_release(void *sandbox, struct job *job); /* the one held for it, if there is one */
void late_answers_drop(struct sandbox *s);

/* ---- arguments.c ---- */

/* False: 422, in A. TEXT NULL is fine, and means what OUT says already. */
MUST_CHECK bool read_flag(const char *text, const char *name, bool *out, struct answer *a);
MUST_CHECK bool read_pages(struct http_request *r, int *page, int *per_page, struct answer *a);
MUST_CHECK bool check_id(const char *id, const char *name, struct answer *a);

/* ---- rag_routes.c ---- */

/* ID NULL: none was given. */
void rag_route_answer(struct sandbox *s, const char *id, struct http_request *r, struct answer *a);
void rag_search_answer(struct sandbox *s, struct http_request *r, struct answer *a);

/* ---- routes.c ---- */

enum route_kind {
    ROUTE_NONE,
    ROUTE_ENQUEUE,
    ROUTE_JOB,
    ROUTE_RESULT,
    ROUTE_MODELS,
    ROUTE_RAG,
    ROUTE_RAG_SEARCH,
};

struct route {
    enum route_kind kind;
    enum product product;
    const char *id; /* points into the path; NULL: all of them */
};

struct route route_find(const char *path);
enum fault_route route_faults(const struct route *route);
/* Does what the route is for. */
void route_answer(struct sandbox *s, const struct route *route, struct http_request *r,
                  struct answer *a);

/* ---- trace.c ---- */

/* Notes the answer to a request, as it is before a fault changes it. */
void trace_answer(struct sandbox *s, const struct http_request *r, const struct answer *a);

/* ---- stats.c ---- */

/* GET /sandbox/...: false if there is no such thing. */
bool stats_answer(struct sandbox *s, struct http_request *r, struct answer *a);

#endif
