/* control_request.h - what a command asks of a run at work, and what that answers: one line of JSON
 * each.
 *
 *   {"command": "dismiss", "states": ["failed"], "paths": ["/in/a.pdf"], "all": false, "note": "..."}
 *   {"exit": 0, "text": "1 document is dismissed"}
 *
 * A path is bytes; in JSON each stands for the character of its number (Latin-1), so that it comes
 * out as it went in. */
#ifndef MB_CONTROL_CONTROL_REQUEST_H
#define MB_CONTROL_CONTROL_REQUEST_H

#include "base/buffer.h"
#include "base/error.h"
#include "core/document.h"

enum { CONTROL_LINE_MAX = 1024 * 1024 };

struct control_request {
    const char *command;
    bool states[DOC_STATE_COUNT]; /* all that are in one of them */
    char **paths;                 /* and what is meant by these */
    size_t path_count;
    bool all;   /* of a PATH, every file that was there */
    char *note; /* NULL: none */
};

struct control_answer {
    int exit_code;
    char *text; /* for people */
};

/* Without the newline at its end. ERR_LIMIT: it is too long. */
MUST_CHECK int control_request_write(const struct control_request *r, struct buffer *line,
                                     struct error *e);
/* ERR_USAGE: that isn't one. */
MUST_CHECK int control_request_read(struct control_request *r, const char *line, struct error *e);
void control_request_release(struct control_request *r); /* of one that was read */

void control_answer_write(const struct control_answer *a, struct buffer *line);
MUST_CHECK int control_answer_read(struct control_answer *a, const char *line, struct error *e);
void control_answer_release(struct control_answer *a);

#endif
