/* Records that need a person, what people decide of them, and the trail it leaves. Roles and options are those by
 * default; results are put into a real ledger, review.db beside it. */
#include "review_fixture.h"

#include "ledger/document_ledger.h"
#include "ledger/handovers.h"
#include "ledger/stored_results.h"
#include "tables/columns.h"
#include "tables/flatten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INVOICE(number, date, net, total)                                                                                               \
    RESULT(VALUE("supplier_name", "\"Alpha GmbH\"") "," VALUE("invoice_number", "\"" number "\"") "," VALUE(                            \
        "date",                                                                                                                         \
        "\"" date                                                                                                                       \
        "\"") "," VALUE("due_date",                                                                                                     \
                        "\"2026-03-20\"") "," VALUE("total_net",                                                                        \
                                                    net) "," VALUE("total_tax",                                                         \
                                                                   "19") "," VALUE("total_amount",                                      \
                                                                                   total) ",\"locale\":{\"fields\":{" VALUE("currency", \
                                                                                                                            "\"EUR\"") "}},\"line_items\":{\"items\":[]}")

static void states_follow_from_reasons_and_decisions(void **state)
{
    struct setup *s = *state;
    store(s, INVOICE("A-1", "2026-03-01", "100", "119"));
    store(s, INVOICE("A-2", "2026-03-02", "100", "120"));
    update(s);
    assert_told(s, 1, "ready");
    assert_told(s, 2, "review: total-sum total_amount");
    struct review_counts c;
    assert_int_equal(review_count(s->r, &c), 0); /* before anybody decided on anything */
    assert_int_equal(c.records, 2);
    assert_int_equal(c.states[REVIEW_OPEN], 1);
    assert_int_equal(c.states[REVIEW_READY], 1);
    assert_int_equal(c.codes[CHECK_TOTAL_SUM], 1);
    assert_int_equal(c.kinds[REVIEW_SUMS], 1);
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 2, "accepted: total-sum total_amount");
    decide(s, 2, REVIEW_PUT_OFF);
    assert_told(s, 2, "later: total-sum total_amount");
    decide(s, 2, REVIEW_REOPEN);
    assert_told(s, 2, "review: total-sum total_amount");
    decide(s, 1, REVIEW_REJECT);
    assert_told(s, 1, "rejected");
    assert_int_equal(review_count(s->r, &c), 0);
    assert_int_equal(c.records, 2);
    assert_int_equal(c.states[REVIEW_OPEN], 1);
    assert_int_equal(c.states[REVIEW_REJECTED], 1);
    assert_int_equal(c.states[REVIEW_READY], 0);
    assert_int_equal(c.codes[CHECK_TOTAL_SUM], 1);
    assert_int_equal(c.kinds[REVIEW_SUMS], 1);
}

/* What the options say opens a decided record in that view, and leaves it alone in the others. */
static void options_are_a_view(void **state)
{
    struct setup *s = *state;
    store(s, INVOICE("A-1", "2026-02-01", "100", "120"));
    update(s);
    decide(s, 1, REVIEW_ACCEPT);
    s->words.options.due_days = 30;
    s->options.recipe[0] = 30;
    open_review(s);
    update(s);
    assert_told(s, 1, "review: total-sum total_amount, *due-late due_date");
    s->words.options.due_days = 120;
    s->options.recipe[0] = 0;
    open_review(s);
    update(s);
    assert_told(s, 1, "accepted: total-sum total_amount");
    s->words.options.due_days = 30;
    s->options.recipe[0] = 30;
    s->options.adopt = true;
    open_review(s);
    update(s);
    s->options.adopt = false;
    open_review(s);
    assert_told(s, 1, "review: total-sum total_amount, *due-late due_date"); /* it is kept now */
}

