/* The fields of Mindee's invoice sample, and two schemas such as users make for themselves. Where the
 * request asked for confidence or polygons they are put in at the end, over the whole text of the
 * fields. */
#include "sandbox/made_up.h"

#include "sandbox/json_text.h"

#include <stdio.h>
#include <string.h>

unsigned made_up_number(const struct job *j, unsigned n, unsigned below)
{
    uint64_t x;
    memcpy(&x, j->content->sha + 8 * (n % 4), sizeof x);
    x = (x ^ (uint64_t)n * 0x9e3779b97f4a7c15u) * 0xd1342543de82ef95u;
    return (unsigned)((x >> 32) % below);
}

/* What is being written, and for which part of the file. */
struct maker {
    struct buffer *b;
    const struct job *j;
    unsigned part;
};

static unsigned number_of(const struct maker *m, unsigned n, unsigned below)
{
    return made_up_number(m->j, n + 1000 * m->part, below);
}

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

/* In the shortest form, as Python writes a float: 195.0, 1881.3, 0.05. */
static void put_cents(struct buffer *b, const char *name, unsigned cents)
{
    put_name(b, name);
    buffer_printf(b, "{" ABSENT "\"value\":%u.", cents / 100);
    if (cents % 10 == 0)
        buffer_printf(b, "%u}", cents / 10 % 10);
    else
        buffer_printf(b, "%02u}", cents % 100);
}

static void put_date(struct buffer *b, const char *name, unsigned day)
{
    put_name(b, name);
    buffer_printf(b, "{" ABSENT "\"value\":\"SYNTHETIC 2026-%02u-%02u\"}", day / 28 % 12 + 1,
                  day % 28 + 1);
}

