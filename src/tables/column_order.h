/* column_order.h - in which order tables and columns stand: a function of their names alone, so that two
 * ledgers with the same model, or two months, have the same header.
 *
 * Well-known columns come first, in the order in which a person reads an invoice; the rest by the names along
 * their path, shorter ones first, which is the order in which Mindee sends them. */
#ifndef MB_TABLES_COLUMN_ORDER_H
#define MB_TABLES_COLUMN_ORDER_H

#include <stdbool.h>

/* Below, at or above zero as A stands before, at or behind B: names of columns of the table TABLE. */
int column_order(const char *table, const char *a, const char *b);
/* Names of tables: documents first, the products' own last. */
int table_order(const char *a, const char *b);
/* One of a product's own tables: splits, crops, classifications, pages, _words. */
bool table_is_products(const char *name);
/* Whether a column of numbers is money, by its name. */
bool column_is_amount(const char *name);

#endif
