/* See exit_code.h. */
#include "batch/exit_code.h"

int exit_code_of(const struct error *e)
{
    switch (e->code) {
    case ERR_BUSY:
    case ERR_DAMAGED:
    case ERR_IO:
        return EXIT_LEDGER;
    case ERR_USAGE:
    case ERR_NOT_FOUND:
        return EXIT_USAGE;
    default:
        return EXIT_RESUMABLE;
    }
}
