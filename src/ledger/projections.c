/* Projections: the files under results/ that can be written again at any time. The table has a row
 * for each file whose result isn't written out yet. */
#include "ledger/private.h"

#include <stdlib.h>

static int take_projections(struct ledger *l, sqlite3_stmt *s, struct ledger_projection *out,
                            int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        struct buffer name;
        size_t len;
        buffer_init(&name, 0);
        n = column_buffer(&l->db, s, 2, &name);
        out[count] = (struct ledger_projection){.file_id = column_int(s, 0),
                                                .document_id = column_int(s, 1)};
        if (n < 0) {
            buffer_release(&name);
            break;
        }
        out[count++].name = buffer_detach(&name, &len);
    }
    database_end(s);
    while (n < 0 && count > 0)
        free(out[--count].name);
    return n < 0 ? n : count;
}

int ledger_unprojected(struct ledger *l, int64_t after_file_id, struct ledger_projection *out,
                       int max)
{
    return take_projections(l,
                            database_query(&l->db,
                                           "SELECT f.id, f.document, f.name FROM unprojected u"
                                           " JOIN file f ON f.id = u.file"
                                           " WHERE u.file > ? AND f.name IS NOT NULL"
                                           " ORDER BY u.file",
                                           VALUES(V_INT(after_file_id))),
                            out, max);
}

int ledger_unprojected_of(struct ledger *l, int64_t document_id, int64_t after_file_id,
                          struct ledger_projection *out, int max)
{
    return take_projections(l,
                            database_query(&l->db,
                                           "SELECT f.id, f.document, f.name FROM file f"
                                           " CROSS JOIN unprojected u ON u.file = f.id"
                                           " WHERE f.document = ? AND f.id > ?"
                                           " AND f.name IS NOT NULL ORDER BY f.id",
                                           VALUES(V_INT(document_id), V_INT(after_file_id))),
                            out, max);
}

int projections_want(struct ledger *l, int64_t document_id)
{
    return database_run(&l->db,
                        "INSERT OR IGNORE INTO unprojected SELECT id FROM file WHERE document = ?",
                        VALUES(V_INT(document_id)));
}

int projection_want(struct ledger *l, int64_t file_id)
{
    return database_run(&l->db, "INSERT OR IGNORE INTO unprojected VALUES(?)",
                        VALUES(V_INT(file_id)));
}

int projection_forget(struct ledger *l, int64_t file_id)
{
    return database_run(&l->db, "DELETE FROM unprojected WHERE file = ?", VALUES(V_INT(file_id)));
}

int ledger_projected(struct ledger *l, int64_t file_id, int64_t document_id)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "DELETE FROM unprojected WHERE file = ?1 AND EXISTS"
                              " (SELECT 1 FROM file WHERE id = ?1 AND document = ?2)",
                              VALUES(V_INT(file_id), V_INT(document_id)));
}
