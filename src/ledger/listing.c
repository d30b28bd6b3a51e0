/* Reading out: every file with its fate, and a document's history. Rows are handed over one at a
 * time, so a list of any length takes no memory; a reader sees the ledger as of the first row. */
#include "ledger/listing.h"
#include "ledger/file_book.h"
#include "ledger/naming.h"
#include "ledger/private.h"

#include "base/text.h"

#include <string.h>

/* clang-format off */
#define LISTING                                                                                    \
    "SELECT f.path, coalesce(f.name, ''), " LIFE_OF("state") ", d.id, d.code, d.detail, a.job_id, d.size, "      \
    LIFE_OF("result_pages") ", d.pages, u.file IS NULL, m.target, f.size, f.mtime, f.id, f.life,"                 \
    " CASE WHEN " IS_DISMISSED " THEN d.dismissed ELSE 0 END, d.settings, "    \
    LIFE_OF("attempt") ", " LIFE_OF("accepted_at")                                                 \
    " FROM file f"                                                                                 \
    " JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document = d.id"                \
    DOCUMENT_ATTEMPT " LEFT JOIN unprojected u ON u.file = f.id" MOVED_FILE " "
/* clang-format on */

static int hand_over(struct ledger *l, sqlite3_stmt *s,
                     int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        int pages = (int)column_int(s, 8) > 0 ? (int)column_int(s, 8) : (int)column_int(s, 9);
        const struct ledger_listing row = {
            .path = column_text(s, 0), /* a NUL follows a blob read as text */
            .name = column_text(s, 1),
            .state = (enum doc_state)column_int(s, 2),
            .document_id = column_int(s, 3),
            .code = column_text(s, 4),
            .detail = column_text(s, 5),
            .job_id = column_text(s, 6),
            .size_bytes = column_int(s, 7),
            .pages = pages > 0 ? pages : 0,
            .projected = column_int(s, 2) == DOC_STORED && column_int(s, 10) != 0,
            .moved_to = column_text(s, 11),
            .file_size_bytes = column_int(s, 12),
            .file_mtime_ns = column_int(s, 13),
            .file_id = column_int(s, 14),
            .there = column_int(s, 15) == LIFE_THERE,
            .left = column_int(s, 15) == LIFE_LEFT,
            .dismissed = {column_int(s, 16)},
            .settings_id = column_int(s, 17),
            .attempt = (int)column_int(s, 18),
            .accepted_at = {column_int(s, 19)},
        };
        if (fn(ctx, &row) != 0)
            break;
    }
    database_end(s);
    return n < 0 ? n : 0;
}

int ledger_list(struct ledger *l, bool only_unstored,
                int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    sqlite3_stmt *s =
        only_unstored
            ? database_query(&l->db,
                             LISTING
                             "WHERE f.life <> 2 AND " LIFE_OF("state") " <> 5 AND NOT " IS_DISMISSED
                                                                       " ORDER BY f.path, f.id",
                             NO_VALUES)
            : database_query(&l->db, LISTING "WHERE f.life <> 2 ORDER BY f.path, f.id", NO_VALUES);
    return hand_over(l, s, fn, ctx);
}

int ledger_list_period(struct ledger *l, const char *period,
                       int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    return hand_over(
        l,
        database_query(&l->db, LISTING "WHERE f.life <> 2 AND f.period = ? ORDER BY f.path, f.id",
                       VALUES(V_TEXT(period))),
        fn, ctx);
}

int ledger_list_at(struct ledger *l, const char *path,
                   int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    return hand_over(l,
                     database_query(&l->db,
                                    LISTING "WHERE (f.path_key = ?1 AND f.path = ?2) OR f.id IN"
                                            " (SELECT file FROM move WHERE target = ?2)"
                                            " ORDER BY f.id DESC",
                                    VALUES(V_INT(naming_key(path, 0)), V_BLOB(path, strlen(path)))),
                     fn, ctx);
}

int ledger_list_of(struct ledger *l, int64_t document_id,
                   int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    return hand_over(l,
                     database_query(&l->db, LISTING "WHERE f.document = ? ORDER BY f.id",
                                    VALUES(V_INT(document_id))),
                     fn, ctx);
}

bool ledger_listing_is_at(const struct ledger_listing *row, const char *path)
{
    return row->there && strcmp(*row->moved_to ? row->moved_to : row->path, path) == 0;
}

