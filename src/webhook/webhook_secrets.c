/* See webhook_secrets.h. The first look reads the file whatever its stamp is: it may have changed
 * since the configuration was read. A change is taken only from a file that was the same before and
 * after the reading; else the next look sees it. */
#include "webhook/webhook_secrets.h"

#include "base/log.h"
#include "base/secret_file.h"

#include <mindee.h>
#include <stdlib.h>
#include <string.h>

enum { SECRETS_MAX = 16 }; /* of a file */

int webhook_secrets_init(struct webhook_secrets *s, const char *const *secrets, const char *secret,
                         const char *file, struct error *e)
{
    size_t count = 0;
    while (secrets != NULL && secrets[count] != NULL)
        count++;
    *s = (struct webhook_secrets){
        .lines = xcalloc(count + 1, sizeof *s->lines),
        .secret = secret != NULL ? xstrdup(secret) : NULL,
        .file = file != NULL ? xstrdup(file) : NULL,
    };
    for (size_t i = 0; i < count; i++) {
        if (*secrets[i] == '\0')
            return error_set(e, ERR_USAGE, "webhook.secret: a secret is empty");
        s->lines[i] = xstrdup(secrets[i]);
    }
    return count > 0 ? 0
                     : error_set(e, ERR_USAGE,
                                 "webhook.listen needs the webhook's signing secret: set "
                                 "webhook.secret_file (or webhook.secret)");
}

void webhook_secrets_release(struct webhook_secrets *s)
{
    secret_lines_free(s->lines);
    if (s->secret != NULL)
        explicit_bzero(s->secret, strlen(s->secret));
    free(s->secret);
    free(s->file);
    *s = (struct webhook_secrets){0};
}

/* All are tried, whichever fits. */
bool webhook_secrets_fit(const struct webhook_secrets *s, const char *body, size_t len,
                         const char *signature)
{
    bool fits = false;
    for (size_t i = 0; s->lines[i] != NULL; i++)
        fits |= mindee_webhook_verify(s->lines[i], body, len, signature);
    return fits;
}

/* --- again --- */

static bool same_lines(char **a, char **b)
{
    size_t i = 0;
    while (a[i] != NULL && b[i] != NULL && strcmp(a[i], b[i]) == 0)
        i++;
    return a[i] == b[i]; /* both ended */
}

static char **with_the_secret(const struct webhook_secrets *s, char **lines)
{
    size_t count = 0, n = 0;
    while (lines[count] != NULL)
        count++;
    char **all = xcalloc(count + 2, sizeof *all);
    if (s->secret != NULL)
        all[n++] = xstrdup(s->secret);
    memcpy(all + n, lines, count * sizeof *lines);
    free(lines);
    return all;
}

static void keep_the_old(const struct webhook_secrets *s, const char *cause)
{
    LOG(LOG_WARNING, "webhook.secret_file", LOG_STR("path", s->file), LOG_STR("cause", cause),
        LOG_STR("next", "the old secrets stay"));
}

static bool read_again(struct webhook_secrets *s, bool asked)
{
    struct error e;
    char **lines = secret_file_lines(s->file, SECRETS_MAX, "config.secret_file", &e);
    if (lines == NULL) {
        keep_the_old(s, e.text);
        return false;
    }
    lines = with_the_secret(s, lines);
    bool news = !same_lines(lines, s->lines);
    size_t count = 0;
    while (lines[count] != NULL)
        count++;
    secret_lines_free(s->lines);
    s->lines = lines;
    if (news || asked)
        LOG(LOG_INFO, "webhook.secret_file", LOG_STR("path", s->file), LOG_INT("secrets", count));
    return true;
}

static struct file_stamp stamp_now(const char *path, bool *is_file)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    *is_file = !there || S_ISREG(st.st_mode);
    return there ? file_stamp_of(&st) : (struct file_stamp){0};
}

bool webhook_secrets_read(struct webhook_secrets *s)
{
    bool is_file;
    if (s->file == NULL)
        return true;
    s->stamp = stamp_now(s->file, &is_file);
    return read_again(s, true);
}

void webhook_secrets_look(struct webhook_secrets *s)
{
    bool is_file;
    if (s->file == NULL)
        return;
    struct file_stamp now = stamp_now(s->file, &is_file);
    if (!is_file || file_stamp_equal(&now, &s->stamp)) /* a pipe gives its lines once */
        return;
    s->stamp = now;
    (void)read_again(s, false);
    now = stamp_now(s->file, &is_file);
    if (!file_stamp_equal(&now, &s->stamp)) /* it changed meanwhile: the next look reads it again */
        s->stamp = (struct file_stamp){.size_bytes = -1};
}
