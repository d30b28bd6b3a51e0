/* See retry.h. */
#include "batch/retry.h"

#include "base/array.h"
#include "base/list.h"
#include "base/log.h"
#include "batch/exit_code.h"
#include "batch/retry_select.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>

enum { FLIGHTS_AT_ONCE = 1000 };

/* A retry whose PATHs' files are looked at. */
struct asking {
    struct list link; /* of retry->asking */
    struct retry *retry;
    struct retry_select *select;
    retry_taken_fn *taken; /* NULL: the run's own */
    void *ctx, *who;
};

struct retry {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct find *find;
    struct list asking;
    int64_t *ids; /* documents, each once */
    size_t count, next;
    bool asked;                   /* by somebody beside the run, which takes all settings */
    struct intake_entry *entries; /* rejected files */
    size_t entry_count, entry_capacity;
    size_t looked; /* of those asked for: read, or being read */
};

struct retry *retry_new(struct run_context *c, struct ending *ending, struct journal *journal,
                        struct flights *flights, struct find *find)
{
    struct retry *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->ending = ending;
    r->journal = journal;
    r->flights = flights;
    r->find = find;
    list_init(&r->asking);
    return r;
}

static void drop_entries(struct retry *r)
{
    while (r->entry_count > 0) {
        struct intake_entry *entry = &r->entries[--r->entry_count];
        free(entry->path);
        free(entry->name);
    }
}

static struct asking *asking_new(struct retry *r, retry_taken_fn *taken, void *ctx, void *who)
{
    struct asking *a = xcalloc(1, sizeof *a);
    *a = (struct asking){.retry = r, .taken = taken, .ctx = ctx, .who = who};
    a->select = retry_select_new(r->context, r->ending, r->journal, taken != NULL);
    list_push_back(&r->asking, &a->link);
    return a;
}

static void asking_free(struct asking *a)
{
    list_remove(&a->link);
    retry_select_free(a->select);
    free(a);
}

void retry_free(struct retry *r)
{
    if (!r)
        return;
    while (!list_empty(&r->asking))
        asking_free(LIST_ENTRY(list_first(&r->asking), struct asking, link));
    drop_entries(r);
    free(r->entries);
    free(r->ids);
    free(r);
}

/* --- what is to be taken up --- */

/* Behind those that are there already. */
static void take_entries(struct retry *r, struct retry_selection *n)
{
    ARRAY_RESERVE(r->entries, r->entry_capacity, r->entry_count + n->entry_count);
    for (size_t i = 0; i < n->entry_count; i++)
        r->entries[r->entry_count++] = n->entries[i];
    n->entry_count = 0;
}

static void take_ids(struct retry *r, struct retry_selection *n)
{
    free(r->ids);
    r->ids = n->ids;
    r->count = n->count;
    r->next = 0;
    n->ids = NULL;
}

static void own_looked(void *ctx, struct retry_select *select)
{
    struct asking *a = ctx;
    struct retry *r = a->retry;
    if (!ending_has_begun(r->ending)) {
        struct retry_selection *n = retry_select_take(select);
        take_ids(r, n);
        take_entries(r, n);
        LOG(LOG_INFO, "run.retry", LOG_INT("documents", r->count),
            LOG_INT("rejected", r->entry_count));
        find_take_again(r->find, r->entries, r->entry_count);
    }
    asking_free(a);
    run_poke(r->context);
}

void retry_start(struct retry *r)
{
    struct asking *a = asking_new(r, NULL, NULL, NULL);
    struct buffer words;
    buffer_init(&words, 0);
    int code = retry_select_list(a->select, r->context->options->retrying, &words);
    if (code == EXIT_USAGE)
        ending_early(r->ending, EXIT_USAGE, "%s", buffer_text(&words));
    if (code)
        asking_free(a);
    else if (!retry_select_look(a->select, own_looked, a))
        own_looked(a, a->select);
    buffer_release(&words);
}

bool retry_looks(const struct retry *r)
{
    return r->asked && (r->looked < r->entry_count || find_is_examining(r->find));
}

bool retry_busy(const struct retry *r)
{
    bool more = r->next < r->count || (r->asked && r->looked < r->entry_count);
    return (more || !list_empty(&r->asking)) && !ending_has_begun(r->ending);
}

