/* mindee-batch: from the command line to a command. Its options are read (command_line.h), what
 * they configure is put together (configuration.h), the log is opened, and the command runs, once
 * or for each batch. */
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/batches.h"
#include "cli/clashes.h"
#include "cli/command_line.h"
#include "cli/complain.h"
#include "cli/help.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int unknown_command(const char *name)
{
    enum { MOST = 32 };
    const char *names[MOST + 2] = {"sandbox"};
    for (int i = 0; i < MOST && commands[i]; i++)
        names[i + 1] = commands[i]->name;
    const char *near = text_nearest(name, names);
    return complain(EXIT_USAGE, "unknown command \"%s\"%s%s%s (see mindee-batch --help)",
                    text_show(name), near ? ", did you mean \"" : "", near ? near : "",
                    near ? "\"?" : "");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct configuration_sources from;
    void *own = xcalloc(1, command->own_size + 1);
    struct command_line cl = {.program = argv[0], .sources = &from, .own = own};
    struct config *config = NULL;
    struct error_list errors;
    struct error e;
    error_list_init(&errors);
    configuration_sources_init(&from, argc);
    int code = command_line_read(&cl, command, own, &from, argc, argv);
    if (code < 0 && !(config = configuration_read(&from, &errors)))
        code = complain_errors(EXIT_USAGE, &errors);
    error_list_release(&errors);
    if (code < 0 && configuration_open_log(&cl, config, command->service, &e) < 0)
        code = complain(EXIT_USAGE, "%s", e.text);
    if (code < 0 && command->each)
        clashes_warn(config);
    if (code < 0 && cl.batch)
        cl.config = config_batch(config, (size_t)config_batch_find(config, cl.batch));
    else
        cl.config = config;
    if (code < 0)
        code = command->each ? each_batch(&cl, command->run) : command->run(&cl);
    log_close();
    config_free(config);
    configuration_sources_release(&from);
    free(own);
    return code;
}

/* Uploads, connections and files being read each need one; the soft limit is often 1,024. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What is freed is needed again at once; threads that have heaps of their own, and heaps given back
 * to the system and asked for again, cost more than the work done in them. */
static void keep_memory(void)
{
    enum { KEEP_BYTES = 16 * 1024 * 1024, STEP_BYTES = 256 * 1024 };
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    mallopt(M_TOP_PAD, STEP_BYTES);
}

static int become(const char *program, char **argv)
{
    if (program)
        execv(program, argv);
    return complain(EXIT_USAGE,
                    "mindee-batch-tools can't be started: it belongs beside mindee-batch, or in "
                    "../libexec/mindee-batch (cmake --install puts it there)");
}

/* `help [COMMAND|options|exit]` */
static int help(const char *topic)
{
    const struct command *command = topic ? command_find(topic) : NULL;
    if (command)
        help_command(stdout, command);
    else if (!topic)
        help_program(stdout);
    else if (strcmp(topic, "options") == 0)
        help_options(stdout);
    else if (strcmp(topic, "exit") == 0)
        help_exit_codes(stdout);
    else
        return unknown_command(topic);
    return 0;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int sandbox(const char *tools, char **argv)
{
    static char *help_line[] = {"mindee-batch", "sandbox", "--help", NULL};
    return become(tools, asks_for_help(argv[1]) ? help_line : argv);
}

static int run_word(int argc, char **argv)
{
    if (argc < 2) {
        help_program(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1], *topic = argc > 2 ? argv[2] : NULL;
    if (asks_for_help(word) && !(topic && strcmp(topic, "sandbox") == 0))
        return help(topic);
    if (strcmp(word, "--version") == 0) {
        puts("mindee-batch " MB_VERSION);
        return 0;
    }
    char *tools = program_beside("mindee-batch-tools");
    if (strcmp(word, "sandbox") == 0 || asks_for_help(word))
        return sandbox(tools, argv);
    page_helper_use(tools);
    free(tools);
    const struct command *command = command_find(word);
    if (!command)
        return unknown_command(word);
    return run(command, argc - 1, argv + 1);
}

/* What a command printed is what it was called for: it has not done well if that got lost. */
static int end_output(int code)
{
    struct error e;
    if (program_output_end(&e) == 0)
        return code;
    return complain(code <= EXIT_SOME_FAILED ? EXIT_RESUMABLE : code,
                    "%s: what was to be printed is lost; mend this and run the same command again",
                    e.text);
}

int main(int argc, char **argv)
{
    program_begin();
    keep_memory();
    raise_descriptor_limit();
    return end_output(run_word(argc, argv));
}
