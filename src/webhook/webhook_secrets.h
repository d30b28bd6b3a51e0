/* webhook_secrets.h - what webhooks are signed with: one secret, or the lines of a file, which may
 * change under a receiver.
 *
 *   webhook_secrets_init(&s, secrets, secret, file, &e);    SECRETS as they were read at the start
 *   webhook_secrets_fit(&s, body, len, signature)
 *   webhook_secrets_read(&s)                                again, because somebody said so
 *   webhook_secrets_look(&s);                               again, if the file isn't the one last read
 *   webhook_secrets_release(&s);                            after an error too
 *
 * A file that can't be read, or has no secret in it, changes nothing, and a warning says so; a look
 * says it once for each state of the file. */
#ifndef MB_WEBHOOK_WEBHOOK_SECRETS_H
#define MB_WEBHOOK_WEBHOOK_SECRETS_H

#include "base/error.h"
#include "base/file_stamp.h"

#include <stddef.h>

struct webhook_secrets {
    char **lines;        /* owned, NULL-ended, at least one */
    char *secret, *file; /* owned; what they are read from again; each may be NULL */
    struct file_stamp
        stamp; /* of FILE as it was last read; all zero: not yet, or it wasn't there */
};

/* SECRETS: NULL-ended. SECRET and FILE, of which each may be NULL, are where they came from. All
 * are copied. ERR_USAGE: there is none, or an empty one. */
MUST_CHECK int webhook_secrets_init(struct webhook_secrets *s, const char *const *secrets,
                                    const char *secret, const char *file, struct error *e);
void webhook_secrets_release(struct webhook_secrets *s);
/* Whether SIGNATURE is that of one of them over BODY. */
bool webhook_secrets_fit(const struct webhook_secrets *s, const char *body, size_t len,
                         const char *signature);
/* False: the old ones stay. Without a file they stay too, and that is well. */
bool webhook_secrets_read(struct webhook_secrets *s);
void webhook_secrets_look(struct webhook_secrets *s);

#endif
