/* See units.h. */
#include "base/units.h"
#include "base/error.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int duration_parse(const char *text, int64_t *ms)
{
    static const struct {
        const char *name;
        double scale_ms;
    } units[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"min", 60e3}, {"h", 36e5}, {"d", 864e5}};
    if (strcmp(text, "0") == 0) {
        *ms = 0;
        return 0;
    }
    if (!isdigit((unsigned char)*text))
        return ERR_FORMAT;
    char *end;
    double number = strtod(text, &end);
    for (const char *p = text; p < end; p++) /* no hex, no exponents, no "inf" */
        if (!isdigit((unsigned char)*p) && *p != '.')
            return ERR_FORMAT;
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(end, units[i].name) != 0)
            continue;
        double value = number * units[i].scale_ms;
        if (!(value < 9e15))
            return ERR_FORMAT;
        *ms = (int64_t)llround(value);
        return 0;
    }
    return ERR_FORMAT;
}

const char *duration_format(int64_t ms, char out[UNITS_TEXT_MAX])
{
    int64_t s = (ms + 500) / 1000;
    if (ms < 1000)
        snprintf(out, UNITS_TEXT_MAX, "%" PRId64 " ms", ms);
    else if (ms < 9950)
        snprintf(out, UNITS_TEXT_MAX, "%.1f s", (double)ms / 1000);
    else if (s < 60)
        snprintf(out, UNITS_TEXT_MAX, "%" PRId64 " s", s);
    else if (s < 3600)
        snprintf(out, UNITS_TEXT_MAX, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
    else
        snprintf(out, UNITS_TEXT_MAX, "%" PRId64 " h %02" PRId64 " min", s / 3600, s % 3600 / 60);
    return out;
}

const char *size_format(int64_t bytes, char out[UNITS_TEXT_MAX])
{
    static const char *const names[] = {"KB", "MB", "GB", "TB"};
    if (bytes < 1000) {
        snprintf(out, UNITS_TEXT_MAX, "%" PRId64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return out;
    }
    double v = (double)bytes / 1000;
    size_t i = 0;
    while (v >= 999.5 && i < 3) {
        v /= 1000;
        i++;
    }
    snprintf(out, UNITS_TEXT_MAX, v < 9.95 ? "%.1f %s" : "%.0f %s", v, names[i]);
    return out;
}

const char *count_format(int64_t n, char out[UNITS_TEXT_MAX])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    char *p = out;
    if (n < 0)
        *p++ = '-';
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return out;
}
