/* See find.h. */
#include "batch/find.h"

#include "base/log.h"
#include "base/text.h"
#include "base/trouble.h"
#include "batch/missed_files.h"
#include "batch/notes.h"
#include "batch/rest.h"
#include "batch/unread.h"
#include "ledger/file_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMINE_AT_ONCE = 16 /* files being read */ };

struct find {
    struct run_context *context;
    struct find_neighbours with;
    struct rest *rest; /* NULL: the roots are walked once */
    struct unread *unread;
    struct missed_files *missed;
    struct intake_walk *walk;
    struct intake_entry *entries;
    size_t entry_count, entry_next;
    int examining;
    bool walking, examine_all, stopped;
    bool in_round, again;  /* AGAIN: the round is of what couldn't be read before */
    bool places_due;       /* AGAIN: directories are still to be walked */
    bool walked;           /* a walk over all PATHs came to its end */
    bool walk_ended;       /* and its files aren't all read yet */
    bool unnamed;          /* some may need a number, when the rest has its names */
    size_t examined_again; /* changed while being sent */
    int64_t kept;          /* documents of other request options, in this walk */
    struct walk_times walk_times;
};

struct find *find_new(struct run_context *c, const struct find_neighbours *with)
{
    struct find *f = xcalloc(1, sizeof *f);
    f->context = c;
    f->with = *with;
    f->unread = unread_new(c, with->ending);
    f->missed = missed_files_new(c, with->ending, with->journal);
    return f;
}

void find_free(struct find *f)
{
    if (f) {
        unread_free(f->unread);
        missed_files_free(f->missed);
    }
    free(f);
}

static bool stopping(const struct find *f)
{
    return f->stopped || ending_has_begun(f->with.ending);
}

struct examination {
    struct find *find;
    bool watched;
    struct file_stamp looked_at; /* WATCHED: as it was when it was at rest */
    int64_t root_id;
    char *path, *name;
    char *at;    /* where it was moved to; NULL: it is at its path */
    bool stored; /* the last file of its path has a result */
};

static unsigned examine_flags(const struct find *f)
{
    const struct batch_options *o = f->context->options;
    bool pages = o->max_credits >= 0 || o->order == ORDER_PAGES;
    return (pages ? EXAMINE_PAGES : 0u) | (o->walk.follow_symlinks ? 0u : EXAMINE_NOFOLLOW);
}

/* What a document in doubt without a flight is told: with webhooks it waits for one first. */
static enum doc_event_kind doubt_event(const struct doc_policy *retry)
{
    return retry->in_doubt_wait_ms > 0 ? EV_RESTART : EV_RESEND;
}

/* A document in doubt whose last file was gone has one again: what the policy says can be done. */
static void source_is_back(struct find *f, int64_t document)
{
    const struct doc_policy *retry = &f->context->options->retry;
    struct flight *held =
        document && retry->resend_in_doubt ? flight_find(f->with.flights, document) : NULL;
    bool waits = held && (timer_entry_is_set(&held->timer) || held->pending & DO_RESEND_AFTER);
    if (!held || held->doc.state != DOC_IN_DOUBT || waits)
        return;
    flight_unpark(held);
    flight_event(held, doubt_event(retry), NULL);
}

static void put_file(struct find *f, const struct ledger_new_file *file)
{
    enum ledger_put put;
    int64_t document = 0;
    note_file(f->with.journal, file, &put, &document);
    f->unnamed = f->unnamed || put != PUT_UNCHANGED;
    if (put != PUT_UNCHANGED && document)
        missed_elsewhere(f->missed, document);
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        source_is_back(f, document);
    if (put != PUT_QUEUED)
        move_consider(f->with.move, document);
    if (put == PUT_QUEUED)
        send_queue_grew(f->with.queue);
    else if (put == PUT_REJECTED)
        LOG(LOG_WARNING, "file.rejected", LOG_STR("path", file->path),
            LOG_STR("reason", file->reject_code), LOG_STR("detail", file->reject_detail));
    else if (put == PUT_DUPLICATE)
        LOG(LOG_DEBUG, "file.duplicate", LOG_STR("path", file->path), LOG_INT("doc", document));
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        publish_look(f->with.publish); /* its document may be stored already */
    run_poke(f->context);
}

