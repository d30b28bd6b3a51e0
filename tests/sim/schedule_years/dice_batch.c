/* What the stand-in for a batch (stand_in_batch.h) does in these years: of documents, to put up
 * to two into the ledger. So three years take seconds, and the record of who ran when is exact.
 *
 * A run takes some steps of a few seconds and ends: mostly well, now and then with failures, now
 * and then before its end (5). One that stays puts a document every few hours,
 * until it is stopped. */
#include "schedule_years.h"

#include "base/text.h"
#include "ledger/periods.h"
#include "ledger/sent_settings.h"
#include "service/cutoff.h"
#include "stand_in_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MOST_MS = 20 * 1000, STAY_MS = 6 * 3600 * 1000, MOST_STEPS = 3 };

static struct schedule_years *world;

struct own {
    struct year_due *due; /* NULL: it stays */
    int64_t settings, root;
    int steps;
};

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

static void failed(const char *text)
{
    schedule_years_fail(world, "the ledger: %s", text);
}

static void opened(struct batch *b)
{
    const struct ledger_settings s = {"extraction", "m", "{}"};
    struct own *own = xcalloc(1, sizeof *own);
    b->own = own;
    stand_in_check(b, ledger_settings_put(b->ledger, &s, &own->settings));
    struct ledger_root root;
    const struct ledger_new_root new = {
        .path = b->options->roots[0].path, .directory = true, .alone = true};
    stand_in_check(b, ledger_root_put(b->ledger, &new, &root));
    own->root = root.id;
    ledger_root_release(&root);
}

/* What the ledger says at this very moment, before anything is done. */
static void record_begin(struct batch *b)
{
    const struct cutoff *c = b->options->period_ctx;
    struct own *own = b->own;
    enum period_state state = PERIOD_DONE;
    int64_t now = schedule_years_wall_ms(world);
    if (b->options->mode == RUN_STAYS)
        return;
    const struct due *due = c->due;
    own->due = schedule_years_find(world, b->options->output, due->rule, due->period);
    if (!own->due) {
        schedule_years_fail(world, "a run for %s of %s, which never is", due->rule, due->period);
        return;
    }
    if (ledger_period_find(b->ledger, due->rule, due->period, &state) != 1 ||
        state != PERIOD_RUNNING || ledger_dirty(b->ledger))
        schedule_years_fail(world, "%s of %s runs without its row", due->rule, due->period);
    if (now < own->due->at_ms && !due->resumed)
        schedule_years_fail(world, "%s of %s runs before it is due", due->rule, due->period);
    if (due->resumed) {
        if (++own->due->resumed > 100)
            schedule_years_fail(world, "%s of %s goes on and on", due->rule, due->period);
    } else {
        own->due->fresh++;
        own->due->began_wall_ms = now;
    }
    world->began++;
    world->starts++;
    world->points = 0;
}

static void put_document(struct batch *b)
{
    const struct own *own = b->own;
    char name[80], path[200];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t document;
    int64_t now = schedule_years_wall_ms(world);
    int n = snprintf(name, sizeof name, "%" PRId64 "-%u.pdf", now, (unsigned)dice(1000000));
    snprintf(path, sizeof path, "%s/%s", b->options->roots[0].path, name);
    sha256(name, (size_t)n, digest);
    struct ledger_new_file f = {.root_id = own->root,
                                .settings_id = own->settings,
                                .path = path,
                                .name = name,
                                .stamp = {.size_bytes = n, .ctime_ns = now * 1000000},
                                .pages = 1,
                                .sha256 = digest};
    f.period = b->options->period_of(b->options->period_ctx, &f.stamp);
    stand_in_check(b, ledger_file_put(b->ledger, &f, &put, &document));
    stand_in_check(b, ledger_commit(b->ledger));
}

static void end(struct batch *b)
{
    b->exit_code = b->stopping     ? EXIT_RESUMABLE
                   : dice(25) == 0 ? EXIT_RESUMABLE
                   : dice(10) == 0 ? EXIT_SOME_FAILED
                                   : EXIT_ALL_STORED;
    stand_in_end(b);
}

static void ends(struct batch *b)
{
    const struct own *own = b->own;
    if (own->due && b->exit_code == EXIT_RESUMABLE)
        own->due->unfinished += !b->stopping;
    else if (own->due)
        own->due->finished++;
}

static void due(struct batch *b)
{
    struct own *own = b->own;
    if (b->stopping || (b->options->mode != RUN_STAYS && own->steps == 0)) {
        end(b);
        return;
    }
    own->steps--;
    if (b->options->mode == RUN_STAYS || dice(2) == 0)
        put_document(b);
    int64_t wait = b->options->mode == RUN_STAYS ? STAY_MS : (int64_t)dice(STEP_MOST_MS);
    loop_timer_set(b->timer, mono_add(loop_now(b->loop), wait));
}

static int64_t begins(struct batch *b)
{
    struct own *own = b->own;
    record_begin(b);
    own->steps = (int)dice(MOST_STEPS);
    return (int64_t)dice(STEP_MOST_MS);
}

static int64_t stopped(struct batch *b)
{
    (void)b;
    return (int64_t)dice(STEP_MOST_MS);
}

void dice_batch_setup(struct schedule_years *w)
{
    static const struct stand_in_acts acts = {.opened = opened,
                                              .begins = begins,
                                              .due = due,
                                              .ends = ends,
                                              .stopped = stopped,
                                              .failed = failed,
                                              .reason = "so the dice have it",
                                              .reason_from = EXIT_RESUMABLE};
    world = w;
    stand_in_use(&acts);
}
