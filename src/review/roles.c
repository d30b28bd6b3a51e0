/* See roles.h. Paths are bound to numbers of columns, again whenever the set has grown; reading a record then
 * compares numbers alone. */
#include "review/roles.h"

#include "base/array.h"
#include "base/text.h"
#include "review/role_path.h"

#include <string.h>

struct role_paths {
    size_t count;
    struct role_path paths[ROLE_PATHS_MAX];
    /* Of single roles: of each path. Of a list's columns: of each path in each of the list's tables. */
    struct role_column bound[ROLE_PATHS_MAX][ROLE_PATHS_MAX];
    struct {
        bool found;
        uint32_t table;
    } lists[ROLE_PATHS_MAX]; /* of ROLE_LINES and ROLE_TAXES */
};

struct roles {
    struct role_paths of[ROLE_COUNT];
    const struct columns *columns;    /* what the paths are bound to, */
    size_t column_count, table_count; /* and how much of it there was */
};

struct roles *roles_new(void)
{
    return xcalloc(1, sizeof(struct roles));
}

void roles_free(struct roles *r)
{
    free(r);
}

static bool is_list(enum role role)
{
    return role == ROLE_LINES || role == ROLE_TAXES;
}

/* The list whose column ROLE is, or ROLE_COUNT. */
static enum role list_of(enum role role)
{
    if (role >= ROLE_LINES_QUANTITY && role <= ROLE_LINES_RATE)
        return ROLE_LINES;
    if (role >= ROLE_TAXES_BASE && role <= ROLE_TAXES_AMOUNT)
        return ROLE_TAXES;
    return ROLE_COUNT;
}

const char *role_name(enum role role)
{
    static const char *const names[] = {
        "supplier",     "number",      "type",       "date",           "due",
        "currency",     "net",         "tax",        "total",          "tip",
        "vat",          "iban",        "lines",      "lines.quantity", "lines.price",
        "lines.amount", "lines.tax",   "lines.rate", "taxes",          "taxes.base",
        "taxes.rate",   "taxes.amount"};
    _Static_assert(sizeof names / sizeof *names == ROLE_COUNT, "a name for each role");
    return names[role];
}

int roles_set(struct roles *r, enum role role, const char *const *paths, struct error *e)
{
    struct role_paths *of = &r->of[role];
    size_t count = 0;
    for (; paths[count]; count++) {
        if (count == ROLE_PATHS_MAX)
            return error_set(e, ERR_USAGE, "fields.%s: more than %d paths", role_name(role),
                             ROLE_PATHS_MAX);
        if (role_path_parse(&of->paths[count], paths[count], e) < 0)
            return error_wrap(e, "fields.%s", role_name(role));
        if (role >= ROLE_SINGLE_COUNT && *of->paths[count].list)
            return error_set(e, ERR_USAGE, "fields.%s: %s: brackets have no meaning here",
                             role_name(role), text_show(paths[count]));
    }
    of->count = count;
    r->columns = NULL;
    return 0;
}

/* --- binding --- */

static void bind_list(struct roles *r, const struct columns *c, enum role list)
{
    struct role_paths *of = &r->of[list];
    for (size_t i = 0; i < of->count; i++) {
        of->lists[i].found = false;
        for (uint32_t t = 1; t < columns_table_count(c); t++)
            if (strcmp(columns_table(c, t)->name, of->paths[i].column) == 0) {
                of->lists[i].found = true;
                of->lists[i].table = t;
            }
    }
}

static void bind_columns(struct roles *r, const struct columns *c, enum role role)
{
    const struct role_paths *list = &r->of[list_of(role)];
    struct role_paths *of = &r->of[role];
    for (size_t i = 0; i < of->count; i++)
        for (size_t l = 0; l < list->count; l++)
            of->bound[i][l] = list->lists[l].found
                                  ? role_path_find_in(&of->paths[i], c, list->lists[l].table)
                                  : (struct role_column){0};
}

static void bind(struct roles *r, const struct columns *c)
{
    if (r->columns == c && r->column_count == columns_count(c) &&
        r->table_count == columns_table_count(c))
        return;
    for (enum role role = 0; role < ROLE_SINGLE_COUNT; role++)
        for (size_t i = 0; i < r->of[role].count; i++)
            r->of[role].bound[i][0] = role_path_find(&r->of[role].paths[i], c);
    bind_list(r, c, ROLE_LINES);
    bind_list(r, c, ROLE_TAXES);
    for (enum role role = ROLE_LINES; role < ROLE_COUNT; role++)
        if (!is_list(role))
            bind_columns(r, c, role);
    r->columns = c;
    r->column_count = columns_count(c);
    r->table_count = columns_table_count(c);
}

