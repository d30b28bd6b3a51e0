/* The INI file, by inih, which gets one line at a time from here.
 *
 * That way each line has its number, a line that inih would cut (over 199 bytes) is refused, and a
 * line that it could make nothing of is found: one that was neither blank, comment nor section and
 * brought no call. A value is complete when the next key, section or the end comes, because
 * indented lines may follow; only then it is read. Nothing stops at the first error.
 *
 * A key that is indented by mistake would silently become part of the value above: it is recognised
 * and named. No message repeats a line, which may hold a key. */
#include "base/text.h"
#include "config/layers.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 1 << 20, LINE_MAX_BYTES = 199 };

struct reading {
    struct config *config;
    struct error_list *errors;
    const char *path;
    char *base; /* its directory */
    const char *next, *end;
    int line;
    bool indented;   /* this line begins with a blank */
    bool wants_pair; /* inih should call for this line */
    bool
        after_skipped; /* the last line that wasn't indented was refused: so is what continues it */
    char section[160];
    int section_line;
    bool section_used;
    struct config *batch; /* of a section [batch.NAME]; else NULL */
    bool refused;         /* the section was: what stands in it isn't looked at */

    bool pending;                /* a key was seen, and its value may go on */
    const struct option *option; /* NULL: unknown, its value is dropped */
    struct buffer value;
    int value_line;
    int *first_line; /* of each option, in the plain sections and in each batch; 0: not yet */
};

static const char *place(const struct reading *r, int line, char out[300])
{
    snprintf(out, 300, "%.280s:%d", text_show(r->path), line);
    return out;
}

static void complain(struct reading *r, int line, const char *what)
{
    char where[300];
    (void)error_list_add(r->errors, ERR_USAGE, "%s: %s", place(r, line, where), what);
}

/* The value that was being read is whole. */
static void finish_value(struct reading *r)
{
    char where[300];
    if (r->pending && r->option) {
        int rc = setting_set(r->batch ? r->batch : r->config, r->option, buffer_text(&r->value),
                             r->base, LAYER_FILE, place(r, r->value_line, where), r->errors);
        (void)rc; /* collected */
    }
    r->pending = false;
    r->option = NULL;
    buffer_clear(&r->value);
}

static bool section_exists(const char *section)
{
    size_t n = strlen(section);
    for (size_t i = 0; i < option_count; i++)
        if (strncmp(option_table[i].name, section, n) == 0 && option_table[i].name[n] == '.')
            return true;
    return false;
}

static void finish_section(struct reading *r)
{
    finish_value(r);
    bool known = r->batch || r->refused || section_exists(r->section);
    if (r->section_line && !r->section_used && !known)
        complain(r, r->section_line, "there is no section of this name");
}

static void begin_batch(struct reading *r, const char *name)
{
    r->refused = true;
    if (!config_batch_name_is_valid(name)) {
        complain(r, r->line,
                 "a batch is written [batch.NAME], where NAME is 1 to 64 letters, digits, - and _");
        return;
    }
    r->batch = config_batch_obtain(r->config, name);
    if (!r->batch) {
        complain(r, r->line, "more than 100 batches");
        return;
    }
    r->batch->declared = true;
    r->refused = false;
}

/* "[name]", after which only a comment may follow. */
static void begin_section(struct reading *r, const char *line)
{
    finish_section(r);
    const char *close = strchr(line, ']');
    r->section[0] = '\0';
    r->section_line = 0;
    r->section_used = false;
    r->batch = NULL;
    r->refused = false;
    if (!close) {
        complain(r, r->line, "a section is written [name]: the ] is missing");
        r->after_skipped = true;
        return;
    }
    const char *rest = close + 1 + strspn(close + 1, " \t\r");
    if (*rest && !strchr(";#", *rest))
        complain(r, r->line, "what follows the ] belongs in a line of its own");
    line += 1 + strspn(line + 1, " \t");
    while (close > line && strchr(" \t", close[-1]))
        close--;
    snprintf(r->section, sizeof r->section, "%.*s", (int)(close - line), line);
    r->section_line = r->line;
    if (strcmp(r->section, "batch") == 0)
        begin_batch(r, "");
    else if (strncmp(r->section, "batch.", 6) == 0)
        begin_batch(r, r->section + 6);
}

