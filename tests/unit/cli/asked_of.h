/* asked_of.h - a command asked as from a shell, of the ledger of a fixture (ledger_fixture.h):
 *
 *     int code = asked_of(&retry_command, f, (const char *[]){"--failed", NULL}, NULL);
 *     assert_told("there is nothing to retry");
 *
 * SETS: "section.key=value" besides, NULL-ended; may be NULL. */
#ifndef MB_TESTS_CLI_ASKED_OF_H
#define MB_TESTS_CLI_ASKED_OF_H

#include "capture.h"
#include "ledger_fixture.h"
#include "run_words.h"

int asked_of(const struct command *command, const struct fixture *f, const char *const *words,
             const char *const *sets);
/* Which may hold no ledger. */
int asked_in(const struct command *command, const char *directory, const char *const *words,
             const char *const *sets);

void assert_told(const char *words);       /* on standard output */
void assert_complained(const char *words); /* on standard error */

#endif
