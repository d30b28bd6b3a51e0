/* See invoice_check.h. Each part looks at one subject, and none at what another found. */
#include "review/invoice_check.h"

#include "review/check_parts.h"

void invoice_check(const struct invoice *v, const struct check_options *o,
                   const struct circumstances *c, struct findings *out)
{
    const struct check k = {v, o, c, out};
    check_required(&k);
    if (o->enabled) {
        check_totals(&k);
        check_lines(&k);
        check_taxes(&k);
        check_dates(&k);
        check_identity(&k);
        check_computable(&k);
    }
    check_confidence(&k);
}
