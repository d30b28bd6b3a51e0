/* A notifier's options from the configuration. The addresses must be https, as invoices and the
 * secrets of Slack and others travel there; http is for this machine alone. What must go to another
 * machine in clear can go through a command. */
#include "base/text.h"
#include "config/mail_url.h"
#include "config/url.h"
#include "notify/command_words.h"
#include "notify/notifier.h"

#include <string.h>

static int check_url(const struct config *c, size_t option, struct error *e)
{
    const char *text = config_value(c, option), *name = config_name(option);
    struct url url;
    if (!text)
        return 0;
    if (url_parse(text, &url) < 0 || url.credentials)
        return error_set(e, ERR_USAGE, "%s: %s: must be https://host/path, without a user",
                         config_origin(c, option), name);
    if (!url.https && !url_is_loopback(&url))
        return error_set(e, ERR_USAGE,
                         "%s: %s: http://%s would send it unencrypted; use https (http is accepted "
                         "for loopback addresses alone)",
                         config_origin(c, option), name, url.host);
    return 0;
}

/* That it can be run: found out before anything begins under it. */
static int check_command(const struct config *c, size_t option, struct error *e)
{
    const char *text = config_value(c, option), *name = config_name(option);
    char **words = NULL;
    int rc = text ? command_words(&words, text, e) : 0;
    if (rc < 0)
        return error_wrap(e, "%s: %s", config_origin(c, option), name);
    command_words_free(words);
    return 0;
}

static int check_address(const struct config *c, size_t option, const char *address,
                         struct error *e)
{
    if (mail_address_is_right(address))
        return 0;
    return error_set(e, ERR_USAGE, "%s: %s: \"%s\" isn't an address like accounts@example.com",
                     config_origin(c, option), config_name(option), text_show(address));
}

/* Nothing of it is looked at where there is no notify.mail. */
static int read_mail(struct notifier_options *o, const struct config *c, struct error *e)
{
    const struct settings *s = config_settings(c);
    int rc = 0;
    if (!s->notify.mail)
        return 0;
    const char *origin = config_origin(c, SETTING(notify.mail));
    REQUIRE(mail_url_parse(s->notify.mail, &o->mail) == 0);
    if (!s->notify.mail_to || !*s->notify.mail_to)
        return error_set(e, ERR_USAGE, "%s: notify.mail: set notify.mail_to, too: whom it goes to",
                         origin);
    if (!*o->mail.user != !s->notify.mail_password_file)
        return error_set(e, ERR_USAGE,
                         "%s: notify.mail: a user and notify.mail_password_file go together",
                         origin);
    if (s->notify.mail_from)
        rc = check_address(c, SETTING(notify.mail_from), s->notify.mail_from, e);
    for (const char *const *to = s->notify.mail_to; *to && rc == 0; to++)
        rc = check_address(c, SETTING(notify.mail_to), *to, e);
    o->mail_from = s->notify.mail_from;
    o->mail_to = s->notify.mail_to;
    o->mail_password_file = s->notify.mail_password_file;
    return rc;
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
    const struct settings *s = config_settings(c);
    const char *const *when = s->notify.when;
    *o = (struct notifier_options){
        .batch = batch,
        .output = output,
        .notify_url = s->notify.url,
        .notify_command = s->notify.command,
        .at_end = says(when, "end"),
        .at_trouble = says(when, "trouble"),
        .every_ms = s->notify.every,
        .stored_url = s->on_stored.url,
        .stored_command = s->on_stored.command,
        .from_beginning = s->on_stored.from == STORED_FROM_BEGINNING,
        .stored_timeout_ms = s->on_stored.timeout,
        .ca_file = s->api.ca_file,
        .proxy = s->api.proxy,
        .connect_timeout_ms = s->api.connect_timeout,
        .first_delay_ms = s->retry.first_delay,
        .max_delay_ms = s->retry.max_delay,
    };
    int rc = check_url(c, SETTING(notify.url), e);
    if (rc == 0)
        rc = check_url(c, SETTING(on_stored.url), e);
    if (rc == 0)
        rc = check_command(c, SETTING(notify.command), e);
    if (rc == 0)
        rc = check_command(c, SETTING(on_stored.command), e);
    return rc == 0 ? read_mail(o, c, e) : rc;
}
