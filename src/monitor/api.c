/* See api.h. A request becomes a job, which is done slice by slice: a batch of a status, some thousand documents of a list. The
 * slices of one job come before those of the next. */
#include "monitor/api.h"

#include "base/list.h"
#include "base/text.h"
#include "ledger/document_list.h"
#include "monitor/answer.h"
#include "monitor/api_ask.h"
#include "monitor/failure_sums.h"
#include "monitor/history_json.h"
#include "monitor/json_parts.h"
#include "monitor/live_json.h"
#include "monitor/status_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_DOCUMENTS = 2000, GLANCE_MS = 5000 /* between two looks for failures */ };

struct api {
    struct loop *loop;
    struct observer *observer;
    struct loop_timer *timer;
    struct list jobs;
    struct failure_sums *sums; /* of each batch, as they are shown */
    struct mono *looked_at;    /* likewise: not before GLANCE_MS after */
};

struct job {
    struct list node;
    struct api *api;
    struct http_request *r; /* NULL: a look for failures */
    struct api_ask ask;
    size_t batch;          /* of it; of a status the next one */
    struct ledger *ledger; /* open between the slices of a list; else NULL */
    int64_t newest;        /* document of that */
    int64_t last;          /* that was given */
    int left;              /* to give */
    struct failure_sums sums;
    struct buffer out;
};

static struct batch_view view_of(const struct api *a, size_t i)
{
    struct batch_view v;
    a->observer->views.view(a->observer->views.ctx, i, &v);
    return v;
}

static int open_ledger(const struct api *a, size_t batch, struct ledger **out, struct error *e)
{
    const struct ledger_options o = {
        .path = a->observer->batches[batch].ledger, .read_only = true, .clock = &system_clock};
    return ledger_open(out, &o, e);
}

/* ---- the end of a job ---- */

static void job_free(struct job *j)
{
    if (j->ledger)
        ledger_close(j->ledger);
    list_remove(&j->node);
    buffer_release(&j->out);
    api_ask_release(&j->ask);
    free(j);
}

static void fail(struct job *j, const struct error *e)
{
    if (j->r)
        answer_error(j->r, e->code == ERR_NOT_FOUND ? 404 : 503, e->text);
    job_free(j);
}

static void finish(struct job *j)
{
    answer_json(j->r, 200, &j->out);
    job_free(j);
}

/* ---- status ---- */

static void put_status(struct job *j, const struct batch_view *v)
{
    struct batch_options o;
    struct ledger *l;
    struct error e;
    struct buffer one;
    buffer_init(&one, 0);
    int rc = open_ledger(j->api, j->batch, &l, &e);
    if (rc == 0) {
        batch_options_of_ledger(&o, v->config);
        rc = status_json_put(&one, l, &o, &e);
        batch_options_release(&o);
        ledger_close(l);
    }
    buffer_put(&j->out, rc == 0 ? buffer_text(&one) : "null");
    buffer_release(&one);
}

static bool look_for_failures(struct api *a, size_t batch, const struct batch_snapshot *now);

/* The live numbers come last, into the object that is there. */
static void put_live(struct job *j)
{
    struct observed seen;
    struct api *a = j->api;
    observe(a->observer, &seen, clock_wall(loop_clock(a->loop)));
    for (size_t i = 0; i < seen.count; i++)
        (void)look_for_failures(a, i, &seen.batches[i].now);
    buffer_put(&j->out, ",\n\"live\": ");
    live_json_put(&j->out, &seen, a->sums);
    observed_release(&seen);
}

/* Several batches: {"batches": {NAME: ...}}, null of one that has no ledger to read; as `status` prints them. */
static void do_status(struct job *j)
{
    struct api *a = j->api;
    struct batch_view v = view_of(a, j->batch);
    bool named = *v.name != '\0';
    if (named)
        buffer_printf(&j->out, "%s\n\"%s\": ", j->batch ? "," : "{\"batches\": {", v.name);
    put_status(j, &v);
    if (++j->batch < a->observer->views.count)
        return;
    bool nothing = !named && strcmp(buffer_text(&j->out), "null") == 0;
    if (named)
        buffer_put(&j->out, "}");
    else if (nothing) { /* no run has come so far */
        buffer_clear(&j->out);
        buffer_put(&j->out, "{\"running\": false");
    } else
        j->out.data[--j->out.len] = '\0'; /* its closing brace */
    if (j->ask.live)
        put_live(j);
    buffer_put(&j->out, "}\n");
    finish(j);
}

