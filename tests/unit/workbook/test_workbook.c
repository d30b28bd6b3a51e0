/* A workbook as it is in its file: the XML of its sheets, what has no room, a disk that is full. */
#include "workbook/workbook.h"

#include "samples.h"
#include "test.h"
#include "workbook_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <minizip/unzip.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a workbook in a folder ---- */

struct book {
    struct folder folder;
    char path[128];
    struct left_out_notes notes;
    struct table_sink *sink;
    struct error e;
};

static int book_setup(void **state)
{
    struct book *b = calloc(1, sizeof *b);
    assert_non_null(b);
    folder_make(&b->folder);
    snprintf(b->path, sizeof b->path, "%s", folder_path(&b->folder, "workbook.xlsx"));
    *state = b;
    return 0;
}

static int book_teardown(void **state)
{
    struct book *b = *state;
    if (b->sink)
        b->sink->kind->free(b->sink);
    folder_remove(&b->folder);
    free(b);
    return 0;
}

static void book_open(struct book *b, const struct layout *layout, bool names, uint32_t rows_most)
{
    const struct workbook_options o = {.path = b->path,
                                       .shown = "exports/workbook.xlsx",
                                       .directory = b->folder.path,
                                       .names = names,
                                       .created_s = 1796083200,
                                       .rows_most = rows_most};
    if (workbook_tables_new(&b->sink, &o, layout, &b->notes, &b->e))
        fail_msg("%s", b->e.text);
}

static void book_record(struct book *b, const char *currency, const char *input)
{
    const struct table_record r = {"d0123456789abcdef", "a.pdf", true, currency, input, NULL, 0};
    assert_int_equal(b->sink->kind->record(b->sink, &r, &b->e), 0);
}

static void book_row(struct book *b, size_t table, const struct cell *cells)
{
    if (b->sink->kind->row(b->sink, table, cells, &b->e))
        fail_msg("%s", b->e.text);
}

static void book_end(struct book *b)
{
    if (b->sink->kind->end(b->sink, &b->e))
        fail_msg("%s", b->e.text);
}

/* A part of the workbook, to be freed. */
static char *book_part(const struct book *b, const char *name)
{
    unz_file_info64 info;
    unzFile zip = unzOpen64(b->path);
    assert_non_null(zip);
    if (unzLocateFile(zip, name, 1) != UNZ_OK)
        fail_msg("the workbook has no part %s", name);
    assert_int_equal(unzGetCurrentFileInfo64(zip, &info, NULL, 0, NULL, 0, NULL, 0), UNZ_OK);
    char *text = malloc((size_t)info.uncompressed_size + 1);
    assert_non_null(text);
    assert_int_equal(unzOpenCurrentFile(zip), UNZ_OK);
    assert_int_equal(unzReadCurrentFile(zip, text, (unsigned)info.uncompressed_size),
                     info.uncompressed_size);
    text[info.uncompressed_size] = '\0';
    assert_int_equal(unzCloseCurrentFile(zip), UNZ_OK);
    unzClose(zip);
    return text;
}

static void expect_in(const struct book *b, const char *part, const char *text)
{
    char *xml = book_part(b, part);
    if (!strstr(xml, text))
        fail_msg("%s isn't in %s:\n%s", text, part, xml);
    free(xml);
}

static size_t count_in(const struct book *b, const char *part, const char *text)
{
    size_t n = 0;
    char *xml = book_part(b, part);
    for (const char *p = xml; (p = strstr(p, text)); p += strlen(text))
        n++;
    free(xml);
    return n;
}

/* The cell's XML behind its style: ">...</c>", in a static buffer; "" if it isn't there. */
static const char *cell_xml(const struct book *b, int sheet, const char *cell)
{
    static char out[400];
    char part[60], begin[20];
    snprintf(part, sizeof part, "xl/worksheets/sheet%d.xml", sheet);
    snprintf(begin, sizeof begin, "<c r=\"%s\" ", cell);
    char *xml = book_part(b, part), *at = strstr(xml, begin);
    if (at)
        snprintf(out, sizeof out, "%.*s", (int)(strstr(at, "</c>") - at), at);
    else
        *out = '\0';
    free(xml);
    return out;
}

