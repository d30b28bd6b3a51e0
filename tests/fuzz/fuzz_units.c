/* Any text as a duration, a time, a setting of the command line: refused or within bounds.
 * What was read is written for people within the space that is there for it. */
#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_units(const char *text)
{
    char out[UNITS_TEXT_MAX];
    int64_t n;
    if (duration_parse(text, &n) == 0) {
        REQUIRE(n >= 0);
        REQUIRE(strlen(duration_format(n, out)) < UNITS_TEXT_MAX);
        REQUIRE(strlen(size_format(n, out)) < UNITS_TEXT_MAX);
        REQUIRE(strlen(count_format(-n, out)) < UNITS_TEXT_MAX);
    }
}

/* A time that was understood reads the same after it was written, to the second. */
static void check_time(const char *text)
{
    struct wall first, again;
    char out[WALL_TEXT_MAX];
    if (wall_parse(text, &first) < 0)
        return;
    wall_format(first, out);
    REQUIRE(wall_parse(out, &again) == 0);
    REQUIRE(first.ms - again.ms >= 0 && first.ms - again.ms < 1000);
}

static void check_text(const char *text, size_t size)
{
    struct buffer shown;
    buffer_init(&shown, 0);
    text_display(&shown, text, size);
    REQUIRE(text_is_utf8(buffer_text(&shown), shown.len));
    const char *s = text_show(text);
    REQUIRE(text_is_utf8(s, strlen(s)));
    buffer_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xcalloc(1, size + 1);
    struct error_list errors;
    struct config *c = config_new();
    memcpy(text, data, size);
    error_list_init(&errors);
    check_units(text);
    check_time(text);
    check_text(text, size);
    int rc = config_set(c, text, &errors);
    REQUIRE((rc < 0) == (errors.count == 1));
    error_list_release(&errors);
    config_free(c);
    free(text);
    return 0;
}
