/* Roots: the PATHs that were named to a run, directories or single files.
 *
 * A root's prefix is what its files' names begin with. The first of a ledger has none, if it was a
 * directory and alone; another has its last component, with a number where that is taken. It is given
 * once: names stay. No directory lies inside another one, so that each file is one root's; single
 * files join the directory that is round them. */
#include "ledger/file_row.h"
#include "ledger/names.h"
#include "ledger/sent_settings.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool inside(const char *path, const char *directory)
{
    size_t len = strlen(directory);
    while (len > 0 && directory[len - 1] == '/')
        len--;
    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

struct known_root {
    int64_t id;
    bool directory;
    struct buffer path, prefix;
};

static void known_release(struct known_root *k)
{
    buffer_release(&k->path);
    buffer_release(&k->prefix);
}

/* The first after AFTER: 1, or 0. */
static int next_root(struct ledger *l, int64_t after, struct known_root *out)
{
    buffer_clear(&out->path);
    buffer_clear(&out->prefix);
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT id, directory, path, prefix FROM root WHERE id > ?"
                                     " ORDER BY id LIMIT 1",
                                     VALUES(V_INT(after)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    out->id = column_int(s, 0);
    out->directory = column_int(s, 1) != 0;
    int err = column_buffer(&l->db, s, 2, &out->path);
    if (!err)
        err = column_buffer(&l->db, s, 3, &out->prefix);
    database_end(s);
    return err ? err : 1;
}

/* --- which one it is --- */

static bool same_place(const char *a, const char *b)
{
    struct stat x, y;
    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static void is_root(struct ledger_root *out, const struct known_root *k)
{
    out->id = k->id;
    out->path = xstrdup(buffer_text(&k->path));
    out->prefix = xstrdup(buffer_text(&k->prefix));
}

/* A file of the known directory K: what it is called. */
static void is_file_of(struct ledger_root *out, const struct known_root *k, const char *path)
{
    struct buffer name;
    const char *rest = path + k->path.len;
    buffer_init(&name, 0);
    buffer_put(&name, buffer_text(&k->prefix));
    buffer_put(&name, k->prefix.len == 0 && *rest == '/' ? rest + 1 : rest);
    out->id = k->id;
    out->path = xstrdup(path);
    out->prefix = buffer_detach(&name, NULL);
}

/* 1 and *OUT if NEW is K, or a file of it; ERR_USAGE; or 0: it is another one. */
static int compare(struct ledger *l, const struct ledger_new_root *new, const struct known_root *k,
                   struct ledger_root *out)
{
    const char *path = buffer_text(&k->path);
    if (same_place(new->path, path)) {
        is_root(out, k);
        return 1;
    }
    if (!new->directory && k->directory &&inside(new->path, path)) {
        is_file_of(out, k, new->path);
        return 1;
    }
    bool nested = inside(new->path, path) || inside(path, new->path);
    if (new->directory && k->directory &&nested &&exists(path))
        return database_refuse(&l->db, ERR_USAGE,
                               "%s and %s, which this ledger knows, lie one inside the other: name "
                               "the outer one alone, or set another output.directory",
                               text_show(new->path), text_show(path));
    return 0;
}

int ledger_root_find(struct ledger *l, const struct ledger_new_root *new, struct ledger_root *out)
{
    struct known_root k = {0};
    *out = (struct ledger_root){0};
    int64_t after = 0;
    int n;
    buffer_init(&k.path, 0);
    buffer_init(&k.prefix, 0);
    n = database_number(&l->db, "SELECT id - 1 FROM root WHERE path = ?",
                        VALUES(V_BLOB(new->path, strlen(new->path))), &after);
    while (n >= 0 && (n = next_root(l, after, &k)) == 1) {
        after = k.id;
        n = compare(l, new, &k, out);
        if (n != 0)
            break;
    }
    known_release(&k);
    return n;
}

/* --- a new one --- */

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* 1 if PREFIX is another root's, or the first component of a file's name. */
static int prefix_taken(struct ledger *l, const char *prefix)
{
    int64_t id;
    size_t len = strlen(prefix);
    int n = database_number(&l->db, "SELECT id FROM root WHERE directory AND prefix = ?",
                            VALUES(V_BLOB(prefix, len)), &id);
    if (n == 0 && !l->place.folds)
        return database_number(&l->db,
                               "SELECT id FROM file WHERE coalesce(name, base) = ?1"
                               " OR substr(coalesce(name, base), 1, ?2 + 1) ="
                               "  CAST(?1 || '/' AS BLOB) LIMIT 1",
                               VALUES(V_BLOB(prefix, len), V_INT(len)), &id);
    sqlite3_stmt *s = n == 0 ? database_query(&l->db,
                                              "SELECT coalesce(name, base) FROM file UNION ALL"
                                              " SELECT prefix FROM root WHERE directory",
                                              NO_VALUES)
                             : NULL;
    while (s && (n = database_step(&l->db, s)) == 1) {
        struct buffer first;
        const char *name = column_text(s, 0);
        buffer_init(&first, 0);
        buffer_printf(&first, "%.*s", (int)strcspn(name, "/"), name);
        bool same = naming_same(buffer_text(&first), prefix, l->place.folds);
        buffer_release(&first);
        if (same) {
            database_end(s);
            return 1;
        }
    }
    return n;
}

static int choose_prefix(struct ledger *l, const struct ledger_new_root *new, struct buffer *out)
{
    int64_t one;
    const char *last = last_component(new->path);
    int n = database_number(&l->db, "SELECT 1 FROM root LIMIT 1", NO_VALUES, &one);
    if (n < 0 || (n == 0 && new->directory &&new->alone))
        return n;
    buffer_put(out, last);
    if (!new->directory)
        return 0;
    for (int i = 2; (n = prefix_taken(l, buffer_text(out))) == 1; i++) {
        buffer_clear(out);
        naming_number(out, last, i);
    }
    return n;
}

/* Single files that were named before are its files now, under their names. */
static int take_files_in(struct ledger *l, const struct ledger_root *root)
{
    struct buffer below;
    buffer_init(&below, 0);
    buffer_printf(&below, "%s/", strcmp(root->path, "/") == 0 ? "" : root->path);
    int err =
        database_run(&l->db,
                     "UPDATE file SET root = ?1 WHERE root IN (SELECT id FROM root"
                     "  WHERE NOT directory AND substr(path, 1, ?3) = ?2)",
                     VALUES(V_INT(root->id), V_BLOB(below.data, below.len), V_INT(below.len)));
    if (!err)
        err = database_run(&l->db,
                           "DELETE FROM root WHERE NOT directory AND substr(path, 1, ?2) = ?1",
                           VALUES(V_BLOB(below.data, below.len), V_INT(below.len)));
    buffer_release(&below);
    return err;
}

static int new_root(struct ledger *l, const struct ledger_new_root *new, struct ledger_root *out)
{
    struct buffer prefix;
    buffer_init(&prefix, 0);
    int err = choose_prefix(l, new, &prefix);
    if (!err)
        err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT INTO root(path, prefix, directory) VALUES(?, ?, ?)",
                           VALUES(V_BLOB(new->path, strlen(new->path)),
                                  V_BLOB(prefix.len ? prefix.data : "", prefix.len),
                                  V_INT(new->directory)));
    if (!err) {
        out->id = sqlite3_last_insert_rowid(l->db.db);
        out->path = xstrdup(new->path);
        out->prefix = xstrdup(buffer_text(&prefix));
        err = new->directory ? take_files_in(l, out) : 0;
    }
    buffer_release(&prefix);
    return err;
}

int ledger_root_put(struct ledger *l, const struct ledger_new_root *root, struct ledger_root *out)
{
    int n = ledger_root_find(l, root, out);
    if (n == 0)
        n = new_root(l, root, out);
    if (n >= 0)
        return 0;
    ledger_root_release(out);
    return n;
}

void ledger_root_release(struct ledger_root *root)
{
    free(root->path);
    free(root->prefix);
    *root = (struct ledger_root){0};
}

/* A document was paid for, or may have been. */
/* clang-format off */
#define PAID                                                                                       \
    "(" LIFE_OF("state") " IN (1, 2, 3, 4, 5)"                                                     \
    " OR " LIFE_OF("accepted") " + " LIFE_OF("done") " + " LIFE_OF("doubt") " > 0)"
/* clang-format on */

/* Most often not, and the rest is spared. */
int ledger_several_settings(struct ledger *l)
{
    int64_t count = 0;
    int n = database_number(&l->db, "SELECT count(*) FROM settings", NO_VALUES, &count);
    return n < 0 ? n : count > 1;
}

int ledger_settings_conflict(struct ledger *l, int64_t root_id,
                             const struct ledger_settings *settings, const char *under,
                             struct buffer *path)
{
    int64_t one;
    int n = database_number(&l->db,
                            "SELECT 1 FROM settings WHERE product <> ? OR model_id <> ? LIMIT 1",
                            VALUES(V_TEXT(settings->product), V_TEXT(settings->model_id)), &one);
    if (n <= 0) /* most often: the rest is spared */
        return n;
    sqlite3_stmt *s =
        database_query(&l->db,
                       "SELECT f.path FROM file f JOIN document d ON d.id = f.document"
                       " JOIN settings s ON s.id = d.settings"
                       " LEFT JOIN flight w ON w.document = d.id WHERE f.root = ?1 AND f.life = 0"
                       " AND (f.path = ?2 OR substr(f.path, 1, ?3 + 1) = CAST(?2 || '/' AS BLOB))"
                       " AND (s.product <> ?4 OR s.model_id <> ?5) AND " PAID " LIMIT 1",
                       VALUES(V_INT(root_id), V_BLOB(under, strlen(under)), V_INT(strlen(under)),
                              V_TEXT(settings->product), V_TEXT(settings->model_id)));
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

static int next_file(struct ledger *l, int64_t document, int64_t *file, int64_t *life)
{
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, life FROM file WHERE document = ? LIMIT 1",
                                     VALUES(V_INT(document)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *file = column_int(s, 0);
    *life = column_int(s, 1);
    database_end(s);
    return 1;
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
    err = row_load(l, twin, &other);
    bool stored = !err && other.state == DOC_STORED;
    while (!err) {
        int64_t file = 0, life = 0;
        n = next_file(l, id, &file, &life);
        if (n <= 0)
            return n;
        err = file_repoint(l, file, life != LIFE_LEFT, id, twin);
        if (!err && stored)
            err = projection_want(l, file);
    }
    return err;
}

int ledger_requeue_under(struct ledger *l, int64_t root_id, int64_t settings_id)
{
    int n = ledger_several_settings(l);
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
