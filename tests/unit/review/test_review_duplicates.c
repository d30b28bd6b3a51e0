/* Duplicates: each level with what just isn't one, subscriptions, credit notes, and the same through the index. */
#include "base/text.h"
#include "calendar/civil.h"
#include "review/duplicate_index.h"
#include "review/supplier_accounts.h"
#include "tables/review_db.h"
#include "test.h"

#include "review/check_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "supplier|vat|iban|number|total|currency|date"; what is empty isn't there. */
static struct duplicate_keys keys(const char *text)
{
    struct duplicate_keys k = {0};
    char parts[7][64] = {{0}};
    struct civil date;
    for (int i = 0; i < 7; i++) {
        size_t len = strcspn(text, "|");
        memcpy(parts[i], text, len);
        text += len + (text[len] == '|');
    }
    key_supplier(parts[0], strlen(parts[0]), k.supplier);
    key_vat(parts[1], strlen(parts[1]), k.vat);
    iban_normal(parts[2], strlen(parts[2]), k.iban);
    key_number(parts[3], strlen(parts[3]), &k.number);
    k.has_total = *parts[4];
    if (k.has_total)
        assert_int_equal(decimal_parse(&k.total, parts[4], strlen(parts[4])), 0);
    text_copy(k.currency, sizeof k.currency, parts[5]);
    k.has_day = *parts[6];
    if (k.has_day) {
        assert_int_equal(civil_parse(parts[6], strlen(parts[6]), &date), 0);
        k.day = civil_to_days(date);
    }
    return k;
}

struct pair {
    const char *a, *b, *level; /* "": no duplicate */
};

