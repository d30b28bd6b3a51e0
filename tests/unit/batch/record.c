/* See record.h. */
#include "record.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char lines[64 * 1024];
static size_t len;
static bool taken;

void record(const char *format, ...)
{
    va_list ap;
    if (taken)
        len = 0;
    taken = false;
    va_start(ap, format);
    int n = vsnprintf(lines + len, sizeof lines - len, format, ap);
    va_end(ap);
    REQUIRE(n >= 0 && len + (size_t)n + 2 <= sizeof lines);
    len += (size_t)n;
    memcpy(lines + len, "\n", 2);
    len++;
}

const char *record_take(void)
{
    if (taken)
        len = 0;
    taken = true;
    lines[len] = '\0';
    return lines;
}

const char *record_text(const char *text)
{
    return text ? text : "-";
}