/* The number format of a cell, by way of its style. */
static const char *cell_format(const struct book *b, int sheet, const char *cell)
{
    static char code[100];
    int style, number;
    assert_int_equal(sscanf(cell_xml(b, sheet, cell), "<c r=\"%*[A-Z0-9]\" s=\"%d\"", &style), 1);
    char *xml = book_part(b, "xl/styles.xml"), *xf = strstr(xml, "<cellXfs"), text[60];
    for (int i = 0; i <= style; i++)
        xf = strstr(xf + 1, "<xf ");
    assert_int_equal(sscanf(xf, "<xf numFmtId=\"%d\"", &number), 1);
    snprintf(text, sizeof text, "<numFmt numFmtId=\"%d\" formatCode=\"", number);
    char *format = strstr(xml, text);
    if (format)
        snprintf(code, sizeof code, "%.*s", (int)strcspn(format + strlen(text), "\""),
                 format + strlen(text));
    else
        snprintf(code, sizeof code, "%s",
                 number == 49  ? "@"
                 : number == 1 ? "0"
                 : number == 2 ? "0.00"
                 : number == 3 ? "#,##0"
                               : "other");
    free(xml);
    return code;
}

static struct cell text(const char *s)
{
    return (struct cell){CELL_TEXT, s, strlen(s)};
}

static struct cell number(const char *s)
{
    return (struct cell){CELL_NUMBER, s, strlen(s)};
}

/* ---- kinds of cells ---- */

static const struct layout_column kind_columns[] = {
    {.name = "_record", .own = true, .width = 17},
    {.name = "_file", .own = true, .width = 20},
    {.name = "name", .width = 20},
    {.name = "when", .kind = COLUMN_DATE, .width = 10},
    {.name = "total", .kind = COLUMN_NUMBER, .amount = true, .decimals = 2, .width = 10},
    {.name = "weight", .kind = COLUMN_NUMBER, .decimals = 3, .width = 6},
    {.name = "noise", .kind = COLUMN_NUMBER, .decimals = 17, .width = 19},
    {.name = "paid", .kind = COLUMN_BOOLEAN, .width = 5},
    {.name = "mixed", .width = 5},
    {.name = "_pages", .kind = COLUMN_NUMBER, .own = true, .integer = true, .width = 2},
};
enum { KINDS = sizeof kind_columns / sizeof *kind_columns };
static const struct layout_table kind_table[] = {{"documents", kind_columns, KINDS}};
static const struct layout kinds = {kind_table, 1};

static void cells_have_types(void **state)
{
    struct book *b = *state;
    book_open(b, &kinds, false, 0);
    char input[200];
    snprintf(input, sizeof input, "%s/in/o'brien #1.pdf", b->folder.path);
    book_record(b, "EUR", input);
    const struct cell cells[KINDS] = {text("d0123456789abcdef"),
                                      text("in/o'brien #1.pdf"),
                                      text("00123"),
                                      text("2026-11-30"),
                                      number("-1881.30"),
                                      number("2.5"),
                                      number("0.25"),
                                      {CELL_BOOLEAN, "true", 4},
                                      number("7"),
                                      number("3")};
    book_row(b, 0, cells);
    book_record(b, "JPY", NULL);
    const struct cell odd[KINDS] = {text("d1"),
                                    text("b/c.pdf"),
                                    text("=1+1"),
                                    text("1900-02-28"),
                                    number("12345678901234567890"),
                                    number("1e400"),
                                    number("1E-7"),
                                    {CELL_BOOLEAN, "false", 5},
                                    {CELL_JSON, "{\"a\":1}", 7},
                                    {CELL_NULL, NULL, 0}};
    book_row(b, 0, odd);
    book_end(b);
    assert_string_equal(cell_format(b, 2, "A2"), "@");
    assert_non_null(strstr(cell_xml(b, 2, "B2"), "<t>in/o'brien #1.pdf</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "C2"), "t=\"inlineStr\"><is><t>00123</t>"));
    assert_string_equal(cell_format(b, 2, "C2"), "@");
    assert_non_null(strstr(cell_xml(b, 2, "D2"), "<v>46356</v>"));
    assert_string_equal(cell_format(b, 2, "D2"), "yyyy-mm-dd");
    assert_non_null(strstr(cell_xml(b, 2, "E2"), "<v>-1881.3</v>"));
    assert_string_equal(cell_format(b, 2, "E2"), "#,##0.00;[Red]-#,##0.00");
    assert_non_null(strstr(cell_xml(b, 2, "F2"), "<v>2.5</v>"));
    assert_string_equal(cell_format(b, 2, "F2"), "0.000");
    assert_string_equal(cell_format(b, 2, "G2"), "0.0000000000"); /* ten at most */
    assert_non_null(strstr(cell_xml(b, 2, "H2"), "t=\"b\"><v>1</v>"));
    assert_non_null(strstr(cell_xml(b, 2, "I2"), "<v>7</v>"));
    assert_string_equal(cell_format(b, 2, "J2"), "0");
    assert_non_null(strstr(cell_xml(b, 2, "C3"), "<t>=1+1</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "D3"), "<t>1900-02-28</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "E3"), "<t>12345678901234567890</t>"));
    assert_string_equal(cell_format(b, 2, "E3"), "@");
    assert_non_null(strstr(cell_xml(b, 2, "F3"), "<t>1"));
    assert_non_null(strstr(cell_xml(b, 2, "G3"), "<v>1E-07</v>"));
    assert_non_null(strstr(cell_xml(b, 2, "I3"), "<t>{\"a\":1}</t>"));
    assert_string_equal(cell_xml(b, 2, "J3"), "");
    expect_in(b, "xl/worksheets/_rels/sheet2.xml.rels",
              "Target=\"in/o%27brien%20%231.pdf\" TargetMode=\"External\"");
    expect_in(b, "xl/worksheets/sheet3.xml", "2: numbers of more than 15 digits");
    assert_int_equal(count_in(b, "xl/worksheets/sheet2.xml", "<f>"), 0);
    assert_int_equal(b->notes.count, 0);
}

