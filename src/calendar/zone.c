/* A TZif file is a block with 32-bit times, and from version 2 on one with 64-bit times and the
 * footer, which is then the only one read. Both begin with a header of six counts; what they
 * announce is compared with what is there before anything is read, so that no step after it can
 * leave the bytes. Of a block only the times, the types' numbers and the types' offsets matter
 * here: names, and who says "standard time", don't.
 *
 * Time is a sequence of pieces, each with one offset: before the first change, between two, after
 * the last, and from there on those that the footer makes. Everything else is a walk over the
 * pieces near an instant. */
#include "calendar/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    TYPES_MAX = 256, /* their numbers are bytes */
    FOOTER_MAX = 256,
};

/* Times beyond this (the Big Bang, as some files put it) are as good as this. */
#define FAR_S (INT64_C(1) << 56)

struct header {
    uint64_t leaps, times, types, name_bytes, is_standard, is_utc;
};

void zone_init_utc(struct zone *z)
{
    memset(z, 0, sizeof *z);
}

static uint64_t big_endian(const uint8_t *p, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | p[i];
    return value;
}

static int64_t read_time(const uint8_t *p, int bytes)
{
    uint64_t raw = big_endian(p, bytes);
    int64_t t = bytes == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
    return t < -FAR_S ? -FAR_S : t > FAR_S ? FAR_S : t;
}

/* The header at P; the bytes of the data behind it, or 0 if this isn't one or not all is there. */
static uint64_t read_header(const uint8_t *p, size_t len, int time_bytes, struct header *h)
{
    if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
        return 0;
    const uint8_t *counts = p + 20;
    h->is_utc = big_endian(counts, 4);
    h->is_standard = big_endian(counts + 4, 4);
    h->leaps = big_endian(counts + 8, 4);
    h->times = big_endian(counts + 12, 4);
    h->types = big_endian(counts + 16, 4);
    h->name_bytes = big_endian(counts + 20, 4);
    uint64_t width = (uint64_t)time_bytes;
    uint64_t data = h->times * (width + 1) + h->types * TYPE_BYTES + h->name_bytes +
                    h->leaps * (width + 4) + h->is_standard + h->is_utc;
    return data <= len - HEADER_BYTES ? data : 0;
}

/* The data block at P, which HEADER says is whole. */
static int read_block(struct zone *z, const uint8_t *p, const struct header *h, int time_bytes,
                      struct error *e)
{
    const uint8_t *numbers = p + h->times * (uint64_t)time_bytes, *types = numbers + h->times;
    if (h->types == 0 || h->types > TYPES_MAX)
        return error_set(e, ERR_FORMAT, "it has %" PRIu64 " kinds of local time", h->types);
    if (h->leaps)
        return error_set(e, ERR_FORMAT,
                         "it counts leap seconds, which this machine's clock doesn't: take the "
                         "zone that isn't under right/");
    if (h->times > ZONE_CHANGES_MAX)
        return error_set(e, ERR_LIMIT, "it has %" PRIu64 " changes of the clocks, more than %d",
                         h->times, ZONE_CHANGES_MAX);
    int32_t offset_s[TYPES_MAX];
    for (uint64_t i = 0; i < h->types; i++) {
        offset_s[i] = (int32_t)(uint32_t)big_endian(types + i * TYPE_BYTES, 4);
        if (offset_s[i] < ZONE_OFFSET_MIN_S || offset_s[i] > ZONE_OFFSET_MAX_S)
            return error_set(e, ERR_FORMAT, "an offset of %" PRId32 " seconds", offset_s[i]);
    }
    z->first_offset_s = offset_s[0];
    z->count = (size_t)h->times;
    for (size_t i = 0; i < z->count; i++) {
        z->at[i] = read_time(p + i * (size_t)time_bytes, time_bytes);
        if (i > 0 && z->at[i] <= z->at[i - 1])
            return error_set(e, ERR_FORMAT, "its changes aren't in order of time");
        if (numbers[i] >= h->types)
            return error_set(e, ERR_FORMAT, "a change to a kind of local time that isn't there");
        z->offset_s[i] = offset_s[numbers[i]];
    }
    return 0;
}

static int read_footer(struct zone *z, const uint8_t *p, size_t len, struct error *e)
{
    const uint8_t *end = len ? memchr(p + 1, '\n', len - 1) : NULL;
    if (len == 0 || *p != '\n' || !end || end - p > FOOTER_MAX)
        return error_set(e, ERR_FORMAT, "its last line isn't there");
    if (zone_footer_parse(&z->footer, (const char *)p + 1, (size_t)(end - p) - 1) < 0)
        return error_set(e, ERR_FORMAT, "its last line isn't a rule for the clocks");
    return 0;
}

