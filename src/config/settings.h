/* settings.h - what all options come to, as fields named like them: api.timeout of the INI file is
 * settings->api.timeout. The fields are made from the rows of options.def.
 *
 *   const struct settings *s = config_settings(config);
 *   s->limits.uploads, s->retry.in_doubt == IN_DOUBT_HOLD, s->input.exclude[0]
 *
 * A field's type follows from its option's: a duration is an int64_t in ms; a number an int64_t, -1 if it isn't
 * set; a text, path, URL, UUID or secret a string, NULL if it isn't set; a list is NULL-ended; yes or
 * no is a bool, and an int 1, 0, or -1 (not set) where it may be left to Mindee; a percentage is a
 * double; a choice an enum.
 *
 * The settings are those of the moment of the call. They and their strings belong to the config, until
 * an option is set again or it is freed; each call gives the same struct, filled in again. */
#ifndef MB_CONFIG_SETTINGS_H
#define MB_CONFIG_SETTINGS_H

#include "base/credits.h"
#include "base/csv_choices.h"
#include "base/file_access.h"
#include "base/log.h"
#include "calendar/calendar.h"
#include "core/limiter.h"
#include "core/review_words.h"
#include "mindee.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_version { HTTP_VERSION_1_1, HTTP_VERSION_2 };
enum input_order { INPUT_BY_NAME, INPUT_LARGEST, INPUT_BY_PAGES };
enum polling_planner { PLANNER_LEARNED, PLANNER_FIXED };
enum in_doubt { IN_DOUBT_RESEND, IN_DOUBT_HOLD };
/* Which period a document belongs to that comes after its run. */
enum schedule_late { LATE_NEXT, LATE_SAME };
enum schedule_overlap { OVERLAP_WAIT, OVERLAP_SKIP };
enum stored_from { STORED_FROM_NOW, STORED_FROM_BEGINNING };
/* What stands above the columns of a workbook. */
enum export_headers { HEADERS_FRIENDLY, HEADERS_NAMES };
/* How sure Mindee is: the lowest of a record, a column a value, or not at all. */
enum export_confidence { CONFIDENCE_LOWEST, CONFIDENCE_EACH, CONFIDENCE_NO };

#define FIELD_TEXT       const char *
#define FIELD_SECRET     const char *
#define FIELD_PATH       const char *
#define FIELD_UUID       const char *
#define FIELD_URL        const char *
#define FIELD_SECRET_URL const char *
#define FIELD_MAIL_URL   const char *
#define FIELD_INT        int64_t
#define FIELD_DURATION   int64_t
#define FIELD_BOOL       bool
#define FIELD_FLAG       int
#define FIELD_LIST       const char *const *
#define FIELD_UUID_LIST  const char *const *
#define FIELD_PERCENT    double
#define FIELD_CREDITS    struct credits /* negative: not set */

struct settings {
#define SECTION(name)                                                             struct {
#define OPTION(type, flags, section, key, min, max, words, fallback, shown, help) FIELD_##type key;
#define CHOICE(type, flags, section, key, words, fallback, help)                  type key;
#define SECTION_END(name)                                                                          \
    }                                                                                              \
    name;
#include "config/options.def"
};

struct config;
const struct settings *config_settings(const struct config *c);

/* Names one option where it is spoken of, not read: config_origin(c, SETTING(api.timeout)). */
#define SETTING(field) offsetof(struct settings, field)

#endif
