/* A folder that is watched: when it is looked at again, and which of its files have come to rest.
 *
 * A round is a walk over all of it, whose entries the feeder takes as in any run; but what isn't
 * known waits here until it has been quiet (core/quiet_files.h), and what is known costs no look-up
 * (core/seen_files.h). A round comes after watch.rescan; when a file may have come to rest; and
 * soon after a hint of the system's (net/directory_watch.h), but at most one a second, and no more
 * than a fifth of the time is spent on rounds.
 *
 * A round can be a glance: where every directory tells of changes, told of none, and had its stamp
 * for longer than file systems' clocks are coarse, it is enough to see that the stamps are still
 * those. Every tenth round is a walk all the same: an overflow of the system's queue is never told.
 *
 * What the caches believe is thrown away once an hour, so that nothing is missed for ever. */
#include "base/log.h"
#include "batch/state.h"
#include "intake/quiet_files.h"
#include "intake/seen_files.h"
#include "net/directory_watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SPACING_LEAST_MS = 1000,
    SPACING_MOST_MS = 15000,
    SPACING_SHARE = 4, /* a round's time until the next */
    BUSY_MS = 100,     /* the last round's files are still being read: until then */
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

struct watching {
    struct batch *batch;
    struct loop *loop;
    struct loop_timer *timer;
    struct quiet_files quiet;
    struct seen_files seen;
    struct watched_directory *directories;
    size_t count, capacity, expected;
    bool too_many, only_directories, told;
    bool hinted, in_round;
    bool glancing, differs, closing; /* GLANCING: the pool reads the directories' list */
    int glances;                     /* since the last walk */
    struct mono began_at, ended_at, forgot_at;
    int64_t took_ms;
};

static void plan_round(struct watching *w)
{
    int64_t spacing_ms = w->took_ms * SPACING_SHARE;
    spacing_ms = spacing_ms < SPACING_LEAST_MS ? SPACING_LEAST_MS : spacing_ms;
    spacing_ms = spacing_ms > SPACING_MOST_MS ? SPACING_MOST_MS : spacing_ms;
    struct mono at = mono_add(w->ended_at, w->batch->options->watch.rescan_ms);
    at = mono_min(at, quiet_files_due(&w->quiet));
    if (w->hinted)
        at = w->ended_at;
    loop_timer_set(w->timer, mono_max(at, mono_add(w->ended_at, spacing_ms)));
}

static void hint_cb(void *ctx)
{
    struct watching *w = ctx;
    bool news = !w->hinted;
    w->hinted = true;
    if (news && !w->in_round)
        plan_round(w);
}

static void end_round(struct watching *w)
{
    w->in_round = false;
    w->ended_at = loop_now(w->loop);
    w->took_ms = mono_diff(w->ended_at, w->began_at);
    LOG(LOG_DEBUG, "watch.round", LOG_MS("took", w->took_ms), LOG_INT("glances", w->glances),
        LOG_INT("not_quiet", quiet_files_count(&w->quiet)));
    plan_round(w);
}

/* --- directories --- */

static void listen_to(struct watching *w, struct watched_directory *d)
{
    struct error e;
    d->hints = directory_watch_new(w->loop, d->path, hint_cb, w, &e);
    if (d->hints) {
        w->hinted = true; /* what happened before it was watched, nobody told */
    } else if (!w->told) {
        w->told = true;
        LOG(e.code == ERR_LIMIT ? LOG_WARNING : LOG_INFO, "watch.polled", LOG_STR("why", e.text),
            LOG_STR("next", e.code == ERR_LIMIT
                                ? "looked through every watch.rescan; raise "
                                  "fs.inotify.max_user_watches to see changes at once"
                                : "looked through every watch.rescan"));
    }
}

static void forget_directory(struct watching *w, size_t i)
{
    struct watched_directory *d = &w->directories[i];
    if (d->hints)
        directory_watch_close(d->hints);
    free(d->path);
    w->count--;
    memmove(d, d + 1, (w->count - i) * sizeof *d);
}

/* Most often they come in the order of the last round. */
static struct watched_directory *find_directory(struct watching *w, const char *path)
{
    for (size_t i = 0; i < w->count; i++) {
        size_t at = (w->expected + i) % w->count;
        if (strcmp(w->directories[at].path, path) != 0)
            continue;
        w->expected = at + 1;
        return &w->directories[at];
    }
    return NULL;
}

static struct watched_directory *add_directory(struct watching *w, const char *path)
{
    if (w->count == DIRECTORIES_MOST) {
        w->too_many = true;
        return NULL;
    }
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 16;
        w->directories = realloc(w->directories, w->capacity * sizeof *w->directories);
        REQUIRE(w->directories != NULL);
    }
    struct watched_directory *d = &w->directories[w->count++];
    *d = (struct watched_directory){.path = xstrdup(path)};
    return d;
}

static void meet_directory(struct watching *w, const struct intake_entry *entry)
{
    const struct batch *b = w->batch;
    struct watched_directory *d = find_directory(w, entry->path);
    if (!d && !(d = add_directory(w, entry->path)))
        return;
    d->met = true;
    if (d->hints && d->stamp.inode != entry->stamp.inode) {
        directory_watch_close(d->hints);
        d->hints = NULL;
    }
    if (!d->hints)
        listen_to(w, d);
    if (!file_stamp_equal(&d->stamp, &entry->stamp)) {
        d->stamp = entry->stamp;
        d->since = b->walk_answered_at;
    }
    d->settled = mono_diff(b->walk_asked_at, d->since) >= COARSE_MS;
}

/* --- a glance --- */

