/* See run_words.h. */
#include "run_words.h"
#include "capture.h"
#include "cli/command_line.h"

#include <getopt.h>
#include <stdlib.h>

enum { MOST = 32 };

int run_words(const struct command *command, struct config *config, const char *const *words)
{
    char *argv[MOST + 1] = {(char *)(uintptr_t)command->name};
    int argc = 1;
    struct configuration_sources from;
    void *own = xcalloc(1, command->own_size + 1);
    struct command_line cl = {.config = config, .own = own};
    for (; *words && argc < MOST; words++)
        argv[argc++] = (char *)(uintptr_t)*words;
    configuration_sources_init(&from, MOST);
    optind = 0; /* getopt begins anew */
    capture_begin();
    int code = command_line_read(&cl, command, own, &from, argc, argv);
    if (code < 0)
        code = command->run(&cl);
    capture_end();
    configuration_sources_release(&from);
    free(own);
    return code;
}
