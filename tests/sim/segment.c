/* See segment.h. The child is `mindee-batch run` without its display: options from the real
 * configuration, the real batch on a virtual loop, the reports at the end. Each step is counted
 * and bounded: a run that goes on for ever, in steps or in virtual time,
 * is a failure like any other. */
#include "segment.h"

#include "budgets.h"

#include "comings.h"
#include "fake_receiver.h"
#include "lives.h"
#include "scheduled.h"
#include "script_play.h"
#include "slow_ledger.h"
#include "virtual_loop.h"

#include "base/log.h"
#include "batch/batch.h"
#include "cli/restored_ledger.h"
#include "cli/verify_ledger.h"
#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"
#include "ledger/spending.h"
#include "results/failures.h"
#include "results/summary.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_STEPS = 300000, MOST_MINUTES = 24 * 60, COUNTS_EVERY = 25, FULL_COUNTS_EVERY = 100 };
enum { TAKEN_EVERY = 3 };
enum { FAILED_CHILD = 99, PATH_ROOM = 256 };

bool world_in_child, world_verbose;

void world_fail(struct world *w, const char *format, ...)
{
    if (!w->failure[0]) {
        va_list ap;
        va_start(ap, format);
        vsnprintf(w->failure, sizeof w->failure, format, ap);
        va_end(ap);
    }
    if (world_in_child) {
        fflush(NULL);
        _exit(FAILED_CHILD);
    }
}

/* When it begins; INT64_MAX: not yet. */
static int64_t disk_from(const struct world *w)
{
    if (!w->scenario->disk_after_results)
        return w->scenario->disk_from_ms + VIRTUAL_MONO_START_MS;
    return w->disk_began_ms ? w->disk_began_ms : INT64_MAX;
}

int64_t world_disk_until(const struct world *w)
{
    const struct scenario *s = w->scenario;
    int64_t from_ms = disk_from(w);
    return from_ms == INT64_MAX ? 0 : from_ms + s->disk_to_ms - s->disk_from_ms;
}

bool world_disk_fails(const struct world *w)
{
    return w->scenario->disk_to_ms && !w->healed && w->mono_ms >= disk_from(w) &&
           w->mono_ms < world_disk_until(w);
}

void world_result_written(struct world *w)
{
    if (++w->results_written == w->scenario->disk_after_results)
        w->disk_began_ms = w->mono_ms;
}

void world_output(const struct world *w, int ledger, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", w->directory, ledger ? "beside-out" : "out");
}

struct child {
    struct world *w;
    struct sim_run *run;
    const struct segment *segment;
    struct batch *batch;
    struct batch_options options;
    struct scheduled scheduled; /* where files come */
    int64_t started_ms, stays_until_ms;
    bool ended, paused;
    int64_t resent; /* as was seen last */
    const struct clock *clock;
    bool over; /* budgets.h */
};

/* --- options --- */

