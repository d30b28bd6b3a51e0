/* The zone, the days that are worked, and the rules: each is read from the text or the file that
 * its option names, and what is wrong with it becomes one error, so that all of them show at once.
 * Whether each rule has a run at all is asked when everything else is right.
 *
 * The options are looked at even where schedule.when is off: a zone misspelt is better known before
 * the schedule is switched on. */
#include "config/schedule_options.h"
#include "base/text.h"
#include "calendar/zone_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOLIDAY_FILE_MAX = 1 << 20 };

static int wrong(const struct config *c, size_t option, const struct error *e,
                 struct error_list *errors)
{
    return error_list_add(errors, ERR_USAGE, "%s: %s: %s", config_origin(c, option),
                          config_name(option), e->text);
}

/* The items of a list as the text that core reads. */
static const char *joined(const char *const *items, struct buffer *out)
{
    for (size_t i = 0; items[i]; i++)
        buffer_printf(out, "%s%s", i ? ", " : "", items[i]);
    return buffer_text(out);
}

int schedule_read_zone(struct zone *z, const struct config *c, struct error *e)
{
    struct buffer bytes;
    buffer_init(&bytes, 0);
    const char *name = config_settings(c)->schedule.timezone;
    zone_init_utc(z);
    int rc = zone_file_read(name, NULL, &bytes, e);
    if (rc == 0 && zone_parse(z, bytes.data, bytes.len, e) < 0)
        rc = error_wrap(e, "%s", text_show(name));
    buffer_release(&bytes);
    return rc;
}

static int read_zone(struct calendar *calendar, const struct config *c, struct error_list *errors)
{
    struct error e;
    return schedule_read_zone(&calendar->zone, c, &e) < 0
               ? wrong(c, SETTING(schedule.timezone), &e, errors)
               : 0;
}

static int read_weekend(struct calendar *calendar, const struct config *c,
                        struct error_list *errors)
{
    struct buffer text;
    struct error e;
    buffer_init(&text, 0);
    int rc = business_days_parse_weekend(&calendar->days,
                                         joined(config_settings(c)->schedule.weekend, &text), &e);
    buffer_release(&text);
    return rc < 0 ? wrong(c, SETTING(schedule.weekend), &e, errors) : 0;
}

static int read_file(int fd, struct buffer *out, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(e, ERR_USAGE, "isn't a file");
    int rc = buffer_read(out, fd);
    if (rc == ERR_IO)
        return error_system(e, ERR_USAGE, errno, "read");
    return rc < 0 ? error_set(e, ERR_USAGE, "over 1 MB: this isn't a list of holidays") : 0;
}

static int read_holidays(struct calendar *calendar, const struct config *c,
                         struct error_list *errors)
{
    const char *path = config_settings(c)->schedule.holidays;
    struct buffer bytes;
    struct error e;
    if (!path)
        return 0;
    buffer_init(&bytes, HOLIDAY_FILE_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc =
        fd < 0 ? error_system(&e, ERR_USAGE, errno, "can't be read") : read_file(fd, &bytes, &e);
    if (fd >= 0)
        close(fd);
    if (rc == 0)
        rc = business_days_parse_holidays(&calendar->days, buffer_text(&bytes), bytes.len, &e);
    buffer_release(&bytes);
    if (rc < 0) {
        error_wrap(&e, "%s", text_show(path));
        return wrong(c, SETTING(schedule.holidays), &e, errors);
    }
    return 0;
}

static int read_rules(struct calendar *calendar, const struct config *c, struct error_list *errors)
{
    struct buffer text;
    struct error e;
    buffer_init(&text, 0);
    const char *rules = joined(config_settings(c)->schedule.when, &text);
    int rc = calendar_parse(calendar, *rules ? rules : "off", &e);
    buffer_release(&text);
    return rc < 0 ? wrong(c, SETTING(schedule.when), &e, errors) : 0;
}

static int read_all(struct calendar *calendar, const struct config *c, struct error_list *errors)
{
    struct error e;
    int results[] = {read_zone(calendar, c, errors), read_weekend(calendar, c, errors),
                     read_holidays(calendar, c, errors), read_rules(calendar, c, errors)};
    calendar->on_holiday = config_settings(c)->schedule.on_holiday;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] < 0)
            return results[i];
    if (calendar_check(calendar, clock_wall(&system_clock), &e) < 0)
        return wrong(c, SETTING(schedule.when), &e, errors);
    return 0;
}

int schedule_read(struct calendar **out, const struct config *c, struct error *e)
{
    struct error_list errors;
    struct calendar *calendar = calendar_new();
    error_list_init(&errors);
    int rc = read_all(calendar, c, &errors);
    if (rc < 0)
        *e = errors.errors[0];
    error_list_release(&errors);
    bool none = rc < 0 || calendar->rule_count == 0;
    if (none)
        calendar_free(calendar);
    *out = none ? NULL : calendar;
    return rc;
}

/* The errors of C that ERRORS doesn't hold yet: what two batches share is said once. */
static int check_one(const struct config *c, struct error_list *errors)
{
    struct error_list found;
    struct calendar *calendar = calendar_new();
    error_list_init(&found);
    int rc = read_all(calendar, c, &found);
    for (size_t i = 0; i < found.count; i++)
        error_list_add_once(errors, &found.errors[i]);
    error_list_release(&found);
    calendar_free(calendar);
    return rc;
}

int schedule_check(const struct config *c, struct error_list *errors)
{
    int worst = config_batch_count(c) ? 0 : check_one(c, errors);
    for (size_t i = 0; i < config_batch_count(c); i++) {
        int rc = check_one(config_batch(c, i), errors);
        worst = rc < 0 ? rc : worst;
    }
    return worst;
}
