/* Secrets that may stand in a file: the API key, in the first line of its own, and the webhooks'
 * signing secrets, a line each. Memory that held one is wiped before it goes. A file that anybody
 * may read is used, with a warning. */
#include "base/log.h"
#include "base/text.h"
#include "config/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A descriptor, or ERR_USAGE. EVENT is the warning's name. */
static int open_secret(const char *path, const char *event, struct error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(e, ERR_USAGE, errno, "open");
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
        LOG(LOG_WARNING, event, LOG_STR("path", path),
            LOG_STR("cause", "anybody on this machine may read it"), LOG_STR("next", "chmod 600"));
    return fd;
}

static void wipe(struct buffer *b)
{
    if (b->data)
        explicit_bzero(b->data, b->cap);
    buffer_release(b);
}

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
    char *line = out->data;
    while (out->len && strchr(" \t\r", line[out->len - 1]))
        line[--out->len] = '\0';
    return 0;
}

static int read_key_file(const char *path, struct buffer *key, struct error *e)
{
    int fd = open_secret(path, "config.key_file", e);
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
    wipe(&key);
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

enum { SECRETS_MAX = 16, SECRET_FILE_MAX = 16384 };

void config_forget_webhook_secrets(struct config *c)
{
    for (size_t i = 0; c->webhook_secrets && c->webhook_secrets[i]; i++) {
        explicit_bzero(c->webhook_secrets[i], strlen(c->webhook_secrets[i]));
        free(c->webhook_secrets[i]);
    }
    free(c->webhook_secrets);
    c->webhook_secrets = NULL;
}

static int read_whole(int fd, struct buffer *out, struct error *e)
{
    /* Asked for at once: what grows leaves copies behind. */
    if (buffer_reserve(out, SECRET_FILE_MAX) < 0)
        return error_set(e, ERR_MEMORY, "no memory");
    int rc = buffer_read(out, fd);
    if (rc == ERR_IO)
        return error_system(e, ERR_USAGE, errno, "read");
    return rc < 0 ? error_set(e, ERR_USAGE, "it is too large for a file of secrets") : 0;
}

static int add_secret(char **secrets, size_t *count, const char *text, struct error *e)
{
    if (*count == SECRETS_MAX)
        return error_set(e, ERR_USAGE, "there are more than %d secrets", SECRETS_MAX);
    secrets[(*count)++] = xstrdup(text);
    return 0;
}

/* Each line without the blanks around it. */
static int add_lines(char **secrets, size_t *count, struct buffer *text, struct error *e)
{
    if (strlen(buffer_text(text)) != text->len)
        return error_set(e, ERR_USAGE, "it isn't text");
    char *rest = text->len ? text->data : NULL;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        line += strspn(line, " \t\r");
        size_t len = strlen(line);
        while (len && strchr(" \t\r", line[len - 1]))
            line[--len] = '\0';
        int rc = len ? add_secret(secrets, count, line, e) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int add_file(char **secrets, size_t *count, const char *path, struct error *e)
{
    struct buffer text;
    size_t before = *count;
    int fd = open_secret(path, "config.secret_file", e);
    if (fd < 0)
        return error_wrap(e, "webhook.secret_file %s", text_show(path));
    buffer_init(&text, SECRET_FILE_MAX);
    int rc = read_whole(fd, &text, e);
    close(fd);
    if (rc == 0)
        rc = add_lines(secrets, count, &text, e);
    if (rc == 0 && *count == before)
        rc = error_set(e, ERR_USAGE, "there is no secret in it");
    wipe(&text);
    return rc < 0 ? error_wrap(e, "webhook.secret_file %s", text_show(path)) : 0;
}

const char *const *config_webhook_secrets(struct config *c, struct error *e)
{
    const char *one = config_text(c, "webhook.secret"),
               *file = config_text(c, "webhook.secret_file");
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
