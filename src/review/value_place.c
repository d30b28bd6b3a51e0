/* See value_place.h. The whole path is looked for among the record's own fields first, so that a field whose name
 * has brackets in it is found; then the brackets are taken off it, nearest list last. */
#include "review/value_place.h"

#include "base/require.h"
#include "base/text.h"
#include "tables/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find_table(const struct columns *c, const char *name, uint32_t *out)
{
    for (uint32_t t = 0; t < columns_table_count(c); t++)
        if (strcmp(columns_table(c, t)->name, name) == 0) {
            *out = t;
            return true;
        }
    return false;
}

static bool find_column(const struct columns *c, uint32_t table, const char *name, uint32_t *out)
{
    for (uint32_t i = 0; i < columns_count(c); i++) {
        const struct column *k = columns_get(c, i);
        if (k->table == table && strcmp(k->name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* What a path could have been, as a NULL-ended list to be freed. */
static char **candidates(const struct columns *c)
{
    char **names = xcalloc(columns_count(c) + columns_table_count(c) + 1, sizeof *names);
    size_t used = 0;
    for (size_t i = 0; i < columns_count(c); i++) {
        const struct column *k = columns_get(c, i);
        char name[PLACE_PATH_MAX];
        if (k->table)
            snprintf(name, sizeof name, "%s[1].%s", columns_table(c, k->table)->name, k->name);
        else
            snprintf(name, sizeof name, "%s", k->name);
        names[used++] = xstrdup(name);
    }
    for (size_t t = 1; t < columns_table_count(c); t++)
        names[used++] = xstrdup(columns_table(c, t)->name);
    return names;
}

static int unknown(const struct columns *c, const char *path, struct error *e)
{
    char **names = candidates(c);
    const char *nearest = text_nearest(path, (const char *const *)names);
    int err = nearest ? error_set(e, ERR_NOT_FOUND, "no result has a field %s; did you mean %s?",
                                  text_show(path), text_show(nearest))
                      : error_set(e, ERR_NOT_FOUND,
                                  "no result has a field %s; `mindee-batch columns` lists them",
                                  text_show(path));
    for (char **name = names; *name; name++)
        free(*name);
    free(names);
    return err;
}

/* PATH without what stands in brackets, and that as numbers, outermost first; false: it isn't like that. */
static bool take_brackets(const char *path, char list[PLACE_PATH_MAX], char column[PLACE_PATH_MAX],
                          int64_t places[PLACE_UPS_MAX + 1], size_t *count)
{
    size_t used = 0;
    const char *rest = path;
    *count = 0;
    while (*rest) {
        const char *open = strchr(rest, '[');
        char *end;
        if (!open)
            break;
        int64_t n = strtoll(open + 1, &end, 10);
        if (end == open + 1 || *end != ']' || n < 1 || n > INT32_MAX || *count > PLACE_UPS_MAX ||
            used + (size_t)(open - rest) >= PLACE_PATH_MAX)
            return false;
        memcpy(list + used, rest, (size_t)(open - rest));
        used += (size_t)(open - rest);
        places[(*count)++] = n;
        rest = end + 1;
    }
    list[used] = '\0';
    if (*rest && *rest != '.')
        return false;
    return *count > 0 && text_copy(column, PLACE_PATH_MAX, *rest ? rest + 1 : "");
}

bool value_place_look(struct value_place *p, const struct columns *c, const char *path)
{
    char list[PLACE_PATH_MAX], column[PLACE_PATH_MAX];
    int64_t places[PLACE_UPS_MAX + 1];
    size_t count;
    *p = (struct value_place){0};
    p->has_column = find_column(c, 0, path, &p->column);
    if (p->has_column)
        return true;
    if (strlen(path) >= PLACE_PATH_MAX || !take_brackets(path, list, column, places, &count) ||
        !find_table(c, list, &p->table))
        return false;
    p->n = places[count - 1];
    for (size_t i = 0; i + 1 < count; i++)
        p->up[p->up_count++] = places[count - 2 - i];
    p->has_column = find_column(c, p->table, *column ? column : "value", &p->column);
    return p->has_column || !*column;
}

int value_place_find(struct value_place *p, const struct columns *c, const char *path,
                     struct error *e)
{
    return value_place_look(p, c, path) ? 0 : unknown(c, path, e);
}

bool value_place_is_row(const struct value_place *p, const struct flat_row *row)
{
    if (row->table != p->table || row->n != p->n || row->up_count < p->up_count)
        return false;
    return p->up_count == 0 || memcmp(row->up, p->up, p->up_count * sizeof *p->up) == 0;
}

const struct flat_cell *value_place_cell(const struct value_place *p,
                                         const struct flat_document *doc,
                                         const struct flat_record *record)
{
    for (size_t i = 0; i < record->row_count; i++) {
        const struct flat_row *row = &doc->rows[record->rows + i];
        if (!value_place_is_row(p, row))
            continue;
        for (size_t k = 0; k < row->cell_count; k++)
            if (p->has_column && doc->cells[row->cells + k].column == p->column)
                return &doc->cells[row->cells + k];
    }
    return NULL;
}
