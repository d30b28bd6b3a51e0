/* CSV, JSON lines and SQLite: values that programs like to change come back as they were, read by another
 * program's readers (read_tables.py); names that are in each other's way; limits; a full disk. */
#include "export/csv_tables.h"
#include "export/jsonl_tables.h"
#include "export/sqlite_tables.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "samples.h"
#include "store/new_database.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;
static struct left_out_notes notes;

static int set_up(void **state)
{
    (void)state;
    folder_make(&folder);
    notes = (struct left_out_notes){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

/* ---- the tables ---- */

static const struct layout_column document_columns[] = {
    {.name = "_record", .own = true},
    {.name = "_file", .own = true},
    {.name = "supplier_name"},
    {.name = "Supplier_Name"},
    {.name = "=1+1"},
    {.name = "date", .kind = COLUMN_DATE},
    {.name = "total_amount", .kind = COLUMN_NUMBER, .amount = true},
    {.name = "total_net", .kind = COLUMN_NUMBER, .amount = true},
    {.name = "paid", .kind = COLUMN_BOOLEAN},
    {.name = "odd \"na'me\", with; all\n"},
    {.name = "total_amount#confidence", .own = true},
    {.name = "_part", .own = true},
    {.name = "_pages", .own = true, .integer = true, .kind = COLUMN_NUMBER},
};
enum { DOCUMENT_COLUMNS = sizeof document_columns / sizeof *document_columns };
static const struct layout_column line_columns[] = {
    {.name = "_record", .own = true},
    {.name = "_n", .own = true, .integer = true, .kind = COLUMN_NUMBER},
    {.name = "description"},
};
static const struct layout_table both[] = {{"documents", document_columns, DOCUMENT_COLUMNS},
                                           {"line_items", line_columns, 3}};
static const struct layout layout = {both, 2};

#define TEXT(s)                                                                                    \
    {                                                                                              \
        CELL_TEXT, (s), sizeof(s) - 1                                                              \
    }
#define NUMBER(s)                                                                                  \
    {                                                                                              \
        CELL_NUMBER, (s), sizeof(s) - 1                                                            \
    }
static const struct cell texts[] = {
    TEXT(""),
    TEXT("plain"),
    TEXT("=HYPERLINK(\"http://x\",\"y\")"),
    TEXT("+1"),
    TEXT("-1"),
    TEXT("-1+1"),
    TEXT("@SUM(A1)"),
    TEXT("\t=1"),
    TEXT("\r=1"),
    TEXT("|x"),
    TEXT("00123"),
    TEXT("12345678901234567890"),
    TEXT("1e5"),
    TEXT("123E4"),
    TEXT("TRUE"),
    TEXT("#N/A"),
    TEXT("\xf0\x9f\xa7\xbe \xe2\x82\xac"),
    TEXT("\xef\xbc\x9d"
         "1"),
    TEXT("\xef\xbc\x8b"
         "1"),
    TEXT(" \xc2\xa0=1"),
    TEXT("\xc2\xa0padded\xc2\xa0"),
    TEXT(" padded "),
    TEXT("'x"),
    TEXT("''=1"),
    TEXT("'"),
    TEXT("two\nlines"),
    TEXT("two\r\nlines\rthree\n"),
    TEXT("a,b;c\td|e"),
    TEXT("the \"big\" one"),
    TEXT("\""),
    TEXT("back\\slash \\u0041 \\x41"),
    TEXT("controls \x01\x08\x0b\x0c\x1b\x1f\x7f"),
    TEXT("null\0inside\0"),
    TEXT("\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf"),
    TEXT("_x0041_"),
    {CELL_NULL, NULL, 0},
    {CELL_NONE, NULL, 0},
    {CELL_JSON, "{\"a\": [1,\n2, \"x\"]}", 18},
};
enum { TEXTS = sizeof texts / sizeof *texts };
static const struct cell numbers[] = {
    NUMBER("0"),    NUMBER("1881.30"), NUMBER("-12.50"), NUMBER("12345678901234567890"),
    NUMBER("1e5"),  NUMBER("1E-7"),    NUMBER("-0"),     NUMBER("-0.0"),
    NUMBER("2145"), NUMBER("-0.5"),    NUMBER("1.50e1"), NUMBER("0.30000000000000004"),
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* A record a text, with as many lines as its number has in its last digit; one without fields. */
static void row_of(size_t at, struct cell cells[DOCUMENT_COLUMNS], char key[16])
{
    snprintf(key, 16, "d%zu", at);
    cells[0] = (struct cell){CELL_TEXT, key, strlen(key)};
    cells[1] = texts[at].kind == CELL_TEXT ? texts[at] : texts[0];
    cells[2] = texts[at];
    cells[3] = texts[(at + 7) % TEXTS];
    cells[4] = texts[(at + 11) % TEXTS];
    cells[5] = (struct cell)TEXT("2026-11-30");
    cells[6] = numbers[at % NUMBERS];
    cells[7] = numbers[(at + 1) % NUMBERS];
    cells[8] = at % 2 ? (struct cell){CELL_BOOLEAN, "true", 4} : (struct cell){CELL_NULL, NULL, 0};
    cells[9] = texts[(at + 19) % TEXTS];
    cells[10] = (struct cell)TEXT("Certain");
    cells[11] = (struct cell){CELL_NONE, NULL, 0};
    cells[12] = (struct cell)NUMBER("3");
}

static void line_of(size_t n, const char *key, char place[16], struct cell cells[3])
{
    snprintf(place, 16, "%zu", n + 1);
    cells[0] = (struct cell){CELL_TEXT, key, strlen(key)};
    cells[1] = (struct cell){CELL_NUMBER, place, strlen(place)};
    cells[2] = texts[n];
}

static void write_all(struct table_sink *s)
{
    struct error e = {0};
    struct cell cells[DOCUMENT_COLUMNS];
    char key[16], place[16];
    for (size_t at = 0; at < TEXTS; at++) {
        row_of(at, cells, key);
        const struct table_record r = {
            .key = key, .file = "a.pdf", .has_fields = true, .currency = ""};
        assert_int_equal(s->kind->record(s, &r, &e), 0);
        assert_int_equal(s->kind->row(s, 0, cells, &e), 0);
        for (size_t n = 0; n < at % 10; n++) {
            line_of(n, key, place, cells);
            assert_int_equal(s->kind->row(s, 1, cells, &e), 0);
        }
    }
    const struct table_record bare = {.key = "bare", .file = "b \"c\".pdf", .currency = ""};
    assert_int_equal(s->kind->record(s, &bare, &e), 0);
    line_of(2, "bare", place, cells);
    assert_int_equal(s->kind->row(s, 1, cells, &e), 0);
    if (s->kind->end(s, &e) != 0)
        fail_msg("%s", e.text);
    s->kind->free(s);
}

static void put_hex(FILE *f, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fprintf(f, "%02x", ((const uint8_t *)bytes)[i]);
}

/* The cells, once more, for read_tables.py. */
struct expecting {
    struct table_sink sink;
    FILE *out;
    size_t rows[2];
};

static int expect_record(struct table_sink *s, const struct table_record *r, struct error *e)
{
    (void)s;
    (void)r;
    (void)e;
    return 0;
}

static int expect_row(struct table_sink *s, size_t table, const struct cell *cells, struct error *e)
{
    static const char *const kinds[] = {
        [CELL_NONE] = "none",     [CELL_NULL] = "null",       [CELL_TEXT] = "text",
        [CELL_NUMBER] = "number", [CELL_BOOLEAN] = "boolean", [CELL_JSON] = "json"};
    struct expecting *x = (struct expecting *)(void *)s;
    (void)e;
    for (size_t i = 0; i < both[table].column_count; i++) {
        const char *name = both[table].columns[i].name;
        put_hex(x->out, both[table].name, strlen(both[table].name));
        fprintf(x->out, " %zu ", x->rows[table]);
        put_hex(x->out, name, strlen(name));
        fprintf(x->out, " %s ", kinds[cells[i].kind]);
        put_hex(x->out, cells[i].text, cells[i].len);
        fputc('\n', x->out);
    }
    x->rows[table]++;
    return 0;
}

static int expect_end(struct table_sink *s, struct error *e)
{
    struct expecting *x = (struct expecting *)(void *)s;
    (void)e;
    fclose(x->out);
    return 0;
}

static void expect_free(struct table_sink *s)
{
    (void)s;
}

static const struct table_sink_kind expecting = {expect_record, expect_row, expect_end,
                                                 expect_free};

static struct csv_profile profile_of(enum csv_profile_name name)
{
    const struct csv_choices c = {.profile = name, .bom = -1, .defuse = -1};
    return csv_profile_of(&c);
}

static struct export_files *open_set(const char *directory)
{
    struct export_files *set;
    struct error e = {0};
    if (export_files_open(&set, directory, EXPORT_PLACE_USERS, ACCESS_PRIVATE, &e) != 0)
        fail_msg("%s", e.text);
    return set;
}

static struct export_file *add(struct export_files *set, const char *name)
{
    struct export_file *f;
    struct error e = {0};
    if (export_files_add(set, name, NULL, &f, &e) != 0)
        fail_msg("%s", e.text);
    return f;
}

static void commit(struct export_files *set)
{
    struct error e = {0};
    if (export_files_commit(set, "\"tool\":\"mindee-batch\"", &e) != 0)
        fail_msg("%s", e.text);
    export_files_free(set);
}

static const struct sqlite_about about[] = {
    {"tool", "mindee-batch"}, {"period", NULL}, {NULL, NULL}};

static void export_all(const char *directory)
{
    struct error e = {0};
    struct export_files *set = open_set(directory);
    const struct csv_profile excel = profile_of(CSV_EXCEL), eu = profile_of(CSV_EXCEL_EU),
                             rfc = profile_of(CSV_RFC4180);
    struct table_sink *s;
    assert_int_equal(csv_tables_new(&s, &layout, &excel, set, "-2026-11", &notes, &e), 0);
    write_all(s);
    write_all(csv_table_to_file(&layout, 0, &eu, add(set, "eu.csv"), &notes));
    write_all(csv_table_to_file(&layout, 0, &rfc, add(set, "rfc.csv"), &notes));
    write_all(jsonl_tables_to_file(&layout, add(set, "all.jsonl")));
    assert_int_equal(sqlite_tables_new(&s, &layout, add(set, "all.sqlite"), about, &notes, &e), 0);
    write_all(s);
    commit(set);
}

static void other_readers_read_the_same(void **state)
{
    (void)state;
    char command[512];
    struct expecting x = {.sink = {&expecting}};
    if (system("python3 -c 'import sqlite3' 2>/dev/null") != 0) {
        print_message("python3 isn't there to read it\n");
        skip();
    }
    export_all(folder.path);
    x.out = fopen(folder_path(&folder, "expected.txt"), "we");
    assert_non_null(x.out);
    write_all(&x.sink);
    snprintf(command, sizeof command, "python3 -B %s/tests/unit/export/read_tables.py %s",
             MB_SOURCE_DIR, folder.path);
    assert_int_equal(system(command), 0);
    assert_int_equal(notes.count, 3); /* of each CSV, for its NUL */
    assert_non_null(strstr(notes.text[0], "hold a NUL character"));
}

static char *content(const char *path, size_t *len)
{
    struct buffer b;
    FILE *f = fopen(path, "re");
    if (!f)
        fail_msg("%s isn't there", path);
    buffer_init(&b, 0);
    assert_int_equal(buffer_read(&b, fileno(f)), 0);
    fclose(f);
    *len = b.len;
    return buffer_detach(&b, NULL);
}

static void the_same_rows_give_the_same_bytes(void **state)
{
    static const char *const names[] = {"documents-2026-11.csv", "all.jsonl", "all.sqlite",
                                        "manifest.json"};
    char other[128];
    (void)state;
    snprintf(other, sizeof other, "%s/other", folder.path);
    export_all(folder.path);
    export_all(other);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[256];
        size_t a_len, b_len;
        snprintf(path, sizeof path, "%s/%s", other, names[i]);
        char *a = content(folder_path(&folder, names[i]), &a_len), *b = content(path, &b_len);
        assert_int_equal(a_len, b_len);
        assert_memory_equal(a, b, a_len);
        free(a);
        free(b);
    }
}

static void to_a_stream(void **state)
{
    static const char *const lines[] = {
        "{\"record\":{\"_record\":\"d0\",\"_file\":\"\",\"_part\":null,\"_pages\":3},\"values\":{"
        "\"supplier_name\":\"\",\"Supplier_Name\":\"\\t=1\",\"=1+1\":\"12345678901234567890\","
        "\"date\":\"2026-11-30\",\"total_amount\":0,\"total_net\":1881.30,\"paid\":null,"
        "\"odd \\\"na'me\\\", with; all\\n\":\" \xc2\xa0=1\","
        "\"total_amount#confidence\":\"Certain\"},\"tables\":{}}\n",
        "{\"record\":{\"_record\":\"bare\",\"_file\":\"b \\\"c\\\".pdf\"},\"values\":{},"
        "\"tables\":{\"line_items\":[{\"_n\":3,"
        "\"description\":\"=HYPERLINK(\\\"http://x\\\",\\\"y\\\")\"}]}}\n"};
    const struct csv_profile rfc = profile_of(CSV_RFC4180);
    char *text = NULL;
    size_t len = 0;
    (void)state;
    FILE *out = open_memstream(&text, &len);
    write_all(jsonl_tables_to_stream(&layout, out, "standard output"));
    fclose(out);
    assert_memory_equal(text, lines[0], strlen(lines[0]));
    assert_string_equal(text + len - strlen(lines[1]), lines[1]);
    assert_non_null(strstr(text, "\\u0000inside\\u0000"));
    free(text);
    out = open_memstream(&text, &len);
    write_all(csv_table_to_stream(&layout, 1, &rfc, out, "standard output", NULL));
    fclose(out);
    static const char beginning[] = "_record,_n,description\r\nd1,1,\r\nd2,1,\r\nd2,2,plain\r\n";
    assert_memory_equal(text, beginning, sizeof beginning - 1);
    free(text);
}

static void dates_as_asked_for(void **state)
{
    struct csv_profile p = profile_of(CSV_RFC4180);
    char *text = NULL;
    size_t len = 0;
    (void)state;
    p.dates = CSV_DATES_DMY_DOT;
    FILE *out = open_memstream(&text, &len);
    write_all(csv_table_to_stream(&layout, 0, &p, out, "standard output", NULL));
    fclose(out);
    assert_non_null(strstr(text, ",30.11.2026,"));
    assert_null(strstr(text, "2026-11-30"));
    free(text);
}

/* ---- names ---- */

static const struct layout_column key_only[] = {{.name = "_record", .own = true}};

static void names_in_each_others_way(void **state)
{
    static const struct layout_table tables[] = {
        {"documents", key_only, 1},     {"A", key_only, 1},           {"a", key_only, 1},
        {"a~2", key_only, 1},           {"a/b", key_only, 1},         {"about", key_only, 1},
        {"sqlite_master", key_only, 1}, {".mb-export-", key_only, 1}, {"", key_only, 1},
    };
    static const struct layout names = {tables, sizeof tables / sizeof *tables};
    const struct csv_profile rfc = profile_of(CSV_RFC4180);
    static const char *const files[] = {
        "documents.csv", "A.csv",     "a~3.csv",           "a~2.csv",
        "a%2Fb.csv",     "about.csv", "sqlite_master.csv", "%2Emb-export-.csv",
        ".csv"};
    struct table_sink *s;
    struct error e = {0};
    struct database d;
    int64_t n;
    (void)state;
    struct export_files *set = open_set(folder.path);
    assert_int_equal(csv_tables_new(&s, &names, &rfc, set, "", &notes, &e), 0);
    assert_int_equal(s->kind->end(s, &e), 0);
    s->kind->free(s);
    assert_int_equal(sqlite_tables_new(&s, &names, add(set, "x.sqlite"), about, &notes, &e), 0);
    assert_int_equal(s->kind->end(s, &e), 0);
    s->kind->free(s);
    commit(set);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(access(folder_path(&folder, files[i]), F_OK), 0);
    assert_int_equal(database_open(&d, folder_path(&folder, "x.sqlite"), DATABASE_READ, ""), 0);
    assert_int_equal(database_number(&d,
                                     "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
                                     "name IN ('documents', 'A', 'a~3', 'a~2', 'a/b', 'about', "
                                     "'about~2', '%73qlite_master', '.mb-export-', '')",
                                     NO_VALUES, &n),
                     1);
    assert_int_equal(n, 10);
    assert_int_equal(
        database_number(&d, "SELECT count(*) FROM \"about~2\" WHERE name = 'tool'", NO_VALUES, &n),
        1);
    assert_int_equal(n, 1);
    database_close(&d);
    assert_int_equal(notes.count, 0);
}

/* ---- limits ---- */

static void more_columns_than_sqlite_has(void **state)
{
    enum { COLUMNS = 2500 };
    static char names[COLUMNS][16];
    static struct layout_column columns[COLUMNS];
    static struct cell cells[COLUMNS];
    const struct layout_table wide = {"documents", columns, COLUMNS};
    const struct layout l = {&wide, 1};
    const struct table_record r = {.key = "d", .file = "f", .has_fields = true, .currency = ""};
    struct table_sink *s;
    struct error e = {0};
    struct database d;
    int64_t n;
    (void)state;
    for (int i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof names[i], i ? "column%d" : "_record", i);
        columns[i] = (struct layout_column){.name = names[i], .kind = COLUMN_NUMBER, .own = i == 0};
        cells[i] = (struct cell)NUMBER("1e2");
    }
    struct export_files *set = open_set(folder.path);
    assert_int_equal(sqlite_tables_new(&s, &l, add(set, "x.sqlite"), about, &notes, &e), 0);
    assert_int_equal(s->kind->record(s, &r, &e), 0);
    assert_int_equal(s->kind->row(s, 0, cells, &e), 0);
    if (s->kind->end(s, &e) != 0)
        fail_msg("%s", e.text);
    s->kind->free(s);
    commit(set);
    assert_int_equal(notes.count, 1);
    assert_string_equal(notes.text[0],
                        "table documents has 2500 columns, and SQLite room for 2000: "
                        "those from column2000 on are left out");
    assert_int_equal(database_open(&d, folder_path(&folder, "x.sqlite"), DATABASE_READ, ""), 0);
    assert_int_equal(database_number(&d,
                                     "SELECT count(*) FROM documents WHERE column1999 = '100' AND "
                                     "column1 = '100'",
                                     NO_VALUES, &n),
                     1);
    assert_int_equal(n, 1);
    database_close(&d);
}

static void long_names_of_columns(void **state)
{
    enum { COLUMNS = 400, LENGTH = 2000 };
    static char names[COLUMNS][LENGTH + 1];
    static struct layout_column columns[COLUMNS];
    const struct layout_table wide = {"documents", columns, COLUMNS};
    const struct layout l = {&wide, 1};
    struct table_sink *s;
    struct error e = {0};
    (void)state;
    for (int i = 0; i < COLUMNS; i++) {
        memset(names[i], '"', LENGTH);
        names[i][snprintf(names[i], LENGTH, "%d", i)] = '"';
        columns[i] = (struct layout_column){.name = names[i], .kind = COLUMN_NUMBER};
    }
    struct export_files *set = open_set(folder.path);
    assert_int_equal(sqlite_tables_new(&s, &l, add(set, "x.sqlite"), about, &notes, &e), 0);
    if (s->kind->end(s, &e) != 0)
        fail_msg("%s", e.text);
    s->kind->free(s);
    export_files_free(set);
    assert_int_equal(notes.count, 1);
}

static void more_tables_than_csv_files(void **state)
{
    enum { TABLES = CSV_TABLES_MOST + 5 };
    static char names[TABLES][16];
    static struct layout_table tables[TABLES];
    const struct layout l = {tables, TABLES};
    const struct csv_profile rfc = profile_of(CSV_RFC4180);
    const struct table_record r = {.key = "d", .file = "f", .has_fields = true, .currency = ""};
    const struct cell cell = TEXT("d");
    struct table_sink *s;
    struct error e = {0};
    size_t len;
    (void)state;
    for (int i = 0; i < TABLES; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        tables[i] = (struct layout_table){names[i], key_only, 1};
    }
    struct export_files *set = open_set(folder.path);
    assert_int_equal(csv_tables_new(&s, &l, &rfc, set, "", &notes, &e), 0);
    assert_int_equal(s->kind->record(s, &r, &e), 0);
    for (size_t i = 0; i < TABLES; i++)
        assert_int_equal(s->kind->row(s, i, &cell, &e), 0);
    assert_int_equal(s->kind->end(s, &e), 0);
    s->kind->free(s);
    commit(set);
    assert_int_equal(notes.count, 1);
    assert_string_equal(notes.text[0],
                        "5 tables have no CSV file, from t1000 on: an export has at most 1000");
    char *text = content(folder_path(&folder, "t999.csv"), &len);
    assert_string_equal(text, "_record\r\nd\r\n");
    free(text);
}

/* SQLite looks through all of a database's tables for each that is made. */
static void more_tables_than_a_database(void **state)
{
    enum { TABLES = 2500, ROOM = 2000 };
    static char names[TABLES][16];
    static struct layout_table tables[TABLES];
    const struct layout l = {tables, TABLES};
    const struct cell cell = TEXT("d");
    struct table_sink *s;
    struct database d;
    struct error e = {0};
    int64_t n = 0;
    (void)state;
    for (int i = 0; i < TABLES; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        tables[i] = (struct layout_table){names[i], key_only, 1};
    }
    struct export_files *set = open_set(folder.path);
    assert_int_equal(sqlite_tables_new(&s, &l, add(set, "x.sqlite"), about, &notes, &e), 0);
    for (size_t at = ROOM - 1; at <= ROOM; at++)
        assert_int_equal(s->kind->row(s, at, &cell, &e), 0);
    if (s->kind->end(s, &e) != 0)
        fail_msg("%s", e.text);
    s->kind->free(s);
    commit(set);
    assert_int_equal(notes.count, 1);
    assert_string_equal(
        notes.text[0],
        "500 tables aren't in the database, from t2000 on: an export has at most 2000");
    assert_int_equal(database_open(&d, folder_path(&folder, "x.sqlite"), DATABASE_READ, ""), 0);
    assert_int_equal(database_number(&d, "SELECT count(*) FROM t1999", NO_VALUES, &n), 1);
    assert_int_equal(n, 1);
    database_close(&d);
}

/* ---- a full disk: none of these files may be larger than 100 KB ---- */

static void fill(struct table_sink *s, const char *file)
{
    static char text[3001];
    struct error e = {0};
    const struct table_record r = {.key = "d", .file = "f", .has_fields = true, .currency = ""};
    struct cell cells[DOCUMENT_COLUMNS];
    int rc = 0;
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < DOCUMENT_COLUMNS; i++)
        cells[i] = (struct cell){CELL_TEXT, text, sizeof text - 1};
    for (int i = 0; i < 2000 && rc == 0; i++) {
        rc = s->kind->record(s, &r, &e);
        if (rc == 0)
            rc = s->kind->row(s, 0, cells, &e);
    }
    if (rc == 0)
        rc = s->kind->end(s, &e);
    s->kind->free(s);
    assert_int_equal(rc, ERR_IO);
    if (!strstr(e.text, file))
        fail_msg("\"%s\" doesn't name %s", e.text, file);
}

