/* See rest.h. */
#include "batch/rest.h"

#include "base/array.h"
#include "base/log.h"
#include "intake/quiet_files.h"
#include "intake/seen_files.h"
#include "net/directory_watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SPACING_LEAST_MS = 1000,
    SPACING_MOST_MS = 15000,
    TROUBLE_MOST_MS = 3600 * 1000,
    SPACING_SHARE = 4, /* a round's time until the next */
    WALK_EVERY = 10,
    COARSE_MS = 2500, /* file systems' times have steps of up to 2 s */
    FORGET_MS = 3600 * 1000,
    DIRECTORIES_MOST = 1024,
};

struct watched_directory {
    char *path;
    struct file_stamp stamp;
    struct mono since;             /* it has this stamp */
    struct directory_watch *hints; /* NULL: none come */
    bool settled;                  /* a change would have given it another stamp */
    bool met;                      /* in this round */
};

struct rest {
    struct run_context *context;
    struct quiet_files quiet;
    struct seen_files seen;
    struct watched_directory *directories;
    size_t count, capacity, expected;
    bool too_many, only_directories, told;
    bool hinted, in_round;
    bool glancing, differs, closing; /* GLANCING: the pool reads the directories' list */
    bool walks;                      /* what was glanced at differs: a walk is due */
    int glances;                     /* since the last walk */
    bool trouble;                    /* in this round something couldn't be read for now */
    int64_t trouble_ms;              /* until the next round, then */
    struct mono due_at, began_at, ended_at, forgot_at;
    int64_t took_ms;
};

static void plan_round(struct rest *r)
{
    int64_t spacing_ms = r->took_ms * SPACING_SHARE;
    spacing_ms = spacing_ms < SPACING_LEAST_MS ? SPACING_LEAST_MS : spacing_ms;
    spacing_ms = spacing_ms > SPACING_MOST_MS ? SPACING_MOST_MS : spacing_ms;
    struct mono at = mono_add(r->ended_at, r->context->options->watch.rescan_ms);
    at = mono_min(at, quiet_files_due(&r->quiet));
    if (r->trouble)
        at = mono_min(at, mono_add(r->ended_at, r->trouble_ms));
    if (r->hinted)
        at = r->ended_at;
    r->due_at = mono_max(at, mono_add(r->ended_at, spacing_ms));
    run_poke(r->context);
}

static void hint_cb(void *ctx)
{
    struct rest *r = ctx;
    bool news = !r->hinted;
    r->hinted = true;
    if (news && !r->in_round)
        plan_round(r);
}

static void end_round(struct rest *r)
{
    r->in_round = false;
    r->ended_at = loop_now(r->context->loop);
    r->took_ms = mono_diff(r->ended_at, r->began_at);
    LOG(LOG_DEBUG, "watch.round", LOG_MS("took", r->took_ms), LOG_INT("glances", r->glances),
        LOG_INT("not_quiet", quiet_files_count(&r->quiet)));
    plan_round(r);
}

/* --- directories --- */

static void listen_to(struct rest *r, struct watched_directory *d)
{
    struct error e;
    d->hints = directory_watch_new(r->context->loop, d->path, hint_cb, r, &e);
    if (d->hints) {
        r->hinted = true; /* what happened before it was watched, nobody told */
    } else if (!r->told) {
        r->told = true;
        LOG(e.code == ERR_LIMIT ? LOG_WARNING : LOG_INFO, "watch.polled", LOG_STR("why", e.text),
            LOG_STR("next", e.code == ERR_LIMIT
                                ? "looked through every watch.rescan; raise "
                                  "fs.inotify.max_user_watches to see changes at once"
                                : "looked through every watch.rescan"));
    }
}

static void forget_directory(struct rest *r, size_t i)
{
    struct watched_directory *d = &r->directories[i];
    if (d->hints)
        directory_watch_close(d->hints);
    free(d->path);
    r->count--;
    memmove(d, d + 1, (r->count - i) * sizeof *d);
}

/* Most often they come in the order of the last round. */
static struct watched_directory *find_directory(struct rest *r, const char *path)
{
    for (size_t i = 0; i < r->count; i++) {
        size_t at = (r->expected + i) % r->count;
        if (strcmp(r->directories[at].path, path) != 0)
            continue;
        r->expected = at + 1;
        return &r->directories[at];
    }
    return NULL;
}

static struct watched_directory *add_directory(struct rest *r, const char *path)
{
    if (r->count == DIRECTORIES_MOST) {
        r->too_many = true;
        return NULL;
    }
    ARRAY_RESERVE(r->directories, r->capacity, r->count + 1);
    struct watched_directory *d = &r->directories[r->count++];
    *d = (struct watched_directory){.path = xstrdup(path)};
    return d;
}

static void meet_directory(struct rest *r, const struct intake_entry *entry,
                           const struct walk_times *walk)
{
    struct watched_directory *d = find_directory(r, entry->path);
    if (!d && !(d = add_directory(r, entry->path)))
        return;
    d->met = true;
    if (d->hints && d->stamp.inode != entry->stamp.inode) {
        directory_watch_close(d->hints);
        d->hints = NULL;
    }
    if (!d->hints)
        listen_to(r, d);
    if (!file_stamp_equal(&d->stamp, &entry->stamp)) {
        d->stamp = entry->stamp;
        d->since = walk->answered_at;
    }
    d->settled = mono_diff(walk->asked_at, d->since) >= COARSE_MS;
}

/* --- a glance --- */