/* The option that KEY means in a plain section, or NULL and an error. */
static const struct option *plain_option(struct reading *r, const char *key)
{
    char where[300], name[256];
    snprintf(name, sizeof name, "%s%s%s", r->section, *r->section ? "." : "", key);
    const struct option *o = option_find(name);
    if (o && *r->section)
        return o;
    place(r, r->line, where);
    if (!o)
        setting_unknown(where, name, r->errors);
    else
        (void)error_list_add(r->errors, ERR_USAGE,
                             "%s: %s stands outside of a section: write %s below [%.*s]", where,
                             name, strchr(name, '.') + 1, (int)(strchr(name, '.') - name), name);
    return NULL;
}

/* Where the line is kept that first set O in this section. */
static int *first_line_of(struct reading *r, const struct option *o)
{
    size_t turn = r->batch ? 1 + (size_t)config_batch_find(r->config, r->batch->name) : 0;
    return &r->first_line[turn * option_count + (size_t)(o - option_table)];
}

static void begin_value(struct reading *r, const char *key, const char *value)
{
    char where[300];
    finish_value(r);
    r->section_used = true;
    r->pending = true;
    r->value_line = r->line;
    if (r->refused)
        return;
    place(r, r->line, where);
    r->option = r->batch ? config_batch_option(r->batch->name, key, where, r->errors)
                         : plain_option(r, key);
    if (!r->option)
        return;
    int *first = first_line_of(r, r->option);
    if (*first) {
        (void)error_list_add(r->errors, ERR_USAGE, "%s: %s is set twice, first in line %d", where,
                             r->option->name, *first);
        r->option = NULL;
        return;
    }
    *first = r->line;
    buffer_put(&r->value, value);
}

/* Whether a line that continues a value looks like a key of this section. */
static const struct option *key_in(const struct reading *r, const char *line)
{
    char name[256];
    size_t n = strspn(line, r->batch ? "abcdefghijklmnopqrstuvwxyz0123456789_."
                                     : "abcdefghijklmnopqrstuvwxyz0123456789_");
    const char *behind = line + n + strspn(line + n, " \t");
    if (*behind != '=' && *behind != ':')
        return NULL;
    snprintf(name, sizeof name, "%s%s%.*s", r->batch ? "" : r->section, r->batch ? "" : ".", (int)n,
             line);
    return r->batch ? option_find_in_batch(name) : option_find(name);
}

/* inih takes comments off the first line of a value, and leaves them in those that continue it. */
static void put_without_comment(struct buffer *out, const char *text)
{
    size_t n = 0;
    while (text[n] && !(text[n] == ';' && n && isspace((unsigned char)text[n - 1])))
        n++;
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    REQUIRE(buffer_append(out, text, n) == 0);
}

static void continue_value(struct reading *r, const char *text)
{
    char where[300];
    const struct option *key = key_in(r, text);
    if (key) {
        (void)error_list_add(
            r->errors, ERR_USAGE,
            "%s: this line is indented, so it goes on with the value above; to set "
            "%s, take the blanks away",
            place(r, r->line, where), key->name);
        return;
    }
    if (!r->option)
        return;
    switch (r->option->type) {
    case OPTION_LIST:
    case OPTION_UUID_LIST:
        buffer_put(&r->value, ",");
        put_without_comment(&r->value, text);
        return;
    case OPTION_TEXT:
        buffer_put(&r->value, r->value.len ? " " : "");
        put_without_comment(&r->value, text);
        return;
    case OPTION_SECRET:
    case OPTION_PATH:
    case OPTION_URL:
    case OPTION_SECRET_URL:
    case OPTION_MAIL_URL:
        put_without_comment(&r->value, text);
        return;
    default:
        (void)error_list_add(r->errors, ERR_USAGE,
                             "%s: this line is indented, so it goes on with the value of %s, which "
                             "takes a single line",
                             place(r, r->line, where), r->option->name);
    }
}

static int on_pair(void *ctx, const char *section, const char *key, const char *value)
{
    struct reading *r = ctx;
    (void)section; /* ours has its blanks taken off and isn't cut */
    r->wants_pair = false;
    if (r->indented && r->after_skipped)
        return 1;
    if (r->indented && r->pending)
        continue_value(r, value);
    else
        begin_value(r, key, value);
    return 1;
}

/* The line before this one should have brought a call, and didn't. */
static void check_last_line(struct reading *r)
{
    if (r->wants_pair) {
        finish_value(r);
        complain(r, r->line, "neither key = value nor [section] nor a comment (; or #)");
        r->after_skipped = true;
    }
    r->wants_pair = false;
}

