/* Requests for RAG documents:
 *
 *   POST    /v2/products/extraction/rag-documents        model_id, file: 201 and the document
 *   GET     /v2/products/extraction/rag-documents/ID
 *   PATCH   /v2/products/extraction/rag-documents/ID     {"annotation": ...} and {"status": ...}
 *   DELETE  /v2/products/extraction/rag-documents/ID     204
 *   GET     /v2/search/rag-documents?model_id=&filename=&page=&per_page= */
#include "sandbox/result.h"
#include "sandbox/sandbox_internal.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* What an extraction finds on the file. */
static char *first_annotation(struct sandbox *s, const struct form *form)
{
    struct buffer result;
    struct job job;
    buffer_init(&result, 0);
    record_preview(&s->record, form, &job);
    result_write(&result, &job, &s->record);
    char *annotation = rag_annotation_of(buffer_text(&result));
    buffer_release(&result);
    return annotation;
}

static void add(struct sandbox *s, struct http_request *r, struct answer *a)
{
    struct form form;
    struct problem p;
    struct buffer *body = http_request_body(r);
    char id[ID_TEXT];
    struct mono now = loop_now(s->loop);
    form_init(&form);
    form.catalog = s->options.catalog;
    int rc = form_read(&form, PRODUCT_EXTRACTION, http_request_header(r, "Content-Type"),
                       buffer_text(body), body->len, &p);
    if (rc == 0 && form.file == NULL)
        rc = problem_field(&p, "file", "file is required");
    if (rc == 0 && s->rag.count == RAG_DOCUMENTS_MAX)
        rc = problem_set(&p, 422, "There are too many documents.");
    if (rc == 0) {
        record_new_id(&s->record, id);
        const struct rag_document *d =
            rag_add(&s->rag, &form, clock_wall(loop_clock(s->loop)),
                    mono_add(now, s->options.latency_median_ms), id, first_annotation(s, &form));
        a->status = 201;
        rag_write(&a->body, d, now, true);
    } else {
        answer_problem(a, &p);
    }
    form_release(&form);
}

static void change(struct sandbox *s, struct rag_document *d, struct http_request *r,
                   struct answer *a)
{
    struct problem p;
    struct buffer *body = http_request_body(r);
    struct mono now = loop_now(s->loop);
    if (rag_change(d, buffer_text(body), body->len, now, &p) == 0)
        rag_write(&a->body, d, now, true);
    else
        answer_problem(a, &p);
}

void rag_route_answer(struct sandbox *s, const char *id, struct http_request *r, struct answer *a)
{
    const char *method = http_request_method(r);
    if (id == NULL && strcmp(method, "POST") == 0) {
        add(s, r, a);
        return;
    }
    bool get = strcmp(method, "GET") == 0, delete = strcmp(method, "DELETE") == 0;
    if (id == NULL || (!get && !delete &&strcmp(method, "PATCH") != 0)) {
        answer_status(a, 405, NULL);
        return;
    }
    if (!check_id(id, "document_id", a))
        return;
    struct rag_document *d = rag_find(&s->rag, id);
    if (d == NULL) {
        answer_status(a, 404, "The document doesn't exist, or not any more.");
    } else if (get) {
        rag_write(&a->body, d, loop_now(s->loop), true);
    } else if (delete) {
        rag_delete(&s->rag, d);
        a->status = 204;
    } else {
        change(s, d, r, a);
    }
}

void rag_search_answer(struct sandbox *s, struct http_request *r, struct answer *a)
{
    const char *model_id = http_request_argument(r, "model_id");
    const struct model *model = NULL;
    int page, per_page;
    if (!read_pages(r, &page, &per_page, a) ||
        (model_id != NULL && !check_id(model_id, "model_id", a)))
        return;
    if (model_id != NULL && (model = catalog_find(s->options.catalog, model_id)) == NULL) {
        answer_status(a, 404, "The model doesn't exist.");
        return;
    }
    rag_search(&s->rag, &a->body, model, http_request_argument(r, "filename"), page, per_page,
               loop_now(s->loop));
}
