/* What one option alone can't tell: options that contradict each other, a key that would travel in
 * clear, and the API key itself, which may stand in a file. */
#include "base/log.h"
#include "base/text.h"
#include "config/settings.h"
#include "config/url.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_key(const struct config *c, struct error_list *errors)
{
    const struct setting *key = setting_named(c, "api.key"),
                         *file = setting_named(c, "api.key_file");
    if (!key->value.present || !file->value.present || key->layer != file->layer)
        return 0;
    return error_list_add(errors, ERR_USAGE,
                          "api.key (%s) and api.key_file (%s): give one of them, not both",
                          key->origin, file->origin);
}

static int check_base_url(const struct config *c, struct error_list *errors)
{
    const struct setting *s = setting_named(c, "api.base_url");
    struct url url;
    char shown[URL_SHOWN_MAX];
    const char *where = config_origin(c, "api.base_url");
    REQUIRE(url_parse(s->value.text, &url) == 0);
    if (url.credentials || url.query_fragment)
        return error_list_add(
            errors, ERR_USAGE,
            "%s: api.base_url: must be https://host alone, without user, password, ? or #", where);
    if (!url.https && !url_is_loopback(&url))
        return error_list_add(errors, ERR_USAGE,
                              "%s: api.base_url: %s would send the API key unencrypted; use https "
                              "(http is accepted for loopback addresses alone)",
                              where, url_show(s->value.text, shown));
    return 0;
}

/* A share of a limit that rounds to nothing would stop everything, or lift the limit. */
static int check_share(const struct config *c, const char *limit, struct error_list *errors)
{
    int64_t n = config_int(c, limit);
    double share = config_percent(c, "limits.share");
    if (n == 0 || (double)n * share >= 100)
        return 0;
    return error_list_add(errors, ERR_USAGE,
                          "%s: limits.share: %g%% of %s = %" PRId64 " is less than one a minute",
                          config_origin(c, "limits.share"), share, limit, n);
}

static int check_retry(const struct config *c, struct error_list *errors)
{
    if (config_ms(c, "retry.first_delay") <= config_ms(c, "retry.max_delay"))
        return 0;
    return error_list_add(
        errors, ERR_USAGE, "retry.first_delay (%s) is longer than retry.max_delay (%s)",
        config_origin(c, "retry.first_delay"), config_origin(c, "retry.max_delay"));
}

/* Mindee knows these with extraction alone. */
static int check_request(const struct config *c, struct error_list *errors)
{
    static const char *const names[] = {"request.rag",          "request.raw_text",
                                        "request.polygon",      "request.confidence",
                                        "request.text_context", "request.data_schema_file"};
    const char *product = config_text(c, "api.product");
    int rc = 0;
    if (strcmp(product, "extraction") == 0)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (config_is_set(c, names[i]))
            rc = error_list_add(
                errors, ERR_USAGE,
                "%s: %s: only extraction takes this; api.product is %s (leave one of them out)",
                config_origin(c, names[i]), names[i], product);
    return rc;
}

int config_check(const struct config *c, struct error_list *errors)
{
    int results[] = {check_key(c, errors),
                     check_base_url(c, errors),
                     check_request(c, errors),
                     check_share(c, "limits.post_per_minute", errors),
                     check_share(c, "limits.get_per_minute", errors),
                     check_retry(c, errors)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] < 0)
            return results[i];
    return 0;
}

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
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(e, ERR_USAGE, errno, "open");
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
        LOG(LOG_WARNING, "config.key_file", LOG_STR("path", path),
            LOG_STR("cause", "anybody on this machine may read it"), LOG_STR("next", "chmod 600"));
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
    if (key.data)
        explicit_bzero(key.data, key.cap);
    buffer_release(&key);
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
