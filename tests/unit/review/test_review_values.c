/* Dates, currencies, bank accounts, VAT numbers, what is missing, what can't be computed, and confidence: for each
 * what just fails and what just passes. */
#include "record_fixture.h"
#include "review/vat_shape.h"
#include "test.h"

#include "calendar/civil.h"

#include <string.h>

static void expect(struct record_fixture *f, const char *fields, const char *found)
{
    if (strcmp(record_fixture_check(f, fields), found) != 0)
        fail_msg("%s\n  found    %s\n  expected %s", fields, buffer_text(&f->told), found);
}

static void dates(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(&f, "{date: '2026-11-02', due_date: '2026-11-02'}", "");
    expect(&f, "{date: '2019-11-02', due_date: '2019-02-26'}", "due-before-date due_date");
    expect(&f, "{date: '2026-11-02', due_date: '2026-11-01'}", "due-before-date due_date");
    expect(&f, "{date: '2026-01-01', due_date: '2026-05-01'}", ""); /* 120 days */
    expect(&f, "{date: '2026-01-01', due_date: '2026-05-02'}", "due-late due_date");
    expect(&f, "{date: null, due_date: '2026-05-02'}", "required-missing date");
    expect(&f, "{date: '2026-12-01'}", ""); /* the day after it was stored */
    expect(&f, "{date: '2026-12-02'}", "date-future date");
    expect(&f, "{date: '2026-02-30'}", "not-computable date");
    expect(&f, "{date: '02/11/2026', due_date: 'soon'}",
           "not-computable date; not-computable due_date");
    f.options.due_days = 30;
    expect(&f, "{date: '2026-01-01', due_date: '2026-01-31'}", "");
    expect(&f, "{date: '2026-01-01', due_date: '2026-02-01'}", "due-late due_date");
    record_fixture_tell(&f, true);
    assert_string_equal(buffer_text(&f.told),
                        "due-late due_date: due 2026-02-01, 31 days after its date "
                        "2026-01-01: more than 30");
    record_fixture_release(&f);
}

static void periods(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    f.circumstances.has_period = true;
    f.circumstances.period_first = civil_to_days((struct civil){2026, 10, 1});
    f.circumstances.period_last = civil_to_days((struct civil){2026, 10, 31});
    expect(&f, "{date: '2026-10-31'}", "");
    expect(&f, "{date: '2026-11-01'}", "date-outside date");
    expect(&f, "{date: '2026-07-01'}", ""); /* 92 days before */
    expect(&f, "{date: '2026-06-30'}", "date-outside date");
    f.options.late_days = 0;
    expect(&f, "{date: '2026-10-01'}", "");
    expect(&f, "{date: '2026-09-30'}", "date-outside date");
    record_fixture_release(&f);
}

static void currencies(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(&f, "{locale: {currency: 'EUR'}}", "");
    expect(&f, "{locale: {currency: 'eur'}}", "");
    expect(&f, "{locale: {currency: null}}", "currency-missing locale.currency");
    expect(&f, "{locale: {currency: ' '}}", "currency-missing locale.currency");
    expect(&f, "{locale: {currency: '€'}}", "currency-unknown locale.currency");
    expect(&f, "{locale: {currency: 'EURO'}}", "currency-unknown locale.currency");
    expect(&f, "{locale: {currency: 'XYZ'}}", "currency-unknown locale.currency");
    assert_string_equal(f.invoice.currency, "");
    expect(&f, "{locale: {country: 'FR'}}", ""); /* the model hasn't the field */
    record_fixture_release(&f);
}

#define PAID_TO(iban) "{supplier_payment_details: [{iban: '" iban "'}]}"
#define PAID_FIELD    "supplier_payment_details[1].iban"

static void bank_accounts(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(&f, PAID_TO("DE89 3704 0044 0532 0130 00"), "");
    expect(&f, PAID_TO("DE88 3704 0044 0532 0130 00"), "iban-bad " PAID_FIELD);
    expect(&f, PAID_TO("-"), "iban-bad " PAID_FIELD);
    expect(&f, "{supplier_payment_details: []}", "");
    f.circumstances.accounts_known = true;
    expect(&f, PAID_TO("DE89 3704 0044 0532 0130 00"), "iban-new " PAID_FIELD);
    expect(&f, "{supplier_payment_details: [{iban: null}]}", "");
    f.circumstances.account_known = true;
    expect(&f, PAID_TO("DE89 3704 0044 0532 0130 00"), "");
    record_fixture_release(&f);
}

