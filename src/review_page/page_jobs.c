/* See page_jobs.h. A job is a request with what was read of it. It waits in `line`, is at work alone, and is answered; one
 * for a picture that isn't kept goes on to `pictured` until the store has it. A picture that is kept needs no desk.
 *
 * Drafts belong to the loop's thread: they are kept before the desk is asked, and put into its answer after. */
#include "review_page/page_jobs.h"

#include "base/list.h"
#include "review_page/drafts.h"
#include "review_page/page_answer.h"
#include "review_page/picture_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct page_job {
    struct list node; /* in the line, or in `pictured` */
    struct page_jobs *jobs;
    struct http_request *r; /* NULL: it is gone */
    struct page_route route;
    struct page_body body; /* of a POST */
    struct desk_file file;
    struct buffer out;
    struct error error; /* code 0: none */
};

struct page_jobs {
    struct loop *loop;
    struct desk desk;
    struct drafts *drafts;
    struct picture_store *pictures;
    struct list line, pictured;
    struct page_job *working; /* NULL: none */
    bool closed;
    void (*done)(void *ctx);
    void *ctx;
};

struct page_jobs *page_jobs_new(struct loop *loop, const struct desk *desk, const char *tools)
{
    struct page_jobs *jobs = xcalloc(1, sizeof *jobs);
    jobs->loop = loop;
    jobs->desk = *desk;
    jobs->drafts = drafts_new();
    jobs->pictures = picture_store_new(loop, tools);
    list_init(&jobs->line);
    list_init(&jobs->pictured);
    return jobs;
}

static void job_free(struct page_job *job)
{
    page_body_release(&job->body);
    buffer_release(&job->out);
    free(job->file.path);
    free(job);
}

/* ---- answers ---- */

static int status_of(int code)
{
    switch (code) {
    case 0:
        return 200;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CHANGED:
        return 409;
    case ERR_USAGE:
        return 422;
    case ERR_BUSY:
        return 503;
    default:
        return 500;
    }
}

/* The desk's object ends with a brace; the drafts come before it. */
static void add_drafts(struct page_job *job)
{
    struct buffer *out = &job->out;
    while (out->len > 0 && out->data[out->len - 1] != '}')
        out->len--;
    if (out->len == 0)
        return;
    out->data[--out->len] = '\0';
    buffer_put(out, ",\"drafts\":");
    drafts_put(job->jobs->drafts, job->route.key, out);
    buffer_put(out, "}\n");
}

static void answer(struct page_job *job)
{
    int code = job->error.code, status = status_of(code);
    if (!job->r)
        return;
    if (code == 0 && job->route.place == AT_RECORD)
        add_drafts(job);
    if (code == 0 && job->route.place == AT_DECIDE)
        drafts_drop(job->jobs->drafts, job->body.record);
    if (code == 0 || (code == ERR_CHANGED && job->out.len > 0))
        page_answer_json(job->r, status, &job->out);
    else
        page_answer_error(job->r, status, job->error.text);
    job->r = NULL;
}

static void answer_picture(struct http_request *r, const struct picture *p, const struct error *e)
{
    struct buffer copy;
    int file = -1;
    if (!p) {
        REQUIRE(e != NULL);
        int code = e->code;
        page_answer_error(r,
                          code == ERR_CHANGED                       ? 410
                          : code == ERR_FORMAT || code == ERR_LIMIT ? 422
                                                                    : status_of(code),
                          e->text);
        return;
    }
    if (p->fd >= 0)
        file = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
    if (file >= 0) {
        page_answer_file(r, p->type, file, p->size);
        return;
    }
    buffer_init(&copy, 0);
    if (p->fd >= 0 || buffer_append(&copy, p->bytes.data, p->bytes.len) < 0)
        page_answer_error(r, 503, "there is no memory for this picture");
    else
        page_answer(r, 200, p->type, &copy);
}

/* ---- work ---- */

static void work(void *ctx)
{
    struct page_job *job = ctx;
    const struct desk *desk = &job->jobs->desk;
    struct error *e = &job->error;
    const char *key = job->route.key;
    int err = 0;
    switch (job->route.place) {
    case AT_LIST:
        err = desk->list(desk->ctx, &job->out, e);
        break;
    case AT_RECORD:
        err = desk->record(desk->ctx, key, &job->out, e);
        break;
    case AT_PAGE:
        err = desk->file(desk->ctx, key, &job->file, e);
        break;
    case AT_CHECK:
        err = desk->check(desk->ctx, &job->body, &job->out, e);
        break;
    default:
        err = desk->decide(desk->ctx, &job->body, &job->out, e);
        break;
    }
    e->code = err;
}

