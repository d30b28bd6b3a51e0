/* restored.h - a ledger that was put back from a backup, or copied: how that is noticed, and what
 * is held then.
 *
 * How many attempts a ledger had is remembered outside of it (limits/ledger_memory.h). One that
 * comes with fewer doesn't know what was sent since; so may a copy be that this machine doesn't
 * remember. */
#ifndef MB_LEDGER_RESTORED_H
#define MB_LEDGER_RESTORED_H

#include "ledger/ledger.h"

/* Attempts begun in all of its lives that it knows of; never less than before. */
MUST_CHECK int ledger_attempts(struct ledger *l, int64_t *attempts);
/* It was made by ledger_backup, and no run has gone on with it yet. */
bool ledger_is_copy(const struct ledger *l);
/* Nothing was sent since it was copied: it is no copy any more, with the next commit. */
MUST_CHECK int ledger_go_on(struct ledger *l);
/* It went on from a copy, or was restored, at some time: what stands in results/ may be of a life that it
 * doesn't know of. */
bool ledger_was_put_back(const struct ledger *l);

/* When ledger_hold_restored was last called for a ledger that uploads were missing from; 0: never.
 * What was there to be sent before that, and isn't known, may have been sent. */
struct wall ledger_restored_at(const struct ledger *l);

/* 1: what became of the document since the backup isn't known: the ledger was restored without some
 * uploads, and neither was an attempt of the document made or held since, nor did a person ask for
 * one. 0: it is, or none are missing. */
MUST_CHECK int ledger_may_be_forgotten(struct ledger *l, int64_t document_id);

struct ledger_held {
    int64_t in_doubt; /* that were queued or on their way: only a person sends them again */
    int64_t jobs;     /* that are known: they are asked for, and not sent again if they failed */
    int64_t missing;  /* uploads since the copy was made; -1: nobody knows how many */
};
/* Goes on with a ledger that was restored: REMEMBERED attempts (-1: nobody knows) become part of
 * what it had, and what may have been sent since is held. All of it with the next commit. */
MUST_CHECK int ledger_hold_restored(struct ledger *l, int64_t remembered, struct ledger_held *out);

#endif
