/* See error_list.h. */
#include "config/error_list.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void error_list_init(struct error_list *l)
{
    memset(l, 0, sizeof *l);
}

void error_list_release(struct error_list *l)
{
    free(l->errors);
    error_list_init(l);
}

int error_list_add(struct error_list *l, int code, const char *format, ...)
{
    ARRAY_RESERVE(l->errors, l->capacity, l->count + 1);
    struct error *e = &l->errors[l->count++];
    va_list ap;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    e->code = code;
    return code;
}

void error_list_add_once(struct error_list *l, const struct error *e)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->errors[i].text, e->text) == 0)
            return;
    (void)error_list_add(l, e->code, "%s", e->text);
}