static void put_rejected(struct find *f, const struct intake_entry *entry,
                         enum reject_reason reason, const char *detail)
{
    struct buffer words;
    buffer_init(&words, 0);
    buffer_put(&words, reject_reason_text(reason));
    if (detail && *detail)
        buffer_printf(&words, " (%s)", detail);
    struct ledger_new_file file = {.root_id = entry->root_id,
                                   .settings_id = f->context->settings_id,
                                   .path = entry->path,
                                   .name = entry->name,
                                   .stamp = entry->stamp,
                                   .pages = -1,
                                   .looked_at = reason == REJECT_SPECIAL,
                                   .reject_code = reject_reason_code(reason),
                                   .reject_detail = buffer_text(&words)};
    put_file(f, &file);
    buffer_release(&words);
}

static void put_examined(struct find *f, const struct examination *ex, const struct examined *x)
{
    struct buffer words;
    buffer_init(&words, 0);
    struct ledger_new_file file = {.root_id = ex->root_id,
                                   .settings_id = f->context->settings_id,
                                   .path = ex->path,
                                   .name = ex->name,
                                   .stamp = x->stamp,
                                   .type = (int)x->type,
                                   .pages = x->pages,
                                   .broken = x->broken,
                                   .looked_at = x->reject != REJECT_UNREADABLE &&
                                                x->reject != REJECT_CHANGED,
                                   .moved = ex->at != NULL};
    if (x->hashed)
        file.sha256 = x->sha256;
    if (x->reject != REJECT_NONE) {
        buffer_put(&words, reject_reason_text(x->reject));
        if (x->detail[0])
            buffer_printf(&words, " (%s)", x->detail);
        file.reject_code = reject_reason_code(x->reject);
        file.reject_detail = buffer_text(&words);
    } else if (x->broken) {
        LOG(LOG_WARNING, "file.broken", LOG_STR("path", ex->path),
            LOG_STR("detail", "a PDF that can't be parsed here; sent all the same"));
    }
    put_file(f, &file);
    buffer_release(&words);
}

static void take_entries(struct find *f);

static void walk_more(struct find *f)
{
    f->walk_times.asked_at = loop_now(f->context->loop);
    intake_walk_more(f->walk);
}

