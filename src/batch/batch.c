/* The life of a run. Once a turn, after all callbacks (promise 4 of the design): choose what goes
 * out, commit, release what waited for the commit, free what is finished, set the timer. Nothing
 * leaves this process, and no result counts, before the commit that records it.
 *
 * A run ends by itself when nothing is left to do, or early (a refusal, the budget, Ctrl-C, a full
 * disk): then nothing new goes out, what is on the wire is finished and recorded, and the same
 * command goes on another time. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/state.h"
#include "report/result_files.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const batch_pause_names[BATCH_PAUSES] = {
    "rate limit",    "uploads at once", "jobs in flight", "service down",
    "first answers", "budget",          "stopping"};

int exit_code_of(const struct error *e)
{
    switch (e->code) {
    case ERR_BUSY:
    case ERR_DAMAGED:
        return EXIT_LEDGER;
    case ERR_USAGE:
    case ERR_NOT_FOUND:
        return EXIT_USAGE;
    case ERR_IO:
        return EXIT_LEDGER;
    default:
        return EXIT_RESUMABLE;
    }
}

/* --- how a run ends early --- */

void batch_poke(struct batch *b)
{
    if (b->timer)
        loop_timer_set(b->timer, clock_mono(b->clock));
}

void batch_suspect(struct batch *b, int64_t id)
{
    if (b->suspect_count == b->suspect_capacity) {
        b->suspect_capacity = b->suspect_capacity ? b->suspect_capacity * 2 : 32;
        b->suspects = realloc(b->suspects, b->suspect_capacity * sizeof *b->suspects);
        REQUIRE(b->suspects != NULL);
    }
    b->suspects[b->suspect_count++] = id;
}

/* Documents that a canary took for faulty were not: back into the queue with them. */
static void clear_suspects(struct batch *b)
{
    struct news n = {.cause = "canary", .retry_after_ms = -1};
    for (size_t i = 0; i < b->suspect_count; i++) {
        struct ledger_document d;
        struct flight *f = flight_find(b, b->suspects[i]);
        if (!f) {
            if (!batch_wrote(b, ledger_document_get(b->ledger, b->suspects[i], &d)))
                return;
            f = flight_new(b, &d);
            ledger_document_release(&d);
        }
        if (f->doc.state == DOC_FAILED)
            flight_event(f, EV_RUN_STOPPED, &n);
    }
    b->suspect_count = 0;
}

void batch_end_early(struct batch *b, int exit_code, const char *format, ...)
{
    va_list ap;
    if (b->exit_code >= 0 || b->closing)
        return;
    b->exit_code = exit_code;
    va_start(ap, format);
    vsnprintf(b->reason, sizeof b->reason, format, ap);
    va_end(ap);
    LOG(LOG_DEBUG, "run.stopping", LOG_INT("exit", exit_code), LOG_STR("reason", b->reason));
    b->stopping = true;
    b->drain_until = mono_add(clock_mono(b->clock), STOP_MS);
    if (b->started)
        feeder_stop(b);
    batch_poke(b);
}

/* The ledger can't be read, is damaged, or stays unwritable: nothing can be recorded any more. */
void batch_storage_failed(struct batch *b)
{
    const struct error *e = ledger_error(b->ledger);
    bool damaged = e->code == ERR_DAMAGED;
    if (b->storage_lost)
        return;
    b->exit_code = -1; /* whatever the run was ending for, this is worse */
    batch_end_early(b, damaged ? EXIT_LEDGER : EXIT_RESUMABLE, "%s%s", e->text,
                    damaged ? "" : "; nothing is lost: mend this and run the same command again");
    b->storage_lost = b->stop_now = true;
    mindee_client_cancel_uploads(b->client);
}

bool batch_wrote(struct batch *b, int rc)
{
    if (rc >= 0)
        return true;
    batch_storage_failed(b);
    return false;
}

