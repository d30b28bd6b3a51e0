/* display.h - a run as a person sees it: on a terminal a few lines that renew themselves (as many as
 * its width takes: display_picture.h), elsewhere a log line every 10 s. */
#ifndef MB_CLI_DISPLAY_H
#define MB_CLI_DISPLAY_H

#include "batch/batch.h"

#include <stdbool.h>

struct display;

/* QUIET: nothing at all. The display is the log's neighbour on standard error:
 * it makes room for its lines. */
struct display *display_new(struct loop *loop, struct batch *b, bool quiet);
void display_close(struct display *d); /* takes its lines away */

#endif
