/* See find.h. */
#include "base/log.h"
#include "batch/find_internal.h"
#include "batch/notes.h"
#include "ledger/file_names.h"

#include <stdlib.h>

static void walk_more(struct find *f)
{
    f->walk_times.asked_at = loop_now(f->context->loop);
    intake_walk_more(f->walk);
}

static void take_entries(struct find *f)
{
    while (!find_stopping(f) && f->entry_next < f->entry_count && f->examining < EXAMINE_AT_ONCE)
        find_take_entry(f, &f->entries[f->entry_next++]);
    if (f->walking && f->entries && f->entry_next == f->entry_count && !find_stopping(f)) {
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
    passed_over_walk_ended(&f->passed_over, f->walk);
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
    f->entries = NULL; /* those of the round before it were taken */
    f->entry_count = f->entry_next = 0;
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
    passed_over_walk_begins(&f->passed_over);
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

struct find *find_new(struct run_context *c, const struct find_neighbours *with)
{
    struct find *f = xcalloc(1, sizeof *f);
    f->context = c;
    f->with = *with;
    f->unread = unread_new(c, with->ending);
    f->missed = missed_files_new(c, with->ending, with->journal);
    f->read = take_entries;
    return f;
}

void find_free(struct find *f)
{
    if (f) {
        unread_free(f->unread);
        missed_files_free(f->missed);
        passed_over_release(&f->passed_over);
    }
    free(f);
}

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
    return !find_stopping(f) && (is_reading(f) || f->in_round || ends || waits);
}

bool find_has_patience(const struct find *f)
{
    return unread_busy(f->unread, loop_now(f->context->loop));
}

bool find_waits(const struct find *f)
{
    return unread_away(f->unread);
}

void find_save(struct find *f)
{
    passed_over_save(&f->passed_over, f->context, true);
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
    if (!find_stopping(f) && !is_reading(f))
        all_read(f);
    if (!journal_down(f->with.journal))
        passed_over_save(&f->passed_over, f->context, false);
    missed_turn(f->missed);
    if (f->in_round && !find_stopping(f) && !is_reading(f))
        end_round(f, now);
    if (!f->rest && !find_stopping(f) && !is_reading(f) && !f->in_round &&
        unread_turn(f->unread, now))
        read_again(f);
    if (f->rest && !find_stopping(f) &&
        rest_turn(f->rest, now, is_reading(f) || missed_busy(f->missed))) {
        intake_walk_close(f->walk);
        walk_all(f);
    }
}

struct mono find_next(const struct find *f, struct mono now)
{
    if (find_stopping(f))
        return MONO_NEVER;
    if (f->again && !is_reading(f)) /* the round's directories, or its end, are due */
        return now;
    struct mono next = f->rest ? rest_next(f->rest, is_reading(f)) : unread_next(f->unread);
    return mono_min(next, missed_next(f->missed, now));
}