void batch_stop(struct batch *b, enum batch_stop how)
{
    batch_end_early(b, EXIT_RESUMABLE, "interrupted: run the same command again to go on");
    if (how == BATCH_NOW && !b->stop_now) {
        b->stop_now = true;
        b->stop_at = mono_add(clock_mono(b->clock), STOP_MS);
        mindee_client_cancel_uploads(b->client);
    }
    batch_poke(b);
}

/* --- what came of a request --- */

struct outcome batch_facts(enum request_kind kind, const struct mindee_response *r)
{
    return (struct outcome){
        .kind = kind,
        .delivery = r->delivery == MINDEE_NOT_SENT   ? DELIVERY_NOT_SENT
                    : r->delivery == MINDEE_ANSWERED ? DELIVERY_ANSWERED
                                                     : DELIVERY_IN_DOUBT,
        .status = r->status,
        .problem = r->problem != NULL,
        .cancelled = r->fault == MINDEE_CANCELLED,
    };
}

static const char *transport_cause(const struct mindee_response *r)
{
    switch (r->fault) {
    case MINDEE_CONNECT:
        return "connect";
    case MINDEE_BROKEN:
        return "broken";
    case MINDEE_TIMEOUT:
        return "timeout";
    case MINDEE_TOO_LARGE:
        return "too_large";
    case MINDEE_UNEXPECTED:
        return "unexpected";
    case MINDEE_FOREIGN_URL:
        return "foreign_url";
    case MINDEE_SOURCE_CHANGED:
    case MINDEE_SOURCE_ERROR:
        return "source";
    case MINDEE_CANCELLED:
        return "stopped";
    case MINDEE_OK:
        break;
    }
    return "";
}

static void refused(struct batch *b, const struct mindee_response *r)
{
    const char *way_out = "";
    switch (r->status) {
    case 401:
        way_out = "check the API key (api.key_file, or MINDEE_V2_API_KEY)";
        break;
    case 402:
        way_out = "the plan lacks an option or its credits are used up: see the Mindee platform";
        break;
    case 403:
        way_out = "this key has no access: check the key and api.model_id";
        break;
    default:
        way_out =
            "check api.model_id and api.product; `mindee-batch models` lists the key's models";
    }
    batch_end_early(
        b, EXIT_REFUSED,
        "Mindee refuses: %s. Stopped, nothing is lost: %s, then run the same command again",
        r->text, way_out);
}

enum doc_event_kind batch_outcome(struct batch *b, const struct outcome *o,
                                  const struct mindee_response *r, struct news *news, char *cause,
                                  size_t cause_size)
{
    enum breaker_sign sign = outcome_sign(o);
    struct mono now = clock_mono(b->clock);
    if (r->status)
        snprintf(cause, cause_size, "http_%d%s%s", r->status, r->fault != MINDEE_OK ? "_" : "",
                 r->fault != MINDEE_OK ? transport_cause(r) : "");
    else
        text_copy(cause, cause_size, transport_cause(r));
    bool fine = r->fault == MINDEE_OK && r->status / 100 == 2;
    *news = (struct news){.cause = cause,
                          .code = fine                                ? NULL
                                  : r->problem && r->problem->code[0] ? r->problem->code
                                                                      : cause,
                          .detail = r->text,
                          .retry_after_ms = r->retry_after_ms};
    if (breaker_sign(&b->service, sign, now, b->options->retry.first_delay_ms,
                     b->options->retry.max_delay_ms, random_unit(&b->random)))
        LOG(LOG_WARNING, b->service.down ? "service.down" : "service.up", LOG_STR("cause", cause),
            LOG_STR("detail", r->text));
    if (sign == SIGN_REFUSES)
        refused(b, r);
    return outcome_event(o);
}

/* --- the turn --- */

