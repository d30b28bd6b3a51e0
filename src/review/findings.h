/* findings.h - what was found in one record: the reasons why a person looks at it. */
#ifndef MB_REVIEW_FINDINGS_H
#define MB_REVIEW_FINDINGS_H

#include "base/decimal.h"
#include "review/check_options.h"

#include <stddef.h>
#include <stdint.h>

enum { FINDINGS_MAX = 1000 /* of one record; further ones are counted */ };

struct finding {
    enum check_code code;
    enum severity severity;
    char *field;      /* "total_amount", "line_items[2].total_price" */
    char *text;       /* "97.31 + 19.46 = 116.77, not 116.70" */
    char *difference; /* "-0.07"; NULL: there is none */
};

struct findings {
    struct finding *items; /* owned */
    size_t count, capacity;
    int64_t more; /* beyond FINDINGS_MAX */
};

/* Nothing is added whose code is off. DIFFERENCE may be NULL; it is shown with DECIMALS. */
void findings_add(struct findings *f, const struct check_options *o, enum check_code code,
                  const char *field, const struct decimal *difference, int decimals,
                  const char *format, ...) PRINTF(7, 8);
void findings_clear(struct findings *f);
void findings_release(struct findings *f);
/* The gravest, SEVERITY_OFF if there is none. */
enum severity findings_worst(const struct findings *f);

#endif
