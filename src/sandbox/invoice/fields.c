/* An invoice as Mindee's extraction says it: every field of the documented invoice sample, those
 * without a value as null, in the order of PostgreSQL's jsonb (shorter names first), amounts in the
 * shortest form, as Python writes a float. Numbers are written from integers as raw JSON, so that
 * none of them ever was a double.
 *
 * Nearly all values are certain. Of a hundred a few are read with less confidence; of those that are
 * booked none where the invoice is to be `sure`, but the one that it names. */
#include "sandbox/invoice/fields.h"

#include "base/random.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 64 };

struct writer {
    const struct invoice *v;
    const struct invoice_places *p;
    struct random random;
};

/* What is booked, and so looked at by a person unless it was read for sure. */
static bool is_key(const char *name)
{
    static const char *const keys[] = {
        "supplier_name", "invoice_number", "receipt_number", "date", "currency",
        "total_net",     "total_tax",      "total_amount",   "iban",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], name) == 0)
            return true;
    return false;
}

static const char *draw_confidence(struct writer *w, const char *name)
{
    bool key = is_key(name);
    uint64_t drawn = random_below(&w->random, 100);
    if (w->v->unsure != NULL && strcmp(w->v->unsure, name) == 0)
        return "Medium";
    if (drawn < (key ? 2 : 3) && !(key && w->v->sure))
        return "Medium";
    return drawn < 10 ? "High" : "Certain";
}

static void put_place(struct buffer *b, const struct place *at)
{
    if (!at->printed)
        return;
    buffer_put(b, b->len > 1 ? ",{\"polygon\":" : "{\"polygon\":");
    place_put_polygon(b, at);
    buffer_printf(b, ",\"page\":%d}", at->page);
}

/* {"locations": [...], "confidence": ..., "value": VALUE}, which it takes over. It is printed at
 * COUNT places. */
static cJSON *simple(struct writer *w, const char *name, cJSON *value, const struct place *at,
                     int count)
{
    cJSON *field = cJSON_CreateObject();
    struct buffer locations;
    buffer_init(&locations, 0);
    buffer_put(&locations, "[");
    for (int i = 0; i < count && !cJSON_IsNull(value); i++)
        put_place(&locations, &at[i]);
    buffer_put(&locations, "]");
    cJSON_AddItemToObject(field, "locations", cJSON_CreateRaw(buffer_text(&locations)));
    buffer_release(&locations);
    if (cJSON_IsNull(value))
        cJSON_AddNullToObject(field, "confidence");
    else
        cJSON_AddStringToObject(field, "confidence", draw_confidence(w, name));
    cJSON_AddItemToObject(field, "value", value);
    return field;
}

static cJSON *text_value(const char *text)
{
    return text != NULL && *text ? cJSON_CreateString(text) : cJSON_CreateNull();
}

static void put_text(struct writer *w, cJSON *to, const char *name, const char *text,
                     const struct place *at)
{
    cJSON_AddItemToObject(to, name, simple(w, name, text_value(text), at, at != NULL));
}

static void put_null(struct writer *w, cJSON *to, const char *name)
{
    put_text(w, to, name, NULL, NULL);
}

static void put_number(struct writer *w, cJSON *to, const char *name, int64_t scaled, int scale,
                       const struct place *at)
{
    char text[MONEY_TEXT_MAX];
    scaled_json(scaled, scale, text);
    cJSON_AddItemToObject(to, name, simple(w, name, cJSON_CreateRaw(text), at, at != NULL));
}

static void put_money(struct writer *w, cJSON *to, const char *name, int64_t minor,
                      const struct place *at)
{
    put_number(w, to, name, minor, w->v->supplier->money->decimals, at);
}

static void put_date(struct writer *w, cJSON *to, const char *name, struct date d,
                     const struct place *at)
{
    char text[DATE_TEXT_MAX];
    put_text(w, to, name, date_show(DATE_ISO, d, text), at);
}

/* Puts {"locations", "confidence", "fields": {}} into an object (NAME) or a list; returns the inner
 * object, which close_fields ends. */
static cJSON *put_object(cJSON *to, const char *name)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(object, "locations", cJSON_CreateArray());
    cJSON_AddStringToObject(object, "confidence", "Certain");
    if (name)
        cJSON_AddItemToObject(to, name, object);
    else
        cJSON_AddItemToArray(to, object);
    return cJSON_AddObjectToObject(object, "fields");
}

