/* See workbook_page.h. */
#include "workbook/workbook_page.h"
#include "workbook/workbook_cells.h"

#include <string.h>

void workbook_page_begin(struct workbook_page *p, struct workbook_file *f, size_t sheet,
                         struct error *e)
{
    REQUIRE(sheet < f->sheet_count);
    *p = (struct workbook_page){.file = f, .ws = f->sheets[sheet], .e = e};
    worksheet_gridlines(p->ws, LXW_HIDE_ALL_GRIDLINES);
}

static void write_text(struct workbook_page *p, int column, lxw_format *format, const char *text)
{
    struct buffer *fit = &p->file->text;
    (void)workbook_text(fit, text, strlen(text));
    lxw_error said =
        worksheet_write_string(p->ws, p->row, (lxw_col_t)column, buffer_text(fit), format);
    p->rc = workbook_file_said(p->file, said, p->ws, p->row, (lxw_col_t)column, p->e);
}

void workbook_page_text(struct workbook_page *p, int column, enum workbook_style style,
                        const char *text)
{
    if (!p->rc && text)
        write_text(p, column, p->file->styles.of[style], text);
}

static void write_number(struct workbook_page *p, int column, lxw_format *format, double number)
{
    lxw_error said = worksheet_write_number(p->ws, p->row, (lxw_col_t)column, number, format);
    p->rc = workbook_file_said(p->file, said, p->ws, p->row, (lxw_col_t)column, p->e);
}

void workbook_page_number(struct workbook_page *p, int column, enum workbook_style style,
                          double number)
{
    if (!p->rc)
        write_number(p, column, p->file->styles.of[style], number);
}

void workbook_page_amount(struct workbook_page *p, int column, int decimals, const char *amount)
{
    double value;
    if (p->rc)
        return;
    int n = decimals < 0 ? 0 : decimals < AMOUNT_DECIMALS_MOST ? decimals : AMOUNT_DECIMALS_MOST;
    if (amount && workbook_number(amount, strlen(amount), &value))
        write_number(p, column, p->file->styles.amount[n], value);
    else
        write_text(p, column, p->file->styles.of[STYLE_LONG_NUMBER],
                   amount ? amount : "not computable");
}

void workbook_page_said(struct workbook_page *p, lxw_error said)
{
    if (!p->rc)
        p->rc = workbook_file_said(p->file, said, p->ws, p->row, 0, p->e);
}

static void set_height(struct workbook_page *p, double points)
{
    workbook_page_said(p, worksheet_set_row(p->ws, p->row, points, NULL));
}

void workbook_page_section(struct workbook_page *p, const char *title, int columns)
{
    set_height(p, 22);
    for (int i = 0; i < columns; i++)
        workbook_page_text(p, i, STYLE_SECTION, i ? "" : title);
    p->row++;
    set_height(p, 6); /* a little air */
    p->row++;
}

void workbook_page_widths(struct workbook_page *p, const int *widths, int count)
{
    for (int i = 0; i < count; i++)
        workbook_page_said(
            p, worksheet_set_column(p->ws, (lxw_col_t)i, (lxw_col_t)i, widths[i], NULL));
}

void workbook_page_print(struct workbook_page *p, int columns)
{
    worksheet_set_paper(p->ws, 9); /* A4 */
    worksheet_set_margins(p->ws, 0.5, 0.5, 0.6, 0.7);
    worksheet_fit_to_pages(p->ws, 1, 0);
    worksheet_center_horizontally(p->ws);
    workbook_page_said(p, worksheet_set_footer(p->ws, "&L&8&F&C&8&A&R&8Page &P of &N"));
    workbook_page_said(p, worksheet_print_area(p->ws, 0, 0, p->row, (lxw_col_t)(columns - 1)));
}
