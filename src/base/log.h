/* log.h - what happened, in one line: for people in words, or for programs as JSON (log.format).
 *
 *   2026-08-31T20:00:05+02:00 info a.pdf: tried again: Mindee had a fault (document 17, attempt 3,
 *   again in 1 min 02 s) [doc.retry]
 *
 *   LOG(LOG_INFO, "doc.retry", LOG_STR("path", path), LOG_STR("what", words), LOG_INT("doc", 17),
 *       LOG_CODE("cause", "http_500"), LOG_INT("attempt", 3), LOG_MS("wait", 62000));
 *
 * What the text makes of it is told in log_text.h; its words are in log_words.c, where each event
 * has a row.
 * Never a key, a secret or a payload. Strings are made fit for a terminal (text_display). */
#ifndef MB_BASE_LOG_H
#define MB_BASE_LOG_H

#include "base/clock.h"
#include "base/error.h"
#include "base/file_access.h"
#include "base/log_field.h"

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* At least one field. The arguments are evaluated only if the level is on. */
#define LOG(level, event, ...)                                                                     \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_write((level), (event), (const struct log_field[]){__VA_ARGS__},                   \
                      sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)); \
    } while (0)

struct log_options {
    enum log_level level;
    enum log_format format;
    const char *file;          /* NULL: standard error */
    const struct clock *clock; /* for the stamps */
    /* How far the clocks are before UTC where the log is read: for the text; NULL: it has UTC. */
    int32_t (*offset_s)(struct wall at);
    /* Called before and after a line goes to standard error, so that a live display can make room;
     * may be NULL. */
    void (*around)(void *ctx, int before);
    void *ctx;
    enum file_access access; /* of FILE, if it is made */
    /* What takes an event in place of a line on standard error, TEXT its line without time and level; NULL: nothing does.
     * False: it can't now, and the line is written, its level in front as systemd reads it. */
    bool (*journal)(enum log_level level, const char *event, const char *text,
                    const struct log_field *fields, size_t count);
};

/* Process-wide: the log is the one thing that every folder writes. 0 or ERR_IO.
 * A file that is there stays as it is. */
MUST_CHECK int log_open(const struct log_options *options, struct error *e);
void log_set_around(void (*around)(void *ctx, int before), void *ctx);
void log_close(void);
int log_enabled(enum log_level level);
/* A time for people, in the zone that the log has: for sentences, whatever the log's format is.
 * Returns OUT. */
const char *log_time_told(struct wall at, char out[WALL_TEXT_MAX]);
/* A time as the log's own stamps have it, for a field. Returns OUT. */
const char *log_time(struct wall at, char out[WALL_TEXT_MAX]);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

#endif