static const struct pair pairs[] = {
    /* numbers, however written, whatever the total says */
    {"Müller GmbH|||INV-00123/24|119|EUR|2026-11-02", "MUELLER|||inv 123-24|119.00|EUR|2026-11-02",
     "duplicate-number"},
    {"A GmbH|||2026/004581|119|EUR|2026-11-02", "A|||2026004581|120|EUR|2026-11-20",
     "duplicate-number"},
    {"A|||1|119|EUR|", "A|||1|||", "duplicate-number"},
    {"A|||1|119|EUR|2026-11-02", "B|||1|119|EUR|2026-11-02", ""},
    {"|||1|119|EUR|2026-11-02", "|||1|119|EUR|2026-11-02", ""}, /* nobody's */
    /* whose: by VAT, account or name; two VAT numbers that differ say no */
    {"A|DE123456789||1|119|EUR|2026-11-02", "B|DE 123456789||1|119|EUR|2026-11-02",
     "duplicate-number"},
    {"A|DE123456789||1|119|EUR|2026-11-02", "A|DE123456780||1|119|EUR|2026-11-02", ""},
    {"A|DE123456789|DE89370400440532013000|1|119|EUR|2026-11-02",
     "A|DE123456780|DE89370400440532013000|1|119|EUR|2026-11-02", ""},
    {"A||DE89370400440532013000|1|119|EUR|2026-11-02",
     "B|DE123456780|DE89 3704 0044 0532 0130 00|1|119|EUR|2026-11-02", "duplicate-number"},
    {"A|DE123456789||1|119|EUR|2026-11-02", "A|||1|119|EUR|2026-11-02", "duplicate-number"},
    /* an invoice and its credit note */
    {"A|||1|119|EUR|2026-11-02", "A|||1|-119|EUR|2026-11-05", ""},
    {"A|||1|-119|EUR|2026-11-02", "A|||1|-119|EUR|2026-11-05", "duplicate-number"},
    /* numbers that begin anew */
    {"A|||1|119|EUR|2025-11-02", "A|||1|119|EUR|2026-08-29", "duplicate-number"}, /* 300 days */
    {"A|||1|119|EUR|2025-11-02", "A|||1|119|EUR|2026-08-30", "duplicate-number-year"},
    {"A|||1|119|EUR|2025-12-31", "A|||1|120|EUR|2026-01-01", "duplicate-number-year"},
    {"A|||1|119|EUR|2025-12-31", "A|||1|119|EUR|2026-01-01", "duplicate-number"},
    {"A|||1|119|EUR|2025-01-31", "A|||1|120|EUR|2025-02-01", "duplicate-number"},
    /* amount, currency and date, where the number is missing or misread */
    {"A|||1|119|EUR|2026-11-02", "A||||119|EUR|2026-11-02", "duplicate-amount"},
    {"A||||119|EUR|2026-11-02", "A||||119|EUR|2026-11-02", "duplicate-amount"},
    {"A|||INV-1O0|119|EUR|2026-11-02", "A|||INV-100|119|EUR|2026-11-02", "duplicate-amount"},
    {"A||||119|EUR|2026-11-02", "A|||1|119|EUR|2026-11-03", ""},
    {"A||||119|EUR|2026-11-02", "A|||1|119|USD|2026-11-02", ""},
    {"A||||119|EUR|2026-11-02", "A|||1|119.01|EUR|2026-11-02", ""},
    {"A||||119|EUR|2026-11-02", "A|||1|-119|EUR|2026-11-02", ""},
    {"A||||119||2026-11-02", "A|||1|119||2026-11-02", ""},
    {"A||||119|EUR|", "A|||1|119|EUR|", ""},
    {"A|||N/A|119|EUR|2026-11-02", "A|||7|119|EUR|2026-11-02", "duplicate-amount"},
    /* clearly two numbers: a subscription, a day's tickets */
    {"A|||2026-101|119|EUR|2026-11-02", "A|||2026-102|119|EUR|2026-11-02", ""},
    {"A|||2026-1134|119|EUR|2026-11-02", "A|||2026-2987|119|EUR|2026-11-02", ""},
    /* near */
    {"A|||INV-1O0|119|EUR|2026-11-02", "A|||INV-100|119|EUR|2026-11-09", "duplicate-near"},
    {"A|||INV-1O0|119|EUR|2026-11-09", "A|||INV-100|119|EUR|2026-11-02", "duplicate-near"},
    {"A|||INV-1O0|119|EUR|2026-11-02", "A|||INV-100|119|EUR|2026-11-10", ""},
    {"A|||INV-1O0|119|EUR|2026-11-02", "A|||INV-100|118|EUR|2026-11-03", ""},
    {"A|||INV-1O0|119|EUR|2026-11-02", "A|||INV-1000|119|EUR|2026-11-03", ""},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static const char *name_of(enum check_code level)
{
    return level == CHECK_COUNT ? "" : check_code_name(level);
}

static void levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        struct duplicate_keys a = keys(pairs[i].a), b = keys(pairs[i].b);
        const char *found = name_of(duplicate_level(&a, &b));
        const char *back = name_of(duplicate_level(&b, &a));
        if (strcmp(found, pairs[i].level) != 0 || strcmp(back, found) != 0)
            fail_msg("%s and %s: %s, the other way %s", pairs[i].a, pairs[i].b, found, back);
    }
}

static void words(void **state)
{
    struct buffer out;
    (void)state;
    struct duplicate_keys a = keys("A|||INV-1O0|119|EUR|2026-11-02"),
                          b = keys("A|||INV-100|119|EUR|2026-11-09");
    buffer_init(&out, 0);
    duplicate_tell(&out, CHECK_DUPLICATE_NEAR, &a, &b);
    assert_string_equal(buffer_text(&out),
                        "one supplier, numbers inv.1.o.0 and inv.100, 119.00 EUR, dated "
                        "2026-11-02 and 2026-11-09");
    buffer_clear(&out);
    duplicate_tell(&out, CHECK_DUPLICATE_NUMBER, &b, &b);
    assert_string_equal(buffer_text(&out),
                        "one supplier, one number: inv.100, 119.00 EUR, dated 2026-11-09");
    buffer_release(&out);
}

/* --- the index --- */

static struct database db;
static char directory[64];

