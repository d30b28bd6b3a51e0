/* backup.h - a ledger copied while a run may be at work on it. */
#ifndef MB_LEDGER_BACKUP_H
#define MB_LEDGER_BACKUP_H

#include "base/error.h"

/* Copies the ledger at PATH to TO, and its file book to TO.files where there is one: both of one
 * moment, 0600, each whole or not there. A copy knows that it is one (restored.h). Takes no run
 * lock. ERR_NOT_FOUND: there is no ledger; ERR_USAGE: TO or TO.files is there already, or TO's
 * directory isn't; ERR_DAMAGED: no copy was made; ERR_BUSY, ERR_IO. */
MUST_CHECK int ledger_backup(const char *path, const char *to, struct error *e);

#endif
