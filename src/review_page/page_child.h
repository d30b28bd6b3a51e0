/* page_child.h - a page's picture drawn by a child: `mindee-batch-tools page-draw TYPE N`, which bounds itself (intake/page_draw.h).
 * The file is its standard input, the picture its standard output; it has no other descriptor and no environment.
 * For a thread of the pool: waits. */
#ifndef MB_REVIEW_PAGE_PAGE_CHILD_H
#define MB_REVIEW_PAGE_PAGE_CHILD_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

enum {
    PAGE_CHILD_DEADLINE_MS = 15000,
    PAGE_PICTURE_MAX = 12 * 1000 * 1000, /* bytes of a picture */
};

/* 0, or ERR_NOT_FOUND (what draws such files isn't installed), ERR_FORMAT (it can't be drawn), ERR_LIMIT (not within the
 * bounds of time or size), ERR_IO. The words are for the clerk. DEADLINE_MS 0: as above. */
MUST_CHECK int page_child_draw(const char *tools, const char *type, int page, int fd,
                               int64_t deadline_ms, struct buffer *out, struct error *e);

#endif
