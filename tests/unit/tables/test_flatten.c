/* flatten: which rows and cells a result gives, what is counted, and results that are meant to hurt. That no value is
 * lost, whatever the shape, is shown by test_shapes.py. */
#include "base/buffer.h"
#include "tables/flatten.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flattened {
    struct columns *columns;
    struct flat_document *doc;
    struct error e;
    struct buffer shown;
};

static int setup(void **state)
{
    struct flattened *f = xcalloc(1, sizeof *f);
    f->columns = columns_new();
    f->doc = flat_document_new();
    buffer_init(&f->shown, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct flattened *f = *state;
    flat_document_free(f->doc);
    columns_free(f->columns);
    buffer_release(&f->shown);
    free(f);
    return 0;
}

static int try(struct flattened *f, const char *json, size_t len)
{
    static const struct flatten_options options = {.words = true};
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, json, len);
    int r = flatten(f->doc, f->columns, &options, exact, len, &f->e);
    if (r == 0)
        columns_see(f->columns, f->doc, 1);
    free(exact); /* cells that point to it aren't looked at, but by show() */
    return r;
}

static void put_cell(struct flattened *f, const struct flat_cell *c)
{
    static const char letters[] = {' ', 'n', 't', 'd', 'b', 'j'};
    buffer_printf(&f->shown, " %s=%c:%.*s", columns_get(f->columns, c->column)->name,
                  letters[c->value.kind], (int)c->value.len, c->value.text ? c->value.text : "");
    if (c->confidence)
        buffer_printf(&f->shown, "(%.*s)", (int)c->confidence_len, c->confidence);
    if (c->page)
        buffer_printf(&f->shown, "@%d", c->page);
    if (c->joined)
        buffer_put(&f->shown, "+");
}

static void put_row(struct flattened *f, const struct flat_row *row)
{
    buffer_printf(&f->shown, "%s %" PRId64, columns_table(f->columns, row->table)->name, row->n);
    for (uint32_t i = 0; i < row->up_count; i++)
        buffer_printf(&f->shown, "<%" PRId64, row->up[i]);
    if (row->extracted != FLAT_NO_RECORD)
        buffer_printf(&f->shown, " [%s]", f->doc->records[row->extracted].suffix);
    for (size_t i = 0; i < row->cell_count; i++)
        put_cell(f, &f->doc->cells[row->cells + i]);
    buffer_put(&f->shown, "\n");
}

/* Its records and rows, a line each. */
static const char *show(struct flattened *f, const char *json)
{
    static const struct flatten_options options = {.words = true};
    buffer_clear(&f->shown);
    if (flatten(f->doc, f->columns, &options, json, strlen(json), &f->e) != 0)
        fail_msg("%s", f->e.text);
    for (size_t i = 0; i < f->doc->record_count; i++) {
        const struct flat_record *r = &f->doc->records[i];
        buffer_printf(&f->shown, "record%s %d %.*s %d-%d model %.*s %s%.*s %s\n", r->suffix,
                      r->part, (int)r->part_type.len, r->part_type.text ? r->part_type.text : "",
                      r->first_page, r->last_page, (int)r->model.len,
                      r->model.text ? r->model.text : "", r->has_fields ? "" : "no fields ",
                      (int)r->lowest_confidence.len,
                      r->lowest_confidence.text ? r->lowest_confidence.text : "",
                      r->lowest_field ? r->lowest_field : "");
        for (size_t k = r->rows; k < r->rows + r->row_count; k++)
            put_row(f, &f->doc->rows[k]);
    }
    return buffer_text(&f->shown);
}

#define RESULT(text) "{\"inference\":{\"model\":{\"id\":\"m\"},\"result\":{" text "}}}"
#define FIELDS(text) RESULT("\"fields\":{" text "}")

