/* See projections.h. The table `unprojected` has a row for each file whose result isn't published
 * yet. Where a result still stands under an earlier name of its file, the file's row says so.
 *
 * What a power cut may have taken is what was published since the mark: of results that were stored,
 * and files that were found, since it was made. */
#include "ledger/projections.h"

#include "ledger/naming.h"
#include "ledger/private.h"

#include <stdlib.h>
#include <string.h>

void ledger_projection_release(struct ledger_projection *p)
{
    free(p->name);
    free(p->stands);
    *p = (struct ledger_projection){0};
}

static int take_projections(struct ledger *l, sqlite3_stmt *s, struct ledger_projection *out,
                            int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        bool fits = true, stands = sqlite3_column_type(s, 3) != SQLITE_NULL;
        out[count++] =
            (struct ledger_projection){.file_id = column_int(s, 0),
                                       .document_id = column_int(s, 1),
                                       .name = column_copy(s, 2, &fits),
                                       .stands = stands ? column_copy(s, 3, &fits) : NULL,
                                       .again = column_int(s, 4) != 0};
        if (!fits) {
            n = database_refuse(&l->db, ERR_MEMORY, "no memory for a name");
            break;
        }
    }
    database_end(s);
    while (n < 0 && count > 0)
        ledger_projection_release(&out[--count]);
    return n < 0 ? n : count;
}

#define IS_STORED                                                                                         \
    " AND f.name IS NOT NULL AND f.life <> 2 AND EXISTS(SELECT 1 FROM document d WHERE d.id = f.document" \
    "  AND d.state = 5)"
_Static_assert(DOC_STORED == 5, "and it has no flight");

int ledger_unprojected(struct ledger *l, int64_t after_file_id, struct ledger_projection *out,
                       int max)
{
    return take_projections(
        l,
        database_query(&l->db,
                       "SELECT f.id, f.document, f.name, f.stands, u.again FROM unprojected u"
                       " JOIN file f ON f.id = u.file WHERE u.file > ?" IS_STORED
                       " ORDER BY u.file",
                       VALUES(V_INT(after_file_id))),
        out, max);
}

int ledger_unprojected_of(struct ledger *l, int64_t document_id, int64_t after_file_id,
                          struct ledger_projection *out, int max)
{
    return take_projections(
        l,
        database_query(&l->db,
                       "SELECT f.id, f.document, f.name, f.stands, u.again FROM file f"
                       " CROSS JOIN unprojected u ON u.file = f.id"
                       " WHERE f.document = ? AND f.id > ?" IS_STORED " ORDER BY f.id",
                       VALUES(V_INT(document_id), V_INT(after_file_id))),
        out, max);
}

int projections_want(struct ledger *l, int64_t document_id)
{
    return database_run(
        &l->db,
        "INSERT OR IGNORE INTO unprojected(file) SELECT id FROM file WHERE document = ?"
        " AND life <> 2",
        VALUES(V_INT(document_id)));
}

int projections_want_all(struct ledger *l)
{
    return database_run(&l->db,
                        "INSERT OR REPLACE INTO unprojected(file, again)"
                        " SELECT f.id, u.file IS NULL OR u.again FROM file f"
                        " LEFT JOIN unprojected u ON u.file = f.id WHERE 1" IS_STORED,
                        NO_VALUES);
}

int projection_want(struct ledger *l, int64_t file_id)
{
    return database_run(&l->db, "INSERT OR REPLACE INTO unprojected(file) VALUES(?)",
                        VALUES(V_INT(file_id)));
}

int ledger_projected(struct ledger *l, int64_t file_id, int64_t document_id, const char *name)
{
    int64_t has = 0;
    int n = database_number(&l->db,
                            "SELECT stands IS NOT NULL FROM file WHERE id = ? AND document = ?"
                            " AND name = ?",
                            VALUES(V_INT(file_id), V_INT(document_id), V_BLOB(name, strlen(name))),
                            &has);
    if (n <= 0)
        return n;
    int err = ledger_write(l);
    if (!err)
        err =
            database_run(&l->db, "DELETE FROM unprojected WHERE file = ?", VALUES(V_INT(file_id)));
    return err || !has ? err
                       : database_run(&l->db, "UPDATE file SET stands = NULL WHERE id = ?",
                                      VALUES(V_INT(file_id)));
}

/* There are few: each is gone when its result was published under its new name. */
static int stands_folded(struct ledger *l, const char *name)
{
    int n;
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT stands FROM file WHERE stands IS NOT NULL", NO_VALUES);
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1)
        if (naming_same(column_text(s, 0), name, l->place.folds)) {
            database_end(s);
            break;
        }
    return n;
}

int ledger_name_stands(struct ledger *l, const char *name)
{
    int64_t id;
    if (l->place.folds)
        return stands_folded(l, name);
    return database_number(&l->db, "SELECT id FROM file WHERE stands = ? LIMIT 1",
                           VALUES(V_BLOB(name, strlen(name))), &id);
}

int ledger_stands_for_good(struct ledger *l, int64_t file_id)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db, "UPDATE file SET stands = NULL WHERE id = ?",
                              VALUES(V_INT(file_id)));
}

int ledger_published_next(struct ledger *l, int64_t after_file_id, struct ledger_published *out,
                          int max)
{
    int count = 0, n = 0;
    sqlite3_stmt *s = database_query(
        &l->db,
        /* in the order of the files, a look at a document for each: a result is looked at where its
         * size matters alone */
        "SELECT f.id, f.name, f.id > b.checked_file OR d.result > b.checked_result,"
        " CASE WHEN f.id > b.checked_file OR d.result > b.checked_result"
        "  THEN (SELECT length(bytes) FROM result WHERE id = d.result) END"
        " FROM book b CROSS JOIN file f CROSS JOIN document d"
        " LEFT JOIN unprojected u ON u.file = f.id"
        " WHERE b.id = 1 AND f.id > ? AND f.name IS NOT NULL AND f.life <> 2"
        " AND d.id = f.document AND d.state = 5 AND u.file IS NULL ORDER BY f.id",
        VALUES(V_INT(after_file_id)));
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        bool fits = true;
        out[count++] = (struct ledger_published){.file_id = column_int(s, 0),
                                                 .name = column_copy(s, 1, &fits),
                                                 .lately = column_int(s, 2) != 0,
                                                 .size_bytes = column_int(s, 3)};
        if (!fits) {
            n = database_refuse(&l->db, ERR_MEMORY, "no memory for a name");
            break;
        }
    }
    database_end(s);
    while (n < 0 && count > 0)
        free(out[--count].name);
    return n < 0 ? n : count;
}

int ledger_unpublish(struct ledger *l, int64_t file_id, bool again)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db, "INSERT OR IGNORE INTO unprojected(file, again) VALUES(?, ?)",
                              VALUES(V_INT(file_id), V_INT(again)));
}

int ledger_published_mark(struct ledger *l, const char *boot)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "UPDATE book SET boot = ?,"
                              " checked_file = coalesce((SELECT max(id) FROM file), 0),"
                              " checked_result = coalesce((SELECT max(id) FROM result), 0)",
                              VALUES(V_TEXT(boot)));
}

int ledger_published_under(struct ledger *l, const char *boot)
{
    int64_t same = 0;
    int n = database_number(&l->db, "SELECT boot = ? FROM book", VALUES(V_TEXT(boot)), &same);
    return n < 0 ? n : same != 0;
}
