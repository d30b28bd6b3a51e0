/* From the walk to the ledger, while uploads go on: a chunk of entries at a time, each looked up by
 * its path; what is unchanged since the last run costs one look-up, what is new or changed is read
 * once (type, SHA-256) and becomes a document or joins one. The next chunk is asked for when the
 * last of this one is in the ledger, so the walk never runs ahead of it. */
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct examination {
    struct batch *batch;
    bool watched;
    struct file_stamp looked_at; /* WATCHED: as it was when it was at rest */
    int64_t root_id;
    char *path, *name;
    char *at;       /* where it was moved to; NULL: it is at its path */
    int64_t stored; /* the document whose result stands at its path; 0: none */
};

static unsigned examine_flags(const struct batch *b)
{
    const struct batch_options *o = b->options;
    bool pages = o->max_credits >= 0 || o->order == ORDER_PAGES;
    return (pages ? EXAMINE_PAGES : 0u) | (o->walk.follow_symlinks ? 0u : EXAMINE_NOFOLLOW);
}

bool feeder_busy(const struct batch *b)
{
    return b->walking || b->examining > 0 || b->entry_next < b->entry_count;
}

/* A document in doubt whose last file was gone has one again: what the policy says can be done. */
static void source_is_back(struct batch *b, int64_t document)
{
    struct flight *f =
        document && b->options->retry.resend_in_doubt ? flight_find(b, document) : NULL;
    bool waits = f && (timer_entry_is_set(&f->timer) || f->pending & DO_RESEND_AFTER);
    if (!f || f->doc.state != DOC_IN_DOUBT || waits)
        return;
    flight_unpark(f);
    flight_event(f, recovery_of_doubt(b), NULL);
}

static void queue_grew(struct batch *b)
{
    b->queue_empty = false;
    b->queue_grew = true;
}

/* STORED: the document whose result stands at this path so far; 0: none. */
static void put_file(struct batch *b, const struct ledger_new_file *f, int64_t stored)
{
    enum ledger_put put;
    int64_t document = 0;
    journal_file(b, f, &put, &document);
    if (stored && document && document != stored)
        projection_outdated(b, f->name);
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        source_is_back(b, document);
    if (put != PUT_QUEUED)
        moving_consider(b, document);
    if (put == PUT_QUEUED)
        queue_grew(b);
    else if (put == PUT_REJECTED)
        LOG(LOG_WARNING, "file.rejected", LOG_STR("path", f->path),
            LOG_STR("reason", f->reject_code), LOG_STR("detail", f->reject_detail));
    else if (put == PUT_DUPLICATE)
        LOG(LOG_DEBUG, "file.duplicate", LOG_STR("path", f->path), LOG_INT("doc", document));
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        b->projection_backlog = true; /* its document may be stored already */
    batch_poke(b);
}

static void put_rejected(struct batch *b, const struct intake_entry *entry, int64_t stored,
                         enum reject_reason reason, const char *detail)
{
    struct buffer words;
    buffer_init(&words, 0);
    buffer_put(&words, reject_reason_text(reason));
    if (detail && *detail)
        buffer_printf(&words, " (%s)", detail);
    struct ledger_new_file f = {.root_id = entry->root_id,
                                .settings_id = b->settings_id,
                                .path = entry->path,
                                .name = entry->name,
                                .stamp = entry->stamp,
                                .pages = -1,
                                .reject_code = reject_reason_code(reason),
                                .reject_detail = buffer_text(&words)};
    put_file(b, &f, stored);
    buffer_release(&words);
}

static void put_examined(struct batch *b, const struct examination *ex, const struct examined *x)
{
    struct buffer words;
    buffer_init(&words, 0);
    struct ledger_new_file f = {.root_id = ex->root_id,
                                .settings_id = b->settings_id,
                                .path = ex->path,
                                .name = ex->name,
                                .stamp = x->stamp,
                                .type = (int)x->type,
                                .pages = x->pages,
                                .broken = x->broken,
                                .moved = ex->at != NULL};
    if (x->hashed)
        f.sha256 = x->sha256;
    if (x->reject != REJECT_NONE) {
        buffer_put(&words, reject_reason_text(x->reject));
        if (x->detail[0])
            buffer_printf(&words, " (%s)", x->detail);
        f.reject_code = reject_reason_code(x->reject);
        f.reject_detail = buffer_text(&words);
    } else if (x->broken) {
        LOG(LOG_WARNING, "file.broken", LOG_STR("path", ex->path),
            LOG_STR("detail", "a PDF that can't be parsed here; sent all the same"));
    }
    put_file(b, &f, ex->stored);
    buffer_release(&words);
}

static void take_entries(struct batch *b);

static void walk_more(struct batch *b)
{
    b->walk_asked_at = loop_now(b->loop);
    intake_walk_more(b->walk);
}

