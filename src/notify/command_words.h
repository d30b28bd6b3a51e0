/* command_words.h - a command as an option has it, taken apart into the program and its arguments.
 *
 * No shell: words stand between spaces; '...' keeps everything as it is, "..." all but \" and \\,
 * and a backslash outside of quotes the character behind it. Nothing is expanded. Whoever wants a
 * shell names it: /bin/sh -c '...'. So a program that isn't there is found out before a run begins,
 * and no name of a file can ever be taken for a command. */
#ifndef MB_NOTIFY_COMMAND_WORDS_H
#define MB_NOTIFY_COMMAND_WORDS_H

#include "base/error.h"

/* *OUT: NULL-ended, one memory to free with command_words_free. The first word becomes the
 * program's path: it must be a whole path, or a name that is found in $PATH. ERR_USAGE: an open
 * quote, no word, no such program, one that can't be run; E says which and the way out. */
MUST_CHECK int command_words(char ***out, const char *command, struct error *e);
void command_words_free(char **words);

#endif