/* ---- documents ---- */

static int put_line(void *ctx, const struct ledger_document_line *line)
{
    struct job *j = ctx;
    struct buffer *out = &j->out;
    bool sent = line->state == DOC_SUBMITTING || line->state == DOC_READY; /* summary's words */
    const char *state = doc_state_names[sent ? DOC_PROCESSING : line->state];
    buffer_printf(out, "%s\n{\"document\": %" PRId64 ", ", j->last ? "," : "", line->id);
    json_put_member(out, "path", line->path);
    buffer_printf(out, ", \"state\": \"%s\"", line->dismissed.ms ? "dismissed" : state);
    if (line->dismissed.ms) {
        buffer_printf(out, ", \"was\": \"%s\", ", state);
        json_put_time(out, "dismissed", line->dismissed);
    }
    buffer_printf(out, ", \"files\": %d, ", line->files);
    json_put_member(out, "code", line->code);
    buffer_put(out, ", ");
    json_put_member(out, "detail", line->detail);
    buffer_put(out, ", ");
    json_put_member(out, "job_id", line->job_id);
    buffer_put(out, "}");
    j->last = line->id;
    j->left--;
    return 0;
}

static bool is_open(struct job *j)
{
    struct error e;
    if (j->ledger)
        return true;
    if (open_ledger(j->api, j->batch, &j->ledger, &e) < 0) {
        fail(j, &e);
        return false;
    }
    if (ledger_newest_document(j->ledger, &j->newest) == 0)
        return true;
    e = *ledger_error(j->ledger);
    fail(j, &e);
    return false;
}

/* One slice; true: there may be more. */
static bool list_slice(struct job *j, int most,
                       int (*fn)(void *ctx, const struct ledger_document_line *line), void *ctx)
{
    struct ledger_document_ask *d = &j->ask.documents;
    d->upto = d->after + SLICE_DOCUMENTS;
    d->most = most;
    if (ledger_list_documents(j->ledger, d, fn, ctx) < 0) {
        struct error e = *ledger_error(j->ledger);
        fail(j, &e);
        return false;
    }
    d->after = d->upto;
    return true;
}

/* One more than was asked for says whether there is a next page. */
static int put_line_or_stop(void *ctx, const struct ledger_document_line *line)
{
    struct job *j = ctx;
    if (j->left == 0) {
        j->left = -1;
        return 1;
    }
    return put_line(ctx, line);
}

static void do_documents(struct job *j)
{
    if (!is_open(j))
        return;
    if (!j->out.len) {
        j->left = j->ask.limit;
        buffer_put(&j->out, "{");
        struct batch_view v = view_of(j->api, j->batch);
        json_put_member(&j->out, "batch", v.name);
        buffer_put(&j->out, ", \"documents\": [");
    }
    if (!list_slice(j, j->left + 1, put_line_or_stop, j))
        return;
    if (j->left >= 0 && j->ask.documents.after < j->newest)
        return;
    if (j->left < 0)
        buffer_printf(&j->out, "], \"next\": %" PRId64 "}\n", j->last);
    else
        buffer_put(&j->out, "], \"next\": null}\n");
    finish(j);
}

static void do_document(struct job *j)
{
    struct error e;
    if (!is_open(j))
        return;
    if (history_json_put(&j->out, j->ledger, j->ask.document) == 0) {
        finish(j);
        return;
    }
    e = *ledger_error(j->ledger);
    fail(j, &e);
}

/* ---- failures ---- */

static int64_t bad_of(const struct ledger_counts *c)
{
    return c->by_state[DOC_FAILED] + c->by_state[DOC_REJECTED] + c->by_state[DOC_LOST] +
           c->by_state[DOC_IN_DOUBT];
}

