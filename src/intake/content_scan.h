/* content_scan.h - what is watched for while a file's bytes pass by to be hashed, block by block:
 * "/Encrypt" in a PDF, an animation in a PNG. Inside intake only. */
#ifndef MB_INTAKE_CONTENT_SCAN_H
#define MB_INTAKE_CONTENT_SCAN_H

#include "intake/intake.h"

enum { CONTENT_SCAN_WORD = 1 + 7 * 3 }; /* "/Encrypt" at its longest, each letter as #xx */

struct content_scan {
    enum file_type type;
    bool encrypt_seen; /* PDF: the word stands somewhere, perhaps only in a text */
    bool animated;     /* PNG: acTL before the first IDAT */

    /* The end of the last block, where the word may have begun. */
    uint8_t tail[CONTENT_SCAN_WORD - 1];
    size_t tail_len;

    /* Where in the PNG's chain of chunks we are. */
    uint64_t skip;    /* bytes up to the next chunk's header */
    uint8_t chunk[8]; /* that header: length, type */
    size_t chunk_len;
    bool decided; /* IDAT was met, or what can't be a chunk */
};

void content_scan_init(struct content_scan *s, enum file_type type);
/* The file's bytes in order, in blocks of any size. */
void content_scan_feed(struct content_scan *s, const uint8_t *data, size_t len);

#endif
