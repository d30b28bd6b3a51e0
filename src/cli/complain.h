/* complain.h - what a command tells a person of trouble, on standard error. Beside it stands the
 * log, which speaks of the documents. */
#ifndef MB_CLI_COMPLAIN_H
#define MB_CLI_COMPLAIN_H

#include "base/error.h"
#include "config/error_list.h"

/* Prints "mindee-batch: <text>" to standard error; returns CODE. */
int complain(int code, const char *format, ...) PRINTF(2, 3);
/* There is none at PATH, for which NUMBER, an errno, stands; returns EXIT_USAGE. */
int complain_no_ledger(const char *path, int number);
/* All of them, one a line; returns CODE. */
int complain_errors(int code, const struct error_list *errors);
/* From now on each text begins with the batch's name; NULL: not any more. */
void complain_of(const char *batch);

#endif
