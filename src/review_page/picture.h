/* picture.h - one page of a file as a picture that a browser shows: a JPEG, PNG or WebP as it is, told by its bytes, which
 * stays the file that it is; a page of a PDF, TIFF or HEIC drawn by a child (page_child.h), in memory. For a thread of the pool.
 *
 * The file must still be what was sent: its bytes are compared with SHA256 first, and what is drawn is read from the
 * same descriptor. Errors, with words for the clerk: ERR_NOT_FOUND (the file is gone, it has no such page, or
 * nothing that draws it is installed), ERR_CHANGED, ERR_FORMAT, ERR_LIMIT, ERR_IO. */
#ifndef MB_REVIEW_PAGE_PICTURE_H
#define MB_REVIEW_PAGE_PICTURE_H

#include "review_page/desk.h"

enum { PICTURE_FILE_MAX = 64 * 1000 * 1000 /* bytes of one that is handed on as it is */ };

struct picture {
    struct buffer bytes; /* of a page that was drawn */
    int fd;              /* of a file that is a picture itself; else -1 */
    int64_t size;        /* in bytes, of either */
    const char *type;    /* a media type */
};

void picture_release(struct picture *p);

MUST_CHECK int picture_make(struct picture *p, const char *tools, const struct desk_file *file,
                            int page, struct error *e);

#endif
