/* See plan.h. The same walk and the same examination as a run's, with pages counted. Contents seen
 * are remembered by their SHA-256 alone: 32 bytes a document;
 * those sent before are the ledger's to know. */
#include "service/plan.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/opening.h"
#include "ledger/file_book.h"
#include "ledger/sent_settings.h"
#include "ledger/spending.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE = 8 };

/* Digests seen: open addressing, at most half full. */
struct digest_set {
    uint8_t (*slots)[SHA256_BYTES];
    bool *used;
    size_t capacity, count;
};

struct planning {
    struct plan *plan;
    struct loop *loop;
    const struct batch_options *options;
    struct ledger *ledger; /* NULL: none yet */
    struct intake_walk *walk;
    struct intake_entry *entries;
    size_t count, next;
    int examining;
    bool walking, follow;
    bool stopped;           /* nobody wants to know any more */
    struct digest_set seen; /* in this walk */
    void (*done)(void *ctx);
    void *ctx;
};

struct examination {
    struct planning *run;
    char *path;
};

static bool digest_slot(const struct digest_set *s, const uint8_t digest[SHA256_BYTES],
                        size_t *slot)
{
    size_t i;
    memcpy(&i, digest, sizeof i);
    for (i &= s->capacity - 1; s->used[i]; i = (i + 1) & (s->capacity - 1))
        if (memcmp(s->slots[i], digest, SHA256_BYTES) == 0)
            return true;
    *slot = i;
    return false;
}

static void digest_set_grow(struct digest_set *s)
{
    struct digest_set bigger = {.capacity = s->capacity ? s->capacity * 2 : 1024,
                                .count = s->count};
    bigger.slots = xcalloc(bigger.capacity, SHA256_BYTES);
    bigger.used = xcalloc(bigger.capacity, sizeof *bigger.used);
    for (size_t i = 0; i < s->capacity; i++) {
        size_t slot;
        if (s->used[i] && !digest_slot(&bigger, s->slots[i], &slot)) {
            memcpy(bigger.slots[slot], s->slots[i], SHA256_BYTES);
            bigger.used[slot] = true;
        }
    }
    free(s->slots);
    free(s->used);
    *s = bigger;
}

static void digest_set_release(struct digest_set *s)
{
    free(s->slots);
    free(s->used);
}

/* False if it was there already. */
static bool digest_set_add(struct digest_set *s, const uint8_t digest[SHA256_BYTES])
{
    size_t slot;
    if (s->count * 2 >= s->capacity)
        digest_set_grow(s);
    if (digest_slot(s, digest, &slot))
        return false;
    memcpy(s->slots[slot], digest, SHA256_BYTES);
    s->used[slot] = true;
    s->count++;
    return true;
}

static bool was_sent(enum doc_state state)
{
    return state != DOC_QUEUED && state != DOC_REJECTED;
}

static void note_reject(struct plan *p, const char *path, enum reject_reason reason,
                        const char *detail)
{
    if (p->rejected < PLAN_REJECTS_SHOWN) {
        struct buffer b;
        buffer_init(&b, 0);
        buffer_printf(&b, "%s: %s", text_show(path), reject_reason_text(reason));
        if (detail && *detail)
            buffer_printf(&b, " (%s)", detail);
        p->rejects[p->rejected] = buffer_detach(&b, NULL);
    }
    p->rejected++;
}

/* Under another name, perhaps: the same bytes with the same model and options are sent once. */
static bool content_sent(struct planning *r, const uint8_t sha256[SHA256_BYTES])
{
    const struct batch_options *o = r->options;
    struct ledger_settings s = {.product = mindee_product_names[o->request.product],
                                .model_id = o->request.model_id, /* none yet: any */
                                .options = o->request_json};
    return r->ledger && ledger_content_sent(r->ledger, &s, sha256) == 1;
}

static void note_examined(struct planning *r, const char *path, const struct examined *x)
{
    struct plan *p = r->plan;
    if (x->reject != REJECT_NONE) {
        note_reject(p, path, x->reject, x->detail);
        return;
    }
    if (content_sent(r, x->sha256)) {
        p->known++;
        return;
    }
    if (!digest_set_add(&r->seen, x->sha256)) {
        p->duplicates++;
        return;
    }
    struct plan_type *t = &p->types[x->type];
    int64_t pages = x->pages > 0 ? x->pages : 1;
    t->documents++;
    t->pages += pages;
    t->bytes += x->stamp.size_bytes;
    t->uncounted += x->pages <= 0;
    p->documents++;
    p->pages += pages;
    p->bytes += x->stamp.size_bytes;
    p->uncounted += x->pages <= 0;
    p->broken += x->broken;
}

static void take_entries(struct planning *r);
static void maybe_done(struct planning *r);

static void examined_cb(void *ctx, const struct examined *x)
{
    struct examination *ex = ctx;
    struct planning *r = ex->run;
    r->examining--;
    if (!r->stopped)
        note_examined(r, ex->path, x);
    free(ex->path);
    free(ex);
    take_entries(r);
    maybe_done(r);
}

/* The ledger's own knowledge of the file, if it is the one that it knows. */
static bool is_known(struct planning *r, const struct intake_entry *entry, struct ledger_file *f)
{
    return r->ledger && ledger_file_find(r->ledger, entry->path, f) == 1 &&
           file_stamp_equal(&f->stamp, &entry->stamp);
}

