/* A stand-in for batch/batch.c: the same life on the loop and the same ledger, run lock and run
 * rows included, but what it does with documents is to put up to two into the ledger. So three
 * years take seconds, and the record of who ran when is exact.
 *
 * A run takes some steps of a few seconds and ends: mostly well, now and then with failures, now
 * and then before its end (5). One that stays puts a document every few hours, until it is stopped.
 */
#include "schedule_years.h"

#include "base/safe_file.h"
#include "base/text.h"
#include "batch/batch.h"
#include "service/cutoff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MOST_MS = 20 * 1000, STAY_MS = 6 * 3600 * 1000, MOST_STEPS = 3 };

static struct schedule_years *world;

struct batch {
    const struct batch_options *options;
    struct loop *loop;
    struct ledger *ledger;
    struct loop_timer *timer;
    struct year_due *due; /* NULL: it stays */
    int64_t settings, root;
    int steps, exit_code;
    bool stopping;
    void (*ended)(void *ctx);
    void *ctx;
};

void stand_in_setup(struct schedule_years *w)
{
    world = w;
}

static uint64_t dice(uint64_t below)
{
    return random_below(&world->random, below);
}

struct year_due *schedule_years_find(struct schedule_years *w, const char *output, const char *rule,
                                     const char *period)
{
    const char *name = strrchr(output, '/') + 1;
    for (int i = 0; i < YEARS_BATCHES; i++)
        for (int k = 0; k < w->batches[i].due_count; k++) {
            struct year_due *d = &w->batches[i].dues[k];
            if (strcmp(w->batches[i].name, name) == 0 && strcmp(d->rule, rule) == 0 &&
                strcmp(d->period, period) == 0)
                return d;
        }
    return NULL;
}

/* --- a run --- */

static void check(struct batch *b, int rc)
{
    if (rc < 0)
        schedule_years_fail(world, "the ledger: %s", ledger_error(b->ledger)->text);
}

/* What the ledger says at this very moment, before anything is done. */
static void record_begin(struct batch *b)
{
    const struct cutoff *c = b->options->period_ctx;
    enum period_state state = PERIOD_DONE;
    int64_t now = schedule_years_wall_ms(world);
    if (b->options->stay)
        return;
    const struct due *due = c->due;
    b->due = schedule_years_find(world, b->options->output, due->rule, due->period);
    if (!b->due) {
        schedule_years_fail(world, "a run for %s of %s, which never is", due->rule, due->period);
        return;
    }
    if (ledger_period_find(b->ledger, due->rule, due->period, &state) != 1 ||
        state != PERIOD_RUNNING || ledger_dirty(b->ledger))
        schedule_years_fail(world, "%s of %s runs without its row", due->rule, due->period);
    if (now < b->due->at_ms && !due->resumed)
        schedule_years_fail(world, "%s of %s runs before it is due", due->rule, due->period);
    if (due->resumed) {
        if (++b->due->resumed > 100)
            schedule_years_fail(world, "%s of %s goes on and on", due->rule, due->period);
    } else {
        b->due->fresh++;
        b->due->began_wall_ms = now;
    }
    world->began++;
    world->starts++;
    world->points = 0;
}

static void put_document(struct batch *b)
{
    char name[80], path[200];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t document;
    int64_t now = schedule_years_wall_ms(world);
    int n = snprintf(name, sizeof name, "%" PRId64 "-%u.pdf", now, (unsigned)dice(1000000));
    snprintf(path, sizeof path, "%s/%s", b->options->roots[0].path, name);
    sha256(name, (size_t)n, digest);
    struct ledger_new_file f = {.root_id = b->root,
                                .settings_id = b->settings,
                                .path = path,
                                .name = name,
                                .stamp = {.size_bytes = n, .ctime_ns = now * 1000000},
                                .pages = 1,
                                .sha256 = digest};
    f.period = b->options->period_of(b->options->period_ctx, &f.stamp);
    check(b, ledger_file_put(b->ledger, &f, &put, &document));
    check(b, ledger_commit(b->ledger));
}

static void end(struct batch *b)
{
    b->exit_code = b->stopping     ? EXIT_RESUMABLE
                   : dice(25) == 0 ? EXIT_RESUMABLE
                   : dice(10) == 0 ? EXIT_SOME_FAILED
                                   : EXIT_ALL_STORED;
    check(b, ledger_run_end(b->ledger, b->exit_code));
    check(b, ledger_commit(b->ledger));
    if (b->due && b->exit_code == EXIT_RESUMABLE)
        b->due->unfinished += !b->stopping;
    else if (b->due)
        b->due->finished++;
    loop_timer_close(b->timer);
    b->timer = NULL;
    b->ended(b->ctx);
}

static void step_cb(void *ctx)
{
    struct batch *b = ctx;
    if (b->stopping || (!b->options->stay && b->steps == 0)) {
        end(b);
        return;
    }
    b->steps--;
    if (b->options->stay || dice(2) == 0)
        put_document(b);
    int64_t wait = b->options->stay ? STAY_MS : (int64_t)dice(STEP_MOST_MS);
    loop_timer_set(b->timer, mono_add(loop_now(b->loop), wait));
}

/* --- batch.h --- */

int exit_code_of(const struct error *e)
{
    return e->code == ERR_BUSY ? EXIT_LEDGER : EXIT_USAGE;
}

int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
              struct error *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    const struct ledger_options lo = {.path = options->ledger, .clock = loop_clock(loop)};
    const struct ledger_settings s = {"extraction", "m", "{}"};
    b->options = options;
    b->loop = loop;
    int rc = directory_make(options->output, e);
    if (rc == 0)
        rc = ledger_open(&b->ledger, &lo, e);
    if (rc < 0) {
        free(b);
        return rc;
    }
    check(b, ledger_settings_put(b->ledger, &s, &b->settings));
    check(b, ledger_root_put(b->ledger, options->roots[0].path, "", &b->root));
    *out = b;
    return 0;
}

void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    (void)b, (void)committed, (void)ctx; /* nobody is told of anything */
}

void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx)
{
    int64_t run;
    b->ended = ended;
    b->ctx = ctx;
    record_begin(b);
    b->steps = (int)dice(MOST_STEPS);
    b->timer = loop_timer_new(b->loop, step_cb, b);
    check(b, ledger_run_start(b->ledger, &run));
    check(b, ledger_commit(b->ledger));
    loop_timer_set(b->timer, mono_add(loop_now(b->loop), (int64_t)dice(STEP_MOST_MS)));
}

void batch_stop(struct batch *b, enum batch_stop how)
{
    (void)how;
    b->stopping = true;
    if (b->timer)
        loop_timer_set(b->timer, mono_add(loop_now(b->loop), (int64_t)dice(STEP_MOST_MS)));
}

int batch_exit_code(const struct batch *b)
{
    return b->exit_code;
}

const char *batch_reason(const struct batch *b)
{
    return b->exit_code == EXIT_RESUMABLE ? "so the dice have it" : "";
}

struct ledger *batch_ledger(struct batch *b)
{
    return b->ledger;
}

void batch_free(struct batch *b)
{
    ledger_close(b->ledger);
    free(b);
}

void batch_progress(struct batch *b, struct batch_progress *p)
{
    memset(p, 0, sizeof *p);
    p->started = loop_now(b->loop);
}
