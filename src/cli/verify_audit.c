/* See verify_audit.h. */
#include "cli/verify_audit.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/complain.h"
#include "review/audit.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

static int tell(const struct batch_options *o, const struct audit_found *found, const char *hash)
{
    char entries[UNITS_TEXT_MAX];
    printf("  %-28s %10s   head %s\n", "entries of the audit trail",
           count_format(found->entries, entries), found->head);
    if (!found->of_this_ledger)
        return complain(EXIT_LEDGER,
                        "the audit trail in %s/" REVIEW_DB " doesn't begin with this ledger: it is "
                        "another one's, or its beginning was taken away",
                        text_show(o->output));
    if (!found->whole)
        return complain(EXIT_LEDGER,
                        "the audit trail in %s/" REVIEW_DB " isn't as it was written, from entry "
                        "%lld on: put a backup in its place",
                        text_show(o->output), (long long)found->broken_at);
    if (hash && !found->has_asked)
        return complain(EXIT_LEDGER,
                        "the hash %s isn't in the audit trail: what was decided before it was "
                        "printed was changed or cut off",
                        text_show(hash));
    return 0;
}

static int look(const struct batch_options *o, struct ledger *l, const char *hash, struct error *e)
{
    struct database d;
    struct audit_found found;
    int err = review_db_open_to_read(&d, o->output, e);
    if (err)
        return complain(exit_code_of(e), "%s", e->text);
    err = audit_check(&d, ledger_id(l), hash, &found);
    int code =
        err < 0 ? complain(exit_code_of(&d.error), "%s", d.error.text) : tell(o, &found, hash);
    review_db_close(&d);
    return code;
}

int verify_audit(const struct batch_options *o, const char *hash)
{
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    struct buffer path;
    struct ledger *l;
    struct error e;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/" REVIEW_DB, o->output);
    bool there = access(buffer_text(&path), F_OK) == 0;
    buffer_release(&path);
    if (!there)
        return hash ? complain(EXIT_LEDGER,
                               "there is no audit trail in %s that the hash could be "
                               "in: " REVIEW_DB " is gone",
                               text_show(o->output))
                    : 0;
    if (ledger_open(&l, &lo, &e) < 0)
        return complain(exit_code_of(&e), "%s", e.text);
    int code = look(o, l, hash, &e);
    ledger_close(l);
    return code;
}