/* A run leaves these alone, whatever is wrong with them. */
static bool is_settled_by_hand(const struct ledger_file *f)
{
    return f->dismissed && f->life == LIFE_THERE && !f->moved;
}

static void take_entry(struct planning *r, const struct intake_entry *entry)
{
    struct ledger_file f;
    bool known = is_known(r, entry, &f);
    r->plan->files++;
    if (known && is_settled_by_hand(&f)) {
        r->plan->dismissed++;
    } else if (entry->error) {
        note_reject(r->plan, entry->path, REJECT_UNREADABLE, strerror(entry->error));
    } else if (entry->special) {
        note_reject(r->plan, entry->path, REJECT_SPECIAL, NULL);
    } else if (known && was_sent(f.state)) {
        r->plan->known++;
    } else {
        struct examination *ex = xcalloc(1, sizeof *ex);
        ex->run = r;
        ex->path = xstrdup(entry->path);
        r->examining++;
        intake_examine(r->loop, ex->path, EXAMINE_PAGES | (r->follow ? 0u : EXAMINE_NOFOLLOW),
                       examined_cb, ex);
    }
}

/* Done is a conjunction: the walk is over, and so is each examination. */
static void maybe_done(struct planning *r)
{
    void (*done)(void *ctx) = r->stopped ? NULL : r->done;
    void *ctx = r->ctx;
    if (r->walking || r->examining > 0 || (r->next < r->count && !r->stopped))
        return;
    struct plan *p = r->plan;
    uint32_t limit = r->stopped ? 0 : r->options->post_per_minute; /* stopped: they may be gone */
    if (limit && p->documents > 0)
        p->seconds = ((p->documents - 1) / limit * LIMITER_WINDOW_MS + 999) / 1000;
    page_helper_leave();
    if (r->ledger)
        ledger_close(r->ledger);
    digest_set_release(&r->seen);
    free(r);
    if (done)
        done(ctx);
}

static void take_entries(struct planning *r)
{
    while (!r->stopped && r->next < r->count && r->examining < AT_ONCE)
        take_entry(r, &r->entries[r->next++]);
    if (r->walking && r->entries && r->next == r->count && r->examining == 0) {
        r->entries = NULL;
        intake_walk_more(r->walk);
    }
}

static void entries_cb(void *ctx, struct intake_entry *entries, size_t count)
{
    struct planning *r = ctx;
    r->entries = entries;
    r->count = count;
    r->next = 0;
    take_entries(r);
}

static void walk_done_cb(void *ctx)
{
    struct planning *r = ctx;
    r->walking = false;
    left_out_merge(&r->plan->left_out, intake_walk_left_out(r->walk));
    intake_walk_close(r->walk);
    r->entries = NULL;
    maybe_done(r);
}

/* What would end a run at once ends the plan. */
static int read_spent(struct planning *r, struct error *e)
{
    struct plan *p = r->plan;
    int rc = ledger_spent(r->ledger, p->month.from, p->month.until, &p->spent);
    if (rc < 0)
        *e = *ledger_error(r->ledger);
    return rc;
}

static int open_ledger(struct planning *r, struct error *e)
{
    const struct ledger_options lo = {
        .path = r->options->ledger, .read_only = true, .clock = loop_clock(r->loop)};
    int rc = ledger_open(&r->ledger, &lo, e);
    if (rc < 0)
        return rc;
    rc = opening_check(r->ledger, r->options, e);
    if (rc == 0)
        rc = read_spent(r, e);
    if (rc < 0)
        ledger_close(r->ledger);
    return rc;
}

int planning_start(struct planning **out, struct plan *p, struct loop *loop,
                   const struct batch_options *o, void (*done)(void *ctx), void *ctx,
                   struct error *e)
{
    static const struct intake_walk_callbacks callbacks = {entries_cb, walk_done_cb};
    struct planning *r = xcalloc(1, sizeof *r);
    *p = (struct plan){.month = month_of(o->spending.zone, clock_wall(loop_clock(loop))),
                       .spent = {.stopped_count = BUDGET_NONE, .stopped_month = BUDGET_NONE}};
    *r = (struct planning){.plan = p,
                           .loop = loop,
                           .options = o,
                           .walking = true,
                           .follow = o->walk.follow_symlinks,
                           .done = done,
                           .ctx = ctx};
    if (access(o->ledger, F_OK) == 0) {
        int rc = open_ledger(r, e);
        if (rc < 0) {
            free(r);
            return rc;
        }
    }
    digest_set_grow(&r->seen);
    page_helper_enter();
    r->walk = intake_walk_new(loop, &o->walk, o->roots, o->root_count, &callbacks, r);
    intake_walk_more(r->walk);
    *out = r;
    return 0;
}

void planning_stop(struct planning *r)
{
    r->stopped = true;
    if (r->walking)
        intake_walk_close(r->walk);
    r->walking = false;
    r->entries = NULL;
    maybe_done(r);
}

int plan_make(struct plan *p, struct loop *loop, const struct batch_options *o, struct error *e)
{
    struct planning *r;
    int rc = planning_start(&r, p, loop, o, NULL, NULL, e);
    if (rc == 0)
        loop_run(loop);
    return rc;
}

void plan_release(struct plan *p)
{
    for (int i = 0; i < PLAN_REJECTS_SHOWN; i++)
        free(p->rejects[i]);
    left_out_release(&p->left_out);
    memset(p, 0, sizeof *p);
}

struct credits plan_cost(const struct plan *p, const struct batch_options *o)
{
    return credits_for(p->pages, o->spending.price);
}
