/* page.h - the page at /: the numbers as they are when it is asked for. Its script keeps them up. */
#ifndef MB_MONITOR_PAGE_H
#define MB_MONITOR_PAGE_H

#include "monitor/observed.h"
#include "net/http_server.h"

/* True: the request is for the page's script, style or icon, and is answered. */
bool page_take(struct http_request *r);
void page_put(struct buffer *out, const struct observed *seen);

#endif
