/* An item is split into words: what, perhaps which, and a time at the end. A table has one row for
 * each way of saying what; the names it gives are also the ones that are written. What can be said
 * in two ways (business-day+1, day 31) becomes one rule here,
 * so that nothing after this has to know. */
#include "calendar/calendar_rule.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORDS = 3, WORD_MAX = 32 };

/* How the number of a rule is said. */
enum argument { ARGUMENT_NONE, ARGUMENT_SUFFIX, ARGUMENT_DAY, ARGUMENT_WEEKDAY };

static const struct form {
    const char *word; /* for ARGUMENT_SUFFIX with what stands before the number */
    enum argument argument;
    enum calendar_rule_kind kind;
    int n; /* of ARGUMENT_NONE */
} forms[] = {
    {"last-day", ARGUMENT_NONE, RULE_LAST_DAY, 0},
    {"last-business-day", ARGUMENT_NONE, RULE_LAST_BUSINESS_DAY, 0},
    {"last-business-day-", ARGUMENT_SUFFIX, RULE_LAST_BUSINESS_DAY, 0},
    {"first-business-day", ARGUMENT_NONE, RULE_BUSINESS_DAY, 1},
    {"business-day+", ARGUMENT_SUFFIX, RULE_BUSINESS_DAY, 0},
    {"day", ARGUMENT_DAY, RULE_DAY, 0},
    {"weekly", ARGUMENT_WEEKDAY, RULE_WEEKLY, 0},
    {"daily", ARGUMENT_NONE, RULE_DAILY, 0},
};
enum { FORMS = sizeof forms / sizeof *forms };

/* A number of one or two digits and nothing else, or -1. */
static int small_number(const char *text)
{
    size_t len = strlen(text);
    if (len < 1 || len > 2 || strspn(text, "0123456789") != len)
        return -1;
    return len == 1 ? text[0] - '0' : (text[0] - '0') * 10 + text[1] - '0';
}

/* "06:30" as minutes since midnight, or -1. */
static int time_of_day(const char *text)
{
    if (strlen(text) != 5 || text[2] != ':')
        return -1;
    char hour[3] = {text[0], text[1], '\0'};
    int h = small_number(hour), m = small_number(text + 3);
    return h < 0 || h > 23 || m < 0 || m > 59 ? -1 : h * 60 + m;
}

/* Words of TEXT into WORD; how many there are, or WORDS + 1 for more, or ones that are too long. */
static int split(const char *text, size_t len, char word[WORDS][WORD_MAX])
{
    const char *end = text + len;
    int count = 0;
    for (;;) {
        while (text < end && strchr(" \t\r\n", *text))
            text++;
        const char *from = text;
        while (text < end && !strchr(" \t\r\n", *text))
            text++;
        if (from == text)
            return count;
        if (count == WORDS || text - from >= WORD_MAX)
            return WORDS + 1;
        memcpy(word[count], from, (size_t)(text - from));
        word[count++][text - from] = '\0';
    }
}

static const struct form *find_form(const char *word)
{
    for (size_t i = 0; i < FORMS; i++) {
        bool suffix = forms[i].argument == ARGUMENT_SUFFIX;
        if (suffix ? strncasecmp(word, forms[i].word, strlen(forms[i].word)) == 0
                   : strcasecmp(word, forms[i].word) == 0)
            return &forms[i];
    }
    return NULL;
}

