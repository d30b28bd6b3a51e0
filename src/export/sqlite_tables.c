/* See sqlite_tables.h. Tables are made empty, rows put in, indexes and views made at the end, when sorting is
 * cheaper than keeping an index up. A table takes as many columns as SQLite and the length of a statement
 * allow: the first ones. The text of each statement stays where it is until the database is closed,
 * which finds its prepared form by the address. */
#include "export/sqlite_tables.h"

#include "base/text.h"
#include "export/distinct_names.h"
#include "format/plain_number.h"
#include "store/new_database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NAMES_BYTES = 300 * 1000, /* of a table's columns: a statement has at most a million */
    INTEGER_MAX = 24,
    TABLES_MOST = 2000, /* SQLite looks through all that there are for each that is made */
};

struct sqlite_table {
    const char *name; /* in t->names */
    char **columns;   /* their names in the database */
    size_t count;
    char *insert;
    int64_t rows;
};

struct sqlite_tables {
    struct table_sink sink;
    const struct layout *layout;
    struct export_file *file;
    struct database db;
    struct sqlite_table *tables; /* of the layout's the first ones */
    size_t count;
    char **names; /* of the tables, of about, of the views: as many as tables */
    struct value *values;
    struct buffer number; /* the plain forms of a row's */
    char *about_insert;
};

static struct sqlite_tables *of(struct table_sink *s)
{
    return (struct sqlite_tables *)(void *)s; /* its first member */
}

static int failure(const struct sqlite_tables *t, struct error *e)
{
    *e = t->db.error;
    return e->code;
}