/* Not the file's fault: no descriptor or memory left. */
static bool own_trouble(struct batch *b, const struct examined *x)
{
    if (x->error != EMFILE && x->error != ENFILE && x->error != ENOMEM)
        return false;
    batch_end_early(
        b, EXIT_RESUMABLE,
        "%s: raise the limit (ulimit -n) or lower limits.uploads, then run the same command again",
        strerror(x->error));
    return true;
}

/* While watching: it isn't what seemed to be at rest. Another round will tell. */
static bool is_restless(const struct examination *ex, const struct examined *x)
{
    bool gone = x->error == ENOENT || x->error == ENOTDIR;
    bool other = !x->error && !file_stamp_equal(&ex->looked_at, &x->stamp);
    return ex->watched && (gone || other || x->reject == REJECT_CHANGED);
}

static void examined_cb(void *ctx, const struct examined *x)
{
    struct examination *ex = ctx;
    struct batch *b = ex->batch;
    b->examining--;
    bool restless = is_restless(ex, x);
    bool unreadable = x->reject == REJECT_UNREADABLE && (ex->stored || own_trouble(b, x));
    if (unreadable && !restless)
        LOG(LOG_WARNING, "file.unreadable", LOG_STR("path", ex->path),
            LOG_STR("reason", x->detail));
    else if (!b->closing && !restless)
        put_examined(b, ex, x);
    if (!restless)
        watching_saw(b, ex->path, &ex->looked_at, 0);
    free(ex->path);
    free(ex->at);
    free(ex->name);
    free(ex);
    take_entries(b);
    batch_poke(b);
}

/* AT: where it was moved to, and is owned by this from now on; or NULL. */
static void examine(struct batch *b, const struct intake_entry *entry, int64_t stored, char *at)
{
    struct examination *ex = xcalloc(1, sizeof *ex);
    ex->batch = b;
    ex->root_id = entry->root_id;
    ex->path = xstrdup(entry->path);
    ex->name = xstrdup(entry->name);
    ex->watched = b->watching != NULL;
    ex->looked_at = entry->stamp;
    ex->stored = stored;
    ex->at = at;
    b->examining++;
    intake_examine(b->loop, at ? at : ex->path, examine_flags(b), examined_cb, ex);
}

void feeder_examine_again(struct batch *b, int64_t root_id, const char *path, const char *name)
{
    enum { MOST = 1000 };
    if (b->closing || b->stopping || b->examined_again >= MOST)
        return;
    b->examined_again++;
    const struct intake_entry entry = {
        .root_id = root_id, .path = (char *)path, .name = (char *)name};
    examine(b, &entry, 0, NULL);
}

struct count {
    struct batch *batch;
    int64_t document;
};

static void counted_cb(void *ctx, int pages)
{
    struct count *c = ctx;
    struct batch *b = c->batch;
    struct flight *f = flight_find(b, c->document);
    b->examining--;
    if (f)
        f->pages = pages;
    if (!b->closing) {
        journal_pages(b, c->document, pages);
        queue_grew(b); /* it has another place there */
    }
    free(c);
    take_entries(b);
    batch_poke(b);
}

/* Queued by a run that had no need to know its pages; this one sends by them. */
static void count_pages(struct batch *b, const char *path, const struct ledger_file *known)
{
    if (b->options->order != ORDER_PAGES || known->state != DOC_QUEUED || known->pages >= 0)
        return;
    struct count *c = xcalloc(1, sizeof *c);
    *c = (struct count){.batch = b, .document = known->document_id};
    b->examining++;
    intake_count_pages(b->loop, path, (enum file_type)known->type, counted_cb, c);
}

/* The file is as the ledger knows it; but its document may be of other settings, or worth another
 * look. */
static bool take_known(struct batch *b, const struct intake_entry *entry,
                       const struct ledger_file *known)
{
    static const uint8_t never_read[SHA256_BYTES];
    bool read_before = memcmp(known->sha256, never_read, SHA256_BYTES) != 0;
    if (!file_stamp_equal(&entry->stamp, &known->stamp))
        return false;
    if (!read_before)
        return entry->stamp.size_bytes ==
               0; /* it could not be read then; an empty one stays empty */
    if (known->settings_id == b->settings_id || known->state == DOC_REJECTED) {
        count_pages(b, entry->path, known);
        return true;
    }
    struct ledger_new_file f = {.root_id = entry->root_id,
                                .settings_id = b->settings_id,
                                .path = entry->path,
                                .name = entry->name,
                                .stamp = entry->stamp,
                                .type = known->type,
                                .pages = -1,
                                .broken = known->broken,
                                .sha256 = known->sha256};
    put_file(b, &f, 0);
    return true;
}

