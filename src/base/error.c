/* See error.h. Texts that outgrow their space are cut: the front, which says what was being done,
 * stays. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *e, int code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    e->code = code;
    return code;
}

int error_system(struct error *e, int code, int system_error, const char *format, ...)
{
    char reason[128];
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    size_t used = strlen(e->text);
    snprintf(e->text + used, sizeof e->text - used, ": %s",
             strerror_r(system_error, reason, sizeof reason));
    e->code = code;
    return code;
}

int error_wrap(struct error *e, const char *format, ...)
{
    char inner[sizeof e->text];
    va_list ap;
    memcpy(inner, e->text, sizeof inner);
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    size_t used = strlen(e->text);
    snprintf(e->text + used, sizeof e->text - used, ": %s", inner);
    return e->code;
}
