/* Which samples have which flaw, and that the flaw is in them. (test_sandbox_flaws.py looks for all of
 * them, and for others, in the results.) */
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/flaws.h"
#include "sandbox/samples_made.h"
#include "test.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static void plan(struct flaw_plan *p, uint64_t seed, int documents, int flaws)
{
    struct error e = {0};
    if (flaw_plan_init(p, seed, documents, flaws, &e) != 0)
        fail_msg("%s", e.text);
}

static void kinds_come_in_turn_each_in_a_document_of_its_own(void **state)
{
    (void)state;
    static const int sizes[][2] = {{12, 6}, {60, 6}, {60, 30}, {200, 24}, {3, 1}};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct flaw_plan p;
            plan(&p, seed, sizes[s][0], sizes[s][1]);
            char *used = xcalloc((size_t)sizes[s][0], 1);
            for (int k = 0; k < p.count; k++) {
                const struct flaw *f = &p.flaws[k];
                assert_int_equal(f->kind, k % FLAW_KINDS);
                assert_in_range(f->index, 0, sizes[s][0] - 1);
                assert_int_equal(used[f->index]++, 0);
                if (f->kind == FLAW_DUPLICATE) {
                    assert_in_range(f->of, 0, f->index - 1);
                    assert_int_equal(used[f->of]++, 0); /* the original has no flaw itself */
                }
            }
            free(used);
            flaw_plan_release(&p);
        }
    }
}

static void check_flaw(const struct flaw_plan *p, const struct flaw *f, struct invoice *v,
                       struct invoice *plain)
{
    assert_ptr_equal(flaw_plan_draft(p, v, f->index), f);
    invoice_draft(plain, p->seed, f->kind == FLAW_DUPLICATE ? f->of : f->index);
    assert_true(v->sure);
    assert_int_equal(v->total != v->net + v->tax, f->kind == FLAW_TOTAL);
    assert_int_equal(v->number[0] == '\0', f->kind == FLAW_NUMBER);
    assert_int_equal(v->unsure != NULL, f->kind == FLAW_CONFIDENCE);
    assert_int_equal(strcmp(v->bank.text, v->supplier->bank ? v->supplier->bank : "") != 0,
                     f->kind == FLAW_IBAN);
    int changed = 0;
    for (int i = 0; i < v->item_count; i++) {
        const struct invoice_item *item = &v->items[i];
        changed += item->total != money_line_total(item->quantity_milli, item->unit_price);
    }
    assert_int_equal(changed, f->kind == FLAW_LINE ? 2 : 0);
    if (f->kind == FLAW_DUPLICATE) {
        assert_string_equal(v->number, plain->number);
        assert_int_equal(v->total, plain->total);
        assert_int_not_equal(v->medium, plain->medium);
    }
}

static void each_flaw_is_in_its_document_and_no_other(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v), *plain = xcalloc(1, sizeof *plain);
    struct flaw_plan p;
    int flawed = 0;
    plan(&p, 5, 90, 24);
    for (int k = 0; k < p.count; k++)
        check_flaw(&p, &p.flaws[k], v, plain);
    for (int i = 0; i < p.documents; i++) {
        flawed += flaw_plan_draft(&p, v, i) != NULL;
        assert_true(v->sure);
    }
    assert_int_equal(flawed, 24);
    flaw_plan_release(&p);
    free(v);
    free(plain);
}

static void the_changed_account_is_on_its_sellers_last_invoice(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v), *other = xcalloc(1, sizeof *other);
    struct flaw_plan p;
    plan(&p, 9, 60, 6);
    const struct flaw *f = &p.flaws[FLAW_IBAN];
    int earlier = 0;
    flaw_plan_draft(&p, v, f->index);
    for (int i = 0; i < p.documents; i++) {
        const struct flaw *own = flaw_plan_draft(&p, other, i);
        if (i == f->index || other->supplier != v->supplier)
            continue;
        assert_string_not_equal(other->bank.iban, v->bank.iban);
        bool later = other->date.month > v->date.month ||
                     (other->date.month == v->date.month && other->date.day > v->date.day);
        assert_false(later);
        assert_true(i < f->index || own->kind == FLAW_DUPLICATE);
        earlier += i < f->index;
    }
    assert_true(earlier > 0);
    flaw_plan_release(&p);
    free(v);
    free(other);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct flaw_plan p;
    struct error e = {0};
    assert_int_equal(flaw_plan_init(&p, 1, 11, 6, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "6 flaws don't fit into 11 samples"));
    flaw_plan_release(&p);
    assert_int_equal(flaw_plan_init(&p, 1, 1, 0, &e), 0);
    flaw_plan_release(&p);
}

static void totals_are_exact(void **state)
{
    (void)state;
    struct samples_made m = {.documents = 0};
    struct invoice *v = xcalloc(1, sizeof *v);
    struct buffer b;
    buffer_init(&b, 0);
    invoice_draft(v, 1, 0);
    struct supplier yen = *v->supplier, euro = *v->supplier;
    yen.money = &money_jpy;
    euro.money = &money_eur_de;
    v->supplier = &yen;
    v->net = 100, v->tax = 10, v->total = 110;
    samples_made_count(&m, v);
    samples_made_count(&m, v);
    v->supplier = &euro;
    v->net = 5, v->tax = 0, v->total = 5;
    samples_made_count(&m, v);
    samples_made_totals(&m, &b);
    cJSON *said = cJSON_Parse(buffer_text(&b));
    cJSON *wanted = cJSON_Parse(
        "{\"documents\":3,\"currencies\":["
        "{\"currency\":\"EUR\",\"records\":1,\"net\":\"0.05\",\"tax\":\"0.00\",\"total\":\"0.05\"},"
        "{\"currency\":\"JPY\",\"records\":2,\"net\":\"200\",\"tax\":\"20\",\"total\":\"220\"}]}");
    assert_true(cJSON_Compare(said, wanted, true));
    cJSON_Delete(said);
    cJSON_Delete(wanted);
    samples_made_release(&m);
    buffer_release(&b);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_come_in_turn_each_in_a_document_of_its_own),
        cmocka_unit_test(each_flaw_is_in_its_document_and_no_other),
        cmocka_unit_test(the_changed_account_is_on_its_sellers_last_invoice),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(totals_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
