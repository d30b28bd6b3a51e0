#include "workbook_fixture.h"

#include "base/require.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT(n, w)                                                                                 \
    {                                                                                              \
        .name = n, .kind = COLUMN_TEXT, .width = w                                                 \
    }
#define DATE(n)                                                                                    \
    {                                                                                              \
        .name = n, .kind = COLUMN_DATE, .width = 10                                                \
    }
#define AMOUNT(n, w)                                                                               \
    {                                                                                              \
        .name = n, .kind = COLUMN_NUMBER, .amount = true, .decimals = 2, .width = w                \
    }
#define NUMBER(n, d, w)                                                                            \
    {                                                                                              \
        .name = n, .kind = COLUMN_NUMBER, .decimals = d, .width = w                                \
    }
#define OWN(n, w)                                                                                  \
    {                                                                                              \
        .name = n, .kind = COLUMN_TEXT, .own = true, .width = w                                    \
    }
#define OWN_NUMBER(n, w)                                                                           \
    {                                                                                              \
        .name = n, .kind = COLUMN_NUMBER, .own = true, .integer = true, .width = w                 \
    }
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static const struct layout_column documents[] = {
    OWN("_record", 17),
    OWN("_file", 34),
    TEXT("supplier_name", 34),
    TEXT("invoice_number", 14),
    TEXT("document_type", 11),
    DATE("date"),
    DATE("due_date"),
    TEXT("po_number", 9),
    TEXT("locale.currency", 3),
    AMOUNT("total_net", 10),
    AMOUNT("total_tax", 9),
    AMOUNT("total_amount", 10),
    TEXT("customer_name", 26),
    TEXT("supplier_address.address", 44),
    TEXT("supplier_address.city", 12),
    TEXT("supplier_payment_details.iban", 27),
    TEXT("reference_numbers", 24),
    {.name = "is_paid", .kind = COLUMN_BOOLEAN, .width = 5},
    OWN("_part", 5),
    OWN("_part_type", 7),
    OWN_NUMBER("_first_page", 1),
    OWN_NUMBER("_last_page", 1),
    OWN_NUMBER("_pages", 1),
    OWN_NUMBER("_files", 1),
    OWN("_result", 48),
    OWN("_stored_at", 20),
    OWN("_period", 7),
    OWN("_model", 36),
    OWN("_job", 36),
    OWN("_sha256", 64),
    OWN("_lowest_confidence", 7),
    OWN("_lowest_field", 30),
};

static const struct layout_column lines[] = {
    OWN("_record", 17),       OWN_NUMBER("_n", 2),       TEXT("product_code", 13),
    TEXT("description", 240), NUMBER("quantity", 1, 5),  TEXT("unit_measure", 4),
    AMOUNT("unit_price", 9),  AMOUNT("total_price", 10), NUMBER("tax_rate", 2, 5),
    AMOUNT("tax_amount", 9),
};

static const struct layout_column taxes[] = {
    OWN("_record", 17), OWN_NUMBER("_n", 1), NUMBER("rate", 2, 5),
    AMOUNT("base", 10), AMOUNT("amount", 9),
};

static const struct layout_column splits[] = {
    OWN("_record", 17),         OWN_NUMBER("_n", 2),     OWN_NUMBER("first_page", 2),
    OWN_NUMBER("last_page", 2), OWN("document_type", 9), OWN("_extracted", 19),
};

static const struct layout_table tables[] = {
    {"documents", documents, COUNT_OF(documents)},
    {"line_items", lines, COUNT_OF(lines)},
    {"taxes", taxes, COUNT_OF(taxes)},
    {"splits", splits, COUNT_OF(splits)},
};

const struct layout workbook_fixture_layout = {tables, COUNT_OF(tables)};

/* ---- what is invented ---- */

