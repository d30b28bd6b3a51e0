/* Names: who has one, and who gets which. A name is looked up by its key (naming.h), so that the
 * index stays small; numbers that are known to be taken aren't tried again (table `number`), so
 * that the ten thousandth file of a name costs what the second did. That table is a hint: it goes as
 * a whole when a name becomes free. */
#include "ledger/names.h"

#include "base/text.h"

#include <stdlib.h>
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

/* Names that are made from one, by a number. */
struct series {
    void (*make)(struct buffer *out, const char *name, int n);
    int first; /* number */
};
static const struct series numbered = {naming_number, 2}, replaced = {naming_replaced, 1};

/* Up to which number all are known to be taken is kept, if it was tried from the first on. */
static int keep_hint(struct ledger *l, const struct buffer *key, int64_t from, int64_t known)
{
    if (known <= from || known <= HINT_FROM)
        return 0;
    return database_run(&l->db, "INSERT OR REPLACE INTO number(base, next) VALUES(?, ?)",
                        VALUES(V_BLOB(key->data, key->len), V_INT(known)));
}

/* The lowest free name of those that SERIES makes from BASE, with a number above AFTER. */
static int lowest_free(struct ledger *l, const char *base, const struct series *series, int after,
                       bool to_move, struct buffer *out)
{
    int64_t from = series->first;
    struct buffer key;
    buffer_init(&key, 0);
    series->make(&key, base, 1);
    int n = database_number(&l->db, "SELECT next FROM number WHERE base = ?",
                            VALUES(V_BLOB(key.data, key.len)), &from);
    int64_t known = from, i = from > after ? from : after + 1;
    for (; n >= 0 && i < NUMBERS_MOST; i++) {
        buffer_clear(out);
        series->make(out, base, (int)i);
        n = ledger_name_taken(l, buffer_text(out), 0);
        bool theirs = n == 0 && to_move && in_a_move_directory(l, buffer_text(out));
        if (known == i && (n == 1 || (n == 0 && !theirs)))
            known++;
        if (n != 0 || theirs)
            continue;
        n = keep_hint(l, &key, from, known);
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
    return lowest_free(l, base, &numbered, 0, to_move, out);
}

int names_replaced(struct ledger *l, const char *base, struct buffer *out)
{
    return lowest_free(l, base, &replaced, 0, false, out);
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

int ledger_names_wait(struct ledger *l)
{
    int64_t one;
    return database_number(&l->db, "SELECT 1 FROM file WHERE pending IS NOT NULL LIMIT 1",
                           NO_VALUES, &one);
}

/* --- clashes with what lies under results/ --- */

/* The number by which SERIES makes NAME from BASE; 0: by none. */
static int number_of(const char *base, const char *name, const struct series *series)
{
    struct buffer two, three;
    size_t at = 0;
    long number = 1;
    buffer_init(&two, 0);
    buffer_init(&three, 0);
    series->make(&two, base, 2);
    series->make(&three, base, 3);
    while (two.data[at] == three.data[at]) /* there it is */
        at++;
    if (strncmp(name, two.data, at) == 0)
        number = strtol(name + at, NULL, 10);
    bool possible = number > 0 && number < NUMBERS_MOST;
    buffer_clear(&two);
    series->make(&two, base, possible ? (int)number : 1);
    bool same = possible && strcmp(buffer_text(&two), name) == 0;
    buffer_release(&two);
    buffer_release(&three);
    return same ? (int)number : 0;
}

/* The next of the name's own numbers: what lies there may lie under lower ones too. */
static int next_name(struct ledger *l, const char *base, const char *name, struct buffer *out)
{
    int number = number_of(base, name, &replaced);
    if (number > 0)
        return lowest_free(l, base, &replaced, number, false, out);
    return lowest_free(l, base, &numbered, number_of(base, name, &numbered), false, out);
}

/* BASE's last component in the directory that NAME has by now. */
static void put_beside(struct buffer *out, const char *base, const char *name)
{
    const char *slash = strrchr(name, '/'), *last = strrchr(base, '/');
    buffer_printf(out, "%.*s%s", slash ? (int)(slash + 1 - name) : 0, name, last ? last + 1 : base);
}

static void put_component(struct buffer *out, const char *begin)
{
    buffer_printf(out, "%.*s", (int)strcspn(begin, "/"), begin);
}

/* NAME with the component at AT numbered: by one more than it has there, compared with BASE. */
static void put_next_component(struct buffer *out, const char *base, const char *name, size_t at)
{
    struct buffer own, now;
    buffer_init(&own, 0);
    buffer_init(&now, 0);
    for (size_t i = 0; i < at; i++) /* as many components on */
        if (name[i] == '/' && strchr(base, '/'))
            base = strchr(base, '/') + 1;
    put_component(&own, base);
    put_component(&now, name + at);
    int number = number_of(buffer_text(&own), buffer_text(&now), &numbered);
    buffer_printf(out, "%.*s", (int)at, name);
    naming_number(out, buffer_text(&own), number ? number + 1 : numbered.first);
    buffer_put(out, name + at + now.len);
    buffer_release(&own);
    buffer_release(&now);
}

/* Into an empty OUT. */
static int another_name(struct ledger *l, const char *base, const char *name, int64_t at,
                        struct buffer *out)
{
    struct buffer moved, beside;
    int n = 1;
    buffer_init(&moved, 0);
    buffer_init(&beside, 0);
    if (at >= 0) {
        put_next_component(&moved, base, name, (size_t)at);
        name = buffer_text(&moved);
        n = ledger_name_taken(l, name, 0);
    }
    if (n == 0)
        buffer_put(out, name);
    if (n == 1) {
        put_beside(&beside, base, name);
        n = next_name(l, buffer_text(&beside), name, out);
    }
    buffer_release(&moved);
    buffer_release(&beside);
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
    if (!err)
        err = ledger_write(l);
    if (!err)
        err = another_name(l, buffer_text(&base), buffer_text(&name), at, &new);
    if (!err)
        err = database_run(&l->db, "UPDATE file SET base = ? WHERE id = ?",
                           VALUES(V_BLOB(base.data, base.len), V_INT(file_id)));
    if (!err)
        err = names_set(l, file_id, buffer_text(&new));
    if (!err)
        err = names_freed(l);
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
