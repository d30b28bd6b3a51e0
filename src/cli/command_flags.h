/* command_flags.h - the options that only some commands take, as they are written and told of. */
#ifndef MB_CLI_COMMAND_FLAGS_H
#define MB_CLI_COMMAND_FLAGS_H

#include <stddef.h>

struct command_flag_words {
    unsigned flag;        /* enum command_flag */
    const char *name;     /* without its dashes */
    const char *argument; /* what follows it, for people; NULL: nothing does */
    const char *help;     /* one line, no full stop */
};
extern const struct command_flag_words command_flags[];
extern const size_t command_flag_count;

#endif