static int set_up(void **state)
{
    struct error e;
    (void)state;
    strcpy(directory, "duplicates-XXXXXX");
    return !mkdtemp(directory) || review_db_open(&db, directory, ACCESS_PRIVATE, &e);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm"};
    char name[128];
    (void)state;
    review_db_close(&db);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s/" REVIEW_DB "%s", directory, names[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void put(int64_t id, const char *text)
{
    struct duplicate_keys k = keys(text);
    assert_int_equal(database_write(&db), 0);
    assert_int_equal(duplicate_index_put(&db, id, &k), 0);
}

static struct duplicate_matches find(int64_t id, const char *text, int64_t days)
{
    struct duplicate_keys k = keys(text);
    struct duplicate_matches m;
    assert_int_equal(duplicate_index_find(&db, id, &k, days, &m), 0);
    return m;
}

static void the_index_finds_what_comparing_finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        put(1, pairs[i].a);
        put(2, pairs[i].b);
        struct duplicate_matches m = find(2, pairs[i].b, 0);
        const char *found = m.count ? name_of(m.items[0].level) : "";
        if (strcmp(found, pairs[i].level) != 0 || (m.count && m.items[0].record != 1))
            fail_msg("%s and %s: %s", pairs[i].a, pairs[i].b, found);
        assert_int_equal(find(1, pairs[i].a, 0).count, 0); /* the older is the original */
        struct duplicate_keys expected = keys(pairs[i].a), kept;
        assert_int_equal(duplicate_index_get(&db, 1, &kept), 1);
        assert_int_equal(duplicate_level(&kept, &expected), duplicate_level(&expected, &expected));
        assert_int_equal(duplicate_index_remove(&db, 1), 0);
        assert_int_equal(duplicate_index_remove(&db, 2), 0);
        assert_int_equal(duplicate_index_remove(&db, 2), 0);
        int64_t left = -1;
        assert_int_equal(
            database_number(
                &db,
                "SELECT (SELECT count(*) FROM duplicate_record) + (SELECT "
                "count(*) FROM duplicate_key) + (SELECT count(*) FROM supplier_account)",
                NO_VALUES, &left),
            1);
        assert_int_equal(left, 0);
    }
}

static void the_gravest_comes_first(void **state)
{
    (void)state;
    put(1, "A|||1|7|EUR|2025-12-01");   /* number-year */
    put(2, "A|||I|119|EUR|2026-11-03"); /* no number in it */
    put(3, "A|||1|119|EUR|2026-11-02"); /* number */
    put(4, "A|||1|119|EUR|2026-11-02"); /* number */
    put(5, "A|||7|119|EUR|2026-11-01"); /* near */
    struct duplicate_matches m = find(6, "A|||1|119|EUR|2026-11-03", 0);
    static const int64_t expected[] = {2, 3, 4, 1, 5};
    assert_int_equal(m.count, 5);
    for (size_t i = 0; i < m.count; i++)
        assert_int_equal(m.items[i].record, expected[i]);
    assert_false(m.cut);
    /* duplicates.days */
    m = find(6, "A|||1|119|EUR|2026-11-03", 1);
    assert_int_equal(m.count, 3);
    /* corrected: it isn't found by what it was */
    put(3, "A|||99|5|EUR|2026-11-02");
    assert_int_equal(find(6, "A|||1|119|EUR|2026-11-03", 1).count, 2);
}

static void a_row_of_invoices_has_no_duplicates(void **state)
{
    char text[128], day[CIVIL_TEXT_MAX];
    const int64_t first = civil_to_days((struct civil){2026, 1, 1});
    (void)state;
    for (int i = 1; i <= 500;
         i++) { /* a subscription: the same amount, another day, the next number */
        snprintf(text, sizeof text, "A GmbH|DE123456789||INV-2026-%04d|119|EUR|%s", i,
                 civil_format(civil_from_days(first + 30 * i), day));
        put(i, text);
        if (find(i, text, 0).count)
            fail_msg("%s has a duplicate", text);
    }
    put(501, "A|||inv 2026/17|119|EUR|2027-05-26");
    struct duplicate_matches m = find(501, "A|||inv 2026/17|119|EUR|2027-05-26", 0);
    assert_int_equal(m.count, 1);
    assert_int_equal(m.items[0].record, 17);
}

