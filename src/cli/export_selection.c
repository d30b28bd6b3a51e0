/* See export_selection.h. */
#include "cli/export_selection.h"
#include "base/array.h"
#include "base/text.h"
#include "batch/exit_code.h"
#include "cli/complain.h"
#include "cli/path_in_ledger.h"
#include "ledger/listing.h"
#include "ledger/periods.h"

#include <stdlib.h>
#include <string.h>

int complain_unless_period(struct ledger *l, const struct batch_options *o, const char *period)
{
    int known = ledger_period_known(l, period);
    if (known < 0)
        return complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text);
    if (known)
        return 0;
    return complain(
        EXIT_USAGE,
        "there is no period %s in %s: runs started by hand belong to no period; those of "
        "scheduled runs are named like 2026-11 (a month), 2026-W48 (a week) or "
        "2026-11-30 (a day), and `mindee-batch status --json` lists them",
        text_show(period), text_show(o->output));
}

static int read_since(struct export_selection *s, const char *since, const struct zone *zone)
{
    struct civil day;
    enum zone_fit fit;
    if (strlen(since) == 10 && civil_parse(since, 10, &day) == 0) {
        s->since = zone_find(zone, day, 0, &fit);
        return 0;
    }
    if (wall_parse(since, &s->since) == 0)
        return 0;
    return complain(EXIT_USAGE, "--since %s: a day (2026-11-30), or a time (2026-11-30T18:00:00Z)",
                    text_show(since));
}

static int note_document(void *ctx, const struct ledger_listing *row)
{
    struct export_selection *s = ctx;
    ARRAY_RESERVE(s->documents, s->capacity, s->count + 1);
    s->documents[s->count++] = row->document_id;
    return 0;
}

static int read_path(struct export_selection *s, struct ledger *l, const char *path)
{
    char *known_as = path_in_ledger(l, path);
    int found = ledger_list_meant(l, known_as, false, note_document, s);
    free(known_as);
    if (found < 0)
        return complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text);
    return found ? 0
                 : complain(EXIT_USAGE,
                            "%s is not in the ledger: no run has come across it, or the output "
                            "directory is another one",
                            text_show(path));
}

int export_selection_read(struct export_selection *s, struct ledger *l,
                          const struct batch_options *o, const char *period, const char *since,
                          char *const *paths, size_t path_count, const struct zone *zone)
{
    int code = period ? complain_unless_period(l, o, period) : 0;
    if (!code && since)
        code = read_since(s, since, zone);
    for (size_t i = 0; !code && i < path_count; i++)
        code = read_path(s, l, paths[i]);
    s->count = array_sort_numbers(s->documents, s->count);
    return code;
}

void export_selection_release(struct export_selection *s)
{
    free(s->documents);
    *s = (struct export_selection){0};
}
