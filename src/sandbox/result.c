/* Everything is written from the job's record alone: amounts come from the content's digest, so
 * that the same file always has the same result. The fields are those of Mindee's invoice sample;
 * where the request asked for confidence or polygons they are put in at the end, over the whole
 * text of the fields, whether these are made up or a sample's. */
#include "sandbox/result.h"

#include "sandbox/json_text.h"
#include "sandbox/schema.h"

#include <stdio.h>
#include <string.h>

/* A number of 0 .. BELOW-1 that belongs to the content and to N. */
static unsigned number_of(const struct job *j, unsigned n, unsigned below)
{
    uint64_t x;
    memcpy(&x, j->content->sha + 8 * (n % 4), sizeof x);
    return (unsigned)((x >> (n % 32)) % below);
}

/* ---- extraction ---- */

#define ABSENT "\"locations\":[],\"confidence\":null,"

static void put_name(struct buffer *b, const char *name)
{
    bool first = b->len == 0 || strchr("{[", b->data[b->len - 1]) != NULL;
    buffer_printf(b, "%s\"%s\":", first ? "" : ",", name);
}

static void put_text(struct buffer *b, const char *name, const char *text)
{
    put_name(b, name);
    buffer_put(b, "{" ABSENT "\"value\":");
    json_put_text(b, text);
    buffer_put(b, "}");
}

static void put_cents(struct buffer *b, const char *name, unsigned cents)
{
    put_name(b, name);
    buffer_printf(b, "{" ABSENT "\"value\":%u.%02u}", cents / 100, cents % 100);
}

static void put_date(struct buffer *b, const char *name, unsigned day)
{
    put_name(b, name);
    buffer_printf(b, "{" ABSENT "\"value\":\"SYNTHETIC 2026-%02u-%02u\"}", day / 28 % 12 + 1,
                  day % 28 + 1);
}

static void open_object(struct buffer *b, const char *name)
{
    if (name != NULL)
        put_name(b, name);
    buffer_put(b, "{" ABSENT "\"fields\":{");
}

/* The customer's has a field named "value", as Mindee's sample does: clients trip over it. */
static void put_address(struct buffer *b, const char *name, const char *whole)
{
    open_object(b, name);
    put_text(b, "city", "SYNTHETIC city");
    put_text(b, "state", NULL);
    put_text(b, whole, "SYNTHETIC street 1, SYNTHETIC city");
    put_text(b, "po_box", NULL);
    put_text(b, "country", "SYNTHETIC country");
    put_text(b, "postal_code", "SYNTHETIC 00000");
    put_text(b, "street_name", "SYNTHETIC street");
    put_text(b, "street_number", "SYNTHETIC 1");
    put_text(b, "address_complement", NULL);
    buffer_put(b, "}}");
}

static void put_tax(struct buffer *b, unsigned net, unsigned tax)
{
    put_name(b, "taxes");
    buffer_put(b, "{\"confidence\":null,\"items\":[");
    open_object(b, NULL);
    put_cents(b, "base", net);
    put_cents(b, "rate", 20);
    put_cents(b, "amount", tax);
    buffer_put(b, "}}]}");
}

static void put_line_items(struct buffer *b, const struct job *j, unsigned lines)
{
    put_name(b, "line_items");
    buffer_put(b, "{\"confidence\":null,\"items\":[");
    for (unsigned i = 0; i < lines; i++) {
        unsigned quantity = 1 + number_of(j, i, 5), price = 100 + number_of(j, i + 4, 20000);
        buffer_put(b, i == 0 ? "" : ",");
        open_object(b, NULL);
        put_cents(b, "quantity", quantity * 100);
        put_text(b, "tax_rate", NULL);
        put_text(b, "tax_amount", NULL);
        put_cents(b, "unit_price", price);
        put_text(b, "description", "SYNTHETIC article");
        put_cents(b, "total_price", quantity * price);
        put_text(b, "product_code", NULL);
        put_text(b, "unit_measure", NULL);
        buffer_put(b, "}}");
    }
    buffer_put(b, "]}");
}

