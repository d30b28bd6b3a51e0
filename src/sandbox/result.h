/* result.h - the results, in the shapes of Mindee's samples: for a file of the sample generator
 * what is printed on it, for any other file values that are made up and say so ("SYNTHETIC ..."),
 * the same ones for the same bytes every time. */
#ifndef MB_SANDBOX_RESULT_H
#define MB_SANDBOX_RESULT_H

#include "sandbox/record.h"

/* {"inference": {...}}. */
void result_write(struct buffer *b, const struct job *j, const struct record *r);

#endif
