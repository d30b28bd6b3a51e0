/* See workbook_sheet.h. The kind of a cell decides what it is in Excel: a JSON number is a number, even in
 * a column that has texts too; a text is a date only where the whole column is; everything else is text, of
 * the format '@', which Excel leaves alone. */
#include "workbook/workbook_sheet.h"
#include "base/decimal.h"
#include "workbook/workbook_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH_LEAST = 8,
    WIDTH_MOST = 60,
    WIDTH_KEY_MOST = 36,  /* of a column that stays in sight */
    WIDTH_KEYS_MOST = 84, /* of all of them: the rest of the table has to have room beside them */
    WIDTH_OF_PAGE = 260,  /* more would be too small to read on A4 */
    HEADER_LINES_MOST = 4,
    HEADER_MARGIN = 4,
    LINE_POINTS = 15,
    FRIENDLY_MOST = 500, /* columns: each header is compared with all before it */
};

/* ---- what the columns are ---- */

/* Whether another column, shown before, has the same friendly header: "a b" and "a_b". */
static bool header_repeats(const struct layout_table *t, size_t column, const char *header)
{
    struct buffer other;
    bool repeats = false;
    buffer_init(&other, 0);
    for (size_t i = 0; i < column && !repeats; i++) {
        workbook_header(&other, t->columns[i].name);
        repeats = strcmp(buffer_text(&other), header) == 0;
    }
    buffer_release(&other);
    return repeats;
}

void workbook_sheet_header(struct buffer *out, const struct layout_table *table, size_t column,
                           bool names)
{
    workbook_header(out, table->columns[column].name);
    if (names || !out->len || table->column_count > FRIENDLY_MOST ||
        header_repeats(table, column, buffer_text(out))) {
        buffer_clear(out);
        buffer_put(out, table->columns[column].name);
    }
}

static int longest_word(const char *header)
{
    int longest = 0;
    for (const char *p = header; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        int width = 1;
        while (width < WIDTH_MOST && workbook_lines(p, n, width, 2) > 1)
            width++;
        longest = width > longest ? width : longest;
        p += n;
    }
    return longest;
}

/* What a header needs to stand in two lines, with the filter's button beside it. */
static int header_width(const char *header)
{
    int width = longest_word(header);
    while (width < WIDTH_MOST && workbook_lines(header, strlen(header), width, 3) > 2)
        width++;
    return width + width / 8 + HEADER_MARGIN; /* it is bold */
}

/* Room for its values and its header. */
static int width_of(const struct layout_column *c, const char *header, bool key)
{
    int width = c->width < WIDTH_MOST ? c->width + 2 : WIDTH_MOST;
    int word = header_width(header);
    if (c->amount) /* 1234567.5 is 1,234,567.50 */
        width += c->width / 3 + 2;
    if (width < word)
        width = word;
    if (width < WIDTH_LEAST)
        width = WIDTH_LEAST;
    int most = key ? WIDTH_KEY_MOST : WIDTH_MOST;
    return width < most ? width : most;
}

static bool at_the_right(const struct layout_column *c)
{
    return c->kind == COLUMN_NUMBER || c->amount || c->integer;
}

/* Columns of ours at the front, as many as leave room for the others. */
static size_t count_keys(const struct workbook_sheet *s)
{
    int width = 0;
    size_t n = 0;
    while (n < s->columns && n < 4 && s->table->columns[n].own &&
           s->table->columns[n].name[0] == '_') {
        width += s->widths[n];
        if (width > WIDTH_KEYS_MOST)
            break;
        n++;
    }
    return n < s->columns ? n : 0;
}

/* ---- its beginning ---- */

/* Of the row that is being written. Programs other than Excel don't find it out by themselves. */
static lxw_error set_height(struct workbook_sheet *s, int most)
{
    int lines = s->lines < most ? s->lines : most;
    if (s->lines == 1)
        return LXW_NO_ERROR;
    /* The half point makes it a height of its own, which Excel keeps. */
    return worksheet_set_row(s->ws, s->rows, LINE_POINTS * lines + 0.5, NULL);
}

