/* What facts cost, by hand: bench_facts [RECORDS [SUPPLIERS [amount|number]]]: all of one amount and week, or of one number and
 * amount, are the worst that there is. A ledger with so many results, and review.db brought up
 * to date: microseconds of CPU a record, of which the SQLite commits' waiting is no part. */
#include "ledger_fixture.h"

#include "ledger/document_ledger.h"
#include "ledger/handovers.h"
#include "record_fixture.h"
#include "review/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Each supplier has one, with its check digits. */
static void put_iban(char out[32], int supplier)
{
    int rest = 0;
    char digits[40];
    snprintf(digits, sizeof digits, "37040044%010d131400", supplier);
    for (const char *p = digits; *p; p++)
        rest = (rest * 10 + (*p - '0')) % 97;
    snprintf(out, 32, "DE%02d37040044%010d", 98 - rest, supplier);
}

static void put_invoice(struct buffer *out, int n, int suppliers, const char *same)
{
    char iban[32];
    const int number = strcmp(same, "number") == 0 ? 7 : n, any = *same ? 0 : n;
    put_iban(iban, n % suppliers);
    int cents = 10000 + any % 90000;
    buffer_clear(out);
    buffer_printf(out,
                  "{\"inference\":{\"result\":{\"fields\":{"
                  "\"supplier_name\":{\"value\":\"Supplier %d GmbH\",\"confidence\":\"Certain\"},"
                  "\"invoice_number\":{\"value\":\"R-%07d\",\"confidence\":\"Certain\"},"
                  "\"date\":{\"value\":\"2026-%02d-%02d\",\"confidence\":\"Certain\"},"
                  "\"total_net\":{\"value\":%d.%02d,\"confidence\":\"Certain\"},"
                  "\"total_tax\":{\"value\":0,\"confidence\":\"Certain\"},"
                  "\"total_amount\":{\"value\":%d.%02d,\"confidence\":\"Certain\"},"
                  "\"locale\":{\"fields\":{\"currency\":{\"value\":\"EUR\"},"
                  "\"language\":{\"value\":\"de\"}}},"
                  "\"supplier_payment_details\":{\"items\":[{\"fields\":{\"iban\":{\"value\":"
                  "\"%s\"},\"swift\":{\"value\":null}}}]},"
                  "\"line_items\":{\"items\":[",
                  n % suppliers, number, 1 + any % 9, 1 + any % 28, cents / 100, cents % 100,
                  cents / 100, cents % 100, iban);
    for (int i = 0; i < 3; i++)
        buffer_printf(out,
                      "%s{\"fields\":{\"description\":{\"value\":\"Item %d\",\"confidence\":"
                      "\"Certain\"},\"quantity\":{\"value\":1},\"unit_price\":{\"value\":%d.%02d},"
                      "\"total_price\":{\"value\":%d.%02d}}}",
                      i ? "," : "", i, i ? 0 : cents / 100, i ? 0 : cents % 100,
                      i ? 0 : cents / 100, i ? 0 : cents % 100);
    buffer_put(out, "]}}}}}");
}

static void fill(struct fixture *f, int records, int suppliers, const char *same)
{
    struct buffer text;
    char name[32];
    buffer_init(&text, 0);
    for (int n = 0; n < records; n++) {
        snprintf(name, sizeof name, "%07d.pdf", n);
        put_invoice(&text, n, suppliers, same);
        fixture_store(f, fixture_put(f, name, name, NULL), buffer_text(&text), 1);
        if (n % 1000 == 999)
            assert_ok(f->l, ledger_commit(f->l));
    }
    assert_ok(f->l, ledger_commit(f->l));
    buffer_release(&text);
}

int main(int argc, char **argv)
{
    int records = argc > 1 ? atoi(argv[1]) : 20000, suppliers = argc > 2 ? atoi(argv[2]) : 200;
    struct fixture *f = NULL;
    struct record_fixture words;
    struct review *r;
    struct review_counts counts;
    struct error e;
    int64_t newest;
    fixture_setup((void **)&f);
    fixture_now_ms = INT64_C(1790000000000);
    fill(f, records, suppliers, argc > 3 ? argv[3] : "");
    record_fixture_init(&words);
    const struct facts_options options = {.roles = words.roles, .checks = &words.options};
    assert_ok(f->l, ledger_last_result(f->l, &newest));
    if (review_open(&r, f->l, f->directory, ACCESS_PRIVATE, &options, &e) < 0)
        return printf("%s\n", e.text), 1;
    double began = cpu_us();
    if (review_update(r, newest, &e) < 0)
        return printf("%s\n", e.text), 1;
    double ended = cpu_us();
    if (review_count(r, &counts) < 0)
        return 1;
    printf("%d records of %d suppliers: %.1f us of CPU a record; %lld to review\n", records,
           suppliers, (ended - began) / records, (long long)counts.states[REVIEW_OPEN]);
    review_close(r);
    record_fixture_release(&words);
    fixture_teardown((void **)&f);
    return 0;
}
