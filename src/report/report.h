/* report.h - one page of HTML that tells what a batch, or a period of it, has come to: for a person of finance, to be
 * read in a minute and kept.
 *
 *   report_place(&path, &options)                  OUTPUT/report.html, or report-PERIOD.html
 *   report_make(&page, &options, ledger, &e)       the page, to be written by the caller; or
 *   report_write(&options, path, ledger, &e)
 *
 * It may be made beside a run that writes the ledger: what it tells is up to the newest result there was when it began.
 * The same state of the ledger gives the same bytes. The page is one file that loads nothing. */
#ifndef MB_REPORT_REPORT_H
#define MB_REPORT_REPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include "report/report_options.h"

/* Where it goes if nobody says otherwise; appended. */
void report_place(struct buffer *out, const char *output, const char *period);

/* ERR_DAMAGED where the ledger isn't as it was stored, or (*DOES_NOT_ADD_UP) its numbers contradict each other: a
 * fault of ours. OUT is empty then. */
MUST_CHECK int report_make(struct buffer *out, const struct report_options *options,
                           struct ledger *l, bool *does_not_add_up, struct error *e);
/* Whether the page at PATH tells what a new one would, but for when the newest run began and ended: since it was made
 * nothing happened, and nobody decided anything. */
bool report_stands(const struct report_options *options, const char *path, struct ledger *l);
/* To PATH, which becomes the new page whole or stays as it is. */
MUST_CHECK int report_write(const struct report_options *options, const char *path,
                            struct ledger *l, bool *does_not_add_up, struct error *e);

#endif
