/* facts.h - what there is to know of each record that needs no person: its values by role, its reasons, the family
 * of duplicates it belongs to. Kept in review.db, a row a record. Ids are in the order of age, whatever order results came
 * in: when the documents were found, of what was found together the records' dates. Of duplicates of one date the one whose
 * file's name comes first is the older. What came first stays the original of what comes later.
 *
 *   facts_open(&f, d, ledger, &options, &e)     D is open; which of its facts are used, see below
 *   facts_update(f, upto, &e)                   the results that came since, and what people corrected since
 *   facts_get(f, key, &fact)
 *   facts_close(f)
 *
 * Reasons depend on the options. Those of review.db are of one set of options, the *recipe*, kept beside them. Who asks
 * with another one gets facts of its own, made from all results into temporary tables that hide the others and end with
 * the connection: what it sees depends on its options alone, and what others see doesn't change. With `adopt` its recipe
 * becomes that of review.db instead. Facts are made anew when the ledger isn't the one they were made of, or when this
 * program reads results differently. */
#ifndef MB_REVIEW_FACTS_H
#define MB_REVIEW_FACTS_H

#include "ledger/ledger.h"
#include "review/check_options.h"
#include "review/corrections.h"
#include "review/reasons.h"
#include "review/roles.h"
#include "store/database.h"

enum { RECIPE_BYTES = 32, FACT_KEY_MAX = 96 };

/* What of a record people changed (changed.what of review.db). Stored: never renumber. */
enum { CHANGED_CORRECTED = 0, CHANGED_DECIDED = 1 };

struct facts_options {
    struct roles *roles; /* they outlive the facts, as the others do */
    const struct check_options *checks;
    int64_t duplicate_days;       /* 0: any */
    uint8_t recipe[RECIPE_BYTES]; /* a digest of the options that all this came from */
    bool adopt;
};

struct facts;

MUST_CHECK int facts_open(struct facts **out, struct database *d, struct ledger *l,
                          const struct facts_options *options, struct error *e);
void facts_close(struct facts *f);
/* In transactions of its own, of 1,000 results at most. */
MUST_CHECK int facts_update(struct facts *f, int64_t upto, struct error *e);
/* Only of what people corrected or decided, in the transaction that is open. */
MUST_CHECK int facts_update_corrected(struct facts *f, struct error *e);

struct fact {
    int64_t id, document;
    char key[FACT_KEY_MAX];
    int decimals;                    /* of its amounts */
    char *reasons;                   /* reasons.h */
    char *family;                    /* the key of the oldest of its duplicates; "": it has none */
    char *values[ROLE_SINGLE_COUNT]; /* by role, as text; NULL: empty, or the model hasn't it */
};
/* 1; 0: there is no such record. OUT is released either way, and is to be zero before the first. */
MUST_CHECK int facts_get(struct facts *f, const char *key, struct fact *out);
MUST_CHECK int facts_get_id(struct facts *f, int64_t id, struct fact *out);
void fact_release(struct fact *fact);

struct fact_ids {
    int64_t *ids; /* owned; in the order in which the records came */
    size_t count;
    int64_t records; /* all that there are */
};
/* All, or those alone that have open reasons or that somebody decided on or corrected. */
MUST_CHECK int facts_list(struct facts *f, bool all, struct fact_ids *out);
/* Those alone that somebody decided on or corrected. */
MUST_CHECK int facts_touched(struct facts *f, struct fact_ids *out);
/* Of each record that nobody did, and that has open reasons: they (reasons.h). Returns how many, or an error. */
MUST_CHECK int facts_untouched_each(struct facts *f, void (*fn)(void *ctx, const char *reasons),
                                    void *ctx);
MUST_CHECK int facts_of_document(struct facts *f, int64_t document, struct fact_ids *out);
void fact_ids_release(struct fact_ids *ids);
/* FN for each model without one confidence in all of its results: nobody asked for them. */
MUST_CHECK int facts_without_confidence(
    struct facts *f, void (*fn)(void *ctx, const char *product, const char *model_id), void *ctx);
/* What FROM knows of columns is known here too, for corrections. */
MUST_CHECK int facts_learn(struct facts *f, const struct columns *from);

/* One record as it is flattened, for corrections. */
typedef int facts_record_cb(void *ctx, struct columns *columns, const struct flat_document *doc,
                            const struct flat_record *record);
/* The document as Mindee read it, with RECORD of it. ERR_NOT_FOUND. */
MUST_CHECK int facts_read(struct facts *f, const struct fact *fact, facts_record_cb *cb, void *ctx,
                          struct error *e);

#endif