static lxw_error put_header_cell(struct workbook_sheet *s, size_t i, const char *header)
{
    const struct layout_column *c = &s->table->columns[i];
    const struct workbook_styles *styles = &s->file->styles;
    struct buffer *fit = &s->file->text;
    bool right = at_the_right(c), is_text = c->kind == COLUMN_TEXT && !right;
    (void)workbook_text(fit, header, strlen(header));
    s->widths[i] = width_of(c, buffer_text(fit), i < 4 && c->own && c->name[0] == '_');
    int lines =
        workbook_lines(buffer_text(fit), fit->len, s->widths[i] - HEADER_MARGIN, HEADER_LINES_MOST);
    if (lines > s->lines)
        s->lines = lines;
    lxw_error said = worksheet_write_string(s->ws, 0, (lxw_col_t)i, buffer_text(fit),
                                            styles->of[right ? STYLE_HEADER_RIGHT : STYLE_HEADER]);
    if (said != LXW_NO_ERROR)
        return said;
    /* What somebody types below a text stays as it was typed. */
    return worksheet_set_column(s->ws, (lxw_col_t)i, (lxw_col_t)i, s->widths[i],
                                is_text ? styles->of[STYLE_TEXT] : NULL);
}

static int put_headers(struct workbook_sheet *s, bool names, struct error *e)
{
    struct buffer header;
    lxw_error said = LXW_NO_ERROR;
    size_t i = 0;
    buffer_init(&header, 0);
    for (; i < s->columns; i++) {
        workbook_sheet_header(&header, s->table, i, names);
        said = put_header_cell(s, i, buffer_text(&header));
        if (said != LXW_NO_ERROR)
            break;
    }
    if (said == LXW_NO_ERROR)
        said = set_height(s, HEADER_LINES_MOST);
    buffer_release(&header);
    return workbook_file_said(s->file, said, s->ws, 0, (lxw_col_t)i, e);
}

int workbook_sheet_begin(struct workbook_sheet *s, struct workbook_file *file,
                         const struct workbook_sheet_spec *spec, struct workbook_counts *counts,
                         struct error *e)
{
    *s = (struct workbook_sheet){.file = file,
                                 .styles = &file->styles,
                                 .table = spec->table,
                                 .counts = counts,
                                 .lines_most = spec->lines_most};
    snprintf(s->name, sizeof s->name, "%s", spec->name);
    s->columns = spec->table->column_count;
    if (s->columns > WORKBOOK_COLUMNS_MOST)
        s->columns = WORKBOOK_COLUMNS_MOST;
    s->widths = xcalloc(s->columns + 1, sizeof *s->widths);
    int rc = workbook_file_sheet(file, s->name, &s->ws, e);
    if (!rc)
        rc = put_headers(s, spec->names, e);
    if (rc)
        return rc;
    s->rows = 1;
    s->keys = count_keys(s);
    worksheet_freeze_panes(s->ws, 1, (lxw_col_t)s->keys);
    return 0;
}

/* ---- cells ---- */

/* All of these return what the library said. */

static lxw_error put_text(struct workbook_sheet *s, lxw_col_t column, lxw_format *format,
                          const char *text, size_t len)
{
    struct buffer *fit = &s->file->text;
    const struct layout_column *c = &s->table->columns[column];
    if (workbook_text(fit, text, len) && !s->counts->cut_texts++)
        snprintf(s->counts->first_cut, sizeof s->counts->first_cut,
                 "sheet %s, row %u, column %.80s", s->name, s->rows + 1, c->name);
    int lines =
        c->own ? 1
               : workbook_lines(buffer_text(fit), fit->len, s->widths[column], s->lines_most + 1);
    if (!format)
        format = s->styles->of[lines > 1 ? STYLE_WRAPPED : STYLE_TEXT];
    if (lines > s->lines)
        s->lines = lines;
    return worksheet_write_string(s->ws, s->rows, column, buffer_text(fit), format);
}

