/* See failures.h. */
#include "report/failures.h"
#include "base/safe_file.h"
#include "ledger/listing.h"
#include "ledger/unread_files.h"
#include "report/csv.h"

#include <stdlib.h>

/* The words of summary.json. */
static const char *state_word(enum doc_state state)
{
    bool sent = state == DOC_SUBMITTING || state == DOC_READY;
    return doc_state_names[sent ? DOC_PROCESSING : state];
}

static int put_row(void *ctx, const struct ledger_listing *row)
{
    const char *path = *row->moved_to ? row->moved_to : row->path; /* where it is now */
    const char *cells[] = {path, state_word(row->state), row->code, row->detail, row->job_id};
    csv_row(ctx, cells, 5);
    return 0;
}

static int put_unread(void *ctx, const char *path, const char *why)
{
    const char *cells[] = {path, "unread", "unreadable-for-now", why, ""};
    csv_row(ctx, cells, 5);
    return 0;
}

int failures_write(struct ledger *l, const char *directory, struct error *e)
{
    struct buffer path;
    struct safe_file f;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/failures.csv", directory);
    int rc = safe_file_open(&f, buffer_text(&path), ledger_access(l), e);
    buffer_release(&path);
    if (rc < 0)
        return rc;
    static const char *const heading[] = {"path", "state", "code", "detail", "job_id"};
    csv_row(f.stream, heading, 5);
    rc = ledger_list(l, true, put_row, f.stream);
    if (rc == 0)
        rc = ledger_unread_list(l, put_unread, f.stream);
    if (rc < 0) {
        *e = *ledger_error(l);
        safe_file_abandon(&f);
        return rc;
    }
    return safe_file_commit(&f, e);
}
