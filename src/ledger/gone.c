/* What isn't there any more. What was sent stays in the counts whatever becomes of its file. What
 * never was leaves them when it isn't found by a walk; its row and name stay, and when the same bytes
 * come back it counts again (files.c).
 *
 * Only documents that are queued or rejected can be concerned: the queue and the index of what ended
 * badly say which they are, however much the ledger holds. */
#include "ledger/file_row.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define MISSED                                                                                     \
    " JOIN file f ON f.document = d.id WHERE f.life <> 2 AND f.id <= ?1"                           \
    " AND d.accepted_at = 0 AND d.accepted + d.done + d.doubt + d.answer + d.attempts = 0"         \
    " AND (d.last_attempt = 0 OR NOT (" WAS_TAKEN("d.last_attempt")                                \
    " OR " WAS_ASKED_FOR_AGAIN("d.last_event") "))"                                                \
    " AND NOT EXISTS(SELECT 1 FROM move m WHERE m.file = f.id AND m.state = 0)"                    \
    " AND NOT EXISTS(SELECT 1 FROM move m WHERE m.file = f.id AND m.state = 1)"                    \
    " AND NOT " PERIOD_CLOSED
#define UNDER " AND (f.path = ?2 OR substr(f.path, 1, ?3) = ?4)"
/* clang-format on */

static int take_missed(struct ledger *l, sqlite3_stmt *s, bool (*skip)(void *ctx, int64_t file_id),
                       void *ctx, struct ledger_missed *out, int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        bool fits = true;
        if (skip && skip(ctx, column_int(s, 0)))
            continue;
        out[count] = (struct ledger_missed){column_int(s, 0), column_copy(s, 1, &fits)};
        if (!fits) {
            n = database_refuse(&l->db, ERR_MEMORY, "no memory for a path");
            break;
        }
        count++;
    }
    if (n >= 0)
        database_end(s);
    while (n < 0 && count > 0)
        free(out[--count].path);
    return n < 0 ? n : count;
}

int ledger_gone_next(struct ledger *l, const char *path, int64_t upto,
                     bool (*skip)(void *ctx, int64_t file_id), void *ctx, struct ledger_missed *out,
                     int max)
{
    _Static_assert(DOC_REJECTED > 5, "the index of what ended badly has it");
    struct buffer below;
    buffer_init(&below, 0);
    buffer_printf(&below, "%s%s", path, path[0] && path[strlen(path) - 1] == '/' ? "" : "/");
    int n = take_missed(
        l,
        database_query(
            &l->db,
            "SELECT f.id, f.path FROM queue q JOIN document d ON d.id = q.document" MISSED UNDER
            " UNION ALL SELECT f.id, f.path FROM document d" MISSED UNDER
            " AND d.state = ?5 AND d.state > 5",
            VALUES(V_INT(upto), V_BLOB(path, strlen(path)), V_INT(below.len),
                   V_BLOB(below.data, below.len), V_INT(DOC_REJECTED))),
        skip, ctx, out, max);
    buffer_release(&below);
    return n;
}

int ledger_gone_of(struct ledger *l, const uint8_t sha256[SHA256_BYTES], int64_t settings_id,
                   int64_t upto, struct ledger_missed *out, int max)
{
    return take_missed(l,
                       database_query(&l->db,
                                      "SELECT f.id, f.path FROM document d" MISSED
                                      " AND d.sha256 = ?2 AND d.settings = ?4"
                                      " AND d.state IN (0, ?3)"
                                      " AND NOT EXISTS(SELECT 1 FROM flight w"
                                      "  WHERE w.document = d.id) LIMIT 4",
                                      VALUES(V_INT(upto), V_BLOB(sha256, SHA256_BYTES),
                                             V_INT(DOC_REJECTED), V_INT(settings_id))),
                       NULL, NULL, out, max);
}

int ledger_file_gone(struct ledger *l, int64_t file_id)
{
    struct document_row row;
    struct file_row known;
    int err = ledger_write(l);
    if (!err)
        err = file_row_load(l, file_id, &known);
    if (err || known.id == 0)
        return err;
    err = row_load(l, known.document, &row);
    int sent = err ? err : row_was_sent(l, &row);
    if (sent < 0)
        err = sent;
    else if (!sent && known.move < 0 && !known.closed)
        err = file_row_set_life(l, &known, LIFE_LEFT);
    file_row_release(&known);
    return err;
}

int ledger_last_file(struct ledger *l, int64_t *id)
{
    int n = database_number(&l->db, "SELECT coalesce(max(id), 0) FROM file", NO_VALUES, id);
    return n < 0 ? n : 0;
}
