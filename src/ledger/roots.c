/* Roots: the directories (or single files) that were named to a run, and what their files' results
 * are named after.
 *
 * A root's prefix is its share of the names under results/, so no two roots that exist may have the
 * same one, nor may one lie inside another: a file would have two names. A root that is gone from
 * the disk holds nothing back: its prefix passes to the new one, and its files with it, as after
 * `mv`: what was stored for them is found again under the new path. If a root comes with another
 * prefix than before, its files' results get other names and are written again. */
#include "ledger/private.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool inside(const char *path, const char *directory)
{
    size_t len = strlen(directory);
    while (len > 0 && directory[len - 1] == '/')
        len--;
    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

struct other_root {
    int64_t id; /* of the root gone whose prefix is wanted; 0: none */
    char *path; /* its path */
};

static int check_other(struct ledger *l, sqlite3_stmt *s, const char *path, const char *prefix,
                       struct other_root *gone)
{
    struct buffer other_path, other_prefix;
    buffer_init(&other_path, 0);
    buffer_init(&other_prefix, 0);
    int err = column_buffer(&l->db, s, 1, &other_path);
    if (!err)
        err = column_buffer(&l->db, s, 2, &other_prefix);
    const char *other = buffer_text(&other_path);
    bool same_prefix = !err && strcmp(buffer_text(&other_prefix), prefix) == 0;
    bool nested = !err && (inside(path, other) || inside(other, path));
    if ((same_prefix || nested) && exists(other)) {
        if (nested)
            err = database_refuse(&l->db, ERR_USAGE,
                                  "%s and %s, which this ledger knows, lie one inside the other: "
                                  "name the outer one alone, or set another output.directory",
                                  text_show(path), text_show(other));
        else
            err = database_refuse(&l->db, ERR_USAGE,
                                  "the results of %s would get the same names as those of %s: set "
                                  "another output.directory",
                                  text_show(path), text_show(other));
    } else if (same_prefix) {
        gone->id = column_int(s, 0);
        gone->path = xstrdup(other);
    }
    buffer_release(&other_path);
    buffer_release(&other_prefix);
    return err;
}

/* ERR_USAGE, or in *GONE the root that has to give up PREFIX. */
static int check_others(struct ledger *l, int64_t self, const char *path, const char *prefix,
                        struct other_root *gone)
{
    int n;
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, path, prefix FROM root WHERE id <> ?",
                                     VALUES(V_INT(self)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        int err = check_other(l, s, path, prefix, gone);
        if (err) {
            database_end(s);
            return err;
        }
    }
    return n;
}

/* PREFIX/rest, or PREFIX alone for a root that is a file; an empty prefix has no slash.
 * ?2 gives way to ?3. */
#define NEW_NAME                                                                                   \
    "CAST(CASE WHEN f.name = ?2 THEN ?3"                                                           \
    " WHEN length(?3) = 0 THEN substr(f.name, length(?2) + 2)"                                     \
    " WHEN length(?2) = 0 THEN ?3 || '/' || f.name"                                                \
    " ELSE ?3 || substr(f.name, length(?2) + 1) END AS BLOB)"

/* 0, or ERR_USAGE if a file of another root has one of the names that ROOT's would get. */
static int check_names(struct ledger *l, int64_t root, const char *old, const char *new)
{
    int64_t found;
    int n = database_number(&l->db,
                            "SELECT o.id FROM file f JOIN file o ON o.name = " NEW_NAME
                            " WHERE f.root = ?1 AND o.root <> ?1 LIMIT 1",
                            VALUES(V_INT(root), V_BLOB(old, strlen(old)), V_BLOB(new, strlen(new))),
                            &found);
    if (n == 1)
        return database_refuse(&l->db, ERR_USAGE,
                               "results of two directories would get the same names: set another "
                               "output.directory");
    return n;
}

/* Other names for the results of ROOT's files, to be written again. */
static int rename_results(struct ledger *l, int64_t root, const char *old, const char *new)
{
    int err = database_run(
        &l->db, "UPDATE file AS f SET name = " NEW_NAME " WHERE root = ?1 AND name IS NOT NULL",
        VALUES(V_INT(root), V_BLOB(old, strlen(old)), V_BLOB(new, strlen(new))));
    if (!err)
        err = database_run(&l->db,
                           "INSERT OR IGNORE INTO unprojected SELECT f.id FROM file f"
                           " JOIN document d ON d.id = f.document"
                           " LEFT JOIN flight w ON w.document = d.id"
                           " WHERE f.root = ? AND " LIFE_OF("state") " = 5",
                           VALUES(V_INT(root)));
    return err;
}

static int set_prefix(struct ledger *l, int64_t id, const char *old, const char *prefix)
{
    int err = check_names(l, id, old, prefix);
    if (!err)
        err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "UPDATE root SET prefix = ? WHERE id = ?",
                           VALUES(V_BLOB(prefix, strlen(prefix)), V_INT(id)));
    return err ? err : rename_results(l, id, old, prefix);
}

