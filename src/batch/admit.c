/* See admit.h. */
#include "batch/admit.h"

#include "batch/former_life.h"
#include "batch/notes.h"

#include <stdlib.h>

/* Enough for a window's worth at once at the default of uploads. */
enum { WANTED_PER_UPLOAD = 16 };

struct admit {
    struct run_context *context;
    struct upload_neighbours with;
    struct send_queue *queue;
    struct upload *upload;
    struct former_life *former_life;
    struct spending *spending;
    unsigned pauses;
    int counting; /* documents whose pages are being counted, or whose files are looked at */
    int64_t sent; /* uploads admitted */
};

struct counting {
    struct admit *admit;
    struct flight *flight;
};

struct admit *admit_new(struct run_context *c, const struct upload_neighbours *with,
                        struct send_queue *queue, struct upload *upload, struct spending *spending)
{
    struct admit *a = xcalloc(1, sizeof *a);
    a->context = c;
    a->with = *with;
    a->queue = queue;
    a->upload = upload;
    a->former_life = former_life_new(c, with->ending);
    a->spending = spending;
    return a;
}

void admit_free(struct admit *a)
{
    if (a)
        former_life_free(a->former_life);
    free(a);
}

/* --- out of the queue, while its file is read --- */

static void leave_queue(struct admit *a, struct flight *f)
{
    list_remove(&f->line);
    a->counting++;
    f->requests++;
}

/* Nothing happened to it meanwhile that says where it goes. */
static bool is_queued_still(const struct admit *a, const struct flight *f)
{
    bool queued = f->doc.state == DOC_QUEUED && f->pending == 0;
    return queued && !f->dead && ending_life(a->with.ending) != RUN_CLOSING;
}

static void back_into_queue(struct admit *a, struct flight *f)
{
    a->counting--;
    f->requests--;
    if (is_queued_still(a, f)) {
        f->queue_head = true;
        send_queue_add(a->queue, f);
    }
    run_poke(a->context);
}

/* --- the budget --- */

static void counted_cb(void *ctx, int pages)
{
    struct counting *c = ctx;
    struct admit *a = c->admit;
    struct flight *f = c->flight;
    free(c);
    f->pages = pages;
    if (is_queued_still(a, f))
        note_pages(a->with.journal, f->id, pages);
    back_into_queue(a, f);
}

static void count_pages(struct admit *a, struct flight *f)
{
    struct counting *c = xcalloc(1, sizeof *c);
    *c = (struct counting){a, f};
    leave_queue(a, f);
    intake_count_pages(a->context->loop, f->source.path, (enum file_type)f->type, counted_cb, c);
}

/* True: the document may be sent as far as money goes. Its pages are counted first where they never
 * were. */
static bool within_budget(struct admit *a, struct flight *f)
{
    if (!budget_is_set(&a->context->options->spending.budget))
        return true;
    if (f->pages < 0) {
        count_pages(a, f);
        return false;
    }
    if (spending_ask(a->spending, f) == BUDGET_ALLOWS)
        return true;
    a->pauses |= PAUSE_BUDGET; /* for now: a job that fails costs nothing */
    return false;
}

/* --- one document --- */

/* Finds a file that holds the document's bytes. Without one it can't be sent. */
static bool find_source(struct admit *a, struct flight *f)
{
    ledger_source_release(&f->source);
    int found = ledger_document_source(a->context->ledger, f->id, 0, &f->source);
    if (found < 0)
        ending_storage_failed(a->with.ending);
    if (found == 0) {
        struct news n = {.cause = "source_gone",
                         .code = "source-gone",
                         .detail = "no file holds this document's content any more",
                         .retry_after_ms = -1};
        flight_event(f, EV_SOURCE_GONE, &n);
    }
    return found == 1;
}

static void looked_cb(void *ctx, struct flight *f)
{
    back_into_queue(ctx, f);
}

/* False: it isn't sent, or not before its files were looked at. */
static bool is_of_this_life(struct admit *a, struct flight *f)
{
    switch (former_life_tells(a->former_life, f, looked_cb, a)) {
    case FORMER_LIFE_NEVER_SENT:
        return true;
    case FORMER_LIFE_MAY_HAVE_SENT:
        former_life_hold(a->with.journal, f);
        former_life_settled(a->former_life, f);
        break;
    case FORMER_LIFE_LOOKS:
        leave_queue(a, f);
        break;
    }
    return false;
}