static void amounts_have_their_currencys_decimals(void **state)
{
    static const struct {
        const char *currency, *format;
    } cases[] = {{"JPY", "#,##0;[Red]-#,##0"},       {"KWD", "#,##0.000;[Red]-#,##0.000"},
                 {"EUR", "#,##0.00;[Red]-#,##0.00"}, {"CLF", "#,##0.0000;[Red]-#,##0.0000"},
                 {"", "#,##0.00;[Red]-#,##0.00"},    {NULL, "#,##0.00;[Red]-#,##0.00"}};
    struct book *b = *state;
    book_open(b, &kinds, false, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cell cells[KINDS] = {[4] = number("1000")};
        book_record(b, cases[i].currency, NULL);
        book_row(b, 0, cells);
    }
    book_end(b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char cell[8];
        snprintf(cell, sizeof cell, "E%zu", i + 2);
        assert_string_equal(cell_format(b, 2, cell), cases[i].format);
    }
}

static void hostile_texts_come_back(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"=HYPERLINK(\"http://x\")", "<t>=HYPERLINK(\"http://x\")</t>"},
        {"+1", "<t>+1</t>"},
        {"@SUM(A1)", "<t>@SUM(A1)</t>"},
        {"\tx", "<t xml:space=\"preserve\">\tx</t>"},
        {" x ", "<t xml:space=\"preserve\"> x </t>"},
        {"12345678901234567890", "<t>12345678901234567890</t>"},
        {"1e5", "<t>1e5</t>"},
        {"TRUE", "<t>TRUE</t>"},
        {"#N/A", "<t>#N/A</t>"},
        {"_x0041_", "<t>_x005F_x0041_</t>"},
        {"a\x01"
         "b\xff",
         "<t>a\xef\xbf\xbd"
         "b\xef\xbf\xbd</t>"},
        {"</t></is><f>1</f>&amp;", "<t>&lt;/t&gt;&lt;/is&gt;&lt;f&gt;1&lt;/f&gt;&amp;amp;</t>"},
        {"a\r\nb", "<t>a\nb</t>"},
        {"\xf0\x9f\xa7\xbe", "<t>\xf0\x9f\xa7\xbe</t>"}};
    struct book *b = *state;
    book_open(b, &kinds, false, 0);
    book_record(b, "EUR", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cell cells[KINDS] = {[2] = text(cases[i].in)};
        book_row(b, 0, cells);
    }
    book_end(b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char cell[8];
        snprintf(cell, sizeof cell, "C%zu", i + 2);
        if (!strstr(cell_xml(b, 2, cell), cases[i].out))
            fail_msg("%s became %s", cases[i].in, cell_xml(b, 2, cell));
    }
}

