/* webhook_certificate.h - a server's certificate and key, in files that change under it. */
#ifndef MB_WEBHOOK_WEBHOOK_CERTIFICATE_H
#define MB_WEBHOOK_WEBHOOK_CERTIFICATE_H

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file_stamp.h"
#include "net/http_server.h"

struct webhook_certificate {
    const char *section;                     /* of its options: "webhook", "http" */
    char *cert_path, *key_path;              /* owned; NULL: plain HTTP */
    struct file_stamp cert_stamp, key_stamp; /* as last read, whether they could be used or not */
    struct http_certificate life;            /* of the one in use */
};

/* The files' texts, good for use at NOW: 0, or ERR_USAGE and a sentence that begins with the
 * option's name. Fills the stamps whatever comes out. KEY is to be wiped (buffer_release alone
 * leaves it in memory): webhook_certificate_wipe. */
MUST_CHECK int webhook_certificate_read(struct webhook_certificate *c, struct wall now,
                                        struct buffer *cert, struct buffer *key,
                                        struct http_certificate *life, struct error *e);
void webhook_certificate_wipe(struct buffer *cert, struct buffer *key);
/* Whether one of the files isn't the one last read. */
bool webhook_certificate_changed(const struct webhook_certificate *c);

#endif
