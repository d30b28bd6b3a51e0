/* See layout.h. The tables are those of the set, sorted by name; each table's columns are its own ones round
 * those of the set, sorted too. The map leads from a number of the set to the place in its table. */
#include "tables/layout.h"

#include "base/array.h"
#include "base/text.h"
#include "tables/column_names.h"
#include "tables/column_order.h"
#include "tables/columns.h"
#include "tables/own_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_AT_MOST = 20 }; /* tables in an error's words */

/* A table while it is made. */
struct making_table {
    struct layout_column *columns;
    size_t count, capacity;
    uint32_t *ids; /* of the set's columns, sorted */
    size_t id_count, id_capacity;
};

struct layout_map {
    struct layout layout; /* first: who has it has the map */
    struct layout_table *tables;
    int *table_places, *column_places; /* by number of the set; -1: not shown */
    size_t table_count, column_count;  /* of the set */
    char **names;                      /* made here, to be freed */
    size_t name_count, name_capacity;
};

static const char *keep_name(struct layout_map *map, char *name)
{
    ARRAY_RESERVE(map->names, map->name_capacity, map->name_count + 1);
    map->names[map->name_count++] = name;
    return name;
}

static const char *name_with(struct layout_map *map, const char *name, const char *suffix)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s%s", name, suffix);
    return keep_name(map, buffer_detach(&b, NULL));
}

static void add(struct making_table *t, struct layout_column column)
{
    ARRAY_RESERVE(t->columns, t->capacity, t->count + 1);
    t->columns[t->count++] = column;
}

static void add_own(struct making_table *t, enum own_column which, const char *name)
{
    const struct own_column_facts *own = &own_columns[which];
    add(t, (struct layout_column){.name = name ? name : own->name,
                                  .kind = own->integer ? COLUMN_NUMBER : COLUMN_TEXT,
                                  .own = true,
                                  .integer = own->integer,
                                  .width = own->width});
}

static void add_own_of_a_list(struct layout_map *map, struct making_table *t, int levels)
{
    char number[16];
    add_own(t, OWN_RECORD, NULL);
    add_own(t, OWN_N, NULL);
    for (int i = 1; i < levels; i++) {
        snprintf(number, sizeof number, "%d", i);
        add_own(t, OWN_UP, name_with(map, own_columns[OWN_UP].name, number));
    }
}

static enum column_kind kind_of(const struct column *c)
{
    switch (c->saw) {
    case COLUMN_SAW_NUMBER:
        return COLUMN_NUMBER;
    case COLUMN_SAW_DATE:
        return COLUMN_DATE;
    case COLUMN_SAW_BOOLEAN:
        return COLUMN_BOOLEAN;
    default:
        return COLUMN_TEXT;
    }
}

static void add_of_set(struct layout_map *map, struct making_table *t, const struct columns *set,
                       uint32_t id, const struct layout_options *options)
{
    const struct column *c = columns_get(set, id);
    enum column_kind kind = kind_of(c);
    map->column_places[id] = (int)t->count;
    add(t, (struct layout_column){.name = c->name,
                                  .kind = kind,
                                  .amount = kind == COLUMN_NUMBER && column_is_amount(c->name),
                                  .decimals = c->decimals,
                                  .width = c->width});
    if (table_is_products(columns_table(set, c->table)->name))
        return;
    if (options->each_confidence)
        add(t, (struct layout_column){
                   .name = name_with(map, c->name, "#confidence"), .own = true, .width = 10});
    if (options->each_page)
        add(t, (struct layout_column){.name = name_with(map, c->name, "#page"),
                                      .kind = COLUMN_NUMBER,
                                      .own = true,
                                      .integer = true,
                                      .width = 4});
}

static bool is_about_lowest(enum own_column which)
{
    return which == OWN_LOWEST_CONFIDENCE || which == OWN_LOWEST_FIELD;
}

static void fill_table(struct layout_map *map, struct making_table *t, const struct columns *set,
                       size_t table, const struct layout_options *options)
{
    const struct column_table *of = columns_table(set, table);
    bool documents = of->levels == 0;
    if (documents)
        for (size_t i = 0; i < OWN_FIRST; i++)
            add_own(t, own_first[i], NULL);
    else
        add_own_of_a_list(map, t, of->levels);
    for (size_t i = 0; i < t->id_count; i++)
        add_of_set(map, t, set, t->ids[i], options);
    for (size_t i = 0; documents && i < OWN_LAST; i++)
        if (options->lowest || !is_about_lowest(own_last[i]))
            add_own(t, own_last[i], NULL);
    if (table_is_products(of->name) && strcmp(of->name, "pages") != 0 &&
        strcmp(of->name, TABLE_WORDS) != 0)
        add_own(t, OWN_EXTRACTED, NULL);
}

/* --- which tables, in which order --- */

static bool is_wanted(const char *name, const struct layout_options *options)
{
    if (strcmp(name, TABLE_WORDS) == 0 && !options->words)
        return false;
    for (size_t i = 0; i < options->table_count; i++)
        if (strcmp(options->tables[i], name) == 0)
            return true;
    return options->table_count == 0;
}