static void a_long_text_is_cut_counted_and_said(void **state)
{
    struct book *b = *state;
    char *long_text = calloc(1, 40001);
    assert_non_null(long_text);
    memset(long_text, 'x', 40000);
    book_open(b, &kinds, false, 0);
    book_record(b, "EUR", NULL);
    const struct cell cells[KINDS] = {[2] = text(long_text)};
    book_row(b, 0, cells);
    book_row(b, 0, cells);
    book_end(b);
    assert_int_equal(b->notes.count, 1);
    assert_string_equal(b->notes.text[0],
                        "2 texts are cut in the workbook, at 32767 characters; the first: sheet "
                        "Documents, row 2, column name");
    assert_int_equal(count_in(b, "xl/worksheets/sheet2.xml", "xxx\xe2\x80\xa6</t>"), 2);
    expect_in(b, "xl/worksheets/sheet3.xml", "2: texts of more than 32,767 characters");
    free(long_text);
}

static void many_links_are_not_too_many(void **state)
{
    struct book *b = *state;
    char input[200];
    snprintf(input, sizeof input, "%s/a.pdf", b->folder.path);
    book_open(b, &kinds, false, 0);
    book_record(b, "EUR", input);
    const struct cell cells[KINDS] = {[1] = text("a.pdf")};
    for (int i = 0; i < 4010; i++)
        book_row(b, 0, cells);
    book_end(b);
    assert_int_equal(count_in(b, "xl/worksheets/sheet2.xml", "<hyperlink "), 4000);
    assert_int_equal(count_in(b, "xl/worksheets/sheet2.xml", "<t>a.pdf</t>"), 4010);
    expect_in(b, "xl/worksheets/sheet3.xml",
              "<t>10: a sheet has links to its first 4,000 files</t>");
    assert_int_equal(b->notes.count, 0);
}

/* ---- sheets ---- */

static void sheets_stand_in_order(void **state)
{
    struct book *b = *state;
    struct workbook_fixture_sums sums;
    book_open(b, &workbook_fixture_layout, false, 0);
    assert_int_equal(workbook_fixture_write(b->sink, 7, &sums, &b->e), 0);
    static const char *const names[] = {"Summary", "Invoices", "Line items",
                                        "Taxes",   "Splits",   "About"};
    char *xml = book_part(b, "xl/workbook.xml"), *at = xml;
    for (size_t i = 0; i < 6; i++) {
        char sheet[80];
        snprintf(sheet, sizeof sheet, "<sheet name=\"%s\" sheetId=\"%zu\"", names[i], i + 1);
        at = strstr(at, sheet);
        assert_non_null(at);
    }
    free(xml);
    assert_int_equal(workbook_tab_count(b->sink), 4);
    assert_string_equal(workbook_tab(b->sink, 1).name, "Line items");
    assert_string_equal(workbook_tab(b->sink, 1).table, "line_items");
    assert_int_equal(workbook_tab(b->sink, 1).rows, sums.lines);
    assert_int_equal(workbook_tab(b->sink, 3).rows, 0);
    expect_in(b, "xl/worksheets/sheet2.xml", "<pane xSplit=\"2\" ySplit=\"1\" topLeftCell=\"C2\"");
    expect_in(b, "xl/worksheets/sheet2.xml", "<autoFilter ref=\"A1:AF8\"/>");
    expect_in(b, "xl/worksheets/sheet3.xml", "orientation=\"landscape\"");
    expect_in(b, "xl/workbook.xml", "'Line items'!$1:$1");
    expect_in(b, "xl/worksheets/sheet2.xml", "<t>Supplier address \xc2\xb7 city</t>");
    expect_in(b, "docProps/core.xml", "2026-12-01T00:00:00Z");
}

static void headers_can_be_names(void **state)
{
    struct book *b = *state;
    struct workbook_fixture_sums sums;
    book_open(b, &workbook_fixture_layout, true, 0);
    assert_int_equal(workbook_fixture_write(b->sink, 1, &sums, &b->e), 0);
    expect_in(b, "xl/worksheets/sheet2.xml", "<t>supplier_address.city</t>");
    expect_in(b, "xl/worksheets/sheet3.xml", "<t>_record</t>");
}

