/* sent_settings.h - what documents are sent with: product, model and request options, one row for each set
 * ever used. A document carries its own. */
#ifndef MB_LEDGER_SENT_SETTINGS_H
#define MB_LEDGER_SENT_SETTINGS_H

#include "ledger/ledger.h"

struct ledger_settings {
    const char *product, *model_id;
    const char *options; /* canonical JSON of the request.* options that are set */
};
/* FN is called once. */
MUST_CHECK int ledger_settings_get(struct ledger *l, int64_t id,
                                   void (*fn)(void *ctx, const struct ledger_settings *s),
                                   void *ctx); /* ERR_NOT_FOUND */
/* Finds or makes the row. */
MUST_CHECK int ledger_settings_put(struct ledger *l, const struct ledger_settings *s, int64_t *id);

/* 1 if more than one set of settings was ever used; 0; or an error. */
MUST_CHECK int ledger_several_settings(struct ledger *l);

/* 1 and a PATH if a file of ROOT, at UNDER or below it, has a document under another product or model
 * than that of SETTINGS that was paid for (or may have been); 0 if none; or an error. */
MUST_CHECK int ledger_settings_conflict(struct ledger *l, int64_t root_id,
                                        const struct ledger_settings *settings, const char *under,
                                        struct buffer *path);
/* Documents of ROOT queued, and never accepted, under other settings move to SETTINGS_ID: nothing
 * was paid for them. */
MUST_CHECK int ledger_requeue_under(struct ledger *l, int64_t root_id, int64_t settings_id);

/* 1 if any document under PRODUCT and MODEL_ID was paid for, or may have been; 0 if none. */
MUST_CHECK int ledger_model_in_use(struct ledger *l, const char *product, const char *model_id);
/* Documents under other settings than SETTINGS_ID that wait for a run of theirs. IN_DOUBT: those
 * that such a run sends again by itself; not those that only a person does, nor those with
 * MOST_DOUBTS attempts in doubt. */
MUST_CHECK int ledger_waiting_elsewhere(struct ledger *l, int64_t settings_id, int max_resends,
                                        int64_t *queued, int64_t *in_doubt);

/* 1 if a document of this content under these settings (model_id NULL: any) was sent already, or is
 * on its way; 0 if not. */
MUST_CHECK int ledger_content_sent(struct ledger *l, const struct ledger_settings *s,
                                   const uint8_t sha256[SHA256_BYTES]);

#endif
