/* json_text.h - writing JSON by hand: what the sandbox answers has few shapes,
 * and is written often. */
#ifndef MB_SANDBOX_JSON_TEXT_H
#define MB_SANDBOX_JSON_TEXT_H

#include "base/buffer.h"
#include "base/clock.h"

/* Appends TEXT as a JSON string; NULL becomes null. Bytes that aren't UTF-8 are shown as \xNN. */
void json_put_text(struct buffer *b, const char *text);
/* Appends "NAME":TEXT. */
void json_put_member(struct buffer *b, const char *name, const char *text);
/* Appends a time as the API writes it: "2026-04-20T18:27:58.974451", without a zone; MICROS (0 to
 * 999) are its last three digits. */
void json_put_time(struct buffer *b, struct wall t, int micros);

#endif