static void headers_that_would_be_the_same_are_names(void **state)
{
    static const struct layout_column columns[] = {
        {.name = "a_b"}, {.name = "a b"}, {.name = "A_b"}, {.name = "c"}};
    static const struct layout_table tables[] = {{"documents", columns, 4}};
    static const struct layout layout = {tables, 1};
    struct book *b = *state;
    book_open(b, &layout, false, 0);
    book_end(b);
    assert_non_null(strstr(cell_xml(b, 2, "A1"), "<t>A b</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "B1"), "<t>a b</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "C1"), "<t>A_b</t>"));
    assert_non_null(strstr(cell_xml(b, 2, "D1"), "<t>C</t>"));
}

static void lists_that_are_called_like_ours(void **state)
{
    static const struct layout_column columns[] = {{.name = "_record", .own = true},
                                                   {.name = "value"}};
    static const struct layout_table tables[] = {
        {"documents", columns, 2},   {"summary", columns, 2}, {"review", columns, 2},
        {"%64ocuments", columns, 2}, {"tax1", columns, 2},    {"tax_1", columns, 2}};
    static const struct layout layout = {tables, 6};
    static const char *const names[] = {"Documents",      "Summary list", "Review list",
                                        "Documents list", "Tax1 list",    "Tax 1"};
    struct book *b = *state;
    book_open(b, &layout, false, 0);
    book_end(b);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(workbook_tab(b->sink, i).name, names[i]);
}

static void tables_of_ours_have_the_names_kept_for_them(void **state)
{
    static const struct layout_column columns[] = {{.name = "_record", .own = true},
                                                   {.name = "value"}};
    static const struct layout_table tables[] = {
        {"documents", columns, 2}, {"review", columns, 2}, {"_review", columns, 2}};
    static const struct layout layout = {tables, 3};
    struct book *b = *state;
    book_open(b, &layout, false, 0);
    book_end(b);
    assert_string_equal(workbook_tab(b->sink, 1).name, "Review list");
    assert_string_equal(workbook_tab(b->sink, 2).name, "Review");
}

static void rows_for_which_there_is_no_sheet_are_said(void **state)
{
    static const struct layout_column columns[] = {{.name = "_record", .own = true},
                                                   {.name = "value"}};
    static const struct layout_table tables[] = {{"documents", columns, 2},
                                                 {"line_items", columns, 2}};
    static const struct layout layout = {tables, 2};
    struct book *b = *state;
    book_open(b, &layout, false, 2);
    book_record(b, "EUR", NULL);
    const struct cell cells[] = {text("d1"), text("v")};
    for (int i = 0; i < 600; i++)
        book_row(b, 1, cells);
    book_end(b);
    assert_int_equal(b->notes.count, 1);
    assert_string_equal(b->notes.text[0],
                        "the workbook has the first 494 rows of line_items, and no sheet for more");
    assert_int_equal(workbook_tab_count(b->sink), 248);
    expect_in(b, "xl/worksheets/sheet250.xml",
              "<t>the workbook has the first 494 rows of line_items");
}

static void a_full_sheet_goes_on_in_another(void **state)
{
    static const struct layout_column columns[] = {{.name = "_record", .own = true},
                                                   {.name = "value"}};
    static const struct layout_table tables[] = {{"documents", columns, 2},
                                                 {"line_items", columns, 2}};
    static const struct layout layout = {tables, 2};
    struct book *b = *state;
    book_open(b, &layout, false, 3);
    book_record(b, "EUR", NULL);
    const struct cell cells[] = {text("d1"), text("v")};
    book_row(b, 0, cells);
    for (int i = 0; i < 7; i++)
        book_row(b, 1, cells);
    book_end(b);
    assert_int_equal(workbook_tab_count(b->sink), 4);
    assert_string_equal(workbook_tab(b->sink, 2).name, "Line items (2)");
    assert_string_equal(workbook_tab(b->sink, 3).name, "Line items (3)");
    assert_string_equal(workbook_tab(b->sink, 3).table, "line_items");
    assert_int_equal(workbook_tab(b->sink, 1).rows, 3);
    assert_int_equal(workbook_tab(b->sink, 3).rows, 1);
    assert_int_equal(count_in(b, "xl/worksheets/sheet4.xml", "<row "), 4);
    assert_int_equal(b->notes.count, 0);
    expect_in(b, "xl/workbook.xml", "<sheet name=\"About\" sheetId=\"6\"");
}