static void do_failures(struct job *j)
{
    if (!is_open(j) || !list_slice(j, SLICE_DOCUMENTS, failure_sums_add, &j->sums))
        return;
    if (j->ask.documents.after < j->newest)
        return;
    j->api->sums[j->batch] = j->sums;
    job_free(j);
}

/* ---- the line ---- */

static void work_cb(void *ctx)
{
    struct api *a = ctx;
    struct list *first = list_first(&a->jobs);
    if (!first)
        return;
    struct job *j = LIST_ENTRY(first, struct job, node);
    switch (j->ask.place) {
    case API_STATUS:
        do_status(j);
        break;
    case API_DOCUMENTS:
        do_documents(j);
        break;
    case API_DOCUMENT:
        do_document(j);
        break;
    case API_FAILURES:
        do_failures(j);
        break;
    case API_NOWHERE:
        break;
    }
    if (!list_empty(&a->jobs))
        loop_timer_set(a->timer, loop_now(a->loop));
}

static struct job *add(struct api *a, const struct api_ask *ask)
{
    struct job *j = xcalloc(1, sizeof *j);
    j->api = a;
    j->ask = *ask;
    buffer_init(&j->out, 0);
    list_push_back(&a->jobs, &j->node);
    loop_timer_set(a->timer, loop_now(a->loop));
    return j;
}

/* What is shown is older than the numbers: it is made anew, behind what is asked for. */
static bool look_for_failures(struct api *a, size_t batch, const struct batch_snapshot *now)
{
    enum { BAD = 1 << DOC_FAILED | 1 << DOC_REJECTED | 1 << DOC_LOST | 1 << DOC_IN_DOUBT };
    struct mono here = loop_now(a->loop);
    int64_t bad = now->known ? bad_of(&now->counts) : 0;
    if (bad == a->sums[batch].bad || !mono_reached(here, a->looked_at[batch]))
        return false;
    if (bad == 0) {
        a->sums[batch] = (struct failure_sums){0};
        return false;
    }
    a->looked_at[batch] = mono_add(here, GLANCE_MS);
    const struct api_ask ask = {
        .place = API_FAILURES,
        .documents = {.states = BAD, .dismissed = DISMISSED_NOT, .text = ""}};
    struct job *j = add(a, &ask);
    j->batch = batch;
    j->sums.bad = bad;
    return true;
}

struct api *api_new(struct loop *loop, struct observer *observer)
{
    struct api *a = xcalloc(1, sizeof *a);
    a->loop = loop;
    a->observer = observer;
    a->sums = xcalloc(observer->views.count, sizeof *a->sums);
    a->looked_at = xcalloc(observer->views.count, sizeof *a->looked_at);
    list_init(&a->jobs);
    a->timer = loop_timer_new(loop, work_cb, a);
    return a;
}

/* Without a name the first. -1: there is none of it. */
static int find_batch(const struct api *a, const char *name)
{
    for (size_t i = 0; i < a->observer->views.count; i++)
        if (!name || strcmp(view_of(a, i).name, name) == 0)
            return (int)i;
    return -1;
}

bool api_take(struct api *a, struct http_request *r)
{
    struct api_ask ask;
    const char *why = "";
    int status = api_ask_read(&ask, r, &why);
    if (status == 0 && ask.place == API_NOWHERE)
        return false;
    int batch = status == 0 ? find_batch(a, http_request_argument(r, "batch")) : 0;
    if (batch < 0) {
        status = 404;
        why = "there is no batch of that name";
        api_ask_release(&ask);
    }
    if (status != 0) {
        answer_error(r, status, why);
        return true;
    }
    struct job *j = add(a, &ask);
    j->r = r;
    j->batch = ask.place == API_STATUS ? 0 : (size_t)batch;
    return true;
}

void api_free(struct api *a)
{
    while (!list_empty(&a->jobs))
        job_free(LIST_ENTRY(list_first(&a->jobs), struct job, node));
    loop_timer_close(a->timer);
    free(a->sums);
    free(a->looked_at);
    free(a);
}
