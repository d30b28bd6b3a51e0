/* page_body.h - the body of a POST, read: what is to be decided or checked.
 *
 *   if (page_body_read(&b, text, len, &e) < 0) ...      ERR_FORMAT: what is missing or of a wrong kind
 *   page_body_release(&b);                              in any case
 *
 * Numbers keep their digits: a value may come as a text or as a JSON number. null and "" clear a field. Members that aren't
 * known are passed over. */
#ifndef MB_REVIEW_PAGE_PAGE_BODY_H
#define MB_REVIEW_PAGE_PAGE_BODY_H

#include "base/error.h"
#include "review_page/page_route.h"

#include <stdint.h>

enum { PAGE_CHANGES_MAX = 2000 };

struct page_change {
    char *path, *value; /* "line_items[2].total_price"; owned */
};

struct page_body {
    char record[PAGE_KEY_MAX];
    char *version; /* NULL: none was given */
    char *action;  /* NULL: none; all owned */
    char *note;    /* "" if none */
    bool keep;     /* of a check: keep the changes as a draft */
    struct page_change *changes;
    size_t change_count, change_capacity;
};

MUST_CHECK int page_body_read(struct page_body *b, const char *text, size_t len, struct error *e);
void page_body_release(struct page_body *b);

#endif