static void the_later_of_two_is_the_duplicate(void **state)
{
    struct setup *s = *state;
    store(s, INVOICE("INV-00123/24", "2026-03-01", "100", "119"));
    update(s);
    store(s, INVOICE("inv 123-24", "2026-03-01", "100", "119"));
    store(s, INVOICE("INV-124/24", "2026-03-01", "100", "119"));
    update(s);
    assert_told(s, 1, "ready");
    assert_told(s, 3, "ready");
    assert_told(s, 2, "review: duplicate-number invoice_number");
    char family[FACT_KEY_MAX];
    snprintf(family, sizeof family, "%s", s->record.fact.family);
    assert_string_equal(s->record.reasons.items[0].of, family);
    assert_told(s, 1, "ready");
    assert_string_equal(s->record.fact.family, family);
    assert_string_equal(s->record.fact.key, family);
}

/* Results come in any order; which of two documents is the original doesn't depend on it. */
static void the_order_of_results_is_nothing(void **state)
{
    struct setup *s = *state;
    struct fixture *f = s->ledger;
    int64_t first = fixture_put(f, "0.pdf", "first", NULL);
    store(s, INVOICE("A 1", "2026-03-01", "100", "119"));
    store(s, INVOICE("A.1", "2026-03-01", "100", "119"));
    update(s);
    assert_told(s, 1, "ready");
    assert_told(s, 2, "review: duplicate-number invoice_number");
    fixture_store(f, first, INVOICE("A/1", "2026-03-01", "100", "119"), 1);
    assert_ok(f->l, ledger_commit(f->l));
    update(s);
    assert_told(s, 1, "ready");
    char key[FACT_KEY_MAX];
    snprintf(key, sizeof key, "%s", s->record.fact.key);
    for (int64_t n = 2; n <= 3; n++) {
        assert_told(s, n, "review: duplicate-number invoice_number");
        assert_string_equal(s->record.reasons.items[0].of, key);
        assert_string_equal(s->record.fact.family, key);
    }
}

static void corrections_are_checked_again(void **state)
{
    struct setup *s = *state;
    store(s, INVOICE("A-1", "2026-03-01", "100", "119"));
    store(s, INVOICE("A-2", "2026-03-05", "100", "120"));
    update(s);
    must_correct(s, 2, "total_amount=119.00");
    assert_told(s, 2, "review"); /* nobody accepted it yet */
    decide(s, 2, REVIEW_ACCEPT);
    assert_told(s, 2, "corrected");
    assert_string_equal(s->record.corrections.items[0].was, "120");
    assert_string_equal(s->record.fact.values[ROLE_TOTAL], "119.00");
    must_correct(s, 2, "invoice_number=A 1"); /* now it is the other's duplicate */
    assert_told(s, 2, "review: duplicate-number invoice_number");
    must_correct(s, 1, "invoice_number=B-7"); /* and now it isn't any more */
    assert_told(s, 2, "review");
    assert_string_equal(s->record.fact.family, "");
    must_correct(s, 2, "invoice_number=A-2"); /* as Mindee read it */
    must_correct(s, 2, "total_amount=120");
    assert_told(s, 2, "review: total-sum total_amount");
    assert_int_equal(s->record.corrections.count, 0);
}

static void corrections_are_of_the_fields_kind(void **state)
{
    struct setup *s = *state;
    struct error e;
    store(s, INVOICE("A-1", "2026-03-01", "100", "119"));
    update(s);
    assert_int_equal(correct(s, 1, "total_amount=1.234,50", &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "takes a number"));
    assert_int_equal(correct(s, 1, "date=2026-02-30", &e), ERR_USAGE);
    assert_int_equal(correct(s, 1, "total_amout=5", &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "did you mean total_amount?"));
    assert_int_equal(correct(s, 1, "line_items[2].total_price=5", &e), ERR_NOT_FOUND);
    assert_int_equal(correct(s, 1, "total_amount", &e), ERR_USAGE);
    assert_int_equal(correct(s, 1, "-line_items[1]", &e), ERR_USAGE);
    assert_told(s, 1, "ready");
    must_correct(s, 1, "total_amount=");
    assert_told(s, 1, "review: required-missing total_amount");
    struct audit_found found;
    assert_int_equal(audit_check(review_database(s->r), ledger_id(s->ledger->l), NULL, &found), 0);
    assert_int_equal(found.entries, 1); /* what was refused left nothing */
}

