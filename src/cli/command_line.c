/* See command_line.h. */
#include "cli/command_line.h"
#include "batch/batch.h"
#include "cli/command_flags.h"
#include "cli/complain.h"
#include "cli/help.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_LOG_FORMAT = 1000, OPT_HELP, OPT_VERSION, OPT_FLAG };

static const struct option common_options[] = {
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
};
enum { COMMON = sizeof common_options / sizeof *common_options };

/* Those of every command and those of some, as getopt wants them. To be freed. */
static struct option *list_options(void)
{
    struct option *all = xcalloc(COMMON + command_flag_count + 1, sizeof *all);
    memcpy(all, common_options, sizeof common_options);
    for (size_t i = 0; i < command_flag_count; i++) {
        const struct command_flag_words *f = &command_flags[i];
        int takes = f->argument ? required_argument : no_argument;
        all[COMMON + i] = (struct option){f->name, takes, NULL, OPT_FLAG + (int)f->flag};
    }
    return all;
}

/* One that only some commands take; -1 to go on, or an exit code. */
static int read_flag(struct command_line *cl, const struct command *command,
                     struct configuration_sources *from, unsigned flag)
{
    if (flag & ~command->flags)
        return complain(EXIT_USAGE, "see mindee-batch %s --help", command->name);
    if (flag == FLAG_BATCH)
        cl->batch = from->batch = optarg;
    else if (flag == FLAG_NEXT)
        cl->next = optarg;
    else if (flag == FLAG_FROM)
        cl->from = optarg;
    else if (flag == FLAG_PERIOD)
        cl->period = optarg;
    else if (flag == FLAG_NOTE)
        cl->note = optarg;
    else
        cl->flags |= flag;
    return -1;
}

int command_line_read(struct command_line *cl, const struct command *command,
                      struct configuration_sources *from, int argc, char **argv)
{
    struct option *long_options = list_options();
    int option, result = -1;
    while (result < 0 && (option = getopt_long(argc, argv, "c:s:qvh", long_options, NULL)) != -1) {
        switch (option) {
        case 'c':
            from->file = optarg;
            break;
        case 's':
            from->sets[from->set_count++] = optarg;
            break;
        case 'q':
            cl->quiet = true;
            break;
        case 'v':
            cl->verbose++;
            break;
        case OPT_LOG_FORMAT:
            buffer_clear(&from->log_format);
            buffer_printf(&from->log_format, "log.format=%s", optarg);
            break;
        case 'h':
        case OPT_HELP:
            help_command(stdout, command);
            result = 0;
            break;
        default:
            result = option > OPT_FLAG
                         ? read_flag(cl, command, from, (unsigned)(option - OPT_FLAG))
                         : complain(EXIT_USAGE, "see mindee-batch %s --help", command->name);
        }
    }
    free(long_options);
    cl->paths = argv + optind;
    cl->path_count = argc - optind;
    return result;
}
