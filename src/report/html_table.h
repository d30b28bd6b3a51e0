/* html_table.h - what the tables of a page have in common: their headings, and the controls that the page's script
 * brings to life (page/report.js). */
#ifndef MB_REPORT_HTML_TABLE_H
#define MB_REPORT_HTML_TABLE_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

/* A heading with how many rows are below it (-1: that is no matter), which a filter corrects. */
void html_heading(struct buffer *out, const char *id, const char *title, int64_t rows);

struct html_chip {
    const char *reason; /* as it stands in data-r of the rows */
    const char *words;
    int64_t rows;
};
/* A field to filter the table of the heading ID by word, and buttons to do it by reason. */
void html_controls(struct buffer *out, const char *id, const char *hint,
                   const struct html_chip *chips, size_t count);

/* The beginning of that table up to its first row. Of COLUMNS each is its words, with a mark in front: "#" a number
 * that can be sorted, "=" a number, "~" text that can be sorted, "-" text. */
void html_table_begin(struct buffer *out, const char *id, const char *class, const char *caption,
                      const char *const *columns, size_t count);
void html_table_end(struct buffer *out);

/* What a file is called, as a link to where it is if there can be one from DIRECTORY. */
void html_file(struct buffer *out, const char *directory, const char *name, const char *path);

/* "1 document", "12 documents". */
void html_counted(struct buffer *out, int64_t n, const char *one, const char *many);

#endif