#define LINES(a, b)                                                                                \
    RESULT(VALUE("total_net", "100") ",\"line_items\":{\"items\":[{\"fields\":{" VALUE(            \
        "total_price", a) "," VALUE("description",                                                 \
                                    "\"x\"") "}},{\"fields\":{" VALUE("total_price", b) "}}]}")

static void rows_are_added_and_taken_away(void **state)
{
    struct setup *s = *state;
    store(s, LINES("60", "70"));
    update(s);
    assert_told(s, 1, "review: lines-sum line_items");
    must_correct(s, 1, "line_items[2].total_price=40");
    assert_told(s, 1, "review");
    must_correct(s, 1, "-line_items[1]");
    assert_told(s, 1, "review: lines-sum line_items");
    struct error e;
    assert_int_equal(correct(s, 1, "line_items[1].total_price=1", &e), ERR_USAGE);
    must_correct(s, 1, "+line_items[1]");
    assert_told(s, 1, "review");
    must_correct(s, 1, "-line_items[1]");
    must_correct(s, 1, "+line_items");
    must_correct(s, 1, "line_items[3].total_price=60");
    assert_told(s, 1, "review");
    assert_int_equal(s->record.corrections.count, 4);
    must_correct(s, 1, "-line_items[3]");
    assert_told(s, 1, "review: lines-sum line_items");
    assert_int_equal(s->record.corrections.count, 2);
}

static void rows_can_be_asked_for_by_number(void **state)
{
    struct setup *s = *state;
    struct error e;
    store(s, LINES("60", "70"));
    update(s);
    assert_int_equal(correct(s, 1, "+line_items[2]", &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "the next row of that list is line_items[3]"));
    assert_int_equal(correct(s, 1, "+line_items[9999]", &e), ERR_USAGE);
    assert_int_equal(correct(s, 1, "+lines[3]", &e), ERR_NOT_FOUND);
    must_correct(s, 1,
                 "+line_items[5]"); /* three and four were added, too, and taken away before */
    must_correct(s, 1, "line_items[5].total_price=-30");
    assert_told(s, 1, "review");
    must_correct(s, 1, "-line_items[5]");
    assert_int_equal(get(s, 1), 1);
    assert_int_equal(s->record.corrections.count, 0);
}

struct seeing {
    struct setup *s;
    const char *column;
    char text[200];
};

static int see(void *ctx, const struct ledger_stored *stored)
{
    struct seeing *k = ctx;
    struct columns *columns = columns_new();
    struct flat_document *flat = flat_document_new();
    struct error e;
    int err = flatten(flat, columns, NULL, stored->json, stored->json_len, &e);
    assert_int_equal(err, 0);
    const struct flat_document *doc =
        review_corrected(k->s->r, columns, flat, k->s->record.fact.key, &err);
    assert_int_equal(err, 0);
    const struct flat_row *own = &doc->rows[doc->records[0].rows];
    for (size_t i = own->cells; i < own->cells + own->cell_count; i++) {
        const struct flat_cell *cell = &doc->cells[i];
        if (strcmp(columns_get(columns, cell->column)->name, k->column) == 0)
            snprintf(k->text, sizeof k->text, "%.*s", (int)cell->value.len, cell->value.text);
    }
    flat_document_free(flat);
    columns_free(columns);
    return 0;
}

/* A field of the first record as exports have it. */
static const char *exported(struct setup *s, const char *column)
{
    static struct seeing k;
    k = (struct seeing){.s = s, .column = column};
    assert_int_equal(get(s, 1), 1);
    assert_int_equal(ledger_stored_get(s->ledger->l, s->record.fact.document, see, &k), 0);
    return k.text;
}

