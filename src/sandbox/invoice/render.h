/* render.h - an invoice as the bytes of a file, with what is printed on it inside (truth.h, mark.h).
 * OUT's content is replaced. 0, ERR_MEMORY or ERR_FORMAT with the library's words. */
#ifndef MB_SANDBOX_INVOICE_RENDER_H
#define MB_SANDBOX_INVOICE_RENDER_H

#include "base/error.h"
#include "sandbox/invoice/model.h"

MUST_CHECK int invoice_render_pdf(const struct invoice *v, struct buffer *out, struct error *e);
MUST_CHECK int invoice_render_image(const struct invoice *v, struct buffer *out, struct error *e);

/* Frees what cairo and fontconfig keep between images; after the last one. */
void invoice_render_end(void);

/* UTF-8 to Windows-1252; false if a character isn't in it or OUT is too small. */
bool pdf_text_encode(const char *utf8, char *out, size_t size);

#endif
