/* See command_line.h. */
#include "cli/command_line.h"
#include "batch/batch.h"
#include "cli/complain.h"

#include <getopt.h>
#include <stdio.h>

static void print_command_help(const struct command *c)
{
    struct buffer options;
    buffer_init(&options, 0);
    config_help(&options);
    printf("mindee-batch %s [-c FILE] [-s section.key=value]... %s%s\n\n%s: %s.\n%s\n%s", c->name,
           c->flags & FLAG_BATCH ? "[--batch NAME] " : "", c->arguments, c->name, c->summary,
           c->help, buffer_text(&options));
    buffer_release(&options);
}

enum { OPT_LOG_FORMAT = 1000, OPT_HELP, OPT_VERSION, OPT_FLAG };

static const struct option long_options[] = {
    {"json", no_argument, NULL, OPT_FLAG + FLAG_JSON},
    {"repair", no_argument, NULL, OPT_FLAG + FLAG_REPAIR},
    {"failed", no_argument, NULL, OPT_FLAG + FLAG_FAILED},
    {"in-doubt", no_argument, NULL, OPT_FLAG + FLAG_IN_DOUBT},
    {"lost", no_argument, NULL, OPT_FLAG + FLAG_LOST},
    {"rejected", no_argument, NULL, OPT_FLAG + FLAG_REJECTED},
    {"yes", no_argument, NULL, OPT_FLAG + FLAG_YES},
    {"all", no_argument, NULL, OPT_FLAG + FLAG_ALL},
    {"batch", required_argument, NULL, OPT_FLAG + FLAG_BATCH},
    {"next", required_argument, NULL, OPT_FLAG + FLAG_NEXT},
    {"from", required_argument, NULL, OPT_FLAG + FLAG_FROM},
    {"period", required_argument, NULL, OPT_FLAG + FLAG_PERIOD},
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {0}};

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
    else
        cl->flags |= flag;
    return -1;
}

int command_line_read(struct command_line *cl, const struct command *command,
                      struct configuration_sources *from, int argc, char **argv)
{
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
            print_command_help(command);
            result = 0;
            break;
        default:
            result = option > OPT_FLAG
                         ? read_flag(cl, command, from, (unsigned)(option - OPT_FLAG))
                         : complain(EXIT_USAGE, "see mindee-batch %s --help", command->name);
        }
    }
    cl->paths = argv + optind;
    cl->path_count = argc - optind;
    return result;
}
