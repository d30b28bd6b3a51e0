/* See csv.h. A cell that begins like a formula gets an apostrophe in front:
 * file names come from anybody. */
#include "report/csv.h"
#include "base/text.h"

#include <string.h>

static void put_cell(FILE *out, const char *cell)
{
    struct buffer shown;
    buffer_init(&shown, 0);
    if (*cell && strchr("=+-@\t\r", *cell))
        buffer_put(&shown, "'");
    text_display(&shown, cell, strlen(cell));
    const char *text = buffer_text(&shown);
    if (strpbrk(text, "\",;\n\r") || *text == ' ') {
        fputc('"', out);
        for (const char *p = text; *p; p++) {
            if (*p == '"')
                fputc('"', out);
            fputc(*p, out);
        }
        fputc('"', out);
    } else {
        fputs(text, out);
    }
    buffer_release(&shown);
}

void csv_row(FILE *out, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            fputc(',', out);
        put_cell(out, cells[i] ? cells[i] : "");
    }
    fputs("\r\n", out);
}