static const struct supplier {
    const char *name, *folder, *address, *city, *iban, *currency;
    int decimals, tax_percent;
} suppliers[] = {
    {"Nordlicht Bürobedarf GmbH", "nordlicht", "Speicherstraße 14, 20457 Hamburg", "Hamburg",
     "DE89370400440532013000", "EUR", 2, 19},
    {"Menuiserie Lefèvre & Fils SARL", "lefevre",
     "12 rue des Ateliers\nZone artisanale Nord\n69003 Lyon", "Lyon", "FR7630006000011234567890189",
     "EUR", 2, 20},
    {"Harbor Freight Logistics Inc.", "harbor", "400 Pier View Way, Oakland, CA 94607", "Oakland",
     NULL, "USD", 2, 0},
    {"株式会社さくら印刷", "sakura", "東京都千代田区神田1-2-3", "東京", NULL, "JPY", 0, 10},
    {"Acme Cloud Services Ltd", "acme", "1 Threadneedle Court, London EC2R 8AH", "London", NULL,
     "USD", 2, 0},
    {"Stadtwerke Musterhausen AG", "stadtwerke", "Am Gaswerk 1\n12345 Musterhausen", "Musterhausen",
     "DE02120300000000202051", "EUR", 2, 19},
    {"O'Brien <Catering> & Events", "o'brien #1", "Unit 7, 50% Lane, Dublin", "Dublin",
     "IE29AIBK93115212345678", "EUR", 2, 23},
};

static const char *const things[] = {
    "Copy paper A4, 80 g/m², box of 5 reams",
    "Toner cartridge, black, for printer series 4200",
    "Delivery and handling",
    ("Consulting, on site: review of the accounts payable process, interviews with the team, written "
     "recommendations and a workshop of half a day on how invoices are checked before they are booked"),
    "Oak table top, oiled, 180 x 80 cm",
    "Monthly fee, storage (TB) and transfer, region eu-central, see attached usage report",
    "印刷代 パンフレット A4 両面カラー",
    "Electricity, 01.11. to 30.11., meter 1EMH0012345678",
};

struct writer {
    struct table_sink *sink;
    struct workbook_fixture_sums *sums;
    struct error *e;
    char room[64][80]; /* texts of the row that is being made */
    size_t used;
    struct cell cells[COUNT_OF(documents)];
};

static struct cell text(const char *s)
{
    return s ? (struct cell){CELL_TEXT, s, strlen(s)} : (struct cell){CELL_NULL, NULL, 0};
}

static struct cell number(const char *s)
{
    return (struct cell){CELL_NUMBER, s, strlen(s)};
}

/* UNITS of the currency's smallest as Mindee writes them: the shortest form. */
static struct cell amount(struct writer *w, long long units, int decimals)
{
    char *out = w->room[w->used++];
    if (decimals == 0) {
        snprintf(out, sizeof w->room[0], "%lld", units);
    } else {
        long long whole = units < 0 ? -units : units;
        snprintf(out, sizeof w->room[0], "%s%lld.%02lld", units < 0 ? "-" : "", whole / 100,
                 whole % 100);
        if (out[strlen(out) - 1] == '0')
            out[strlen(out) - 1] = '\0';
    }
    return number(out);
}

static PRINTF(2, 3) struct cell made(struct writer *w, const char *format, ...)
{
    va_list ap;
    char *out = w->room[w->used++];
    va_start(ap, format);
    vsnprintf(out, sizeof w->room[0], format, ap);
    va_end(ap);
    return text(out);
}

static struct cell count(struct writer *w, long long n)
{
    struct cell c = made(w, "%lld", n);
    c.kind = CELL_NUMBER;
    return c;
}

static int row(struct writer *w, size_t table)
{
    int rc = w->sink->kind->row(w->sink, table, w->cells, w->e);
    w->used = 0;
    return rc;
}

static int line_count(int i)
{
    return 1 + i % 5;
}

static long long line_total(int i, int n, const struct supplier *s)
{
    long long units = 995 + (long long)(i % 97) * 1375 + n * 4210 + (i % 13 == 0 ? 1250000 : 0);
    if (s->decimals == 0)
        units *= 3;
    return i % 29 == 7 ? -units : units; /* a credit note */
}

static long long net_of(int i, const struct supplier *s)
{
    long long net = 0;
    for (int n = 1; n <= line_count(i); n++)
        net += line_total(i, n, s);
    return net;
}