struct meant {
    const char *path;
    bool found, there;
    int (*fn)(void *ctx, const struct ledger_listing *row);
    void *ctx;
};

static int look_at(void *ctx, const struct ledger_listing *row)
{
    struct meant *m = ctx;
    m->found = true;
    m->there = m->there || ledger_listing_is_at(row, m->path);
    return 0;
}

static int give_meant(void *ctx, const struct ledger_listing *row)
{
    struct meant *m = ctx;
    bool passed_over = m->there && !ledger_listing_is_at(row, m->path);
    return passed_over ? 0 : m->fn(m->ctx, row);
}

int ledger_list_meant(struct ledger *l, const char *path, bool all,
                      int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx)
{
    struct meant m = {.path = path, .fn = fn, .ctx = ctx};
    int err = ledger_list_at(l, path, look_at, &m);
    m.there = m.there && !all;
    if (!err && m.found)
        err = ledger_list_at(l, path, give_meant, &m);
    return err ? err : m.found;
}

/* The newest step of its history that led there; that of a document without any is its coming. */
int ledger_since(struct ledger *l, int64_t document_id, struct wall *out)
{
    int64_t event = 0;
    int n = database_number(&l->db, "SELECT d.created_at FROM document d WHERE d.id = ?",
                            VALUES(V_INT(document_id)), &out->ms);
    if (n == 1)
        n = database_number(&l->db, "SELECT " LIFE_OF("last_event") " FROM " LIFE " WHERE d.id = ?",
                            VALUES(V_INT(document_id)), &event);
    while (n == 1 && event) {
        sqlite3_stmt *s = database_query(
            &l->db, "SELECT at, prev, was = became FROM event WHERE id = ?", VALUES(V_INT(event)));
        n = s ? database_step(&l->db, s) : l->db.error.code;
        if (n != 1)
            break;
        int64_t prev = column_int(s, 1);
        bool stayed = column_int(s, 2) != 0;
        out->ms = column_int(s, 0);
        database_end(s);
        event = stayed && prev < event ? prev : 0;
    }
    return n < 0 ? n : 0;
}

/* The history's rows, newest first, as the chain gives them. */
static int collect_events(struct ledger *l, int64_t document_id, struct buffer *ids)
{
    int64_t id = 0;
    int n = database_number(&l->db, "SELECT " LIFE_OF("last_event") " FROM " LIFE " WHERE d.id = ?",
                            VALUES(V_INT(document_id)), &id);
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there is no document %lld in the ledger",
                               (long long)document_id);
    while (n == 1 && id != 0) {
        int64_t prev = 0;
        int err = buffer_append(ids, &id, sizeof id);
        if (err)
            return database_refuse(&l->db, err, "no memory for the history of document %lld",
                                   (long long)document_id);
        n = database_number(&l->db, "SELECT prev FROM event WHERE id = ?", VALUES(V_INT(id)),
                            &prev);
        if (n == 1 && prev >= id)
            return database_refuse(&l->db, ERR_DAMAGED,
                                   "%s: the history of document %lld is torn. %s",
                                   text_show(l->db.path), (long long)document_id, l->db.way_out);
        id = prev;
    }
    return n < 0 ? n : 0;
}

int ledger_history(struct ledger *l, int64_t document_id,
                   int (*fn)(void *ctx, const struct ledger_event *row), void *ctx)
{
    struct buffer ids;
    buffer_init(&ids, 0);
    int err = collect_events(l, document_id, &ids);
    for (size_t left = ids.len / sizeof(int64_t); left > 0 && !err; left--) {
        int64_t id;
        memcpy(&id, ids.data + (left - 1) * sizeof id, sizeof id);
        sqlite3_stmt *s = database_query(
            &l->db, "SELECT at, was, became, kind, attempt, cause FROM event WHERE id = ?",
            VALUES(V_INT(id)));
        int n = s ? database_step(&l->db, s) : l->db.error.code;
        if (n != 1) {
            err = n;
            break;
        }
        const struct ledger_event row = {
            .id = id,
            .at = {column_int(s, 0)},
            .from = (enum doc_state)column_int(s, 1),
            .to = (enum doc_state)column_int(s, 2),
            .event = (enum doc_event_kind)column_int(s, 3),
            .attempt = (int)column_int(s, 4),
            .cause = column_text(s, 5),
        };
        bool stop = fn(ctx, &row) != 0;
        database_end(s);
        if (stop)
            break;
    }
    buffer_release(&ids);
    return err;
}
