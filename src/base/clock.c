/* See clock.h. */
#include "base/clock.h"
#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
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
    time_t s = (time_t)(t.ms / 1000);
    if (!gmtime_r(&s, &tm) || strftime(out, WALL_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        strcpy(out, "?");
    return out;
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

int wall_parse(const char *text, struct wall *out)
{
    struct tm tm = {0};
    const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!p)
        p = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    if (!p)
        return ERR_FORMAT;
    int64_t ms = parse_fraction(&p);
    int64_t offset_s = 0;
    if (*p == '+' || *p == '-') {
        int hours, minutes;
        if (sscanf(p + 1, "%2d:%2d", &hours, &minutes) != 2 &&
            sscanf(p + 1, "%2d%2d", &hours, &minutes) != 2)
            return ERR_FORMAT;
        offset_s = (*p == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    } else if (*p != '\0' && strcmp(p, "Z") != 0) {
        return ERR_FORMAT;
    }
    out->ms = ((int64_t)timegm(&tm) - offset_s) * 1000 + ms;
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
