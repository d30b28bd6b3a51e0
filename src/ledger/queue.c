/* The queue: queued documents in the order of sending, the head first, whatever its length. The
 * table holds one order; asking for another one sorts it anew, once (a reader sorts what it reads,
 * and writes nothing).
 *
 * Invariant: a document is in it exactly while its state is queued and a file of it counts, at the place that its name,
 * size or pages give it under the order in force. */
#include "ledger/queue.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"

int queue_add(struct ledger *l, const struct document_row *row)
{
    return database_run(
        &l->db,
        "INSERT INTO queue(place, settings, document)"
        " SELECT CASE ? WHEN 1 THEN -size WHEN 2 THEN ? ELSE sort_name END, ?, id"
        " FROM document WHERE id = ?",
        VALUES(V_INT(l->queue_order), V_INT(-row->pages), V_INT(row->settings), V_INT(row->id)));
}

int queue_add_new(struct ledger *l, const struct document_row *row, int64_t size,
                  const void *sort_name, size_t sort_name_len)
{
    struct value place = l->queue_order == ORDER_LARGEST ? V_INT(-size)
                         : l->queue_order == ORDER_PAGES ? V_INT(-row->pages)
                                                         : V_BLOB(sort_name, sort_name_len);
    return database_run(&l->db, "INSERT INTO queue(place, settings, document) VALUES(?, ?, ?)",
                        VALUES(place, V_INT(row->settings), V_INT(row->id)));
}

int queue_remove(struct ledger *l, const struct document_row *row)
{
    return database_run(&l->db,
                        "DELETE FROM queue WHERE settings = ? AND document = ? AND place ="
                        " (SELECT CASE ? WHEN 1 THEN -size WHEN 2 THEN ? ELSE sort_name END"
                        "  FROM document WHERE id = ?)",
                        VALUES(V_INT(row->settings), V_INT(row->id), V_INT(l->queue_order),
                               V_INT(-row->pages), V_INT(row->id)));
}

static int sort_anew(struct ledger *l, enum ledger_order order)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "UPDATE meta SET queue_order = ?", VALUES(V_INT(order)));
    if (!err)
        err = database_run(&l->db, "DELETE FROM queue", NO_VALUES);
    if (!err)
        err = database_run(&l->db,
                           "INSERT INTO queue(place, settings, document)"
                           " SELECT CASE ? WHEN 1 THEN -d.size WHEN 2 THEN -d.pages"
                           " ELSE d.sort_name END, d.settings, d.id FROM " LIFE
                           " WHERE " LIFE_OF("state") " = 0 AND d.files > 0",
                           VALUES(V_INT(order)));
    if (!err)
        l->queue_order = order;
    return err;
}

#define QUEUED                                                                                     \
    "SELECT " DOCUMENT_COLUMNS " FROM queue q JOIN document d ON d.id = q.document"                \
    " LEFT JOIN flight w ON w.document = d.id" DOCUMENT_ATTEMPT " WHERE q.settings = ?1 ORDER BY "

int ledger_next_queued(struct ledger *l, int64_t settings_id, enum ledger_order order,
                       bool (*skip)(void *ctx, int64_t id), void *ctx, struct ledger_document *out,
                       int max)
{
    sqlite3_stmt *s;
    if (order != l->queue_order && !l->read_only) {
        int err = sort_anew(l, order);
        if (err)
            return err;
    }
    if (order == l->queue_order)
        s = database_query(&l->db, QUEUED "q.place, q.document", VALUES(V_INT(settings_id)));
    else
        s = database_query(&l->db,
                           QUEUED "CASE ?2 WHEN 1 THEN -d.size WHEN 2 THEN -d.pages"
                                  " ELSE d.sort_name END, d.id",
                           VALUES(V_INT(settings_id), V_INT(order)));
    return documents_take(l, s, skip, ctx, out, max);
}

/* They are numbered as they come. */
int ledger_queue_since(struct ledger *l, struct wall *out)
{
    out->ms = 0;
    int n = database_number(&l->db,
                            "SELECT created_at FROM document WHERE id ="
                            " (SELECT min(document) FROM queue)",
                            NO_VALUES, &out->ms);
    return n < 0 ? n : 0;
}

/* The newest attempt says whether a run may send it again: one that can't be read, or forgotten by a
 * backup, waits for a person; one whose file was gone when it was to be sent again waits for that. One
 * without files isn't in the counts, and so not in these. */
_Static_assert(EV_SOURCE_GONE == 10, "as in the statement");

int ledger_waiting_elsewhere(struct ledger *l, int64_t settings_id, int max_resends,
                             int64_t *queued, int64_t *in_doubt)
{
    int n = database_number(&l->db, "SELECT count(*) FROM queue WHERE settings <> ?",
                            VALUES(V_INT(settings_id)), queued);
    if (n >= 0)
        n = database_number(&l->db,
                            "SELECT count(*) FROM flight w JOIN document d ON d.id = w.document"
                            " JOIN attempt a ON a.id = w.last_attempt"
                            " WHERE w.state = 2 AND d.settings <> ? AND d.files > 0"
                            " AND d.dismissed = 0 AND a.outcome NOT IN (7, 8)"
                            " AND NOT EXISTS(SELECT 1 FROM event e WHERE e.id = w.last_event"
                            "  AND e.kind = 10)"
                            " AND " RESENDS " < ?",
                            VALUES(V_INT(settings_id), V_INT(max_resends)), in_doubt);
    return n < 0 ? n : 0;
}
