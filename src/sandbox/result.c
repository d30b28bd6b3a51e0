/* Everything is written from the job's record alone: a user's own answer, what a sample's mark says, or what is made up
 * (made_up.c), so that the same file always has the same result. A chain's parts hold a whole answer
 * of an extraction each. */
#include "sandbox/result.h"

#include "sandbox/invoice/mark.h"
#include "sandbox/json_text.h"
#include "sandbox/made_up.h"
#include "sandbox/schema.h"

#include <stdio.h>
#include <string.h>

/* What is known of the file; JSON is empty where nothing is. */
struct known {
    const struct job *j;
    struct buffer json;
};

static void known_init(struct known *k, const struct job *j)
{
    k->j = j;
    buffer_init(&k->json, 0);
    if (j->content->truth != NULL)
        invoice_mark_unpack(j->content->truth, j->content->truth_len, &k->json);
}

static const char *known_of(const struct known *k, const char *name, size_t *len)
{
    *len = 0;
    return k->json.len > 0 ? json_find(k->json.data, k->json.len, name, len) : NULL;
}

static void put_bytes(struct buffer *b, const char *data, size_t len)
{
    REQUIRE(buffer_append(b, data, len) == 0);
}

/* ---- extraction ---- */

/* The end of an array of numbers and objects of them. */
static const char *array_end(const char *at)
{
    int depth = 0;
    do {
        depth += (*at == '[') - (*at == ']');
        at++;
    } while (depth > 0);
    return at;
}

/* Fields, without the confidences and places that weren't asked for. Their marks can't
 * be part of a JSON string: its quotes would be escaped. */
static void put_known_fields(struct buffer *b, const char *fields, size_t len, unsigned options)
{
    static const char confidence[] = "\"confidence\":\"", locations[] = "\"locations\":[";
    const char *run = fields, *at = fields, *end = fields + len;
    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        bool c =
            (options & FORM_CONFIDENCE) == 0 && strncmp(at, confidence, sizeof confidence - 1) == 0;
        bool l = (options & FORM_POLYGON) == 0 && strncmp(at, locations, sizeof locations - 1) == 0;
        if (!c && !l) {
            at++;
            continue;
        }
        put_bytes(b, run, (size_t)(at - run));
        buffer_put(b, c ? "\"confidence\":null" : "\"locations\":[]");
        run = at =
            c ? strchr(at + sizeof confidence - 1, '"') + 1 : array_end(at + sizeof locations - 2);
    }
    put_bytes(b, run, (size_t)(end - run));
}

static void put_fields(struct buffer *b, const struct known *k, enum model_schema schema,
                       unsigned part, unsigned options)
{
    size_t len;
    const struct job *j = k->j;
    const char *known = known_of(k, "fields", &len);
    if (known != NULL && schema == SCHEMA_INVOICE && j->data_schema == NULL) {
        put_known_fields(b, known, len, options);
        return;
    }
    struct buffer fields, whole;
    buffer_init(&fields, 0);
    buffer_init(&whole, 0);
    if (j->data_schema != NULL)
        schema_put_fields(&fields, j->data_schema, known, len, made_up_number(j, 3, 1000));
    else
        made_up_fields(&fields, j, schema, part);
    made_up_details(&whole, j, buffer_text(&fields));
    put_known_fields(b, buffer_text(&whole), whole.len, options);
    buffer_release(&fields);
    buffer_release(&whole);
}

static void put_raw_text(struct buffer *b, const struct known *k)
{
    size_t len, page_len, text_len;
    const char *pages = known_of(k, "pages", &len);
    buffer_put(b, "{\"pages\":[");
    for (int i = 0; i < k->j->content->pages; i++) {
        const char *page = pages != NULL ? json_item(pages, len, (size_t)i, &page_len) : NULL;
        const char *text = page != NULL ? json_find(page, page_len, "content", &text_len) : NULL;
        buffer_put(b, i == 0 ? "{\"content\":" : ",{\"content\":");
        if (text != NULL)
            put_bytes(b, text, text_len);
        else
            buffer_printf(b, "\"SYNTHETIC text of page %d\"", i + 1);
        buffer_put(b, "}");
    }
    buffer_put(b, "]}");
}

