/* See command_line.h. */
#include "cli/command_line.h"
#include "batch/batch.h"
#include "cli/complain.h"
#include "cli/help.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_ROW = '\x01' /* in front of a row, while options are read */ };
enum { OPT_LOG_FORMAT = 1000, OPT_HELP, OPT_VERSION, OPT_BATCH, OPT_OWN };

static const struct option common_options[] = {
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
};
enum { COMMON = sizeof common_options / sizeof *common_options };

static size_t count_own(const struct command *command)
{
    size_t n = 0;
    while (command->options && command->options[n].name)
        n++;
    return n;
}

/* Those of every command and COMMAND's own, as getopt wants them. To be freed. */
static struct option *list_options(const struct command *command)
{
    size_t count = count_own(command), used = COMMON;
    struct option *all = xcalloc(COMMON + count + 2, sizeof *all);
    memcpy(all, common_options, sizeof common_options);
    for (size_t i = 0; i < count; i++) {
        const struct command_option *o = &command->options[i];
        int takes = o->argument ? required_argument : no_argument;
        all[used++] = (struct option){o->name, takes, NULL, OPT_OWN + (int)i};
    }
    if (command->by_batch)
        all[used] = (struct option){"batch", required_argument, NULL, OPT_BATCH};
    return all;
}

static int add_to_list(struct command_list *list, const char *name)
{
    if (list->count == COMMAND_LIST_MAX)
        return complain(EXIT_USAGE, "--%s is given more than %d times", name, COMMAND_LIST_MAX);
    list->items[list->count++] = optarg;
    return -1;
}

static bool may_be_given_again(const struct command_option *o)
{
    size_t len = o->argument ? strlen(o->argument) : 0;
    return len > 3 && strcmp(o->argument + len - 3, "...") == 0;
}

/* -1: go on. */
static int take_own(void *own, const struct command_option *o)
{
    void *field = (char *)own + o->field;
    if (may_be_given_again(o))
        return add_to_list(field, o->name);
    if (o->argument)
        *(const char **)field = optarg;
    else
        *(bool *)field = true;
    return -1;
}

/* -line_items[3] means a row: getopt must not see its dash. Freed with the process. */
static void keep_rows(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t len = strlen(argv[i]);
        if (argv[i][0] != '-' || len < 3 || argv[i][1] == '-' || argv[i][len - 1] != ']')
            continue;
        char *row = xcalloc(len + 2, 1);
        row[0] = COMMAND_ROW;
        memcpy(row + 1, argv[i], len);
        argv[i] = row;
    }
}

static void give_rows_back(struct command_line *cl)
{
    for (int i = 0; i < cl->path_count; i++)
        if (cl->paths[i][0] == COMMAND_ROW)
            cl->paths[i]++;
}

int command_line_read(struct command_line *cl, const struct command *command, void *own,
                      struct configuration_sources *from, int argc, char **argv)
{
    struct option *long_options = list_options(command);
    int option, result = -1;
    if (command->takes_rows)
        keep_rows(argc, argv);
    argv[0] = "mindee-batch"; /* getopt begins its messages with it */
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
        case OPT_BATCH:
            cl->batch = from->batch = optarg;
            break;
        default:
            if (option >= OPT_OWN)
                result = take_own(own, &command->options[option - OPT_OWN]);
            else
                result = complain(EXIT_USAGE, "see mindee-batch %s --help", command->name);
        }
    }
    free(long_options);
    cl->paths = argv + optind;
    cl->path_count = argc - optind;
    if (command->takes_rows)
        give_rows_back(cl);
    return result;
}