static bool glance_will_do(const struct rest *r)
{
    if (r->hinted || r->trouble || r->too_many || !r->only_directories || r->count == 0 ||
        r->glances + 1 >= WALK_EVERY || quiet_files_count(&r->quiet) > 0)
        return false;
    for (size_t i = 0; i < r->count; i++)
        if (!r->directories[i].settled || !r->directories[i].hints)
            return false;
    return true;
}

static void glance_work(void *ctx)
{
    struct rest *r = ctx;
    for (size_t i = 0; i < r->count && !r->differs; i++) {
        struct stat st;
        const struct watched_directory *d = &r->directories[i];
        struct file_stamp now = {0};
        if (stat(d->path, &st) == 0)
            now = file_stamp_of(&st);
        r->differs = !file_stamp_equal(&now, &d->stamp);
    }
}

static void rest_free(struct rest *r)
{
    quiet_files_release(&r->quiet);
    seen_files_clear(&r->seen);
    while (r->count)
        forget_directory(r, r->count - 1);
    free(r->directories);
    free(r);
}

static void glance_done(void *ctx)
{
    struct rest *r = ctx;
    r->glancing = false;
    if (r->closing) {
        rest_free(r);
        return;
    }
    r->glances++;
    r->walks = r->differs || r->hinted;
    if (!r->walks)
        end_round(r);
    run_poke(r->context);
}

/* --- rounds --- */

/* True: it is to be a walk. */
static bool begin_round(struct rest *r, struct mono now)
{
    r->in_round = true;
    r->began_at = now;
    r->due_at = MONO_NEVER;
    if (mono_diff(now, r->forgot_at) >= FORGET_MS) {
        r->forgot_at = now;
        seen_files_clear(&r->seen);
        r->glances = WALK_EVERY;
    }
    if (!glance_will_do(r))
        return true;
    r->glancing = true;
    r->differs = false;
    loop_work(r->context->loop, glance_work, glance_done, r);
    return false;
}

bool rest_turn(struct rest *r, struct mono now, bool busy)
{
    if (busy || r->glancing)
        return false;
    if (r->walks) {
        r->walks = false;
        return true;
    }
    return !r->in_round && mono_reached(now, r->due_at) && begin_round(r, now);
}

struct mono rest_next(const struct rest *r, bool busy)
{
    return busy || r->in_round ? MONO_NEVER : r->due_at;
}

void rest_walk_begins(struct rest *r)
{
    r->hinted = r->too_many = false;
    r->glances = 0;
    r->expected = 0;
    for (size_t i = 0; i < r->count; i++)
        r->directories[i].met = false;
    r->trouble_ms =
        r->trouble && r->trouble_ms < TROUBLE_MOST_MS ? r->trouble_ms * 2 : r->trouble_ms;
    if (!r->trouble)
        r->trouble_ms = SPACING_LEAST_MS;
    r->trouble = false;
    quiet_files_begin(&r->quiet);
}

void rest_walk_ended(struct rest *r)
{
    for (size_t i = r->count; i-- > 0;)
        if (!r->directories[i].met)
            forget_directory(r, i);
    quiet_files_end(&r->quiet);
    end_round(r);
}

struct rest *rest_new(struct run_context *c)
{
    const struct batch_options *o = c->options;
    struct rest *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->due_at = MONO_NEVER;
    r->began_at = r->forgot_at = loop_now(c->loop);
    r->in_round = r->only_directories = true;
    for (size_t i = 0; i < o->root_count; i++) {
        struct stat st;
        if (stat(o->roots[i].path, &st) != 0 || !S_ISDIR(st.st_mode))
            r->only_directories = false;
    }
    quiet_files_init(&r->quiet, random_u64(&c->random), o->watch.quiet_ms);
    seen_files_init(&r->seen, random_u64(&c->random));
    return r;
}

void rest_close(struct rest *r)
{
    r->closing = true;
    if (!r->glancing)
        rest_free(r);
}

/* --- files --- */

static bool is_root(const struct batch_options *o, const char *path)
{
    for (size_t i = 0; i < o->root_count; i++)
        if (strcmp(o->roots[i].path, path) == 0)
            return true;
    return false;
}

/* What is said of a directory that can't be read isn't noted as a document: it may be back in a
 * moment, as a file server's is. */
bool rest_passes(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk)
{
    if (entry->directory && !entry->error) {
        meet_directory(r, entry, walk);
        return true;
    }
    if (seen_files_have(&r->seen, entry->path, &entry->stamp, entry->error))
        return true;
    if (entry->error && (entry->directory || is_root(r->context->options, entry->path))) {
        LOG(LOG_WARNING, "watch.unreadable", LOG_STR("path", entry->path),
            LOG_STR("reason", strerror(entry->error)),
            LOG_STR("next", "looked at again each time"));
        rest_settled(r, entry->path, &entry->stamp, entry->error);
        return true;
    }
    return intake_name_is_partial(strrchr(entry->path, '/') + 1);
}

bool rest_lets(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk)
{
    return quiet_files_look(&r->quiet, entry->path, &entry->stamp, walk->asked_at,
                            walk->answered_at);
}

void rest_settled(struct rest *r, const char *path, const struct file_stamp *stamp, int error)
{
    seen_files_add(&r->seen, path, stamp, error);
}

void rest_doubts(struct rest *r)
{
    seen_files_clear(&r->seen);
    hint_cb(r);
}

void rest_trouble(struct rest *r)
{
    r->trouble = true;
    if (!r->in_round)
        plan_round(r);
}