static int parse(struct zone *z, const uint8_t *p, size_t len, struct error *e)
{
    struct header h;
    if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
        return error_set(e, ERR_FORMAT, "this isn't a time zone file (TZif)");
    bool old = p[4] < '2';
    uint64_t skip = read_header(p, len, 4, &h);
    if (skip == 0)
        return error_set(e, ERR_FORMAT, "it is cut short");
    if (old)
        return read_block(z, p + HEADER_BYTES, &h, 4, e);
    p += HEADER_BYTES + skip;
    len -= HEADER_BYTES + (size_t)skip;
    uint64_t data = read_header(p, len, 8, &h);
    if (data == 0)
        return error_set(e, ERR_FORMAT, "it is cut short");
    int rc = read_block(z, p + HEADER_BYTES, &h, 8, e);
    if (rc < 0)
        return rc;
    return read_footer(z, p + HEADER_BYTES + data, len - HEADER_BYTES - (size_t)data, e);
}

int zone_parse(struct zone *z, const void *bytes, size_t len, struct error *e)
{
    zone_init_utc(z);
    int rc = parse(z, bytes, len, e);
    if (rc < 0)
        zone_init_utc(z);
    return rc;
}

/* How many changes there were up to and at UTC_S. */
static size_t changes_until(const struct zone *z, int64_t utc_s)
{
    size_t low = 0, high = z->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct piece {
    int64_t end; /* UTC, seconds: the first instant that isn't in it; INT64_MAX: never ends */
    int32_t offset_s;
};

static struct piece piece_at(const struct zone *z, int64_t utc_s)
{
    size_t n = changes_until(z, utc_s);
    if (n == z->count && z->footer.there)
        return (struct piece){zone_footer_next(&z->footer, utc_s),
                              zone_footer_offset(&z->footer, utc_s)};
    return (struct piece){n < z->count ? z->at[n] : INT64_MAX,
                          n ? z->offset_s[n - 1] : z->first_offset_s};
}

int32_t zone_offset(const struct zone *z, struct wall at)
{
    return piece_at(z, floor_div(at.ms, 1000)).offset_s;
}

void zone_show(const struct zone *z, struct wall at, struct zone_time *out)
{
    int64_t utc_s = floor_div(at.ms, 1000);
    out->offset_s = piece_at(z, utc_s).offset_s;
    int64_t local_s = utc_s + out->offset_s, days = floor_div(local_s, SECONDS_A_DAY);
    int of_day = (int)(local_s - days * SECONDS_A_DAY);
    out->date = civil_from_days(days);
    out->hour = of_day / 3600;
    out->minute = of_day / 60 % 60;
    out->second = of_day % 60;
}

/* Whether the clocks show LOCAL_S again at or after UTC_S. */
static bool shows_again(const struct zone *z, int64_t local_s, int64_t utc_s)
{
    while (utc_s <= local_s - ZONE_OFFSET_MIN_S) {
        struct piece piece = piece_at(z, utc_s);
        int64_t at = local_s - piece.offset_s;
        if (at >= utc_s && at < piece.end)
            return true;
        utc_s = piece.end;
    }
    return false;
}

/* The walk begins where no offset can have reached the time yet: until a piece reaches it, every
 * instant passed showed an earlier one. */
struct wall zone_find(const struct zone *z, struct civil date, int minute, enum zone_fit *fit)
{
    REQUIRE(date.year >= 1 && date.year <= 10000 && minute >= 0 && minute < 24 * 60);
    int64_t local_s = civil_to_days(date) * SECONDS_A_DAY + minute * 60;
    int64_t utc_s = local_s - ZONE_OFFSET_MAX_S;
    struct piece piece = piece_at(z, utc_s);
    while (local_s - piece.offset_s >= piece.end) {
        utc_s = piece.end;
        piece = piece_at(z, utc_s);
    }
    int64_t meant = local_s - piece.offset_s, at = meant > utc_s ? meant : utc_s;
    if (fit)
        *fit = at > meant                           ? ZONE_SKIPPED
               : shows_again(z, local_s, piece.end) ? ZONE_TWICE
                                                    : ZONE_ONCE;
    return (struct wall){at * 1000};
}

const char *zone_time_format(const struct zone_time *t, char out[ZONE_TIME_TEXT_MAX])
{
    char day[CIVIL_TEXT_MAX], second[8] = "";
    int minutes = abs(t->offset_s) / 60;
    if (t->second)
        snprintf(second, sizeof second, ":%02u", (unsigned)t->second % 60);
    snprintf(out, ZONE_TIME_TEXT_MAX, "%s %s %02d:%02d%s %c%02d:%02d",
             weekday_name(civil_weekday(civil_to_days(t->date))), civil_format(t->date, day),
             t->hour, t->minute, second, t->offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return out;
}
