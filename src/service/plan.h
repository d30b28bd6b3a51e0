/* plan.h - what a run would do, without doing it: documents by type, pages, credits, what would be
 * rejected and why, and the time it takes at the limits. Sends nothing and writes nothing; a ledger
 * that is there already is only read. */
#ifndef MB_SERVICE_PLAN_H
#define MB_SERVICE_PLAN_H

#include "base/buffer.h"
#include "batch/options.h"
#include "calendar/month.h"
#include "net/loop.h"

enum { PLAN_TYPES = FILE_HEIF + 1, PLAN_REJECTS_SHOWN = 20 };

struct plan_type {
    int64_t documents, pages, uncounted, bytes;
};

struct plan {
    int64_t files, duplicates, documents, pages, bytes;
    int64_t uncounted; /* documents whose pages could not be counted: taken as one each */
    int64_t known;     /* files whose document was sent already */
    int64_t dismissed; /* files that a person settled by hand, and that haven't changed since */
    int64_t rejected, broken;
    struct plan_type types[PLAN_TYPES];
    char *rejects[PLAN_REJECTS_SHOWN]; /* "path: reason", the first ones */
    struct left_out left_out;          /* names that the options leave out: no files */
    int64_t seconds;                   /* until the last document leaves, at the limits */
    struct month month;                /* it was made in */
    struct budget_spent spent;         /* by earlier runs */
};

/* On a loop that is running: DONE comes when P is whole. P and O must live until then, or until
 * planning_stop, after which P is left as it is and DONE doesn't come. */
struct planning;
MUST_CHECK int planning_start(struct planning **out, struct plan *p, struct loop *loop,
                              const struct batch_options *o, void (*done)(void *ctx), void *ctx,
                              struct error *e);
void planning_stop(struct planning *r);

/* The same on LOOP, which it runs itself. */
MUST_CHECK int plan_make(struct plan *p, struct loop *loop, const struct batch_options *o,
                         struct error *e);
void plan_release(struct plan *p);
/* What it would cost at O's price. */
struct credits plan_cost(const struct plan *p, const struct batch_options *o);
/* plan_print.c */
void plan_print(const struct plan *p, const struct batch_options *o, struct buffer *out);

#endif
