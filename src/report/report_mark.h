/* report_mark.h - what a page was made of, in its last line: where that is the same, so is the page. Only when the
 * newest run began and ended isn't in it: a run in which nothing happened leaves the page of the one that did
 * something. */
#ifndef MB_REPORT_REPORT_MARK_H
#define MB_REPORT_REPORT_MARK_H

#include "report/report_options.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "ledger/ledger.h"

/* STATE: ledger_state_mark. HEAD: of the audit trail; "": nobody looks at the records. */
void report_mark_make(const struct report_options *o, const struct buffer *state, const char *head,
                      char out[SHA256_HEX]);
void report_mark_put(struct buffer *page, const char mark[SHA256_HEX]);
/* Whether the file at PATH ends with it. */
bool report_mark_is_in(const char *path, const char mark[SHA256_HEX]);

#endif
