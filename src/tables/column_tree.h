/* column_tree.h - the names of fields as they are met on the way down into a record: each leads to a node, and a
 * node to its column, or to the table of the list that stands there.
 *
 *   node = the root of a table's rows (column_tree_root), then, member by member,
 *   column_tree_child(c, node, name, len, before, &child)
 *   column_tree_meet(c, child, object)            false: the object has had a member of that name already
 *   column_tree_column(c, child, &column)         a value stands here
 *   column_tree_list(c, child, &table)            a list stands here
 *
 * No text is built for what is known already. Functions return 0 or ERR_LIMIT: more than a set holds. */
#ifndef MB_TABLES_COLUMN_TREE_H
#define MB_TABLES_COLUMN_TREE_H

#include "base/buffer.h"
#include "tables/columns.h"

/* The node of TABLE's rows. */
MUST_CHECK int column_tree_root(struct columns *c, uint32_t table, uint32_t *node);

/* AFTER: the node of the member before in the same object, COLUMN_TREE_FIRST for the first. */
enum { COLUMN_TREE_FIRST = UINT32_MAX };
MUST_CHECK int column_tree_child(struct columns *c, uint32_t parent, const char *name, size_t len,
                                 uint32_t after, uint32_t *node);

/* A number for an object whose members are going to be met. */
uint64_t column_tree_object(struct columns *c);
bool column_tree_meet(struct columns *c, uint32_t node, uint64_t object);

MUST_CHECK int column_tree_column(struct columns *c, uint32_t node, uint32_t *column);
/* At a root: the list of a list, `matrix.#`. */
MUST_CHECK int column_tree_list(struct columns *c, uint32_t node, uint32_t *table);

bool column_tree_is_root(const struct columns *c, uint32_t node);
/* Appends the path from the row to NODE; nothing for a root. 0, ERR_LIMIT or ERR_MEMORY. */
MUST_CHECK int column_tree_path(const struct columns *c, uint32_t node, struct buffer *out);

#endif