static bool glance_will_do(const struct watching *w)
{
    if (w->hinted || w->too_many || !w->only_directories || w->count == 0 ||
        w->glances + 1 >= WALK_EVERY || quiet_files_count(&w->quiet) > 0)
        return false;
    for (size_t i = 0; i < w->count; i++)
        if (!w->directories[i].settled || !w->directories[i].hints)
            return false;
    return true;
}

static void glance_work(void *ctx)
{
    struct watching *w = ctx;
    for (size_t i = 0; i < w->count && !w->differs; i++) {
        struct stat st;
        const struct watched_directory *d = &w->directories[i];
        struct file_stamp now = {0};
        if (stat(d->path, &st) == 0)
            now = file_stamp_of(&st);
        w->differs = !file_stamp_equal(&now, &d->stamp);
    }
}

static void watching_free(struct watching *w)
{
    quiet_files_release(&w->quiet);
    seen_files_clear(&w->seen);
    while (w->count)
        forget_directory(w, w->count - 1);
    free(w->directories);
    free(w);
}

static void glance_done(void *ctx)
{
    struct watching *w = ctx;
    w->glancing = false;
    if (w->closing) {
        watching_free(w);
        return;
    }
    w->glances++;
    if (w->differs || w->hinted)
        feeder_walk_again(w->batch);
    else
        end_round(w);
}

/* --- rounds --- */

static void begin_round(void *ctx)
{
    struct watching *w = ctx;
    struct mono now = loop_now(w->loop);
    if (w->batch->stopping)
        return;
    if (feeder_busy(w->batch)) {
        loop_timer_set(w->timer, mono_add(now, BUSY_MS));
        return;
    }
    w->in_round = true;
    w->began_at = now;
    if (mono_diff(now, w->forgot_at) >= FORGET_MS) {
        w->forgot_at = now;
        seen_files_clear(&w->seen);
        w->glances = WALK_EVERY;
        moving_look_again(w->batch);
    }
    if (glance_will_do(w)) {
        w->glancing = true;
        w->differs = false;
        loop_work(w->loop, glance_work, glance_done, w);
    } else {
        feeder_walk_again(w->batch);
    }
}

void watching_walk_begins(struct batch *b)
{
    struct watching *w = b->watching;
    if (!w)
        return;
    w->hinted = w->too_many = false;
    w->glances = 0;
    w->expected = 0;
    for (size_t i = 0; i < w->count; i++)
        w->directories[i].met = false;
    quiet_files_begin(&w->quiet);
}

void watching_walk_ended(struct batch *b)
{
    struct watching *w = b->watching;
    if (!w)
        return;
    for (size_t i = w->count; i-- > 0;)
        if (!w->directories[i].met)
            forget_directory(w, i);
    quiet_files_end(&w->quiet);
    end_round(w);
}

void watching_start(struct batch *b)
{
    const struct batch_options *o = b->options;
    if (!o->stay || !o->watch.enabled)
        return;
    struct watching *w = b->watching = xcalloc(1, sizeof *w);
    w->batch = b;
    w->loop = b->loop;
    w->timer = loop_timer_new(b->loop, begin_round, w);
    w->began_at = w->forgot_at = loop_now(b->loop);
    w->in_round = w->only_directories = true;
    for (size_t i = 0; i < o->root_count; i++) {
        struct stat st;
        if (stat(o->roots[i].path, &st) != 0 || !S_ISDIR(st.st_mode))
            w->only_directories = false;
    }
    quiet_files_init(&w->quiet, random_u64(&b->random), o->watch.quiet_ms);
    seen_files_init(&w->seen, random_u64(&b->random));
}

void watching_close(struct batch *b)
{
    struct watching *w = b->watching;
    if (!w)
        return;
    b->watching = NULL;
    loop_timer_close(w->timer);
    w->closing = true;
    if (!w->glancing)
        watching_free(w);
}

/* --- files --- */

static bool is_root(const struct batch *b, const char *path)
{
    for (size_t i = 0; i < b->options->root_count; i++)
        if (strcmp(b->options->roots[i].path, path) == 0)
            return true;
    return false;
}

/* What is said of a directory that can't be read isn't noted as a document: it may be back in a
 * moment, as a file server's is. */
bool watching_passes(struct batch *b, const struct intake_entry *entry)
{
    struct watching *w = b->watching;
    if (!w)
        return false;
    if (entry->directory && !entry->error) {
        meet_directory(w, entry);
        return true;
    }
    if (seen_files_have(&w->seen, entry->path, &entry->stamp, entry->error))
        return true;
    if (entry->error && (entry->directory || is_root(b, entry->path))) {
        LOG(LOG_WARNING, "watch.unreadable", LOG_STR("path", entry->path),
            LOG_STR("reason", strerror(entry->error)),
            LOG_STR("next", "looked at again each time"));
        watching_saw(b, entry->path, &entry->stamp, entry->error);
        return true;
    }
    return intake_name_is_partial(strrchr(entry->path, '/') + 1);
}

bool watching_lets(struct batch *b, const struct intake_entry *entry)
{
    struct watching *w = b->watching;
    return !w || quiet_files_look(&w->quiet, entry->path, &entry->stamp, b->walk_asked_at,
                                  b->walk_answered_at);
}

void watching_saw(struct batch *b, const char *path, const struct file_stamp *stamp, int error)
{
    if (b->watching)
        seen_files_add(&b->watching->seen, path, stamp, error);
}

void watching_doubts(struct batch *b)
{
    if (!b->watching)
        return;
    seen_files_clear(&b->watching->seen);
    hint_cb(b->watching);
}
