/* enqueue_form.h - what an upload says: checked, and laid out as form fields.
 *
 *   struct enqueue_form form;
 *   if (enqueue_form_init(&form, enqueue, &e) == 0)       texts point into ENQUEUE
 *       ... form.fields, form.field_count, form.file ...
 *   enqueue_form_release(&form);                          also after an error
 */
#ifndef MB_CLIENT_ENQUEUE_FORM_H
#define MB_CLIENT_ENQUEUE_FORM_H

#include "net/transfer.h"

#include <mindee.h>

struct enqueue_form {
    char path[64]; /* "/v2/products/extraction/enqueue" */
    struct transfer_field *fields;
    size_t field_count, field_room;
    struct transfer_file file;
    bool has_file;
    struct file_stamp stamp;
    char *webhook_ids; /* a copy, cut at its commas */
};

/* 0 or ERR_USAGE with a sentence. */
MUST_CHECK int enqueue_form_init(struct enqueue_form *f, const struct mindee_enqueue *q,
                                 struct error *e);
void enqueue_form_release(struct enqueue_form *f);

#endif
