/* Flaws are spread over the set: each has a place that would suit it, and takes the nearest document
 * there that has none and in which it shows. Duplicates choose first, since they take two documents;
 * then the changed accounts: such an invoice is the last of its seller's, by number, by date and by its
 * path, so that the others are the earlier ones whatever they are sorted by. Where no seller has two
 * invoices one gets another's seller. */
#include "sandbox/invoice/flaws.h"

#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/layout.h"

#include <stdlib.h>
#include <string.h>

enum { NOTHING = -1, ORIGINAL = -2 };

static const struct {
    const char *name, *check;
} words[FLAW_KINDS] = {
    [FLAW_TOTAL] = {"wrong-total", "total-sum"},
    [FLAW_LINE] = {"swapped-line", "line-product"},
    [FLAW_DUPLICATE] = {"duplicate", "duplicate-number"},
    [FLAW_IBAN] = {"changed-iban", "iban-new"},
    [FLAW_NUMBER] = {"missing-number", "required-missing"},
    [FLAW_CONFIDENCE] = {"low-confidence", "confidence"},
};

const char *flaw_name(enum flaw_kind kind)
{
    return words[kind].name;
}

const char *flaw_check(enum flaw_kind kind)
{
    return words[kind].check;
}

/* What is asked of a document when flaws are placed. */
struct sketch {
    const struct supplier *supplier;
    bool receipt, iban, short_pdf;
    int lines[2]; /* that can change places; -1: none */
};

struct planner {
    struct flaw_plan *plan;
    struct sketch *sketches; /* one a document */
};

/* Whether each amount would be wrong on the other's line, with the tax on it too. */
static bool can_change(const struct invoice_item *a, const struct invoice_item *b)
{
    int64_t less = a->total < b->total ? a->total : b->total;
    int64_t more = a->total < b->total ? b->total : a->total;
    return 10 * more > 14 * less + 1000;
}

static void find_lines(const struct invoice *v, int lines[2])
{
    lines[0] = lines[1] = -1;
    for (int i = 0; i + 1 < v->item_count; i++) {
        if (can_change(&v->items[i], &v->items[i + 1])) {
            lines[0] = i;
            lines[1] = i + 1;
            return;
        }
    }
}

static void sketch_all(struct planner *p)
{
    struct invoice *v = xcalloc(1, sizeof *v);
    for (int i = 0; i < p->plan->documents; i++) {
        invoice_draft(v, p->plan->seed, i);
        struct sketch *s = &p->sketches[i];
        s->supplier = v->supplier;
        s->receipt = invoice_is_receipt(v);
        s->iban = v->bank.iban[0] != '\0';
        s->short_pdf = v->medium == MEDIUM_PDF && v->pages == 1 && !s->receipt;
        find_lines(v, s->lines);
    }
    free(v);
}

static bool is_free(const struct planner *p, int i)
{
    return p->plan->of_document[i] == NOTHING;
}

/* The nearest document before I that can have been sent before; or -1. */
static int original_for(const struct planner *p, int i)
{
    for (int k = i - 1; k >= 0; k--)
        if (is_free(p, k) && p->sketches[k].short_pdf)
            return k;
    return -1;
}

static bool suits(const struct planner *p, struct flaw *f, int i)
{
    const struct sketch *s = &p->sketches[i];
    switch (f->kind) {
    case FLAW_LINE:
        f->lines[0] = s->lines[0];
        f->lines[1] = s->lines[1];
        return s->lines[0] >= 0;
    case FLAW_TOTAL:
    case FLAW_NUMBER:
    case FLAW_CONFIDENCE:
        return !s->receipt;
    case FLAW_DUPLICATE:
        f->of = original_for(p, i);
        return f->of >= 0;
    case FLAW_IBAN:
    case FLAW_KINDS:
        break;
    }
    return false;
}

static void take(struct planner *p, struct flaw *f, int i)
{
    f->index = i;
    p->plan->of_document[i] = (int)(f - p->plan->flaws);
    if (f->kind == FLAW_DUPLICATE)
        p->plan->of_document[f->of] = ORIGINAL;
}

/* The Kth flaw, near its own place. */
static bool place(struct planner *p, int k)
{
    struct flaw_plan *plan = p->plan;
    struct flaw *f = &plan->flaws[k];
    int wanted = (int)((int64_t)(k + 1) * plan->documents / (plan->count + 1));
    for (int away = 0; away < plan->documents; away++) {
        for (int side = -1; side <= 1; side += 2) {
            int i = wanted + side * away;
            if (i >= 0 && i < plan->documents && is_free(p, i) && suits(p, f, i)) {
                take(p, f, i);
                return true;
            }
        }
    }
    return false;
}

static bool is_duplicate(const struct planner *p, int i)
{
    int k = p->plan->of_document[i];
    return k >= 0 && p->plan->flaws[k].kind == FLAW_DUPLICATE;
}

static bool has_changed(const struct planner *p, int i)
{
    int k = p->plan->of_document[i];
    return k >= 0 && p->plan->flaws[k].kind == FLAW_IBAN;
}