static void a_full_disk(void **state)
{
    struct rlimit before, small;
    struct table_sink *s;
    struct error e = {0};
    const struct csv_profile rfc = profile_of(CSV_RFC4180);
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100 * 1000;
    signal(SIGXFSZ, SIG_IGN);
    struct export_files *set = open_set(folder.path);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(csv_tables_new(&s, &layout, &rfc, set, "", &notes, &e), 0);
    fill(s, "documents.csv");
    fill(jsonl_tables_to_file(&layout, add(set, "x.jsonl")), "x.jsonl");
    assert_int_equal(sqlite_tables_new(&s, &layout, add(set, "x.sqlite"), about, &notes, &e), 0);
    fill(s, "x.sqlite");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    export_files_free(set);
    signal(SIGXFSZ, SIG_DFL);
    FILE *full = fopen("/dev/full", "we");
    if (full) {
        fill(csv_table_to_stream(&layout, 0, &rfc, full, "standard output", NULL),
             "standard output");
        fill(jsonl_tables_to_stream(&layout, full, "standard output"), "standard output");
        fclose(full);
    }
    assert_int_equal(rmdir(folder.path), 0); /* nothing is left */
    assert_int_equal(mkdir(folder.path, 0700), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(other_readers_read_the_same),
        TEST(the_same_rows_give_the_same_bytes),
        TEST(to_a_stream),
        TEST(dates_as_asked_for),
        TEST(names_in_each_others_way),
        TEST(more_columns_than_sqlite_has),
        TEST(long_names_of_columns),
        TEST(more_tables_than_csv_files),
        TEST(more_tables_than_a_database),
        TEST(a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
