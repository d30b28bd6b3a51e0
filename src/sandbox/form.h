/* form.h - the form of an enqueue request, from any of its three encodings,
 * checked as the OpenAPI says.
 *
 *   form_init(&form);
 *   if (form_read(&form, product, content_type, body, len, &problem) == 0) ...
 *   form_release(&form);
 *
 * The file's bytes point into the body, or into the form where they were base64. A schema that
 * replaces the model's is left in `data_schema`. */
#ifndef MB_SANDBOX_FORM_H
#define MB_SANDBOX_FORM_H

#include "sandbox/catalog.h"
#include "sandbox/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum form_option {
    FORM_RAG = 1,
    FORM_RAW_TEXT = 2,
    FORM_POLYGON = 4,
    FORM_CONFIDENCE = 8,
    FORM_TEXT_CONTEXT = 16,
    FORM_DATA_SCHEMA = 32,
};

/* Which of its model's webhooks a document is for, in the order asked for. */
struct webhook_choice {
    uint8_t places[MODEL_WEBHOOKS_MAX];
    int count;
};

enum { FORM_FILE_MAX_BYTES = 100000000, FORM_TEXT_MAX = 512 };

struct form {
    const struct catalog *catalog; /* of the models; NULL, as at first: the usual one */
    const struct model *model;
    unsigned options; /* of enum form_option, those that are on */
    struct webhook_choice webhooks;
    const char *file; /* NULL if an URL was given */
    size_t file_len;
    char *decoded;    /* owns the file if it came as base64 */
    const char *type; /* of the file, by its bytes; of an URL, by its name */
    char *url;        /* NULL if a file was given */
    char *filename;
    char *alias; /* NULL: none */
    /* While it is being read. */
    char *model_id, *file_base64, *webhook_ids, *data_schema;
    char *part_filename; /* what the file's own part was called */
    bool has_file;
};

/* "true", "no", "1" ...: the words that the API takes for a boolean, in any case. */
MUST_CHECK bool form_bool(const char *text, size_t len, bool *out);

void form_init(struct form *f);
void form_release(struct form *f);
/* 0, or -1 with the problem to answer. */
MUST_CHECK int form_read(struct form *f, enum product product, const char *content_type,
                         const char *body, size_t len, struct problem *p);

#endif