/* Whether S has an invoice with its own account before I, and none after it. */
static bool is_last_of(const struct planner *p, int i, const struct supplier *s)
{
    bool earlier = false;
    for (int k = 0; k < p->plan->documents; k++) {
        if (k == i || p->sketches[k].supplier != s || is_duplicate(p, k) || has_changed(p, k))
            continue;
        if (k > i)
            return false;
        earlier = true;
    }
    return earlier;
}

static bool place_iban(struct planner *p, struct flaw *f)
{
    for (int i = p->plan->documents - 1; i > 0; i--) {
        f->supplier = p->sketches[i].supplier;
        if (is_free(p, i) && p->sketches[i].iban && is_last_of(p, i, f->supplier)) {
            take(p, f, i);
            return true;
        }
    }
    for (int i = p->plan->documents - 1; i > 0; i--) {
        if (!is_free(p, i) || !p->sketches[i].short_pdf)
            continue;
        for (int k = 0; k < i; k++) {
            f->supplier = p->sketches[k].supplier;
            if (p->sketches[k].iban && is_last_of(p, i, f->supplier)) {
                p->sketches[i].supplier = f->supplier;
                take(p, f, i);
                return true;
            }
        }
    }
    return false;
}

static bool place_kind(struct planner *p, enum flaw_kind kind)
{
    for (int k = (int)kind; k < p->plan->count; k += FLAW_KINDS)
        if (!(kind == FLAW_IBAN ? place_iban(p, &p->plan->flaws[k]) : place(p, k)))
            return false;
    return true;
}

int flaw_plan_init(struct flaw_plan *p, uint64_t seed, int documents, int flaws, struct error *e)
{
    static const enum flaw_kind order[FLAW_KINDS] = {FLAW_DUPLICATE, FLAW_IBAN,  FLAW_LINE,
                                                     FLAW_NUMBER,    FLAW_TOTAL, FLAW_CONFIDENCE};
    static const char *const fields[] = {"total_amount", "date", "supplier_name", "total_net"};
    *p = (struct flaw_plan){.seed = seed, .documents = documents, .count = flaws};
    p->flaws = xcalloc((size_t)flaws + 1, sizeof *p->flaws);
    p->of_document = xcalloc((size_t)documents + 1, sizeof *p->of_document);
    for (int i = 0; i < documents; i++)
        p->of_document[i] = NOTHING;
    for (int k = 0; k < flaws; k++) {
        p->flaws[k].kind = (enum flaw_kind)(k % FLAW_KINDS);
        p->flaws[k].field = fields[k / FLAW_KINDS % 4];
    }
    struct planner planner = {p, xcalloc((size_t)documents + 1, sizeof *planner.sketches)};
    bool fits = 2 * (int64_t)flaws <= documents;
    if (fits)
        sketch_all(&planner);
    for (int i = 0; i < FLAW_KINDS && fits; i++)
        fits = place_kind(&planner, order[i]);
    free(planner.sketches);
    return fits ? 0
                : error_set(e, ERR_USAGE,
                            "%d flaws don't fit into %d samples: make more samples, at least "
                            "twice as many as flaws",
                            flaws, documents);
}

void flaw_plan_release(struct flaw_plan *p)
{
    free(p->flaws);
    free(p->of_document);
    p->flaws = NULL;
    p->of_document = NULL;
}

/* ---- drafting ---- */

/* By what can't be a rounding: nine units, like two digits that changed places. */
static void spoil_total(struct invoice *v)
{
    int64_t unit = 1;
    for (int i = 0; i < v->supplier->money->decimals; i++)
        unit *= 10;
    v->total += 9 * unit;
}

static void change_lines(struct invoice *v, const struct flaw *f)
{
    int64_t total = v->items[f->lines[0]].total;
    v->items[f->lines[0]].total = v->items[f->lines[1]].total;
    v->items[f->lines[1]].total = total;
}

static void plant(const struct flaw *f, struct invoice *v)
{
    switch (f->kind) {
    case FLAW_TOTAL:
        spoil_total(v);
        break;
    case FLAW_LINE:
        change_lines(v, f);
        break;
    case FLAW_DUPLICATE:
        v->medium = MEDIUM_JPEG;
        v->look += 77; /* not as straight */
        break;
    case FLAW_IBAN:
        bank_change_iban(&v->bank, (unsigned)f->index);
        v->date = invoice_last_date();
        v->due = date_add_days(v->date, v->supplier->terms_days);
        break;
    case FLAW_NUMBER:
        v->number[0] = '\0';
        break;
    case FLAW_CONFIDENCE:
        v->unsure = f->field;
        break;
    case FLAW_KINDS:
        require_failed("a flaw", __FILE_NAME__, __LINE__);
    }
}

const struct flaw *flaw_plan_draft(const struct flaw_plan *p, struct invoice *v, int index)
{
    const struct flaw *f = p->of_document[index] >= 0 ? &p->flaws[p->of_document[index]] : NULL;
    if (f != NULL && f->kind == FLAW_IBAN)
        invoice_draft_of(v, p->seed, index, f->supplier);
    else
        invoice_draft(v, p->seed, f != NULL && f->kind == FLAW_DUPLICATE ? f->of : index);
    v->sure = true;
    if (f != NULL)
        plant(f, v);
    return f;
}
