/* csv.h - rows that Excel opens as they are meant: quoted where needed (RFC 4180), and no cell of
 * text becomes a formula. */
#ifndef MB_REPORT_CSV_H
#define MB_REPORT_CSV_H

#include <stddef.h>
#include <stdio.h>

/* One row; NULL cells are empty. Bytes that aren't UTF-8 and control characters show as \xNN. */
void csv_row(FILE *out, const char *const *cells, size_t count);

#endif