static void makes_rows_and_cells(void **state)
{
    struct flattened *f = *state;
    assert_string_equal(
        show(f,
             FIELDS("\"total\":{\"value\":1881.30,\"confidence\":\"High\",\"locations\":[{\"page\":"
                    "1,\"polygon\":[]}]},\"date\":{\"value\":null,\"confidence\":\"Low\"},"
                    "\"address\":{\"fields\":{\"city\":{\"value\":\"Z\\u00fcrich\"},\"ok\":{"
                    "\"value\":true}}},\"lines\":{\"items\":[{\"fields\":{\"quantity\":{\"value\":"
                    "2},\"parts\":{\"items\":[{\"fields\":{\"id\":{\"value\":\"a\",\"confidence\":"
                    "\"Medium\"}}}]}}},{\"fields\":{}}]},\"empty\":{\"items\":[]}")),
        "record 0  0-0 model m Medium lines[1].parts[1].id\n"
        "documents 0 total=d:1881.30(High)@2 date=n:(Low) address.city=t:Z\xc3\xbcrich "
        "address.ok=b:true\n"
        "lines 1 quantity=d:2\nlines 2\nlines.parts 1<1 id=t:a(Medium)\n");
    assert_int_equal(columns_table_count(f->columns), 4);
    assert_string_equal(columns_table(f->columns, 2)->name, "empty");
    assert_int_equal(columns_table(f->columns, 3)->levels, 2);
}

static void hands_locations_on(void **state)
{
    static const char places[] = "[{\"page\":1,\"polygon\":[[0.1,0.2],[0.3,0.2],[0.3,0.4]]}]";
    struct flattened *f = *state;
    struct buffer json;
    buffer_init(&json, 0);
    buffer_printf(&json,
                  RESULT("\"fields\":{\"a\":{\"value\":1,\"locations\":%s},"
                         "\"b\":{\"value\":2,\"locations\":7}}"),
                  places);
    show(f, buffer_text(&json));
    assert_int_equal(f->doc->cells[0].locations_len, sizeof places - 1);
    assert_memory_equal(f->doc->cells[0].locations, places, sizeof places - 1);
    assert_null(f->doc->cells[1].locations);
    buffer_release(&json);
}

/* Of several values that are as unsure the first row's counts; a word that isn't known is the least sure. */
static void finds_the_lowest_confidence(void **state)
{
    static const char *const rows[][3] = {
        {FIELDS("\"a\":{\"value\":1,\"confidence\":\"Medium\"},\"b\":{\"value\":1,\"confidence\":"
                "\"Medium\"}"),
         "Medium", "a"},
        {FIELDS("\"l\":{\"items\":[{\"value\":1,\"confidence\":\"Certain\"},{\"value\":1,"
                "\"confidence\":\"High\"}]}"),
         "High", "l[2]"},
        {FIELDS("\"l\":{\"items\":[{\"items\":[{\"value\":1,\"confidence\":\"Low\"}]}]},\"a\":{"
                "\"value\":1,\"confidence\":\"Certain\"}"),
         "Low", "l[1][1]"},
        {FIELDS("\"o\":{\"fields\":{\"a\":{\"value\":1,\"confidence\":\"Low\"},\"b\":{\"value\":1,"
                "\"confidence\":\"Guessed\"}}}"),
         "Guessed", "o.b"},
        {FIELDS("\"a\":{\"value\":null,\"confidence\":\"Low\"},\"b\":{\"value\":1,\"confidence\":"
                "null}"),
         "", NULL},
    };
    struct flattened *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        show(f, rows[i][0]);
        const struct flat_record *r = &f->doc->records[0];
        assert_int_equal(r->lowest_confidence.len, strlen(rows[i][1]));
        assert_memory_equal(r->lowest_confidence.text ? r->lowest_confidence.text : "", rows[i][1],
                            strlen(rows[i][1]));
        assert_int_equal(r->lowest_field == NULL, rows[i][2] == NULL);
        if (r->lowest_field)
            assert_string_equal(r->lowest_field, rows[i][2]);
    }
}

