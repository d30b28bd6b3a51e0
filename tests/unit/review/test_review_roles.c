/* Which field is what: paths, conditions, the first that isn't empty, models that call things otherwise, and paths
 * that no result has. */
#include "record_fixture.h"

#include "review/check_needs.h"
#include "review/role_path.h"
#include "test.h"

#include <string.h>

static void expect_role(const struct record_fixture *f, enum role role, const char *value,
                        const char *path)
{
    const struct role_value *v = &f->record.values[role];
    struct buffer text;
    buffer_init(&text, 0);
    if (v->cell.text)
        buffer_printf(&text, "%.*s", (int)v->cell.len, v->cell.text);
    assert_string_equal(buffer_text(&text), value);
    buffer_clear(&text);
    role_value_path(&text, v);
    assert_string_equal(buffer_text(&text), path);
    buffer_release(&text);
}

static void set(struct record_fixture *f, enum role role, const char *a, const char *b)
{
    const char *const paths[] = {a, b, NULL};
    struct error e;
    assert_int_equal(roles_set(f->roles, role, paths, &e), 0);
}

static void the_first_that_is_not_empty(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    record_fixture_read(&f, "{invoice_number: null, receipt_number: 'R-1'}");
    expect_role(&f, ROLE_NUMBER, "R-1", "receipt_number");
    record_fixture_read(&f, "{invoice_number: 'I-1', receipt_number: 'R-1'}");
    expect_role(&f, ROLE_NUMBER, "I-1", "invoice_number");
    record_fixture_read(&f, "{receipt_number: null, invoice_number: ' '}");
    expect_role(&f, ROLE_NUMBER, " ", "invoice_number");
    record_fixture_read(&f, "{total_amount: 1881.30}");
    assert_int_equal(f.record.values[ROLE_NUMBER].cell.kind, CELL_NONE);
    expect_role(&f, ROLE_NUMBER, "", "");
    expect_role(&f, ROLE_TOTAL, "1881.30", "total_amount"); /* as it was sent */
    record_fixture_release(&f);
}

static void conditions(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    record_fixture_read(&f, "{supplier_company_registration: [{type: 'SIREN', number: '1'}, "
                            "{type: 'intra vat no', number: null}, {type: 'Vat', number: '3'}]}");
    expect_role(&f, ROLE_VAT, "3", "supplier_company_registration[3].number");
    set(&f, ROLE_VAT, "supplier_company_registration[type=siren].number", NULL);
    record_fixture_read(
        &f,
        "{supplier_company_registration: [{type: 'SIRENE', number: '0'}, {type: 'SIREN', number: '1'}]}");
    expect_role(&f, ROLE_VAT, "1", "supplier_company_registration[2].number");
    set(&f, ROLE_VAT, "supplier_company_registration[].number", NULL);
    record_fixture_read(
        &f,
        "{supplier_company_registration: [{type: 'SIRENE', number: '0'}, {type: 'SIREN', number: '1'}]}");
    expect_role(&f, ROLE_VAT, "0", "supplier_company_registration[1].number");
    /* a list or an object: the same path */
    record_fixture_read(&f, "{supplier_payment_details: [{iban: null}, {iban: 'X'}]}");
    expect_role(&f, ROLE_IBAN, "X", "supplier_payment_details[2].iban");
    record_fixture_release(&f);
    record_fixture_init(&f);
    record_fixture_read(&f, "{supplier_payment_details: {iban: 'X'}}");
    expect_role(&f, ROLE_IBAN, "X", "supplier_payment_details.iban");
    record_fixture_release(&f);
}

static void other_models(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    set(&f, ROLE_TOTAL, "sums.grand", NULL);
    set(&f, ROLE_LINES, "positions", "line_items");
    set(&f, ROLE_LINES_AMOUNT, "gross", "sum.value");
    record_fixture_read(
        &f, "{sums: {grand: 12}, positions: [{sum: {value: 5}}, {gross: 7, sum: {value: 9}}]}");
    expect_role(&f, ROLE_TOTAL, "12", "sums.grand");
    assert_int_equal(f.record.lines.count, 2);
    assert_string_equal(f.record.lines.name, "positions");
    assert_int_equal(f.invoice.lines[0].amount.number.units, 5);
    assert_int_equal(f.invoice.lines[1].amount.number.units, 7);
    assert_string_equal(record_fixture_tell(&f, false), "");
    /* the set of columns has grown; the first list with rows counts */
    record_fixture_read(&f, "{sums: {grand: 12}, positions: [], line_items: [{gross: 12}]}");
    assert_string_equal(f.record.lines.name, "line_items");
    assert_int_equal(f.record.lines.count, 1);
    /* no paths: a role that nothing has */
    set(&f, ROLE_TOTAL, NULL, NULL);
    record_fixture_read(&f, "{sums: {grand: 12}, total_amount: 0}");
    assert_int_equal(f.record.values[ROLE_TOTAL].cell.kind, CELL_NONE);
    record_fixture_release(&f);
}

