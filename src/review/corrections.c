/* See corrections.h. What kind of value a field takes is what its values have been so far; of one that never had any
 * its name tells. A field that had several kinds takes texts. */
#include "review/corrections.h"

#include "base/array.h"
#include "base/decimal.h"
#include "base/text.h"
#include "tables/value_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEW_ROWS_AHEAD = 1000 };

void correction_release(struct correction *c)
{
    free(c->path);
    free(c->value);
    free(c->was);
    free(c->at);
    free(c->actor);
    free(c->note);
    *c = (struct correction){0};
}

static char *copy(const char *text, size_t len)
{
    char *out = xcalloc(len + 1, 1);
    memcpy(out, text, len);
    return out;
}

int correction_make(struct correction *c, const char *field, const char *value, struct error *e)
{
    *c = (struct correction){0};
    if (!*field)
        return error_set(e, ERR_USAGE, "a correction without a field: FIELD=VALUE");
    if (*field == '+' || *field == '-') {
        if (*value)
            return error_set(e, ERR_USAGE, "%s takes no value", text_show(field));
        c->kind = *field == '+' ? CORRECTION_ADD : CORRECTION_REMOVE;
        field++;
    } else {
        c->kind = *value ? CORRECTION_SET : CORRECTION_CLEAR;
    }
    if (strlen(value) > CORRECTION_TEXT_MAX)
        return error_set(e, ERR_USAGE, "%s: at most %d bytes", text_show(field),
                         CORRECTION_TEXT_MAX);
    if (!text_is_utf8(value, strlen(value)) || !text_is_utf8(field, strlen(field)))
        return error_set(e, ERR_USAGE, "%s: this isn't UTF-8", text_show(field));
    c->path = xstrdup(field);
    c->value = xstrdup(value);
    c->was = xstrdup("");
    return 0;
}

int correction_parse(struct correction *c, const char *text, struct error *e)
{
    const char *equals = strchr(text, '=');
    bool row = *text == '+' || *text == '-';
    *c = (struct correction){0};
    if (!equals && !row)
        return error_set(e, ERR_USAGE,
                         "%s isn't like FIELD=VALUE (+LIST adds a row, -LIST[3] "
                         "takes one away)",
                         text_show(text));
    char *field = copy(text, equals ? (size_t)(equals - text) : strlen(text));
    int err = correction_make(c, field, equals ? equals + 1 : "", e);
    free(field);
    return err;
}