/* The root that is gone is found again at PATH: it and its files get the new paths. */
static int move_root(struct ledger *l, const struct other_root *gone, const char *path)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "UPDATE root SET path = ? WHERE id = ?",
                           VALUES(V_BLOB(path, strlen(path)), V_INT(gone->id)));
    if (!err)
        err = database_run(
            &l->db,
            "UPDATE OR IGNORE file SET path = CAST(? || substr(path, ?) AS BLOB)"
            " WHERE root = ?",
            VALUES(V_BLOB(path, strlen(path)), V_INT(strlen(gone->path) + 1), V_INT(gone->id)));
    return err;
}

/* A root gone, while the root that wants its prefix has files of its own: the gone one keeps its
 * files under a prefix nobody can ask for, and their results keep their names
 * until they are wanted. */
static int retire_root(struct ledger *l, int64_t id)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db,
                           "UPDATE root SET prefix = CAST('/gone/' || id AS BLOB) WHERE id = ?",
                           VALUES(V_INT(id)));
    if (!err)
        err = database_run(&l->db,
                           "DELETE FROM unprojected"
                           " WHERE file IN (SELECT id FROM file WHERE root = ?)",
                           VALUES(V_INT(id)));
    if (!err)
        err = database_run(&l->db, "UPDATE file SET name = NULL WHERE root = ?", VALUES(V_INT(id)));
    return err;
}

static int new_root(struct ledger *l, const char *path, const char *prefix, int64_t *id)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT INTO root(path, prefix) VALUES(?, ?)",
                           VALUES(V_BLOB(path, strlen(path)), V_BLOB(prefix, strlen(prefix))));
    if (!err)
        *id = sqlite3_last_insert_rowid(l->db.db);
    return err;
}

int ledger_root_put(struct ledger *l, const char *path, const char *prefix, int64_t *id)
{
    struct other_root gone = {0};
    struct buffer old;
    buffer_init(&old, 0);
    *id = 0;
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, prefix FROM root WHERE path = ?",
                                     VALUES(V_BLOB(path, strlen(path))));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    int err = n < 0 ? n : 0;
    if (n == 1) {
        *id = column_int(s, 0);
        err = column_buffer(&l->db, s, 1, &old);
        database_end(s);
    }
    if (!err)
        err = check_others(l, *id, path, prefix, &gone);
    if (!err && *id == 0 && gone.id) {
        *id = gone.id;
        err = move_root(l, &gone, path);
    } else if (!err && *id == 0) {
        err = new_root(l, path, prefix, id);
    } else if (!err && strcmp(buffer_text(&old), prefix) != 0) {
        if (gone.id)
            err = retire_root(l, gone.id);
        if (!err)
            err = set_prefix(l, *id, buffer_text(&old), prefix);
    }
    free(gone.path);
    buffer_release(&old);
    return err;
}

/* A document was paid for, or may have been. */
/* clang-format off */
#define PAID                                                                                       \
    "(" LIFE_OF("state") " IN (1, 2, 3, 4, 5)"                                                     \
    " OR " LIFE_OF("accepted") " + " LIFE_OF("done") " + " LIFE_OF("doubt") " > 0)"
