/* log_text.h - a log line as people read it:
 *
 *   batch acme: /in/a.pdf: the file stays where it is: Permission denied (document 17); mend this,
 *   and the next run moves it [file.not_moved]
 *
 * Whose it is comes first (batch, path, name), then the event's words and what the fields tell of
 * it (what, cause, ...), the numbers in brackets, and what happens next; last the event's name, by
 * which it can be looked for. Fields that say nothing are left out, and so are those for programs
 * (LOG_CODE). */
#ifndef MB_BASE_LOG_TEXT_H
#define MB_BASE_LOG_TEXT_H

#include "base/buffer.h"
#include "base/log_field.h"

void log_text_put(struct buffer *line, const char *event, const struct log_field *fields,
                  size_t count);

#endif