static void wake_due(struct batch *b, struct mono now)
{
    struct timer_entry *e;
    while ((e = timer_queue_pop(&b->timers, now)) != NULL) {
        struct flight *f = TIMER_OWNER(e, struct flight, timer);
        enum flight_wake wake = f->wake;
        f->wake = WAKE_NONE;
        if (wake == WAKE_QUEUE)
            flight_to_ready(f);
        else if (wake == WAKE_POLL)
            flight_to_line(f, &b->polls, f->asks_first);
        else if (wake == WAKE_FETCH)
            flight_to_line(f, &b->fetches, f->asks_first);
        else if (wake == WAKE_RESEND)
            flight_event(f, EV_RESEND, NULL);
    }
}

/* A commit that comes alone is made at once. The next ones wait: for what joins them, and where
 * the disk is slow for a few times as long as the last one took, or the loop would do nothing else.
 */
static void plan_commit(struct batch *b, struct mono began)
{
    struct mono now = clock_mono(b->clock);
    int64_t wait_ms = mono_diff(now, began) * TURN_COMMITS;
    wait_ms = wait_ms < TURN_MS ? TURN_MS : wait_ms > TURN_MAX_MS ? TURN_MAX_MS : wait_ms;
    b->commit_at = mono_add(now, wait_ms);
}

static bool commit(struct batch *b)
{
    struct mono began = clock_mono(b->clock);
    if (b->new_post || b->new_get || b->new_429)
        journal_run(b, b->new_post, b->new_get, b->new_429);
    b->new_post = b->new_get = b->new_429 = 0;
    learning_turn(b, began);
    bool durable = journal_commit(b);
    if (durable) /* else journal_next() says when */
        plan_commit(b, began);
    return durable;
}

static void release(struct batch *b, struct mono now)
{
    struct list waiting;
    CRASH_POINT("turn_released");
    list_init(&waiting);
    projection_drop_outdated(b);
    deliveries_reply(b, true);
    while (!list_empty(&b->outbox)) /* what is added meanwhile waits for the next commit */
        flight_to_line(LIST_ENTRY(list_first(&b->outbox), struct flight, line), &waiting, false);
    while (!list_empty(&waiting))
        flight_release(LIST_ENTRY(list_first(&waiting), struct flight, line), now);
}

static bool requests_out(const struct batch *b)
{
    return b->states[DOC_SUBMITTING].count > 0 || b->asks_out > 0 || !list_empty(&b->outbox);
}

/* Uploads whose intent waits for the commit are not on the wire. */
static bool requests_on_wire(const struct batch *b)
{
    return b->uploads_out > 0 || b->asks_out > 0;
}

/* Stopping at once waits for no answer but a result's, for a moment: with Delete When Fetched it
 * may be the only one. */
static bool stopped_now(const struct batch *b)
{
    bool fetching = b->asks_out > b->polls_out;
    return b->stop_now && b->uploads_out == 0 &&
           (!fetching || mono_reached(clock_mono(b->clock), b->stop_at));
}

/* Draining waits for uploads, and for results that are being fetched or can be within a moment;
 * polls are asked again another time. */
static bool drained(const struct batch *b)
{
    bool uploading = b->states[DOC_SUBMITTING].count > 0, fetching = b->asks_out > b->polls_out;
    bool may_fetch = !list_empty(&b->fetches) && !b->limits_lost &&
                     !mono_reached(clock_mono(b->clock), b->drain_until);
    return !uploading && !fetching && !may_fetch;
}

/* In doubt and held, and a webhook may still come. */
static bool may_be_adopted(const struct batch *b)
{
    struct ledger_counts c;
    if (!b->deliveries || mono_reached(clock_mono(b->clock), b->doubt_until))
        return false;
    return ledger_counts(b->ledger, &c) == 0 && c.by_state[DOC_IN_DOUBT] > 0;
}