static cJSON *put_list(cJSON *to, const char *name)
{
    cJSON *list = cJSON_CreateObject();
    cJSON *items = cJSON_AddArrayToObject(list, "items");
    cJSON_AddStringToObject(list, "confidence", "Certain");
    cJSON_AddItemToObject(to, name, list);
    return items;
}

static int by_name(const void *a, const void *b)
{
    const cJSON *p = *(cJSON *const *)a, *q = *(cJSON *const *)b;
    size_t n = strlen(p->string), m = strlen(q->string);
    return n != m ? (n < m ? -1 : 1) : strcmp(p->string, q->string);
}

/* Its members in jsonb's order. */
static void close_fields(cJSON *fields)
{
    cJSON *members[MEMBERS_MAX];
    size_t n = 0;
    while (fields->child != NULL) {
        REQUIRE(n < MEMBERS_MAX);
        members[n++] = cJSON_DetachItemViaPointer(fields, fields->child);
    }
    qsort(members, n, sizeof *members, by_name);
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(fields, members[i]);
}

/* The whole text as one subfield, which is called WHOLE. */
struct whole_address {
    const char *name, *text;
    struct place places[ADDRESS_LINES + 1];
};

/* A receipt's customer has no address: all null. */
static void put_address(struct writer *w, cJSON *to, const char *name, const struct address *a,
                        const struct address_places *p, const struct whole_address *whole)
{
    static const struct address none;
    if (a == NULL)
        a = &none;
    cJSON *f = put_object(to, name);
    put_text(w, f, "city", a->city, &p->city);
    put_text(w, f, "state", a->state, &p->state);
    cJSON_AddItemToObject(
        f, whole->name,
        simple(w, whole->name, text_value(whole->text), whole->places, ADDRESS_LINES + 1));
    put_null(w, f, "po_box");
    put_text(w, f, "country", a->country, NULL);
    put_text(w, f, "postal_code", a->postal_code, &p->postal_code);
    put_text(w, f, "street_name", a->street, &p->street);
    put_text(w, f, "street_number", a->number, &p->number);
    put_null(w, f, "address_complement");
    close_fields(f);
}

/* Where both taxes are on the whole net, neither has a base of its own. */
static void put_taxes(struct writer *w, cJSON *fields)
{
    cJSON *list = put_list(fields, "taxes");
    for (int i = 0; i < w->v->tax_count; i++) {
        const struct invoice_tax *tax = &w->v->taxes[i];
        const struct tax_places *p = &w->p->taxes[i];
        cJSON *f = put_object(list, NULL);
        if (w->v->supplier->taxes_stacked)
            put_null(w, f, "base");
        else
            put_money(w, f, "base", tax->base, &p->base);
        put_number(w, f, "rate", tax->rate_e5, 5, &p->rate);
        put_money(w, f, "amount", tax->amount, &p->amount);
        close_fields(f);
    }
}

static void put_items(struct writer *w, cJSON *fields)
{
    bool receipt = invoice_is_receipt(w->v);
    cJSON *list = put_list(fields, "line_items");
    for (int i = 0; i < w->v->item_count; i++) {
        const struct invoice_item *item = &w->v->items[i];
        const struct item_places *p = &w->p->items[i];
        cJSON *f = put_object(list, NULL);
        put_number(w, f, "quantity", item->quantity_milli, 3, &p->quantity);
        if (w->v->supplier->taxes_stacked)
            put_null(w, f, "tax_rate");
        else
            put_number(w, f, "tax_rate", w->v->supplier->taxes[item->product->tax].rate_e5, 5,
                       &p->rate);
        put_null(w, f, "tax_amount");
        put_money(w, f, "unit_price", item->unit_price, &p->price);
        put_text(w, f, "description", item->description, &p->description);
        put_money(w, f, "total_price", item->total, &p->total);
        put_text(w, f, "product_code", receipt ? NULL : item->code, &p->code);
        put_text(w, f, "unit_measure", item->product->unit, &p->unit);
        close_fields(f);
    }
}

static void put_texts(struct writer *w, cJSON *fields, const char *name, const char *const *texts,
                      const struct place *places, int count)
{
    cJSON *list = put_list(fields, name);
    for (int i = 0; i < count; i++)
        if (texts[i])
            cJSON_AddItemToArray(list,
                                 simple(w, name, cJSON_CreateString(texts[i]), &places[i], 1));
}

