/* A notifier's options from the configuration. The addresses must be https, as invoices and the
 * secrets of Slack and others travel there; http is for this machine alone. What must go to another
 * machine in clear can go through a command. */
#include "config/url.h"
#include "notify/command_words.h"
#include "notify/notifier.h"

#include <string.h>

static int check_url(const struct config *c, const char *name, struct error *e)
{
    const char *text = config_text(c, name);
    struct url url;
    if (!text)
        return 0;
    if (url_parse(text, &url) < 0 || url.credentials)
        return error_set(e, ERR_USAGE, "%s: %s: must be https://host/path, without a user",
                         config_origin(c, name), name);
    if (!url.https && !url_is_loopback(&url))
        return error_set(e, ERR_USAGE,
                         "%s: %s: http://%s would send it unencrypted; use https (http is accepted "
                         "for loopback addresses alone)",
                         config_origin(c, name), name, url.host);
    return 0;
}

/* That it can be run: found out before anything begins under it. */
static int check_command(const struct config *c, const char *name, struct error *e)
{
    const char *text = config_text(c, name);
    char **words = NULL;
    int rc = text ? command_words(&words, text, e) : 0;
    if (rc < 0)
        return error_wrap(e, "%s: %s", config_origin(c, name), name);
    command_words_free(words);
    return 0;
}

static bool says(const char *const *list, const char *word)
{
    for (; *list; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

int notifier_options_read(struct notifier_options *o, const struct config *c, const char *batch,
                          const char *output, struct error *e)
{
    const char *const *when = config_list(c, "notify.when");
    *o = (struct notifier_options){
        .batch = batch,
        .output = output,
        .notify_url = config_text(c, "notify.url"),
        .notify_command = config_text(c, "notify.command"),
        .at_end = says(when, "end"),
        .at_trouble = says(when, "trouble"),
        .stored_url = config_text(c, "on_stored.url"),
        .stored_command = config_text(c, "on_stored.command"),
        .from_beginning = config_choice(c, "on_stored.from") == 1,
        .stored_timeout_ms = config_ms(c, "on_stored.timeout"),
        .ca_file = config_text(c, "api.ca_file"),
        .proxy = config_text(c, "api.proxy"),
        .connect_timeout_ms = config_ms(c, "api.connect_timeout"),
        .first_delay_ms = config_ms(c, "retry.first_delay"),
        .max_delay_ms = config_ms(c, "retry.max_delay"),
    };
    int rc = check_url(c, "notify.url", e);
    if (rc == 0)
        rc = check_url(c, "on_stored.url", e);
    if (rc == 0)
        rc = check_command(c, "notify.command", e);
    return rc == 0 ? check_command(c, "on_stored.command", e) : rc;
}