static void a_sheet_takes_all_the_rows_that_excel_has(void **state)
{
    static const struct layout_column columns[] = {
        {.name = "_n", .kind = COLUMN_NUMBER, .own = true, .integer = true}};
    static const struct layout_table tables[] = {{"documents", columns, 0}, {"lines", columns, 1}};
    static const struct layout layout = {tables, 2};
    struct book *b = *state;
    book_open(b, &layout, false, 0);
    book_record(b, "", NULL);
    const struct cell cells[] = {number("1")};
    for (int i = 0; i < 1048576; i++)
        book_row(b, 1, cells);
    book_end(b);
    assert_int_equal(workbook_tab(b->sink, 1).rows, 1048575);
    assert_int_equal(workbook_tab(b->sink, 2).rows, 1);
    expect_in(b, "xl/worksheets/sheet3.xml", "<c r=\"A1048576\" ");
}

static void columns_and_lists_without_room_are_named(void **state)
{
    enum { COLUMNS = 16390, TABLES = 260 };
    struct book *b = *state;
    struct layout_column *columns = calloc(COLUMNS, sizeof *columns);
    struct layout_table *tables = calloc(TABLES, sizeof *tables);
    struct cell *cells = calloc(COLUMNS, sizeof *cells);
    char(*names)[16] = calloc(COLUMNS, sizeof *names);
    assert_true(columns && tables && cells && names);
    for (size_t i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof *names, "f%zu", i);
        columns[i] = (struct layout_column){.name = names[i], .width = 3};
        cells[i] = text("x");
    }
    for (size_t i = 0; i < TABLES; i++)
        tables[i] = (struct layout_table){i ? names[i] : "documents", columns, i ? 1 : COLUMNS};
    const struct layout layout = {tables, TABLES};
    book_open(b, &layout, false, 0);
    book_record(b, "", NULL);
    book_row(b, 0, cells);
    book_row(b, TABLES - 1, cells); /* has no sheet */
    book_end(b);
    assert_int_equal(b->notes.count, 2);
    assert_string_equal(
        b->notes.text[0],
        "the workbook has the first 16384 of 16390 columns of documents; f16384 is the "
        "first that isn't in it");
    assert_string_equal(
        b->notes.text[1],
        "the workbook has sheets for 240 of 259 lists; f241 is the first that isn't in it");
    assert_non_null(strstr(cell_xml(b, 2, "XFD2"), "<t>x</t>"));
    free(columns);
    free(tables);
    free(cells);
    free(names);
}

/* ---- Summary ---- */

static void a_summary_has_what_it_was_told(void **state)
{
    struct book *b = *state;
    static const struct workbook_currency currencies[] = {
        {"EUR", 5, "100.00", "19.00", "119.00", {0}},
        {"JPY", 1, "1000", NULL, "1000", {0}},
        {"", 1, "1", "1", "123456789012345678.90", {0}}};
    static const struct workbook_day days[] = {{"2026-11-02", 3}, {"2026-11-05", 4}};
    static const struct workbook_summary s = {.batch = "Rechnungen",
                                              .period = "2026-11",
                                              .verdict = "All 7 documents have a result.",
                                              .files = 9,
                                              .documents = 7,
                                              .duplicates = 2,
                                              .stored = 7,
                                              .records = 8,
                                              .without_record = 1,
                                              .currencies = currencies,
                                              .currency_count = 3,
                                              .days = days,
                                              .day_count = 2};
    static const struct workbook_fact facts[] = {{"Ledger", "/srv/ledger.db"}};
    static const struct workbook_about about = {facts, 1};
    book_open(b, &kinds, false, 0);
    workbook_tell(b->sink, &s, &about);
    book_end(b);
    const char *sheet = "xl/worksheets/sheet1.xml";
    static const char *const words[] = {
        "Rechnungen", "Period 2026-11", "All 7 documents have a result.", "Stored",
        "In doubt",   "not computable", "123456789012345678.90"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char t[80];
        snprintf(t, sizeof t, "<t>%s</t>", words[i]);
        expect_in(b, sheet, t);
    }
    expect_in(b, sheet, "<v>119</v>");
    expect_in(b, sheet, "<v>-2</v>");
    expect_in(b, sheet, "fitToPage=\"1\"");
    /* The days between are bars too, and both charts hold their figures. */
    expect_in(
        b, "xl/charts/chart2.xml",
        "<c:ptCount val=\"4\"/><c:pt idx=\"0\"><c:v>3</c:v></c:pt><c:pt idx=\"1\"><c:v>0</c:v>");
    expect_in(b, "xl/charts/chart1.xml", "<c:pt idx=\"4\"><c:v>In doubt</c:v></c:pt>");
    expect_in(b, "xl/worksheets/sheet3.xml", "<t>/srv/ledger.db</t>");
}

