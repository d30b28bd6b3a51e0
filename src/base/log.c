/* See log.h. A line is made whole and written in one call, so that two writers never share one. */
#include "base/log.h"
#include "base/buffer.h"
#include "base/log_text.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    struct log_options options;
    int fd;
} the_log = {{.level = LOG_WARNING, .format = LOG_TEXT, .clock = &system_clock}, STDERR_FILENO};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static int open_file(const char *path, enum file_access a)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    int fd = open(path, flags | O_EXCL, file_access_file(a));
    if (fd < 0 && errno == EEXIST)
        return open(path, flags, file_access_file(a));
    if (fd >= 0 && file_access_set(fd, a) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int log_open(const struct log_options *options, struct error *e)
{
    int fd = STDERR_FILENO;
    if (options->file && *options->file) {
        fd = open_file(options->file, options->access);
        if (fd < 0)
            return error_system(e, ERR_IO, errno, "open the log file %s", text_show(options->file));
    }
    log_close();
    the_log.options = *options;
    the_log.fd = fd;
    if (!the_log.options.clock)
        the_log.options.clock = &system_clock;
    return 0;
}

void log_set_around(void (*around)(void *ctx, int before), void *ctx)
{
    the_log.options.around = around;
    the_log.options.ctx = ctx;
}

void log_close(void)
{
    if (the_log.fd != STDERR_FILENO)
        close(the_log.fd);
    the_log.fd = STDERR_FILENO;
    the_log.options.around = NULL;
}

int log_enabled(enum log_level level)
{
    return level <= the_log.options.level;
}

const char *log_time_told(struct wall at, char out[WALL_TEXT_MAX])
{
    const struct log_options *o = &the_log.options;
    return o->offset_s ? wall_format_at(at, o->offset_s(at), out) : wall_format(at, out);
}

const char *log_time(struct wall at, char out[WALL_TEXT_MAX])
{
    return the_log.options.format == LOG_TEXT ? log_time_told(at, out) : wall_format(at, out);
}

static void put_json_string(struct buffer *b, const char *text)
{
    buffer_put(b, "\"");
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            buffer_printf(b, "\\%c", *p);
        else
            REQUIRE(buffer_append(b, p, 1) == 0);
    }
    buffer_put(b, "\"");
}

static void put_json_field(struct buffer *b, const struct log_field *f)
{
    buffer_printf(b, ",\"%s\":", f->key);
    if (f->kind == LOG_FIELD_INT || f->kind == LOG_FIELD_MS)
        buffer_printf(b, "%" PRId64, f->number);
    else
        put_json_string(b, text_show(f->text ? f->text : "-"));
}

static void put_json(struct buffer *b, const char *stamp, const char *level, const char *event,
                     const struct log_field *fields, size_t count)
{
    buffer_printf(b, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", stamp, level, event);
    for (size_t i = 0; i < count; i++)
        put_json_field(b, &fields[i]);
    buffer_put(b, "}\n");
}

static void put_text(struct buffer *b, const char *stamp, const char *level, const char *event,
                     const struct log_field *fields, size_t count)
{
    buffer_printf(b, "%s %s ", stamp, level);
    log_text_put(b, event, fields, count);
    buffer_put(b, "\n");
}

/* True: there is nothing left to write. Else LINE has what is. */
static bool journal_takes(struct buffer *line, enum log_level level, const char *event,
                          const struct log_field *fields, size_t count)
{
    static const char *const prefixes[] = {"<3>", "<4>", "<6>", "<7>"};
    struct buffer text;
    buffer_init(&text, 0);
    log_text_put(&text, event, fields, count);
    bool taken = the_log.options.journal(level, event, buffer_text(&text), fields, count);
    if (!taken)
        buffer_printf(line, "%s%s\n", prefixes[level], buffer_text(&text));
    buffer_release(&text);
    return taken;
}

/* True: there is nothing to write. */
static bool make_line(struct buffer *line, enum log_level level, const char *event,
                      const struct log_field *fields, size_t count)
{
    const struct log_options *o = &the_log.options;
    char stamp[WALL_TEXT_MAX];
    if (o->journal && o->format == LOG_TEXT && the_log.fd == STDERR_FILENO)
        return journal_takes(line, level, event, fields, count);
    log_time(clock_wall(o->clock), stamp);
    (o->format == LOG_JSON ? put_json : put_text)(line, stamp, level_names[level], event, fields,
                                                  count);
    return false;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    if (!log_enabled(level))
        return;
    struct buffer line;
    buffer_init(&line, 0);
    if (!make_line(&line, level, event, fields, count)) {
        int shared = the_log.fd == STDERR_FILENO && the_log.options.around != NULL;
        if (shared)
            the_log.options.around(the_log.options.ctx, 1);
        ssize_t ignored =
            write(the_log.fd, line.data, line.len); /* a full log disk must not stop a batch */
        (void)ignored;
        if (shared)
            the_log.options.around(the_log.options.ctx, 0);
    }
    buffer_release(&line);
}
