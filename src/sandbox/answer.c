/* What goes out: a status, a JSON body, a header or two; or what a fault makes of it.
 *
 * A late answer (slow, stall) is held with its request until its time; a stalled one's time is when
 * the connection is dropped; one that waits for its job's webhooks goes out when they were tried,
 * or when that takes too long, and meets its own fault then. The owner of a late answer is the list
 * `late_all`; it leaves by being answered or, when the sandbox closes, dropped. */
#include "sandbox/sandbox_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STALL_MS = 600000, HELD_MS = 5000 };

struct late_answer {
    struct timer_entry due;
    struct list node;
    struct http_request *request;
    struct answer answer;
    bool drop;          /* instead of answering */
    struct fault fault; /* what becomes of it then, if it waits for a job's webhooks */
};

void answer_begin(struct answer *a)
{
    *a = (struct answer){.status = 200, .retry_after_ms = -1};
    buffer_init(&a->body, 0);
    buffer_init(&a->location, 0);
}

void answer_end(struct answer *a)
{
    buffer_release(&a->body);
    buffer_release(&a->location);
}

void answer_problem(struct answer *a, const struct problem *p)
{
    buffer_clear(&a->body);
    buffer_clear(&a->location);
    a->status = p->status;
    problem_write(&a->body, p);
}

void answer_status(struct answer *a, int status, const char *detail)
{
    struct problem p;
    problem_set(&p, status, detail);
    answer_problem(a, &p);
}

/* Retry-After in whole seconds, rounded up, or as a date that long from now. */
static const char *retry_after(const struct sandbox *s, const struct answer *a, char out[48])
{
    if (!a->retry_date) {
        snprintf(out, 48, "%lld", (long long)((a->retry_after_ms + 999) / 1000));
        return out;
    }
    int64_t at_ms = clock_wall(loop_clock(s->loop)).ms + a->retry_after_ms + 999;
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(out, 48, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return out;
}

static void send_now(const struct sandbox *s, struct http_request *r, struct answer *a, bool cut)
{
    struct http_header headers[3] = {
        {"Content-Type", a->type != NULL ? a->type : "application/json"}};
    size_t n = 1;
    char wait[48];
    if (a->location.len > 0)
        headers[n++] = (struct http_header){"Location", buffer_text(&a->location)};
    if (a->retry_after_ms >= 0)
        headers[n++] = (struct http_header){"Retry-After", retry_after(s, a, wait)};
    http_request_reply(r, &(struct http_reply){.status = a->status,
                                               .headers = headers,
                                               .header_count = n,
                                               .cut = cut,
                                               .cut_after_bytes = a->body.len / 2,
                                               .body = &a->body});
    answer_end(a);
}

static void set_late_timer(struct sandbox *s)
{
    loop_timer_set(s->late_timer, timer_queue_next(&s->late));
}

static struct late_answer *send_late(struct sandbox *s, struct http_request *r, struct answer *a,
                                     int64_t wait_ms, bool drop)
{
    struct late_answer *l = xcalloc(1, sizeof *l);
    l->request = r;
    l->answer = *a;
    l->drop = drop;
    answer_begin(a);
    list_push_back(&s->late_all, &l->node);
    timer_queue_set(&s->late, &l->due, mono_add(loop_now(s->loop), wait_ms));
    set_late_timer(s);
    return l;
}

static void finish_late(struct sandbox *s, struct late_answer *l)
{
    struct job *job = l->answer.held_for;
    list_remove(&l->node);
    l->answer.held_for = NULL;
    if (job != NULL)
        job->unanswered = false;
    if (l->drop)
        http_request_drop(l->request, HTTP_DROP_CLOSE);
    else if (job != NULL)
        answer_send(s, l->request, &l->answer, &l->fault);
    else
        send_now(s, l->request, &l->answer, false);
    answer_end(&l->answer);
    free(l);
}

void late_answer_release(void *ctx, struct job *job)
{
    struct sandbox *s = ctx;
    LIST_EACH (node, &s->late_all) {
        struct late_answer *l = LIST_ENTRY(node, struct late_answer, node);
        if (l->answer.held_for == job) {
            timer_queue_remove(&s->late, &l->due);
            finish_late(s, l);
            return;
        }
    }
}

void late_answers_due(void *ctx)
{
    struct sandbox *s = ctx;
    struct timer_entry *e;
    while ((e = timer_queue_pop(&s->late, loop_now(s->loop))) != NULL)
        finish_late(s, TIMER_OWNER(e, struct late_answer, due));
    set_late_timer(s);
}

void late_answers_drop(struct sandbox *s)
{
    LIST_EACH_SAFE (node, &s->late_all) {
        struct late_answer *l = LIST_ENTRY(node, struct late_answer, node);
        timer_queue_remove(&s->late, &l->due);
        l->drop = true;
        finish_late(s, l);
    }
    set_late_timer(s);
}

static void replace_body(struct answer *a, int status, const char *type, const char *body)
{
    a->status = status;
    a->type = type;
    buffer_clear(&a->body);
    buffer_clear(&a->location);
    buffer_put(&a->body, body);
}

void answer_send(struct sandbox *s, struct http_request *r, struct answer *a,
                 const struct fault *fault)
{
    if (a->held_for != NULL) {
        a->held_for->unanswered = true;
        send_late(s, r, a, HELD_MS, false)->fault = *fault;
        return;
    }
    switch (fault->kind) {
    case FAULT_RESET_BEFORE:
    case FAULT_RESET_AFTER:
        http_request_drop(r, HTTP_DROP_RESET);
        break;
    case FAULT_CLOSE_AFTER:
        http_request_drop(r, HTTP_DROP_CLOSE);
        break;
    case FAULT_STALL:
        send_late(s, r, a, STALL_MS, true);
        break;
    case FAULT_SLOW:
        send_late(s, r, a, fault->wait_ms, false);
        break;
    case FAULT_GATEWAY:
        replace_body(a, fault->status, "text/html", "<html><body>Bad gateway</body></html>\n");
        send_now(s, r, a, false);
        break;
    case FAULT_GARBAGE:
        replace_body(a, a->status, NULL, "{\"job\": {\"id\": \x01\xff garbage");
        send_now(s, r, a, false);
        break;
    case FAULT_NONE:
    case FAULT_STATUS:
    case FAULT_RETRY_AFTER:
    case FAULT_RETRY_DATE:
    case FAULT_TRUNCATE:
        send_now(s, r, a, fault->kind == FAULT_TRUNCATE);
        break;
    }
    answer_end(a);
}