static void put_rag(struct buffer *b, const struct job *j)
{
    if ((j->options & FORM_RAG) == 0)
        buffer_put(b, "null");
    else if (j->rag_document[0] == 0)
        buffer_put(b, "{\"retrieved_document_id\":null}");
    else
        buffer_printf(b, "{\"retrieved_document_id\":\"%s\"}", j->rag_document);
}

static void put_extraction(struct buffer *b, const struct known *k)
{
    unsigned options = k->j->options;
    buffer_put(b, "{\"fields\":");
    put_fields(b, k, k->j->model->schema, 0, options);
    buffer_put(b, ",\"raw_text\":");
    if ((options & FORM_RAW_TEXT) != 0)
        put_raw_text(b, k);
    else
        buffer_put(b, "null");
    buffer_put(b, ",\"rag\":");
    put_rag(b, k->j);
    buffer_put(b, "}");
}

static void put_active_options(struct buffer *b, unsigned on)
{
    static const struct {
        const char *name;
        unsigned bit;
    } options[] = {
        {"raw_text", FORM_RAW_TEXT}, {"polygon", FORM_POLYGON}, {"confidence", FORM_CONFIDENCE},
        {"rag", FORM_RAG},           {"multipage_context", 0},  {"text_context", FORM_TEXT_CONTEXT},
    };
    buffer_put(b, ",\"active_options\":{");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        buffer_printf(b, "\"%s\":%s,", options[i].name,
                      (on & options[i].bit) != 0 ? "true" : "false");
    buffer_printf(b, "\"data_schema\":{\"replace\":%s}}",
                  (on & FORM_DATA_SCHEMA) != 0 ? "true" : "false");
}

/* ---- the others ---- */

/* A part of the file, as a chain gives it to its extraction. */
struct part {
    unsigned number; /* from 0 */
    int pages;
    const char *suffix; /* of the file's name */
};

/* The whole answer of the extraction that is chained behind the model, if one is. */
static void put_chained(struct buffer *b, const struct known *k, const struct part *part)
{
    const struct job *j = k->j;
    if (j->model->extracts == NULL)
        return;
    char id[ID_TEXT];
    struct buffer name;
    job_part_text(j, part->number, id);
    buffer_init(&name, 0);
    buffer_printf(&name, "%s%s", j->filename, part->suffix);
    buffer_printf(b,
                  ",\"extraction_response\":{\"inference\":{\"id\":\"%s\",\"job\":{\"id\":\"%s\"},"
                  "\"model\":{\"id\":\"%s\"},\"file\":{",
                  id, id, j->model->extracts);
    json_put_member(b, "name", buffer_text(&name));
    buffer_printf(b,
                  ",\"alias\":null,\"page_count\":%d,\"mime_type\":\"%s\"},"
                  "\"result\":{\"fields\":",
                  part->pages, j->content->type);
    put_fields(b, k, SCHEMA_INVOICE, part->number, 0);
    buffer_put(b, ",\"raw_text\":null,\"rag\":null}");
    put_active_options(b, 0);
    buffer_put(b, "}}");
    buffer_release(&name);
}

static void put_type(struct buffer *b, const struct known *k, const char *name, const char *made_up)
{
    size_t len;
    const char *type = known_of(k, "document_type", &len);
    buffer_printf(b, "\"%s\":", name);
    if (type != NULL)
        put_bytes(b, type, len);
    else
        json_put_text(b, made_up);
}

static void put_classification(struct buffer *b, const struct known *k)
{
    buffer_put(b, "{\"classification\":{");
    put_type(b, k, "document_type", "SYNTHETIC invoice");
    put_chained(b, k, &(struct part){0, k->j->content->pages, ""});
    buffer_put(b, "}}");
}

static void put_crop(struct buffer *b, const struct known *k, unsigned number)
{
    char suffix[32];
    size_t len;
    const char *paper = known_of(k, "paper", &len);
    snprintf(suffix, sizeof suffix, "_crop_%u", number);
    buffer_put(b, number == 0 ? "{" : ",{");
    put_type(b, k, "object_type", "SYNTHETIC receipt");
    buffer_put(b, ",\"location\":{\"polygon\":");
    if (paper != NULL) {
        put_bytes(b, paper, len);
    } else {
        double left = 0.02 + 0.32 * number, right = left + 0.28;
        buffer_printf(b, "[[%.3f,0.05],[%.3f,0.05],[%.3f,0.95],[%.3f,0.95]]", left, right, right,
                      left);
    }
    buffer_put(b, ",\"page\":0}");
    put_chained(b, k, &(struct part){number, 1, suffix});
    buffer_put(b, "}");
}

