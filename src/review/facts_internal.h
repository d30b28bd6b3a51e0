/* facts_internal.h - what the parts of facts.c share. Private.
 *
 * facts.c opens, brings up to date and looks; facts_state.c which facts are used, and how far they are; facts_document.c
 * takes a result in; facts_record.c checks one of its records and compares it with the others; facts_account.c says whether
 * it makes its bank account known. */
#ifndef MB_REVIEW_FACTS_INTERNAL_H
#define MB_REVIEW_FACTS_INTERNAL_H

#include "ledger/stored_results.h"
#include "review/corrected.h"
#include "review/facts.h"
#include "review/findings.h"
#include "review/invoice.h"
#include "review/supplier_accounts.h"
#include "tables/dense_row.h"

enum { IDS_OF_A_DAY = 1 << 20 /* of records of one date that were found at one time */ };

struct known_settings {
    int64_t id;
    char *product, *model_id, *options;
    bool noted,
        confidence; /* in confidence_seen: that there are results, that one had confidences */
};

/* The document at hand. */
struct at_hand {
    struct flat_document *read; /* as Mindee read it */
    struct corrected corrected;
    struct corrections *lists; /* of each of its records */
    size_t list_count, list_capacity;
    struct role_record roles;
    struct invoice invoice;
    struct findings findings;
    struct buffer reasons;
};

struct facts {
    struct database *d;
    struct ledger *ledger;
    const struct facts_options *options;
    struct columns *columns;
    struct known_settings *settings;
    size_t settings_count, settings_capacity;
    struct at_hand hand;
    bool corrections, decisions; /* there are any */
    int64_t *again;              /* a heap: records to be checked again, the oldest first */
    size_t again_count, again_capacity;
    struct error error; /* of a callback; code 0: the database's or the ledger's */
};

/* --- facts_state.c --- */

struct facts_state {
    bool ours; /* of this ledger, made as this program makes them */
    bool same; /* with these options, too */
    int64_t result, changed;
};

MUST_CHECK int facts_state_read(struct facts *f, struct facts_state *out);
MUST_CHECK int facts_state_write(struct facts *f, int64_t result, int64_t changed);
/* Those of review.db, begun anew if they are to be, or of one's own: in a transaction. */
MUST_CHECK int facts_state_choose(struct facts *f);

/* --- facts_document.c --- */

MUST_CHECK int facts_take_in(struct facts *f, const struct ledger_stored *s);
/* The document S as it is checked: 1; 0 if it isn't one for tables; or an error. */
MUST_CHECK int facts_read_document(struct facts *f, const struct ledger_stored *s,
                                   char base[RECORD_KEY_MAX], const struct flat_document **out);
/* Those that were to be checked again are, and what comes of that: it concerns later records alone. */
MUST_CHECK int facts_put_again(struct facts *f);
/* Those that people corrected or decided on since entry AFTER of the audit trail, which becomes the newest. */
MUST_CHECK int facts_take_corrected(struct facts *f, int64_t *after);
void facts_forget_document(struct facts *f);

/* --- facts_again.c --- */

/* ID is to be checked again, because what it is compared with changed. */
void facts_check_again(struct facts *f, int64_t id);
/* The oldest of those; false: there is none. */
bool facts_next_again(struct facts *f, int64_t *id);

/* --- facts_record.c --- */

enum putting {
    PUT_NEW,
    PUT_CHANGED, /* it is there, and what it is compared by may be another */
    PUT_AGAIN,   /* it is there, and others changed */
};

/* Checks the record, which is flattened and corrected, and keeps it as ID. */
MUST_CHECK int facts_put_record(struct facts *f, int64_t id, const char *key,
                                const struct ledger_stored *s, const struct flat_document *doc,
                                const struct flat_record *record, enum putting how);
/* Its values by role, into what is at hand: done before a PUT_NEW. */
void facts_read_values(struct facts *f, const struct flat_document *doc,
                       const struct flat_record *record);
/* What is compared with ID as it is now is to be checked again, and its bank account is taken away: before it changes or
 * goes. */
MUST_CHECK int facts_concern(struct facts *f, int64_t id);

/* --- facts_account.c --- */

/* ID has been checked: REASONS are its own. Its account is put, or, if it IS_THERE, what became of it. */
MUST_CHECK int facts_put_account(struct facts *f, int64_t id, const char *key, const char *reasons,
                                 const struct duplicate_keys *keys,
                                 const struct accounts_found *found, bool is_there);
MUST_CHECK int facts_take_account(struct facts *f, int64_t id, const struct duplicate_keys *keys);
/* Somebody decided on ID, or took that back. */
MUST_CHECK int facts_take_decision(struct facts *f, int64_t id);

#endif
