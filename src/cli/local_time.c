/* See local_time.h. */
#include "cli/local_time.h"

#include "base/text.h"
#include "config/schedule_options.h"

#include <string.h>

static struct zone zone; /* zeros: UTC */
static bool elsewhere;

void local_time_use(const struct config *c)
{
    struct error e;
    const char *name = config_settings(c)->schedule.timezone;
    elsewhere = name && strcmp(name, "UTC") != 0 && schedule_read_zone(&zone, c, &e) == 0;
}

bool local_time_is_utc(void)
{
    return !elsewhere;
}

int32_t local_time_offset(struct wall at)
{
    return elsewhere ? zone_offset(&zone, at) : 0;
}

const char *local_time_format(struct wall at, char out[WALL_TEXT_MAX])
{
    return elsewhere ? wall_format_at(at, local_time_offset(at), out) : wall_format(at, out);
}
