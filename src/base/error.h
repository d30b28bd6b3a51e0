/* error.h - an error that travels outward: a code for the program, a text for people.
 *
 * Whoever meets it sets it ("open: Permission denied"); whoever knows more puts that in front
 * ("read invoices/17.pdf: ..."). Functions return 0 or the negative code. */
#ifndef MB_BASE_ERROR_H
#define MB_BASE_ERROR_H

#include "base/require.h"

enum error_code {
    ERR_IO = -1,        /* the system refused: disk, permission, file */
    ERR_FORMAT = -2,    /* bytes that aren't what they should be */
    ERR_LIMIT = -3,     /* a bound of ours was met */
    ERR_USAGE = -4,     /* the user's words or configuration: exit 2 */
    ERR_BUSY = -5,      /* somebody else holds it: exit 3 */
    ERR_DAMAGED = -6,   /* stored data are not what was stored: exit 3 */
    ERR_NOT_FOUND = -7, /* it isn't there */
    ERR_CHANGED = -8,   /* a file is no longer what intake saw */
    ERR_NETWORK = -9,   /* the network or the peer */
    ERR_MEMORY = -10,   /* memory of a size that came from outside */
    ERR_STOPPED = -11,  /* cancelled by us */
    ERR_PASSING = -12,  /* trouble of the machine's or a share's (trouble.h): try again later */
};

struct error {
    int code;       /* 0 or one of the above */
    char text[512]; /* one sentence, no newline; cut if longer */
};

/* Sets code and text; returns code, so that `return error_set(...)` reads well. */
int error_set(struct error *e, int code, const char *format, ...) PRINTF(3, 4);

/* The same, with ": " and the text of errno's value SYSTEM_ERROR behind it. */
int error_system(struct error *e, int code, int system_error, const char *format, ...) PRINTF(4, 5);

/* Puts "<format>: " in front of the text that is there; returns the code. */
int error_wrap(struct error *e, const char *format, ...) PRINTF(2, 3);

#endif
