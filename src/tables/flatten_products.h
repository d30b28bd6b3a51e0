/* flatten_products.h - what results other than fields have: splits, crops, a classification, pages of text. */
#ifndef MB_TABLES_FLATTEN_PRODUCTS_H
#define MB_TABLES_FLATTEN_PRODUCTS_H

#include "tables/flat_walk.h"

/* RESULT is the object of the record at work. Parts that were extracted become records, to be flattened after
 * this one. 0 or ERR_LIMIT, with words. */
MUST_CHECK int flatten_products(struct flat_walk *w, uint32_t result);

/* Adds a record, whose inference is the object AT; its number. */
uint32_t flat_record_add(struct flat_walk *w, uint32_t at);

#endif