static void expect_bars(const char *first, const char *last, const char *title, int count)
{
    struct book *b;
    book_setup((void **)&b);
    const struct workbook_day days[] = {{first, 1}, {last, 2}};
    const struct workbook_summary s = {.batch = "b", .verdict = "v", .days = days, .day_count = 2};
    char points[60], name[60];
    book_open(b, &kinds, false, 0);
    workbook_tell(b->sink, &s, NULL);
    book_end(b);
    snprintf(points, sizeof points, "<c:ptCount val=\"%d\"/>", count);
    snprintf(name, sizeof name, "<a:t>%s</a:t>", title);
    expect_in(b, "xl/charts/chart2.xml", points);
    expect_in(b, "xl/charts/chart2.xml", name);
    book_teardown((void **)&b);
}

static void many_days_are_months_or_years(void **state)
{
    (void)state;
    expect_bars("2026-11-01", "2026-11-30", "Documents a day", 30);
    expect_bars("2026-01-01", "2026-03-03", "Documents a day", 62);
    expect_bars("2026-01-01", "2026-03-04", "Documents a month", 3);
    expect_bars("2025-12-31", "2026-12-01", "Documents a month", 13);
    expect_bars("2021-11-30", "2026-12-31", "Documents a month", 62);
    expect_bars("2021-10-31", "2026-12-31", "Documents a year", 6);
}

static void nothing_told_is_a_workbook_too(void **state)
{
    struct book *b = *state;
    book_open(b, &kinds, false, 0);
    book_end(b);
    expect_in(b, "xl/worksheets/sheet1.xml", "<t>All periods</t>");
    expect_in(b, "xl/worksheets/sheet2.xml", "<t>Total</t>");
}

/* ---- the same bytes, and no others ---- */

static char *book_bytes(const struct book *b, size_t *len)
{
    FILE *f = fopen(b->path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *len = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*len);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *len, f), *len);
    fclose(f);
    return bytes;
}

static char *fixture_bytes(struct book *b, int documents, size_t *len)
{
    struct workbook_fixture_sums sums;
    book_open(b, &workbook_fixture_layout, false, 0);
    if (workbook_fixture_write(b->sink, documents, &sums, &b->e))
        fail_msg("%s", b->e.text);
    b->sink->kind->free(b->sink);
    b->sink = NULL;
    return book_bytes(b, len);
}

static void the_locale_does_not_matter(void **state)
{
    struct book *b = *state;
    char make[300];
    size_t len, again;
    char *here = fixture_bytes(b, 40, &len);
    snprintf(make, sizeof make,
             "localedef --no-archive -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
             b->folder.path);
    if (system(make) != 0) {
        free(here);
        print_message("skipped: localedef has no de_DE here (package locales)\n");
        skip();
    }
    setenv("LOCPATH", b->folder.path, 1);
    assert_non_null(setlocale(LC_ALL, "de_DE.UTF-8"));
    unsetenv("LOCPATH");
    char decimal[16];
    snprintf(decimal, sizeof decimal, "%.1f", 1.5);
    assert_string_equal(decimal, "1,5");
    char *there = fixture_bytes(b, 40, &again);
    setlocale(LC_ALL, "C");
    assert_int_equal(len, again);
    assert_memory_equal(here, there, len);
    expect_in(b, "xl/worksheets/sheet2.xml", "<v>12552.05</v>");
    free(here);
    free(there);
}

