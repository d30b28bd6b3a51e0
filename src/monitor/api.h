/* api.h - /api/v1/: what a program, or the page's script, reads of the batches. Read alone.
 *
 *   GET /api/v1/status                 `status --json` without `list`; with ?live=1 also `live` (live_json.h)
 *   GET /api/v1/documents              ?state=&after=&limit=, besides ?text= (in a path) and ?batch= (its section's name)
 *   GET /api/v1/documents/N            `explain --json`; besides ?batch=
 *
 * Ledgers are read on the loop's own thread, as all of SQLite is, by connections that only read, and a little at a time:
 * other work has its turn in between. */
#ifndef MB_MONITOR_API_H
#define MB_MONITOR_API_H

#include "monitor/observed.h"
#include "net/http_server.h"

struct api;

/* OBSERVER must outlive it. */
struct api *api_new(struct loop *loop, struct observer *observer);
/* True: the request is the API's, and is answered, or will be. */
bool api_take(struct api *a, struct http_request *r);
/* When the server is closed: requests that weren't answered are dead. A is, too. */
void api_free(struct api *a);

#endif
