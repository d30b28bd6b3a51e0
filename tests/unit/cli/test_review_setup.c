/* Roles and checks as the options say; unless they say anything, as the checks are by themselves. */
#include "cli/review_setup.h"
#include "config/config.h"
#include "test.h"

#include <string.h>

static struct config *c;
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    c = config_new();
    error_list_init(&errors);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(c);
    error_list_release(&errors);
    return 0;
}

static void set(const char *assignment)
{
    if (config_set(c, assignment, &errors) != 0)
        fail_msg("%s", errors.errors[errors.count - 1].text);
}

static void defaults(void **state)
{
    struct check_options plain, set_up_ones;
    struct error e;
    (void)state;
    check_options_default(&plain);
    memset(&set_up_ones, 0x55, sizeof set_up_ones);
    assert_int_equal(review_setup_checks(&set_up_ones, config_settings(c), &e), 0);
    assert_int_equal(set_up_ones.enabled, plain.enabled);
    assert_int_equal(set_up_ones.tolerance, plain.tolerance);
    assert_int_equal(set_up_ones.due_days, plain.due_days);
    assert_int_equal(set_up_ones.late_days, plain.late_days);
    assert_int_equal(set_up_ones.least_confidence, plain.least_confidence);
    assert_memory_equal(set_up_ones.severities, plain.severities, sizeof plain.severities);
    assert_memory_equal(set_up_ones.required, plain.required, sizeof plain.required);
    assert_memory_equal(set_up_ones.confidence_counts, plain.confidence_counts,
                        sizeof plain.confidence_counts);
    assert_int_equal(set_up_ones.step_count, plain.step_count);
    for (size_t i = 0; i < plain.step_count; i++) {
        assert_string_equal(set_up_ones.steps[i].currency, plain.steps[i].currency);
        assert_int_equal(decimal_compare(set_up_ones.steps[i].step, plain.steps[i].step), 0);
    }
}

static void what_options_say(void **state)
{
    struct check_options o;
    struct error e;
    (void)state;
    set("checks.enabled=no");
    set("checks.tolerance=3");
    set("checks.due_days=30");
    set("checks.late_days=5");
    set("checks.cash_rounding=EUR:0.05");
    set("checks.info=total-sum, sign");
    set("checks.error=sign, due-late");
    set("checks.off=iban-new");
    set("review.required=due");
    set("review.confidence_fields=");
    set("review.min_confidence=Medium");
    assert_int_equal(review_setup_checks(&o, config_settings(c), &e), 0);
    assert_false(o.enabled);
    assert_int_equal(o.tolerance, 3);
    assert_int_equal(o.due_days, 30);
    assert_int_equal(o.late_days, 5);
    assert_int_equal(o.step_count, 1);
    assert_string_equal(o.steps[0].currency, "EUR");
    assert_int_equal(o.severities[CHECK_TOTAL_SUM], SEVERITY_INFO);
    assert_int_equal(o.severities[CHECK_SIGN], SEVERITY_ERROR); /* the graver of the two */
    assert_int_equal(o.severities[CHECK_DUE_LATE], SEVERITY_ERROR);
    assert_int_equal(o.severities[CHECK_IBAN_NEW], SEVERITY_OFF);
    assert_true(o.required[ROLE_DUE] && !o.required[ROLE_TOTAL]);
    assert_false(o.confidence_counts[ROLE_TOTAL]);
    assert_int_equal(o.least_confidence, CONFIDENCE_MEDIUM);
    set("checks.cash_rounding=EUR:five");
    assert_int_equal(review_setup_checks(&o, config_settings(c), &e), ERR_USAGE);
    assert_string_equal(e.text, "checks.cash_rounding: EUR:five isn't like CHF:0.05");
}

/* The field that has ROLE. */
static void expect_field(const struct roles *r, const struct columns *columns, enum role role,
                         const char *field)
{
    struct role_field at;
    const char *found = NULL;
    for (size_t i = 0; !found && roles_look(r, role, i, columns, &at); i++)
        found = at.found ? at.path : NULL;
    if (!found || strcmp(found, field) != 0)
        fail_msg("%s is %s, not %s", role_name(role), found ? found : "nothing", field);
}

static void fields(void **state)
{
    static const char json[] =
        "{\"inference\":{\"result\":{\"fields\":{\"total_amount\":{\"value\":1},\"grand\":{\"value\":2},"
        "\"receipt_number\":{\"value\":\"a\"},\"locale\":{\"fields\":{\"currency\":{\"value\":\"EUR\"}}},"
        "\"line_items\":{\"items\":[{\"fields\":{\"quantity\":{\"value\":1},\"qty\":{\"value\":2}}}]},"
        "\"supplier_company_registration\":{\"items\":[{\"fields\":{\"type\":{\"value\":\"VAT\"},"
        "\"number\":{\"value\":\"FR1\"}}}]}}}}}";
    struct roles *r = roles_new();
    struct columns *columns = columns_new();
    struct flat_document *doc = flat_document_new();
    struct error e;
    (void)state;
    assert_int_equal(flatten(doc, columns, NULL, json, sizeof json - 1, &e), 0);
    assert_int_equal(review_setup_roles(r, config_settings(c), &e), 0);
    expect_field(r, columns, ROLE_TOTAL, "total_amount");
    expect_field(r, columns, ROLE_NUMBER, "receipt_number");
    expect_field(r, columns, ROLE_CURRENCY, "locale.currency");
    expect_field(r, columns, ROLE_VAT, "supplier_company_registration[type~VAT].number");
    expect_field(r, columns, ROLE_LINES, "line_items");
    expect_field(r, columns, ROLE_LINES_QUANTITY, "quantity");
    struct role_field net;
    for (size_t i = 0; roles_look(r, ROLE_NET, i, columns, &net); i++)
        assert_false(net.found);
    set("fields.total=grand");
    set("fields.lines.quantity=qty");
    assert_int_equal(review_setup_roles(r, config_settings(c), &e), 0);
    expect_field(r, columns, ROLE_TOTAL, "grand");
    expect_field(r, columns, ROLE_LINES_QUANTITY, "qty");
    set("fields.vat=a[b");
    assert_int_equal(review_setup_roles(r, config_settings(c), &e), ERR_USAGE);
    assert_string_equal(e.text, "fields.vat: a[b isn't like list[type~VAT].column");
    roles_free(r);
    columns_free(columns);
    flat_document_free(doc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(defaults),
        TEST(what_options_say),
        TEST(fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
