/* Files are read on the pool, sixteen at a time: type, SHA-256, pages. What was read is recorded; what
 * can't be read for a reason that isn't the file's is kept and tried again. See find_internal.h. */
#include "base/log.h"
#include "base/text.h"
#include "base/trouble.h"
#include "batch/find_internal.h"
#include "batch/notes.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static unsigned examine_flags(const struct find *f)
{
    const struct batch_options *o = f->context->options;
    bool pages = budget_is_set(&o->spending.budget) || o->order == ORDER_PAGES;
    return (pages ? EXAMINE_PAGES : 0u) | (o->walk.follow_symlinks ? 0u : EXAMINE_NOFOLLOW);
}

bool find_is_gone(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

bool find_passes(int error, bool directory)
{
    return trouble_of(error) != TROUBLE_NONE || (error && directory && !find_is_gone(error));
}

void find_keep_unread(struct find *f, const struct intake_entry *entry, int error)
{
    unread_add(f->unread, entry, error, loop_now(f->context->loop));
    if (f->rest)
        rest_trouble(f->rest);
}

/* While watching: it isn't what seemed to be at rest. Another round will tell. */
static bool is_restless(const struct examination *ex, const struct examined *x)
{
    bool gone = find_is_gone(x->error);
    bool other = !x->error && !ex->asked && !file_stamp_equal(&ex->looked_at, &x->stamp);
    return ex->watched && (gone || other || x->reject == REJECT_CHANGED);
}

void find_settle(struct find *f, const char *path, const struct file_stamp *stamp, int error)
{
    if (f->rest)
        rest_settled(f->rest, path, stamp, error);
}

static void keep_unread(struct find *f, const struct examination *ex, int error)
{
    const struct intake_entry entry = {
        .root_id = ex->root_id, .path = ex->path, .name = ex->name, .stamp = ex->looked_at};
    find_keep_unread(f, &entry, error);
}

/* What was read, or will not be read in any other way. */
static void take_examined(struct find *f, const struct examination *ex, const struct examined *x)
{
    if (x->reject == REJECT_UNREADABLE && (ex->stored || find_is_gone(x->error)))
        LOG(LOG_WARNING, "file.unreadable", LOG_STR("path", ex->path),
            LOG_STR("reason", x->detail));
    else
        find_put_examined(f, ex, x);
    if (!x->error)
        unread_read(f->unread, ex->root_id, ex->at ? ex->at : ex->path);
}

static void examined_cb(void *ctx, const struct examined *x)
{
    struct examination *ex = ctx;
    struct find *f = ex->find;
    f->examining--;
    bool restless = is_restless(ex, x), away = find_passes(x->error, false);
    bool closing = ending_life(f->with.ending) == RUN_CLOSING;
    if (away && !closing)
        keep_unread(f, ex, x->error);
    else if (!closing && !restless)
        take_examined(f, ex, x);
    if (!restless && !away)
        find_settle(f, ex->path, ex->asked ? &x->stamp : &ex->looked_at, 0);
    free(ex->path);
    free(ex->at);
    free(ex->name);
    free(ex);
    f->read(f);
    run_poke(f->context);
}

struct examination *find_examine(struct find *f, const struct intake_entry *entry, bool stored,
                                 char *at)
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
    return ex;
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
    if (source->known_as || find_stopping(f) || f->examined_again >= MOST)
        return;
    f->examined_again++;
    find_examine(f, &entry, false, NULL);
}

char *find_moved_place(struct find *f, const struct ledger_file *known)
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
    f->read(f);
    run_poke(f->context);
}

void find_count_pages(struct find *f, const char *path, const struct ledger_file *known)
{
    if (f->context->options->order != ORDER_PAGES || known->state != DOC_QUEUED ||
        known->pages >= 0)
        return;
    struct count *c = xcalloc(1, sizeof *c);
    *c = (struct count){.find = f, .document = known->document_id};
    f->examining++;
    intake_count_pages(f->context->loop, path, (enum file_type)known->type, counted_cb, c);
}

bool find_look_at(struct find *f, const struct intake_entry *entry)
{
    struct ledger_file known;
    if (find_stopping(f) || f->examining >= EXAMINE_AT_ONCE)
        return false;
    int found = ledger_file_find(f->context->ledger, entry->path, &known);
    if (!ending_wrote(f->with.ending, found))
        return false;
    char *place = found ? find_moved_place(f, &known) : NULL;
    bool stored = found && known.state == DOC_STORED && !known.moved;
    find_examine(f, entry, stored, place)->asked = true;
    return true;
}

bool find_is_examining(const struct find *f)
{
    return f->examining > 0;
}
