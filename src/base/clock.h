/* clock.h - the one clock, made in main and passed down. The pure core never reads it: time comes
 * in as an argument.
 *
 * Two kinds of time that the compiler keeps apart: a moment on the machine's own clock, for
 * deadlines and limits (CLOCK_BOOTTIME: goes on during suspend, never jumps), and the time of day,
 * for people and records. */
#ifndef MB_BASE_CLOCK_H
#define MB_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mono {
    int64_t ms; /* since boot */
};

struct wall {
    int64_t ms; /* since 1970-01-01T00:00:00Z */
};

struct clock {
    struct mono (*mono_now)(const struct clock *);
    struct wall (*wall_now)(const struct clock *);
};

extern const struct clock system_clock;

#define MONO_NEVER ((struct mono){INT64_MAX})

static inline struct mono clock_mono(const struct clock *c)
{
    return c->mono_now(c);
}

static inline struct wall clock_wall(const struct clock *c)
{
    return c->wall_now(c);
}

static inline struct mono mono_add(struct mono t, int64_t ms)
{
    return ms > 0 && t.ms > INT64_MAX - ms ? MONO_NEVER : (struct mono){t.ms + ms};
}

/* LATER - EARLIER in ms; negative if they are the other way round. */
static inline int64_t mono_diff(struct mono later, struct mono earlier)
{
    return later.ms - earlier.ms;
}

static inline bool mono_reached(struct mono now, struct mono deadline)
{
    return now.ms >= deadline.ms;
}

static inline struct mono mono_min(struct mono a, struct mono b)
{
    return a.ms < b.ms ? a : b;
}

static inline struct mono mono_max(struct mono a, struct mono b)
{
    return a.ms > b.ms ? a : b;
}

/* "2026-08-31T18:00:05Z"; OUT holds WALL_TEXT_MAX bytes. Returns OUT. */
enum { WALL_TEXT_MAX = 32 };
const char *wall_format(struct wall t, char out[WALL_TEXT_MAX]);
/* The same where clocks are OFFSET_S seconds before UTC: "2026-08-31T20:00:05+02:00". */
const char *wall_format_at(struct wall t, int32_t offset_s, char out[WALL_TEXT_MAX]);

/* An RFC 3339 or ISO 8601 time ("2026-04-20T18:27:58.974451", with or without zone; none means
 * UTC) of the years 1970 to 9999. 0 or ERR_FORMAT. */
int wall_parse(const char *text, struct wall *out) __attribute__((warn_unused_result));

/* This boot's id, "" where the system has none: stamps of struct mono mean nothing
 * under another one. */
void clock_boot_id(char out[40]);

#endif