/* The item for messages, without the blanks around it. */
static const char *show(const char *text, size_t len)
{
    char copy[64];
    while (len > 0 && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    snprintf(copy, sizeof copy, "%.*s", len < sizeof copy ? (int)len : (int)sizeof copy, text);
    return text_show(copy);
}

static int unknown(const char *item, const char *word, struct error *e)
{
    const char *names[FORMS + 1], *nearest = NULL;
    for (size_t i = 0; i < FORMS; i++)
        names[i] = forms[i].word;
    names[FORMS] = NULL;
    if (!find_form(word))
        nearest = text_nearest(word, names);
    return error_set(e, ERR_USAGE,
                     "\"%s\" isn't a rule%s%s%s: write last-day, last-business-day, "
                     "last-business-day-N, first-business-day, business-day+N, day N, weekly FRI "
                     "or daily, and a time, as in \"last-business-day 18:00\"",
                     item, nearest ? " (nearest: " : "", nearest ? nearest : "",
                     nearest ? ")" : "");
}

/* What stands for N in the item: in its first word, or in ARGUMENT ("" if there is none). */
static int read_number(struct calendar_rule *r, const struct form *f, const char *word,
                       const char *argument, const char *item, struct error *e)
{
    enum weekday weekday;
    r->n = f->n;
    switch (f->argument) {
    case ARGUMENT_NONE:
        break;
    case ARGUMENT_SUFFIX:
        r->n = small_number(word + strlen(f->word));
        if (r->n < 1 || r->n > BUSINESS_DAYS_MAX)
            return error_set(e, ERR_USAGE, "\"%s\": N of %sN is a number of 1 to %d", item, f->word,
                             BUSINESS_DAYS_MAX);
        break;
    case ARGUMENT_DAY:
        r->n = small_number(argument);
        if (r->n < 1 || r->n > 31)
            return error_set(e, ERR_USAGE,
                             "\"%s\": a day of the month is missing, 1 to 31, as in \"day 15 "
                             "06:00\"",
                             item);
        break;
    case ARGUMENT_WEEKDAY:
        if (weekday_parse(argument, strlen(argument), &weekday) < 0)
            return error_set(e, ERR_USAGE,
                             "\"%s\": a weekday is missing, as in \"weekly FRI 18:00\"", item);
        r->n = (int)weekday;
        break;
    }
    return 0;
}

int calendar_rule_parse(struct calendar_rule *r, const char *text, size_t len, struct error *e)
{
    char word[WORDS][WORD_MAX] = {"", "", ""};
    int words = split(text, len, word);
    const char *item = show(text, len);
    const struct form *f = find_form(word[0]);
    if (!f || words > WORDS)
        return unknown(item, word[0], e);
    bool timed = words > 1 && strchr(word[words - 1], ':');
    int arguments = words - 1 - timed;
    int wanted = f->argument == ARGUMENT_DAY || f->argument == ARGUMENT_WEEKDAY;
    int rc = read_number(r, f, word[0], arguments > 0 ? word[1] : "", item, e);
    if (rc < 0)
        return rc;
    r->kind = f->kind;
    r->minute = timed ? time_of_day(word[words - 1]) : -1;
    if (r->minute < 0 || arguments > wanted)
        return error_set(e, ERR_USAGE,
                         "\"%s\": it ends with one time, 00:00 to 23:59, written as in "
                         "\"last-business-day 18:00\"",
                         item);
    if (r->kind == RULE_DAY && r->n == 31)
        *r = (struct calendar_rule){RULE_LAST_DAY, 0, r->minute};
    return 0;
}

const char *calendar_rule_name(const struct calendar_rule *r, char out[CALENDAR_RULE_TEXT_MAX])
{
    const struct form *f = forms;
    while (f < forms + FORMS &&
           (f->kind != r->kind || (f->argument == ARGUMENT_NONE && f->n != r->n)))
        f++;
    REQUIRE(f < forms + FORMS);
    char n[16] = "";
    if (f->argument == ARGUMENT_WEEKDAY)
        snprintf(n, sizeof n, " %s", weekday_name((enum weekday)r->n));
    else if (f->argument != ARGUMENT_NONE)
        snprintf(n, sizeof n, "%s%d", f->argument == ARGUMENT_DAY ? " " : "", r->n);
    snprintf(out, CALENDAR_RULE_TEXT_MAX, "%s%s %02d:%02d", f->word, n, r->minute / 60,
             r->minute % 60);
    return out;
}

bool calendar_rule_equal(const struct calendar_rule *a, const struct calendar_rule *b)
{
    return a->kind == b->kind && a->n == b->n && a->minute == b->minute;
}

int64_t calendar_rule_turn(const struct calendar_rule *r, int64_t day)
{
    return r->kind == RULE_DAILY    ? day
           : r->kind == RULE_WEEKLY ? civil_week_number(day)
                                    : civil_month_number(day);
}

bool calendar_rule_day(const struct calendar_rule *r, const struct business_days *b, int64_t turn,
                       int64_t *day)
{
    if (r->kind == RULE_DAILY) {
        *day = turn;
        return true;
    }
    if (r->kind == RULE_WEEKLY) {
        *day = civil_week_start(turn) + r->n - MONDAY;
        return true;
    }
    int64_t first = civil_month_start(turn), last = civil_month_start(turn + 1) - 1;
    if (r->kind == RULE_LAST_BUSINESS_DAY)
        return business_day_count(b, last, first, -1, r->n + 1, day);
    if (r->kind == RULE_BUSINESS_DAY)
        return business_day_count(b, first, last, 1, r->n, day);
    *day = first + r->n - 1;
    if (r->kind == RULE_LAST_DAY || *day > last)
        *day = last;
    return true;
}

const char *calendar_rule_period(const struct calendar_rule *r, int64_t turn,
                                 char out[CALENDAR_PERIOD_MAX])
{
    struct civil date;
    int year, week;
    switch (r->kind) {
    case RULE_DAILY:
        return civil_format(civil_from_days(turn), out);
    case RULE_WEEKLY:
        civil_iso_week(civil_week_start(turn), &year, &week);
        snprintf(out, CALENDAR_PERIOD_MAX, "%04d-W%02d", year, week);
        return out;
    default:
        date = civil_from_days(civil_month_start(turn));
        snprintf(out, CALENDAR_PERIOD_MAX, "%04d-%02d", date.year, date.month);
        return out;
    }
}
