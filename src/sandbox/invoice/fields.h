/* fields.h - an invoice as Mindee's extraction says it. */
#ifndef MB_SANDBOX_INVOICE_FIELDS_H
#define MB_SANDBOX_INVOICE_FIELDS_H

#include "sandbox/invoice/places.h"

/* Appends the extraction's `fields` object, each value with its confidence and where it is printed. */
void invoice_put_fields(const struct invoice *v, const struct invoice_places *places,
                        struct buffer *out);

#endif
