/* samples_made.h - what was made: sums and flaws, for those who check what comes of it. */
#ifndef MB_SANDBOX_SAMPLES_MADE_H
#define MB_SANDBOX_SAMPLES_MADE_H

#include "base/buffer.h"
#include "sandbox/invoice/money.h"

struct flaw_plan; /* invoice/flaws.h */
struct invoice;   /* invoice/model.h */

enum { SAMPLES_CURRENCIES_MAX = 16 };

/* Of all documents, as printed. Minor units. */
struct samples_total {
    const struct money_style *money;
    int64_t documents, net, tax, total;
};

struct samples_made { /* all zeros at first */
    struct samples_total totals[SAMPLES_CURRENCIES_MAX];
    int currencies, documents;
    struct samples_flaw *flaws; /* its own */
    int flaw_count;
};

void samples_made_release(struct samples_made *m);

void samples_made_count(struct samples_made *m, const struct invoice *v);
/* The plan's flaw of that NUMBER is in FILE; it is a duplicate of FILE. */
void samples_made_flaw(struct samples_made *m, int number, const char *file);
void samples_made_original(struct samples_made *m, int number, const char *file);

/* expected.json (samples.h), appended. All of PLAN's flaws were made. */
void samples_made_expected(const struct samples_made *m, const struct flaw_plan *plan,
                           struct buffer *out);
/* What is printed on all documents: {"documents": 60, "currencies": [{"currency": "EUR",
 * "records": 30, "net": "95834.20", "tax": "17482.45", "total": "113316.65"}]}. Appended. */
void samples_made_totals(struct samples_made *m, struct buffer *out);
/* The totals in words, a line each. */
void samples_made_show(struct samples_made *m, struct buffer *out);

#endif