static bool nothing_left(struct batch *b)
{
    if (b->stopping && (b->projecting || b->examining || moving_busy(b) || !list_empty(&b->outbox)))
        return false;
    if (b->stopping)
        return stopped_now(b) || drained(b);
    if (feeder_busy(b) || requests_out(b) || moving_busy(b) || b->projecting ||
        b->projection_backlog || b->recovering_jobs || b->recovering_doubts || retrying_busy(b))
        return false;
    if (b->options->stay || may_be_adopted(b))
        return false;
    if (b->flights - b->parked > b->states[DOC_QUEUED].count) /* jobs, doubts that will be resent */
        return false;
    /* what is over the budget stays in the queue */
    if (!(b->pauses & PAUSE_BUDGET) && (admission_has_more(b) || b->states[DOC_QUEUED].count > 0))
        return false;
    return moving_is_done(b);
}

/* What this turn left for the next one, with nothing else to wake it. */
static bool more_to_do(struct batch *b)
{
    if (b->stopping)
        return false;
    bool may_send = !list_empty(&b->ready) && !b->pauses;
    return may_send || recovery_can_go_on(b) || retrying_can_go_on(b);
}

static struct mono next_wake(struct batch *b, struct mono now)
{
    struct mono at = mono_min(timer_queue_next(&b->timers), pacing_wake(b));
    if (b->journal.down)
        at = mono_min(at, mono_max(journal_next(b), mono_add(now, 1)));
    else if (!list_empty(&b->outbox) || journal_dirty(b))
        at = mono_min(at, mono_max(b->commit_at, mono_add(now, 1)));
    if (may_be_adopted(b))
        at = mono_min(at, b->doubt_until);
    if (more_to_do(b))
        at = mono_min(at, mono_add(now, 1));
    if (b->stopping && !mono_reached(now, b->drain_until))
        at = mono_min(at, b->drain_until);
    if (b->stop_now && !mono_reached(now, b->stop_at))
        at = mono_min(at, b->stop_at);
    unsigned pauses = b->stopping ? 0 : b->pauses; /* nothing is admitted any more */
    if (pauses & PAUSE_RATE)
        at = mono_min(at, mono_max(pacing_next_post(b, now), mono_add(now, 1)));
    if (pauses & PAUSE_SERVICE)
        at = mono_min(at, breaker_next(&b->service, now));
    return mono_min(at, asking_next(b, now));
}

static void finish(struct batch *b);

static void turn_cb(void *ctx)
{
    struct batch *b = ctx;
    struct mono now = clock_mono(b->clock);
    if (b->closing)
        return;
    wake_due(b, now);
    pacing_turn(b, now);
    if (!b->stopping) {
        recovery_turn(b);
        retrying_turn(b);
        admission_turn(b, now);
    }
    if (b->stopping && b->suspect_count && b->exit_code == EXIT_REFUSED)
        clear_suspects(b);
    bool pending = journal_dirty(b) || !list_empty(&b->outbox);
    if (pending && !b->storage_lost && mono_reached(now, b->commit_at) &&
        (!journal_dirty(b) || commit(b)))
        release(b, now);
    if (b->journal.down)
        deliveries_reply(b, false);
    if (journal_hopeless(b) && !requests_on_wire(b))
        batch_storage_failed(b);
    if (b->storage_lost) {
        journal_release(b); /* before the bytes it points to */
        flight_drop_all(b);
    } else if (!journal_dirty(b)) {
        projection_turn(b);
        moving_turn(b);
    }
    asking_turn(b, now);
    flight_reap(b);
    if (nothing_left(b) && (!journal_dirty(b) || b->storage_lost)) {
        finish(b);
        return;
    }
    loop_timer_set(b->timer, next_wake(b, now));
}

static void timer_cb(void *ctx)
{
    (void)ctx; /* waking the loop is enough: the turn follows */
}

/* --- the end --- */

