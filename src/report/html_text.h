/* html_text.h - what comes from outside, made fit for a page of HTML. Every value goes through one function,
 * html_put: whatever it holds is text then, wherever in the page it stands, between tags or in the quotes of an
 * attribute.
 *
 *   html_put(&out, text, len, HTML_NAME_MOST);
 *
 * Numbers are grouped by narrow spaces at which no line breaks ("12 345.60"). */
#ifndef MB_REPORT_HTML_TEXT_H
#define MB_REPORT_HTML_TEXT_H

#include "base/buffer.h"
#include "base/credits.h"
#include "base/decimal.h"

/* Characters of one value; what is longer ends with an ellipsis. */
enum { HTML_NAME_MOST = 160, HTML_PATH_MOST = 400, HTML_REASON_MOST = 400 };

/* Markup becomes references, controls and what turns the direction of a text \u{202E}, bytes that aren't UTF-8 \xNN;
 * a line's end or a tab is a space. */
void html_put(struct buffer *out, const char *text, size_t len, size_t most);
void html_text(struct buffer *out, const char *text); /* a name of ours, or a short one */

void html_count(struct buffer *out, int64_t n);
/* With DECIMALS at least. */
void html_amount(struct buffer *out, struct decimal amount, int decimals);
void html_credits(struct buffer *out, struct credits c);
/* TEXT is a number as decimal_format writes it. */
void html_grouped(struct buffer *out, const char *text);

#endif