static void fill_document(struct writer *w, int i, const struct supplier *s, const char *key,
                          const char *file)
{
    long long net = net_of(i, s), tax = net * s->tax_percent / 100;
    bool credit = net < 0;
    struct cell *c = w->cells;
    *c++ = text(key);
    *c++ = text(file);
    *c++ = text(s->name);
    *c++ = made(w, credit ? "CN-%05d" : i % 3 ? "2026/%06d" : "00%06d", 4500 + i);
    *c++ = text(credit ? "CREDIT NOTE" : "INVOICE");
    *c++ = made(w, "2026-11-%02d", 1 + i % 28);
    *c++ = i % 4 ? made(w, "2026-12-%02d", 1 + i % 28) : text(NULL);
    *c++ = i % 3 ? text(NULL) : made(w, "450%06d", i);
    *c++ = text(i % 41 == 40 ? NULL : s->currency);
    *c++ = amount(w, net, s->decimals);
    *c++ = amount(w, tax, s->decimals);
    *c++ = amount(w, net + tax, s->decimals);
    *c++ = text("Musterhausen Maschinenbau");
    *c++ = text(s->address);
    *c++ = text(s->city);
    *c++ = text(s->iban);
    *c++ = i % 7 ? text(NULL) : made(w, "RE-%d; LS-%d", 100 + i, 900 + i);
    *c++ = (struct cell){CELL_BOOLEAN, i % 2 ? "true" : "false", i % 2 ? 4 : 5};
    *c++ = (struct cell){CELL_NONE, NULL, 0};
    *c++ = (struct cell){CELL_NONE, NULL, 0};
    *c++ = (struct cell){CELL_NONE, NULL, 0};
    *c++ = (struct cell){CELL_NONE, NULL, 0};
    *c++ = count(w, 1 + i % 3);
    *c++ = count(w, 1);
    *c++ = made(w, "results/%s.json", file);
    *c++ = made(w, "2026-11-%02dT%02d:%02d:12Z", 1 + i % 28, i % 24, i % 60);
    *c++ = text("2026-11");
    *c++ = text("7f0c1f4e-2a3b-4c5d-8e9f-0a1b2c3d4e5f");
    *c++ = made(w, "00000000-0000-4000-8000-%012d", i);
    *c++ = made(w, "%064x", 0x1000 + i);
    *c++ = text(i % 9 ? "Certain" : "Medium");
    *c++ = text(i % 9 ? NULL : "line_items[1].description");
    REQUIRE(c == w->cells + COUNT_OF(documents));
}

static int write_line(struct writer *w, int i, int n, const struct supplier *s, const char *key)
{
    long long total = line_total(i, n, s);
    struct cell *c = w->cells;
    *c++ = text(key);
    *c++ = count(w, n);
    *c++ = (i + n) % 4 ? made(w, "%013d", 6804 + i * 7 + n) : text(NULL);
    *c++ = text(things[(i + n) % (int)COUNT_OF(things)]);
    *c++ = number(n % 3 ? "1" : "2.5");
    *c++ = text(n % 3 ? "pcs" : "h");
    *c++ = n % 3 ? amount(w, total, s->decimals) : text(NULL);
    *c++ = amount(w, total, s->decimals);
    *c++ = s->tax_percent ? count(w, s->tax_percent) : text(NULL);
    *c++ = amount(w, total * s->tax_percent / 100, s->decimals);
    w->sums->lines++;
    return row(w, 1);
}