/* clang-format on */

/* 1 if more than one set of settings was ever used: most often not, and the rest is spared. */
static int several_settings(struct ledger *l)
{
    int64_t count = 0;
    int n = database_number(&l->db, "SELECT count(*) FROM settings", NO_VALUES, &count);
    return n < 0 ? n : count > 1;
}

int ledger_settings_conflict(struct ledger *l, int64_t root_id, int64_t settings_id,
                             struct buffer *path)
{
    int n = several_settings(l);
    if (n <= 0)
        return n;
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT f.path FROM file f JOIN document d ON d.id = f.document"
        " JOIN settings s ON s.id = d.settings JOIN settings t ON t.id = ?2"
        " LEFT JOIN flight w ON w.document = d.id WHERE f.root = ?1"
        " AND (s.product <> t.product OR s.model_id <> t.model_id) AND " PAID " LIMIT 1",
        VALUES(V_INT(root_id), V_INT(settings_id)));
    n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n == 1) {
        int err = column_buffer(&l->db, s, 0, path);
        database_end(s);
        return err ? err : 1;
    }
    return n;
}

/* One document moves to SETTINGS, or its files move to the one of the same content
 * that is there already. */
int ledger_model_in_use(struct ledger *l, const char *product, const char *model_id)
{
    int64_t one;
    return database_number(&l->db,
                           "SELECT 1 FROM settings s JOIN document d ON d.settings = s.id"
                           " LEFT JOIN flight w ON w.document = d.id"
                           " WHERE s.product = ? AND s.model_id = ? AND " PAID " LIMIT 1",
                           VALUES(V_TEXT(product), V_TEXT(model_id)), &one);
}

static int requeue_one(struct ledger *l, int64_t id, int64_t settings)
{
    struct document_row before, after;
    int64_t twin = 0;
    int err = row_load(l, id, &before);
    if (err)
        return err;
    int n = database_number(&l->db,
                            "SELECT t.id FROM document d JOIN document t ON t.sha256 = d.sha256"
                            " AND t.settings = ? WHERE d.id = ?",
                            VALUES(V_INT(settings), V_INT(id)), &twin);
    if (n < 0)
        return n;
    after = before;
    after.settings = settings;
    if (n == 0)
        return row_save(l, &before, &after);
    struct document_row other;
    int64_t file;
    err = row_load(l, twin, &other);
    bool stored = !err && other.state == DOC_STORED;
    for (int left = before.files; left > 0 && !err; left--) {
        n = database_number(&l->db, "SELECT id FROM file WHERE document = ? LIMIT 1",
                            VALUES(V_INT(id)), &file);
        if (n < 1)
            return n < 0 ? n
                         : database_refuse(&l->db, ERR_DAMAGED, "%s: document %lld lacks a file",
                                           text_show(l->db.path), (long long)id);
        err = database_run(&l->db, "UPDATE file SET document = ? WHERE id = ?",
                           VALUES(V_INT(twin), V_INT(file)));
        if (!err && stored)
            err = projection_want(l, file);
        if (!err)
            err = file_repoint(l, id, twin);
    }
    if (!err)
        err = row_load(l, id, &after);
    return err || after.attempt ? err : row_delete(l, &after);
}

int ledger_requeue_under(struct ledger *l, int64_t root_id, int64_t settings_id)
{
    int n = several_settings(l);
    if (n <= 0)
        return n;
    int64_t id = 0;
    int err = ledger_write(l);
    while (!err) {
        n = database_number(
            &l->db,
            "SELECT d.id FROM " LIFE " WHERE d.id > ?"
            " AND " LIFE_OF("state") " = 0 AND d.settings <> ? AND NOT " PAID
                                     " AND EXISTS(SELECT 1 FROM file f WHERE f.document = d.id"
                                     "  AND f.root = ?) ORDER BY d.id LIMIT 1",
            VALUES(V_INT(id), V_INT(settings_id), V_INT(root_id)), &id);
        if (n <= 0)
            return n;
        err = requeue_one(l, id, settings_id);
    }
    return err;
}
