/* truth.h - all that is on an invoice's file, as a machine reads it: what its mark carries.
 *
 *   {"document_type": "invoice" or "receipt",
 *    "paper":  [[x,y], ...]               where the paper lies on the page
 *    "fields": {...}                      of an extraction, with confidences and places
 *    "pages":  [{"words", "content"}]}    of OCR */
#ifndef MB_SANDBOX_INVOICE_TRUTH_H
#define MB_SANDBOX_INVOICE_TRUTH_H

#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/model.h"

/* Draws V onto C; MARK, initialised by the caller, gets the mark (mark.h) of what was drawn. */
void invoice_draw(const struct invoice *v, struct canvas *c, struct buffer *mark);
/* The same as JSON, for tests. */
void invoice_draw_truth(const struct invoice *v, struct canvas *c, struct buffer *json);

#endif
