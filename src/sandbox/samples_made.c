/* See samples_made.h. */
#include "sandbox/samples_made.h"

#include "sandbox/invoice/flaws.h"
#include "sandbox/json_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct samples_flaw {
    int number; /* among the plan's */
    char *file, *of;
};

void samples_made_release(struct samples_made *m)
{
    for (int i = 0; i < m->flaw_count; i++) {
        free(m->flaws[i].file);
        free(m->flaws[i].of);
    }
    free(m->flaws);
    *m = (struct samples_made){.documents = 0};
}

static struct samples_total *total_of(struct samples_made *m, const struct money_style *money)
{
    for (int i = 0; i < m->currencies; i++)
        if (strcmp(m->totals[i].money->code, money->code) == 0)
            return &m->totals[i];
    REQUIRE(m->currencies < SAMPLES_CURRENCIES_MAX);
    m->totals[m->currencies].money = money;
    return &m->totals[m->currencies++];
}

void samples_made_count(struct samples_made *m, const struct invoice *v)
{
    struct samples_total *t = total_of(m, v->supplier->money);
    m->documents++;
    t->documents++;
    t->net += v->net;
    t->tax += v->tax;
    t->total += v->total;
}

void samples_made_flaw(struct samples_made *m, int number, const char *file)
{
    m->flaws = realloc(m->flaws, (size_t)(m->flaw_count + 1) * sizeof *m->flaws);
    REQUIRE(m->flaws != NULL);
    m->flaws[m->flaw_count++] = (struct samples_flaw){.number = number, .file = xstrdup(file)};
}

static struct samples_flaw *made_of(const struct samples_made *m, int number)
{
    for (int i = 0; i < m->flaw_count; i++)
        if (m->flaws[i].number == number)
            return &m->flaws[i];
    require_failed("a flaw that was made", __FILE_NAME__, __LINE__);
}

void samples_made_original(struct samples_made *m, int number, const char *file)
{
    made_of(m, number)->of = xstrdup(file);
}

static void put_field(const struct flaw *f, struct buffer *out)
{
    switch (f->kind) {
    case FLAW_TOTAL:
        json_put_member(out, "field", "total_amount");
        break;
    case FLAW_LINE:
        buffer_printf(out, "\"field\": \"line_items[%d]\", \"other\": \"line_items[%d]\"",
                      f->lines[0] + 1, f->lines[1] + 1);
        break;
    case FLAW_DUPLICATE:
    case FLAW_NUMBER:
        json_put_member(out, "field", "invoice_number");
        break;
    case FLAW_IBAN:
        json_put_member(out, "field", "supplier_payment_details[1].iban");
        break;
    case FLAW_CONFIDENCE:
        json_put_member(out, "field", f->field);
        break;
    case FLAW_KINDS:
        require_failed("a flaw", __FILE_NAME__, __LINE__);
    }
}

void samples_made_expected(const struct samples_made *m, const struct flaw_plan *plan,
                           struct buffer *out)
{
    buffer_put(out, "[");
    for (int k = 0; k < plan->count; k++) {
        const struct flaw *f = &plan->flaws[k];
        const struct samples_flaw *made = made_of(m, k);
        buffer_put(out, k == 0 ? "\n {" : ",\n {");
        json_put_member(out, "file", made->file);
        buffer_put(out, ", ");
        json_put_member(out, "flaw", flaw_name(f->kind));
        buffer_put(out, ", ");
        put_field(f, out);
        buffer_put(out, ", ");
        json_put_member(out, "check", flaw_check(f->kind));
        if (made->of != NULL) {
            buffer_put(out, ", ");
            json_put_member(out, "of", made->of);
        }
        buffer_put(out, "}");
    }
    buffer_put(out, "\n]\n");
}

/* "12345.60" */
static void put_amount(struct buffer *out, int64_t minor, int decimals)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%0*" PRId64, decimals + 1, minor);
    buffer_printf(out, "%.*s%s%s", n - decimals, digits, decimals > 0 ? "." : "",
                  digits + n - decimals);
}

static void put_member(struct buffer *out, const char *name, int64_t minor, int decimals)
{
    buffer_printf(out, ", \"%s\": \"", name);
    put_amount(out, minor, decimals);
    buffer_put(out, "\"");
}

static int by_code(const void *a, const void *b)
{
    const struct samples_total *p = a, *q = b;
    return strcmp(p->money->code, q->money->code);
}

void samples_made_totals(struct samples_made *m, struct buffer *out)
{
    qsort(m->totals, (size_t)m->currencies, sizeof *m->totals, by_code);
    buffer_printf(out, "{\"documents\": %d, \"currencies\": [", m->documents);
    for (int i = 0; i < m->currencies; i++) {
        const struct samples_total *t = &m->totals[i];
        int decimals = t->money->decimals;
        buffer_printf(out, "%s\n {\"currency\": \"%s\", \"records\": %" PRId64, i == 0 ? "" : ",",
                      t->money->code, t->documents);
        put_member(out, "net", t->net, decimals);
        put_member(out, "tax", t->tax, decimals);
        put_member(out, "total", t->total, decimals);
        buffer_put(out, "}");
    }
    buffer_put(out, "\n]}\n");
}

void samples_made_show(struct samples_made *m, struct buffer *out)
{
    qsort(m->totals, (size_t)m->currencies, sizeof *m->totals, by_code);
    for (int i = 0; i < m->currencies; i++) {
        const struct samples_total *t = &m->totals[i];
        buffer_printf(out, "  %s ", t->money->code);
        put_amount(out, t->total, t->money->decimals);
        buffer_printf(out, " on %" PRId64 " of them\n", t->documents);
    }
    if (m->flaw_count > 0)
        buffer_printf(out, "  flaws: %d, listed in expected.json\n", m->flaw_count);
}
