/* See clock.h. */
#include "base/clock.h"
#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec ts;
    REQUIRE(clock_gettime(id, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct mono system_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){read_ms(CLOCK_BOOTTIME)};
}

static struct wall system_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){read_ms(CLOCK_REALTIME)};
}

const struct clock system_clock = {system_mono, system_wall};

const char *wall_format(struct wall t, char out[WALL_TEXT_MAX])
{
    struct tm tm;
    time_t s = (time_t)(t.ms / 1000 - (t.ms % 1000 < 0));
    if (!gmtime_r(&s, &tm) || strftime(out, WALL_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        strcpy(out, "?");
    return out;
}

const char *wall_format_at(struct wall t, int32_t offset_s, char out[WALL_TEXT_MAX])
{
    int minutes = abs(offset_s) / 60;
    struct wall shown;
    if (__builtin_add_overflow(t.ms, (int64_t)offset_s * 1000, &shown.ms))
        shown = t;
    wall_format(shown, out);
    char *end = strrchr(out, 'Z');
    if (end)
        snprintf(end, WALL_TEXT_MAX - (size_t)(end - out), "%c%02d:%02d", offset_s < 0 ? '-' : '+',
                 minutes / 60 % 100, minutes % 60);
    return out;
}

/* Reads N digits as a number of LOW to HIGH and moves *P behind them; -1 if there is none such. */
static int parse_digits(const char **p, int n, int low, int high)
{
    int value = 0;
    for (; n > 0; n--, ++*p) {
        if (**p < '0' || **p > '9')
            return -1;
        value = value * 10 + (**p - '0');
    }
    return value >= low && value <= high ? value : -1;
}

/* Reads ".123456" as milliseconds and moves *P behind it. */
static int64_t parse_fraction(const char **p)
{
    int64_t ms = 0, unit = 100;
    if (**p != '.')
        return 0;
    for (++*p; **p >= '0' && **p <= '9'; ++*p, unit /= 10)
        ms += (**p - '0') * unit;
    return ms;
}

/* "Z", "+02:00", "-0330" or nothing, to the end of the text. */
static int parse_zone(const char *p, int64_t *offset_s)
{
    *offset_s = 0;
    if (*p == '\0' || strcmp(p, "Z") == 0)
        return 0;
    int sign = *p == '-' ? -1 : *p == '+' ? 1 : 0;
    if (!sign)
        return ERR_FORMAT;
    p++;
    int hours = parse_digits(&p, 2, 0, 23);
    p += hours >= 0 && *p == ':';
    int minutes = hours >= 0 ? parse_digits(&p, 2, 0, 59) : -1;
    if (minutes < 0 || *p)
        return ERR_FORMAT;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return 0;
}

/* "2026-04-20T18:27:58" into *TM; *P moves behind it. */
static int parse_date_time(const char **p, struct tm *tm)
{
    static const struct {
        int digits, low, high;
        const char *next; /* any of these must follow; "": nothing in particular */
    } parts[] = {{4, 1970, 9999, "-"}, {2, 1, 12, "-"}, {2, 1, 31, "T "},
                 {2, 0, 23, ":"},      {2, 0, 59, ":"}, {2, 0, 60, ""}};
    int value[6];
    for (int i = 0; i < 6; i++) {
        value[i] = parse_digits(p, parts[i].digits, parts[i].low, parts[i].high);
        if (value[i] < 0)
            return ERR_FORMAT;
        if (!*parts[i].next)
            continue;
        if (!**p || !strchr(parts[i].next, **p))
            return ERR_FORMAT;
        ++*p;
    }
    *tm = (struct tm){.tm_year = value[0] - 1900,
                      .tm_mon = value[1] - 1,
                      .tm_mday = value[2],
                      .tm_hour = value[3],
                      .tm_min = value[4],
                      .tm_sec = value[5]};
    return 0;
}

int wall_parse(const char *text, struct wall *out)
{
    struct tm tm;
    int64_t offset_s;
    if (parse_date_time(&text, &tm) < 0)
        return ERR_FORMAT;
    int day = tm.tm_mday;
    int64_t ms = parse_fraction(&text);
    if (parse_zone(text, &offset_s) < 0)
        return ERR_FORMAT;
    struct tm date = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = day};
    timegm(&date);
    if (date.tm_mday != day) /* the 31st of February */
        return ERR_FORMAT;
    int64_t s = (int64_t)timegm(&tm) - offset_s;
    if (s < 0 || s > INT64_C(253402300799)) /* from 1970 to the end of 9999 */
        return ERR_FORMAT;
    out->ms = s * 1000 + ms;
    return 0;
}

void clock_boot_id(char out[40])
{
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = read(fd, out, 39);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}
