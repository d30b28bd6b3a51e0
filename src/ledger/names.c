/* Names: who has one, and who gets which. A name is looked up by its key (naming.h), so that the
 * index stays small; numbers that are known to be taken aren't tried again (table `number`), so
 * that the ten thousandth file of a name costs what the second did. That table is a hint: it goes as
 * a whole when a name becomes free. */
#include "ledger/names.h"

#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

enum { NUMBERS_MOST = 1000000, HINT_FROM = 8 };

void ledger_move_directories(struct ledger *l, const char *const *directories)
{
    l->move_directories = directories;
}

int ledger_name_taken(struct ledger *l, const char *name, int64_t except)
{
    int n;
    sqlite3_stmt *s = database_query(&l->db, "SELECT id, name FROM file WHERE name_key = ?",
                                     VALUES(V_INT(naming_key(name, l->place.folds))));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1)
        if (column_int(s, 0) != except && naming_same(column_text(s, 1), name, l->place.folds)) {
            database_end(s);
            return 1;
        }
    return n;
}

int names_set(struct ledger *l, int64_t file_id, const char *name)
{
    return database_run(&l->db,
                        "UPDATE file SET name = ?, name_key = ?, pending = NULL WHERE id = ?",
                        VALUES(V_BLOB(name, strlen(name)), V_INT(naming_key(name, l->place.folds)),
                               V_INT(file_id)));
}

int names_freed(struct ledger *l)
{
    return database_run(&l->db, "DELETE FROM number", NO_VALUES);
}

static bool in_a_move_directory(const struct ledger *l, const char *name)
{
    struct stat st;
    struct buffer path;
    bool found = false;
    buffer_init(&path, 0);
    for (const char *const *d = l->move_directories; d && *d && !found; d++) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/%s", *d, name);
        found = lstat(buffer_text(&path), &st) == 0;
    }
    buffer_release(&path);
    return found;
}

typedef void (*making)(struct buffer *out, const char *name, int n);

/* The lowest free name that MAKE makes from BASE, with numbers from FIRST on. */
static int lowest_free(struct ledger *l, const char *base, making make, int first, bool to_move,
                       struct buffer *out)
{
    int64_t from = first;
    struct buffer key;
    buffer_init(&key, 0);
    make(&key, base, 1);
    int n = database_number(&l->db, "SELECT next FROM number WHERE base = ?",
                            VALUES(V_BLOB(key.data, key.len)), &from);
    int64_t known = from;
    for (int64_t i = from; n >= 0 && i < NUMBERS_MOST; i++) {
        buffer_clear(out);
        make(out, base, (int)i);
        n = ledger_name_taken(l, buffer_text(out), 0);
        known = n == 1 && known == i ? i + 1 : known;
        if (n != 0 || (to_move && in_a_move_directory(l, buffer_text(out))))
            continue;
        if (known == i)
            known++;
        if (known > from && known > HINT_FROM)
            n = database_run(&l->db, "INSERT OR REPLACE INTO number(base, next) VALUES(?, ?)",
                             VALUES(V_BLOB(key.data, key.len), V_INT(known)));
        buffer_release(&key);
        return n;
    }
    buffer_release(&key);
    return n < 0 ? n
                 : database_refuse(&l->db, ERR_LIMIT, "%d files have the name %s already",
                                   NUMBERS_MOST, text_show(base));
}

int names_numbered(struct ledger *l, const char *base, bool to_move, struct buffer *out)
{
    return lowest_free(l, base, naming_number, 2, to_move, out);
}

int names_replaced(struct ledger *l, const char *base, struct buffer *out)
{
    return lowest_free(l, base, naming_replaced, 1, false, out);
}

/* The first in line for a number: 1, with its row, its document and BASE; or 0. */
static int next_pending(struct ledger *l, int64_t *id, int64_t *document, bool *to_move,
                        struct buffer *base)
{
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT id, document, pending, base FROM file"
                                     " WHERE pending IS NOT NULL ORDER BY base, id LIMIT 1",
                                     NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *id = column_int(s, 0);
    *document = column_int(s, 1);
    *to_move = column_int(s, 2) == PENDING_BEHIND_MOVED;
    int err = column_buffer(&l->db, s, 3, base);
    database_end(s);
    return err ? err : 1;
}

int ledger_names_give(struct ledger *l, void (*fn)(void *ctx, int64_t document), void *ctx)
{
    struct buffer base, name;
    int64_t id = 0, document = 0;
    bool to_move = false;
    int n;
    buffer_init(&base, 0);
    buffer_init(&name, 0);
    while ((n = next_pending(l, &id, &document, &to_move, &base)) == 1) {
        n = ledger_write(l);
        if (!n)
            n = names_numbered(l, buffer_text(&base), to_move, &name);
        if (!n)
            n = names_set(l, id, buffer_text(&name));
        if (n < 0)
            break;
        if (fn)
            fn(ctx, document);
        buffer_clear(&base);
    }
    buffer_release(&base);
    buffer_release(&name);
    return n;
}

/* --- clashes with what lies under results/ --- */

