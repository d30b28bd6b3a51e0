/* report_setup.h - what the options say of a report (report/report.h).
 *
 *   report_setup_read(&s, &batch_options, config, batch, period, &e)       ERR_USAGE: fields.* that can't be read
 *   report_write(&s.options, path, ledger, &more, &e)
 *   report_setup_release(&s) */
#ifndef MB_CLI_REPORT_SETUP_H
#define MB_CLI_REPORT_SETUP_H

#include "batch/options.h"
#include "report/report.h"

#include <limits.h>

struct report_setup {
    struct report_options options;
    char configuration[SHA256_HEX];
    char directory[PATH_MAX]; /* the output directory without symbolic links: where links begin */
    struct facts_options review;
    struct check_options checks;
    struct roles *review_roles; /* with columns of its own */
};

/* All of it but S's own must outlive S. BATCH and PERIOD may be NULL. */
MUST_CHECK int report_setup_read(struct report_setup *s, const struct batch_options *o,
                                 const struct config *c, const char *batch, const char *period,
                                 struct error *e);
void report_setup_release(struct report_setup *s);

#endif
