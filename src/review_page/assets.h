/* assets.h - the page's own files, as they were when the program was built (assets/, embed.cmake). */
#ifndef MB_REVIEW_PAGE_ASSETS_H
#define MB_REVIEW_PAGE_ASSETS_H

#include <stddef.h>

struct page_asset {
    const unsigned char *bytes;
    size_t len;
};

extern const struct page_asset page_asset_html, page_asset_css, page_asset_js;

#endif
