/* upload.h - what a file sent to the sandbox is, by its bytes. */
#ifndef MB_SANDBOX_UPLOAD_H
#define MB_SANDBOX_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

/* Its MIME type, or NULL if it is none that Mindee takes. */
const char *upload_type(const void *bytes, size_t len);
/* Whether there is a body behind a PDF's header, and an end. */
bool upload_is_whole_pdf(const void *bytes, size_t len);
/* Whether a PDF asks for a password, an empty one included. */
bool upload_is_encrypted(const void *bytes, size_t len);
/* A cheap count: page objects that are plain to see in a PDF, and 1 for everything else. */
int upload_pages(const char *type, const void *bytes, size_t len);

#endif
