/* answers.h - a user's own results for files: what the sandbox answers in place of its own.
 *
 *   answers_load(&a, "answers", &e)       all of a directory, once
 *   part = answers_find(a, PRODUCT_CROP, sha, "invoice.pdf")
 *   answers_free(a);
 *
 * For a file of SHA-256 S (hex, lower case) that was sent with the name N, to a model of product P,
 * the first of these is its answer: P/S.json, P/N.json, S.json, N.json. Each is a GET result's JSON, of which
 * `inference.result` is handed out as it stands, numbers as they were written.
 *
 * What was read stays in memory: a name is only compared, so none can lead out of the directory. */
#ifndef MB_SANDBOX_ANSWERS_H
#define MB_SANDBOX_ANSWERS_H

#include "base/digest.h"
#include "base/error.h"
#include "sandbox/catalog.h"

struct answers;

/* Bytes of an answer; JSON is NULL where there is none. */
struct answer_part {
    const char *json;
    size_t len;
};

/* 0; ERR_USAGE, naming the file: DIRECTORY can't be read, a file of it isn't such JSON, or it is more
 * than is taken (16 MiB a file, 100,000 files, 1 GiB in all). */
MUST_CHECK int answers_load(struct answers **out, const char *directory, struct error *e);
void answers_free(struct answers *a); /* NULL is fine */
size_t answers_count(const struct answers *a);

/* Of its name only what follows the last slash counts. SHA NULL: the bytes aren't known. A NULL: none.
 * The bytes stay A's. */
struct answer_part answers_find(const struct answers *a, enum product p,
                                const uint8_t sha[SHA256_BYTES], const char *filename);

/* `inference.result` of a GET result's JSON, if it is such an object. */
struct answer_part answer_result(const char *json, size_t len);

#endif
