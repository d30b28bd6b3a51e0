/* See path_in_ledger.h. */
#include "cli/path_in_ledger.h"
#include "cli/resolved_path.h"
#include "ledger/listing.h"

#include <stdlib.h>

static int note_found(void *ctx, const struct ledger_listing *row)
{
    (void)row;
    *(bool *)ctx = true;
    return 0;
}

char *path_in_ledger(struct ledger *l, const char *path)
{
    char *tried;
    for (size_t kept = 1; (tried = resolved_but_last(path, kept)) != NULL; kept++) {
        bool found = false;
        int err = ledger_list_at(l, tried, note_found, &found);
        if (!err && found)
            return tried;
        free(tried);
        if (err)
            break;
    }
    return resolved_path(path);
}
