/* See all_columns.h. Settings are joined in the order in which they were first used; the order of the
 * columns doesn't depend on it (column_order.h). */
#include "tables/all_columns.h"

int all_columns(struct catalogue *c, int64_t upto, struct columns **out, struct error *e)
{
    int err = upto < 0 ? 0 : catalogue_scan(c, upto, e);
    *out = NULL;
    if (err)
        return err;
    struct columns *all = columns_new();
    for (int64_t id = catalogue_next(c, 0); !err && id; id = catalogue_next(c, id))
        err = columns_join(all, catalogue_columns(c, id));
    if (err) {
        columns_free(all);
        return error_set(e, err,
                         "the results of this ledger have more columns than can be exported");
    }
    *out = all;
    return 0;
}
