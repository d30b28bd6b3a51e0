/* See findings.h. Texts are bounded by what goes into them: figures of at most 48 characters, and texts of
 * results that text_show cuts. */
#include "review/findings.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MOST = 1000 };

void findings_add(struct findings *f, const struct check_options *o, enum check_code code,
                  const char *field, const struct decimal *difference, int decimals,
                  const char *format, ...)
{
    char text[TEXT_MOST], figure[DECIMAL_TEXT_MAX];
    va_list args;
    if (o->severities[code] == SEVERITY_OFF)
        return;
    if (f->count == FINDINGS_MAX) {
        f->more++;
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ARRAY_RESERVE(f->items, f->capacity, f->count + 1);
    f->items[f->count++] = (struct finding){
        .code = code,
        .severity = o->severities[code],
        .field = xstrdup(field),
        .text = xstrdup(text),
        .difference = difference ? xstrdup(decimal_format(*difference, decimals, figure)) : NULL,
    };
}

void findings_clear(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->items[i].field);
        free(f->items[i].text);
        free(f->items[i].difference);
    }
    f->count = 0;
    f->more = 0;
}

void findings_release(struct findings *f)
{
    findings_clear(f);
    free(f->items);
    *f = (struct findings){0};
}

enum severity findings_worst(const struct findings *f)
{
    enum severity worst = SEVERITY_OFF;
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].severity > worst)
            worst = f->items[i].severity;
    return worst;
}