static lxw_format *number_format(const struct workbook_sheet *s, const struct layout_column *c,
                                 int decimals)
{
    if (c->amount)
        return s->styles->amount[decimals < 0                      ? 0
                                 : decimals < AMOUNT_DECIMALS_MOST ? decimals
                                                                   : AMOUNT_DECIMALS_MOST];
    int n = c->integer || c->decimals < 0 ? 0 : c->decimals;
    return s->styles->number[n < NUMBER_DECIMALS_MOST ? n : NUMBER_DECIMALS_MOST];
}

static lxw_error put_number(struct workbook_sheet *s, lxw_col_t column, const struct cell *cell,
                            int decimals)
{
    double value;
    if (workbook_number(cell->text, cell->len, &value))
        return worksheet_write_number(s->ws, s->rows, column, value,
                                      number_format(s, &s->table->columns[column], decimals));
    struct buffer *plain = &s->file->plain;
    buffer_clear(plain);
    number_plain(plain, cell->text, cell->len);
    s->counts->long_numbers++;
    return put_text(s, column, s->styles->of[STYLE_LONG_NUMBER], buffer_text(plain), plain->len);
}

/* The link goes in first and the text over it: the library takes both for one otherwise. */
static lxw_error put_link(struct workbook_sheet *s, lxw_col_t column, const struct cell *cell,
                          const char *link)
{
    lxw_format *format = s->styles->of[STYLE_LINK];
    if (s->links == WORKBOOK_LINKS_MOST) {
        s->counts->links_without++;
        return put_text(s, column, NULL, cell->text, cell->len);
    }
    lxw_error rc = worksheet_write_url_opt(s->ws, s->rows, column, link, format, "-", NULL);
    if (rc != LXW_NO_ERROR)
        return rc;
    s->links++;
    return put_text(s, column, format, cell->text, cell->len);
}

static lxw_error put_cell(struct workbook_sheet *s, lxw_col_t column, const struct cell *cell,
                          int decimals, const char *link)
{
    const struct layout_column *c = &s->table->columns[column];
    int day;
    if (cell->kind == CELL_NONE || cell->kind == CELL_NULL || cell->len == 0)
        return LXW_NO_ERROR;
    if (cell->kind == CELL_NUMBER)
        return put_number(s, column, cell, decimals);
    if (cell->kind == CELL_BOOLEAN)
        return worksheet_write_boolean(s->ws, s->rows, column, cell->text[0] == 't',
                                       s->styles->of[STYLE_BOOLEAN]);
    if (c->kind == COLUMN_DATE && workbook_date(cell->text, cell->len, &day))
        return worksheet_write_number(s->ws, s->rows, column, day, s->styles->of[STYLE_DATE]);
    if (link && c->own && strcmp(c->name, "_file") == 0)
        return put_link(s, column, cell, link);
    return put_text(s, column, NULL, cell->text, cell->len);
}

/* ---- notes ---- */

/* As people write the place of a value: of documents a column's name, of a list "line_items[2].total_price". Lists in
 * lists have no notes. */
static bool is_place(const struct workbook_sheet *s, const struct cell *cells, size_t column,
                     const char *path)
{
    const struct layout_table *t = s->table;
    const char *name = t->columns[column].name;
    size_t len = strlen(t->name);
    if (strcmp(t->name, "documents") == 0)
        return strcmp(path, name) == 0;
    if (strncmp(path, t->name, len) != 0 || path[len] != '[' || t->column_count < 2 ||
        strcmp(t->columns[1].name, "_n") != 0 || cells[1].kind != CELL_NUMBER)
        return false;
    path += len + 1;
    if (strncmp(path, cells[1].text, cells[1].len) != 0 || path[cells[1].len] != ']')
        return false;
    path += cells[1].len + 1;
    return *path == '.' ? strcmp(path + 1, name) == 0 : strcmp(name, "value") == 0;
}

static const struct table_note *note_of(const struct workbook_sheet *s, const struct cell *cells,
                                        size_t column)
{
    for (size_t i = 0; i < s->note_count; i++)
        if (!s->table->columns[column].own && is_place(s, cells, column, s->notes[i].path))
            return &s->notes[i];
    return NULL;
}

