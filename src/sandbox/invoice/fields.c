/* An invoice as Mindee's extraction says it: every field of the documented invoice sample, those
 * without a value as null. Numbers are written from integers as raw JSON, so that none of them ever
 * was a double. */
#include "sandbox/invoice/model.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* {"locations": [], "confidence": null, "value": VALUE}, which it takes over. */
static cJSON *simple(cJSON *value)
{
    cJSON *field = cJSON_CreateObject();
    cJSON_AddItemToObject(field, "locations", cJSON_CreateArray());
    cJSON_AddNullToObject(field, "confidence");
    cJSON_AddItemToObject(field, "value", value);
    return field;
}

static void put_text(cJSON *to, const char *name, const char *text)
{
    cJSON_AddItemToObject(to, name, simple(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

static void put_number(cJSON *to, const char *name, int64_t scaled, int scale, int min_decimals)
{
    char text[MONEY_TEXT_MAX];
    cJSON_AddItemToObject(to, name,
                          simple(cJSON_CreateRaw(scaled_json(scaled, scale, min_decimals, text))));
}

static void put_money(cJSON *to, const struct invoice *v, const char *name, int64_t minor)
{
    int decimals = v->supplier->money->decimals;
    put_number(to, name, minor, decimals, decimals);
}

static void put_date(cJSON *to, const char *name, struct date d)
{
    char text[DATE_TEXT_MAX];
    put_text(to, name, date_show(DATE_ISO, d, text));
}

/* Puts {"locations", "confidence", "fields": {}} into an object (NAME) or a list; returns the
 * inner object. */
static cJSON *put_object(cJSON *to, const char *name)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(object, "locations", cJSON_CreateArray());
    cJSON_AddNullToObject(object, "confidence");
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
    cJSON_AddNullToObject(list, "confidence");
    cJSON_AddItemToObject(to, name, list);
    return items;
}

/* WHOLE is what the subfield with the whole text is called.
 * A receipt's customer has no address: all null. */
static void put_address(cJSON *to, const char *name, const struct address *a, const char *whole,
                        const char *text)
{
    cJSON *f = put_object(to, name);
    put_text(f, "city", a ? a->city : NULL);
    put_text(f, "state", a ? a->state : NULL);
    put_text(f, whole, text);
    put_text(f, "po_box", NULL);
    put_text(f, "country", a ? a->country : NULL);
    put_text(f, "postal_code", a ? a->postal_code : NULL);
    put_text(f, "street_name", a ? a->street : NULL);
    put_text(f, "street_number", a ? a->number : NULL);
    put_text(f, "address_complement", NULL);
}

static void put_taxes(cJSON *fields, const struct invoice *v)
{
    cJSON *list = put_list(fields, "taxes");
    for (int i = 0; i < v->tax_count; i++) {
        cJSON *f = put_object(list, NULL);
        put_money(f, v, "base", v->taxes[i].base);
        put_number(f, "rate", v->taxes[i].rate_e5, 5, 1);
        put_money(f, v, "amount", v->taxes[i].amount);
    }
}

static void put_items(cJSON *fields, const struct invoice *v)
{
    bool receipt = invoice_is_receipt(v);
    cJSON *list = put_list(fields, "line_items");
    for (int i = 0; i < v->item_count; i++) {
        const struct invoice_item *item = &v->items[i];
        cJSON *f = put_object(list, NULL);
        put_number(f, "quantity", item->quantity_milli, 3, 1);
        if (v->supplier->taxes_stacked)
            put_text(f, "tax_rate", NULL);
        else
            put_number(f, "tax_rate", v->supplier->taxes[item->product->tax].rate_e5, 5, 1);
        put_text(f, "tax_amount", NULL);
        put_money(f, v, "unit_price", item->unit_price);
        put_text(f, "description", item->description);
        put_money(f, v, "total_price", item->total);
        put_text(f, "product_code", receipt ? NULL : item->code);
        put_text(f, "unit_measure", item->product->unit);
    }
}

static void put_texts(cJSON *fields, const char *name, const char *const *texts, int count)
{
    cJSON *list = put_list(fields, name);
    for (int i = 0; i < count; i++)
        if (texts[i])
            cJSON_AddItemToArray(list, simple(cJSON_CreateString(texts[i])));
}

static void put_parties(cJSON *fields, const struct invoice *v)
{
    const struct supplier *s = v->supplier;
    const struct customer *c = v->customer;
    const char *const customer_ids[] = {c ? c->tax_id : NULL};
    struct buffer whole;
    buffer_init(&whole, 0);
    if (c)
        buffer_printf(&whole, "%s\n%s", c->name, c->address.lines);
    put_text(fields, "customer_name", c ? c->name : NULL);
    put_address(fields, "customer_address", c ? &c->address : NULL, "value",
                c ? buffer_text(&whole) : NULL);
    put_texts(fields, "customer_company_registrations", customer_ids, 1);
    put_text(fields, "supplier_name", s->name);
    put_address(fields, "supplier_address", &s->address, "complete", s->address.lines);
    put_text(fields, "supplier_phone_number", s->phone);
    put_texts(fields, "supplier_company_registration", s->registrations, 2);
    buffer_release(&whole);
}

void invoice_fields_json(const struct invoice *v, struct buffer *out)
{
    const struct supplier *s = v->supplier;
    const char *references[INVOICE_REFERENCES_MAX];
    for (int i = 0; i < INVOICE_REFERENCES_MAX; i++)
        references[i] = i < v->reference_count ? v->references[i] : NULL;
    bool receipt = invoice_is_receipt(v);
    cJSON *fields = cJSON_CreateObject();
    put_date(fields, "date", v->date);
    put_taxes(fields, v);
    cJSON *locale = put_object(fields, "locale");
    put_text(locale, "country", s->address.country);
    put_text(locale, "currency", s->money->code);
    put_text(locale, "language", labels_of(s->language)->code);
    if (receipt)
        put_text(fields, "due_date", NULL);
    else
        put_date(fields, "due_date", v->due);
    put_money(fields, v, "total_net", v->net);
    put_money(fields, v, "total_tax", v->tax);
    put_items(fields, v);
    put_money(fields, v, "total_amount", v->total);
    put_text(fields, "document_type", receipt ? "receipt" : "invoice");
    put_text(fields, "tips_gratuity", NULL);
    put_text(fields, "invoice_number", receipt ? NULL : v->number);
    put_text(fields, "receipt_number", receipt ? v->number : NULL);
    put_texts(fields, "reference_numbers", references, INVOICE_REFERENCES_MAX);
    put_parties(fields, v);
    put_text(fields, "purchase_category", s->category);
    put_text(fields, "purchase_subcategory", s->subcategory);
    char *text = cJSON_PrintUnformatted(fields);
    REQUIRE(text != NULL);
    buffer_clear(out);
    buffer_put(out, text);
    cJSON_free(text);
    cJSON_Delete(fields);
}
