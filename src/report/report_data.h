/* report_data.h - what a report tells, gathered from the ledger.
 *
 *   report_data_read(&data, &options, ledger, &e)
 *   report_data_release(&data)
 *
 * Memory: some 24 bytes a document and one result at a time; all lists are bounded. */
#ifndef MB_REPORT_REPORT_DATA_H
#define MB_REPORT_REPORT_DATA_H

#include "export/control_totals.h"
#include "ledger/billing.h"
#include "report/report_options.h"
#include "report/report_review.h"
#include "report/report_suppliers.h"
#include "report/report_times.h"
#include "report/report_unstored.h"

struct report_data {
    const struct report_options *options;
    uint64_t ledger;
    int64_t newest; /* result */
    struct wall began,
        ended; /* of the newest run, or the runs of the period; 0: none, or it goes on */
    struct control_totals control;
    bool does_not_add_up;
    int64_t unreadable; /* results that aren't what Mindee's are */
    struct report_suppliers *suppliers;
    struct report_times times;
    struct report_unstored unstored;
    struct bill bill;
    struct report_review review;
    char mark[SHA256_HEX]; /* report_mark.h; "": its like can't be told again */
};

MUST_CHECK int report_data_read(struct report_data *d, const struct report_options *options,
                                struct ledger *l, struct error *e);
void report_data_release(struct report_data *d);

#endif
