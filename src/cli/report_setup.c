/* See report_setup.h. */
#include "cli/report_setup.h"

#include "cli/review_setup.h"
#include "config/config_digest.h"

#include <stdlib.h>

int report_setup_read(struct report_setup *s, const struct batch_options *o, const struct config *c,
                      const char *batch, const char *period, struct error *e)
{
    const struct settings *settings = config_settings(c);
    *s = (struct report_setup){
        .options = {.output = o->output,
                    .batch = batch,
                    .period = period,
                    .zone = o->spending.zone,
                    .zone_name = settings->schedule.timezone,
                    .configuration = s->configuration,
                    .price = o->spending.price,
                    .uploads_per_minute = o->post_per_minute,
                    .roles = roles_new()},
        .review_roles = roles_new(),
    };
    if (realpath(o->output, s->directory))
        s->options.directory = s->directory;
    config_digest(c, s->configuration);
    int err = review_setup_roles(s->options.roles, settings, e);
    if (!err)
        err = review_setup(&s->review, s->review_roles, &s->checks, settings, e);
    if (!err && settings->review.enabled)
        s->options.review = &s->review;
    return err;
}

void report_setup_release(struct report_setup *s)
{
    roles_free(s->options.roles);
    roles_free(s->review_roles);
    *s = (struct report_setup){0};
}
