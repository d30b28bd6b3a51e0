/* file_names.h - who has which name (file_book.h), and what that is called below results/. */
#ifndef MB_LEDGER_FILE_NAMES_H
#define MB_LEDGER_FILE_NAMES_H

#include "ledger/ledger.h"
#include "ledger/naming.h"

/* No number is given that a file in one of these has, for a file that is to be moved there too. A
 * NULL-ended list that outlives the ledger; NULL: none. */
void ledger_move_directories(struct ledger *l, const char *const *directories);
/* results/ is on such a file system, as it was found: names that it can't tell apart are one from now
 * on, and what it doesn't hold is cut. A ledger that was on others before keeps to them too; names
 * that are one now stay, and their results are looked at again. */
MUST_CHECK int ledger_names_place(struct ledger *l, const struct naming_place *found);
/* What the file of that NAME is called below results/, appended. */
void ledger_result_file(const struct ledger *l, const char *name, struct buffer *out);
size_t ledger_name_longest(const struct ledger *l); /* of a component there, bytes */
/* Files that need a number get it, in the order of their names' bytes. FN hears of their
 * documents; it may be NULL. */
MUST_CHECK int ledger_names_give(struct ledger *l, void (*fn)(void *ctx, int64_t document),
                                 void *ctx);
/* 1 if some wait for that, also since a run that died before it came so far; else 0. */
MUST_CHECK int ledger_names_wait(struct ledger *l);
/* 1 if a file other than EXCEPT has NAME, else 0. */
MUST_CHECK int ledger_name_taken(struct ledger *l, const char *name, int64_t except);
/* FILE_ID's result can't stand under its name: something that isn't ours does (AT -1), or what begins
 * at NAME[AT] and should be a directory is a file. That gets the next number. */
MUST_CHECK int ledger_name_clashes(struct ledger *l, int64_t file_id, int64_t at);

#endif
