/* Looks a file up by its path. Who walks a directory again asks for its files in nearly the order in
 * which they were found: once that is seen, the next ones are read ahead, many by one statement, and found
 * by their path's key. What was read ahead holds until the next write.
 *
 * Only files that are there, and were never moved by us, are read ahead: no other file came to their path
 * since, or they wouldn't be (files.c). */
#include "ledger/file_row.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 256,         /* read at once */
    WINDOW = 48,         /* by so much the order may differ */
    IN_ORDER = 16,       /* look-ups in a row before anything is read ahead, */
    IN_ORDER_MOST = 4096 /* or more, where it was in vain */
};

struct file_ahead {
    int64_t last; /* the file that was found last */
    int in_order, needed;
    int first, count; /* of ROWS those from FIRST on are still to come, but for the used ones */
    bool more;        /* behind them there may be some */
    int64_t read_to;  /* a file */
    struct {
        struct ledger_file file;
        int64_t key;
        char *path; /* NULL: used */
    } rows[AHEAD];
};

/* clang-format off */
#define FOUND(moved)                                                                               \
    "SELECT f.id, f.root, f.document, f.size, f.mtime, f.ctime, f.inode, d.settings, "             \
    LIFE_OF("state") ", d.type, d.broken, d.sha256, d.pages, f.life, " moved ", " IS_DISMISSED ","\
    " f.path_key, f.path FROM file f"
/* The document by its file, whatever else there is an index for. */
#define FOUND_WITH " CROSS JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document = d.id"
#define IS_MOVED   "coalesce(m.id, i.id) IS NOT NULL"
#define THERE_FROM " WHERE f.id > ? AND f.life = 0 ORDER BY f.id LIMIT ?"
/* clang-format on */

static struct ledger_file found_of(sqlite3_stmt *s)
{
    struct ledger_file found = {
        .id = column_int(s, 0),
        .root_id = column_int(s, 1),
        .document_id = column_int(s, 2),
        .settings_id = column_int(s, 7),
        .stamp = {.size_bytes = column_int(s, 3),
                  .mtime_ns = column_int(s, 4),
                  .ctime_ns = column_int(s, 5),
                  .inode = (uint64_t)column_int(s, 6)},
        .state = (enum doc_state)column_int(s, 8),
        .type = (int)column_int(s, 9),
        .pages = (int)column_int(s, 12),
        .broken = column_int(s, 10) != 0,
        .life = (enum file_life)column_int(s, 13),
        .moved = column_int(s, 14) != 0,
        .dismissed = column_int(s, 15) != 0,
    };
    if (sqlite3_column_bytes(s, 11) == SHA256_BYTES)
        memcpy(found.sha256, sqlite3_column_blob(s, 11), SHA256_BYTES);
    return found;
}

/* --- what was read ahead --- */

static void forget(struct file_ahead *a)
{
    for (int i = 0; i < a->count; i++)
        free(a->rows[i].path);
    a->first = a->count = 0;
    a->more = false;
}

void file_ahead_free(struct ledger *l)
{
    if (l->ahead)
        forget(l->ahead);
    free(l->ahead);
    l->ahead = NULL;
}

/* A write made it worthless. */
static void drop_stale(struct ledger *l)
{
    struct file_ahead *a = l->ahead;
    if (l->ahead_stale) {
        bool in_vain = a->count - a->first > AHEAD / 2;
        a->needed = in_vain && a->needed < IN_ORDER_MOST ? a->needed * 2 : a->needed;
        a->in_order = 0;
        forget(a);
    }
    l->ahead_stale = false;
}

static sqlite3_stmt *query_ahead(struct ledger *l, int64_t after, int most)
{
    int64_t one;
    int any = database_number(&l->db, "SELECT 1 FROM move LIMIT 1", NO_VALUES, &one);
    if (any < 0)
        return NULL;
    return any ? database_query(&l->db,
                                FOUND(IS_MOVED) FOUND_WITH MOVED_FILE MOVING_FILE THERE_FROM,
                                VALUES(V_INT(after), V_INT(most)))
               : database_query(&l->db, FOUND("0") FOUND_WITH THERE_FROM,
                                VALUES(V_INT(after), V_INT(most)));
}

