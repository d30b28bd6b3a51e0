/* csv_read.h - a sheet of CSV as people hand it in: comma, semicolon or tab, whichever its first line has; with or
 * without a byte order mark; quoted as RFC 4180 has it. One apostrophe at the beginning of a cell is taken off, as exports
 * put one there. */
#ifndef MB_CLI_CSV_READ_H
#define MB_CLI_CSV_READ_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

enum { CSV_CELLS_MAX = 256, CSV_FILE_MAX = 64 * 1024 * 1024 };

struct csv_reader {
    struct buffer text;
    size_t at;
    char delimiter;
    int64_t line; /* in which the row at hand begins, from 1 */
    const char *cells[CSV_CELLS_MAX];
    size_t count;
    int64_t lines;
};

/* ERR_IO, ERR_LIMIT, ERR_FORMAT (it isn't UTF-8). */
MUST_CHECK int csv_reader_open(struct csv_reader *r, const char *path, struct error *e);
void csv_reader_close(struct csv_reader *r);
/* 1: a row; 0: the end; ERR_FORMAT. Its cells are valid until the reader is closed. Empty lines are passed over. */
MUST_CHECK int csv_reader_next(struct csv_reader *r, struct error *e);

#endif