/* --- kinds --- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Of a field that never had a value. */
static unsigned saw_by_name(const char *name)
{
    static const char *const numbers[] = {"total_net", "total_tax",  "total_amount",
                                          "quantity",  "unit_price", "rate",
                                          "amount",    "base",       "total_price"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (ends_with(name, numbers[i]))
            return COLUMN_SAW_NUMBER;
    return ends_with(name, "date") ? COLUMN_SAW_DATE : COLUMN_SAW_TEXT;
}

static bool is_number(const char *text)
{
    size_t digits = 0, points = 0, i = *text == '-';
    for (; text[i]; i++) {
        points += text[i] == '.';
        digits += text[i] >= '0' && text[i] <= '9';
        if (text[i] != '.' && (text[i] < '0' || text[i] > '9'))
            return false;
    }
    return digits && points <= 1 && text[i - 1] != '.' && text[text[0] == '-'] != '.';
}

/* The digits of a JSON number: 007.50 is 7.50. */
static void make_plain(char *number)
{
    char *from = number + (*number == '-');
    size_t zeros = 0;
    while (from[zeros] == '0' && from[zeros + 1] >= '0' && from[zeros + 1] <= '9')
        zeros++;
    memmove(from, from + zeros, strlen(from + zeros) + 1);
}

static int refuse_number(const struct correction *c, struct error *e)
{
    return error_set(e, ERR_USAGE,
                     "%s takes a number: digits, a point before the decimals and a sign, as in "
                     "-1234.50, and not \"%s\"",
                     text_show(c->path), text_show(c->value));
}

static int fit_value(struct correction *c, unsigned saw, struct error *e)
{
    switch (saw) {
    case COLUMN_SAW_NUMBER:
        c->type = CELL_NUMBER;
        if (!is_number(c->value))
            return refuse_number(c, e);
        make_plain(c->value);
        return 0;
    case COLUMN_SAW_DATE:
        c->type = CELL_TEXT;
        return value_is_date(c->value, strlen(c->value))
                   ? 0
                   : error_set(e, ERR_USAGE,
                               "%s takes a day that exists, as in 2026-11-30, and "
                               "not \"%s\"",
                               text_show(c->path), text_show(c->value));
    case COLUMN_SAW_BOOLEAN:
        c->type = CELL_BOOLEAN;
        return strcmp(c->value, "true") == 0 || strcmp(c->value, "false") == 0
                   ? 0
                   : error_set(e, ERR_USAGE, "%s takes true or false, and not \"%s\"",
                               text_show(c->path), text_show(c->value));
    default:
        c->type = CELL_TEXT;
        return saw & COLUMN_SAW_JSON
                   ? error_set(e, ERR_USAGE, "%s has values of a form that can't be corrected",
                               text_show(c->path))
                   : 0;
    }
}

/* --- places --- */

static const struct correction *find(const struct corrections *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return &list->items[i];
    return NULL;
}

static bool has_row(const struct value_place *p, const struct flat_document *doc,
                    const struct flat_record *record)
{
    for (size_t i = 0; i < record->row_count; i++)
        if (value_place_is_row(p, &doc->rows[record->rows + i]))
            return true;
    return false;
}

static bool is_row(const char *path)
{
    return ends_with(path, "]");
}

/* A list of simple values keeps a row that was added and its value under one path: once it has one, that is a value of
 * a row that Mindee didn't read. */
static bool is_added_value(const struct corrections *earlier, const char *path,
                           const struct value_place *p, const struct flat_document *doc,
                           const struct flat_record *record)
{
    const struct correction *c = is_row(path) ? find(earlier, path) : NULL;
    return c && c->kind <= CORRECTION_CLEAR && !has_row(p, doc, record);
}

/* The number of a row behind all that there are, or were. */
static int64_t next_row(const char *list, uint32_t table, const struct flat_document *doc,
                        const struct flat_record *record, const struct corrections *earlier)
{
    int64_t last = 0;
    size_t len = strlen(list);
    for (size_t i = 0; i < record->row_count; i++) {
        const struct flat_row *row = &doc->rows[record->rows + i];
        if (row->table == table && row->n > last)
            last = row->n;
    }
    for (size_t i = 0; i < earlier->count; i++) {
        const char *path = earlier->items[i].path;
        bool here = strncmp(path, list, len) == 0 && path[len] == '[' && is_row(path);
        int64_t n = here ? strtoll(path + len + 1, NULL, 10) : 0;
        if (n > last)
            last = n;
    }
    return last + 1;
}

/* What stands in the last brackets of a path that ends with them; that is taken off it. 0: nothing. */
static int64_t take_number(char *path)
{
    char *open = is_row(path) ? strrchr(path, '[') : NULL, *end = NULL;
    int64_t n = open ? strtoll(open + 1, &end, 10) : 0;
    if (n < 1 || end[1] != '\0')
        return 0;
    *open = '\0';
    return n;
}

/* A number that was asked for is taken if it is free, so that who adds a row can speak of it in the same breath. */
static int number_row(struct correction *c, int64_t asked, int64_t next, struct error *e)
{
    char path[PLACE_PATH_MAX + 32];
    if (asked && (asked < next || asked - next > NEW_ROWS_AHEAD))
        return error_set(e, ERR_USAGE, "+%s[%lld]: the next row of that list is %s[%lld]",
                         text_show(c->path), (long long)asked, text_show(c->path), (long long)next);
    snprintf(path, sizeof path, "%.*s[%lld]", PLACE_PATH_MAX, c->path,
             (long long)(asked ? asked : next));
    free(c->path);
    c->path = xstrdup(path);
    return 0;
}

static int fit_new_row(struct correction *c, const struct columns *columns,
                       const struct flat_document *doc, const struct flat_record *record,
                       const struct corrections *earlier, struct error *e)
{
    struct value_place p;
    char path[PLACE_PATH_MAX + 32];
    const struct correction *removed = find(earlier, c->path);
    c->takes_back = removed && removed->kind == CORRECTION_REMOVE;
    if (c->takes_back)
        return 0;
    int64_t asked = take_number(c->path);
    snprintf(path, sizeof path, "%.*s[1]", PLACE_PATH_MAX, c->path);
    int err = value_place_find(&p, columns, path, e);
    if (err)
        return err;
    if (columns_table(columns, p.table)->levels != 1)
        return error_set(e, ERR_USAGE, "+%s: rows can't be added to a list in a list",
                         text_show(c->path));
    return number_row(c, asked, next_row(c->path, p.table, doc, record, earlier), e);
}

/* The correction that added the outermost row of PATH, or took it away; NULL: there is none. */
static const struct correction *row_changed(const struct corrections *earlier, const char *path)
{
    const char *end = strchr(path, ']');
    char *row = end ? copy(path, (size_t)(end + 1 - path)) : xstrdup(path);
    const struct correction *changed = find(earlier, row);
    free(row);
    return changed && changed->kind >= CORRECTION_ADD ? changed : NULL;
}

static void note_was(struct correction *c, const struct flat_cell *cell)
{
    if (!cell || cell->value.kind == CELL_NONE || cell->value.kind == CELL_NULL)
        return;
    free(c->was);
    c->was = copy(cell->value.text, cell->value.len);
    for (char *p = c->was; p < c->was + cell->value.len; p++)
        if (!*p)
            *p = ' ';
}

int correction_fit(struct correction *c, const struct columns *columns,
                   const struct flat_document *doc, const struct flat_record *record,
                   const struct corrections *earlier, struct error *e)
{
    struct value_place p;
    if (c->kind == CORRECTION_ADD)
        return fit_new_row(c, columns, doc, record, earlier, e);
    int err = value_place_find(&p, columns, c->path, e);
    if (err)
        return err;
    const struct correction *changed = p.n ? row_changed(earlier, c->path) : NULL;
    bool added = (changed && changed->kind == CORRECTION_ADD) ||
                 (p.n && is_added_value(earlier, c->path, &p, doc, record));
    if (changed && !added)
        return error_set(e, ERR_USAGE, "%s: that row was taken away (+%s puts it back)",
                         text_show(c->path), text_show(changed->path));
    if (p.n && !added && !has_row(&p, doc, record))
        return error_set(e, ERR_USAGE, "%s: the record has no such row (+LIST adds one)",
                         text_show(c->path));
    if (c->kind == CORRECTION_REMOVE) {
        c->takes_back = added;
        return p.n && is_row(c->path)
                   ? 0
                   : error_set(e, ERR_USAGE, "-%s isn't a row, as -line_items[3] is",
                               text_show(c->path));
    }
    if (!p.has_column)
        return error_set(e, ERR_USAGE,
                         "%s is a row: say which of its values, as in "
                         "line_items[2].total_price",
                         text_show(c->path));
    const struct column *column = columns_get(columns, p.column);
    if (c->kind == CORRECTION_SET)
        err = fit_value(c, column->saw ? column->saw : saw_by_name(column->name), e);
    note_was(c, value_place_cell(&p, doc, record));
    c->takes_back = strcmp(c->was, c->value) == 0;
    return err;
}

/* --- lists --- */

static void take_out(struct corrections *list, size_t i)
{
    correction_release(&list->items[i]);
    memmove(&list->items[i], &list->items[i + 1], (list->count - i - 1) * sizeof *list->items);
    list->count--;
}

static bool belongs_to_row(const char *path, const char *row)
{
    size_t len = strlen(row);
    return strncmp(path, row, len) == 0 && (path[len] == '\0' || path[len] == '.');
}

void corrections_take(struct corrections *list, struct correction *c)
{
    for (size_t i = list->count; i-- > 0;) {
        const char *path = list->items[i].path;
        if (strcmp(path, c->path) == 0 ||
            (c->kind == CORRECTION_REMOVE && belongs_to_row(path, c->path)))
            take_out(list, i);
    }
    if (c->takes_back) {
        correction_release(c);
        return;
    }
    ARRAY_RESERVE(list->items, list->capacity, list->count + 1);
    list->items[list->count++] = *c;
    *c = (struct correction){0};
}

void corrections_release(struct corrections *list)
{
    for (size_t i = 0; i < list->count; i++)
        correction_release(&list->items[i]);
    free(list->items);
    *list = (struct corrections){0};
}

/* --- kept --- */

int corrections_put(struct database *d, const char *key, const struct correction *c,
                    const struct correction_by *by)
{
    int err = c->kind == CORRECTION_REMOVE
                  ? database_run(d,
                                 "DELETE FROM correction WHERE record = ?1 AND (path = ?2 OR"
                                 "  substr(path, 1, length(?2) + 1) = ?2 || '.')",
                                 VALUES(V_TEXT(key), V_TEXT(c->path)))
                  : database_run(d, "DELETE FROM correction WHERE record = ? AND path = ?",
                                 VALUES(V_TEXT(key), V_TEXT(c->path)));
    if (err || c->takes_back)
        return err;
    return database_run(d,
                        "INSERT INTO correction(record, path, kind, type, value, was, at, actor,"
                        " note) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        VALUES(V_TEXT(key), V_TEXT(c->path), V_INT(c->kind), V_INT(c->type),
                               V_TEXT(c->value), V_TEXT(c->was), V_TEXT(by->at), V_TEXT(by->actor),
                               V_TEXT(by->note)));
}

int corrections_read(struct corrections *out, struct database *d, const char *key)
{
    int n;
    sqlite3_stmt *s = database_query(d,
                                     "SELECT path, kind, type, value, was, at, actor, note FROM"
                                     " correction WHERE record = ? ORDER BY path",
                                     VALUES(V_TEXT(key)));
    if (s == NULL)
        return d->error.code;
    while ((n = database_step(d, s)) == 1) {
        ARRAY_RESERVE(out->items, out->capacity, out->count + 1);
        out->items[out->count++] = (struct correction){
            .path = xstrdup(column_text(s, 0)),
            .kind = (enum correction_kind)column_int(s, 1),
            .type = (enum cell_kind)column_int(s, 2),
            .value = xstrdup(column_text(s, 3)),
            .was = xstrdup(column_text(s, 4)),
            .at = xstrdup(column_text(s, 5)),
            .actor = xstrdup(column_text(s, 6)),
            .note = xstrdup(column_text(s, 7)),
        };
    }
    return n;
}
