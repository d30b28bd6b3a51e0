/* fetch.h - the GET of a result, once its intent is in the ledger: with Delete When Fetched it can be
 * the only one. */
#ifndef MB_BATCH_FETCH_H
#define MB_BATCH_FETCH_H

#include "batch/upload.h"

struct fetch;

struct fetch *fetch_new(struct run_context *c, const struct upload_neighbours *with);
void fetch_free(struct fetch *t);

void fetch_due(struct fetch *t, struct flight *f, bool first); /* into the line */
bool fetch_waits(const struct fetch *t);                       /* one is in the line */
void fetch_send(struct fetch *t, struct mono now);             /* the first in the line */
int fetch_out(const struct fetch *t);                          /* on the wire */
bool fetch_busy(const struct fetch *t);

#endif