static unsigned hindrance(struct admit *a, struct mono now)
{
    size_t out = flights_count(a->with.flights, DOC_SUBMITTING);
    size_t jobs = flights_with_jobs(a->with.flights);
    if (ending_has_begun(a->with.ending))
        return PAUSE_STOPPING;
    if (!reserve_ready(journal_reserve(a->with.journal), now))
        return PAUSE_DISK;
    if (upload_files_away(a->upload, now))
        return PAUSE_FILES;
    if (out + (size_t)a->counting >= (size_t)a->context->options->uploads)
        return PAUSE_UPLOADS;
    if (pace_job_capacity(a->with.pace, now) <= jobs + out)
        return PAUSE_JOBS;
    if (suspects_room(a->with.suspects, out) == 0)
        return PAUSE_CANARY;
    if (!pace_service_up(a->with.pace, now))
        return PAUSE_SERVICE;
    return 0;
}

static bool rate_allows(struct admit *a, struct mono now)
{
    return mono_reached(now, pace_next_request(a->with.pace, PACE_POST, now));
}

static bool begin_attempt(struct admit *a, struct flight *f, struct mono now)
{
    if (!note_attempt_start(a->with.journal, f->id, &f->attempt, f->alias))
        return false;
    former_life_settled(a->former_life, f);
    f->sent_as = ++a->sent;
    f->heard_of = false;
    f->queue_head = false;
    pace_take(a->with.pace, PACE_POST, now);
    flight_event(f, EV_ADMIT, NULL);
    return true;
}

/* --- the turn --- */

static bool sends_nothing(const struct admit *a)
{
    return a->context->options->mode == RUN_RECEIVES || ending_has_begun(a->with.ending) ||
           journal_unsure(a->with.journal);
}

void admit_turn(struct admit *a, struct mono now)
{
    if (sends_nothing(a))
        return;
    bool waited = (a->pauses & ~(unsigned)PAUSE_UPLOADS) != 0;
    a->pauses = 0;
    for (;;) {
        unsigned why = hindrance(a, now);
        if (why || !send_queue_has_more(a->queue)) {
            a->pauses |= why;
            return;
        }
        if (!rate_allows(a, now)) {
            a->pauses |= PAUSE_RATE;
            return;
        }
        if (waited) {
            waited = false;
            send_queue_choose_again(a->queue);
            continue;
        }
        struct flight *f = send_queue_first(a->queue);
        if (!find_source(a, f))
            continue;
        if (!is_of_this_life(a, f)) {
            if (journal_down(a->with.journal))
                return;
            continue;
        }
        if (!within_budget(a, f)) {
            if (a->pauses & PAUSE_BUDGET)
                return;
            continue;
        }
        if (!begin_attempt(a, f, now))
            return;
    }
}

struct mono admit_next(struct admit *a, struct mono now)
{
    struct mono at = MONO_NEVER;
    if (sends_nothing(a))
        return at;
    if (send_queue_is_ready(a->queue) && !a->pauses)
        at = mono_add(now, 1);
    if (a->pauses & PAUSE_RATE)
        at = mono_min(at,
                      mono_max(pace_next_request(a->with.pace, PACE_POST, now), mono_add(now, 1)));
    if (a->pauses & PAUSE_DISK)
        at = mono_min(at, reserve_next(journal_reserve(a->with.journal)));
    if (a->pauses & PAUSE_FILES)
        at = mono_min(at, mono_max(upload_resumes_at(a->upload), mono_add(now, 1)));
    if (a->pauses & PAUSE_SERVICE)
        at = mono_min(at, pace_service_next(a->with.pace, now));
    return at;
}

bool admit_busy(const struct admit *a)
{
    if (a->counting > 0)
        return true;
    /* what is over the budget stays in the queue, and what there is no room for */
    if (sends_nothing(a) || a->pauses & (PAUSE_BUDGET | PAUSE_DISK))
        return false;
    if (upload_gave_files_up(a->upload, clock_mono(a->context->clock)))
        return false;
    size_t alone = (size_t)upload_left_alone(a->upload);
    return flights_count(a->with.flights, DOC_QUEUED) > alone || send_queue_has_more(a->queue);
}

unsigned admit_pauses(const struct admit *a)
{
    return a->pauses;
}

bool admit_tries_later(const struct admit *a)
{
    return a->counting == 0 && !sends_nothing(a) && !send_queue_is_ready(a->queue) &&
           send_queue_ledger_empty(a->queue) && flights_count(a->with.flights, DOC_QUEUED) > 0;
}

uint32_t admit_wanted(const struct admit *a)
{
    bool none =
        sends_nothing(a) || (send_queue_ledger_empty(a->queue) && !send_queue_is_ready(a->queue));
    return none ? 0 : (uint32_t)(a->context->options->uploads * WANTED_PER_UPLOAD);
}