/* BASE with the component at AT numbered: with the number behind the one that NAME has there. */
static void next_component(const char *base, const char *name, size_t at, struct buffer *out)
{
    int next = 2;
    for (int i = 2; i < 1000; i++) {
        buffer_clear(out);
        naming_number_component(out, base, at, i);
        const char *end = strchr(buffer_text(out) + at, '/');
        size_t len = end ? (size_t)(end - buffer_text(out)) + 1 : out->len + 1;
        if (strncmp(buffer_text(out), name, len) == 0)
            next = i + 1;
    }
    buffer_clear(out);
    naming_number_component(out, base, at, next);
}

static int rename_component(struct ledger *l, const char *base, const char *name, size_t at,
                            struct buffer *out)
{
    struct buffer whole;
    buffer_init(&whole, 0);
    next_component(strncmp(base, name, at) == 0 ? base : name, name, at, out);
    int n = ledger_name_taken(l, buffer_text(out), 0);
    if (n == 1) {
        buffer_put(&whole, buffer_text(out));
        n = names_numbered(l, buffer_text(&whole), false, out);
    }
    buffer_release(&whole);
    return n;
}

int ledger_name_clashes(struct ledger *l, int64_t file_id, int64_t at)
{
    struct buffer name, base, new;
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT name, coalesce(base, name) FROM file WHERE id = ?"
                                     " AND name IS NOT NULL",
                                     VALUES(V_INT(file_id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    buffer_init(&name, 0);
    buffer_init(&base, 0);
    buffer_init(&new, 0);
    int err = column_buffer(&l->db, s, 0, &name);
    if (!err)
        err = column_buffer(&l->db, s, 1, &base);
    database_end(s);
    const char *own = buffer_text(&base), *now = buffer_text(&name);
    bool replaced = strncmp(now, own, base.len) == 0 &&
                    strncmp(now + base.len, NAME_REPLACED, sizeof NAME_REPLACED - 1) == 0;
    if (!err)
        err = ledger_write(l);
    if (!err && at >= 0)
        err = rename_component(l, own, now, (size_t)at, &new);
    else if (!err && replaced)
        err = names_replaced(l, own, &new);
    else if (!err)
        err = names_numbered(l, own, false, &new);
    if (!err)
        err = database_run(&l->db, "UPDATE file SET base = ? WHERE id = ?",
                           VALUES(V_BLOB(own, strlen(own)), V_INT(file_id)));
    if (!err)
        err = names_set(l, file_id, buffer_text(&new));
    if (!err)
        err = projection_want(l, file_id);
    buffer_release(&name);
    buffer_release(&base);
    buffer_release(&new);
    return err;
}

/* --- the file system of results/ --- */

static int set_keys(struct ledger *l)
{
    int64_t id = INT64_MIN;
    for (;;) {
        struct buffer name;
        sqlite3_stmt *s = database_query(&l->db,
                                         "SELECT id, name FROM file WHERE id > ?"
                                         " AND name IS NOT NULL ORDER BY id LIMIT 1",
                                         VALUES(V_INT(id)));
        int n = s ? database_step(&l->db, s) : l->db.error.code;
        if (n != 1)
            return n;
        id = column_int(s, 0);
        buffer_init(&name, 0);
        int err = column_buffer(&l->db, s, 1, &name);
        database_end(s);
        if (!err)
            err = database_run(
                &l->db, "UPDATE file SET name_key = ? WHERE id = ?",
                VALUES(V_INT(naming_key(buffer_text(&name), l->place.folds)), V_INT(id)));
        buffer_release(&name);
        if (err)
            return err;
    }
}

/* Results that stand under one name now: each is looked at, and those that aren't there get
 * another. */
static int publish_shared(struct ledger *l)
{
    return database_run(&l->db,
                        "INSERT OR REPLACE INTO unprojected(file)"
                        " SELECT f.id FROM file f JOIN document d ON d.id = f.document"
                        " WHERE d.state = ? AND f.life <> 2 AND f.name_key IN"
                        " (SELECT name_key FROM file WHERE name_key IS NOT NULL"
                        "  GROUP BY name_key HAVING count(*) > 1)",
                        VALUES(V_INT(DOC_STORED)));
}

int ledger_names_place(struct ledger *l, const struct naming_place *found)
{
    const struct naming_place was = l->place, now = naming_place_both(&was, found);
    int64_t number = naming_place_number(&now);
    if (number == naming_place_number(&was))
        return 0;
    int err = ledger_write(l);
    if (err)
        return err;
    l->place = now;
    err = database_run(&l->db, "UPDATE book SET folds = ?", VALUES(V_INT(number)));
    if (err || now.folds == was.folds)
        return err;
    err = set_keys(l);
    if (!err)
        err = names_freed(l);
    return err ? err : publish_shared(l);
}

void ledger_result_file(const struct ledger *l, const char *name, struct buffer *out)
{
    naming_result(out, name, l->place.longest);
}

size_t ledger_name_longest(const struct ledger *l)
{
    return l->place.longest;
}