static void put_bank(struct writer *w, cJSON *fields)
{
    const struct bank *b = &w->v->bank;
    cJSON *list = put_list(fields, "supplier_payment_details");
    if (!*b->iban && !*b->account)
        return;
    cJSON *f = put_object(list, NULL);
    put_text(w, f, "iban", b->iban, &w->p->iban);
    put_text(w, f, "swift", b->bic, &w->p->bic);
    put_text(w, f, "account_number", b->account, &w->p->account);
    put_text(w, f, "routing_number", b->routing, &w->p->routing);
    close_fields(f);
}

static void put_customer(struct writer *w, cJSON *fields)
{
    const struct customer *c = w->v->customer;
    const struct invoice_places *p = w->p;
    const char *const ids[] = {c ? c->tax_id : NULL};
    struct buffer text;
    buffer_init(&text, 0);
    if (c)
        buffer_printf(&text, "%s\n%s", c->name, c->address.lines);
    const struct whole_address whole = {
        "value",
        buffer_text(&text),
        {p->customer_name, p->customer.lines[0], p->customer.lines[1]}};
    put_text(w, fields, "customer_name", c ? c->name : NULL, &p->customer_name);
    put_address(w, fields, "customer_address", c ? &c->address : NULL, &p->customer, &whole);
    put_texts(w, fields, "customer_company_registrations", ids, &p->customer_tax_id, 1);
    buffer_release(&text);
}

static void put_supplier(struct writer *w, cJSON *fields)
{
    const struct supplier *s = w->v->supplier;
    const struct invoice_places *p = w->p;
    const struct whole_address whole = {
        "complete", s->address.lines, {p->supplier.lines[0], p->supplier.lines[1]}};
    put_text(w, fields, "supplier_name", s->name, &p->supplier_name);
    put_address(w, fields, "supplier_address", &s->address, &p->supplier, &whole);
    put_text(w, fields, "supplier_phone_number", s->phone, &p->phone);
    put_texts(w, fields, "supplier_company_registration", s->registrations, p->registrations, 2);
    put_bank(w, fields);
}

static void put_facts(struct writer *w, cJSON *fields)
{
    const struct invoice *v = w->v;
    const char *references[INVOICE_REFERENCES_MAX];
    for (int i = 0; i < INVOICE_REFERENCES_MAX; i++)
        references[i] = i < v->reference_count ? v->references[i] : NULL;
    bool receipt = invoice_is_receipt(v);
    put_date(w, fields, "date", v->date, &w->p->date);
    if (receipt)
        put_null(w, fields, "due_date");
    else
        put_date(w, fields, "due_date", v->due, &w->p->due);
    put_text(w, fields, "document_type", receipt ? "receipt" : "invoice", NULL);
    put_text(w, fields, "invoice_number", receipt ? NULL : v->number, &w->p->number);
    put_text(w, fields, "receipt_number", receipt ? v->number : NULL, &w->p->number);
    put_texts(w, fields, "reference_numbers", references, w->p->references, INVOICE_REFERENCES_MAX);
}

void invoice_put_fields(const struct invoice *v, const struct invoice_places *places,
                        struct buffer *out)
{
    struct writer w = {.v = v, .p = places};
    const struct supplier *s = v->supplier;
    random_init(&w.random, v->reading);
    cJSON *fields = cJSON_CreateObject();
    put_facts(&w, fields);
    cJSON *locale = put_object(fields, "locale");
    put_text(&w, locale, "country", s->address.country, NULL);
    put_text(&w, locale, "currency", s->money->code, NULL);
    put_text(&w, locale, "language", labels_of(s->language)->code, NULL);
    close_fields(locale);
    put_taxes(&w, fields);
    put_items(&w, fields);
    put_money(&w, fields, "total_net", v->net, &places->net);
    put_money(&w, fields, "total_tax", v->tax, v->tax_count == 1 ? &places->taxes[0].amount : NULL);
    put_money(&w, fields, "total_amount", v->total, &places->total);
    put_null(&w, fields, "tips_gratuity");
    put_customer(&w, fields);
    put_supplier(&w, fields);
    put_text(&w, fields, "purchase_category", s->category, NULL);
    put_text(&w, fields, "purchase_subcategory", s->subcategory, NULL);
    close_fields(fields);
    char *text = cJSON_PrintUnformatted(fields);
    REQUIRE(text != NULL);
    buffer_put(out, text);
    cJSON_free(text);
    cJSON_Delete(fields);
}
