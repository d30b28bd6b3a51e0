/* A ledger to export from: bench_export_ledger DIRECTORY DOCUMENTS LINES [EVERY] makes DIRECTORY/ledger.db, as a run
 * leaves it: so many stored documents, each an invoice with so many lines; of every EVERY-th one the total is wrong.
 * Made through the ledger's own functions, without a server: 100,000 documents take a minute. The same numbers
 * give the same results. */
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/ledger.h"
#include "ledger/projections.h"
#include "ledger/sent_settings.h"

#include "base/buffer.h"
#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN = 100, /* documents a commit */
    MOST = 10000000,
    BYTES = 61234,
};

struct maker {
    struct ledger *ledger;
    int64_t settings, root, every;
    struct buffer json;
};

static int64_t now_ms = 1767225600000; /* 2026-01-01 */

static struct wall now_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){now_ms};
}

static struct mono now_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){now_ms};
}

static const struct clock fixed_clock = {now_mono, now_wall};

static int told(struct maker *m, const char *what, int code)
{
    if (code < 0)
        fprintf(stderr, "%s: %s\n", what, ledger_error(m->ledger)->text);
    return code < 0 ? -1 : 0;
}

/* --- what Mindee answers --- */

/* VALUE as JSON has it. */
static void put_value(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s\"%s\": {\"locations\": [], \"confidence\": \"Certain\", \"value\": %s}",
                  out->data[out->len - 1] == '{' ? "" : ", ", name, value);
}

static void put_number(struct buffer *out, const char *name, int64_t cents)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64 ".%02d", cents / 100, (int)(cents % 100));
    put_value(out, name, text);
}

static void put_word(struct buffer *out, const char *name, const char *word, int64_t n)
{
    char text[96];
    snprintf(text, sizeof text, "\"%s %" PRId64 "\"", word, n);
    put_value(out, name, text);
}

static void put_line(struct buffer *out, int64_t document, int64_t line)
{
    int64_t quantity = 1 + line % 7, price = 100 + (document * 37 + line * 911) % 99000;
    char text[32];
    buffer_put(out, line ? ", {\"fields\": {" : "{\"fields\": {");
    snprintf(text, sizeof text, "%" PRId64, quantity);
    put_value(out, "quantity", text);
    put_value(out, "tax_rate", "20");
    put_number(out, "tax_amount", quantity * price / 5);
    put_number(out, "unit_price", price);
    put_word(out, "description", "Roller bearing, sealed on both sides, no.", document * 10 + line);
    put_number(out, "total_price", quantity * price);
    put_word(out, "product_code", "0000", line);
    put_value(out, "unit_measure", "null");
    buffer_put(out, "}, \"locations\": [], \"confidence\": null}");
}

static void put_address(struct buffer *out, const char *name, int64_t n)
{
    buffer_printf(out, ", \"%s\": {\"locations\": [], \"confidence\": null, \"fields\": {", name);
    put_word(out, "city", "Port", n % 97);
    put_word(out, "address", "12 Quay Street, Port", n % 97);
    put_value(out, "country", "\"FR\"");
    put_word(out, "postal_code", "75", n % 97);
    buffer_put(out, "}}");
}

static void put_invoice(struct buffer *out, int64_t n, int64_t lines, bool wrong)
{
    static const char *const currencies[] = {"\"EUR\"", "\"USD\"", "\"GBP\""};
    int64_t net = 10000 + n * 7919 % 900000;
    buffer_clear(out);
    buffer_printf(out,
                  "{\"inference\": {\"id\": \"i-%" PRId64
                  "\", \"model\": {\"id\": \"m\"}, \"file\": "
                  "{\"name\": \"invoice.pdf\", \"alias\": null, \"page_count\": 2}, \"result\": "
                  "{\"fields\": {",
                  n);
    put_value(out, "date", n % 2 ? "\"2025-12-15\"" : "\"2025-12-28\"");
    buffer_put(out, ", \"locale\": {\"locations\": [], \"confidence\": null, \"fields\": {");
    put_value(out, "currency", currencies[n % 3]);
    put_value(out, "language", "\"en\"");
    buffer_put(out, "}}");
    put_value(out, "due_date", "\"2026-03-01\"");
    put_number(out, "total_net", net);
    put_number(out, "total_tax", net / 5);
    buffer_put(out, ", \"line_items\": {\"items\": [");
    for (int64_t i = 0; i < lines; i++)
        put_line(out, n, i);
    buffer_put(out, "], \"confidence\": null}");
    put_value(out, "po_number", "null");
    put_number(out, "total_amount", net + net / 5 + (wrong ? 100 + n % 7 : 0));
    put_word(out, "customer_name", "Customer", n % 41);
    put_word(out, "supplier_name", "Supplier & Sons", n % 211);
    put_word(out, "invoice_number", "INV", n);
    put_address(out, "customer_address", n);
    put_address(out, "supplier_address", n + 1);
    buffer_put(out, "}}}}");
}