static void find_exit_code(struct batch *b)
{
    struct ledger_counts c;
    if (b->exit_code >= 0)
        return;
    if (!batch_wrote(b, ledger_counts(b->ledger, &c)))
        return;
    int64_t open = c.by_state[DOC_SUBMITTING] + c.by_state[DOC_PROCESSING] + c.by_state[DOC_READY];
    if (c.files == 0) {
        b->exit_code = EXIT_USAGE;
        text_copy(
            b->reason, sizeof b->reason,
            "no files found: check the path, and input.include, input.exclude, input.recursive");
    } else if (b->projection_errors > b->projection_clashes) {
        b->exit_code = EXIT_RESUMABLE;
        text_copy(b->reason, sizeof b->reason,
                  "some result files could not be written; the results are safe in the ledger: "
                  "make room in the output "
                  "directory and run the same command again");
    } else if (c.by_state[DOC_QUEUED] && b->pauses & PAUSE_BUDGET) {
        b->exit_code = EXIT_RESUMABLE;
        snprintf(b->reason, sizeof b->reason,
                 "the budget is reached: the next document would go over limits.max_credits = "
                 "%lld; raise it and run the "
                 "same command again",
                 (long long)b->options->max_credits);
    } else if (open) {
        char count[UNITS_TEXT_MAX];
        b->exit_code = EXIT_RESUMABLE;
        snprintf(b->reason, sizeof b->reason,
                 "%s still not done after polling.give_up_after: run the same command again later, "
                 "they are asked for "
                 "once more",
                 count_format(open, count));
    } else if (c.by_state[DOC_QUEUED]) {
        char count[UNITS_TEXT_MAX];
        b->exit_code = EXIT_RESUMABLE;
        snprintf(
            b->reason, sizeof b->reason,
            "%s more wait in this ledger under other options or another model: run them with those",
            count_format(c.by_state[DOC_QUEUED], count));
    } else {
        bool all_there = c.by_state[DOC_STORED] == c.documents && !b->projection_clashes;
        b->exit_code = all_there ? EXIT_ALL_STORED : EXIT_SOME_FAILED;
        if (b->projection_clashes)
            text_copy(b->reason, sizeof b->reason,
                      "some results are in the ledger, but their files' names clash: see the log");
    }
}

/* Closing is a conjunction: the run has ended when the last of its parts has. */
static void part_closed_cb(void *ctx)
{
    struct batch *b = ctx;
    if (--b->closing_parts > 0)
        return;
    b->client = NULL;
    flight_reap(b);
    if (b->ended)
        b->ended(b->ended_ctx);
}

static void finish(struct batch *b)
{
    CRASH_POINT("run_ending");
    find_exit_code(b);
    if (!b->storage_lost)
        learning_save(b);
    if (!b->storage_lost && (ledger_run_end(b->ledger, b->exit_code) < 0 || !commit(b)))
        LOG(LOG_ERROR, "run.end_unrecorded", LOG_STR("reason", ledger_error(b->ledger)->text));
    CRASH_POINT("run_ended");
    journal_drop_reserve(b);
    b->closing = true;
    feeder_stop(b);
    flight_drop_all(b);
    pacing_close(b);
    page_helper_leave();
    loop_turn_close(b->turn);
    loop_timer_close(b->timer);
    b->timer = NULL;
    b->closing_parts = 1 + (b->deliveries != NULL);
    if (b->deliveries)
        deliveries_close(b, part_closed_cb, b);
    mindee_client_close(b->client, part_closed_cb, b);
}

/* --- the beginning --- */

static int open_roots(struct batch *b, struct error *e)
{
    const struct batch_options *o = b->options;
    struct buffer path;
    buffer_init(&path, 0);
    int rc = 0;
    for (size_t i = 0; i < o->root_count && rc >= 0; i++) {
        struct intake_root *root = &o->roots[i];
        rc = ledger_root_put(b->ledger, root->path, root->prefix, &root->id);
        CRASH_POINT("root_put");
        if (rc == 0)
            rc = ledger_requeue_under(b->ledger, root->id, b->settings_id);
        if (rc == 0)
            rc = ledger_settings_conflict(b->ledger, root->id, b->settings_id, &path);
        if (rc == 1)
            rc = error_set(e, ERR_USAGE,
                           "%s was sent with another model or other options before, and its result "
                           "is in %s: use another "
                           "output.directory for the new ones, or go back to the old ones",
                           text_show(buffer_text(&path)), text_show(o->output));
        else if (rc < 0)
            *e = *ledger_error(b->ledger);
    }
    buffer_release(&path);
    return rc;
}

