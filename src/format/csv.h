/* csv.h - rows of CSV in the form of a profile: quoted where needed (RFC 4180), and no cell of text
 * becomes a formula where the profile says so.
 *
 *   csv_begin(&w, &profile, bytes, put, to);         block_output.h: where it goes, in which blocks
 *   csv_text(&w, text, len); csv_number(...); ...    a row's cells
 *   csv_end_row(&w);
 *   csv_flush(&w, &e)                                the first error of all
 *   csv_release(&w);
 *
 * Line ends within a text become LF. A NUL, which most readers end a file at, becomes U+FFFD, and is
 * counted in w.nuls. */
#ifndef MB_FORMAT_CSV_H
#define MB_FORMAT_CSV_H

#include "format/block_output.h"
#include "format/csv_profile.h"

#include <stddef.h>
#include <stdint.h>

struct csv_writer {
    struct block_output out;
    struct csv_profile profile;
    size_t cells; /* of the row so far */
    bool empty;   /* ... and none of them has a character */
    int64_t nuls; /* texts that held one */
};

void csv_begin(struct csv_writer *w, const struct csv_profile *p, size_t bytes,
               block_output_put *put, void *to);
void csv_release(struct csv_writer *w); /* fine on a zeroed one */

void csv_text(struct csv_writer *w, const char *text, size_t len); /* valid UTF-8 */
/* A number without exponent, "-12.50": with the profile's decimal sign. */
void csv_number(struct csv_writer *w, const char *text, size_t len);
/* What needs no defusing: "true", a date. */
void csv_word(struct csv_writer *w, const char *text, size_t len);
void csv_end_row(struct csv_writer *w);
MUST_CHECK int csv_flush(struct csv_writer *w, struct error *e);

/* One row of texts; NULL cells are empty. Bytes that aren't UTF-8 and control characters show as
 * \xNN. */
void csv_row(struct csv_writer *w, const char *const *cells, size_t count);

#endif