/* Takes the next line; returns its length, or -1 for one that inih mustn't see. */
static int take_line(struct reading *r, const char **line)
{
    const char *newline = memchr(r->next, '\n', (size_t)(r->end - r->next));
    size_t n = (size_t)((newline ? newline : r->end) - r->next);
    *line = r->next;
    r->next = newline ? newline + 1 : r->end;
    r->line++;
    r->indented = n > 0 && isspace((unsigned char)**line);
    while (n && isspace((unsigned char)(*line)[n - 1]))
        n--;
    bool skip = true;
    if (n > LINE_MAX_BYTES)
        complain(r, r->line,
                 "longer than 199 bytes: a long value goes on in the next lines, indented");
    else
        skip = false;
    if (skip || (n && !r->indented))
        r->after_skipped = skip;
    return skip ? -1 : (int)n;
}

/* fgets for inih. */
static char *next_line(char *out, int size, void *ctx)
{
    struct reading *r = ctx;
    const char *line;
    REQUIRE(size > LINE_MAX_BYTES);
    check_last_line(r);
    if (r->next == r->end)
        return NULL;
    int n = take_line(r, &line);
    memcpy(out, line, n > 0 ? (size_t)n : 0);
    out[n > 0 ? n : 0] = '\0';
    const char *start = out + strspn(out, " \t\v\f\r");
    if (!*start || strchr(";#", *start))
        return out;
    /* inih takes "[" for a section only where the line can't continue a value. */
    if (*start == '[' && !(r->indented && r->pending)) {
        begin_section(r, start);
        return out;
    }
    r->wants_pair = !(r->indented && r->after_skipped);
    return out;
}

static int read_whole(const char *path, struct buffer *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(e, ERR_IO, errno, "the configuration can't be read");
    int rc = buffer_read(out, fd);
    if (rc == ERR_IO)
        rc = error_system(e, ERR_IO, errno, "the configuration can't be read");
    else if (rc < 0)
        rc = error_set(e, ERR_USAGE, "over 1 MB: this isn't a configuration");
    close(fd);
    return rc;
}

/* What makes the whole file something else than an INI file, and the line that shows it; NULL if
 * nothing does. Windows calls UTF-16 "Unicode". */
static const char *what_it_is(const struct reading *r, int *line)
{
    int content = 0;
    bool section = false;
    *line = 1;
    if (r->end - r->next >= 5 && memcmp(r->next, "%PDF-", 5) == 0)
        return "this is a PDF, not an INI file";
    for (const char *p = r->next; p < r->end; *line += 1) {
        const char *newline = memchr(p, '\n', (size_t)(r->end - p));
        size_t n = (size_t)((newline ? newline : r->end) - p), blank = 0;
        if (memchr(p, '\0', n))
            return "holds a NUL byte: this is no INI file, or one in UTF-16 that should be saved "
                   "as UTF-8";
        while (blank < n && isspace((unsigned char)p[blank]))
            blank++;
        section |= blank < n && p[blank] == '[';
        content += blank < n && !strchr(";#[", p[blank]);
        p += n + (newline != NULL);
    }
    *line = 1;
    return !section && content > 2 ? "this is no INI file: it has no [section]" : NULL;
}

static void parse(struct reading *r)
{
    int line;
    const char *other = what_it_is(r, &line);
    if (other) { /* told once: each of its lines would be wrong */
        complain(r, line, other);
        return;
    }
    if (r->end - r->next >= 3 && memcmp(r->next, "\xEF\xBB\xBF", 3) == 0)
        r->next += 3; /* a byte order mark */
    int rc = ini_parse_stream(next_line, r, on_pair, r);
    REQUIRE(rc >= 0); /* a line's number: that line was complained about above */
    finish_section(r);
}

int config_load_file(struct config *c, const char *path, struct error_list *errors)
{
    struct buffer bytes;
    struct error e = {0};
    size_t before = errors->count;
    buffer_init(&bytes, FILE_MAX_BYTES);
    int rc = read_whole(path, &bytes, &e);
    if (rc < 0) {
        (void)error_list_add(errors, e.code, "%s: %s", text_show(path), e.text);
    } else {
        const char *slash = strrchr(path, '/');
        struct reading r = {.config = c, .errors = errors, .path = path};
        r.base = slash ? strndup(path, (size_t)(slash - path) + (slash == path)) : xstrdup(".");
        REQUIRE(r.base != NULL);
        r.next = buffer_text(&bytes);
        r.end = r.next + bytes.len;
        r.first_line = xcalloc((1 + BATCHES_MAX) * option_count, sizeof *r.first_line);
        buffer_init(&r.value, 0);
        parse(&r);
        rc = errors->count > before ? ERR_USAGE : 0;
        buffer_release(&r.value);
        free(r.first_line);
        free(r.base);
    }
    buffer_release(&bytes);
    return rc;
}