static unsigned net_of(const struct job *j, unsigned lines)
{
    unsigned net = 0;
    for (unsigned i = 0; i < lines; i++)
        net += (1 + number_of(j, i, 5)) * (100 + number_of(j, i + 4, 20000));
    return net;
}

static void put_synthetic_fields(struct buffer *b, const struct job *j)
{
    char number[64], hex[9];
    unsigned lines = 1 + number_of(j, 7, 4), net = net_of(j, lines), tax = net / 5;
    hex_encode(j->content->sha, 4, hex);
    snprintf(number, sizeof number, "SYNTHETIC %s", hex);
    buffer_put(b, "{");
    put_date(b, "date", number_of(j, 9, 336));
    put_tax(b, net, tax);
    open_object(b, "locale");
    put_text(b, "country", "SYNTHETIC");
    put_text(b, "currency", "SYNTHETIC");
    put_text(b, "language", "SYNTHETIC");
    buffer_put(b, "}}");
    put_date(b, "due_date", number_of(j, 9, 336) + 14);
    put_cents(b, "total_net", net);
    put_cents(b, "total_tax", tax);
    put_line_items(b, j, lines);
    put_cents(b, "total_amount", net + tax);
    put_text(b, "customer_name", "SYNTHETIC customer");
    put_text(b, "document_type", "SYNTHETIC invoice");
    put_text(b, "supplier_name", "SYNTHETIC supplier");
    put_text(b, "tips_gratuity", NULL);
    put_text(b, "invoice_number", number);
    put_text(b, "receipt_number", NULL);
    put_address(b, "customer_address", "value");
    put_address(b, "supplier_address", "complete");
    put_text(b, "purchase_category", "SYNTHETIC category");
    put_text(b, "purchase_subcategory", "SYNTHETIC subcategory");
    put_text(b, "supplier_phone_number", NULL);
    put_name(b, "supplier_company_registration");
    buffer_put(b, "{\"items\":[],\"confidence\":null}");
    put_name(b, "customer_company_registrations");
    buffer_put(b, "{\"items\":[],\"confidence\":null}}");
}

static void put_polygon(struct buffer *b, unsigned n)
{
    double y = 0.05 + 0.01 * (n % 80);
    buffer_printf(b,
                  "\"locations\":[{\"polygon\":[[0.1,%.3f],[0.4,%.3f],[0.4,%.3f],[0.1,%.3f]],"
                  "\"page\":0}]",
                  y, y, y + 0.008, y + 0.008);
}

/* Copies the text of FIELDS, putting confidences and polygons where there are none. These marks
 * can't be part of a JSON string: its quotes would be escaped. */
static void put_with_details(struct buffer *b, const struct job *j, const char *fields)
{
    static const char confidence[] = "\"confidence\":null", locations[] = "\"locations\":[]";
    static const char *const levels[] = {"Certain", "Certain", "High", "High", "Medium"};
    unsigned n = 0;
    const char *run = fields, *at = fields;
    while ((at = strchr(at, '"')) != NULL) {
        bool c = (j->options & FORM_CONFIDENCE) != 0 &&
                 strncmp(at, confidence, sizeof confidence - 1) == 0;
        bool l =
            (j->options & FORM_POLYGON) != 0 && strncmp(at, locations, sizeof locations - 1) == 0;
        if (!c && !l) {
            at++;
            continue;
        }
        REQUIRE(buffer_append(b, run, (size_t)(at - run)) == 0);
        if (c)
            buffer_printf(b, "\"confidence\":\"%s\"", levels[number_of(j, n++, 5)]);
        else
            put_polygon(b, n++);
        at += c ? sizeof confidence - 1 : sizeof locations - 1;
        run = at;
    }
    buffer_put(b, run);
}

static void put_raw_text(struct buffer *b, const struct job *j)
{
    if ((j->options & FORM_RAW_TEXT) == 0) {
        buffer_put(b, "null");
        return;
    }
    buffer_put(b, "{\"pages\":[");
    for (int i = 0; i < j->content->pages; i++)
        buffer_printf(b, "%s{\"content\":\"SYNTHETIC text of page %d\"}", i == 0 ? "" : ",", i + 1);
    buffer_put(b, "]}");
}

