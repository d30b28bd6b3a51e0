/* See columns.h.
 *
 * Tables and columns stand in arrays in the order in which they came, which is their number; a hash set finds
 * them by name. The tree of names (column_tree.h), through which flatten() goes, is only a shorter way to them
 * and is owned here. Names come from outside: their number and bytes have limits, and their hashes a seed. */
#include "tables/columns.h"

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hash_set.h"
#include "tables/columns_internal.h"

#include <string.h>

enum { IN_TABLES = UINT32_MAX /* the "table" of a name that is a table's */ };

struct name_key {
    uint64_t seed;
    uint32_t table;
    const char *name;
    size_t len;
};

struct name_entry {
    struct name_key key;
    uint32_t number;
};

static const void *key_of(const void *entry)
{
    const struct name_entry *e = entry;
    return e->key.name ? &e->key : NULL;
}

static uint64_t hash_of(const void *key)
{
    const struct name_key *k = key;
    return hash_bytes(k->seed + k->table, k->name, k->len);
}

static bool same(const void *key, const void *other)
{
    const struct name_key *a = key, *b = other;
    return a->table == b->table && a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

static const struct hash_set_kind names_kind = {sizeof(struct name_entry), key_of, hash_of, same};

struct columns *columns_new(void)
{
    struct columns *c = xcalloc(1, sizeof *c);
    struct random random;
    uint32_t documents;
    random_init_system(&random);
    c->seed = random_u64(&random);
    c->names.max_bytes = COLUMNS_NAMES_MAX;
    REQUIRE(columns_put_table(c, "documents", 0, &documents) == 0 && documents == 0);
    return c;
}

void columns_free(struct columns *c)
{
    if (!c)
        return;
    hash_set_release(&c->by_name);
    hash_set_release(&c->children);
    byte_store_release(&c->names);
    free(c->tables);
    free(c->columns);
    free(c->nodes);
    free(c);
}

size_t columns_table_count(const struct columns *c)
{
    return c->table_count;
}

const struct column_table *columns_table(const struct columns *c, size_t table)
{
    REQUIRE(table < c->table_count);
    return &c->tables[table].seen;
}

size_t columns_count(const struct columns *c)
{
    return c->column_count;
}

const struct column *columns_get(const struct columns *c, size_t column)
{
    REQUIRE(column < c->column_count);
    return &c->columns[column];
}

/* The entry of NAME in TABLE; with *NEW, if there was none, one that has its own copy of the name and no number.
 * NULL: there is no more room. */
static struct name_entry *put_name(struct columns *c, uint32_t table, const char *name, bool *new)
{
    struct name_key key = {c->seed, table, name, strlen(name)};
    struct name_entry *e = hash_set_find(&c->by_name, &names_kind, &key);
    *new = !e;
    if (e)
        return e;
    if (key.len > COLUMN_NAME_MAX || c->table_count + c->column_count >= COLUMNS_MAX)
        return NULL;
    key.name = byte_store_text(&c->names, name, key.len);
    e = key.name ? hash_set_put(&c->by_name, &names_kind, &key) : NULL;
    if (e)
        e->key = key;
    return e;
}

int columns_put_table(struct columns *c, const char *name, int levels, uint32_t *table)
{
    bool new;
    struct name_entry *e = put_name(c, IN_TABLES, name, &new);
    if (!e)
        return ERR_LIMIT;
    if (new) {
        e->number = (uint32_t)c->table_count;
        ARRAY_RESERVE(c->tables, c->table_capacity, c->table_count + 1);
        c->tables[c->table_count++] =
            (struct known_table){.seen = {e->key.name, levels}, .root = COLUMN_NONE};
    }
    *table = e->number;
    if (c->tables[*table].seen.levels < levels)
        c->tables[*table].seen.levels = levels;
    return 0;
}

int columns_put(struct columns *c, uint32_t table, const char *name, uint32_t *column)
{
    bool new;
    REQUIRE(table < c->table_count);
    struct name_entry *e = put_name(c, table, name, &new);
    if (!e)
        return ERR_LIMIT;
    if (new) {
        e->number = (uint32_t)c->column_count;
        ARRAY_RESERVE(c->columns, c->column_capacity, c->column_count + 1);
        c->columns[c->column_count++] = (struct column){.name = e->key.name, .table = table};
    }
    *column = e->number;
    return 0;
}

int columns_join(struct columns *c, const struct columns *from)
{
    uint32_t to, *tables = NULL;
    size_t capacity = 0;
    int r = 0;
    ARRAY_RESERVE(tables, capacity, from->table_count);
    for (size_t i = 0; i < from->table_count && r == 0; i++) {
        const struct column_table *t = &from->tables[i].seen;
        r = columns_put_table(c, t->name, t->levels, &tables[i]);
    }
    for (size_t i = 0; i < from->column_count && r == 0; i++) {
        const struct column *known = &from->columns[i];
        r = columns_put(c, tables[known->table], known->name, &to);
        if (r == 0)
            columns_learn(c, to, known);
    }
    free(tables);
    return r;
}
