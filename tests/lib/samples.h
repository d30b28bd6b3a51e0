/* samples.h - small documents made on the spot, and a temporary directory to put them in. */
#ifndef MB_TESTS_INTAKE_SAMPLES_H
#define MB_TESTS_INTAKE_SAMPLES_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct folder {
    char path[64];
};
void folder_make(struct folder *f);
void folder_remove(struct folder *f); /* with all in it */
/* "<folder>/<name>" in a ring of eight static buffers. */
const char *folder_path(const struct folder *f, const char *name);
/* Writes a file and returns its path as folder_path does. */
const char *folder_put(const struct folder *f, const char *name, const void *data, size_t len);
const char *folder_put_buffer(const struct folder *f, const char *name, const struct buffer *b);

/* Append a document to OUT, which the caller releases. */
void sample_pdf(struct buffer *out, int pages, const char *text); /* TEXT in a comment */
void sample_tiff(struct buffer *out, int pages);
void sample_png(struct buffer *out, bool animated, uint32_t text_chunk_bytes);
void sample_ftyp(struct buffer *out, const char *major, const char *compatible);

/* A PDF of one page, encrypted by qpdf, with this user password. */
void sample_encrypted_pdf(const char *path, const char *user_password);

/* A real document of the project's shared inputs ("accepted/receipt.tif"), or NULL where they
 * aren't there. */
const char *shared_input(const char *name);

/* For a test's main: the page helper, or one of its odd brothers by $MB_TEST_HELPER: "hang" and
 * "die" on a question, "once" dies after an answer, "touch" lets the file grow up to
 * $MB_TEST_TOUCH bytes before it answers, "surroundings" answers what it inherited: descriptors in
 * pages, a MINDEE_ variable in encrypted, its parent's process group in broken,
 * blocked signals in spare[0]. */
int helper_child(void);
/* Starts a new helper of that kind at the next question; NULL: the proper one. */
void helper_kind(const char *kind);

#endif