static void simple_values_are_added_and_taken_away(void **state)
{
    struct setup *s = *state;
    struct error e;
    store(s, RESULT(VALUE("total_net", "100") ",\"tags\":{\"items\":[{\"value\":\"a\"}]}"));
    update(s);
    must_correct(s, 1, "+tags");
    must_correct(s, 1, "tags[2]=b");
    must_correct(s, 1, "tags[2]=c");
    assert_string_equal(exported(s, "tags"), "a; c");
    assert_int_equal(s->record.corrections.count, 1);
    must_correct(s, 1, "+tags[3]");
    must_correct(s, 1, "tags[3]=d");
    must_correct(s, 1, "-tags[2]");
    assert_string_equal(exported(s, "tags"), "a; d");
    assert_int_equal(correct(s, 1, "tags[2]=e", &e), ERR_USAGE);
    must_correct(s, 1, "tags[3]="); /* as Mindee read it: it isn't there */
    assert_string_equal(exported(s, "tags"), "a");
}

static void who_saw_something_else_is_refused(void **state)
{
    struct setup *s = *state;
    struct review_record out = {0};
    struct error e;
    struct review_by who = by("carol");
    char seen[REVIEW_VERSION_MAX], key[FACT_KEY_MAX];
    store(s, INVOICE("A-1", "2026-03-01", "100", "120"));
    update(s);
    assert_told(s, 1, "review: total-sum total_amount");
    memcpy(seen, s->record.version, sizeof seen);
    snprintf(key, sizeof key, "%s", s->record.fact.key);
    who.seen = seen;
    decide(s, 1, REVIEW_REJECT);
    assert_int_equal(review_decide(s->r, key, REVIEW_ACCEPT, &who, &out, &e), ERR_CHANGED);
    assert_non_null(strstr(e.text, "rejected"));
    assert_non_null(strstr(e.text, "alice"));
    assert_told(s, 1, "rejected: total-sum total_amount");
    who.seen = s->record.version;
    assert_int_equal(review_decide(s->r, key, REVIEW_ACCEPT, &who, &out, &e), 0);
    assert_int_equal(review_decide(s->r, "d0000000000000000", REVIEW_ACCEPT, &who, &out, &e),
                     ERR_NOT_FOUND);
    review_record_release(&out);
}

/* --- the trail --- */

static struct audit_found check(struct setup *s, const char *asked)
{
    struct audit_found found;
    assert_int_equal(audit_check(review_database(s->r), ledger_id(s->ledger->l), asked, &found), 0);
    return found;
}

static void sql(struct setup *s, const char *text)
{
    if (database_script(review_database(s->r), text) < 0)
        fail_msg("%s: %s", text, review_database(s->r)->error.text);
}

static void the_trail_is_only_added_to(void **state)
{
    struct setup *s = *state;
    store(s, INVOICE("A-1", "2026-03-01", "100", "120"));
    update(s);
    decide(s, 1, REVIEW_ACCEPT);
    assert_int_not_equal(
        database_script(review_database(s->r), "UPDATE audit SET actor = 'mallory'"), 0);
    assert_int_not_equal(database_script(review_database(s->r), "DELETE FROM audit"), 0);
    assert_true(check(s, NULL).whole);
    assert_int_equal(check(s, NULL).entries, 1);
}

