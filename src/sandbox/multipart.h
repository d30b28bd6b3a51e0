/* multipart.h - the parts of a multipart/form-data body (RFC 7578), in place.
 *
 *   multipart_init(&m, content_type, body, len)          0 or ERR_FORMAT (no boundary)
 *   while ((rc = multipart_next(&m, &part)) == 1) ...    then 0 at the end, or ERR_FORMAT
 *
 * A part's data point into the body; its name and file name are copies, cut if too long. */
#ifndef MB_SANDBOX_MULTIPART_H
#define MB_SANDBOX_MULTIPART_H

#include "base/require.h"

#include <stdbool.h>
#include <stddef.h>

struct multipart {
    char delimiter[80]; /* "\r\n--" and the boundary */
    size_t delimiter_len;
    const char *at, *end;
};

struct part {
    char name[64];
    char filename[512];
    bool has_filename;
    const char *data;
    size_t len;
};

MUST_CHECK int multipart_init(struct multipart *m, const char *content_type, const char *body,
                              size_t len);
MUST_CHECK int multipart_next(struct multipart *m, struct part *part);

#endif