static void joins_lists_of_simple_values(void **state)
{
    struct flattened *f = *state;
    assert_string_equal(
        show(
            f,
            FIELDS("\"tags\":{\"items\":[{\"value\":\"\"},{\"value\":\"b\\n\"},{\"value\":null},{"
                   "\"value\":1.50}]},\"mixed\":{\"items\":[{\"value\":1},{\"fields\":{\"value\":{"
                   "\"value\":2}}}]},\"matrix\":{\"items\":[{\"items\":[{\"value\":1},{\"value\":2}"
                   "]},{\"items\":[]}]},\"void\":{\"items\":[{\"value\":null}]}")),
        "record 0  0-0 model m  \n"
        "documents 0 tags=t:; b\n; 1.50+ void=n:+\n"
        "tags 1 value=t:\ntags 2 value=t:b\n\ntags 3 value=n:\ntags 4 value=d:1.50\n"
        "mixed 1 value=d:1\nmixed 2 value=d:2\n"
        "matrix 1\nmatrix 2\n"
        "void 1 value=n:\n"
        "matrix.# 1<1 value=d:1\nmatrix.# 2<1 value=d:2\n");
}

static void escapes_names(void **state)
{
    struct flattened *f = *state;
    assert_string_equal(
        show(f,
             FIELDS(
                 "\"_file\":{\"value\":1},\"a.b\":{\"value\":2},\"\":{\"fields\":{\"\":{\"value\":"
                 "3}}},\"pages\":{\"items\":[{\"fields\":{\"#\":{\"value\":4}}}]},"
                 "\"v\\u0061lue\":{\"v\\u0061lue\":5}")),
        "record 0  0-0 model m  \n"
        "documents 0 %5Ffile=d:1 a%2Eb=d:2 .=d:3 value=d:5\n%70ages 1 %23=d:4\n");
}

static void finds_parts(void **state)
{
    struct flattened *f = *state;
#define PART(text)                                                                                 \
    "\"extraction_response\":{\"inference\":{\"model\":{\"id\":\"x\"},\"result\":{" text "}}}"
    assert_string_equal(
        show(f,
             RESULT(
                 "\"splits\":[{\"page_range\":[0,1],\"document_type\":\"invoice\"},{\"page_range\":"
                 "[2,2],\"document_type\":\"receipt\"," PART(
                     "\"fields\":{\"total\":{\"value\":7}},\"crops\":[{\"object_type\":\"stamp\","
                     "\"location\":{\"page\":0,\"polygon\":[[0.5, 0.1],[0.30,0.2],[0.4,0.15]]}"
                     "," PART("\"fields\":{}") "}]") "}]")),
        "record 0  0-0 model m no fields  \n"
        "splits 1 first_page=d:1 last_page=d:2 document_type=t:invoice\n"
        "splits 2 [/2] first_page=d:3 last_page=d:3 document_type=t:receipt\n"
        "record/2 1 receipt 3-3 model x  \n"
        "documents 0 total=d:7\n"
        "crops 1 [/2/1] page=d:1 object_type=t:stamp left=d:0.30 top=d:0.1 right=d:0.5 bottom=d:0.2 "
        "polygon=j:[[0.5,0.1],[0.30,0.2],[0.4,0.15]]\n"
        "record/2/1 2 stamp 1-1 model x  \n"
        "documents 0\n");
    assert_string_equal(
        show(f, RESULT("\"classification\":{\"document_type\":\"invoice\"}")),
        "record 0  0-0 model m no fields  \nclassifications 1 document_type=t:invoice\n");
}

static void lists_pages_of_text(void **state)
{
    struct flattened *f = *state;
    assert_string_equal(
        show(f,
             RESULT("\"pages\":[{\"words\":[{\"content\":\"a\",\"polygon\":[[0,1]]},{\"content\":"
                    "\"b\"}],\"content\":\"a b\"},{\"content\":\"\"}],\"raw_text\":null")),
        "record 0  0-0 model m no fields  \n"
        "pages 1 page=d:1 words=d:2 content=t:a b\n"
        "_words 1<1 page=d:1 content=t:a polygon=j:[[0,1]]\n"
        "_words 2<1 page=d:1 content=t:b polygon= :\n"
        "pages 2 page=d:2 words= : content=t:\n");
    assert_string_equal(
        show(f, RESULT("\"fields\":{},\"raw_text\":{\"pages\":[{\"content\":\"x\"}]}")),
        "record 0  0-0 model m  \ndocuments 0\n"
        "pages 1 page=d:1 words= : content=t:x\n");
}