static void vat_shapes(void **state)
{
    static const struct {
        const char *good, *bad;
    } rows[] = {
        {"ATU12345678", "AT12345678"},
        {"BE0123456789", "BE2123456789"},
        {"BG123456789", "BG12345678"},
        {"CHE123456789MWST", "CHE12345678"},
        {"CY12345678X", "CY123456789"},
        {"CZ1234567890", "CZ1234567"},
        {"DE123456789", "DE12345678"},
        {"DK12345678", "DK123456789"},
        {"EE123456789", "EE12345678"},
        {"EL123456789", "EL12345678"},
        {"ESB12345678", "ES123456789"},
        {"FI12345678", "FI1234567"},
        {"FRXX123456789", "FR123456789"},
        {"GB123456789", "GB12345678"},
        {"GBGD123", "GBGE123"},
        {"HR12345678901", "HR1234567890"},
        {"HU12345678", "HU123456789"},
        {"IE1234567WA", "IE1234567"},
        {"IT12345678901", "IT1234567890"},
        {"LT123456789012", "LT1234567890"},
        {"LU12345678", "LU1234567"},
        {"LV12345678901", "LV123456789"},
        {"MT12345678", "MT1234567"},
        {"NL123456789B01", "NL123456789"},
        {"NO123456789MVA", "NO12345678"},
        {"PL1234567890", "PL123456789"},
        {"PT123456789", "PT12345678"},
        {"RO12", "RO12345678901"},
        {"SE123456789012", "SE1234567890"},
        {"SI12345678", "SI1234567"},
        {"SK1234567890", "SK123456789"},
        {"XIHA123", "XI1234"},
        {"US123", "DEI23456789"},
        {"SIRET83833640200014", "FR4030326504"},
    };
    struct record_fixture f;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!vat_shape_fits(rows[i].good))
            fail_msg("%s is refused", rows[i].good);
        if (vat_shape_fits(rows[i].bad))
            fail_msg("%s is taken", rows[i].bad);
    }
    record_fixture_init(&f);
    expect(&f,
           "{supplier_company_registration: [{type: 'SIREN', number: '1'}, {type: 'vat number', "
           "number: 'DE 123 456 78'}]}",
           "vat-shape supplier_company_registration[2].number");
    expect(&f, "{supplier_company_registration: [{type: 'VAT', number: 'DE 123 456 789'}]}", "");
    expect(&f, "{supplier_company_registration: [{type: 'SIREN', number: 'DE 123 456 78'}]}", "");
    expect(&f, "{supplier_company_registration: ['FR1']}", "");
    expect(&f, "{supplier_company_registration: ['FR 12345']}",
           "vat-shape supplier_company_registration[1].value");
    record_fixture_release(&f);
}

static void what_is_missing(void **state)
{
    static const char *const only[] = {"due", NULL}, *const off[] = {"currency-missing", NULL};
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(
        &f,
        "{supplier_name: null, invoice_number: null, receipt_number: null, date: null, "
        "total_amount: null, locale: {currency: null}, due_date: null}",
        "required-missing supplier_name; required-missing invoice_number; required-missing date; "
        "required-missing total_amount; currency-missing locale.currency");
    expect(&f, "{supplier_name: '', invoice_number: 'A'}", "required-missing supplier_name");
    expect(&f, "{invoice_number: null, receipt_number: 'A-1'}", "");
    expect(&f, "{document_type: 'EXPENSE RECEIPT', invoice_number: null}", "");
    expect(&f, "{document_type: 'invoice', invoice_number: null}",
           "required-missing invoice_number");
    expect(&f, "{net: null}", ""); /* no field of any role */
    check_options_grade(&f.options, off, SEVERITY_OFF);
    expect(&f, "{locale: {currency: null}}", "required-missing locale.currency");
    check_options_roles(f.options.required, only);
    expect(&f, "{supplier_name: null, due_date: null}", "required-missing due_date");
    record_fixture_release(&f);
}

