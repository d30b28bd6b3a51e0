/* error_list.h - every error of a configuration, not just the first. */
#ifndef MB_CONFIG_ERROR_LIST_H
#define MB_CONFIG_ERROR_LIST_H

#include "base/error.h"

#include <stddef.h>

struct error_list {
    struct error *errors; /* owned; in the order they were met */
    size_t count, capacity;
};

void error_list_init(struct error_list *l);
void error_list_release(struct error_list *l); /* usable again after */

/* Adds one; returns CODE, so that `return error_list_add(...)` reads well. */
int error_list_add(struct error_list *l, int code, const char *format, ...) PRINTF(3, 4);

/* Adds E unless the list holds these words already. */
void error_list_add_once(struct error_list *l, const struct error *e);

#endif
