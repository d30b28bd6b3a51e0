/* See audit_note.h. */
#include "cli/audit_note.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/complain.h"
#include "cli/review_work.h"
#include "core/document_words.h"
#include "review/audit.h"
#include "tables/review_db.h"

#include <string.h>

static int add(struct database *d, uint64_t ledger, struct audit_entry *entry, const char *record,
               const char *field)
{
    entry->record = record;
    entry->field = field;
    int err = database_write(d);
    return err ? err : audit_add(d, ledger, entry);
}

static int add_all(struct database *d, uint64_t ledger, struct audit_entry *entry,
                   char *const *paths, size_t path_count, const bool states[DOC_STATE_COUNT])
{
    int err = 0;
    for (size_t i = 0; !err && i < path_count; i++)
        err = add(d, ledger, entry, text_show(paths[i]), "");
    for (int state = 0; !err && state < DOC_STATE_COUNT; state++)
        if (states[state])
            err = add(d, ledger, entry, "", doc_state_names[state]);
    return err ? err : database_commit(d);
}

void audit_note(const struct config *c, const struct batch_options *o, const char *action,
                char *const *paths, size_t path_count, const bool states[DOC_STATE_COUNT],
                const char *note)
{
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    struct ledger *l;
    struct database d;
    struct review_by by;
    struct error e;
    char actor[ACTOR_MAX];
    if (!config_settings(c)->review.enabled || review_by_read(&by, actor, NULL, note))
        return;
    struct audit_entry entry = {.at = by.at, .actor = actor, .action = action, .note = note};
    int err = ledger_open(&l, &lo, &e);
    if (!err) {
        err = review_db_open(&d, o->output, ledger_access(l), &e);
        if (!err && (err = add_all(&d, ledger_id(l), &entry, paths, path_count, states)) < 0)
            e = d.error;
        review_db_close(&d);
        ledger_close(l);
    }
    if (err)
        complain(0, "it isn't in the audit trail: %s", e.text);
}