/* A member, or, without a name, an item. Closed by two braces. */
static void open_object(struct buffer *b, const char *name)
{
    if (name != NULL)
        put_name(b, name);
    else if (b->data[b->len - 1] != '[')
        buffer_put(b, ",");
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

/* Closed by close_list. */
static void open_list(struct buffer *b, const char *name)
{
    put_name(b, name);
    buffer_put(b, "{\"items\":[");
}

static void close_list(struct buffer *b)
{
    buffer_put(b, "],\"confidence\":null}");
}

static void put_empty_list(struct buffer *b, const char *name)
{
    open_list(b, name);
    close_list(b);
}

static void put_tax(struct buffer *b, unsigned net, unsigned tax)
{
    open_list(b, "taxes");
    open_object(b, NULL);
    put_cents(b, "base", net);
    put_cents(b, "rate", 20);
    put_cents(b, "amount", tax);
    buffer_put(b, "}}");
    close_list(b);
}

static void put_line_items(const struct maker *m, unsigned lines)
{
    struct buffer *b = m->b;
    open_list(b, "line_items");
    for (unsigned i = 0; i < lines; i++) {
        unsigned quantity = 1 + number_of(m, i, 5), price = 100 + number_of(m, i + 4, 20000);
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
    close_list(b);
}

static unsigned net_of(const struct maker *m, unsigned lines)
{
    unsigned net = 0;
    for (unsigned i = 0; i < lines; i++)
        net += (1 + number_of(m, i, 5)) * (100 + number_of(m, i + 4, 20000));
    return net;
}

static void put_invoice_texts(const struct maker *m)
{
    char number[64], hex[9];
    struct buffer *b = m->b;
    hex_encode(m->j->content->sha, 4, hex);
    if (m->part == 0)
        snprintf(number, sizeof number, "SYNTHETIC %s", hex);
    else
        snprintf(number, sizeof number, "SYNTHETIC %s-%u", hex, m->part);
    put_text(b, "customer_name", "SYNTHETIC customer");
    put_text(b, "document_type", "SYNTHETIC invoice");
    put_text(b, "supplier_name", "SYNTHETIC supplier");
    put_text(b, "tips_gratuity", NULL);
    put_text(b, "invoice_number", number);
    put_text(b, "receipt_number", NULL);
    put_address(b, "customer_address", "value");
    put_address(b, "supplier_address", "complete");
    put_text(b, "purchase_category", "SYNTHETIC category");
    put_empty_list(b, "reference_numbers");
    put_text(b, "purchase_subcategory", "SYNTHETIC subcategory");
    put_text(b, "supplier_phone_number", NULL);
    put_empty_list(b, "supplier_payment_details");
    put_empty_list(b, "supplier_company_registration");
    put_empty_list(b, "customer_company_registrations");
}

static void put_invoice(const struct maker *m)
{
    struct buffer *b = m->b;
    unsigned lines = 1 + number_of(m, 9, 4), net = net_of(m, lines), tax = net / 5;
    unsigned day = number_of(m, 10, 336);
    put_date(b, "date", day);
    put_tax(b, net, tax);
    open_object(b, "locale");
    put_text(b, "country", "SYNTHETIC");
    put_text(b, "currency", "SYNTHETIC");
    put_text(b, "language", "SYNTHETIC");
    buffer_put(b, "}}");
    put_date(b, "due_date", day + 14);
    put_cents(b, "total_net", net);
    put_cents(b, "total_tax", tax);
    put_line_items(m, lines);
    put_cents(b, "total_amount", net + tax);
    put_invoice_texts(m);
}

/* A list in a list's item, an object in an object, a list straight in a list. */
static void put_contract(const struct maker *m)
{
    struct buffer *b = m->b;
    open_object(b, "term");
    put_date(b, "end", number_of(m, 1, 336));
    put_date(b, "start", number_of(m, 2, 336));
    open_object(b, "notice");
    put_cents(b, "days", 100 * (14 + number_of(m, 3, 76)));
    put_text(b, "form", "SYNTHETIC letter");
    buffer_put(b, "}}}}");
    put_text(b, "title", "SYNTHETIC contract");
    open_list(b, "matrix");
    for (unsigned row = 0; row < 2; row++) {
        buffer_put(b, row == 0 ? "{\"items\":[" : ",{\"items\":[");
        for (unsigned i = 0; i < 3; i++)
            buffer_printf(b, "%s{" ABSENT "\"value\":%u}", i == 0 ? "" : ",",
                          number_of(m, 10 + 3 * row + i, 100));
        close_list(b);
    }
    close_list(b);
    put_name(b, "signed");
    buffer_printf(b, "{" ABSENT "\"value\":%s}", number_of(m, 4, 2) ? "true" : "false");
    open_list(b, "parties");
    for (unsigned i = 0; i < 1 + number_of(m, 5, 3); i++) {
        open_object(b, NULL);
        put_text(b, "name", "SYNTHETIC party");
        put_text(b, "role", i == 0 ? "SYNTHETIC seller" : "SYNTHETIC buyer");
        open_object(b, "address");
        put_text(b, "city", "SYNTHETIC city");
        put_text(b, "street", "SYNTHETIC street 1");
        buffer_put(b, "}}");
        open_list(b, "contacts");
        for (unsigned k = 0; k < number_of(m, 6 + i, 3); k++) {
            open_object(b, NULL);
            put_text(b, "email", "SYNTHETIC e-mail");
            put_text(b, "phone", NULL);
            buffer_put(b, "}}");
        }
        close_list(b);
        buffer_put(b, "}}");
    }
    close_list(b);
}

/* Fields that are called "value", "items" and the like: what a field is shows in its place alone. */
static void put_awkward_names(const struct maker *m)
{
    struct buffer *b = m->b;
    open_list(b, "items");
    for (unsigned i = 0; i < 2; i++) {
        open_object(b, NULL);
        put_cents(b, "items", 100 * (1 + number_of(m, i, 9)));
        put_text(b, "value", "SYNTHETIC value");
        open_object(b, "fields");
        put_text(b, "value", "SYNTHETIC value of fields");
        buffer_put(b, "}}}}");
    }
    close_list(b);
    put_cents(b, "value", number_of(m, 4, 100000));
    open_object(b, "fields");
    put_empty_list(b, "items");
    put_text(b, "value", "SYNTHETIC value");
    put_text(b, "fields", "SYNTHETIC fields");
    buffer_put(b, "}}");
    put_text(b, "locations", "SYNTHETIC locations");
    put_text(b, "confidence", "SYNTHETIC confidence");
}

void made_up_fields(struct buffer *b, const struct job *j, enum model_schema schema, unsigned part)
{
    const struct maker m = {b, j, part};
    buffer_put(b, "{");
    switch (schema) {
    case SCHEMA_INVOICE:
        put_invoice(&m);
        break;
    case SCHEMA_NESTED:
        put_contract(&m);
        break;
    case SCHEMA_NAMES:
        put_awkward_names(&m);
        break;
    }
    buffer_put(b, "}");
}

/* ---- confidences and polygons ---- */

static void put_polygon(struct buffer *b, unsigned n)
{
    double y = 0.05 + 0.01 * (n % 80);
    buffer_printf(b,
                  "\"locations\":[{\"polygon\":[[0.1,%.3f],[0.4,%.3f],[0.4,%.3f],[0.1,%.3f]],"
                  "\"page\":0}]",
                  y, y, y + 0.008, y + 0.008);
}

/* Nearly all are sure, as Mindee's are. */
static void put_confidence(struct buffer *b, const struct job *j, unsigned n)
{
    unsigned drawn = made_up_number(j, n, 100);
    buffer_printf(b, "\"confidence\":\"%s\"",
                  drawn < 2    ? "Medium"
                  : drawn < 10 ? "High"
                               : "Certain");
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* A field that is a value and says nothing else yet, or a list. Such marks can't be part of a JSON
 * string: its quotes would be escaped. */
void made_up_details(struct buffer *b, const struct job *j, const char *fields)
{
    static const char list[] = "\"confidence\":null",
                      simple[] = "\"locations\":[],\"confidence\":null";
    static const char nothing[] = ",\"value\":null";
    unsigned n = 0;
    const char *run = fields, *at = fields;
    while ((at = strchr(at, '"')) != NULL) {
        bool value = starts(at, simple);
        const char *end = at + (value ? sizeof simple : sizeof list) - 1;
        if ((!value && !starts(at, list)) || starts(end, nothing)) {
            at = starts(at, simple) ? end : at + 1;
            continue;
        }
        REQUIRE(buffer_append(b, run, (size_t)(at - run)) == 0);
        if (value) {
            put_polygon(b, n++);
            buffer_put(b, ",");
        }
        put_confidence(b, j, n++);
        run = at = end;
    }
    buffer_put(b, run);
}
