/* mail_message.h - a notice as a message of mail: a subject with the numbers, and a text for people. */
#ifndef MB_NOTIFY_MAIL_MESSAGE_H
#define MB_NOTIFY_MAIL_MESSAGE_H

#include "base/buffer.h"
#include "base/clock.h"

struct mail_message {
    const char *from, *const *to; /* addresses that are right (mail_url.h) */
    const char *id;               /* of the message: the same one each time it is tried */
    struct wall at;
    const char *notice; /* JSON, as notice.h makes it */
};

/* Lines of ASCII that end in CRLF, of 78 bytes at most but for long addresses; none begins with a dot. */
void mail_message(struct buffer *out, const struct mail_message *m);

#endif
