/* run_words.h - a command as it would run from a shell, without a process of its own:
 *
 *     int code = run_words(&status_command, config, (const char *[]){"--json", NULL});
 *
 * WORDS stand behind its name. CONFIG stays the caller's. What it prints is captured (capture.h). */
#ifndef MB_TESTS_RUN_WORDS_H
#define MB_TESTS_RUN_WORDS_H

#include "cli/command.h"

int run_words(const struct command *command, struct config *config, const char *const *words);

#endif
