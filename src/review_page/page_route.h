/* page_route.h - which of the page's addresses a path is, pure. A record's key and a page's number are taken out of it to be
 * looked up; neither ever becomes part of a file's name. */
#ifndef MB_REVIEW_PAGE_PAGE_ROUTE_H
#define MB_REVIEW_PAGE_PAGE_ROUTE_H

#include <stdbool.h>

enum { PAGE_KEY_MAX = 64 /* with the NUL: "d0123456789abcdef/2/1" */, PAGE_NUMBER_MAX = 100000 };

enum page_place {
    AT_NOTHING,
    AT_HTML,
    AT_CSS,
    AT_JS,
    AT_LIST,
    AT_RECORD, /* its key is in the route */
    AT_PAGE,   /* and the page's number */
    AT_CHECK,
    AT_DECIDE,
};

struct page_route {
    enum page_place place;
    char key[PAGE_KEY_MAX];
    int page; /* from 1 */
};

/* The status to answer with: 0, 404 (there is no such place; a key or number of another form is none) or 405 (it takes the
 * other method). */
int page_route_read(struct page_route *r, const char *method, const char *path);
/* "d" and 16 hex digits, and "/n" for each part. */
bool record_key_is_one(const char *text);

#endif