/* --- reading --- */

bool role_cell_empty(const struct cell *cell)
{
    if (cell->kind == CELL_NONE || cell->kind == CELL_NULL)
        return true;
    for (size_t i = 0; i < cell->len; i++)
        if (cell->text[i] != ' ' && cell->text[i] != '\t' && cell->text[i] != '\n' &&
            cell->text[i] != '\r')
            return false;
    return true;
}

static const struct flat_cell *cell_of(const struct flat_document *doc, const struct flat_row *row,
                                       uint32_t column)
{
    for (size_t i = 0; i < row->cell_count; i++)
        if (doc->cells[row->cells + i].column == column)
            return &doc->cells[row->cells + i];
    return NULL;
}

static bool row_counts(const struct role_path *p, const struct role_column *at,
                       const struct flat_document *doc, const struct flat_row *row)
{
    if (row->table != at->table)
        return false;
    if (!at->conditional)
        return true;
    const struct flat_cell *condition = cell_of(doc, row, at->condition);
    return condition && role_path_meets(p, &condition->value);
}

/* Whether the value of ROLE is found: it isn't empty. An empty one is kept where nothing else is there. */
static bool read_path(const struct roles *r, const struct role_path *p,
                      const struct role_column *at, const struct flat_document *doc,
                      const struct flat_record *record, struct role_value *out)
{
    for (size_t i = 0; i < record->row_count; i++) {
        const struct flat_row *row = &doc->rows[record->rows + i];
        if (!row_counts(p, at, doc, row))
            continue;
        const struct flat_cell *cell = cell_of(doc, row, at->column);
        if (!cell || cell->value.kind == CELL_NONE || (out->field && role_cell_empty(&cell->value)))
            continue;
        *out = (struct role_value){
            .cell = cell->value,
            .field = columns_get(r->columns, at->column)->name,
            .list = at->table ? columns_table(r->columns, at->table)->name : NULL,
            .row = row->n,
            .confidence = cell->confidence,
            .confidence_len = cell->confidence_len,
        };
        if (!role_cell_empty(&cell->value))
            return true;
    }
    return false;
}

static void read_single(const struct roles *r, enum role role, const struct flat_document *doc,
                        const struct flat_record *record, struct role_value *out)
{
    const struct role_paths *of = &r->of[role];
    *out = (struct role_value){0};
    for (size_t i = 0; i < of->count; i++)
        if (of->bound[i][0].found &&
            read_path(r, &of->paths[i], &of->bound[i][0], doc, record, out))
            return;
}

static void read_row(const struct roles *r, enum role first, size_t columns, size_t list,
                     const struct flat_document *doc, const struct flat_row *row,
                     struct role_list *out)
{
    ARRAY_RESERVE(out->rows, out->capacity, out->count + 1);
    struct role_row *to = &out->rows[out->count++];
    *to = (struct role_row){.n = row->n};
    for (size_t k = 0; k < columns; k++) {
        const struct role_paths *of = &r->of[first + k];
        for (size_t i = 0; i < of->count && role_cell_empty(&to->cells[k]); i++) {
            const struct flat_cell *cell =
                of->bound[i][list].found ? cell_of(doc, row, of->bound[i][list].column) : NULL;
            if (!cell)
                continue;
            to->cells[k] = cell->value;
            out->columns[k] = columns_get(r->columns, cell->column)->name;
        }
    }
}

/* The rows of the first of the list's tables that has any in this record. */
static void read_list(const struct roles *r, enum role list, size_t columns,
                      const struct flat_document *doc, const struct flat_record *record,
                      struct role_list *out)
{
    const struct role_paths *of = &r->of[list];
    out->name = NULL;
    out->count = 0;
    out->cut = false;
    memset(out->columns, 0, sizeof out->columns);
    for (size_t l = 0; l < of->count && out->count == 0; l++) {
        if (!of->lists[l].found)
            continue;
        out->name = columns_table(r->columns, of->lists[l].table)->name;
        for (size_t i = 0; i < record->row_count; i++) {
            const struct flat_row *row = &doc->rows[record->rows + i];
            if (row->table != of->lists[l].table)
                continue;
            out->cut = out->count == ROLE_ROWS_MAX;
            if (out->cut)
                break;
            read_row(r, list + 1, columns, l, doc, row, out);
        }
    }
}

