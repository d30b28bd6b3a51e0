/* See fake_log.h. */
#include "fake_log.h"

#include "base/buffer.h"
#include "record.h"

enum log_level fake_log_level = LOG_INFO;

int log_open(const struct log_options *options, struct error *e)
{
    (void)options, (void)e;
    return 0;
}

void log_set_around(void (*around)(void *ctx, int before), void *ctx)
{
    (void)around, (void)ctx;
}

void log_close(void)
{
}

int log_enabled(enum log_level level)
{
    return level <= fake_log_level;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    struct buffer line;
    buffer_init(&line, 0);
    buffer_printf(&line, "log %s %s", levels[level], event);
    for (const struct log_field *f = fields; f < fields + count; f++)
        if (f->kind == LOG_FIELD_STR || f->kind == LOG_FIELD_CODE)
            buffer_printf(&line, " %s=%s", f->key, record_text(f->text));
        else
            buffer_printf(&line, " %s=%lld%s", f->key, (long long)f->number,
                          f->kind == LOG_FIELD_MS ? "ms" : "");
    record("%s", buffer_text(&line));
    buffer_release(&line);
}

const char *log_time_told(struct wall at, char out[WALL_TEXT_MAX])
{
    return wall_format(at, out);
}

const char *log_time(struct wall at, char out[WALL_TEXT_MAX])
{
    return wall_format(at, out);
}
