/* page_files.h - the page's style and script (page/), as the build puts them into the program. */
#ifndef MB_REPORT_PAGE_FILES_H
#define MB_REPORT_PAGE_FILES_H

#include <stddef.h>

struct page_file {
    const char *text; /* ends with a NUL that isn't counted */
    size_t len;
};

extern const struct page_file page_report_css, page_report_js;

#endif
