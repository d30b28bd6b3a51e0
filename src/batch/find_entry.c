/* What becomes of an entry of the walk: as the ledger knows it, left to the watching, rejected, or
 * read. See find_internal.h. */
#include "base/log.h"
#include "batch/find_internal.h"
#include "ledger/file_names.h"

#include <string.h>

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
        find_count_pages(f, entry->path, known);
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
    find_put(f, &file);
    return true;
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

void find_take_entry(struct find *f, struct intake_entry *entry)
{
    struct ledger_file known;
    if (find_passes(entry->error, entry->directory)) {
        find_keep_unread(f, entry, entry->error);
        return;
    }
    if (f->again && find_is_gone(entry->error))
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
            find_put_rejected(f, entry, REJECT_UNREADABLE, strerror(entry->error));
        find_settle(f, entry->path, &entry->stamp, entry->error);
    } else if (entry->special) {
        find_put_rejected(f, entry, REJECT_SPECIAL, NULL);
        find_settle(f, entry->path, &entry->stamp, entry->error);
    } else if (found && !f->examine_all && take_known(f, entry, &known)) {
        find_settle(f, entry->path, &entry->stamp, entry->error);
    } else if (may_be_read(f, entry)) {
        bool retried = found && f->context->options->retrying;
        find_examine(f, entry, stored, retried ? find_moved_place(f, &known) : NULL);
    }
}
