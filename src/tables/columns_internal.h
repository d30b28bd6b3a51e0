/* columns_internal.h - what a set of columns is made of: for columns.c and column_tree.c alone. */
#ifndef MB_TABLES_COLUMNS_INTERNAL_H
#define MB_TABLES_COLUMNS_INTERNAL_H

#include "base/hash_set.h"
#include "base/random.h"
#include "tables/byte_store.h"
#include "tables/columns.h"

enum { COLUMN_NONE = UINT32_MAX };

struct known_table {
    struct column_table seen;
    uint32_t root; /* the node of its rows; COLUMN_NONE: nothing was looked for in it yet */
};

struct column_node {
    uint32_t parent; /* COLUMN_NONE: a row of TABLE */
    uint32_t table;
    uint32_t column;  /* of TABLE, for a value here; COLUMN_NONE: there was none yet */
    uint32_t list;    /* the table of the list here; COLUMN_NONE */
    const char *name; /* as it was sent, decoded; owned by the set */
    uint32_t len;
    uint32_t next;  /* the member that stood behind this one last time; COLUMN_NONE */
    uint32_t first; /* the first member of this one last time; COLUMN_NONE */
    uint64_t met;   /* the last object that had it (column_tree_meet) */
};

struct columns {
    uint64_t seed;
    struct known_table *tables;
    size_t table_count, table_capacity;
    struct column *columns;
    size_t column_count, column_capacity;
    struct hash_set by_name; /* tables and columns */
    struct byte_store names;
    struct column_node *nodes;
    size_t node_count, node_capacity;
    struct hash_set children; /* nodes by parent and name */
    uint64_t objects;         /* met so far */
};

#endif
