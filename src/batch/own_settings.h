/* own_settings.h - a document carries its own product, model and options: a run that takes up such
 * documents again sends them with those, whatever the configuration names. */
#ifndef MB_BATCH_OWN_SETTINGS_H
#define MB_BATCH_OWN_SETTINGS_H

#include "batch/options.h"
#include "ledger/sent_settings.h"

/* What is sent with each document from now on is what S says; webhook_ids stay as configured.
 * ERR_DAMAGED: no settings that a run can have written. */
MUST_CHECK int own_settings_use(struct batch_options *o, const struct ledger_settings *s,
                                struct error *e);

#endif
