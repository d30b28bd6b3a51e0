/* mail_url.h - a mail server as options name it, smtp[s]://[user@]host[:port], and addresses of mail. */
#ifndef MB_CONFIG_MAIL_URL_H
#define MB_CONFIG_MAIL_URL_H

#include "base/require.h"

#include <stdbool.h>

enum { MAIL_USER_MAX = 256, MAIL_SERVER_MAX = 300 };

struct mail_url {
    bool tls;      /* smtps: from the first byte */
    bool loopback; /* this machine, written as such */
    char user[MAIL_USER_MAX];
    char server[MAIL_SERVER_MAX]; /* the same URL without the user */
};

/* 0 or ERR_FORMAT. A user may have an @ (the last one counts) or %XX; a password has no place there. */
MUST_CHECK int mail_url_parse(const char *text, struct mail_url *url);

/* name@host, in ASCII, without what could end it in a header or a command of SMTP. */
bool mail_address_is_right(const char *text);

#endif
