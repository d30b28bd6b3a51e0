/* log.h - what happened, in one line a machine can read and a person can too:
 *
 *   2026-08-31T20:00:05+02:00 info doc.retry doc=17 path=a.pdf attempt=3 wait=62s cause=http_429
 *
 *   LOG(LOG_INFO, "doc.retry", LOG_INT("doc", 17), LOG_STR("path", path), LOG_MS("wait", 62000));
 *
 * Never a key, a secret or a payload. Strings are made fit for a terminal (text_display). */
#ifndef MB_BASE_LOG_H
#define MB_BASE_LOG_H

#include "base/clock.h"
#include "base/error.h"
#include "base/file_access.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *key;
    enum { LOG_FIELD_INT, LOG_FIELD_STR, LOG_FIELD_MS } kind;
    int64_t number;
    const char *text; /* NULL is written as "-" */
};

#define LOG_INT(k, v) ((struct log_field){(k), LOG_FIELD_INT, (int64_t)(v), NULL})
#define LOG_STR(k, v) ((struct log_field){(k), LOG_FIELD_STR, 0, (v)})
#define LOG_MS(k, v)  ((struct log_field){(k), LOG_FIELD_MS, (int64_t)(v), NULL})

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
};

/* Process-wide: the log is the one thing that every folder writes. 0 or ERR_IO.
 * A file that is there stays as it is. */
MUST_CHECK int log_open(const struct log_options *options, struct error *e);
void log_set_around(void (*around)(void *ctx, int before), void *ctx);
void log_close(void);
int log_enabled(enum log_level level);
/* A time as the log's own stamps have it, for a field. Returns OUT. */
const char *log_time(struct wall at, char out[WALL_TEXT_MAX]);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

#endif
