/* See error.h. Texts that outgrow their space are cut, between characters: the front, which says
 * what was being done, stays. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Takes away a character that was cut in the middle.
 * Only a text that fills its space can end so. */
static void trim(struct error *e)
{
    size_t len = strlen(e->text), last = len;
    if (len < sizeof e->text - 1)
        return;
    while (last > 0 && ((unsigned char)e->text[last - 1] & 0xc0) == 0x80)
        last--;
    if (last == 0)
        return;
    unsigned char lead = (unsigned char)e->text[last - 1];
    size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (len - (last - 1) < whole)
        e->text[last - 1] = '\0';
}

int error_set(struct error *e, int code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    trim(e);
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
    trim(e);
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
    trim(e);
    return e->code;
}