static void counts_what_is_odd(void **state)
{
    struct flattened *f = *state;
    assert_string_equal(
        show(
            f,
            FIELDS(
                "\"a\":{\"value\":{\"x\": [1, \" \\\" \"]}},\"b\":\"bare\",\"c\":null,\"d\":{\"items\""
                ":null},\"e\":{\"value\":1,\"value\":2},\"e\":{\"value\":3},\"\\u0065\":{"
                "\"value\":4},\"f\":{\"value\":\"\\ud800\\u0000\",\"other\":1}")),
        "record 0  0-0 model m  \n"
        "documents 0 a=j:{\"value\":{\"x\":[1,\" \\\" \"]}} b=j:\"bare\" c=j:null d=j:{\"items\":null} "
        "e=d:1 f=t:\xef\xbf\xbd\n");
    assert_int_equal(f->doc->unknown_forms, 4);
    assert_int_equal(f->doc->repeated, 3);
    assert_int_equal(f->doc->mended_texts, 1);
    /* the text ends in a NUL, which stays */
    assert_int_equal(f->doc->cells[f->doc->cell_count - 1].value.len, 4);
}

/* The same path is an object here and a list there: one table, with the most levels. */
static void joins_tables_of_one_path(void **state)
{
    struct flattened *f = *state;
    show(f, FIELDS("\"a\":{\"fields\":{\"b\":{\"items\":[{\"items\":[{\"value\":1}]}]}}}"));
    assert_string_equal(
        show(
            f,
            FIELDS(
                "\"a\":{\"items\":[{\"fields\":{\"b\":{\"items\":[{\"items\":[{\"value\":2}]}]}}}]}")),
        "record 0  0-0 model m  \ndocuments 0\na 1\na.b 1<1\na.b.# 1<1<1 value=d:2\n");
    assert_int_equal(columns_table_count(f->columns), 4);
    for (uint32_t i = 0; i < f->doc->row_count; i++) {
        const struct flat_row *row = &f->doc->rows[i];
        assert_true((int)row->up_count < columns_table(f->columns, row->table)->levels ||
                    row->n == 0);
    }
}

static void refuses(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "12",
        "null",
        "{}",
        "{\"inference\":null}",
        "{\"inference\":{}}",
        "{\"inference\":{\"result\":[]}}",
        "{\"inference\":{\"result\":{\"fields\":{\"a\":{\"value\":\"\xff\"}}}}}",
        "{\"inference\":{\"result\":{}}} x",
    };
    struct flattened *f = *state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *f->e.text = '\0';
        assert_int_equal(try(f, texts[i], strlen(texts[i])), ERR_FORMAT);
        assert_string_not_equal(f->e.text, "");
        assert_int_equal(f->doc->record_count + f->doc->row_count + f->doc->cell_count, 0);
    }
    assert_int_equal(try(f, "{\"inference\":{\"result\":{\"x\":\"\0\"}}}", 35), ERR_FORMAT);
    assert_int_equal(columns_count(f->columns), 0);
}

/* BEFORE, then EACH COUNT times with its number for %d and commas between, then AFTER. */
static void build(struct buffer *b, const char *before, const char *each, int count,
                  const char *after)
{
    buffer_clear(b);
    buffer_put(b, before);
    for (int i = 0; i < count; i++) {
        const char *number = strstr(each, "%d");
        if (i)
            buffer_put(b, ",");
        if (number)
            buffer_printf(b, "%.*s%d%s", (int)(number - each), each, i, number + 2);
        else
            buffer_put(b, each);
    }
    buffer_put(b, after);
}

