#include "record_fixture.h"

#include "calendar/civil.h"
#include "test.h"

#include <string.h>

static const char *const defaults[ROLE_COUNT][3] = {
    [ROLE_SUPPLIER] = {"supplier_name"},
    [ROLE_NUMBER] = {"invoice_number", "receipt_number"},
    [ROLE_TYPE] = {"document_type"},
    [ROLE_DATE] = {"date"},
    [ROLE_DUE] = {"due_date"},
    [ROLE_CURRENCY] = {"locale.currency"},
    [ROLE_NET] = {"total_net"},
    [ROLE_TAX] = {"total_tax"},
    [ROLE_TOTAL] = {"total_amount"},
    [ROLE_TIP] = {"tips_gratuity"},
    [ROLE_VAT] = {"supplier_company_registration[type~VAT].number",
                  "supplier_company_registration.value"},
    [ROLE_IBAN] = {"supplier_payment_details.iban"},
    [ROLE_LINES] = {"line_items"},
    [ROLE_LINES_QUANTITY] = {"quantity"},
    [ROLE_LINES_PRICE] = {"unit_price"},
    [ROLE_LINES_AMOUNT] = {"total_price"},
    [ROLE_LINES_TAX] = {"tax_amount"},
    [ROLE_LINES_RATE] = {"tax_rate"},
    [ROLE_TAXES] = {"taxes"},
    [ROLE_TAXES_BASE] = {"base"},
    [ROLE_TAXES_RATE] = {"rate"},
    [ROLE_TAXES_AMOUNT] = {"amount"},
};

void record_fixture_init(struct record_fixture *f)
{
    struct error e;
    *f = (struct record_fixture){
        .columns = columns_new(), .doc = flat_document_new(), .roles = roles_new()};
    for (enum role role = 0; role < ROLE_COUNT; role++)
        assert_int_equal(roles_set(f->roles, role, defaults[role], &e), 0);
    check_options_default(&f->options);
    f->circumstances.stored_day = civil_to_days((struct civil){2026, 11, 30});
    buffer_init(&f->json, 0);
    buffer_init(&f->told, 0);
}

void record_fixture_release(struct record_fixture *f)
{
    findings_release(&f->findings);
    invoice_release(&f->invoice);
    role_record_release(&f->record);
    roles_free(f->roles);
    flat_document_free(f->doc);
    columns_free(f->columns);
    buffer_release(&f->json);
    buffer_release(&f->told);
}

/* --- from short to long --- */

static void expand(struct buffer *out, const char **p);

static void skip_blanks(const char **p)
{
    *p += strspn(*p, " \n");
}

static void put_bytes(struct buffer *out, const char *from, size_t len)
{
    buffer_printf(out, "%.*s", (int)len, from);
}

static void expand_map(struct buffer *out, const char **p)
{
    bool first = true;
    assert_int_equal(**p, '{');
    buffer_put(out, "{");
    for ((*p)++, skip_blanks(p); **p != '}'; skip_blanks(p)) {
        size_t name = strcspn(*p, ":,}");
        buffer_put(out, first ? "\"" : ",\"");
        put_bytes(out, *p, name);
        buffer_put(out, "\":");
        *p += name;
        assert_int_equal(**p, ':');
        (*p)++;
        expand(out, p);
        skip_blanks(p);
        *p += **p == ',';
        first = false;
    }
    (*p)++;
    buffer_put(out, "}");
}

static void expand_list(struct buffer *out, const char **p)
{
    bool first = true;
    buffer_put(out, "{\"items\":[");
    for ((*p)++, skip_blanks(p); **p != ']'; skip_blanks(p)) {
        buffer_put(out, first ? "" : ",");
        expand(out, p);
        skip_blanks(p);
        *p += **p == ',';
        first = false;
    }
    (*p)++;
    buffer_put(out, "]}");
}

static void expand_scalar(struct buffer *out, const char **p)
{
    buffer_put(out, "{\"value\":");
    if (**p == '\'') {
        size_t len = strcspn(*p + 1, "'");
        buffer_put(out, "\"");
        put_bytes(out, *p + 1, len);
        buffer_put(out, "\"");
        *p += len + 2;
    } else {
        size_t len = strcspn(*p, ",}]@ \n");
        put_bytes(out, *p, len);
        *p += len;
    }
    if (**p == '@') {
        size_t len = strcspn(++*p, ",}] \n");
        buffer_put(out, ",\"confidence\":\"");
        put_bytes(out, *p, len);
        buffer_put(out, "\"");
        *p += len;
    }
    buffer_put(out, "}");
}

static void expand(struct buffer *out, const char **p)
{
    skip_blanks(p);
    if (**p == '[') {
        expand_list(out, p);
    } else if (**p == '{') {
        buffer_put(out, "{\"fields\":");
        expand_map(out, p);
        buffer_put(out, "}");
    } else {
        expand_scalar(out, p);
    }
}

/* --- */

bool record_fixture_read_result(struct record_fixture *f, const char *json, size_t len,
                                size_t number)
{
    struct error e;
    if (flatten(f->doc, f->columns, NULL, json, len, &e) < 0)
        fail_msg("%s in %s", e.text, json);
    for (size_t i = 0; i < f->doc->record_count; i++)
        if (f->doc->records[i].has_fields && number-- == 0) {
            roles_read(f->roles, f->columns, f->doc, &f->doc->records[i], &f->record);
            invoice_read(&f->invoice, &f->record);
            return true;
        }
    return false;
}

void record_fixture_read(struct record_fixture *f, const char *fields)
{
    buffer_clear(&f->json);
    buffer_put(&f->json, "{\"inference\":{\"result\":{\"fields\":");
    expand_map(&f->json, &fields);
    buffer_put(&f->json, "}}}");
    assert_true(record_fixture_read_result(f, buffer_text(&f->json), f->json.len, 0));
}

const char *record_fixture_tell(struct record_fixture *f, bool texts)
{
    findings_clear(&f->findings);
    invoice_check(&f->invoice, &f->options, &f->circumstances, &f->findings);
    buffer_clear(&f->told);
    for (size_t i = 0; i < f->findings.count; i++) {
        const struct finding *found = &f->findings.items[i];
        buffer_printf(&f->told, "%s%s %s%s%s", i ? "; " : "", check_code_name(found->code),
                      found->field, found->difference ? " " : "",
                      found->difference ? found->difference : "");
        if (texts)
            buffer_printf(&f->told, ": %s", found->text);
    }
    return buffer_text(&f->told);
}

const char *record_fixture_check(struct record_fixture *f, const char *fields)
{
    record_fixture_read(f, fields);
    return record_fixture_tell(f, false);
}
