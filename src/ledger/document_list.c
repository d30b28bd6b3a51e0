/* See document_list.h. */
#include "ledger/document_list.h"

#include "ledger/private.h"

#define OF_ITS_FILES                                                                               \
    " FROM file f WHERE f.document = d.id AND f.life <> 2"                                         \
    " AND (?5 = '' OR instr(lower(CAST(f.path AS TEXT)), lower(?5)) > 0)"

int ledger_list_documents(struct ledger *l, const struct ledger_document_ask *ask,
                          int (*fn)(void *ctx, const struct ledger_document_line *line), void *ctx)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        /* clang-format off */
        "SELECT d.id, " LIFE_OF("state") ", CASE WHEN " IS_DISMISSED " THEN d.dismissed ELSE 0 END,"
        " (SELECT f.path" OF_ITS_FILES " ORDER BY f.id LIMIT 1), d.files, d.code, d.detail, a.job_id"
        " FROM " LIFE DOCUMENT_ATTEMPT
        " WHERE d.id > ?1 AND d.id <= ?2 AND d.files > 0"
        " AND (?3 = 0 OR (?3 >> " LIFE_OF("state") ") & 1)"
        " AND (?4 = 0 OR " IS_DISMISSED " = ?4 - 1)"
        " AND (?5 = '' OR EXISTS(SELECT 1" OF_ITS_FILES "))"
        " ORDER BY d.id LIMIT ?6",
        /* clang-format on */
        VALUES(V_INT(ask->after), V_INT(ask->upto), V_INT(ask->states), V_INT(ask->dismissed),
               V_TEXT(ask->text), V_INT(ask->most)));
    int n;
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        const struct ledger_document_line line = {
            .id = column_int(s, 0),
            .state = (enum doc_state)column_int(s, 1),
            .dismissed = {column_int(s, 2)},
            .path = column_text(s, 3),
            .files = (int)column_int(s, 4),
            .code = column_text(s, 5),
            .detail = column_text(s, 6),
            .job_id = column_text(s, 7),
        };
        if (fn(ctx, &line) != 0)
            break;
    }
    database_end(s);
    return n < 0 ? n : 0;
}

int ledger_newest_document(struct ledger *l, int64_t *id)
{
    int n = database_number(&l->db, "SELECT coalesce(max(id), 0) FROM document", NO_VALUES, id);
    return n < 0 ? n : 0;
}