/* Before the cell: an empty one has its colour then, too. */
static lxw_error put_note(struct workbook_sheet *s, lxw_col_t column, const struct table_note *note)
{
    lxw_comment_options options = {.width = 260, .height = 90};
    s->styles = &s->file->tinted;
    (void)workbook_text(&s->file->text, note->text, strlen(note->text));
    lxw_error said =
        worksheet_write_comment_opt(s->ws, s->rows, column, buffer_text(&s->file->text), &options);
    return said != LXW_NO_ERROR
               ? said
               : worksheet_write_blank(s->ws, s->rows, column, s->styles->of[STYLE_TEXT]);
}

static lxw_error put_noted(struct workbook_sheet *s, const struct cell *cells, lxw_col_t column,
                           int decimals, const char *link)
{
    const struct table_note *note = note_of(s, cells, column);
    lxw_error said = note ? put_note(s, column, note) : LXW_NO_ERROR;
    if (said == LXW_NO_ERROR)
        said = put_cell(s, column, &cells[column], decimals, link);
    s->styles = &s->file->styles;
    return said;
}

void workbook_sheet_notes(struct workbook_sheet *s, const struct table_note *notes, size_t count)
{
    s->notes = notes;
    s->note_count = count;
}

int workbook_sheet_row(struct workbook_sheet *s, const struct cell *cells, int decimals,
                       const char *link, struct error *e)
{
    lxw_error said = LXW_NO_ERROR;
    size_t column = 0;
    REQUIRE(s->rows <= WORKBOOK_ROWS_MOST);
    s->lines = 1;
    for (; column < s->columns; column++) {
        said = put_noted(s, cells, (lxw_col_t)column, decimals, link);
        if (said != LXW_NO_ERROR)
            break;
    }
    if (said == LXW_NO_ERROR)
        said = set_height(s, s->lines_most);
    int rc = workbook_file_said(s->file, said, s->ws, s->rows, (lxw_col_t)column, e);
    s->rows++;
    return rc ? rc : workbook_file_holds(s->file, s->ws, e);
}

/* ---- its end ---- */

/* The last column that is printed: columns of ours at the end are for programs. */
static size_t last_printed(const struct workbook_sheet *s)
{
    size_t n = s->columns;
    while (n > s->keys && s->table->columns[n - 1].own)
        n--;
    return n > s->keys ? n - 1 : s->columns - 1;
}

static lxw_error set_print(struct workbook_sheet *s)
{
    size_t last = last_printed(s);
    int width = 0;
    for (size_t i = 0; i <= last; i++)
        width += s->widths[i];
    int pages = (width + WIDTH_OF_PAGE - 1) / WIDTH_OF_PAGE;
    worksheet_set_landscape(s->ws);
    worksheet_set_paper(s->ws, 9); /* A4 */
    worksheet_set_margins(s->ws, 0.4, 0.4, 0.5, 0.6);
    worksheet_fit_to_pages(s->ws, (uint16_t)pages, 0);
    lxw_error rc = worksheet_set_footer(s->ws, "&L&8&F&C&8&A&R&8Page &P of &N");
    if (rc == LXW_NO_ERROR)
        rc = worksheet_repeat_rows(s->ws, 0, 0);
    if (rc == LXW_NO_ERROR && pages > 1 && s->keys)
        rc = worksheet_repeat_columns(s->ws, 0, (lxw_col_t)(s->keys - 1));
    if (rc == LXW_NO_ERROR)
        rc = worksheet_print_area(s->ws, 0, 0, s->rows - 1, (lxw_col_t)last);
    return rc;
}

int workbook_sheet_end(struct workbook_sheet *s, struct error *e)
{
    if (!s->columns)
        return 0;
    lxw_col_t last = (lxw_col_t)(s->columns - 1);
    lxw_error said = worksheet_autofilter(s->ws, 0, 0, s->rows - 1, last);
    if (said == LXW_NO_ERROR)
        said = set_print(s);
    return workbook_file_said(s->file, said, s->ws, s->rows - 1, last, e);
}

void workbook_sheet_release(struct workbook_sheet *s)
{
    free(s->widths);
    s->widths = NULL;
}
