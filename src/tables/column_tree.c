/* See column_tree.h.
 *
 * Results of one model have their members in the same order nearly always: each node remembers which one came
 * behind it, and only where that is another one now is it looked for in the hash set. */
#include "tables/column_tree.h"

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json_scan.h"
#include "tables/column_names.h"
#include "tables/columns_internal.h"

#include <stdio.h>
#include <string.h>

enum { NODES_MAX = 4 * COLUMNS_MAX };

struct child_key {
    uint64_t seed;
    uint32_t parent, len;
    const char *name;
};

struct child {
    struct child_key key;
    uint32_t node;
};

static const void *key_of(const void *entry)
{
    const struct child *e = entry;
    return e->key.name ? &e->key : NULL;
}

static uint64_t hash_of(const void *key)
{
    const struct child_key *k = key;
    return hash_bytes(k->seed + k->parent, k->name, k->len);
}

static bool same(const void *key, const void *other)
{
    const struct child_key *a = key, *b = other;
    return a->parent == b->parent && a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

static const struct hash_set_kind children_kind = {sizeof(struct child), key_of, hash_of, same};

static int add_node(struct columns *c, uint32_t parent, uint32_t table, uint32_t *node)
{
    if (c->node_count >= NODES_MAX)
        return ERR_LIMIT;
    ARRAY_RESERVE(c->nodes, c->node_capacity, c->node_count + 1);
    *node = (uint32_t)c->node_count;
    c->nodes[c->node_count++] = (struct column_node){.parent = parent,
                                                     .table = table,
                                                     .column = COLUMN_NONE,
                                                     .list = COLUMN_NONE,
                                                     .next = COLUMN_NONE,
                                                     .first = COLUMN_NONE};
    return 0;
}

int column_tree_root(struct columns *c, uint32_t table, uint32_t *node)
{
    REQUIRE(table < c->table_count);
    if (c->tables[table].root == COLUMN_NONE) {
        int r = add_node(c, COLUMN_NONE, table, &c->tables[table].root);
        if (r < 0)
            return r;
    }
    *node = c->tables[table].root;
    return 0;
}

static int find_child(struct columns *c, uint32_t parent, const char *name, size_t len,
                      uint32_t *node)
{
    struct child_key key = {c->seed, parent, (uint32_t)len, name};
    if (len > COLUMN_NAME_MAX)
        return ERR_LIMIT;
    struct child *e = hash_set_find(&c->children, &children_kind, &key);
    if (e) {
        *node = e->node;
        return 0;
    }
    key.name = c->node_count < NODES_MAX ? byte_store_text(&c->names, name, len) : NULL;
    e = key.name ? hash_set_put(&c->children, &children_kind, &key) : NULL;
    if (!e)
        return ERR_LIMIT;
    int r = add_node(c, parent, c->nodes[parent].table, node);
    if (r < 0)
        return r;
    *e = (struct child){key, *node};
    c->nodes[*node].name = key.name;
    c->nodes[*node].len = (uint32_t)len;
    return 0;
}

int column_tree_child(struct columns *c, uint32_t parent, const char *name, size_t len,
                      uint32_t after, uint32_t *node)
{
    bool first = after == COLUMN_TREE_FIRST;
    uint32_t likely = first ? c->nodes[parent].first : c->nodes[after].next;
    if (likely != COLUMN_NONE && c->nodes[likely].len == len &&
        memcmp(c->nodes[likely].name, name, len) == 0) {
        *node = likely;
        return 0;
    }
    int r = find_child(c, parent, name, len, node);
    if (r < 0)
        return r;
    if (first)
        c->nodes[parent].first = *node;
    else
        c->nodes[after].next = *node;
    return 0;
}

uint64_t column_tree_object(struct columns *c)
{
    return ++c->objects;
}

bool column_tree_meet(struct columns *c, uint32_t node, uint64_t object)
{
    bool first = c->nodes[node].met != object;
    c->nodes[node].met = object;
    return first;
}

bool column_tree_is_root(const struct columns *c, uint32_t node)
{
    return c->nodes[node].parent == COLUMN_NONE;
}

int column_tree_path(const struct columns *c, uint32_t node, struct buffer *out)
{
    uint32_t path[JSON_DEPTH_MAX];
    size_t depth = 0;
    for (; c->nodes[node].parent != COLUMN_NONE; node = c->nodes[node].parent) {
        REQUIRE(depth < JSON_DEPTH_MAX);
        path[depth++] = node;
    }
    int r = 0;
    for (size_t left = depth; left > 0 && r == 0; left--) {
        const struct column_node *n = &c->nodes[path[left - 1]];
        if (left < depth)
            r = buffer_append(out, ".", 1);
        if (r == 0)
            r = column_name_escape(out, n->name, n->len);
    }
    return r;
}

int column_tree_column(struct columns *c, uint32_t node, uint32_t *column)
{
    struct buffer name;
    *column = c->nodes[node].column;
    if (*column != COLUMN_NONE)
        return 0;
    buffer_init(&name, COLUMN_NAME_MAX);
    int r = column_tree_path(c, node, &name);
    if (r == 0)
        r = columns_put(c, c->nodes[node].table, buffer_text(&name), column);
    if (r == 0)
        c->nodes[node].column = *column;
    buffer_release(&name);
    return r < 0 ? ERR_LIMIT : 0;
}

/* The path from the record: that of the enclosing list in front, and # for a list straight in it. */
static int list_name(const struct columns *c, uint32_t node, struct buffer *name)
{
    const struct column_node *n = &c->nodes[node];
    int r = 0;
    if (n->table != 0) {
        const char *outer = c->tables[n->table].seen.name;
        r = buffer_append(name, outer, strlen(outer));
        if (r == 0)
            r = buffer_append(name, ".", 1);
    }
    if (r == 0 && n->parent == COLUMN_NONE)
        return buffer_append(name, "#", 1);
    if (r == 0)
        r = column_tree_path(c, node, name);
    if (r < 0 || !table_name_taken(buffer_text(name)))
        return r;
    char escaped[8];
    snprintf(escaped, sizeof escaped, "%%%02X", (unsigned)*name->data);
    r = buffer_reserve(name, 2);
    if (r < 0)
        return r;
    memmove(name->data + 3, name->data + 1, name->len);
    memcpy(name->data, escaped, 3);
    name->len += 2;
    return 0;
}

int column_tree_list(struct columns *c, uint32_t node, uint32_t *table)
{
    struct buffer name;
    int levels = c->tables[c->nodes[node].table].seen.levels + 1;
    *table = c->nodes[node].list;
    if (*table != COLUMN_NONE) {
        /* the table around it may have been met inside another list meanwhile */
        if (c->tables[*table].seen.levels < levels)
            c->tables[*table].seen.levels = levels;
        return 0;
    }
    buffer_init(&name, COLUMN_NAME_MAX);
    int r = list_name(c, node, &name);
    if (r == 0)
        r = columns_put_table(c, buffer_text(&name), levels, table);
    if (r == 0)
        c->nodes[node].list = *table;
    buffer_release(&name);
    return r < 0 ? ERR_LIMIT : 0;
}