/* --- the ledger --- */

static int step(struct maker *m, int64_t document, enum doc_state from, enum doc_state to,
                enum doc_event_kind event, int attempt)
{
    const struct ledger_step s = {
        .document_id = document, .from = from, .to = to, .event = event, .attempt = attempt};
    return ledger_step(m->ledger, &s);
}

static int put_file(struct maker *m, int64_t n, int64_t *document)
{
    char path[128];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put ignored;
    snprintf(path, sizeof path, "/data/%03" PRId64 "/invoice-%08" PRId64 ".pdf", n / 1000, n);
    sha256(path, strlen(path), digest);
    const struct ledger_new_file file = {
        .root_id = m->root,
        .settings_id = m->settings,
        .path = path,
        .name = path + strlen("/data/"),
        .stamp = {BYTES, 1, 2, 3},
        .type = 1,
        .pages = 2,
        .looked_at = true,
        .sha256 = digest,
    };
    return ledger_file_put(m->ledger, &file, &ignored, document);
}

static int store(struct maker *m, int64_t document)
{
    int attempt = 0;
    char alias[LEDGER_ALIAS_MAX], job[40];
    struct ledger *l = m->ledger;
    snprintf(job, sizeof job, "job-%" PRId64, document);
    int rc = ledger_attempt_start(l, document, credits_of(1), &attempt, alias);
    if (rc >= 0)
        rc = step(m, document, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    if (rc >= 0)
        rc = ledger_attempt_accepted(l, document, attempt, job);
    if (rc >= 0)
        rc = step(m, document, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    if (rc >= 0)
        rc = ledger_attempt_result_url(l, document, attempt, "https://host/result");
    if (rc >= 0)
        rc = step(m, document, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    if (rc >= 0)
        rc = ledger_result_put(l, document, m->json.data, m->json.len, 2);
    if (rc >= 0)
        rc = ledger_attempt_end(l, document, attempt, ATTEMPT_JOB_DONE, 200, NULL);
    return rc < 0 ? rc : step(m, document, DOC_READY, DOC_STORED, EV_RESULT, attempt);
}

static int make(struct maker *m, int64_t documents, int64_t lines)
{
    for (int64_t n = 0; n < documents; n++) {
        int64_t document;
        int rc = put_file(m, n, &document);
        put_invoice(&m->json, n, lines, m->every && n % m->every == 0);
        if (rc >= 0)
            rc = store(m, document);
        if (rc >= 0 && (n + 1) % TURN == 0)
            rc = ledger_commit(m->ledger);
        if (rc < 0)
            return rc;
        now_ms += 300;
    }
    return ledger_commit(m->ledger);
}

static int begin(struct maker *m, const char *directory)
{
    char path[4096];
    struct error e;
    struct ledger_root root;
    const struct ledger_settings settings = {"extraction", "11111111-1111-4111-8111-0000000e0001",
                                             "{}"};
    const struct ledger_new_root new = {.path = "/data", .directory = true, .alone = true};
    snprintf(path, sizeof path, "%s/ledger.db", directory);
    const struct ledger_options options = {.path = path, .clock = &fixed_clock};
    if (ledger_open(&m->ledger, &options, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return -1;
    }
    int rc = ledger_settings_put(m->ledger, &settings, &m->settings);
    if (rc >= 0)
        rc = ledger_root_put(m->ledger, &new, &root);
    if (rc >= 0) {
        m->root = root.id;
        ledger_root_release(&root);
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct maker m = {.ledger = NULL};
    long documents = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    long lines = argc > 3 ? strtol(argv[3], NULL, 10) : -1;
    m.every = argc > 4 ? strtol(argv[4], NULL, 10) : 0;
    if (argc < 4 || argc > 5 || m.every < 0 || documents < 1 || documents > MOST || lines < 0 ||
        lines > MOST) {
        fprintf(stderr, "usage: bench_export_ledger DIRECTORY DOCUMENTS LINES [EVERY]\n");
        return 2;
    }
    buffer_init(&m.json, 0);
    int rc = begin(&m, argv[1]);
    if (rc >= 0)
        rc = make(&m, documents, lines);
    if (m.ledger) {
        rc = told(&m, argv[1], rc);
        ledger_close(m.ledger);
    }
    buffer_release(&m.json);
    return rc < 0 ? 1 : 0;
}
