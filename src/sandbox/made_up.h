/* made_up.h - values for a file of which nothing is known: they say so ("SYNTHETIC ...") and belong
 * to its content, so that the same bytes have the same values every time. */
#ifndef MB_SANDBOX_MADE_UP_H
#define MB_SANDBOX_MADE_UP_H

#include "sandbox/record.h"

/* A number of 0 .. BELOW-1 that belongs to the content and to N. */
unsigned made_up_number(const struct job *j, unsigned n, unsigned below);

/* Appends the `fields` object of an extraction by that schema: of the whole file (PART 0), or of a
 * part of it. Without confidences and polygons. */
void made_up_fields(struct buffer *b, const struct job *j, enum model_schema schema, unsigned part);

/* Appends FIELDS, such as made_up_fields writes, with confidences and polygons put in where a value
 * has none. */
void made_up_details(struct buffer *b, const struct job *j, const char *fields);

#endif
