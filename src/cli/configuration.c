/* See configuration.h. Every mistake is collected, not just the first; the whole is checked only
 * when each value is right. */
#include "cli/configuration.h"

#include "base/log.h"
#include "cli/clashes.h"
#include "cli/local_time.h"
#include "config/schedule_options.h"
#include "service/journal_log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void configuration_sources_init(struct configuration_sources *from, int most_sets)
{
    *from =
        (struct configuration_sources){.sets = xcalloc((size_t)most_sets + 1, sizeof *from->sets)};
    buffer_init(&from->log_format, 0);
}

void configuration_sources_release(struct configuration_sources *from)
{
    buffer_release(&from->log_format);
    free(from->sets);
}

static bool check_whole(const struct config *c, struct error_list *errors)
{
    int results[] = {config_check(c, errors), schedule_check(c, errors), clashes_check(c, errors)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] < 0)
            return false;
    return true;
}

static bool set(struct config *c, const char *batch, const char *assignment,
                struct error_list *errors)
{
    const char *secret = config_names_secret(assignment);
    if (!secret)
        return config_set_batch(c, batch, assignment, errors) == 0;
    const char *where = strcmp(secret, "api.key") == 0
                            ? "into $MINDEE_V2_API_KEY, or into a file named by api.key_file"
                        : strcmp(secret, "webhook.secret") == 0
                            ? "into a file named by webhook.secret_file"
                            : "into the INI file (-c)";
    (void)error_list_add(errors, ERR_USAGE,
                         "-s: %s would stand in the process list, for all to read: put it %s",
                         secret, where);
    return false;
}

static bool fill(struct config *c, const struct configuration_sources *from,
                 struct error_list *errors)
{
    const char *batch = from->batch;
    bool fine = config_load_environment(c, errors) == 0;
    fine = (!from->file || config_load_file(c, from->file, errors) == 0) && fine;
    if (batch && config_batch_named(c, batch, "--batch", errors) < 0) {
        fine = false;
        batch = NULL;
    }
    for (int i = 0; i < from->set_count; i++)
        fine = set(c, batch, from->sets[i], errors) && fine;
    if (from->log_format.len)
        fine = config_set(c, from->log_format.data, errors) == 0 && fine;
    return fine && check_whole(c, errors);
}

struct config *configuration_read(const struct configuration_sources *from,
                                  struct error_list *errors)
{
    struct config *c = config_new();
    if (fill(c, from, errors))
        return c;
    config_free(c);
    return NULL;
}

int configuration_open_log(const struct command_line *cl, const struct config *c, bool service,
                           struct error *e)
{
    const struct settings *s = config_settings(c);
    struct log_options o = {.level = s->log.level,
                            .format = s->log.format,
                            .file = s->log.file,
                            .access = s->output.mode,
                            .clock = &system_clock};
    if (journal_log_is_there())
        o.journal = journal_log_send;
    local_time_use(c);
    if (!local_time_is_utc())
        o.offset_s = local_time_offset;
    bool chosen = config_is_set(c, SETTING(log.level));
    if (cl->quiet && !chosen)
        o.level = LOG_ERROR;
    else if (!chosen && !o.file && !service && isatty(STDERR_FILENO)) /* the display does */
        o.level = LOG_WARNING;
    if (cl->verbose)
        o.level = LOG_DEBUG;
    return log_open(&o, e);
}