static void the_longest_name_of_a_list(void **state)
{
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    set(&f, ROLE_IBAN, "paid.to.iban", NULL);
    record_fixture_read(&f, "{paid: {to: [{iban: 'long'}]}}");
    expect_role(&f, ROLE_IBAN, "long", "paid.to[1].iban");
    record_fixture_release(&f);
    record_fixture_init(&f);
    set(&f, ROLE_IBAN, "paid.to.iban", NULL);
    record_fixture_read(&f, "{paid: [{to: [{iban: 'inner'}]}, {to: {iban: 'outer'}}]}");
    expect_role(&f, ROLE_IBAN, "inner", "paid.to[1].iban");
    record_fixture_release(&f);
}

static void parts_have_roles_of_their_own(void **state)
{
    static const char json[] =
        "{\"inference\":{\"result\":{\"splits\":["
        "{\"page_range\":[0,0],\"document_type\":\"invoice\",\"extraction_response\":{\"inference\":{\"result\":"
        "{\"fields\":{\"total_amount\":{\"value\":1},\"taxes\":{\"items\":[{\"fields\":{\"rate\":{\"value\":5}}}]}}}}}},"
        "{\"page_range\":[1,1],\"document_type\":\"invoice\",\"extraction_response\":{\"inference\":{\"result\":"
        "{\"fields\":{\"total_amount\":{\"value\":2}}}}}}]}}}";
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    assert_true(record_fixture_read_result(&f, json, sizeof json - 1, 0));
    expect_role(&f, ROLE_TOTAL, "1", "total_amount");
    assert_int_equal(f.record.taxes.count, 1);
    assert_true(record_fixture_read_result(&f, json, sizeof json - 1, 1));
    expect_role(&f, ROLE_TOTAL, "2", "total_amount");
    assert_int_equal(f.record.taxes.count, 0);
    assert_false(record_fixture_read_result(&f, json, sizeof json - 1, 2));
    record_fixture_release(&f);
}

static void paths_that_are_none(void **state)
{
    static const char *const bad[] = {"",        "a[",     "a[b",     "a[b]",    "a[b].",
                                      "[b=c].d", "a[b].c", "a[=c].d", "a[b~].d", "a[b=c]d"};
    struct role_path p;
    struct error e;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (role_path_parse(&p, bad[i], &e) != ERR_USAGE)
            fail_msg("%s is taken", bad[i]);
    assert_string_equal(e.text, "a[b=c]d isn't like list[type~VAT].column");
    char longest[ROLE_PATH_MAX + 1];
    memset(longest, 'a', sizeof longest);
    longest[ROLE_PATH_MAX] = '\0';
    assert_int_equal(role_path_parse(&p, longest, &e), ERR_USAGE);
    longest[ROLE_PATH_MAX - 1] = '\0';
    assert_int_equal(role_path_parse(&p, longest, &e), 0);
    struct roles *r = roles_new();
    const char *const brackets[] = {"a[b~c].d", NULL};
    assert_int_equal(roles_set(r, ROLE_LINES_TAX, brackets, &e), ERR_USAGE);
    assert_string_equal(e.text, "fields.lines.tax: a[b~c].d: brackets have no meaning here");
    const char *many[ROLE_PATHS_MAX + 2] = {0};
    for (int i = 0; i <= ROLE_PATHS_MAX; i++)
        many[i] = "a";
    assert_int_equal(roles_set(r, ROLE_TAX, many, &e), ERR_USAGE);
    roles_free(r);
}

static void expect_unknown(struct record_fixture *f, enum role role, const char *path,
                           const char *words)
{
    struct error e = {0};
    set(f, role, path, NULL);
    int err = roles_check(f->roles, role, f->columns, &e);
    assert_int_equal(err, words ? ERR_NOT_FOUND : 0);
    assert_string_equal(e.text, words ? words : "");
}