/* Up to as many as there is room for, behind those that are still to come. */
static int read_ahead(struct ledger *l)
{
    struct file_ahead *a = l->ahead;
    int n = 0;
    memmove(a->rows, a->rows + a->first, (size_t)(a->count - a->first) * sizeof *a->rows);
    a->count -= a->first;
    a->first = 0;
    int rows = 0, most = AHEAD - a->count;
    sqlite3_stmt *s = query_ahead(l, a->read_to, most);
    while (s && rows < most && (n = database_step(&l->db, s)) == 1) {
        bool fits = true;
        rows++;
        a->read_to = column_int(s, 0);
        if (column_int(s, 14) != 0) /* was moved, or is about to be */
            continue;
        a->rows[a->count].file = found_of(s);
        a->rows[a->count].key = column_int(s, 16);
        a->rows[a->count].path = column_copy(s, 17, &fits);
        a->count += fits;
    }
    a->more = rows == most;
    if (s && n == 1)
        database_end(s);
    return s == NULL ? l->db.error.code : n < 0 ? n : 0;
}

static bool find_ahead(struct file_ahead *a, int64_t key, const char *path, struct ledger_file *out)
{
    int end = a->first + WINDOW < a->count ? a->first + WINDOW : a->count;
    for (int i = a->first; i < end; i++) {
        if (a->rows[i].key != key || !a->rows[i].path || strcmp(a->rows[i].path, path) != 0)
            continue;
        *out = a->rows[i].file;
        free(a->rows[i].path);
        a->rows[i].path = NULL;
        for (; a->first < i - WINDOW / 2; a->first++) { /* they aren't there any more */
            free(a->rows[a->first].path);
            a->rows[a->first].path = NULL;
        }
        while (a->first < a->count && !a->rows[a->first].path)
            a->first++;
        a->needed = IN_ORDER;
        a->last = out->id;
        return true;
    }
    return false;
}

static bool is_ahead_to_be_read(const struct file_ahead *a)
{
    return a->more && a->count - a->first < WINDOW;
}

static void note_found(struct file_ahead *a, int64_t id)
{
    bool near = id > a->last - WINDOW && id < a->last + WINDOW;
    a->in_order = near ? a->in_order + 1 : 0;
    a->last = id;
    if (a->count > a->first || a->in_order < a->needed)
        return;
    forget(a);
    a->read_to = id > WINDOW ? id - WINDOW / 2 : 0;
    a->more = true;
    a->in_order = 0;
}

/* --- looking up --- */

static int look_up(struct ledger *l, int64_t key, const char *path, struct ledger_file *out)
{
    sqlite3_stmt *s =
        database_query(&l->db,
                       FOUND(IS_MOVED) FOUND_WITH MOVED_FILE MOVING_FILE
                       " WHERE f.path_key = ? AND f.path = ? ORDER BY f.id DESC LIMIT 1",
                       VALUES(V_INT(key), V_BLOB(path, strlen(path))));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *out = found_of(s);
    database_end(s);
    return 1;
}

int ledger_file_find(struct ledger *l, const char *path, struct ledger_file *out)
{
    int64_t key = naming_key(path, 0);
    if (l->read_only)
        return look_up(l, key, path, out);
    if (!l->ahead) {
        l->ahead = xcalloc(1, sizeof *l->ahead);
        l->ahead->needed = IN_ORDER;
    }
    drop_stale(l);
    int err = is_ahead_to_be_read(l->ahead) ? read_ahead(l) : 0;
    if (err || find_ahead(l->ahead, key, path, out))
        return err ? err : 1;
    int found = look_up(l, key, path, out);
    if (found == 1)
        note_found(l->ahead, out->id);
    return found;
}
