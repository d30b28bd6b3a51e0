/* certificate.h - a certificate of the sandbox's own, for localhost, 127.0.0.1 and ::1. */
#ifndef MB_SANDBOX_CERTIFICATE_H
#define MB_SANDBOX_CERTIFICATE_H

#include "base/buffer.h"
#include "base/error.h"

/* Makes a key and a certificate signed with it, PEM text, good for 30 days from now; clients trust
 * it by having it in their bundle. 0 or ERR_IO (libcrypto's words). */
MUST_CHECK int certificate_make(struct buffer *cert_pem, struct buffer *key_pem, struct error *e);

#endif
