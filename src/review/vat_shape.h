/* vat_shape.h - whether a VAT number can be one of the country whose letters it begins with. */
#ifndef MB_REVIEW_VAT_SHAPE_H
#define MB_REVIEW_VAT_SHAPE_H

#include <stdbool.h>

/* Of a key (key_vat): true also where it begins with no country that is known here (EU, XI, GB, CH, NO). */
bool vat_shape_fits(const char *key);

#endif
