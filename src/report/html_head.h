/* html_head.h - how a page begins and ends: its title, its policy, its one style and its one script.
 *
 * The policy (Content-Security-Policy in a meta element, before anything it is about) lets nothing be loaded, sent or
 * run but these two, by their hashes: a script or a style that came in with a value would be refused. */
#ifndef MB_REPORT_HTML_HEAD_H
#define MB_REPORT_HTML_HEAD_H

#include "base/buffer.h"
#include "report/page_files.h"

/* TITLE is text. */
void html_begin(struct buffer *out, const char *title, const struct page_file *style,
                const struct page_file *script);
void html_end(struct buffer *out, const struct page_file *script);

/* "sha256-…" of the policy, appended. */
void html_hash(struct buffer *out, const void *data, size_t len);

#endif