/* A sample is one thing. */
static void put_crops(struct buffer *b, const struct known *k)
{
    unsigned crops = k->json.len > 0 ? 1 : 1 + made_up_number(k->j, 1, 3);
    buffer_put(b, "{\"crops\":[");
    for (unsigned i = 0; i < crops; i++)
        put_crop(b, k, i);
    buffer_put(b, "]}");
}

/* A sample is one document; of another file each page is taken for one. */
static void put_splits(struct buffer *b, const struct known *k)
{
    int pages = k->j->content->pages, step = k->json.len > 0 ? pages : 1;
    buffer_put(b, "{\"splits\":[");
    for (int page = 0; page < pages; page += step) {
        char suffix[48];
        snprintf(suffix, sizeof suffix, "_split_%d_%d", page, page + step);
        buffer_printf(b, "%s{\"page_range\":[%d,%d],", page == 0 ? "" : ",", page, page + step - 1);
        put_type(b, k, "document_type", "SYNTHETIC invoice");
        put_chained(b, k, &(struct part){(unsigned)(page / step), step, suffix});
        buffer_put(b, "}");
    }
    buffer_put(b, "]}");
}

static void put_made_up_page(struct buffer *b)
{
    static const char *const words[] = {"SYNTHETIC", "SYNTHETIC-word", "SYNTHETIC-text"};
    buffer_put(b, "{\"words\":[");
    for (int i = 0; i < 3; i++) {
        double left = 0.1 + 0.2 * i;
        buffer_printf(b,
                      "%s{\"content\":\"%s\",\"polygon\":[[%.1f,0.1],[%.2f,0.1],[%.2f,0.12],"
                      "[%.1f,0.12]]}",
                      i == 0 ? "" : ",", words[i], left, left + 0.15, left + 0.15, left);
    }
    buffer_put(b, "],\"content\":\"SYNTHETIC SYNTHETIC-word SYNTHETIC-text\"}");
}

static void put_pages(struct buffer *b, const struct known *k)
{
    size_t len;
    const char *pages = known_of(k, "pages", &len);
    buffer_put(b, "{\"pages\":");
    if (pages != NULL) {
        put_bytes(b, pages, len);
    } else {
        for (int page = 0; page < k->j->content->pages; page++) {
            buffer_put(b, page == 0 ? "[" : ",");
            put_made_up_page(b);
        }
        buffer_put(b, "]");
    }
    buffer_put(b, "}");
}

static void put_result(struct buffer *b, const struct known *k)
{
    switch (k->j->model->product) {
    case PRODUCT_EXTRACTION:
        put_extraction(b, k);
        break;
    case PRODUCT_CLASSIFICATION:
        put_classification(b, k);
        break;
    case PRODUCT_CROP:
        put_crops(b, k);
        break;
    case PRODUCT_SPLIT:
        put_splits(b, k);
        break;
    case PRODUCT_OCR:
        put_pages(b, k);
        break;
    case PRODUCT_COUNT:
        require_failed("a product", __FILE_NAME__, __LINE__);
    }
}

void result_write(struct buffer *b, const struct job *j, const struct record *r)
{
    char id[ID_TEXT], job[ID_TEXT];
    job_inference_text(j, r, id);
    job_id_text(j, job);
    buffer_printf(
        b, "{\"inference\":{\"id\":\"%s\",\"job\":{\"id\":\"%s\"},\"model\":{\"id\":\"%s\"},", id,
        job, j->model->id);
    buffer_put(b, "\"file\":{");
    json_put_member(b, "name", j->filename);
    buffer_put(b, ",");
    json_put_member(b, "alias", j->alias);
    buffer_printf(b, ",\"page_count\":%d,\"mime_type\":\"%s\"},\"result\":", j->content->pages,
                  j->content->type);
    if (j->answer.json != NULL) {
        put_bytes(b, j->answer.json, j->answer.len);
    } else {
        struct known k;
        known_init(&k, j);
        put_result(b, &k);
        buffer_release(&k.json);
    }
    if (j->model->product == PRODUCT_EXTRACTION)
        put_active_options(b, j->options);
    buffer_put(b, "}}");
}
