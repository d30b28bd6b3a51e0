/* Secrets that may stand in a file: the API key, in the first line of its own, and the webhooks'
 * signing secrets, a line each (base/secret_file.h). */
#include "base/secret_file.h"
#include "base/text.h"
#include "config/layers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the API key ---- */

/* The first line of FD into OUT, without blanks around it. */
static int read_first_line(int fd, struct buffer *out, struct error *e)
{
    char chunk[512];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(e, ERR_IO, errno, "read");
        const char *newline = memchr(chunk, '\n', (size_t)n);
        if (buffer_append(out, chunk, newline ? (size_t)(newline - chunk) : (size_t)n) < 0)
            return error_set(e, ERR_USAGE, "its first line is too long for a key");
        if (n == 0 || newline)
            break;
    }
    explicit_bzero(chunk, sizeof chunk);
    secret_text_plain(out);
    const char *end = out->len ? memchr(out->data, '\r', out->len) : NULL;
    size_t len = end ? (size_t)(end - out->data) : out->len;
    while (len && strchr(" \t", out->data[len - 1]))
        len--;
    if (out->data)
        explicit_bzero(out->data + len, out->len - len);
    out->len = len;
    return 0;
}

static int read_key_file(const char *path, struct buffer *key, struct error *e)
{
    int fd = secret_file_open(path, "config.key_file", e);
    if (fd < 0)
        return fd;
    int rc = read_first_line(fd, key, e);
    close(fd);
    return rc;
}

static int check_key_text(const struct buffer *key, struct error *e)
{
    if (key->len == 0)
        return error_set(e, ERR_USAGE, "its first line is empty: it should be the API key");
    for (size_t i = 0; i < key->len; i++)
        if (key->data[i] <= ' ' || key->data[i] > '~')
            return error_set(e, ERR_USAGE, "its first line holds what can't be in an API key");
    return 0;
}

static char *key_from_file(const char *path, struct error *e)
{
    enum { KEY_MAX = 4096 };
    struct buffer key;
    buffer_init(&key, KEY_MAX);
    int rc = read_key_file(path, &key, e);
    if (rc == 0)
        rc = check_key_text(&key, e);
    if (rc == 0)
        return buffer_detach(&key, NULL);
    error_wrap(e, "api.key_file %s", text_show(path));
    secret_buffer_wipe(&key);
    return NULL;
}

const char *config_api_key(struct config *c, struct error *e)
{
    const struct setting *key = setting_named(c, "api.key"),
                         *file = setting_named(c, "api.key_file");
    char *found = NULL;
    if (file->value.present && (!key->value.present || file->layer > key->layer))
        found = key_from_file(file->value.text, e);
    else if (key->value.present)
        found = xstrdup(key->value.text);
    else
        error_set(e, ERR_USAGE,
                  "no API key: set $MINDEE_V2_API_KEY, or api.key_file to a file that holds it "
                  "(keys are made at https://app.mindee.com)");
    if (c->key)
        explicit_bzero(c->key, strlen(c->key));
    free(c->key);
    c->key = found;
    return found;
}

/* ---- the webhooks' secrets ---- */

enum { SECRETS_MAX = 16 };

void config_forget_webhook_secrets(struct config *c)
{
    secret_lines_free(c->webhook_secrets);
    c->webhook_secrets = NULL;
}

static int add_secret(char **secrets, size_t *count, const char *text, struct error *e)
{
    if (*count == SECRETS_MAX)
        return error_set(e, ERR_USAGE, "there are more than %d secrets", SECRETS_MAX);
    secrets[(*count)++] = xstrdup(text);
    return 0;
}

static int add_file(char **secrets, size_t *count, const char *path, struct error *e)
{
    char **lines = secret_file_lines(path, SECRETS_MAX, "config.secret_file", e);
    int rc = lines ? 0 : e->code;
    for (size_t i = 0; rc == 0 && lines[i]; i++)
        rc = add_secret(secrets, count, lines[i], e);
    secret_lines_free(lines);
    return rc < 0 ? error_wrap(e, "webhook.secret_file %s", text_show(path)) : 0;
}

const char *const *config_webhook_secrets(struct config *c, struct error *e)
{
    const struct settings *s = config_settings(c);
    const char *one = s->webhook.secret, *file = s->webhook.secret_file;
    size_t count = 0;
    int rc = 0;
    config_forget_webhook_secrets(c);
    c->webhook_secrets = xcalloc(SECRETS_MAX + 1, sizeof *c->webhook_secrets);
    if (one)
        rc = add_secret(c->webhook_secrets, &count, one, e);
    if (rc == 0 && file)
        rc = add_file(c->webhook_secrets, &count, file, e);
    if (rc == 0 && count == 0)
        rc = error_set(e, ERR_USAGE,
                       "no signing secret: set webhook.secret_file to a file that holds it (Mindee "
                       "shows it where the webhook is set up)");
    if (rc == 0)
        return (const char *const *)c->webhook_secrets;
    config_forget_webhook_secrets(c);
    return NULL;
}