/* A day of parking tickets: each is compared with those alone that it may be a misreading of. */
static void many_of_one_amount(void **state)
{
    char text[128];
    (void)state;
    for (int i = 1; i <= 2000; i++) {
        snprintf(text, sizeof text, "Parking|DE123456789||T-%d|2|EUR|2026-11-02", 30000 + 3 * i);
        put(i, text);
    }
    static const char *const misread[] = {"T-3O003", "T-30030", "T-3003",  "T-300013",
                                          "T-10003", "30003",   "XT-30003"};
    for (size_t i = 0; i < sizeof misread / sizeof *misread; i++) {
        snprintf(text, sizeof text, "Parking|DE123456789||%s|2|EUR|2026-11-05", misread[i]);
        struct duplicate_matches m = find(5000, text, 0);
        bool first = false;
        for (size_t k = 0; k < m.count; k++)
            first = first || m.items[k].record == 1;
        if (first != (i != 4)) /* 3 and 1 don't look alike */
            fail_msg("%s: %zu found", misread[i], m.count);
    }
    struct duplicate_matches m = find(5000, "Parking||||2|EUR|2026-11-02", 0);
    assert_int_equal(m.count, DUPLICATE_MATCHES_MAX);
    assert_true(m.cut);
}

static void many_of_one_number(void **state)
{
    (void)state;
    for (int i = 1; i <= 2000; i++)
        put(i, i < 1500 ? "A|||7|119|EUR|2020-11-02" : "A|||7|119|EUR|2026-11-02");
    struct duplicate_matches m = find(5000, "A|||7|119|EUR|2026-11-02", 0);
    assert_int_equal(m.count, DUPLICATE_MATCHES_MAX);
    assert_true(m.cut);
    assert_int_equal(m.items[0].level, CHECK_DUPLICATE_NUMBER);
    m = find(5000, "A|||7|119|EUR|2020-12-02", 0);
    assert_int_equal(m.items[0].level, CHECK_DUPLICATE_NUMBER);
    assert_int_equal(m.items[0].record, 1);
}

/* --- bank accounts --- */

static struct accounts_found account(int64_t id, const char *text)
{
    struct duplicate_keys k = keys(text);
    struct accounts_found found;
    assert_int_equal(supplier_accounts_look(&db, id, &k, &found), 0);
    return found;
}

static void put_account(int64_t id, const char *text, bool sure)
{
    struct duplicate_keys k = keys(text);
    assert_int_equal(database_write(&db), 0);
    assert_int_equal(supplier_accounts_put(&db, id, &k, sure), 0);
    assert_int_equal(supplier_accounts_state(&db, id, &k), !*k.iban ? ACCOUNT_NONE
                                                           : sure   ? ACCOUNT_SURE
                                                                    : ACCOUNT_DOUBTED);
}

#define DE "DE89370400440532013000"
#define GB "GB29NWBK60161331926819"

static void bank_accounts(void **state)
{
    struct accounts_found found;
    (void)state;
    put_account(1, "A GmbH|||1|||", true);
    found = account(2, "A||" DE "|2|||"); /* the first that has one */
    assert_false(found.any || found.known);
    put_account(2, "A||" DE "|2|||", true);
    found = account(3, "A GmbH||DE89 3704 0044 0532 0130 00|3|||");
    assert_true(found.any && found.known);
    found = account(3, "A GmbH||" GB "|3|||");
    assert_true(found.any && !found.known && !found.doubted);
    found = account(2, "A GmbH||" GB "|3|||"); /* no earlier one */
    assert_false(found.any);
    found = account(3, "B||" GB "|3|||");
    assert_false(found.any);
    found = account(3, "A GmbH|||3|||"); /* none to be new */
    assert_false(found.any);
    put_account(3, "C|DE123456789|" GB "|2|||", true); /* by VAT number, under another name */
    found = account(4, "D|DE123456789|" DE "|2|||");
    assert_true(found.any && !found.known);
    struct duplicate_keys k = keys("C|DE123456789|" GB "|2|||");
    assert_int_equal(supplier_accounts_remove(&db, 3, &k), 0);
    assert_int_equal(supplier_accounts_state(&db, 3, &k), ACCOUNT_NONE);
    found = account(4, "D|DE123456789|" DE "|2|||");
    assert_false(found.any);
}