void roles_read(struct roles *r, const struct columns *c, const struct flat_document *doc,
                const struct flat_record *record, struct role_record *out)
{
    bind(r, c);
    for (enum role role = 0; role < ROLE_SINGLE_COUNT; role++)
        read_single(r, role, doc, record, &out->values[role]);
    read_list(r, ROLE_LINES, ROLE_LINES_RATE - ROLE_LINES, doc, record, &out->lines);
    read_list(r, ROLE_TAXES, ROLE_TAXES_AMOUNT - ROLE_TAXES, doc, record, &out->taxes);
    out->any_confidence = record->lowest_confidence.kind != CELL_NONE;
}

void role_record_release(struct role_record *out)
{
    free(out->lines.rows);
    free(out->taxes.rows);
    *out = (struct role_record){0};
}

void role_value_path(struct buffer *out, const struct role_value *v)
{
    if (v->list)
        buffer_printf(out, "%s[%lld].%s", v->list, (long long)v->row, v->field);
    else
        buffer_put(out, v->field ? v->field : "");
}

/* --- what somebody wrote --- */

/* What a path of ROLE could have been; a NULL-ended list that is freed with its strings. */
static char **candidates(const struct roles *r, enum role role, const struct columns *c)
{
    size_t used = 0;
    char **names = xcalloc(columns_count(c) + columns_table_count(c) + 1, sizeof *names);
    const struct role_paths *list = list_of(role) < ROLE_COUNT ? &r->of[list_of(role)] : NULL;
    for (uint32_t t = 1; is_list(role) && t < columns_table_count(c); t++)
        names[used++] = xstrdup(columns_table(c, t)->name);
    for (size_t i = 0; !is_list(role) && i < columns_count(c); i++) {
        const struct column *known = columns_get(c, i);
        const char *table = columns_table(c, known->table)->name;
        struct buffer name;
        bool of_list = false;
        for (size_t l = 0; list && l < list->count; l++)
            of_list = of_list || strcmp(list->paths[l].column, table) == 0;
        if (list && !of_list)
            continue;
        buffer_init(&name, 0);
        if (known->table && !list)
            buffer_printf(&name, "%s.", table);
        buffer_put(&name, known->name);
        names[used++] = xstrdup(buffer_text(&name));
        buffer_release(&name);
    }
    return names;
}

static int unknown(const struct roles *r, enum role role, const char *path, const struct columns *c,
                   struct error *e)
{
    char **names = candidates(r, role, c);
    const char *nearest = text_nearest(path, (const char *const *)names);
    int err = nearest ? error_set(e, ERR_NOT_FOUND,
                                  "fields.%s: no result has a field %s; did you mean %s?",
                                  role_name(role), text_show(path), text_show(nearest))
                      : error_set(e, ERR_NOT_FOUND,
                                  "fields.%s: no result has a field %s; `mindee-batch columns` "
                                  "lists them",
                                  role_name(role), text_show(path));
    for (char **name = names; *name; name++)
        free(*name);
    free(names);
    return err;
}

/* Of a column of a list that is one of ROLE's lists. */
static struct role_column find_in_its_lists(const struct roles *r, enum role role, size_t i,
                                            const struct columns *c)
{
    const struct role_paths *list = &r->of[list_of(role)];
    struct role_column found = {0};
    for (uint32_t t = 1; !found.found && t < columns_table_count(c); t++)
        for (size_t l = 0; !found.found && l < list->count; l++)
            if (strcmp(list->paths[l].column, columns_table(c, t)->name) == 0)
                found = role_path_find_in(&r->of[role].paths[i], c, t);
    return found;
}

static bool has_table(const struct columns *c, const char *name)
{
    for (uint32_t t = 1; t < columns_table_count(c); t++)
        if (strcmp(columns_table(c, t)->name, name) == 0)
            return true;
    return false;
}

bool roles_look(const struct roles *r, enum role role, size_t i, const struct columns *c,
                struct role_field *out)
{
    const struct role_paths *of = &r->of[role];
    if (i >= of->count)
        return false;
    *out = (struct role_field){.path = of->paths[i].text, .filled = -1};
    if (is_list(role)) {
        out->found = has_table(c, of->paths[i].column);
        return true;
    }
    struct role_column found = role < ROLE_SINGLE_COUNT ? role_path_find(&of->paths[i], c)
                                                        : find_in_its_lists(r, role, i, c);
    out->found = found.found;
    out->filled = found.found ? columns_get(c, found.column)->filled : -1;
    out->of_rows = found.table > 0;
    return true;
}

int roles_check(const struct roles *r, enum role role, const struct columns *c, struct error *e)
{
    if (columns_count(c) == 0) /* nothing is known yet */
        return 0;
    struct role_field field;
    for (size_t i = 0; roles_look(r, role, i, c, &field); i++)
        if (!field.found)
            return unknown(r, role, field.path, c, e);
    return 0;
}
