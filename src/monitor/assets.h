/* assets.h - the page's own files, as they were when the program was built (assets/, embed.cmake). */
#ifndef MB_MONITOR_ASSETS_H
#define MB_MONITOR_ASSETS_H

#include <stddef.h>

struct monitor_asset {
    const unsigned char *bytes;
    size_t len;
};

extern const struct monitor_asset monitor_asset_html, monitor_asset_css, monitor_asset_js,
    monitor_asset_svg;

#endif
