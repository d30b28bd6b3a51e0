/* See complain.h. */
#include "cli/complain.h"

#include "base/text.h"
#include "batch/exit_code.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *complaints_batch;

void complain_of(const char *batch)
{
    complaints_batch = batch;
}

int complain(int code, const char *format, ...)
{
    va_list ap;
    fputs("mindee-batch: ", stderr);
    if (complaints_batch)
        fprintf(stderr, "batch %s: ", complaints_batch);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    return code;
}

int complain_no_ledger(const char *path, int number)
{
    if (number != ENOENT && number != ENOTDIR)
        return complain(EXIT_USAGE, "no ledger at %s: %s", text_show(path), strerror(number));
    return complain(EXIT_USAGE,
                    "there is no ledger at %s yet: name the output directory of a run (-c FILE, or "
                    "-s output.directory=DIR)",
                    text_show(path));
}

int complain_errors(int code, const struct error_list *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        complain(code, "%s", errors->errors[i].text);
    return code;
}