static int refuse_table(const struct columns *set, const char *name, struct error *e)
{
    struct buffer known;
    buffer_init(&known, 0);
    size_t count = columns_table_count(set);
    for (size_t i = 0; i < count && i < NAMED_AT_MOST; i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", text_show(columns_table(set, i)->name));
    int err = error_set(e, ERR_USAGE, "there is no table %s in these results; there are %s%s",
                        text_show(name), buffer_text(&known), count > NAMED_AT_MOST ? ", …" : "");
    buffer_release(&known);
    return err;
}

static int check_wanted(const struct columns *set, const struct layout_options *options,
                        struct error *e)
{
    for (size_t i = 0; i < options->table_count; i++) {
        size_t t = 0;
        while (t < columns_table_count(set) &&
               strcmp(columns_table(set, t)->name, options->tables[i]) != 0)
            t++;
        if (t == columns_table_count(set))
            return refuse_table(set, options->tables[i], e);
    }
    return 0;
}

static int by_table(const void *a, const void *b, void *set)
{
    const uint32_t *x = a, *y = b;
    return table_order(columns_table(set, *x)->name, columns_table(set, *y)->name);
}

static int by_column(const void *a, const void *b, void *set)
{
    const struct column *x = columns_get(set, *(const uint32_t *)a),
                        *y = columns_get(set, *(const uint32_t *)b);
    return column_order(columns_table(set, x->table)->name, x->name, y->name);
}

static void sort_into_tables(struct making_table *tables, const struct columns *set)
{
    void *ctx = (void *)(uintptr_t)set;
    for (size_t i = 0; i < columns_count(set); i++) {
        struct making_table *t = &tables[columns_get(set, i)->table];
        ARRAY_RESERVE(t->ids, t->id_capacity, t->id_count + 1);
        t->ids[t->id_count++] = (uint32_t)i;
    }
    for (size_t i = 0; i < columns_table_count(set); i++)
        if (tables[i].id_count)
            qsort_r(tables[i].ids, tables[i].id_count, sizeof *tables[i].ids, by_column, ctx);
}

static void make_tables(struct layout_map *map, const struct columns *set,
                        const struct layout_options *options)
{
    struct making_table *making = xcalloc(map->table_count + 1, sizeof *making);
    uint32_t *order = xcalloc(map->table_count + 1, sizeof *order);
    size_t shown = 0;
    sort_into_tables(making, set);
    for (size_t i = 0; i < map->table_count; i++)
        if (is_wanted(columns_table(set, i)->name, options))
            order[shown++] = (uint32_t)i;
    if (shown)
        qsort_r(order, shown, sizeof *order, by_table, (void *)(uintptr_t)set);
    for (size_t i = 0; i < shown; i++) {
        struct making_table *t = &making[order[i]];
        fill_table(map, t, set, order[i], options);
        map->table_places[order[i]] = (int)i;
        map->tables[i] =
            (struct layout_table){columns_table(set, order[i])->name, t->columns, t->count};
    }
    for (size_t i = 0; i < map->table_count; i++)
        free(making[i].ids);
    free(making);
    free(order);
    map->layout = (struct layout){map->tables, shown};
}

int layout_new(struct layout **out, const struct columns *columns,
               const struct layout_options *options, struct error *e)
{
    *out = NULL;
    int err = check_wanted(columns, options, e);
    if (err)
        return err;
    struct layout_map *map = xcalloc(1, sizeof *map);
    map->table_count = columns_table_count(columns);
    map->column_count = columns_count(columns);
    map->tables = xcalloc(map->table_count + 1, sizeof *map->tables);
    map->table_places = xcalloc(map->table_count + 1, sizeof *map->table_places);
    map->column_places = xcalloc(map->column_count + 1, sizeof *map->column_places);
    for (size_t i = 0; i < map->table_count; i++)
        map->table_places[i] = -1;
    for (size_t i = 0; i < map->column_count; i++)
        map->column_places[i] = -1;
    make_tables(map, columns, options);
    *out = &map->layout;
    return 0;
}

void layout_free(struct layout *l)
{
    if (l == NULL)
        return;
    struct layout_map *map = (struct layout_map *)l;
    for (size_t i = 0; i < l->table_count; i++)
        free((void *)(uintptr_t)l->tables[i].columns);
    for (size_t i = 0; i < map->name_count; i++)
        free(map->names[i]);
    free(map->names);
    free(map->tables);
    free(map->table_places);
    free(map->column_places);
    free(map);
}

int layout_column_find(const struct layout_table *t, const char *name)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

int layout_table_place(const struct layout *l, size_t table)
{
    const struct layout_map *map = (const struct layout_map *)l;
    return table < map->table_count ? map->table_places[table] : -1;
}

int layout_column_place(const struct layout *l, size_t column)
{
    const struct layout_map *map = (const struct layout_map *)l;
    return column < map->column_count ? map->column_places[column] : -1;
}
