/* Values as people write them. Each type has one function that reads the text into the value or
 * says what is wrong; whoever calls puts the option's name and the place in front. The text itself
 * is repeated in the message (so that a stray character shows), but a secret's never is, and of a
 * URL not its password. */
#include "config/value.h"
#include "base/credits.h"
#include "base/text.h"
#include "base/units.h"
#include "config/mail_url.h"
#include "config/url.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LIST_MAX = 1000 }; /* items */

void value_release(struct value *v)
{
    for (char **item = v->list; item && *item; item++)
        free(*item);
    free(v->list);
    free(v->text);
    memset(v, 0, sizeof *v);
}

static int range_error(const struct option *o, struct error *e)
{
    char low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
    if (o->type == OPTION_DURATION)
        return error_set(e, ERR_USAGE, "must be between %s and %s", duration_format(o->min, low),
                         duration_format(o->max, high));
    const char *unit = o->type == OPTION_PERCENT ? "%" : "";
    return error_set(e, ERR_USAGE, "must be between %" PRId64 "%s and %" PRId64 "%s", o->min, unit,
                     o->max, unit);
}

static int parse_int(struct value *v, const struct option *o, const char *text, struct error *e)
{
    char *end;
    const char *digits = *text == '-' ? text + 1 : text;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)*digits) || *end)
        return error_set(e, ERR_USAGE, "\"%s\" isn't a whole number", text_show(text));
    v->number = n;
    return errno || n < o->min || n > o->max ? range_error(o, e) : 0;
}

static int parse_duration(struct value *v, const struct option *o, const char *text,
                          struct error *e)
{
    if (duration_parse(text, &v->number) < 0)
        return error_set(e, ERR_USAGE, "\"%s\" isn't a duration: write it like 500ms, 2s, 15m, 1h",
                         text_show(text));
    return v->number < o->min || v->number > o->max ? range_error(o, e) : 0;
}

static int parse_bool(struct value *v, const char *text, struct error *e)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1", NULL};
    for (int i = 0; words[i]; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            v->number = i & 1;
            return 0;
        }
    }
    return error_set(e, ERR_USAGE, "\"%s\" is neither yes nor no", text_show(text));
}

static int parse_choice(struct value *v, const struct option *o, const char *text, struct error *e)
{
    char shape[OPTION_SHAPE_MAX];
    for (const struct option_word *w = o->words; w->word; w++) {
        if (strcasecmp(text, w->word) == 0) {
            v->number = w->value;
            free(v->text);
            v->text = xstrdup(w->word);
            return 0;
        }
    }
    return error_set(e, ERR_USAGE, "\"%s\" isn't one of %s", text_show(text),
                     option_shape(o, shape));
}

static int parse_percent(struct value *v, const struct option *o, const char *text, struct error *e)
{
    char *end;
    if (!isdigit((unsigned char)*text) || strspn(text, "0123456789.% ") != strlen(text))
        return error_set(e, ERR_USAGE, "\"%s\" isn't a percentage: write it like 50%%",
                         text_show(text));
    v->percent = strtod(text, &end);
    end += strspn(end, " ");
    end += *end == '%';
    if (*end)
        return error_set(e, ERR_USAGE, "\"%s\" isn't a percentage: write it like 50%%",
                         text_show(text));
    return v->percent < (double)o->min || v->percent > (double)o->max ? range_error(o, e) : 0;
}

static int parse_credits(struct value *v, const struct option *o, const char *text, struct error *e)
{
    struct credits c;
    int rc = credits_parse(text, &c);
    if (rc == ERR_FORMAT)
        return error_set(e, ERR_USAGE,
                         "\"%s\" isn't an amount of credits: write it like 2500 or 0.25, with %d "
                         "digits behind the point at most",
                         text_show(text), CREDIT_DECIMALS);
    if (rc < 0 || c.micro < credits_of(o->min).micro || c.micro > credits_of(o->max).micro)
        return range_error(o, e);
    v->number = c.micro;
    return 0;
}