static void begin_next(struct page_jobs *jobs);
static void maybe_closed(struct page_jobs *jobs);

static void pictured(void *ctx, const struct picture *p, const struct error *e)
{
    struct page_job *job = ctx;
    list_remove(&job->node);
    if (job->r)
        answer_picture(job->r, p, e);
    job_free(job);
}

static void worked(void *ctx)
{
    struct page_job *job = ctx;
    struct page_jobs *jobs = job->jobs;
    jobs->working = NULL;
    if (jobs->closed) {
        job_free(job);
        maybe_closed(jobs);
        return;
    }
    if (job->route.place == AT_PAGE && job->error.code == 0 && job->r) {
        list_push_back(&jobs->pictured, &job->node);
        picture_store_ask(jobs->pictures, job->route.key, job->route.page, &job->file, pictured,
                          job);
    } else {
        answer(job);
        job_free(job);
    }
    begin_next(jobs);
}

static void begin_next(struct page_jobs *jobs)
{
    if (jobs->working || list_empty(&jobs->line))
        return;
    struct list *first = list_first(&jobs->line);
    list_remove(first);
    jobs->working = LIST_ENTRY(first, struct page_job, node);
    loop_work(jobs->loop, work, worked, jobs->working);
}

/* False: it was answered. */
static bool read_body(struct page_job *job)
{
    struct error e;
    struct buffer *body = http_request_body(job->r);
    if (page_body_read(&job->body, buffer_text(body), body->len, &e) < 0) {
        page_answer_error(job->r, 400, e.text);
        return false;
    }
    if (job->route.place == AT_DECIDE && !job->body.action) {
        page_answer_error(job->r, 400, "`action` is missing");
        return false;
    }
    if (job->route.place == AT_DECIDE && (!job->body.version || !*job->body.version)) {
        page_answer_error(job->r, 400, "`version` is missing");
        return false;
    }
    if (job->route.place == AT_CHECK && job->body.keep)
        drafts_keep(job->jobs->drafts, &job->body);
    return true;
}

void page_jobs_add(struct page_jobs *jobs, struct http_request *r, const struct page_route *route)
{
    const struct picture *p;
    if (route->place == AT_PAGE &&
        picture_store_find(jobs->pictures, route->key, route->page, &p)) {
        answer_picture(r, p, NULL);
        return;
    }
    struct page_job *job = xcalloc(1, sizeof *job);
    job->jobs = jobs;
    job->r = r;
    job->route = *route;
    buffer_init(&job->out, 0);
    bool post = route->place == AT_CHECK || route->place == AT_DECIDE;
    if (post && !read_body(job)) {
        job_free(job);
        return;
    }
    list_push_back(&jobs->line, &job->node);
    begin_next(jobs);
}

/* ---- end ---- */

static void forget(struct list *jobs)
{
    LIST_EACH (node, jobs) {
        LIST_ENTRY(node, struct page_job, node)->r = NULL;
    }
}

void page_jobs_forget(struct page_jobs *jobs)
{
    forget(&jobs->line);
    forget(&jobs->pictured);
    if (jobs->working)
        jobs->working->r = NULL;
}

static void free_all(struct list *jobs)
{
    while (!list_empty(jobs)) {
        struct list *first = list_first(jobs);
        list_remove(first);
        job_free(LIST_ENTRY(first, struct page_job, node));
    }
}

static void maybe_closed(struct page_jobs *jobs)
{
    if (jobs->working)
        return;
    void (*done)(void *) = jobs->done;
    void *ctx = jobs->ctx;
    drafts_free(jobs->drafts);
    free(jobs);
    done(ctx);
}

void page_jobs_close(struct page_jobs *jobs, void (*done)(void *ctx), void *ctx)
{
    jobs->closed = true;
    jobs->done = done;
    jobs->ctx = ctx;
    picture_store_close(jobs->pictures);
    free_all(&jobs->line);
    free_all(&jobs->pictured);
    maybe_closed(jobs);
}
