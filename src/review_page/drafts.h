/* drafts.h - what was typed and isn't decided yet, by record, in memory: a tab that dies loses nothing. Bounded: beyond
 * DRAFTS_MAX records, or DRAFTS_BYTES_MAX, the one that was touched longest ago goes. */
#ifndef MB_REVIEW_PAGE_DRAFTS_H
#define MB_REVIEW_PAGE_DRAFTS_H

#include "base/buffer.h"
#include "review_page/page_body.h"

enum { DRAFTS_MAX = 2000, DRAFTS_BYTES_MAX = 8 * 1024 * 1024 };

struct drafts;

struct drafts *drafts_new(void);
void drafts_free(struct drafts *d);
/* BODY's changes in place of what was kept of its record; none: nothing is kept. */
void drafts_keep(struct drafts *d, const struct page_body *body);
void drafts_drop(struct drafts *d, const char *key);
/* Appends [{"path": ..., "value": ...}], "[]" if nothing is kept. */
void drafts_put(const struct drafts *d, const char *key, struct buffer *out);

#endif