static int parse_uuid(const char *text, struct error *e)
{
    if (text_is_uuid(text))
        return 0;
    return error_set(e, ERR_USAGE,
                     "\"%s\" isn't a UUID: it looks like 12345678-9abc-def0-1234-56789abcdef0",
                     text_show(text));
}

static int parse_url(const char *text, struct error *e)
{
    struct url url;
    if (url_parse(text, &url) == 0)
        return 0;
    char masked[URL_SHOWN_MAX];
    return error_set(e, ERR_USAGE, "\"%s\" isn't a URL: it begins with https:// and a host",
                     url_show(text, masked));
}

/* A word of the address may be all that is needed to use it: nothing of it is repeated. */
static int parse_secret_url(const char *text, struct error *e)
{
    struct url url;
    if (url_parse(text, &url) == 0)
        return 0;
    return error_set(e, ERR_USAGE,
                     "isn't a URL, which begins with https:// and a host (it isn't shown)");
}

/* Nothing of it is repeated: a password may stand there in error. */
static int parse_mail_url(const char *text, struct error *e)
{
    struct mail_url url;
    if (mail_url_parse(text, &url) == 0)
        return 0;
    return error_set(
        e, ERR_USAGE,
        "isn't smtps://[user@]host[:port], or smtp:// (it isn't shown); a password goes "
        "into the file of notify.mail_password_file");
}

static int parse_secret(const char *text, struct error *e)
{
    for (const char *p = text; *p; p++)
        if (!isgraph((unsigned char)*p))
            return error_set(
                e, ERR_USAGE,
                "holds a space or a character that can't be in a key (it isn't shown)");
    return 0;
}

static int check_item(const struct option *o, const char *item, struct error *e)
{
    struct buffer words;
    if (o->type == OPTION_UUID_LIST)
        return parse_uuid(item, e);
    for (const struct option_word *w = o->words; w && w->word; w++)
        if (strcmp(item, w->word) == 0)
            return 0;
    if (!o->words)
        return 0;
    buffer_init(&words, 0);
    for (const struct option_word *w = o->words; w->word; w++)
        buffer_printf(&words, "%s%s", words.len ? ", " : "", w->word);
    error_set(e, ERR_USAGE, "\"%s\" isn't one of %s", text_show(item), buffer_text(&words));
    buffer_release(&words);
    return ERR_USAGE;
}

/* The items between the commas of TEXT, without the blanks round them, go behind those in LIST. */
static int split_list(char **list, const struct option *o, const char *text, struct error *e)
{
    size_t used = 0;
    while (list[used])
        used++;
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ","), first = 0, last = n;
        while (first < last && isspace((unsigned char)p[first]))
            first++;
        while (last > first && isspace((unsigned char)p[last - 1]))
            last--;
        if (last > first) {
            char *item = list[used++] = xcalloc(1, last - first + 1);
            memcpy(item, p + first, last - first);
            if (check_item(o, item, e) < 0)
                return ERR_USAGE;
        }
        p += n;
        if (!*p)
            return 0;
    }
}

static size_t count_items(const char *text)
{
    size_t count = 1;
    for (const char *p = text; *p; p++)
        count += *p == ',';
    return count;
}

static int parse_list(struct value *v, const struct option *o, const char *text, struct error *e)
{
    bool adds = (o->flags & OPTION_ADDS) && text[0] == '+';
    size_t count = count_items(text);
    if (count > LIST_MAX)
        return error_set(e, ERR_USAGE, "more than %d items", LIST_MAX);
    v->list = xcalloc(count + count_items(o->fallback ? o->fallback : "") + 1, sizeof *v->list);
    int rc = adds ? split_list(v->list, o, o->fallback, e) : 0;
    return rc < 0 ? rc : split_list(v->list, o, text + adds, e);
}

