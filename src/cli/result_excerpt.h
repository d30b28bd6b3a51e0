/* result_excerpt.h - one result out of a ledger, in the few lines that a person wants to see. */
#ifndef MB_CLI_RESULT_EXCERPT_H
#define MB_CLI_RESULT_EXCERPT_H

#include "base/buffer.h"
#include "ledger/ledger.h"

/* Appends the path of the first result file below OUTPUT, in the order of the inputs' paths, and some
 * fields of an invoice as the ledger has them; nothing while no result file is written. 0, or the
 * ledger's error. */
MUST_CHECK int result_excerpt(struct ledger *l, const char *output, struct buffer *out);

#endif
