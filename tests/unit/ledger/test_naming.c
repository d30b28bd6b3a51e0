/* Names alone: numbers, what is replaced, and which names a file system takes for one. */
#include "ledger/naming.h"

#include "test.h"

#include <string.h>

enum { ALL = FOLD_CASE | FOLD_FORM | FOLD_IGNORED };

static void expect(struct buffer *out, const char *expected)
{
    assert_string_equal(buffer_text(out), expected);
    buffer_release(out);
}

static void expect_number(const char *name, int n, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    naming_number(&out, name, n);
    expect(&out, expected);
}

static void numbers(void **state)
{
    (void)state;
    expect_number("scan.pdf", 2, "scan (2).pdf");
    expect_number("june/scan.pdf", 10, "june/scan (10).pdf");
    expect_number("a.b/scan", 2, "a.b/scan (2)");
    expect_number("scan.tar.gz", 2, "scan.tar (2).gz");
    expect_number(".profile", 2, ".profile (2)");
    expect_number("june/.a.pdf", 2, "june/.a (2).pdf");
    expect_number("scan.", 2, "scan (2).");
    expect_number("scan (2).pdf", 2, "scan (2) (2).pdf");
    expect_number("..", 2, ". (2).");
    expect_number("", 2, " (2)");
}

static void what_was_replaced(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 0);
    naming_replaced(&out, "june/scan.pdf", 1);
    expect(&out, "june/scan.pdf (replaced)");
    naming_replaced(&out, "june/scan.pdf", 3);
    expect(&out, "june/scan.pdf (replaced 3)");
}

static void results(void **state)
{
    struct buffer out;
    char name[200];
    (void)state;
    buffer_init(&out, 0);
    naming_result(&out, "june/scan.pdf", NAME_CUT_MOST);
    expect(&out, "june/scan.pdf.json");
    memset(name, 'n', sizeof name);
    name[100] = '/';
    name[199] = '\0';
    naming_result(&out, name, 64);
    assert_int_equal(out.len, 64 + 1 + 64);
    assert_string_equal(out.data + out.len - 5, ".json");
    buffer_release(&out);
}

/* --- folding --- */

/* A and B are one under FOLDS: in either order, by their keys, and each by itself. */
static bool one(const char *a, const char *b, unsigned folds)
{
    bool same = naming_same(a, b, folds);
    assert_int_equal(naming_same(b, a, folds), same);
    assert_int_equal(naming_key(a, folds) == naming_key(b, folds), same);
    assert_true(naming_same(a, a, folds) && naming_same(b, b, folds));
    assert_true(naming_key(a, folds) >= 0);
    return same;
}

static void case_alone(void **state)
{
    (void)state;
    assert_false(one("a.pdf", "A.PDF", 0));
    assert_true(one("a.pdf", "A.PDF", FOLD_CASE));
    assert_true(one("June/a.pdf", "june/A.pdf", FOLD_CASE));
    assert_false(one("a.pdf", "b.pdf", FOLD_CASE));
    assert_false(one("a/b", "a b", FOLD_CASE));
    assert_true(one("\xc3\x89t\xc3\xa9", "\xc3\xa9T\xc3\x89", FOLD_CASE)); /* Été éTÉ */
    assert_true(
        one("\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x82", FOLD_CASE)); /* ΣΑΣ σας */
    assert_true(one("stra\xc3\x9f"
                    "e",
                    "STRASSE", FOLD_CASE));
    assert_false(one("\xc3\xa9", "e\xcc\x81", FOLD_CASE)); /* another form is another name */
    assert_false(one("joined", "joi\xe2\x80\x8cned", FOLD_CASE));
}

