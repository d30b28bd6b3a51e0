/* See column_order.h. */
#include "tables/column_order.h"

#include "tables/column_names.h"

#include <stddef.h>
#include <string.h>

struct known_columns {
    const char *table;
    const char *const *names; /* NULL-ended */
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
static const struct known_columns known[] = {
    {"documents",
     NAMES("supplier_name", "invoice_number", "receipt_number", "document_type", "date", "due_date",
           "payment_date", "po_number", "locale.currency", "total_net", "total_tax", "total_amount",
           "tips_gratuity", "customer_name")},
    {"line_items", NAMES("product_code", "description", "quantity", "unit_measure", "unit_price",
                         "total_price", "tax_rate", "tax_amount")},
    {"taxes", NAMES("rate", "base", "amount")},
    {"splits", NAMES("first_page", "last_page", "document_type")},
    {"crops", NAMES("page", "object_type", "left", "top", "right", "bottom", "polygon")},
    {"classifications", NAMES("document_type")},
    {"pages", NAMES("page", "words", "content")},
    {TABLE_WORDS, NAMES("page", "content", "polygon")},
};
static const char *const tables_first[] = {"documents", "line_items", "taxes", NULL};
static const char *const tables_last[] = {"splits", "crops",     "classifications",
                                          "pages",  TABLE_WORDS, NULL};
static const char *const amounts[] = {"total_net",  "total_tax",   "total_amount", "tips_gratuity",
                                      "unit_price", "total_price", "tax_amount",   "net_amount",
                                      "base",       "amount",      "grand_total",  "subtotal",
                                      "amount_due", "price",       "total",        NULL};

enum { NOWHERE = 1000 };

static int place_in(const char *const *names, const char *name)
{
    for (int i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return NOWHERE;
}

static const char *const *known_of(const char *table)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].table, table) == 0)
            return known[i].names;
    return NULL;
}

/* Component by component, each by its length, then by its bytes. */
static int by_path(const char *a, const char *b)
{
    for (;;) {
        size_t n = strcspn(a, "."), m = strcspn(b, ".");
        int order = n == m ? memcmp(a, b, n) : n < m ? -1 : 1;
        if (order)
            return order;
        if (!a[n] || !b[m])
            return (a[n] != '\0') - (b[m] != '\0');
        a += n + 1;
        b += m + 1;
    }
}

int column_order(const char *table, const char *a, const char *b)
{
    const char *const *names = known_of(table);
    int place_a = place_in(names, a), place_b = place_in(names, b);
    return place_a != place_b ? place_a - place_b : by_path(a, b);
}

/* Before, among or behind the others, and where. */
static int table_place(const char *name)
{
    int first = place_in(tables_first, name), last = place_in(tables_last, name);
    return first != NOWHERE ? first : last != NOWHERE ? NOWHERE + 1 + last : NOWHERE;
}

int table_order(const char *a, const char *b)
{
    int place_a = table_place(a), place_b = table_place(b);
    return place_a != place_b ? place_a - place_b : by_path(a, b);
}

bool table_is_products(const char *name)
{
    return place_in(tables_last, name) != NOWHERE;
}

bool column_is_amount(const char *name)
{
    const char *dot = strrchr(name, '.');
    return place_in(amounts, dot ? dot + 1 : name) != NOWHERE;
}
