/* Documents: made, and moved one step at a time.
 *
 * A step whose beginning isn't the state in the ledger is refused (ERR_DAMAGED): memory and disk
 * would tell different stories about money. */
#include "ledger/document_ledger.h"
#include "ledger/file_row.h"
#include "ledger/private.h"
#include "ledger/queue.h"

#include "base/text.h"
#include "core/document_words.h"

int document_new(struct ledger *l, const struct new_document *n, struct document_row *out)
{
    int err = database_run(
        &l->db,
        "INSERT INTO document(settings, state, files, pages, size, type, broken, created_at, code,"
        " detail, sha256, sort_name, period) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(n->settings), V_INT(n->state), V_INT(n->files), V_INT(n->pages),
               V_INT(n->size), V_INT(n->type), V_INT(n->broken), V_INT(ledger_now(l)),
               V_TEXT(n->code), V_TEXT(n->detail), V_BLOB(n->sha256, SHA256_BYTES),
               V_BLOB(n->sort_name, n->sort_name_len), V_TEXT(n->period)));
    if (err)
        return err;
    *out = (struct document_row){.id = sqlite3_last_insert_rowid(l->db.db),
                                 .settings = n->settings,
                                 .state = (int)n->state,
                                 .files = n->files,
                                 .pages = n->pages,
                                 .content = n->sha256 != NULL,
                                 .words = n->code != NULL};
    row_count_new(l, out);
    if (n->state == DOC_QUEUED) /* in the queue when it has a file */
        return n->files ? queue_add_new(l, out, n->size, n->sort_name, n->sort_name_len) : 0;
    struct document_row after = *out;
    err = row_event(l, &after, DOC_QUEUED, EV_REJECT, 0, n->code);
    if (!err)
        err = row_save(l, out, &after);
    *out = after;
    return err;
}

int ledger_set_pages(struct ledger *l, int64_t document_id, int pages)
{
    struct document_row before, after;
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document_id, &before);
    if (err)
        return err;
    after = before;
    after.pages = pages;
    return row_save(l, &before, &after);
}

/* What was to be sent, and wasn't, because its file was replaced meanwhile or is somewhere else now:
 * that file leaves the counts. Its name goes only to a file that replaced it. */
static int leave_replaced(struct ledger *l, int64_t document_id)
{
    for (;;) {
        struct file_row file;
        int64_t id = 0;
        int n = database_number(&l->db,
                                "SELECT f.id FROM file f WHERE f.document = ? AND f.life = 1"
                                " AND NOT " PERIOD_CLOSED " AND (EXISTS(SELECT 1 FROM file n"
                                "  WHERE n.path_key = f.path_key AND n.path = f.path"
                                "  AND n.id > f.id) OR EXISTS(SELECT 1 FROM file o"
                                "  WHERE o.document = f.document AND o.life = 0)) LIMIT 1",
                                VALUES(V_INT(document_id)), &id);
        if (n != 1)
            return n;
        int err = file_row_load(l, id, &file);
        if (!err)
            err = database_run(&l->db,
                               "UPDATE file SET name = NULL, name_key = NULL, pending = NULL"
                               " WHERE id = ?1 AND EXISTS(SELECT 1 FROM file n"
                               "  WHERE n.path_key = file.path_key AND n.path = file.path"
                               "  AND n.id > ?1)",
                               VALUES(V_INT(id)));
        if (!err)
            err = file_row_set_life(l, &file, LIFE_LEFT);
        file_row_release(&file);
        if (err)
            return err;
    }
}

static int leave_if_unsent(struct ledger *l, const struct document_row *row)
{
    int sent = row_was_sent(l, row);
    return sent == 0 ? leave_replaced(l, row->id) : sent < 0 ? sent : 0;
}

int ledger_step(struct ledger *l, const struct ledger_step *step)
{
    struct document_row before, after;
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, step->document_id, &before);
    if (err)
        return err;
    if (before.state != (int)step->from)
        return database_refuse(&l->db, ERR_DAMAGED,
                               "%s says that document %lld is %s, not %s as this run has "
                               "it; stopped before anything is paid twice: run the same command "
                               "again",
                               text_show(l->db.path), (long long)step->document_id,
                               doc_state_words((enum doc_state)before.state),
                               doc_state_words(step->from));
    after = before;
    after.state = (int)step->to;
    after.in_flight = state_has_flight(step->to);
    after.attempts = step->attempts;
    if (step->event == EV_DISMISS)
        after.dismissed = ledger_now(l);
    else if (step->event == EV_RETRY || step->to == DOC_STORED)
        after.dismissed = 0;
    err = row_event(l, &after, step->from, step->event, step->attempt, step->cause);
    if (!err)
        err = row_save(l, &before, &after);
    bool unsent =
        step->from == DOC_SUBMITTING || (step->to == DOC_REJECTED && step->from != step->to);
    if (!err && unsent)
        err = leave_if_unsent(l, &after);
    bool stored = step->to == DOC_STORED && step->from != DOC_STORED;
    bool goes_on = stored || step->to == DOC_PROCESSING || step->to == DOC_READY;
    if (!err && step->code && !stored)
        err = row_words(l, step->document_id, step->code, step->detail);
    else if (!err && before.words && goes_on)
        err = row_words(l, step->document_id, NULL, NULL);
    return err;
}
