/* See file_row.h: whether a document was ever sent. Its own row tells of the attempts that may have
 * cost something, and of its present life; of those that were free, a job that failed or an upload
 * that was refused, its histories do, whatever came after them: a person's retry begins the count of
 * attempts anew, and the next attempt takes the newest one's place.
 *
 * What Mindee's limit or a refusal of the whole run sent back counts as not sent: it is as if it had
 * never left. */
#include "ledger/file_row.h"

static int is_so(struct ledger *l, const char *history, int64_t newest)
{
    int64_t one;
    return database_number(&l->db, history, VALUES(V_INT(newest)), &one);
}

int row_was_accepted(struct ledger *l, const struct document_row *row)
{
    bool may_be =
        row->state != DOC_QUEUED && row->state != DOC_REJECTED && row->state != DOC_FAILED;
    if (may_be || row->accepted_at != 0 || row->accepted.n + row->done.n + row->doubt.n > 0 ||
        row->answer != ANSWER_NONE)
        return 1;
    return row->last_attempt ? is_so(l, "SELECT 1 WHERE " WAS_TAKEN("?"), row->last_attempt) : 0;
}

int row_was_sent(struct ledger *l, const struct document_row *row)
{
    bool as_it_is = row->state != DOC_QUEUED && row->state != DOC_REJECTED;
    if (as_it_is || row->attempts > 0)
        return 1;
    int n = row_was_accepted(l, row);
    return n != 0 || !row->last_attempt
               ? n
               : is_so(l, "SELECT 1 WHERE " WAS_ASKED_FOR_AGAIN("?"), row->last_event);
}