static bool is_gone(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

/* Not the file's fault, or no file at all. */
static bool passes(int error, bool directory)
{
    return trouble_of(error) != TROUBLE_NONE || (error && directory && !is_gone(error));
}

static void cannot_be_read(struct find *f, const struct intake_entry *entry, int error)
{
    unread_add(f->unread, entry, error, loop_now(f->context->loop));
    if (f->rest)
        rest_trouble(f->rest);
}

/* While watching: it isn't what seemed to be at rest. Another round will tell. */
static bool is_restless(const struct examination *ex, const struct examined *x)
{
    bool gone = is_gone(x->error);
    bool other = !x->error && !file_stamp_equal(&ex->looked_at, &x->stamp);
    return ex->watched && (gone || other || x->reject == REJECT_CHANGED);
}

static void settle(struct find *f, const char *path, const struct file_stamp *stamp, int error)
{
    if (f->rest)
        rest_settled(f->rest, path, stamp, error);
}

static void keep_unread(struct find *f, const struct examination *ex, int error)
{
    const struct intake_entry entry = {
        .root_id = ex->root_id, .path = ex->path, .name = ex->name, .stamp = ex->looked_at};
    cannot_be_read(f, &entry, error);
}

/* What was read, or will not be read in any other way. */
static void take_examined(struct find *f, const struct examination *ex, const struct examined *x)
{
    if (x->reject == REJECT_UNREADABLE && (ex->stored || is_gone(x->error)))
        LOG(LOG_WARNING, "file.unreadable", LOG_STR("path", ex->path),
            LOG_STR("reason", x->detail));
    else
        put_examined(f, ex, x);
    if (!x->error)
        unread_read(f->unread, ex->root_id, ex->at ? ex->at : ex->path);
}

static void examined_cb(void *ctx, const struct examined *x)
{
    struct examination *ex = ctx;
    struct find *f = ex->find;
    f->examining--;
    bool restless = is_restless(ex, x), away = passes(x->error, false);
    bool closing = ending_life(f->with.ending) == RUN_CLOSING;
    if (away && !closing)
        keep_unread(f, ex, x->error);
    else if (!closing && !restless)
        take_examined(f, ex, x);
    if (!restless && !away)
        settle(f, ex->path, &ex->looked_at, 0);
    free(ex->path);
    free(ex->at);
    free(ex->name);
    free(ex);
    take_entries(f);
    run_poke(f->context);
}

/* AT: where it was moved to, and is owned by this from now on; or NULL. */
static void examine(struct find *f, const struct intake_entry *entry, bool stored, char *at)
{
    struct examination *ex = xcalloc(1, sizeof *ex);
    ex->find = f;
    ex->root_id = entry->root_id;
    ex->path = xstrdup(entry->path);
    ex->name = xstrdup(entry->name);
    ex->watched = f->rest != NULL;
    ex->looked_at = entry->stamp;
    ex->stored = stored;
    ex->at = at;
    f->examining++;
    intake_examine(f->context->loop, at ? at : ex->path, examine_flags(f), examined_cb, ex);
}

void find_changed(struct find *f, const struct ledger_source *source, int64_t root_id)
{
    enum { MOST = 1000 };
    const struct intake_entry entry = {
        .root_id = root_id, .path = source->path, .name = source->name};
    missed_look_again(f->missed);
    if (f->rest) { /* it is taken when it has come to rest */
        rest_doubts(f->rest);
        return;
    }
    if (source->known_as || stopping(f) || f->examined_again >= MOST)
        return;
    f->examined_again++;
    examine(f, &entry, false, NULL);
}

struct count {
    struct find *find;
    int64_t document;
};

static void counted_cb(void *ctx, int pages)
{
    struct count *c = ctx;
    struct find *f = c->find;
    struct flight *flight = flight_find(f->with.flights, c->document);
    f->examining--;
    if (flight)
        flight->pages = pages;
    if (ending_life(f->with.ending) != RUN_CLOSING) {
        note_pages(f->with.journal, c->document, pages);
        send_queue_grew(f->with.queue); /* it has another place there */
    }
    free(c);
    take_entries(f);
    run_poke(f->context);
}

/* Queued by a run that had no need to know its pages; this one sends by them. */
static void count_pages(struct find *f, const char *path, const struct ledger_file *known)
{
    if (f->context->options->order != ORDER_PAGES || known->state != DOC_QUEUED ||
        known->pages >= 0)
        return;
    struct count *c = xcalloc(1, sizeof *c);
    *c = (struct count){.find = f, .document = known->document_id};
    f->examining++;
    intake_count_pages(f->context->loop, path, (enum file_type)known->type, counted_cb, c);
}

/* Sent under other request options: it keeps them, and its result. What was never paid for takes
 * the options of this run, which costs nothing. */
static bool keeps_its_settings(enum doc_state state)
{
    return state == DOC_SUBMITTING || state == DOC_IN_DOUBT || state == DOC_PROCESSING ||
           state == DOC_READY || state == DOC_STORED || state == DOC_LOST;
}

/* The file is as the ledger knows it; but its document may be of other settings, or worth another
 * look. */
static bool take_known(struct find *f, const struct intake_entry *entry,
                       const struct ledger_file *known)
{
    static const uint8_t never_read[SHA256_BYTES];
    bool read_before = memcmp(known->sha256, never_read, SHA256_BYTES) != 0;
    if (known->moved || !file_stamp_equal(&entry->stamp, &known->stamp) ||
        (known->life != LIFE_THERE && known->state == DOC_REJECTED))
        return false; /* what was moved away isn't what is there now */
    if (!read_before)
        return entry->stamp.size_bytes ==
               0; /* it could not be read then; an empty one stays empty */
    unread_control(f->unread, entry->root_id, entry->path);
    bool there = known->life == LIFE_THERE;
    if (there && (known->settings_id == f->context->settings_id || known->state == DOC_REJECTED)) {
        count_pages(f, entry->path, known);
        return true;
    }
    if (there && keeps_its_settings(known->state)) {
        f->kept++;
        return true;
    }
    struct ledger_new_file file = {.root_id = entry->root_id,
                                   .settings_id = f->context->settings_id,
                                   .path = entry->path,
                                   .name = entry->name,
                                   .stamp = entry->stamp,
                                   .type = known->type,
                                   .pages = -1,
                                   .broken = known->broken,
                                   .sha256 = known->sha256};
    put_file(f, &file);
    return true;
}

/* Where the file was moved to; NULL if it wasn't, or a walk has just found it at its path. */
static char *moved_place(struct find *f, const struct ledger_file *known)
{
    struct buffer place;
    buffer_init(&place, 0);
    int found = ledger_file_place(f->context->ledger, known->id, &place);
    if (found < 0)
        ending_storage_failed(f->with.ending);
    if (found == 1)
        return buffer_detach(&place, NULL);
    buffer_release(&place);
    return NULL;
}

/* A run on its day in a folder that is watched otherwise: a file that is still being written is
 * left to the watching that goes on after it. It has one look, so the file's times must tell. */
static bool is_left_to_watching(struct find *f, const struct intake_entry *entry)
{
    const struct batch_options *o = f->context->options;
    if (o->mode != RUN_SCHEDULED || !o->watch.enabled || f->context->options->retrying ||
        entry->error)
        return false;
    if (intake_name_is_partial(strrchr(entry->path, '/') + 1))
        return true;
    const struct file_stamp *s = &entry->stamp;
    int64_t changed_ns = s->ctime_ns > s->mtime_ns ? s->ctime_ns : s->mtime_ns;
    return clock_wall(f->context->clock).ms - changed_ns / 1000000 < o->watch.quiet_ms;
}

static bool may_be_read(struct find *f, const struct intake_entry *entry)
{
    return !f->rest || rest_lets(f->rest, entry, &f->walk_times);
}

static void take_entry(struct find *f, struct intake_entry *entry)
{
    struct ledger_file known;
    if (passes(entry->error, entry->directory)) {
        cannot_be_read(f, entry, entry->error);
        return;
    }
    if (f->again && is_gone(entry->error))
        return;
    if (f->rest && rest_passes(f->rest, entry, &f->walk_times))
        return;
    int found = ledger_file_find(f->context->ledger, entry->path, &known);
    if (found < 0) {
        ending_storage_failed(f->with.ending);
        return;
    }
    if (found)
        missed_seen(f->missed, known.id);
    if (is_left_to_watching(f, entry)) {
        LOG(LOG_INFO, "file.not_at_rest", LOG_STR("path", entry->path),
            LOG_STR("next", "it is taken once it has been unchanged for watch.quiet"));
        return;
    }
    bool stored = found && known.state == DOC_STORED && !known.moved;
    if (entry->error) {
        LOG(LOG_WARNING, "file.unreadable", LOG_STR("path", entry->path),
            LOG_STR("reason", strerror(entry->error)));
        if (!stored) /* else its result stands: nobody knows that the file changed */
            put_rejected(f, entry, REJECT_UNREADABLE, strerror(entry->error));
        settle(f, entry->path, &entry->stamp, entry->error);
    } else if (entry->special) {
        put_rejected(f, entry, REJECT_SPECIAL, NULL);
        settle(f, entry->path, &entry->stamp, entry->error);
    } else if (found && !f->examine_all && take_known(f, entry, &known)) {
        settle(f, entry->path, &entry->stamp, entry->error);
    } else if (may_be_read(f, entry)) {
        bool retried = found && f->context->options->retrying;
        examine(f, entry, stored, retried ? moved_place(f, &known) : NULL);
    }
}

static void take_entries(struct find *f)
{
    while (!stopping(f) && f->entry_next < f->entry_count && f->examining < EXAMINE_AT_ONCE)
        take_entry(f, &f->entries[f->entry_next++]);
    if (f->walking && f->entries && f->entry_next == f->entry_count && !stopping(f)) {
        f->entries = NULL;
        walk_more(f);
    }
}

static void entries_cb(void *ctx, struct intake_entry *entries, size_t count)
{
    struct find *f = ctx;
    f->walk_times.answered_at = loop_now(f->context->loop);
    f->entries = entries;
    f->entry_count = count;
    f->entry_next = 0;
    take_entries(f);
    run_poke(f->context);
}

void find_take_again(struct find *f, struct intake_entry *entries, size_t count)
{
    f->examine_all = true;
    entries_cb(f, entries, count);
}

bool find_look_at(struct find *f, const struct intake_entry *entry)
{
    struct ledger_file known;
    struct stat st;
    if (stopping(f) || f->examining >= EXAMINE_AT_ONCE)
        return false;
    int found = ledger_file_find(f->context->ledger, entry->path, &known);
    if (!ending_wrote(f->with.ending, found))
        return false;
    struct intake_entry now = *entry;
    char *place = found ? moved_place(f, &known) : NULL;
    if (lstat(place ? place : entry->path, &st) == 0)
        now.stamp = file_stamp_of(&st);
    examine(f, &now, found && known.state == DOC_STORED && !known.moved, place);
    return true;
}

bool find_is_examining(const struct find *f)
{
    return f->examining > 0;
}

static void walk_done_cb(void *ctx)
{
    struct find *f = ctx;
    f->walking = false;
    if (f->kept > 0)
        LOG(LOG_WARNING, "documents.kept", LOG_INT("documents", f->kept),
            LOG_STR("what", "sent with other request options before; they and their results stay "
                            "as they are, the new options hold for what comes from now on"));
    f->kept = 0;
    f->walk_ended = !f->again;
    if (f->rest)
        rest_walk_ended(f->rest);
    run_poke(f->context);
}

static void start_walk(struct find *f, const struct intake_root *roots, size_t count)
{
    static const struct intake_walk_callbacks callbacks = {entries_cb, walk_done_cb};
    const struct batch_options *o = f->context->options;
    struct intake_walk_options walk = o->walk;
    walk.directories = f->rest != NULL;
    f->walking = f->in_round = true;
    f->walk = intake_walk_new(f->context->loop, &walk, roots, count, &callbacks, f);
    if (f->rest)
        rest_walk_begins(f->rest);
    walk_more(f);
}

static void walk_all(struct find *f)
{
    const struct batch_options *o = f->context->options;
    unread_walk_begins(f->unread);
    missed_walk_begins(f->missed);
    start_walk(f, o->roots, o->root_count);
}

/* --- what couldn't be read --- */

/* The files first, then the directories. */
static void read_again(struct find *f)
{
    const struct intake_root *places;
    f->in_round = f->again = true;
    f->places_due = unread_places(f->unread, &places) > 0;
    f->entry_next = 0;
    f->entry_count = unread_files(f->unread, &f->entries);
    take_entries(f);
}

static void end_round(struct find *f, struct mono now)
{
    const struct intake_root *places;
    if (f->places_due) {
        f->places_due = false;
        size_t count = unread_places(f->unread, &places);
        intake_walk_close(f->walk);
        start_walk(f, places, count);
        return;
    }
    f->in_round = f->again = false;
    unread_round_ends(f->unread, now);
    if (f->rest)
        unread_save(f->unread, true);
}

/* --- the part --- */

void find_start(struct find *f)
{
    const struct batch_options *o = f->context->options;
    if (o->root_count == 0)
        return;
    int wait = ledger_names_wait(f->context->ledger);
    if (!ending_wrote(f->with.ending, wait))
        return;
    f->unnamed = wait == 1;
    if (o->mode == RUN_STAYS && o->watch.enabled)
        f->rest = rest_new(f->context);
    walk_all(f);
}

void find_stop(struct find *f)
{
    f->stopped = true;
    if (f->rest)
        rest_close(f->rest);
    f->rest = NULL;
    if (f->walk)
        intake_walk_close(f->walk);
    f->walk = NULL;
    f->walking = false;
    f->entries = NULL;
    f->entry_count = f->entry_next = 0;
}

static bool is_reading(const struct find *f)
{
    return f->walking || f->examining > 0 || f->entry_next < f->entry_count;
}

bool find_busy(const struct find *f)
{
    if (f->examining > 0 || unread_probing(f->unread) || missed_busy(f->missed))
        return true;
    bool waits = !f->rest && unread_busy(f->unread, loop_now(f->context->loop));
    bool ends = f->walk_ended || f->unnamed;
    return !stopping(f) && (is_reading(f) || f->in_round || ends || waits);
}

bool find_waits(const struct find *f)
{
    return unread_away(f->unread);
}

void find_save(struct find *f)
{
    unread_save(f->unread, f->walked && !f->in_round && !f->context->options->retrying);
}

bool find_is_walking(const struct find *f)
{
    return f->walking;
}

/* It has its number now: what waited for a name can go on. */
static void named_cb(void *ctx, int64_t document)
{
    struct find *f = ctx;
    publish_look(f->with.publish);
    move_consider(f->with.move, document);
}

/* All files of a walk, or of what was looked at besides, are in the ledger. */
static void all_read(struct find *f)
{
    if (f->unnamed) {
        note_names(f->with.journal, named_cb, f);
        publish_look(f->with.publish); /* where a file was replaced, its result makes room */
    }
    f->unnamed = false;
    if (!f->walk_ended)
        return;
    f->walk_ended = false;
    /* while watching, what was looked at once isn't looked up again */
    bool whole = (!f->rest || !f->walked) && unread_count(f->unread) == 0;
    f->walked = true;
    missed_walk_ended(f->missed, whole);
}

void find_turn(struct find *f, struct mono now)
{
    if (ending_has_begun(f->with.ending)) {
        if (!f->stopped)
            find_stop(f);
        missed_turn(f->missed);
        return;
    }
    if (!stopping(f) && !is_reading(f))
        all_read(f);
    missed_turn(f->missed);
    if (f->in_round && !stopping(f) && !is_reading(f))
        end_round(f, now);
    if (!f->rest && !stopping(f) && !is_reading(f) && !f->in_round && unread_turn(f->unread, now))
        read_again(f);
    if (f->rest && !stopping(f) &&
        rest_turn(f->rest, now, is_reading(f) || missed_busy(f->missed))) {
        intake_walk_close(f->walk);
        walk_all(f);
    }
}

struct mono find_next(const struct find *f, struct mono now)
{
    if (stopping(f))
        return MONO_NEVER;
    if (f->again && !is_reading(f)) /* the round's directories, or its end, are due */
        return now;
    struct mono next = f->rest ? rest_next(f->rest, is_reading(f)) : unread_next(f->unread);
    return mono_min(next, missed_next(f->missed, now));
}