static void put_extraction(struct buffer *b, const struct job *j)
{
    buffer_put(b, "{\"fields\":");
    struct buffer fields;
    buffer_init(&fields, 0);
    if (j->data_schema != NULL)
        schema_put_fields(&fields, j->data_schema, j->content->truth, number_of(j, 3, 1000));
    else if (j->content->truth == NULL)
        put_synthetic_fields(&fields, j);
    const char *text = fields.len > 0 ? buffer_text(&fields) : j->content->truth;
    if ((j->options & (FORM_CONFIDENCE | FORM_POLYGON)) != 0)
        put_with_details(b, j, text);
    else
        buffer_put(b, text);
    buffer_release(&fields);
    buffer_put(b, ",\"raw_text\":");
    put_raw_text(b, j);
    buffer_put(b, ",\"rag\":");
    buffer_put(b, (j->options & FORM_RAG) != 0 ? "{\"retrieved_document_id\":null}" : "null");
    buffer_put(b, "}");
}

/* ---- the others ---- */

static void put_crops(struct buffer *b, const struct job *j)
{
    unsigned crops = 1 + number_of(j, 1, 3);
    buffer_put(b, "{\"crops\":[");
    for (unsigned i = 0; i < crops; i++) {
        double left = 0.02 + 0.32 * i, right = left + 0.28;
        buffer_printf(b,
                      "%s{\"object_type\":\"SYNTHETIC receipt\",\"location\":{\"polygon\":[[%.3f,"
                      "0.05],[%.3f,0.05],[%.3f,0.95],[%.3f,0.95]],\"page\":0}}",
                      i == 0 ? "" : ",", left, right, right, left);
    }
    buffer_put(b, "]}");
}

static void put_splits(struct buffer *b, const struct job *j)
{
    buffer_put(b, "{\"splits\":[");
    for (int page = 0; page < j->content->pages; page++)
        buffer_printf(b, "%s{\"page_range\":[%d,%d],\"document_type\":\"SYNTHETIC invoice\"}",
                      page == 0 ? "" : ",", page, page);
    buffer_put(b, "]}");
}

static void put_pages(struct buffer *b, const struct job *j)
{
    static const char *const words[] = {"SYNTHETIC", "SYNTHETIC-word", "SYNTHETIC-text"};
    buffer_put(b, "{\"pages\":[");
    for (int page = 0; page < j->content->pages; page++) {
        buffer_put(b, page == 0 ? "{\"words\":[" : ",{\"words\":[");
        for (int i = 0; i < 3; i++) {
            double left = 0.1 + 0.2 * i;
            buffer_printf(b,
                          "%s{\"content\":\"%s\",\"polygon\":[[%.1f,0.1],[%.2f,0.1],[%.2f,0.12],"
                          "[%.1f,0.12]]}",
                          i == 0 ? "" : ",", words[i], left, left + 0.15, left + 0.15, left);
        }
        buffer_put(b, "],\"content\":\"SYNTHETIC SYNTHETIC-word SYNTHETIC-text\"}");
    }
    buffer_put(b, "]}");
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

static void put_result(struct buffer *b, const struct job *j)
{
    switch (j->model->product) {
    case PRODUCT_EXTRACTION:
        put_extraction(b, j);
        break;
    case PRODUCT_CLASSIFICATION:
        buffer_put(b, "{\"classification\":{\"document_type\":\"SYNTHETIC invoice\"}}");
        break;
    case PRODUCT_CROP:
        put_crops(b, j);
        break;
    case PRODUCT_SPLIT:
        put_splits(b, j);
        break;
    case PRODUCT_OCR:
        put_pages(b, j);
        break;
    case PRODUCT_COUNT:
        require_failed("a product", __FILE__, __LINE__);
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
    put_result(b, j);
    if (j->model->product == PRODUCT_EXTRACTION)
        put_active_options(b, j->options);
    buffer_put(b, "}}");
}
