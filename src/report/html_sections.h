/* html_sections.h - the sections of the report, in the order of the page. Each appends itself, or nothing where there
 * is nothing to tell. */
#ifndef MB_REPORT_HTML_SECTIONS_H
#define MB_REPORT_HTML_SECTIONS_H

#include "report/report_data.h"

void html_title(struct buffer *out, const struct report_data *d); /* as text, for <title> */
void html_overview(struct buffer *out, const struct report_data *d);
void html_amounts(struct buffer *out, const struct report_data *d);
void html_review(struct buffer *out, const struct report_data *d);
void html_suppliers(struct buffer *out, const struct report_data *d);
void html_times(struct buffer *out, const struct report_data *d);
void html_unstored(struct buffer *out, const struct report_data *d);
void html_bill(struct buffer *out, const struct report_data *d);
void html_about(struct buffer *out, const struct report_data *d);

/* As the clocks of the report's zone show it: "Mon 2026-11-30 18:04"; WITH_DATE false: "18:04". */
void html_moment(struct buffer *out, const struct report_data *d, struct wall at, bool with_date);

#endif
