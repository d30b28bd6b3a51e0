/* See journal.h. The reserve file is given up at the first failure, so that a full disk still takes
 * the record of what is on its way. */
#include "batch/journal_note.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "batch/exit_code.h"
#include "ledger/turn.h"

#include <stdlib.h>

enum { RETRY_MS = 500, PATIENCE_MS = 15000 };

struct journal {
    const struct run_context *context;
    struct ending *ending;
    struct reserve *reserve;
    struct list notes, sealed;       /* since the turn began that is out; of that turn */
    int64_t results, sealed_results; /* among them */
    bool out;                        /* a turn is */
    bool unsure;                     /* and a write failed meanwhile */
    int64_t turn;                    /* its number */
    struct mono began;
    void (*durable)(void *ctx); /* who waits for it */
    void *durable_ctx;
    bool down, was_down; /* the last write failed; one ever did */
    struct mono since, retry_at;
    void (*committed)(void *ctx, int64_t results); /* NULL: nobody wants to know */
    void *committed_ctx;
};

struct journal *journal_new(const struct run_context *c, struct ending *ending)
{
    struct journal *j = xcalloc(1, sizeof *j);
    j->context = c;
    j->ending = ending;
    j->reserve = reserve_new(c);
    list_init(&j->notes);
    list_init(&j->sealed);
    return j;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    journal_forget(j);
    reserve_free(j->reserve);
    free(j);
}

void journal_on_commit(struct journal *j, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    j->committed = committed;
    j->committed_ctx = ctx;
}

const struct run_context *journal_context(const struct journal *j)
{
    return j->context;
}

struct ending *journal_ending(const struct journal *j)
{
    return j->ending;
}

struct reserve *journal_reserve(struct journal *j)
{
    return j->reserve;
}

/* --- one write --- */

static int write_note(struct journal *j, const struct note *n)
{
    return n->kind->write(j->context->ledger, n);
}

void journal_drop(struct note *n)
{
    for (int i = 0; i < 5; i++)
        free(n->texts[i]);
    free(n->owned);
    free(n);
}

/* --- trouble --- */

/* Nothing new begins; what is on its way is finished and noted. */
static void trouble(struct journal *j, const struct error *e)
{
    struct mono now = clock_mono(j->context->clock);
    if (e->code == ERR_DAMAGED) {
        ending_storage_failed(j->ending);
        return;
    }
    if (!j->down) {
        LOG(LOG_ERROR, "ledger.write_failed", LOG_STR("reason", e->text),
            LOG_STR("next", "nothing new is sent; what is on its way is finished and recorded"));
        j->down = true;
        j->since = now;
        reserve_give_up(j->reserve);
        ending_early(j->ending, EXIT_RESUMABLE, "stopped: %s. Nothing is lost", e->text);
    }
    j->retry_at = mono_add(now, j->was_down ? RETRY_MS : 0);
    j->was_down = true;
    ledger_recover(j->context->ledger);
}

/* A refusal is about this one note; anything else is about the disk. */
static bool is_refusal(int code)
{
    return code == ERR_USAGE || code == ERR_LIMIT || code == ERR_NOT_FOUND;
}

static void log_refusal(const struct journal *j, const struct note *n)
{
    LOG(LOG_ERROR, "ledger.refused", LOG_CODE("write", n->kind->name),
        LOG_STR("reason", ledger_error(j->context->ledger)->text));
}

void journal_remember(struct journal *j, struct note *n)
{
    list_push_back(&j->notes, &n->link);
    j->results += n->kind->result;
}

/* While a turn is out nobody knows what this write builds on. */
void journal_failed(struct journal *j, struct note *n)
{
    if (!j->out)
        trouble(j, ledger_error(j->context->ledger));
    else
        j->unsure = true;
    if (n)
        n->unwritten = true;
}

void journal_add(struct journal *j, struct note *n)
{
    int rc = j->down ? 0 : write_note(j, n);
    if (is_refusal(rc) && !j->out) {
        log_refusal(j, n);
        journal_drop(n);
        return;
    }
    journal_remember(j, n);
    CRASH_POINT("journal_noted");
    if (rc < 0)
        journal_failed(j, n);
}

/* --- again --- */

/* Those of NOTES, in their order; ALL, or what couldn't be written. */
static bool write_list(struct journal *j, struct list *notes, int64_t *results, bool all)
{
    LIST_EACH_SAFE (link, notes) {
        struct note *n = LIST_ENTRY(link, struct note, link);
        if (!all && !n->unwritten)
            continue;
        int rc = write_note(j, n);
        if (is_refusal(rc)) {
            log_refusal(j, n);
            list_remove(&n->link);
            *results -= n->kind->result;
            journal_drop(n);
        } else if (rc < 0) {
            return false;
        } else {
            n->unwritten = false;
        }
    }
    return true;
}