static bool is_whole(const struct cell *c, int64_t *number)
{
    char text[INTEGER_MAX], *end;
    if (c->kind != CELL_NUMBER || c->len == 0 || c->len >= sizeof text)
        return false;
    memcpy(text, c->text, c->len);
    text[c->len] = '\0';
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

/* The plain forms of a row's numbers lie one after the other in t->number, which may move while it grows:
 * until it is done a value has its place there, and no bytes. */
static struct value value_of(struct sqlite_tables *t, const struct layout_column *column,
                             const struct cell *c)
{
    int64_t whole;
    if (c->kind == CELL_NONE || c->kind == CELL_NULL)
        return V_TEXT(NULL);
    if (column->integer && is_whole(c, &whole))
        return V_INT(whole);
    if (c->kind != CELL_NUMBER || plain_number_is(c))
        return V_CHARS(c->len ? c->text : "", c->len);
    size_t at = t->number.len;
    number_plain(&t->number, c->text, c->len);
    struct value v = V_CHARS(NULL, t->number.len - at);
    v.number = (int64_t)at;
    return v;
}

static int record(struct table_sink *s, const struct table_record *r, struct error *e)
{
    (void)s;
    (void)r;
    (void)e;
    return 0;
}

static int row(struct table_sink *s, size_t at, const struct cell *cells, struct error *e)
{
    struct sqlite_tables *t = of(s);
    struct sqlite_table *table = &t->tables[at];
    if (at >= t->count)
        return 0;
    buffer_clear(&t->number);
    for (size_t i = 0; i < table->count; i++)
        t->values[i] = value_of(t, &t->layout->tables[at].columns[i], &cells[i]);
    for (size_t i = 0; t->number.len && i < table->count; i++) {
        struct value *v = &t->values[i];
        if (v->kind == VALUE_CHARS && !v->bytes)
            v->bytes = t->number.data + v->number;
    }
    if (database_run(&t->db, table->insert, t->values, table->count) < 0)
        return failure(t, e);
    table->rows++;
    return 0;
}

/* ---- the schema ---- */

static int run_sql(struct sqlite_tables *t, struct buffer *sql)
{
    int rc = database_script(&t->db, buffer_text(sql));
    buffer_clear(sql);
    return rc;
}

static void put_columns(struct buffer *sql, const struct sqlite_tables *t, size_t at)
{
    const struct sqlite_table *table = &t->tables[at];
    for (size_t i = 0; i < table->count; i++) {
        buffer_put(sql, i ? ", " : "");
        new_database_put_name(sql, table->columns[i]);
        buffer_put(sql, t->layout->tables[at].columns[i].integer ? " INTEGER" : " TEXT");
    }
}

static int create(struct sqlite_tables *t, size_t at, struct buffer *sql)
{
    struct sqlite_table *table = &t->tables[at];
    buffer_put(sql, "CREATE TABLE ");
    new_database_put_name(sql, table->name);
    buffer_put(sql, " (");
    put_columns(sql, t, at);
    buffer_put(sql, ")");
    int rc = run_sql(t, sql);
    buffer_put(sql, "INSERT INTO ");
    new_database_put_name(sql, table->name);
    buffer_put(sql, " VALUES (?");
    for (size_t i = 1; i < table->count; i++)
        buffer_put(sql, ",?");
    buffer_put(sql, ")");
    table->insert = buffer_detach(sql, NULL);
    return rc;
}

static bool is_read_number(const struct layout_column *column)
{
    return column->kind == COLUMN_NUMBER && !column->own && !column->integer;
}

static bool has_numbers(const struct sqlite_tables *t, size_t at)
{
    for (size_t i = 0; i < t->tables[at].count; i++)
        if (is_read_number(&t->layout->tables[at].columns[i]))
            return true;
    return false;
}

static int create_view(struct sqlite_tables *t, size_t at, const char *view, struct buffer *sql)
{
    const struct sqlite_table *table = &t->tables[at];
    buffer_put(sql, "CREATE VIEW ");
    new_database_put_name(sql, view);
    buffer_put(sql, " AS SELECT ");
    for (size_t i = 0; i < table->count; i++) {
        bool number = is_read_number(&t->layout->tables[at].columns[i]);
        buffer_put(sql, i ? ", " : "");
        buffer_put(sql, number ? "CAST(" : "");
        new_database_put_name(sql, table->columns[i]);
        if (!number)
            continue;
        buffer_put(sql, " AS REAL) AS ");
        new_database_put_name(sql, table->columns[i]);
    }
    buffer_put(sql, " FROM ");
    new_database_put_name(sql, table->name);
    return run_sql(t, sql);
}

static int create_index(struct sqlite_tables *t, size_t at, struct buffer *sql)
{
    const struct sqlite_table *table = &t->tables[at];
    if (table->count == 0 || strcmp(table->columns[0], "_record") != 0)
        return 0;
    buffer_printf(sql, "CREATE INDEX \"_record of %zu\" ON ", at + 1);
    new_database_put_name(sql, table->name);
    buffer_put(sql, " (\"_record\")");
    return run_sql(t, sql);
}

static int create_about(struct sqlite_tables *t, const struct sqlite_about *about,
                        struct buffer *sql)
{
    const char *name = t->names[t->count];
    buffer_put(sql, "CREATE TABLE ");
    new_database_put_name(sql, name);
    buffer_put(sql, " (\"name\" TEXT, \"value\" TEXT)");
    int rc = run_sql(t, sql);
    buffer_put(sql, "INSERT INTO ");
    new_database_put_name(sql, name);
    buffer_put(sql, " VALUES (?, ?)");
    t->about_insert = buffer_detach(sql, NULL);
    for (; rc == 0 && about->name; about++)
        rc = database_run(&t->db, t->about_insert,
                          VALUES(V_TEXT(about->name), V_TEXT(about->value)));
    return rc;
}

/* ---- the names ---- */

/* What begins like SQLite's own tables is refused by it: the first letter is escaped as names of
 * columns are. */
static char *table_name(const char *name, const char *behind)
{
    struct buffer b;
    buffer_init(&b, 0);
    if (strncasecmp(name, "sqlite_", 7) == 0)
        buffer_printf(&b, "%%%02X%s%s", (unsigned)(unsigned char)*name, name + 1, behind);
    else
        buffer_printf(&b, "%s%s", name, behind);
    return buffer_detach(&b, NULL);
}

/* Tables keep theirs, so about and the views give way. */
static void name_tables(struct sqlite_tables *t)
{
    size_t count = t->count, n = 0;
    t->names = xcalloc(2 * count + 1, sizeof *t->names);
    for (size_t i = 0; i < count; i++)
        t->names[n++] = table_name(t->layout->tables[i].name, "");
    t->names[n++] = xstrdup("about");
    for (size_t i = 0; i < count; i++)
        t->names[n++] = table_name(t->layout->tables[i].name, "_num");
    distinct_names(t->names, n);
}

static void name_columns(struct sqlite_table *table, const struct layout_table *layout)
{
    size_t bytes = 0, most = layout->column_count;
    most = most < NEW_DATABASE_COLUMNS ? most : NEW_DATABASE_COLUMNS;
    table->columns = xcalloc(most ? most : 1, sizeof *table->columns);
    for (size_t i = 0; i < most; i++) {
        bytes += strlen(layout->columns[i].name);
        if (bytes > NAMES_BYTES)
            break;
        table->columns[table->count++] = xstrdup(layout->columns[i].name);
    }
    distinct_names(table->columns, table->count);
}

static void note_cut(const struct sqlite_table *table, const struct layout_table *layout,
                     struct left_out_notes *notes)
{
    if (table->count < layout->column_count)
        left_out_note(
            notes,
            "table %s has %zu columns, and SQLite room for %zu: those from %s on are left "
            "out",
            text_show(layout->name), layout->column_count, table->count,
            text_show(layout->columns[table->count].name));
}

/* ---- its life ---- */

static int end(struct table_sink *s, struct error *e)
{
    struct sqlite_tables *t = of(s);
    size_t count = t->count;
    int64_t rows = 0;
    struct buffer sql;
    int rc = 0;
    buffer_init(&sql, 0);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = create_index(t, i, &sql);
        if (rc == 0 && has_numbers(t, i))
            rc = create_view(t, i, t->names[count + 1 + i], &sql);
        rows += t->tables[i].rows;
    }
    buffer_release(&sql);
    if (rc == 0)
        rc = new_database_finish(&t->db);
    if (rc < 0)
        return failure(t, e);
    for (size_t i = 0; i < count; i++)
        export_file_sheet(t->file, t->tables[i].name, t->layout->tables[i].name, t->tables[i].rows);
    export_file_rows(t->file, rows);
    return 0;
}

