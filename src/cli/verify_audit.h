/* verify_audit.h - whether the audit trail of an output directory is as it was written. */
#ifndef MB_CLI_VERIFY_AUDIT_H
#define MB_CLI_VERIFY_AUDIT_H

#include "batch/options.h"

/* Prints a line of `verify`. HASH: whether it is in the trail, too; NULL. 0, or the exit code after telling what is wrong.
 * Makes nothing: without a review.db there is no trail. */
MUST_CHECK int verify_audit(const struct batch_options *o, const char *hash);

#endif