static void bears_depth(void **state)
{
    struct flattened *f = *state;
    struct buffer b;
    buffer_init(&b, 0);
    for (int deep = 98; deep <= 99; deep++) {
        buffer_clear(&b);
        buffer_put(&b, "{\"inference\":{\"result\":{\"fields\":");
        for (int i = 0; i < deep; i++)
            buffer_put(&b, "{\"a\":{\"fields\":");
        buffer_put(&b, "{}");
        for (int i = 0; i < deep; i++)
            buffer_put(&b, "}}");
        buffer_put(&b, "}}}");
        /* three around, two a level, and the innermost object */
        assert_int_equal(try(f, b.data, b.len), 3 + 2 * deep + 1 <= 200 ? 0 : ERR_LIMIT);
    }
    buffer_clear(&b);
    buffer_put(&b, "{\"inference\":{\"result\":{\"fields\":{\"a\":");
    for (int i = 0; i < 98; i++)
        buffer_put(&b, "{\"items\":[");
    for (int i = 0; i < 98; i++)
        buffer_put(&b, "]}");
    buffer_put(&b, "}}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    assert_int_equal(f->doc->row_count, 98);
    assert_int_equal(f->doc->rows[97].up_count, 96);
    buffer_release(&b);
}

static void bears_many(void **state)
{
    enum { MANY = 100000 };
    struct flattened *f = *state;
    struct buffer b;
    buffer_init(&b, 0);
    build(&b, "{\"inference\":{\"result\":{\"fields\":{", "\"c%d\":{\"value\":1e400}", MANY,
          "}}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    assert_int_equal(columns_count(f->columns), MANY);
    assert_int_equal(f->doc->cell_count, MANY);
    build(&b, "{\"inference\":{\"result\":{\"fields\":{", "\"c\":{\"value\":1}", MANY, "}}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    assert_int_equal(f->doc->cell_count, 1);
    assert_int_equal(f->doc->repeated, MANY - 1);
    build(&b, "{\"inference\":{\"result\":{\"fields\":{\"l\":{\"items\":[",
          "{\"items\":[{\"value\":2}]}", MANY, "]}}}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    assert_int_equal(f->doc->row_count, 1 + 2 * MANY);
    build(&b, "{\"inference\":{\"x\":[", "0", MANY, "],\"result\":{}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    build(&b, "{\"inference\":{\"result\":{\"splits\":[",
          "{\"extraction_response\":{\"inference\":{\"result\":{\"fields\":{}}}}}", MANY, "]}}}");
    assert_int_equal(try(f, b.data, b.len), 0);
    assert_int_equal(f->doc->record_count, 1 + MANY);
    /* more columns than a set holds: said, and the document is empty */
    build(&b, "{\"inference\":{\"result\":{\"fields\":{", "\"d%d\":{\"value\":1}", 2 * MANY,
          "}}}}");
    assert_int_equal(try(f, b.data, b.len), ERR_LIMIT);
    assert_non_null(strstr(f->e.text, "columns"));
    assert_int_equal(f->doc->record_count + f->doc->row_count + f->doc->cell_count, 0);
    assert_int_equal(try(f, FIELDS("\"c\":{\"value\":1}"), strlen(FIELDS("\"c\":{\"value\":1}"))),
                     0);
    buffer_release(&b);
}

static void bears_long_texts(void **state)
{
    enum { LONG = 1 << 20 };
    struct flattened *f = *state;
    char *text = malloc(LONG + 1), digits[401] = "";
    struct buffer b;
    assert_non_null(text);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    memset(digits, '9', 400);
    buffer_init(&b, 0);
    buffer_printf(&b, FIELDS("\"a\":{\"value\":\"%s\\n\"},\"b\":{\"value\":%s}"), text, digits);
    assert_int_equal(flatten(f->doc, f->columns, NULL, b.data, b.len, &f->e), 0);
    columns_see(f->columns, f->doc, 1);
    assert_int_equal(f->doc->cells[0].value.len, LONG + 1);
    assert_int_equal(f->doc->cells[1].value.len, 400);
    assert_int_equal(columns_get(f->columns, 0)->width, LONG + 1);
    assert_int_equal(columns_get(f->columns, 1)->width, 400);
    /* a name of that length */
    buffer_clear(&b);
    buffer_printf(&b, FIELDS("\"%s\":{\"value\":1}"), text);
    assert_int_equal(try(f, b.data, b.len), ERR_LIMIT);
    buffer_release(&b);
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(makes_rows_and_cells),
        TEST(hands_locations_on),
        TEST(finds_the_lowest_confidence),
        TEST(joins_lists_of_simple_values),
        TEST(escapes_names),
        TEST(finds_parts),
        TEST(lists_pages_of_text),
        TEST(counts_what_is_odd),
        TEST(joins_tables_of_one_path),
        TEST(refuses),
        TEST(bears_depth),
        TEST(bears_many),
        TEST(bears_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
