/* json_text.h - JSON as text: writing it by hand, since what the sandbox answers has few shapes and
 * is written often; and finding a part of it as it stands, numbers as they were written. */
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

/* In valid JSON, of which LEN bytes are at TEXT: the value of an object's member NAME (the first of
 * that name), and the Nth item of an array, as they are written. NULL if there is none, or TEXT is
 * no such thing. */
const char *json_find(const char *text, size_t len, const char *name, size_t *found_len);
const char *json_item(const char *text, size_t len, size_t n, size_t *found_len);

#endif
