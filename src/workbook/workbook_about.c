/* See workbook_about.h. */
#include "workbook/workbook_about.h"
#include "tables/left_out_notes.h"
#include "workbook/workbook_page.h"
#include "workbook/workbook_sheet.h"

#include <stdio.h>

enum { COLUMNS = 4, COLUMN_ROWS_MOST = 200000 };

static void put_count(struct workbook_page *p, const char *name, int64_t count, const char *meaning)
{
    char value[400];
    snprintf(value, sizeof value, count && *meaning ? "%lld: %s" : "%lld", (long long)count,
             meaning);
    workbook_page_text(p, 0, STYLE_NAME, name);
    workbook_page_text(p, 1, STYLE_VALUE, value);
    p->row++;
}

static void put_differences(struct workbook_page *p, const struct workbook_counts *c)
{
    char first[240];
    workbook_page_section(p, "What Excel can't hold as it was read", COLUMNS);
    put_count(
        p, "Long numbers", c->long_numbers,
        "numbers of more than 15 digits, which Excel would round; they are text, all digits kept");
    snprintf(first, sizeof first, "texts of more than 32,767 characters, cut there; the first: %s",
             c->first_cut);
    put_count(p, "Cut texts", c->cut_texts, first);
    put_count(p, "Files without a link", c->links_without,
              "a sheet has links to its first 4,000 files");
    p->row++;
}

static const char *kind_word(const struct layout_column *c)
{
    static const char *const words[] = {"text", "number", "date", "yes or no"};
    return c->amount ? "amount" : words[c->kind];
}

/* What the export says as well, when it ends. */
static void put_left_out(struct workbook_page *p, const struct left_out_notes *notes)
{
    if (!notes || !notes->count)
        return;
    workbook_page_section(p, "What has no room here", COLUMNS);
    for (size_t i = 0; i < notes->count; i++, p->row++)
        workbook_page_text(p, 0, STYLE_LABEL, notes->text[i]);
    p->row++;
}

static void put_columns_of(struct workbook_page *p, const struct workbook_about_sheet *sheet,
                           bool names)
{
    struct buffer header;
    buffer_init(&header, 0);
    for (size_t i = 0; i < sheet->table->column_count && i < WORKBOOK_COLUMNS_MOST; i++) {
        if (p->rc || p->row > COLUMN_ROWS_MOST)
            break;
        workbook_sheet_header(&header, sheet->table, i, names);
        workbook_page_text(p, 0, STYLE_TEXT, sheet->name);
        workbook_page_text(p, 1, STYLE_TEXT, buffer_text(&header));
        workbook_page_text(p, 2, STYLE_TEXT, sheet->table->columns[i].name);
        workbook_page_text(p, 3, STYLE_TEXT, kind_word(&sheet->table->columns[i]));
        p->row++;
    }
    buffer_release(&header);
}

static void put_columns(struct workbook_page *p, const struct workbook_contents *contents)
{
    static const char *const headers[COLUMNS] = {"Sheet", "Column", "Field", "Kind"};
    workbook_page_section(p, "Which column is which field", COLUMNS);
    for (int i = 0; i < COLUMNS; i++)
        workbook_page_text(p, i, STYLE_HEADER, headers[i]);
    p->row++;
    for (size_t i = 0; i < contents->sheet_count; i++)
        put_columns_of(p, &contents->sheets[i], contents->names);
}

int workbook_about_write(struct workbook_file *f, size_t sheet, const struct workbook_about *about,
                         const struct workbook_contents *contents, struct error *e)
{
    static const int widths[COLUMNS] = {28, 60, 50, 12};
    struct workbook_page p;
    workbook_page_begin(&p, f, sheet, e);
    workbook_page_widths(&p, widths, COLUMNS);
    workbook_page_said(&p, worksheet_set_row(p.ws, 0, 32, NULL));
    workbook_page_text(&p, 0, STYLE_TITLE, "About this workbook");
    p.row = 2;
    for (size_t i = 0; about && i < about->fact_count; i++, p.row++) {
        workbook_page_text(&p, 0, STYLE_NAME, about->facts[i].name);
        workbook_page_text(&p, 1, STYLE_VALUE, about->facts[i].value);
    }
    p.row++;
    put_differences(&p, contents->counts);
    put_left_out(&p, contents->notes);
    put_columns(&p, contents);
    worksheet_set_landscape(p.ws);
    workbook_page_print(&p, COLUMNS);
    return p.rc;
}
