/* workbook_check.h - whether all that was written of a workbook is in its file. */
#ifndef MB_WORKBOOK_WORKBOOK_CHECK_H
#define MB_WORKBOOK_WORKBOOK_CHECK_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Reads the workbook at PATH: each part has its checksum and is one whole XML document, and the rows of
 * sheet i are exactly ROWS[i] bytes. Else ERR_IO, with words about SHOWN. */
MUST_CHECK int workbook_check(const char *path, const char *shown, const int64_t *rows,
                              size_t sheets, struct error *e);

#endif