static int write_document(struct writer *w, int i)
{
    const struct supplier *s = &suppliers[i * 5 % (int)COUNT_OF(suppliers)];
    char key[24], file[80], input[160];
    snprintf(key, sizeof key, "d%016llx", 0x9e3779b97f4a7c15ULL * (unsigned long long)(i + 1));
    snprintf(file, sizeof file, "%s/scan %04d.pdf", s->folder, i);
    snprintf(input, sizeof input, "/srv/inbox/2026-11/%s", file);
    const struct table_record r = {key,   file, true, i % 41 == 40 ? "" : s->currency,
                                   input, NULL, 0};
    int rc = w->sink->kind->record(w->sink, &r, w->e);
    fill_document(w, i, s, key, file);
    long long net = net_of(i, s), total = net + net * s->tax_percent / 100;
    if (i % 41 != 40)
        *(s->decimals == 0        ? &w->sums->jpy
          : s->currency[0] == 'E' ? &w->sums->eur
                                  : &w->sums->usd) += total;
    w->sums->records++;
    if (!rc)
        rc = row(w, 0);
    for (int n = 1; n <= line_count(i) && !rc; n++)
        rc = write_line(w, i, n, s, key);
    if (rc || !s->tax_percent)
        return rc;
    w->cells[0] = text(key);
    w->cells[1] = count(w, 1);
    w->cells[2] = count(w, s->tax_percent);
    w->cells[3] = amount(w, net, s->decimals);
    w->cells[4] = amount(w, net * s->tax_percent / 100, s->decimals);
    return row(w, 2);
}

/* ---- what is told ---- */

static int tell_and_end(struct writer *w, int n)
{
    const struct workbook_fixture_sums *sums = w->sums;
    char total[3][40], verdict[200], dates[22][12];
    struct workbook_day days[22];
    snprintf(total[0], sizeof total[0], "%lld.%02lld", sums->eur / 100, sums->eur % 100);
    snprintf(total[1], sizeof total[1], "%lld", sums->jpy);
    snprintf(total[2], sizeof total[2], "%lld.%02lld", sums->usd / 100, sums->usd % 100);
    snprintf(
        verdict, sizeof verdict,
        "%d of %d documents have a result. 3 were rejected, 1 failed, 1 is in doubt: see failures.csv.",
        n, n + 5);
    for (int i = 0; i < 22; i++) {
        snprintf(dates[i], sizeof dates[i], "2026-11-%02d",
                 2 + i + 2 * (i / 5) > 30 ? 30 : 2 + i + 2 * (i / 5));
        days[i] = (struct workbook_day){dates[i], n / 22 + (i * 7) % 5};
    }
    const struct workbook_currency currencies[] = {
        {"EUR", n * 4 / 7, total[0], NULL, total[0], {n / 9, "13.50", NULL, "13.50"}},
        {"JPY", n / 7, total[1], total[1], total[1], {0}},
        {"USD", n * 2 / 7, total[2], "0", total[2], {1, "2.5", "0", "2.5"}},
        {"", n / 41, "1234.5", "-12.3", "123456789012345678.90", {0}},
    };
    const int64_t states[] = {sums->records - 30, 12, 9, 5, 1, 3};
    const struct workbook_summary summary = {.batch = "Invoices",
                                             .period = "2026-11",
                                             .verdict = verdict,
                                             .files = n + 12,
                                             .documents = n + 5,
                                             .duplicates = 7,
                                             .stored = n,
                                             .failed = 1,
                                             .rejected = 3,
                                             .in_doubt = 1,
                                             .records = sums->records,
                                             .states = states,
                                             .currencies = currencies,
                                             .currency_count = 4,
                                             .days = days,
                                             .day_count = 22};
    static const struct workbook_fact facts[] = {
        {"Made by", "mindee-batch 0.1.0"},
        {"Ledger", "/srv/invoices/mindee-results/ledger.db"},
        {"Configuration", "/etc/mindee-batch/mindee-batch.ini, hash 5e884898da28"},
        {"Selection", "period 2026-11, all records"},
    };
    const struct workbook_about about = {facts, COUNT_OF(facts)};
    workbook_tell(w->sink, &summary, &about);
    return w->sink->kind->end(w->sink, w->e);
}

int workbook_fixture_write(struct table_sink *sink, int documents_,
                           struct workbook_fixture_sums *sums, struct error *e)
{
    struct writer w = {.sink = sink, .sums = sums, .e = e};
    *sums = (struct workbook_fixture_sums){0};
    int rc = 0;
    for (int i = 0; i < documents_ && !rc; i++)
        rc = write_document(&w, i);
    return rc ? rc : tell_and_end(&w, documents_);
}