static size_t in_memory(const struct retry *r)
{
    return flights_count(r->flights, DOC_QUEUED) + flights_with_jobs(r->flights);
}

static bool can_go_on(const struct retry *r)
{
    return r->next < r->count && !ending_has_begun(r->ending) && in_memory(r) < FLIGHTS_AT_ONCE;
}

static void retry_one(struct retry *r, int64_t id)
{
    struct news n = {.cause = "retry", .retry_after_ms = -1};
    struct flight *held = flight_find(r->flights, id); /* in doubt: recovery parked it */
    struct ledger_document d;
    if (held) {
        if (!retry_is_for(held->doc.state))
            return;
        flight_unpark(held);
        flight_event(held, EV_RETRY, &n);
        return;
    }
    if (!ending_wrote(r->ending, ledger_document_get(r->context->ledger, id, &d)))
        return;
    if (retry_is_for(d.state)) /* still */
        flight_event(flight_new(r->flights, &d), EV_RETRY, &n);
    ledger_document_release(&d);
}

/* --- asked for beside the run --- */

/* All of them at once, for they are to be durable: what is more than a run keeps in memory the queue
 * gives back in its time. */
static void take_all(struct retry *r)
{
    for (; r->next < r->count && !ending_has_begun(r->ending); r->next++) {
        retry_one(r, r->ids[r->next]);
        struct flight *f = flight_find(r->flights, r->ids[r->next]);
        if (f && f->doc.state == DOC_QUEUED && f->requests == 0 && in_memory(r) > FLIGHTS_AT_ONCE)
            flight_retire(f);
    }
    r->count = r->next = 0;
}

/* The run may have come to its end while files were looked at, or the ledger can't be written. */
static void asked_looked(void *ctx, struct retry_select *select)
{
    struct asking *a = ctx;
    struct retry *r = a->retry;
    struct buffer words;
    int code = EXIT_LEDGER;
    buffer_init(&words, 0);
    if (!ending_has_begun(r->ending) && !journal_down(r->journal)) {
        struct retry_selection *n = retry_select_take(select);
        size_t documents = n->count, files = n->entry_count;
        r->asked = true;
        LOG(LOG_INFO, "run.retry", LOG_INT("documents", documents), LOG_INT("rejected", files));
        if (documents + files)
            buffer_printf(&words,
                          "taken up again: %zu; `mindee-batch status` tells what becomes of it",
                          documents + files);
        else
            buffer_put(&words, "there is nothing to retry");
        take_ids(r, n);
        take_entries(r, n);
        take_all(r);
        code = ending_storage_lost(r->ending) ? EXIT_LEDGER : 0;
    }
    a->taken(a->ctx, a->who, code, code ? "" : buffer_text(&words));
    buffer_release(&words);
    asking_free(a);
    run_poke(r->context);
}

void retry_ask(struct retry *r, const struct batch_retry *what, retry_taken_fn *taken, void *ctx,
               void *who)
{
    struct asking *a = asking_new(r, taken, ctx, who);
    struct buffer words;
    REQUIRE(!r->context->options->retrying || r->next == r->count);
    buffer_init(&words, 0);
    int code = retry_select_list(a->select, what, &words);
    if (code) {
        taken(ctx, who, code, buffer_text(&words));
        asking_free(a);
    } else if (!retry_select_look(a->select, asked_looked, a)) {
        asked_looked(a, a->select);
    }
    buffer_release(&words);
}

static void look_at_files(struct retry *r)
{
    while (r->looked < r->entry_count && find_look_at(r->find, &r->entries[r->looked]))
        r->looked++;
    if (r->looked == r->entry_count) {
        drop_entries(r);
        r->looked = 0;
    }
}

void retry_turn(struct retry *r, struct mono now)
{
    (void)now;
    if (r->asked)
        look_at_files(r);
    while (can_go_on(r))
        retry_one(r, r->ids[r->next++]);
}

struct mono retry_next(const struct retry *r, struct mono now)
{
    return can_go_on(r) ? mono_add(now, 1) : MONO_NEVER;
}