static void free_sink(struct table_sink *s)
{
    struct sqlite_tables *t = of(s);
    size_t count = t->count;
    database_close(&t->db);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < t->tables[i].count; k++)
            free(t->tables[i].columns[k]);
        free(t->tables[i].columns);
        free(t->tables[i].insert);
    }
    for (size_t i = 0; t->names && i < 2 * count + 1; i++)
        free(t->names[i]);
    buffer_release(&t->number);
    free(t->about_insert);
    free(t->values);
    free(t->tables);
    free(t->names);
    free(t);
}

static const struct table_sink_kind kind = {record, row, end, free_sink};

static int open_database(struct sqlite_tables *t, const struct sqlite_about *about, struct error *e)
{
    struct buffer sql;
    buffer_init(&sql, 0);
    int rc = new_database_open(&t->db, export_file_path(t->file), export_file_shown(t->file),
                               "Export again.");
    if (rc == 0)
        rc = database_write(&t->db);
    for (size_t i = 0; i < t->count && rc == 0; i++)
        rc = create(t, i, &sql);
    if (rc == 0)
        rc = create_about(t, about, &sql);
    buffer_release(&sql);
    return rc < 0 ? failure(t, e) : 0;
}

int sqlite_tables_new(struct table_sink **out, const struct layout *layout,
                      struct export_file *file, const struct sqlite_about *about,
                      struct left_out_notes *notes, struct error *e)
{
    struct sqlite_tables *t = xcalloc(1, sizeof *t);
    size_t count = layout->table_count < TABLES_MOST ? layout->table_count : TABLES_MOST;
    t->sink.kind = &kind;
    t->count = count;
    t->layout = layout;
    t->file = file;
    t->tables = xcalloc(count ? count : 1, sizeof *t->tables);
    t->values = xcalloc(NEW_DATABASE_COLUMNS, sizeof *t->values);
    buffer_init(&t->number, 0);
    name_tables(t);
    for (size_t i = 0; i < count; i++) {
        t->tables[i].name = t->names[i];
        name_columns(&t->tables[i], &layout->tables[i]);
        note_cut(&t->tables[i], &layout->tables[i], notes);
    }
    if (count < layout->table_count)
        left_out_note(
            notes, "%zu tables aren't in the database, from %s on: an export has at most %d",
            layout->table_count - count, text_show(layout->tables[count].name), TABLES_MOST);
    int rc = open_database(t, about, e);
    if (rc < 0)
        free_sink(&t->sink);
    *out = rc < 0 ? NULL : &t->sink;
    return rc;
}