static int make_move_directory(const char *path, struct error *e)
{
    int rc = directory_make(path, e);
    if (rc == 0 && access(path, W_OK | X_OK) != 0)
        rc = error_system(e, ERR_USAGE, errno, "write to %s", text_show(path));
    if (rc == 0)
        return 0;
    e->code = ERR_USAGE;
    return error_wrap(e, "input.move_stored, .move_failed or .move_rejected");
}

static int open_ledger(struct batch *b, struct error *e)
{
    const struct batch_options *o = b->options;
    struct ledger_options lo = {.path = o->ledger, .clock = b->clock};
    int rc = directory_make(o->output, e);
    if (rc == 0) {
        char *slash = strrchr(o->ledger, '/');
        *slash = '\0';
        rc = *o->ledger ? directory_make(o->ledger, e) : 0;
        *slash = '/';
    }
    if (rc < 0) {
        e->code = ERR_USAGE;
        return error_wrap(e, "output.directory");
    }
    rc = ledger_open(&b->ledger, &lo, e);
    if (rc == 0)
        rc = result_files_prepare(o->output, e);
    if (rc < 0)
        return rc;
    struct ledger_settings s = {.product = mindee_product_names[o->request.product],
                                .model_id = o->request.model_id,
                                .options = o->request_json};
    for (size_t i = 0; i < BATCH_MOVE_DIRECTORIES && o->move_directories[i]; i++)
        if (make_move_directory(o->move_directories[i], e) < 0)
            return e->code;
    CRASH_POINT("directories_made");
    rc = ledger_settings_put(b->ledger, &s, &b->settings_id);
    CRASH_POINT("settings_put");
    if (rc < 0) {
        *e = *ledger_error(b->ledger);
        return rc;
    }
    return open_roots(b, e);
}

static void init_lists(struct batch *b)
{
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        list_init(&b->states[s].flights);
    for (int i = 0; i < FLIGHT_BUCKETS; i++)
        list_init(&b->buckets[i]);
    list_init(&b->ready);
    list_init(&b->outbox);
    list_init(&b->polls);
    list_init(&b->fetches);
    list_init(&b->dead);
    timer_queue_init(&b->timers);
}

int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
              struct error *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    b->options = options;
    b->loop = loop;
    b->clock = loop_clock(loop);
    b->exit_code = -1;
    init_lists(b);
    journal_init(b);
    if (options->seed)
        random_init(&b->random, options->seed);
    else
        random_init_system(&b->random);
    breaker_init(&b->service);
    canary_init(&b->canary, options->retrying ? 0 : options->canary); /* a retry is asked for */
    b->planner =
        options->polling.learned
            ? poll_planner_new_learned(options->polling.first_ms, options->polling.interval_ms)
            : poll_planner_new_fixed(options->polling.first_ms, options->polling.interval_ms);
    int rc = open_ledger(b, e);
    if (rc == 0)
        learning_recall(b);
    if (rc == 0)
        rc = pacing_open(b, e);
    if (rc == 0)
        rc = deliveries_open(b, e);
    char text[MINDEE_TEXT_MAX];
    if (rc == 0 &&
        mindee_client_new(&b->client, loop_uv(loop), &options->api, text, sizeof text) != 0)
        rc = error_set(e, ERR_USAGE, "%s", text);
    if (rc < 0) {
        batch_free(b);
        return rc;
    }
    *out = b;
    return 0;
}

void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    b->committed = committed;
    b->committed_ctx = ctx;
}

