/* log_field.h - what an event says in the log: a name and a number, a text or a time. */
#ifndef MB_BASE_LOG_FIELD_H
#define MB_BASE_LOG_FIELD_H

#include <stdint.h>

struct log_field {
    const char *key;
    enum { LOG_FIELD_INT, LOG_FIELD_STR, LOG_FIELD_MS, LOG_FIELD_CODE } kind;
    int64_t number;
    const char *text; /* NULL: JSON has "-", the text nothing */
};

/* LOG_CODE is a word for programs alone: the text leaves it out. */
#define LOG_INT(k, v)  ((struct log_field){(k), LOG_FIELD_INT, (int64_t)(v), NULL})
#define LOG_STR(k, v)  ((struct log_field){(k), LOG_FIELD_STR, 0, (v)})
#define LOG_CODE(k, v) ((struct log_field){(k), LOG_FIELD_CODE, 0, (v)})
#define LOG_MS(k, v)   ((struct log_field){(k), LOG_FIELD_MS, (int64_t)(v), NULL})

#endif
