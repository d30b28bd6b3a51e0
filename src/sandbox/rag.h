/* rag.h - the documents that an organisation gives Mindee to learn from (retrieval-augmented
 * generation): kept by their digests, with an annotation.
 *
 *   rag_init(&store);
 *   d = rag_add(&store, &form, wall, ready_at, id, annotation)   NULL: there are too many
 *   rag_find(&store, id) ... rag_delete(&store, d)
 *   rag_match(&store, job, wall)       for a new job: the document of the same bytes and model
 *   rag_release(&store)
 *
 * A document is Processing until READY_AT, then Draft until it is made Active. Which one a job finds
 * is a matter of its bytes alone here, whatever the status. */
#ifndef MB_SANDBOX_RAG_H
#define MB_SANDBOX_RAG_H

#include "sandbox/record.h"

enum { RAG_DOCUMENTS_MAX = 10000 };

struct rag_document {
    char id[ID_TEXT];
    uint8_t sha[SHA256_BYTES]; /* of the file */
    const struct model *model;
    char *filename;
    char *annotation; /* {"fields": {...}} */
    struct wall created_at, last_match_at;
    struct mono ready_at;
    uint32_t total_matches;
    bool active;
};

struct rag_store {
    struct rag_document **all; /* in order of their coming */
    size_t count, capacity;
};

void rag_init(struct rag_store *s);
void rag_release(struct rag_store *s);
/* The form's filename and ANNOTATION are taken. */
struct rag_document *rag_add(struct rag_store *s, struct form *form, struct wall wall,
                             struct mono ready_at, const char *id, char *annotation);
struct rag_document *rag_find(const struct rag_store *s, const char *id);
void rag_delete(struct rag_store *s, struct rag_document *d);
void rag_match(struct rag_store *s, struct job *job, struct wall wall);

/* Whole, with its annotation once it is ready; or as a search lists it. */
void rag_write(struct buffer *b, const struct rag_document *d, struct mono now, bool whole);
/* The answer of GET /v2/search/rag-documents; MODEL and FILENAME (a part of it, whatever its case)
 * may be NULL. */
void rag_search(const struct rag_store *s, struct buffer *b, const struct model *model,
                const char *filename, int page, int per_page, struct mono now);

/* The annotation that a document begins with: RESULT's fields, none of them selected. */
char *rag_annotation_of(const char *result);
/* What a PATCH says: 0, or -1 with the problem. */
MUST_CHECK int rag_change(struct rag_document *d, const char *body, size_t len, struct mono now,
                          struct problem *p);

#endif