static void form_alone(void **state)
{
    (void)state;
    assert_false(one("\xc3\xa9.pdf", "e\xcc\x81.pdf", 0));
    assert_true(one("\xc3\xa9.pdf", "e\xcc\x81.pdf", FOLD_FORM));
    assert_true(one("d\xc3\xa9/\xc3\xa9", "de\xcc\x81/e\xcc\x81", FOLD_FORM));
    assert_true(one("\xed\x95\x9c", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", FOLD_FORM)); /* 한 */
    assert_true(one("\xe2\x84\xab", "\xc3\x85", FOLD_FORM)); /* the Angstrom sign, and A-ring */
    assert_true(one("a\xcc\xa3\xcc\x82", "a\xcc\x82\xcc\xa3", FOLD_FORM)); /* marks in any order */
    assert_false(one("\xc3\xa9", "\xc3\x89", FOLD_FORM));
    assert_false(one("\xef\xac\x81", "fi", FOLD_FORM)); /* a ligature isn't its letters' form */
}

static void all_at_once(void **state)
{
    (void)state;
    assert_true(one("\xc3\x89.pdf", "e\xcc\x81.PDF", FOLD_CASE | FOLD_FORM));
    assert_false(one("\xc3\x89.pdf", "e.pdf", ALL));
    /* alpha with an iota below and an accent: whose case depends on where the marks are */
    assert_true(one("\xce\xb1\xcd\x85\xcc\x81", "\xce\xb1\xcc\x81\xcd\x85", FOLD_CASE | FOLD_FORM));
    assert_true(one("\xe1\xbe\xb4", "\xce\x91\xcd\x85\xcc\x81", FOLD_CASE | FOLD_FORM));
    assert_true(one("Joined", "joi\xe2\x80\x8cned", ALL));
    assert_true(one("\xc3\xa9", "E\xc2\xad\xcc\x81", ALL));
    assert_false(one("joined", "joi\xe2\x80\x8cned", FOLD_CASE | FOLD_FORM));
}

/* What isn't UTF-8 is compared byte by byte; what is, around it, is folded. */
static void bytes_that_are_no_text(void **state)
{
    (void)state;
    assert_true(one("A\xff.pdf", "a\xff.PDF", FOLD_CASE));
    assert_false(one("\xe9.pdf", "\xc9.pdf", ALL)); /* Latin-1 */
    assert_false(one("a\xff", "a\xfe", ALL));
    assert_false(one("a\xff", "a", ALL));
    assert_true(one("\xed\xa0\x80\xc3\xa9",
                    "\xed\xa0\x80"
                    "E\xcc\x81",
                    ALL));                      /* a surrogate */
    assert_false(one("\xc3", "\xc3\xa9", ALL)); /* cut off */
    assert_true(one("\x01\n\t", "\x01\n\t", ALL));
    assert_false(one("a\n", "a\t", ALL));
}

/* They are in ledgers. */
static void keys_stay(void **state)
{
    (void)state;
    assert_int_equal(naming_key("scan.pdf", 0), 0x214c8527e8f1e717);
    assert_int_equal(naming_key("Scan.PDF", FOLD_CASE), 0x214c8527e8f1e717);
    assert_int_equal(naming_key("\xc3\x89.pdf", FOLD_CASE | FOLD_FORM), 0x22f0dcc0f8826006);
}

/* --- places --- */

static void places_as_numbers(void **state)
{
    static const struct {
        struct naming_place place;
        int64_t number;
    } cases[] = {{{0, 255}, 0},
                 {{FOLD_CASE, 255}, 1},
                 {{FOLD_FORM, 255}, 2},
                 {{0, 143}, 143 << 8},
                 {{ALL, 32}, 32 << 8 | 7}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(naming_place_number(&cases[i].place), cases[i].number);
        struct naming_place back = naming_place_of(cases[i].number);
        assert_int_equal(back.folds, cases[i].place.folds);
        assert_int_equal(back.longest, cases[i].place.longest);
    }
}

static void what_holds_for_both(void **state)
{
    const struct naming_place a = {FOLD_CASE, 255}, b = {FOLD_FORM, 143};
    (void)state;
    struct naming_place both = naming_place_both(&a, &b), again = naming_place_both(&both, &a);
    assert_int_equal(both.folds, FOLD_CASE | FOLD_FORM);
    assert_int_equal(both.longest, 143);
    assert_int_equal(naming_place_number(&again), naming_place_number(&both));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(what_was_replaced),
        cmocka_unit_test(results),
        cmocka_unit_test(case_alone),
        cmocka_unit_test(form_alone),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(keys_stay),
        cmocka_unit_test(places_as_numbers),
        cmocka_unit_test(what_holds_for_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
