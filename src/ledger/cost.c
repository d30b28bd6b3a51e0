/* See cost.h. Counted by what counts all documents, so that the sum of all is what `status` says. */
#include "ledger/cost.h"

#include "ledger/private.h"

int ledger_cost(struct ledger *l, int64_t document_id, struct ledger_cost *out)
{
    struct document_row row;
    struct totals t = {0};
    int64_t came = 0, uploads = 0;
    int n = row_load(l, document_id, &row);
    if (n == 0)
        n = database_number(&l->db, "SELECT created_at FROM document WHERE id = ?",
                            VALUES(V_INT(document_id)), &came);
    if (n >= 0)
        n = database_number(&l->db, "SELECT count(*) FROM attempt WHERE document = ?",
                            VALUES(V_INT(document_id)), &uploads);
    if (n < 0)
        return n;
    struct charges *all[] = {&row.accepted, &row.done, &row.doubt};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i]->price = all[i]->n * (int64_t)CREDIT_MICROS; /* of pages, whatever they cost */
    row_count(&t, &row, 1);
    *out = (struct ledger_cost){
        .came = {came},
        .uploads = (int)uploads,
        .pages = t.n[COUNT_CREDITS] / CREDIT_MICROS,
        .at_risk = t.n[COUNT_AT_RISK] / CREDIT_MICROS,
        .out = t.n[COUNT_CREDITS_OUT] / CREDIT_MICROS,
    };
    return 0;
}