/* "~/x" and, if BASE is given, relative paths become what they stand for. */
static int parse_path(struct value *v, const char *text, const char *base, struct error *e)
{
    const char *front = "", *rest = text;
    if (text[0] == '~' && (text[1] == '/' || !text[1])) {
        front = getenv("HOME");
        if (!front || !*front)
            return error_set(e, ERR_USAGE, "\"%s\" needs $HOME, which isn't set", text_show(text));
        rest = text + 1;
    } else if (text[0] != '/' && base && strcmp(base, ".") != 0) {
        front = base;
    }
    struct buffer path;
    buffer_init(&path, 0);
    buffer_put(&path, front);
    if (path.len && path.data[path.len - 1] != '/' && *rest != '/' && *rest)
        buffer_put(&path, "/");
    buffer_put(&path, rest);
    free(v->text);
    v->text = buffer_detach(&path, NULL);
    return 0;
}

static int parse_typed(struct value *v, const struct option *o, const char *text, const char *base,
                       struct error *e)
{
    switch (o->type) {
    case OPTION_TEXT:
        if (!text_is_utf8(text, strlen(text)))
            return error_set(e, ERR_USAGE, "isn't UTF-8 text");
        return 0;
    case OPTION_SECRET:
        return parse_secret(text, e);
    case OPTION_INT:
        return parse_int(v, o, text, e);
    case OPTION_DURATION:
        return parse_duration(v, o, text, e);
    case OPTION_BOOL:
    case OPTION_FLAG:
        return parse_bool(v, text, e);
    case OPTION_CHOICE:
        return parse_choice(v, o, text, e);
    case OPTION_LIST:
    case OPTION_UUID_LIST:
        return parse_list(v, o, text, e);
    case OPTION_PERCENT:
        return parse_percent(v, o, text, e);
    case OPTION_CREDITS:
        return parse_credits(v, o, text, e);
    case OPTION_PATH:
        return parse_path(v, text, base, e);
    case OPTION_UUID:
        return parse_uuid(text, e);
    case OPTION_URL:
        return parse_url(text, e);
    case OPTION_SECRET_URL:
        return parse_secret_url(text, e);
    case OPTION_MAIL_URL:
        return parse_mail_url(text, e);
    }
    require_failed("an option's type is one of these", __FILE_NAME__, __LINE__);
}

int value_parse(struct value *v, const struct option *o, const char *text, const char *base,
                struct error *e)
{
    bool list = o->type == OPTION_LIST || o->type == OPTION_UUID_LIST;
    memset(v, 0, sizeof *v);
    v->number = -1;
    if (!*text && !list) {
        if (o->fallback)
            return error_set(e, ERR_USAGE, "needs a value (the default is %s)", o->fallback);
        return 0;
    }
    bool amount = o->type == OPTION_INT || o->type == OPTION_CREDITS;
    if (amount && !o->fallback && strcasecmp(text, "none") == 0)
        return 0;
    v->text = xstrdup(text);
    int rc = parse_typed(v, o, text, base, e);
    if (rc < 0)
        value_release(v);
    else
        v->present = true;
    return rc;
}

void value_show(const struct value *v, const struct option *o, struct buffer *out)
{
    char masked[URL_SHOWN_MAX];
    struct url url;
    if (!v->present) {
        buffer_put(out, "-");
    } else if (o->type == OPTION_SECRET) {
        buffer_put(out, "(set)");
    } else if (v->list) {
        for (char **item = v->list; *item; item++) {
            buffer_put(out, item == v->list ? "" : ",");
            text_display(out, *item, strlen(*item));
        }
        if (!*v->list)
            buffer_put(out, "(empty)");
    } else if (o->type == OPTION_BOOL || o->type == OPTION_FLAG) {
        buffer_put(out, v->number ? "yes" : "no");
    } else if (o->type == OPTION_URL) {
        buffer_put(out, url_show(v->text, masked));
    } else if (o->type == OPTION_SECRET_URL) {
        REQUIRE(url_parse(v->text, &url) == 0);
        buffer_printf(out, "%s://%s/***", url.https ? "https" : "http", url.host);
    } else {
        text_display(out, v->text, strlen(v->text));
    }
}
