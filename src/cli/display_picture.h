/* display_picture.h - how far a run is, drawn as lines of text for a terminal of any width.
 *
 * Pure. What there is to say flows from line to line as a text does: nothing is cut at a narrow
 * terminal, and no line reaches its last column, so that none wraps and what was drawn can be taken
 * away line by line. */
#ifndef MB_CLI_DISPLAY_PICTURE_H
#define MB_CLI_DISPLAY_PICTURE_H

#include "base/buffer.h"
#include "batch/progress.h"

struct picture_facts {
    const struct batch_progress *progress;
    int64_t last_minute; /* stored in it */
    int64_t elapsed_ms;
};

enum { PICTURE_LEAST_WIDTH = 20 };

/* Appends the lines, each with its \n, for WIDTH columns (PICTURE_LEAST_WIDTH at least). */
void display_picture(struct buffer *out, const struct picture_facts *facts, int width);

/* How many rows of a terminal TEXT takes at WIDTH columns, which may have become less since it was
 * drawn. */
int display_rows(const char *text, int width);

#endif
