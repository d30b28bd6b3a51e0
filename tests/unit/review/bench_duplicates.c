/* bench_duplicates DIRECTORY [RECORDS]: by hand. Puts RECORDS (1,000,000) of 5,000 suppliers into its review.db, if
 * there is none, then looks up 5,000 new ones. Prints what each took. */
#include "review/supplier_accounts.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SUPPLIERS = 5000, NEW = 5000, A_TRANSACTION = 20000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make(int64_t i, struct duplicate_keys *k)
{
    char text[64];
    const int64_t supplier = i * 7919 % SUPPLIERS, number = i / SUPPLIERS + 1;
    *k = (struct duplicate_keys){.has_total = true, .currency = "EUR", .has_day = true};
    snprintf(text, sizeof text, "Supplier number %lld GmbH", (long long)supplier);
    key_supplier(text, strlen(text), k->supplier);
    snprintf(text, sizeof text, "DE%09lld", (long long)supplier);
    key_vat(text, strlen(text), k->vat);
    snprintf(text, sizeof text, "DE89%018lld", (long long)supplier);
    iban_normal(text, strlen(text), k->iban);
    snprintf(text, sizeof text, "INV-2026-%05lld", (long long)number);
    key_number(text, strlen(text), &k->number);
    k->total = decimal_of(supplier % 3 ? i % 100000 : 11900, 2); /* a third are subscriptions */
    k->day = 20000 + number * 3;
}

static void must(int err, struct database *d)
{
    if (err >= 0)
        return;
    fprintf(stderr, "%s\n", d->error.text);
    exit(1);
}

static void fill(struct database *d, int64_t records)
{
    struct duplicate_keys k;
    for (int64_t i = 0; i < records; i++) {
        make(i, &k);
        must(database_write(d), d);
        must(duplicate_index_add(d, i + 1, &k), d);
        must(supplier_accounts_put(d, i + 1, &k, true), d);
        if (i % A_TRANSACTION == A_TRANSACTION - 1)
            must(database_commit(d), d);
    }
    must(database_commit(d), d);
}

static bool is_empty(struct database *d)
{
    int64_t one;
    int n = database_number(d, "SELECT 1 FROM duplicate_record LIMIT 1", NO_VALUES, &one);
    must(n, d);
    return n == 0;
}

int main(int argc, char **argv)
{
    struct database d = {0};
    struct duplicate_keys k;
    struct duplicate_matches m;
    struct accounts_found known;
    int64_t records = argc > 2 ? atoll(argv[2]) : 1000000, found = 0, cut = 0;
    struct error e;
    if (argc < 2)
        return 2;
    if (review_db_open(&d, argv[1], ACCESS_PRIVATE, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    if (is_empty(&d)) {
        double start = now();
        fill(&d, records);
        printf("put %lld: %.1f s, %.1f us each\n", (long long)records, now() - start,
               (now() - start) * 1e6 / (double)records);
    }
    double begin = now();
    database_read_begin(&d);
    for (int64_t i = records; i < records + NEW; i++) {
        make(i % 100 ? i : i - SUPPLIERS * 3, &k); /* one of a hundred came before */
        must(duplicate_index_find(&d, i + 1, &k, 0, &m), &d);
        must(supplier_accounts_look(&d, i + 1, &k, &known), &d);
        found += m.count > 0;
        cut += m.cut;
    }
    database_read_end(&d);
    printf("look up %d: %.2f s, %lld have duplicates, %lld cut\n", NEW, now() - begin,
           (long long)found, (long long)cut);
    review_db_close(&d);
    return 0;
}