static void set(struct config *c, struct error_list *errors, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void set(struct config *c, struct error_list *errors, const char *format, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    REQUIRE(config_set(c, text, errors) == 0);
}

static bool listens(const struct child *c)
{
    const struct sim_webhooks *h = &c->w->scenario->webhooks;
    if (c->segment->receives)
        return true;
    return h->on && !c->segment->ledger && !(h->by_turns && c->segment->number % 2);
}

static bool stays(const struct child *c)
{
    return c->w->scenario->comings.stays && !c->w->healed && !c->segment->receives &&
           !c->segment->retry && c->segment->number % 2 == 0;
}

static void set_webhooks(struct config *c, struct error_list *errors, const struct sim_webhooks *h)
{
    set(c, errors, "webhook.listen=127.0.0.1:8443");
    set(c, errors, "webhook.secret=simulated");
    set(c, errors, "request.webhook_ids=%s", SIM_WEBHOOK);
    set(c, errors, "webhook.fallback_after=%" PRId64 "ms", h->fallback_ms);
    set(c, errors, "retry.in_doubt_wait=%" PRId64 "ms", h->in_doubt_wait_ms);
}

static struct config *make_config(const struct child *child)
{
    const struct world *w = child->w;
    const struct scenario *s = w->scenario;
    struct error_list errors = {0};
    struct config *c = config_new();
    set(c, &errors, "api.key=md_simulated");
    bool neighbour = child->segment->ledger > 0, other = child->segment->settings == 1;
    char output[PATH_ROOM];
    world_output(w, child->segment->ledger, output, sizeof output);
    set(c, &errors, "api.model_id=%s", other && s->other_model ? SIM_OTHER_MODEL : SIM_MODEL);
    if (other && !s->other_model)
        set(c, &errors, "request.rag=true");
    set(c, &errors, "limits.post_per_minute=%d", s->post_per_minute);
    set(c, &errors, "limits.get_per_minute=%d", s->get_per_minute);
    set(c, &errors, "limits.state=%s/limits", w->directory);
    set(c, &errors, "limits.uploads=%d", s->uploads);
    set(c, &errors, "limits.canary=%d", s->canary);
    set(c, &errors, "limits.pace=%s", s->even ? "even" : "window");
    if (!neighbour)
        budgets_set(w, c, &errors);
    set(c, &errors, "input.order=%s", s->order);
    set(c, &errors, "api.patience=%" PRId64 "ms", w->healed ? 3600000 : s->api_patience_ms);
    set(c, &errors, "input.patience=%" PRId64 "ms", s->patience_ms);
    set(c, &errors, "output.directory=%s", output);
    set(c, &errors, "polling.give_up_after=%" PRId64 "ms", w->healed ? 900000 : s->give_up_ms);
    set(c, &errors, "retry.max_attempts=%d", s->max_attempts);
    set(c, &errors, "retry.in_doubt=%s", s->hold ? "hold" : "resend");
    set(c, &errors, "retry.max_resends=%d", s->max_resends);
    if (s->comings.moves) {
        set(c, &errors, "input.move_stored=%s/done", w->directory);
        set(c, &errors, "input.move_failed=%s/bad", w->directory);
        set(c, &errors, "input.move_rejected=%s/bad", w->directory);
    }
    if (stays(child)) {
        set(c, &errors, "watch.enabled=yes");
        set(c, &errors, "watch.rescan=10s");
    }
    if (listens(child))
        set_webhooks(c, &errors, &s->webhooks);
    return c;
}

/* --- the run --- */

static void check_counts(struct child *c)
{
    struct batch_progress p;
    if (c->ended) /* perhaps freed */
        return;
    struct ledger *l = batch_ledger(c->batch);
    budgets_check_turn(c->w, l, &c->over);
    if (c->run->steps % COUNTS_EVERY || ledger_error(l)->code)
        return;
    batch_progress(c->batch, &p);
    int64_t sum = p.dismissed;
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        sum += p.by_state[i];
    if (sum != p.documents)
        world_fail(c->w, "%" PRId64 " documents, but their states sum up to %" PRId64, p.documents,
                   sum);
    budgets_check(c->w, &c->options, l, clock_wall(c->clock));
    /* Counters go to their table with the commit: before it rows and counters may differ. */
    if (c->run->steps % FULL_COUNTS_EVERY == 0 && !ledger_dirty(l) && ledger_counts_check(l) < 0)
        world_fail(c->w, "in the middle of a run: %s", ledger_error(l)->text);
}

static void before_time_cb(void *ctx, struct mono at)
{
    struct child *c = ctx;
    relay_wait(&c->w->relay, c->segment->ledger, at.ms);
}

/* Nothing happens here until then. */
static void sleep_until(struct child *c, int64_t at_ms)
{
    struct world *w = c->w;
    relay_wait(&w->relay, c->segment->ledger, at_ms);
    if (w->mono_ms < at_ms)
        w->mono_ms = at_ms;
}

static void be_stopped(struct child *c)
{
    struct world *w = c->w;
    int64_t from_ms = w->mono_ms;
    sleep_until(c, from_ms + w->scenario->pause_ms);
    if (fake_receiver_is_open()) {
        w->stopped_from_ms = from_ms;
        w->stopped_to_ms = w->mono_ms;
    }
}

/* Once in a run. */
static bool is_to_be_stopped(struct child *c)
{
    const struct scenario *s = c->w->scenario;
    struct ledger_counts n;
    if (!s->pause_ms || c->paused || c->w->healed || c->segment->ledger)
        return false;
    if (s->pause_where == PAUSE_AT_STEP)
        return c->run->steps == s->pause_at_step;
    if (c->ended || ledger_error(batch_ledger(c->batch))->code ||
        ledger_counts(batch_ledger(c->batch), &n) < 0)
        return false;
    bool resends = c->run->steps > 1 && n.resent > c->resent;
    c->resent = n.resent;
    c->paused = s->pause_where == PAUSE_IN_DOUBT ? n.by_state[DOC_IN_DOUBT] > 0 : resends;
    return c->paused;
}

/* Now and then, of one that is in doubt. */
static int take_away(void *ctx, const struct ledger_listing *row)
{
    struct child *c = ctx;
    const char *base = strrchr(row->path, '/');
    int file = base ? atoi(base + 2) : -1;
    if (row->state == DOC_IN_DOUBT && file >= 0 && file < c->w->scenario->file_count &&
        !c->w->vanished[file] && random_below(&c->w->random, 3) == 0)
        inputs_go_in_doubt(c->w, file);
    return 0;
}

static void take_files_away(struct child *c)
{
    const struct scenario *s = c->w->scenario;
    struct ledger_counts n;
    bool may = s->mutation_count > 0 && s->mutations[0].at_ms == IN_DOUBT && !c->w->healed;
    if (!may || c->segment->ledger || c->ended || c->run->steps % TAKEN_EVERY)
        return;
    struct ledger *l = batch_ledger(c->batch);
    if (!ledger_error(l)->code && ledger_counts(l, &n) == 0 && n.by_state[DOC_IN_DOUBT] > 0 &&
        ledger_list(l, false, take_away, c) < 0)
        world_fail(c->w, "the listing: %s", ledger_error(l)->text);
}

static void before_step_cb(void *ctx)
{
    struct child *c = ctx;
    struct world *w = c->w;
    int64_t steps = ++c->run->steps;
    if (is_to_be_stopped(c))
        be_stopped(c);
    crash_point();
    inputs_change(w, w->mono_ms - VIRTUAL_MONO_START_MS, false);
    take_files_away(c);
    if (!c->segment->ledger && !c->segment->receives)
        lives_copy_beside(w, c->segment->number, steps);
    if (w->scenario->comings.on && !w->healed)
        comings_change(w, c->segment->number, steps, false);
    if (w->mono_ms >= c->stays_until_ms && !c->ended)
        batch_stop(c->batch, BATCH_DRAIN);
    if (steps == MOST_STEPS || w->mono_ms - c->started_ms > MOST_MINUTES * INT64_C(60000))
        world_fail(w, "no end in sight after %" PRId64 " steps and %" PRId64 " s", steps,
                   (w->mono_ms - c->started_ms) / 1000);
    if (steps == c->segment->stop_at_step && !c->ended)
        batch_stop(c->batch, BATCH_DRAIN);
    if (steps == c->segment->stop_at_step + 3 && w->scenario->stop_twice &&
        c->segment->stop_at_step && !c->ended)
        batch_stop(c->batch, BATCH_NOW);
}

static bool is_unnamed(struct ledger *l)
{
    return !ledger_error(l)->code && !ledger_dirty(l) && ledger_names_wait(l) == 1;
}

static bool are_moving(struct ledger *l)
{
    enum { SOME = 3 };
    struct ledger_move rows[SOME];
    int n = ledger_error(l)->code || ledger_dirty(l) ? 0 : ledger_moves_intended(l, 0, rows, SOME);
    for (int i = 0; i < n; i++)
        ledger_move_release(&rows[i]);
    return n == SOME;
}

static void after_turn_cb(void *ctx)
{
    struct child *c = ctx;
    crash_point();
    check_counts(c);
    struct ledger *l = c->ended ? NULL : batch_ledger(c->batch);
    if (l &&
        ((c->segment->dies_unnamed && is_unnamed(l)) || (c->segment->dies_moving && are_moving(l))))
        system_die();
}

static void ended_cb(void *ctx)
{
    struct child *c = ctx;
    c->ended = true;
}

static bool has_ended(void *ctx)
{
    const struct child *c = ctx;
    return c->ended;
}

static void report(struct child *c)
{
    struct summary s;
    struct error e;
    struct ledger *l = batch_ledger(c->batch);
    if (summary_read(&s, l, &e) < 0 || summary_write(&s, c->options.output, &e) < 0 ||
        failures_write(l, c->options.output, &c->options.csv, &e) < 0)
        if (!world_disk_fails(c->w))
            world_fail(c->w, "the reports could not be written: %s", e.text);
}

/* PATHS[0] is room for the path of the file that is named. */
static void take_retry(struct child *c, struct batch_retry *retry, char **paths)
{
    const struct sim_retry *r = c->segment->retry;
    *retry = (struct batch_retry){.states = {[DOC_FAILED] = r->failed,
                                             [DOC_IN_DOUBT] = r->in_doubt,
                                             [DOC_LOST] = r->lost,
                                             [DOC_REJECTED] = r->rejected},
                                  .paths = paths,
                                  .path_count = r->file >= 0};
    if (r->file >= 0)
        inputs_path(c->w, r->file, paths[0], PATH_ROOM);
    c->options.retrying = retry;
    lives_asked(c->w, r);
    c->w->doubt_retried = c->w->doubt_retried || r->in_doubt || r->file >= 0;
}

/* From CONFIG, over PATHS; for a receiver without them. */
static void read_options(struct child *c, struct config *config, char *const *paths, size_t count)
{
    struct error e;
    int rc = c->segment->receives ? batch_options_read_receiving(&c->options, config, &e)
                                  : batch_options_read(&c->options, config, paths, count, true, &e);
    if (rc < 0)
        world_fail(c->w, "options: %s", e.text);
}

static void check_verify(struct child *c, struct loop *loop)
{
    struct verify v;
    struct error e;
    if (verify_make(&v, loop, &c->options, false, &e) < 0)
        world_fail(c->w, "verify: %s", e.text);
    int code = verify_exit_code(&v);
    bool strangers = c->w->scenario->comings.strangers; /* strays to verify */
    bool sound = code == 0 || (code == 1 && v.missing + v.differing == 0 &&
                               (!v.strays || strangers) && !v.moved_changed && !v.unknown);
    if (!sound)
        world_fail(c->w, "verify ends with %d: %.*s", code, (int)v.findings.len, v.findings.data);
    verify_release(&v);
}

/* Its options, over the PATHS that it reads. */
static void take_options(struct child *c, struct config *config, struct batch_retry *retry)
{
    static char in[PATH_ROOM], empty[PATH_ROOM], roots[SIM_ROOTS][PATH_ROOM];
    static char *paths[] = {in, empty}, *coming[] = {roots[0], roots[1]};
    struct world *w = c->w;
    bool comes = w->scenario->comings.on && !c->segment->retry;
    inputs_directory(w, c->segment->settings, in, sizeof in);
    snprintf(empty, sizeof empty, "%s/empty", w->directory);
    /* Beside another path a directory's name begins the names of its files, so that those of the
     * two settings differ. */
    size_t path_count = c->segment->retry    ? 0
                        : c->segment->ledger ? 1
                                             : (size_t)w->scenario->settings;
    if (comes)
        path_count = (size_t)comings_roots(w, c->segment->number, roots);
    read_options(c, config, comes ? coming : paths, path_count);
    if (c->segment->retry)
        take_retry(c, retry, paths);
    if (comes) {
        c->options.period_of = scheduled_period_of;
        c->options.period_ctx = &c->scheduled;
    }
    c->options.spending.again =
        !c->segment->ledger && !c->segment->receives && budgets_again(w, c->segment->number);
    if (stays(c))
        c->options.mode = RUN_STAYS;
    c->stays_until_ms = stays(c) ? w->mono_ms + 60000 : INT64_MAX;
}

/* What is around the batch: the client, the webhooks' sender, the machine. */
static void set_up(struct child *c)
{
    struct world *w = c->w;
    bool own = !c->segment->ledger;
    fake_mindee_setup(w, c->segment->ledger, c->options.ledger);
    if (own)
        webhooks_begin(w);
    c->started_ms = w->mono_ms;
    c->run->canary =
        c->segment->retry ? 0 : w->scenario->canary; /* who retries knows his options */
    if (own)
        w->stopped_to_ms = 0;
    crash_arm(w, c->run, c->segment->crash_at);
}

static void end_with(struct child *c, int exit_code, const char *reason)
{
    c->run->exit_code = exit_code;
    snprintf(c->run->reason, sizeof c->run->reason, "%s", reason);
    c->run->ended = true;
    c->run->nothing_there = inputs_are_gone(c->w, c->segment->settings);
}

/* From its start to its end, with what is written after it. */
static void run_batch(struct child *c, struct loop *loop)
{
    struct world *w = c->w;
    bool scheduled = w->scenario->comings.on && !c->segment->receives && !c->segment->retry;
    if (scheduled) {
        scheduled_begin(&c->scheduled, batch_ledger(c->batch), c->segment->number, stays(c));
        crash_point();
    }
    if (!c->segment->ledger && !c->segment->script)
        slow_ledger_begin(w, loop, c->options.seed);
    c->over = ledger_spent_is_over(batch_ledger(c->batch));
    batch_start(c->batch, ended_cb, c);
    if (scheduled)
        scheduled_began(&c->scheduled, w, batch_ledger(c->batch));
    if (c->segment->script)
        script_play_run(c->segment->script, w, loop,
                        &(struct script_run){c->segment->retry != NULL, has_ended, c});
    else
        loop_run(loop);
    if (!c->ended)
        world_fail(w, "nothing is left to wait for, and the run hasn't ended");
    slow_ledger_end();
    crash_point();
    report(c);
    if (scheduled && !world_disk_fails(w) && !ledger_error(batch_ledger(c->batch))->code)
        scheduled_check_summary(&c->scheduled, w, c->options.output);
    int code = batch_exit_code(c->batch);
    if (scheduled) {
        scheduled_end(&c->scheduled, w, batch_ledger(c->batch), code);
        crash_point();
    }
    char reason[600];
    snprintf(reason, sizeof reason, "%s", batch_reason(c->batch));
    batch_free(c->batch);
    if (w->scenario->comings.on && w->healed && code <= 1 && !w->lives.copied)
        check_verify(c, loop);
    end_with(c, code, reason);
}

/* `ledger restored --yes`. */
static void restore(struct child *c, const struct clock *clock)
{
    struct ledger_held held;
    struct error e;
    int rc = restored_ledger(&c->options, clock, &held, &e);
    if (rc < 0 && !world_disk_fails(c->w))
        world_fail(c->w, "a ledger that was put back can't go on: %s", e.text);
    end_with(c, rc < 0 ? exit_code_of(&e) : 0, rc < 0 ? e.text : "");
}

/* Nobody is told of a batch that can't begin. */
static void check_refusal(struct child *c, const struct error *e)
{
    if (!c->w->disk_failed && !c->segment->refused)
        world_fail(c->w, "a run can't begin: %s", e->text);
    end_with(c, exit_code_of(e), e->text);
}

static void run(struct child *c)
{
    struct world *w = c->w;
    struct virtual_clock clock;
    struct error e = {0};
    uint64_t seed = w->scenario->seed * 1000 + (uint64_t)c->segment->number + 1;
    struct virtual_hooks hooks = {before_time_cb, before_step_cb, after_turn_cb, c};

    virtual_clock_init(&clock, &w->mono_ms);
    c->clock = &clock.clock;
    struct log_options log = {.level = world_verbose ? LOG_DEBUG : LOG_ERROR,
                              .file = world_verbose ? NULL : "/dev/null",
                              .clock = &clock.clock};
    REQUIRE(log_open(&log, &e) == 0);
    system_random_seed(seed);
    struct config *config = make_config(c);
    struct batch_retry retry = {0};
    take_options(c, config, &retry);
    c->options.seed = seed;
    struct loop *loop = virtual_loop_new(&clock, seed, &hooks);
    set_up(c);
    if (c->segment->restores) {
        restore(c, &clock.clock);
        return;
    }
    if (batch_new(&c->batch, loop, &c->options, &e) < 0) {
        check_refusal(c, &e);
        return;
    }
    if (c->segment->refused)
        world_fail(w, "a run went on with a ledger that %d uploads are missing from",
                   lives_sent_since(w));
    w->lives.known = w->lives.known || (!c->segment->ledger && !world_disk_fails(w));
    run_batch(c, loop);
    loop_free(loop);
    batch_options_release(&c->options);
    config_free(config);
}

/* --- processes --- */

static pid_t begin(struct world *w, const struct segment *segment, int64_t at_ms)
{
    struct sim_run *r = &w->runs[segment->ledger];
    *r = (struct sim_run){.exit_code = -1};
    relay_enter(&w->relay, segment->ledger, at_ms);
    fflush(NULL);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        struct child child = {.w = w, .run = r, .segment = segment};
        world_in_child = true;
        relay_first(&w->relay, segment->ledger);
        if (w->mono_ms < at_ms)
            w->mono_ms = at_ms;
        run(&child);
        fflush(NULL);
        _exit(0);
    }
    return pid;
}