/* COLUMN of the ROW as hex digits. */
static void read_hex(struct setup *s, const char *column, int row, char *out, size_t size)
{
    char text[200];
    sqlite3_stmt *stmt = NULL;
    snprintf(text, sizeof text, "SELECT hex(%s) FROM audit WHERE id = %d", column, row);
    assert_int_equal(sqlite3_prepare_v2(review_database(s->r)->db, text, -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(out, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static void each_byte_counts(struct setup *s, const char *column, int row)
{
    char hex[1000], text[1300];
    read_hex(s, column, row, hex, sizeof hex);
    for (size_t i = 1; i < strlen(hex); i += 2) {
        char kept = hex[i];
        hex[i] = kept == '0' ? '1' : kept == 'F' ? 'E' : (char)(kept == '9' ? '8' : kept + 1);
        snprintf(text, sizeof text, "UPDATE audit SET %s = CAST(X'%s' AS TEXT) WHERE id = %d",
                 column, hex, row);
        sql(s, text);
        assert_false(check(s, NULL).whole);
        hex[i] = kept;
    }
    sql(s, "ROLLBACK TO whole");
}

static void whatever_is_changed_in_the_trail_is_found(void **state)
{
    static const char *const columns[] = {"at",     "actor", "action", "record", "field",
                                          "before", "after", "note",   "prev",   "hash"};
    struct setup *s = *state;
    char text[400], head[SHA256_HEX];
    store(s, INVOICE("A-1", "2026-03-01", "100", "120"));
    update(s);
    for (int i = 0; i < 4; i++)
        decide(s, 1, i % 2 ? REVIEW_ACCEPT : REVIEW_REJECT);
    must_correct(s, 1, "total_amount=119");
    memcpy(head, check(s, NULL).head, sizeof head);
    assert_true(check(s, head).has_asked);
    assert_false(check(s, "00").has_asked);
    sql(s, "DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept; SAVEPOINT whole");
    for (int row = 1; row <= 5; row++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            snprintf(text, sizeof text, "UPDATE audit SET %s = %s || 'x' WHERE id = %d", columns[c],
                     columns[c], row);
            sql(s, text);
            assert_false(check(s, NULL).whole);
            sql(s, "ROLLBACK TO whole");
            snprintf(text, sizeof text, "UPDATE audit SET %s = CAST(%s AS BLOB) WHERE id = %d",
                     columns[c], columns[c], row);
            sql(s, text);
            assert_false(check(s, NULL).whole);
            sql(s, "ROLLBACK TO whole");
            each_byte_counts(s, columns[c], row);
        }
    static const char *const deeds[] = {
        "DELETE FROM audit WHERE id = 3", "DELETE FROM audit WHERE id = 1",
        "UPDATE audit SET id = 9 WHERE id = 5",
        "UPDATE audit SET id = -1 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
        "UPDATE audit SET id = 3 WHERE id = -1",
        "INSERT INTO audit SELECT 6, at, actor, action, record, field, before, after, note, prev,"
        " hash FROM audit WHERE id = 5"};
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        sql(s, deeds[i]);
        assert_false(check(s, NULL).whole);
        sql(s, "ROLLBACK TO whole");
    }
    sql(s, "DELETE FROM audit WHERE id = 5"); /* a tail that was cut */
    assert_true(check(s, NULL).whole);
    assert_false(check(s, head).has_asked);
    sql(s, "ROLLBACK TO whole; RELEASE whole");
    struct audit_found other;
    assert_int_equal(audit_check(review_database(s->r), 7, NULL, &other), 0);
    assert_false(other.of_this_ledger);
    assert_false(other.whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SETUP(states_follow_from_reasons_and_decisions),
        WITH_SETUP(options_are_a_view),
        WITH_SETUP(the_later_of_two_is_the_duplicate),
        WITH_SETUP(the_order_of_results_is_nothing),
        WITH_SETUP(corrections_are_checked_again),
        WITH_SETUP(corrections_are_of_the_fields_kind),
        WITH_SETUP(rows_can_be_asked_for_by_number),
        WITH_SETUP(simple_values_are_added_and_taken_away),
        WITH_SETUP(rows_are_added_and_taken_away),
        WITH_SETUP(who_saw_something_else_is_refused),
        WITH_SETUP(the_trail_is_only_added_to),
        WITH_SETUP(whatever_is_changed_in_the_trail_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
