/* form_text.h - the text of a multipart/form-data body (RFC 7578) around a file's bytes, written as
 * libcurl and browsers write it. Private to src/net.
 *
 *   form_text_init(&m, &random);
 *   form_text_field(&m, name, value);               for each field
 *   form_text_file(&m, name, filename, type);       at most one, the last part
 *   form_text_end(&m);       m.head, then the file's bytes if there is a file, then m.tail
 *   form_text_release(&m); */
#ifndef MB_NET_FORM_TEXT_H
#define MB_NET_FORM_TEXT_H

#include "base/buffer.h"
#include "base/random.h"

/* Nobody who makes a file can know it, and 128 random bits don't stand in one by chance. */
enum { FORM_BOUNDARY_MAX = 24 + 32 + 1 };

struct form_text {
    struct buffer head, tail;
    char boundary[FORM_BOUNDARY_MAX];
};

void form_text_init(struct form_text *m, struct random *random);
void form_text_field(struct form_text *m, const char *name, const char *value);
void form_text_file(struct form_text *m, const char *name, const char *filename, const char *type);
void form_text_end(struct form_text *m);
void form_text_release(struct form_text *m);

#endif
