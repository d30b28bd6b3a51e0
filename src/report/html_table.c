/* See html_table.h. */
#include "report/html_table.h"

#include "format/file_link.h"
#include "report/html_text.h"

#include <string.h>

void html_heading(struct buffer *out, const char *id, const char *title, int64_t rows)
{
    buffer_printf(out, "<h2 id=\"%s\">%s", id, title);
    if (rows >= 0) {
        buffer_printf(out, " <small id=\"%s-n\">", id);
        html_count(out, rows);
        buffer_put(out, "</small>");
    }
    buffer_put(out, "</h2>\n");
}

void html_controls(struct buffer *out, const char *id, const char *hint,
                   const struct html_chip *chips, size_t count)
{
    buffer_printf(out,
                  "<div class=\"controls\" role=\"group\" aria-label=\"Filter\" hidden "
                  "data-table=\"%s-t\" data-shown=\"%s-n\"><input type=\"search\" "
                  "placeholder=\"%s\" aria-label=\"Filter by word: %s\">",
                  id, id, hint, hint);
    for (size_t i = 0; i < count && count > 1; i++) {
        buffer_put(out, "<button type=\"button\" aria-pressed=\"false\" data-r=\"");
        html_text(out, chips[i].reason);
        buffer_put(out, "\">");
        html_text(out, chips[i].words);
        buffer_put(out, " ");
        html_count(out, chips[i].rows);
        buffer_put(out, "</button>");
    }
    buffer_put(out, "</div>\n");
}

void html_table_begin(struct buffer *out, const char *id, const char *class, const char *caption,
                      const char *const *columns, size_t count)
{
    buffer_printf(out, "<table id=\"%s-t\" class=\"%s\"><caption>%s</caption>\n<thead><tr>", id,
                  class, caption);
    for (size_t i = 0; i < count; i++) {
        char mark = *columns[i];
        bool number = mark == '#' || mark == '=';
        buffer_printf(out, "<th scope=\"col\"%s%s>%s</th>", number ? " class=\"n\"" : "",
                      mark == '#'   ? " data-s=\"n\""
                      : mark == '~' ? " data-s=\"t\""
                                    : "",
                      columns[i] + 1);
    }
    buffer_put(out, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct buffer *out)
{
    buffer_put(out, "</tbody></table>\n");
}

void html_file(struct buffer *out, const char *directory, const char *name, const char *path)
{
    struct buffer link;
    buffer_init(&link, 0);
    bool has_link = path && file_link(&link, directory, path);
    if (has_link)
        buffer_printf(out, "<a rel=\"noreferrer\" href=\"%s\">", buffer_text(&link));
    buffer_put(out, "<bdi>");
    html_put(out, name, strlen(name), HTML_PATH_MOST);
    buffer_put(out, has_link ? "</bdi></a>" : "</bdi>");
    buffer_release(&link);
}

void html_counted(struct buffer *out, int64_t n, const char *one, const char *many)
{
    html_count(out, n);
    buffer_printf(out, " %s", n == 1 ? one : many);
}
