/* flatten_fields.h - a record's fields: its row in `documents`, then the rows of its lists. */
#ifndef MB_TABLES_FLATTEN_FIELDS_H
#define MB_TABLES_FLATTEN_FIELDS_H

#include "tables/flat_walk.h"

/* FIELDS is the object of a `result.fields`. 0 or ERR_LIMIT, with words. */
MUST_CHECK int flatten_fields(struct flat_walk *w, uint32_t fields);

#endif