/* Where the file was moved to; NULL if it wasn't, or a walk has just found it at its path. */
static char *moved_place(struct batch *b, const struct ledger_file *known)
{
    struct buffer place;
    buffer_init(&place, 0);
    int found = b->retrying ? ledger_file_place(b->ledger, known->id, &place) : 0;
    if (found < 0)
        batch_storage_failed(b);
    if (found == 1)
        return buffer_detach(&place, NULL);
    buffer_release(&place);
    return NULL;
}

/* The run may have ended meanwhile, and the entry with it. */
static void saw(struct batch *b, const struct intake_entry *entry)
{
    if (b->watching)
        watching_saw(b, entry->path, &entry->stamp, entry->error);
}

/* A run on its day in a folder that is watched otherwise: a file that is still being written is
 * left to the watching that goes on after it. It has one look, so the file's times must tell. */
static bool is_left_to_watching(struct batch *b, const struct intake_entry *entry)
{
    const struct batch_options *o = b->options;
    if (!o->serving || !o->watch.enabled || b->watching || b->retrying || entry->error)
        return false;
    if (intake_name_is_partial(strrchr(entry->path, '/') + 1))
        return true;
    const struct file_stamp *s = &entry->stamp;
    int64_t changed_ns = s->ctime_ns > s->mtime_ns ? s->ctime_ns : s->mtime_ns;
    return clock_wall(b->clock).ms - changed_ns / 1000000 < o->watch.quiet_ms;
}

static void take_entry(struct batch *b, struct intake_entry *entry)
{
    struct ledger_file known;
    if (watching_passes(b, entry))
        return;
    if (is_left_to_watching(b, entry)) {
        LOG(LOG_INFO, "file.not_at_rest", LOG_STR("path", entry->path),
            LOG_STR("next", "it is taken once it has been unchanged for watch.quiet"));
        return;
    }
    int found = ledger_file_find(b->ledger, entry->path, &known);
    if (found < 0) {
        batch_storage_failed(b);
        return;
    }
    int64_t stored = found && known.state == DOC_STORED ? known.document_id : 0;
    if (entry->error) {
        LOG(LOG_WARNING, "file.unreadable", LOG_STR("path", entry->path),
            LOG_STR("reason", strerror(entry->error)));
        if (!stored) /* else its result stands: nobody knows that the file changed */
            put_rejected(b, entry, 0, REJECT_UNREADABLE, strerror(entry->error));
        saw(b, entry);
    } else if (entry->special) {
        put_rejected(b, entry, stored, REJECT_SPECIAL, NULL);
        saw(b, entry);
    } else if (found && !b->examine_all && take_known(b, entry, &known)) {
        saw(b, entry);
    } else if (watching_lets(b, entry)) {
        examine(b, entry, stored, found ? moved_place(b, &known) : NULL);
    }
}

static void take_entries(struct batch *b)
{
    while (!b->stopping && b->entry_next < b->entry_count && b->examining < EXAMINE_AT_ONCE)
        take_entry(b, &b->entries[b->entry_next++]);
    if (b->walking && b->entries && b->entry_next == b->entry_count && !b->stopping) {
        b->entries = NULL;
        walk_more(b);
    }
}

static void entries_cb(void *ctx, struct intake_entry *entries, size_t count)
{
    struct batch *b = ctx;
    b->walk_answered_at = loop_now(b->loop);
    b->entries = entries;
    b->entry_count = count;
    b->entry_next = 0;
    take_entries(b);
    batch_poke(b);
}

void feeder_take_again(struct batch *b, struct intake_entry *entries, size_t count)
{
    b->examine_all = true;
    entries_cb(b, entries, count);
}

static void walk_done_cb(void *ctx)
{
    struct batch *b = ctx;
    b->walking = false;
    watching_walk_ended(b);
    batch_poke(b);
}

static void start_walk(struct batch *b)
{
    static const struct intake_walk_callbacks callbacks = {entries_cb, walk_done_cb};
    struct intake_walk_options options = b->options->walk;
    options.directories = b->watching != NULL;
    b->walking = true;
    b->walk = intake_walk_new(b->loop, &options, b->options->roots, b->options->root_count,
                              &callbacks, b);
    watching_walk_begins(b);
    walk_more(b);
}

void feeder_walk_again(struct batch *b)
{
    intake_walk_close(b->walk);
    start_walk(b);
}

void feeder_start(struct batch *b)
{
    if (b->options->root_count == 0)
        return;
    watching_start(b);
    start_walk(b);
}

void feeder_stop(struct batch *b)
{
    watching_close(b);
    if (b->walk)
        intake_walk_close(b->walk);
    b->walk = NULL;
    b->walking = false;
    b->entries = NULL;
    b->entry_count = b->entry_next = 0;
}
