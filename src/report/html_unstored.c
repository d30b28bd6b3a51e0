/* What has no result, and why. */
#include "report/html_sections.h"

#include "report/html_table.h"
#include "report/html_text.h"

#include <string.h>

static void put_row(struct buffer *out, const struct report_data *d,
                    const struct report_unstored_row *row)
{
    const char *directory = d->options->directory ? d->options->directory : d->options->output;
    buffer_put(out, "<tr data-r=\"");
    html_text(out, row->code);
    buffer_put(out, "\"><td class=\"wide\">");
    html_file(out, directory, row->name, row->path);
    buffer_put(out, "</td><td class=\"d\">");
    html_text(out, row->state);
    buffer_put(out, "</td><td class=\"wide\"><b>");
    html_text(out, row->code);
    buffer_put(out, "</b> ");
    html_put(out, row->why, strlen(row->why), HTML_REASON_MOST);
    buffer_put(out, "</td></tr>\n");
}

void html_unstored(struct buffer *out, const struct report_data *d)
{
    static const char *const columns[] = {"~File", "~State", "~Why"};
    struct html_chip chips[REPORT_UNSTORED_REASONS];
    const struct report_unstored *u = &d->unstored;
    if (u->files == 0)
        return;
    for (size_t i = 0; i < u->reason_count; i++)
        chips[i] = (struct html_chip){u->reasons[i].code, u->reasons[i].code, u->reasons[i].files};
    html_heading(out, "unstored", "Not stored", u->files);
    html_controls(out, "unstored", "file, reason\xe2\x80\xa6", chips, u->reason_count);
    html_table_begin(out, "unstored", "stack", "Files without a result, and why", columns,
                     sizeof columns / sizeof *columns);
    for (size_t i = 0; i < u->row_count; i++)
        put_row(out, d, &u->rows[i]);
    html_table_end(out);
    if (u->files > (int64_t)u->row_count) {
        buffer_put(out, "<p class=\"note\">The first ");
        html_count(out, (int64_t)u->row_count);
        buffer_put(out, "; the rest is in failures.csv.</p>\n");
    }
}