static void what_is_doubted_makes_no_account_known(void **state)
{
    struct accounts_found found;
    (void)state;
    put_account(2, "A||" DE "||||", true);
    put_account(3, "A||" GB "||||", false);
    found = account(4, "A||" GB "||||");
    assert_true(found.any && !found.known && found.doubted);
    found = account(4, "A||" DE "||||");
    assert_true(found.known && !found.doubted);
    /* the only one there was */
    put_account(5, "B||" GB "||||", false);
    found = account(6, "B||" GB "||||");
    assert_true(found.any && !found.known && found.doubted);
}

static void note(void *ctx, int64_t record, bool opens)
{
    char *out = ctx;
    size_t len = strlen(out);
    snprintf(out + len, 64 - len, "%lld%c ", (long long)record, opens ? '+' : '-');
}

static void expect_concerned(int64_t id, const char *text, enum account_state before,
                             enum account_state after, const char *expected)
{
    struct duplicate_keys k = keys(text);
    struct accounts_found found;
    char out[64] = "";
    assert_int_equal(supplier_accounts_look(&db, id, &k, &found), 0);
    assert_int_equal(supplier_accounts_concern(&db, id, &k, &found, before, after, note, out), 0);
    assert_string_equal(out, expected);
}

static void it_concerns_later_ones_up_to_the_next_that_is_sure(void **state)
{
    (void)state;
    put_account(1, "A||" DE "||||", true);
    put_account(3, "A||" GB "||||", false);
    put_account(4, "A||" GB "||||", false);
    put_account(5, "A||" DE "||||", true);
    put_account(6, "A||" GB "||||", true); /* by somebody's word */
    put_account(7, "A||" GB "||||", true);
    expect_concerned(3, "A||" GB "||||", ACCOUNT_DOUBTED, ACCOUNT_SURE, "6- 4- ");
    expect_concerned(6, "A||" GB "||||", ACCOUNT_SURE, ACCOUNT_DOUBTED, "7+ ");
    expect_concerned(2, "A||" GB "||||", ACCOUNT_NONE, ACCOUNT_SURE, "6- 3- 4- ");
    expect_concerned(2, "A||" GB "||||", ACCOUNT_NONE, ACCOUNT_DOUBTED, "");
    expect_concerned(7, "A||" GB "||||", ACCOUNT_SURE, ACCOUNT_DOUBTED, ""); /* 6 tells it */
    /* the first of all: 3 would be it */
    expect_concerned(1, "A||" DE "||||", ACCOUNT_SURE, ACCOUNT_NONE, "5+ 3- ");
    expect_concerned(0, "A||" DE "||||", ACCOUNT_NONE, ACCOUNT_DOUBTED, "1+ ");
    expect_concerned(0, "A||" DE "||||", ACCOUNT_NONE, ACCOUNT_SURE, "1- ");
    expect_concerned(0, "A||" GB "||||", ACCOUNT_NONE, ACCOUNT_SURE, "6- 3- 4- 1+ ");
}

int main(void)
{
#define WITH_DATABASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(words),
        WITH_DATABASE(the_index_finds_what_comparing_finds),
        WITH_DATABASE(the_gravest_comes_first),
        WITH_DATABASE(a_row_of_invoices_has_no_duplicates),
        WITH_DATABASE(many_of_one_amount),
        WITH_DATABASE(many_of_one_number),
        WITH_DATABASE(bank_accounts),
        WITH_DATABASE(what_is_doubted_makes_no_account_known),
        WITH_DATABASE(it_concerns_later_ones_up_to_the_next_that_is_sure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