/* One of the children has ended; the others go on, unless it was by a failure. */
static void await_one(struct world *w, pid_t pids[SIM_LEDGERS])
{
    int status, i = 0;
    pid_t pid = waitpid(-1, &status, 0);
    while (i < SIM_LEDGERS && pids[i] != pid)
        i++;
    REQUIRE(pid > 0 && i < SIM_LEDGERS);
    pids[i] = 0;
    bool killed = w->failure[0] && WIFSIGNALED(status);
    if (!WIFEXITED(status) && !killed)
        world_fail(w, "the run was ended by signal %d", WTERMSIG(status));
    else if (!killed && WEXITSTATUS(status) != 0)
        world_fail(w, "the run ended with status %d", WEXITSTATUS(status));
    for (int j = 0; j < SIM_LEDGERS && w->failure[0]; j++)
        if (pids[j])
            kill(pids[j], SIGKILL);
    if (!w->failure[0])
        relay_leave(&w->relay, i);
}

void segment_run(struct world *w, const struct segment *segment, const struct segment *beside,
                 int64_t later_ms)
{
    pid_t pids[SIM_LEDGERS] = {0};
    int64_t now_ms = w->mono_ms;
    relay_init(&w->relay);
    pids[segment->ledger] = begin(w, segment, now_ms);
    if (beside)
        pids[beside->ledger] = begin(w, beside, now_ms + later_ms);
    relay_begin(&w->relay);
    for (int left = beside ? 2 : 1; left > 0; left--)
        await_one(w, pids);
}