void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx)
{
    int64_t run_id;
    b->ended = ended;
    b->ended_ctx = ctx;
    b->started = true;
    page_helper_enter();
    b->started_at = clock_mono(b->clock);
    b->learned_at = b->commit_at = b->started_at;
    b->timer = loop_timer_new(b->loop, timer_cb, b);
    b->turn = loop_on_turn(b->loop, turn_cb, b);
    journal_make_reserve(b);
    CRASH_POINT("reserve_made");
    if (batch_wrote(b, ledger_run_start(b->ledger, &run_id)) &&
        batch_wrote(b, ledger_commit(b->ledger))) {
        recovery_start(b);
        projection_start(b);
        moving_start(b);
        if (b->options->retrying)
            retrying_start(b);
        else
            feeder_start(b);
    }
    batch_poke(b);
}

int batch_exit_code(const struct batch *b)
{
    return b->exit_code;
}

const char *batch_reason(const struct batch *b)
{
    return b->reason;
}

struct ledger *batch_ledger(struct batch *b)
{
    return b->ledger;
}

void batch_reload(struct batch *b)
{
    deliveries_reload(b);
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    REQUIRE(!b->client || !b->started);
    if (b->client)
        mindee_client_close(b->client, NULL, NULL);
    if (b->deliveries && !b->started)
        deliveries_close(b, NULL, NULL);
    deliveries_free(b);
    flight_drop_all(b);
    journal_release(b);
    pacing_close(b);
    if (b->ledger)
        ledger_close(b->ledger);
    poll_planner_free(b->planner);
    timer_queue_release(&b->timers);
    retrying_release(b);
    moving_free(b);
    free(b->suspects);
    projection_drop_outdated(b);
    free(b->stale);
    free(b);
}

/* --- for the display --- */

static int64_t estimate(struct batch *b, const struct ledger_counts *c, struct mono now)
{
    int64_t queued = c->by_state[DOC_QUEUED] + (int64_t)b->states[DOC_SUBMITTING].count;
    int64_t elapsed = mono_diff(now, b->started_at);
    if (b->walking)
        return -1;
    if (queued == 0 && b->stored_now == 0)
        return -1;
    /* Uploads at the limit from the next place on, or at the speed seen if that is slower; then the
     * last jobs. */
    int64_t per_job = b->stored_now > 0 ? elapsed / b->stored_now : 0;
    int64_t limit = (int64_t)limiter_rate_per_minute(&b->post), by_limit = 0;
    if (b->post.limit) {
        limit = limit > 0 ? limit : 1;
        int64_t windows = (queued + limit - 1) / limit - (queued > 0);
        by_limit = windows * LIMITER_WINDOW_MS;
        struct mono place = limiter_next(&b->post, now);
        if (queued > 0 && place.ms < INT64_MAX)
            by_limit += mono_diff(place, now);
    }
    int64_t by_speed = b->post.limit ? 0 : per_job * queued;
    return (by_limit > by_speed ? by_limit : by_speed) + (flights_with_jobs(b) ? 3000 : 0);
}

void batch_progress(struct batch *b, struct batch_progress *p)
{
    struct ledger_counts c;
    struct mono now = clock_mono(b->clock);
    memset(p, 0, sizeof *p);
    p->eta_ms = -1;
    if (ledger_counts(b->ledger, &c) < 0)
        return;
    p->files = c.files;
    p->documents = c.documents;
    memcpy(p->by_state, c.by_state, sizeof p->by_state);
    p->walking = b->walking;
    p->uploads_out = (int)b->states[DOC_SUBMITTING].count;
    p->jobs = (int)flights_with_jobs(b);
    p->stored_now = b->stored_now;
    p->pauses = b->pauses | (b->stopping ? (unsigned)PAUSE_STOPPING : 0u);
    p->post_limit = b->post.limit ? limiter_rate_per_minute(&b->post) : 0;
    p->eta_ms = estimate(b, &c, now);
    p->started = b->started_at;
}