static void the_file_is_private_and_alone(void **state)
{
    struct book *b = *state;
    struct stat st;
    size_t len;
    free(fixture_bytes(b, 5, &len));
    assert_int_equal(stat(b->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    DIR *d = opendir(b->folder.path);
    assert_non_null(d);
    int entries = 0;
    while (readdir(d))
        entries++;
    closedir(d);
    assert_int_equal(entries, 3); /* with . and .. */
}

static int open_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void what_is_given_up_leaves_nothing_open(void **state)
{
    struct book *b = *state;
    int before = open_files();
    book_open(b, &workbook_fixture_layout, false, 0);
    b->sink->kind->free(b->sink);
    b->sink = NULL;
    assert_int_equal(open_files(), before);
    size_t len;
    free(fixture_bytes(b, 5, &len));
    assert_int_equal(open_files(), before);
}

static void no_directory_is_said(void **state)
{
    struct book *b = *state;
    const struct workbook_options o = {
        .path = b->path, .shown = "exports/workbook.xlsx", .directory = "/nowhere/at/all"};
    assert_int_equal(workbook_tables_new(&b->sink, &o, &kinds, &b->notes, &b->e), ERR_IO);
    assert_string_equal(
        b->e.text,
        "write exports/workbook.xlsx: directory /nowhere/at/all: No such file or directory");
    b->sink = NULL;
}

/* Files can't grow over a limit, as on a full disk: whatever it is, the workbook is whole or an error. The library
 * doesn't look at most of its writes. */
static void a_full_disk_is_never_a_workbook(void **state)
{
    struct book *b = *state;
    struct workbook_fixture_sums sums;
    struct rlimit unlimited, limit;
    size_t len, now;
    int errors = 0, whole = 0;
    char *good = fixture_bytes(b, 300, &len);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    signal(SIGXFSZ, SIG_IGN);
    int words = dup(2),
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); /* for the library's own words */
    for (rlim_t bytes = 0; bytes < 700000; bytes += 9973) {
        unlink(b->path);
        limit = (struct rlimit){.rlim_cur = bytes, .rlim_max = unlimited.rlim_max};
        book_open(b, &workbook_fixture_layout, false, 0);
        dup2(nowhere, 2);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int rc = workbook_fixture_write(b->sink, 300, &sums, &b->e);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
        dup2(words, 2);
        b->sink->kind->free(b->sink);
        b->sink = NULL;
        if (rc) {
            errors++;
            assert_int_equal(rc, ERR_IO);
            assert_memory_equal(b->e.text, "write exports/workbook.xlsx", 27);
            continue;
        }
        whole++;
        char *bytes_now = book_bytes(b, &now);
        assert_int_equal(now, len);
        assert_memory_equal(bytes_now, good, len);
        free(bytes_now);
    }
    signal(SIGXFSZ, SIG_DFL);
    close(words);
    close(nowhere);
    assert_true(errors > 20 && whole > 5);
    free(good);
}

int main(void)
{
#define BOOK_TEST(f) cmocka_unit_test_setup_teardown(f, book_setup, book_teardown)
    const struct CMUnitTest tests[] = {
        BOOK_TEST(cells_have_types),
        BOOK_TEST(amounts_have_their_currencys_decimals),
        BOOK_TEST(hostile_texts_come_back),
        BOOK_TEST(a_long_text_is_cut_counted_and_said),
        BOOK_TEST(many_links_are_not_too_many),
        BOOK_TEST(sheets_stand_in_order),
        BOOK_TEST(headers_can_be_names),
        BOOK_TEST(headers_that_would_be_the_same_are_names),
        BOOK_TEST(lists_that_are_called_like_ours),
        BOOK_TEST(tables_of_ours_have_the_names_kept_for_them),
        BOOK_TEST(a_full_sheet_goes_on_in_another),
        BOOK_TEST(rows_for_which_there_is_no_sheet_are_said),
        BOOK_TEST(a_sheet_takes_all_the_rows_that_excel_has),
        BOOK_TEST(columns_and_lists_without_room_are_named),
        BOOK_TEST(a_summary_has_what_it_was_told),
        cmocka_unit_test(many_days_are_months_or_years),
        BOOK_TEST(nothing_told_is_a_workbook_too),
        BOOK_TEST(the_locale_does_not_matter),
        BOOK_TEST(the_file_is_private_and_alone),
        BOOK_TEST(what_is_given_up_leaves_nothing_open),
        BOOK_TEST(no_directory_is_said),
        BOOK_TEST(a_full_disk_is_never_a_workbook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