static void checks_that_lack_a_field(void **state)
{
    bool has[ROLE_COUNT] = {false};
    (void)state;
    assert_int_equal(check_lacks(CHECK_TOTAL_SUM, has), ROLE_NET);
    has[ROLE_NET] = has[ROLE_TAX] = has[ROLE_TOTAL] = true;
    assert_int_equal(check_lacks(CHECK_TOTAL_SUM, has), ROLE_COUNT);
    assert_int_equal(check_lacks(CHECK_LINES_SUM, has), ROLE_LINES);
    assert_int_equal(check_lacks(CHECK_DUPLICATE_NEAR, has), ROLE_CURRENCY);
    has[ROLE_CURRENCY] = has[ROLE_DATE] = has[ROLE_NUMBER] = true;
    assert_int_equal(check_lacks(CHECK_DUPLICATE_NEAR, has), ROLE_SUPPLIER);
    has[ROLE_IBAN] = true;
    assert_int_equal(check_lacks(CHECK_DUPLICATE_NEAR, has), ROLE_COUNT);
    assert_int_equal(check_lacks(CHECK_IBAN_NEW, has), ROLE_SUPPLIER);
    has[ROLE_VAT] = true;
    assert_int_equal(check_lacks(CHECK_IBAN_NEW, has), ROLE_COUNT);
    for (enum role r = 0; r < ROLE_COUNT; r++)
        has[r] = true;
    for (enum check_code c = 0; c < CHECK_COUNT; c++)
        assert_int_equal(check_lacks(c, has), ROLE_COUNT);
}

static void paths_that_no_result_has(void **state)
{
    struct record_fixture f;
    struct role_field field;
    (void)state;
    record_fixture_init(&f);
    expect_unknown(&f, ROLE_TOTAL, "whatever", NULL); /* nothing is known yet */
    record_fixture_read(&f,
                        "{grand_total: 1, locale: {currency: 'EUR'}, rows: [{qty: 1, kind: 'a'}]}");
    expect_unknown(&f, ROLE_TOTAL, "grand_total", NULL);
    assert_true(roles_look(f.roles, ROLE_TOTAL, 0, f.columns, &field));
    assert_true(field.found && !field.of_rows);
    assert_string_equal(field.path, "grand_total");
    assert_false(roles_look(f.roles, ROLE_TOTAL, 1, f.columns, &field));
    expect_unknown(&f, ROLE_TOTAL, "gran_total",
                   "fields.total: no result has a field gran_total; did you mean "
                   "grand_total?");
    assert_true(roles_look(f.roles, ROLE_TOTAL, 0, f.columns, &field));
    assert_false(field.found);
    expect_unknown(&f, ROLE_CURRENCY, "local.currency",
                   "fields.currency: no result has a field local.currency; "
                   "did you mean locale.currency?");
    expect_unknown(&f, ROLE_TOTAL, "zzzzzzzzzz",
                   "fields.total: no result has a field zzzzzzzzzz; "
                   "`mindee-batch columns` lists them");
    expect_unknown(&f, ROLE_TOTAL, "rows.qty", NULL);
    expect_unknown(&f, ROLE_TOTAL, "rows[kind=a].qty", NULL);
    expect_unknown(&f, ROLE_TOTAL, "rows.qtty",
                   "fields.total: no result has a field rows.qtty; did you mean "
                   "rows.qty?");
    expect_unknown(&f, ROLE_TOTAL, "rows[kid=a].qty",
                   "fields.total: no result has a field rows[kid=a].qty; "
                   "`mindee-batch columns` lists them");
    expect_unknown(&f, ROLE_LINES, "row",
                   "fields.lines: no result has a field row; did you mean rows?");
    expect_unknown(&f, ROLE_LINES, "rows", NULL);
    expect_unknown(&f, ROLE_LINES_QUANTITY, "qty", NULL);
    assert_true(roles_look(f.roles, ROLE_LINES_QUANTITY, 0, f.columns, &field));
    assert_true(field.found && field.of_rows);
    assert_true(roles_look(f.roles, ROLE_LINES, 0, f.columns, &field));
    assert_true(field.found && field.filled == -1);
    expect_unknown(&f, ROLE_LINES_QUANTITY, "qt",
                   "fields.lines.quantity: no result has a field qt; did you "
                   "mean qty?");
    record_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_is_not_empty),
        cmocka_unit_test(conditions),
        cmocka_unit_test(other_models),
        cmocka_unit_test(the_longest_name_of_a_list),
        cmocka_unit_test(parts_have_roles_of_their_own),
        cmocka_unit_test(paths_that_are_none),
        cmocka_unit_test(checks_that_lack_a_field),
        cmocka_unit_test(paths_that_no_result_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