static void what_cannot_be_computed(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(&f, "{total_amount: 123456789012345678}", "");
    expect(&f, "{total_amount: 1234567890123456789}", "not-computable total_amount");
    expect(&f, "{total_amount: 1e400}", "not-computable total_amount");
    expect(&f, "{tips_gratuity: 'five'}", "not-computable tips_gratuity");
    expect(&f, "{total_amount: {value: 5}}", ""); /* another shape: it isn't that field */
    expect(&f, "{taxes: [{base: 1, rate: 'x', amount: 'y'}, {amount: 'z'}]}",
           "not-computable taxes[1].rate; not-computable taxes[2].amount");
    record_fixture_release(&f);
}

static void confidence(void **state)
{
    static const char *const due[] = {"due", NULL};
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    expect(&f, "{supplier_name: 'A'@High, invoice_number: '1'@Certain, date: '2026-11-01'@High}",
           "");
    expect(&f, "{supplier_name: 'A'@Medium, invoice_number: '1'@Low, total_amount: 5@Sure}",
           "confidence supplier_name; confidence invoice_number; confidence total_amount");
    expect(&f, "{document_type: 'A'@Low, due_date: '2026-11-01'@Low, tips_gratuity: 1@Low}", "");
    expect(&f, "{tips_gratuity: null@Low, total_net: null@Low}", "");
    expect(&f, "{supplier_payment_details: [{iban: 'DE89370400440532013000'@Medium}]}",
           "confidence " PAID_FIELD);
    f.options.least_confidence = CONFIDENCE_CERTAIN;
    expect(&f, "{supplier_name: 'A'@High}", "confidence supplier_name");
    record_fixture_tell(&f, true);
    assert_string_equal(
        buffer_text(&f.told),
        "confidence supplier_name: A: Mindee's confidence is High, less than Certain");
    f.options.least_confidence = CONFIDENCE_LOW;
    expect(&f, "{supplier_name: 'A'@Low}", "");
    check_options_roles(f.options.confidence_counts, due);
    f.options.least_confidence = CONFIDENCE_MEDIUM;
    expect(&f, "{supplier_name: 'A'@Low, due_date: '2026-11-01'@Low}", "confidence due_date");
    record_fixture_release(&f);
}

static void long_and_strange_values(void **state)
{
    struct record_fixture f;
    struct buffer fields;
    (void)state;
    record_fixture_init(&f);
    buffer_init(&fields, 0);
    buffer_put(&fields, "{locale: {currency: '");
    for (int i = 0; i < 1000; i++)
        buffer_put(&fields, "€");
    buffer_put(&fields, "'}}");
    record_fixture_read(&f, buffer_text(&fields));
    record_fixture_tell(&f, true);
    assert_true(f.told.len < 400);
    assert_non_null(strstr(buffer_text(&f.told), "€... is no currency's code"));
    record_fixture_read(&f, "{locale: {currency: '\\u0000\\u001b[2J'}}");
    assert_string_equal(record_fixture_tell(&f, true),
                        "currency-unknown locale.currency:  \\x1B[2J is no currency's code");
    /* a reason for each of many rows, up to a limit */
    buffer_clear(&fields);
    buffer_put(&fields, "{line_items: [");
    for (int i = 0; i < FINDINGS_MAX + 7; i++)
        buffer_put(&fields, "{quantity: 1, unit_price: 1, total_price: 5},");
    buffer_put(&fields, "]}");
    record_fixture_check(&f, buffer_text(&fields));
    assert_int_equal(f.findings.count, FINDINGS_MAX);
    assert_int_equal(f.findings.more, 7);
    buffer_release(&fields);
    record_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(periods),
        cmocka_unit_test(currencies),
        cmocka_unit_test(bank_accounts),
        cmocka_unit_test(vat_shapes),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(what_cannot_be_computed),
        cmocka_unit_test(confidence),
        cmocka_unit_test(long_and_strange_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
