/* Holidays are read into an array with room for the most there may be, sorted, and looked up by
 * halving. Every search for a business day has an end that doesn't depend on finding one: a month,
 * or BUSINESS_DAY_NEAR days. */
#include "calendar/business_days.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const unsigned all_week = 0xfe;

void business_days_init(struct business_days *b)
{
    memset(b, 0, sizeof *b);
    b->weekend = 1U << SATURDAY | 1U << SUNDAY;
}

void business_days_release(struct business_days *b)
{
    free(b->holidays);
    business_days_init(b);
}

static const char blanks[] = " \t\r\n";

int business_days_parse_weekend(struct business_days *b, const char *text, struct error *e)
{
    unsigned weekend = 0;
    const char *p = text + strspn(text, blanks);
    size_t len = strlen(p);
    while (len > 0 && strchr(blanks, p[len - 1]))
        len--;
    bool none = len == 0 || (len == 4 && strncasecmp(p, "none", 4) == 0);
    const char *end = p + len;
    while (!none) {
        enum weekday day;
        p += strspn(p, blanks);
        size_t word = strcspn(p, " \t\r\n,");
        if (weekday_parse(p, word, &day) < 0)
            return error_set(e, ERR_USAGE,
                             "\"%s\" isn't a list of weekdays: write, say, sat,sun or fri,sat, or "
                             "none",
                             text_show(text));
        weekend |= 1U << day;
        p += word;
        p += strspn(p, blanks);
        if (p >= end)
            break;
        if (*p++ != ',')
            return error_set(e, ERR_USAGE, "\"%s\": the days of a list are separated by commas",
                             text_show(text));
    }
    if (weekend == all_week)
        return error_set(e, ERR_USAGE, "all seven days: one must be left to work on");
    b->weekend = weekend;
    return 0;
}

/* ---- holidays ---- */

struct lines {
    const char *next, *end;
    int number;
};

/* The next line without its end; false when there is none. */
static bool next_line(struct lines *l, const char **line, size_t *len)
{
    if (l->next == l->end)
        return false;
    const char *newline = memchr(l->next, '\n', (size_t)(l->end - l->next));
    *line = l->next;
    *len = (size_t)((newline ? newline : l->end) - l->next);
    l->next = newline ? newline + 1 : l->end;
    l->number++;
    return true;
}

static size_t word_end(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && line[n] != ' ' && line[n] != '\t' && line[n] != '\r' && line[n] != '#')
        n++;
    return n;
}

/* One line: 1 with its day in *DAY, 0 if it holds none, or ERR_FORMAT. */
static int read_line(const char *line, size_t len, int number, int32_t *day, struct error *e)
{
    while (len > 0 && (*line == ' ' || *line == '\t' || *line == '\r')) {
        line++;
        len--;
    }
    size_t word = word_end(line, len);
    struct civil date;
    if (word == 0)
        return 0;
    if (civil_parse(line, word, &date) < 0) {
        char shown[40];
        size_t part = word < sizeof shown ? word : sizeof shown - 1;
        memcpy(shown, line, part);
        shown[part] = '\0';
        return error_set(e, ERR_FORMAT,
                         "line %d: \"%s\" isn't a date: write one a line as 2026-12-25, a name may "
                         "follow",
                         number, text_show(shown));
    }
    *day = (int32_t)civil_to_days(date);
    return 1;
}

static int compare(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static size_t sort_once_each(int32_t *days, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(days, count, sizeof *days, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || days[i] != days[kept - 1])
            days[kept++] = days[i];
    return kept;
}

/* Appends to DAYS, which has room for HOLIDAYS_MAX; the number of dates, or an error. */
static int read_days(struct lines lines, int32_t *days, struct error *e)
{
    const char *line;
    size_t len;
    int count = 0;
    while (next_line(&lines, &line, &len)) {
        int32_t day = 0;
        int rc = read_line(line, len, lines.number, &day, e);
        if (rc < 0)
            return rc;
        if (rc == 0)
            continue;
        if (count == HOLIDAYS_MAX)
            return error_set(e, ERR_LIMIT, "line %d: more than %d holidays", lines.number,
                             HOLIDAYS_MAX);
        days[count++] = day;
    }
    return count;
}

int business_days_parse_holidays(struct business_days *b, const void *bytes, size_t len,
                                 struct error *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* which some editors put first */
    const char *text = len ? bytes : "";
    struct lines lines = {text, text + len, 0};
    if (len >= 3 && memcmp(text, mark, 3) == 0)
        lines.next += 3;
    int32_t *days = xcalloc(HOLIDAYS_MAX, sizeof *days);
    int count = read_days(lines, days, e);
    if (count <= 0) {
        free(days);
        if (count < 0)
            return count;
        days = NULL;
    }
    free(b->holidays);
    b->holidays = days;
    b->holiday_count = sort_once_each(days, (size_t)count);
    return 0;
}

/* ---- which days are worked ---- */

static bool holiday(const struct business_days *b, int64_t day)
{
    size_t low = 0, high = b->holiday_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->holidays[middle] == day)
            return true;
        if (b->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool business_day(const struct business_days *b, int64_t day)
{
    return !(b->weekend & 1U << civil_weekday(day)) && !holiday(b, day);
}

bool business_day_count(const struct business_days *b, int64_t first, int64_t last, int step, int n,
                        int64_t *out)
{
    REQUIRE(step == 1 || step == -1);
    for (int64_t day = first; (last - day) * step >= 0; day += step)
        if (business_day(b, day) && --n == 0) {
            *out = day;
            return true;
        }
    return false;
}

bool business_day_near(const struct business_days *b, int64_t day, int step, int64_t *out)
{
    return business_day_count(b, day, day + (int64_t)step * BUSINESS_DAY_NEAR, step, 1, out);
}