static bool write_again(struct journal *j)
{
    return write_list(j, &j->sealed, &j->sealed_results, true) &&
           write_list(j, &j->notes, &j->results, true);
}

/* --- the turn's commit --- */

static void forget_list(struct list *notes, int64_t *results)
{
    while (!list_empty(notes)) {
        struct note *n = LIST_ENTRY(list_first(notes), struct note, link);
        list_remove(&n->link);
        journal_drop(n);
    }
    *results = 0;
}

void journal_forget(struct journal *j)
{
    forget_list(&j->sealed, &j->sealed_results);
    forget_list(&j->notes, &j->results);
}

bool journal_dirty(const struct journal *j)
{
    return j->down || !list_empty(&j->notes) || ledger_dirty(j->context->ledger);
}

bool journal_out(const struct journal *j)
{
    return j->out;
}

bool journal_unsure(const struct journal *j)
{
    return j->out && j->unsure;
}

bool journal_down(const struct journal *j)
{
    return j->down;
}

bool journal_was_down(const struct journal *j)
{
    return j->was_down;
}

bool journal_hopeless(const struct journal *j)
{
    return j->down && mono_diff(clock_mono(j->context->clock), j->since) >= PATIENCE_MS;
}

struct mono journal_next(const struct journal *j)
{
    return j->down ? j->retry_at : (struct mono){0};
}

static bool may_begin(struct journal *j)
{
    if (j->down && !mono_reached(clock_mono(j->context->clock), j->retry_at))
        return false;
    if (!j->down || write_again(j))
        return true;
    trouble(j, ledger_error(j->context->ledger));
    return false;
}

static void seal(struct journal *j)
{
    list_append(&j->sealed, &j->notes);
    j->sealed_results += j->results;
    j->results = 0;
}

static void settle(struct journal *j)
{
    if (j->down)
        LOG(LOG_WARNING, "ledger.writes_again", LOG_STR("next", "what was on its way is recorded"));
    j->down = false;
    int64_t results = j->sealed_results;
    forget_list(&j->sealed, &j->sealed_results);
    if (j->committed)
        j->committed(j->committed_ctx, results);
}

static void measure(const struct journal *j, bool fine)
{
    meter_commit(j->context->options->meter, mono_diff(clock_mono(j->context->clock), j->began),
                 fine);
}

/* A turn failed, as far as anybody told. The ledger itself says whether it did: then all is written
 * again; if not, what was written since. */
static bool is_durable_after_all(struct journal *j, const struct error *e)
{
    int64_t newest = 0;
    if (e->code == ERR_DAMAGED)
        return false;
    ledger_recover(j->context->ledger);
    return ledger_turns(j->context->ledger, &newest) == 0 && newest >= j->turn;
}

static void turn_cb(void *ctx, int rc)
{
    struct journal *j = ctx;
    struct ledger *l = j->context->ledger;
    struct error e = *ledger_error(l);
    j->out = false;
    bool lost = rc < 0 && is_durable_after_all(j, &e);
    measure(j, rc == 0 || lost);
    if (rc < 0 && !lost) {
        trouble(j, &e);
        run_poke(j->context);
        return;
    }
    if (lost)
        LOG(LOG_WARNING, "ledger.answer_lost", LOG_STR("reason", e.text),
            LOG_STR("next", "it was recorded all the same"));
    bool all = lost || j->down; /* of what was noted meanwhile nothing is written */
    settle(j);
    if (!write_list(j, &j->notes, &j->results, all))
        trouble(j, ledger_error(l));
    j->durable(j->durable_ctx);
}

bool journal_turn(struct journal *j, void (*durable)(void *ctx), void *ctx)
{
    REQUIRE(!j->out);
    if (!may_begin(j))
        return false;
    seal(j);
    j->durable = durable;
    j->durable_ctx = ctx;
    j->began = clock_mono(j->context->clock);
    j->out = true;
    j->unsure = false;
    j->turn = ledger_turn(j->context->ledger, turn_cb, j);
    return true;
}

bool journal_commit(struct journal *j)
{
    REQUIRE(!j->out);
    if (!may_begin(j))
        return false;
    seal(j);
    j->began = clock_mono(j->context->clock);
    int rc = ledger_commit(j->context->ledger);
    measure(j, rc == 0);
    if (rc < 0) {
        trouble(j, ledger_error(j->context->ledger));
        return false;
    }
    settle(j);
    return true;
}
