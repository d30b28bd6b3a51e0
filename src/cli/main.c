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

static const struct command commands[] = {
    {"run", "[PATH]...", "process a batch to its end",
     "Sends every document below the PATHs (or input.directory) and leaves Mindee's\n"
     "result for each in output.directory. Stopped at any moment, the same command\n"
     "goes on where it was.\n",
     "-s api.model_id=UUID invoices/", FLAG_BATCH, true, run_command},
    {"plan", "[PATH]...", "documents, pages, credits, time; sends nothing",
     "Looks at every file as `run` would, and says what it would send, leave out and\n"
     "cost.\n",
     "invoices/", FLAG_BATCH, true, plan_command},
    {"status", "", "what the ledger holds; also while a run is at work",
     "--json has the numbers of summary.json, the scheduled runs, and every file with\n"
     "its state and its result file.\n",
     "-s output.directory=out", FLAG_JSON | FLAG_BATCH | FLAG_PERIOD, false, status_command},
    {"retry", "[PATH]...", "try documents again that ended otherwise than stored",
     "A document that has a job is asked for first, and sent (and paid) again only if\n"
     "the job failed or is gone. PATHs are files, as failures.csv names them: the one\n"
     "that is there now; where there is none, or with --all, every one that was.\n"
     "Where other bytes are there now, they are taken in as a new file.\n",
     "--failed -s output.directory=out",
     FLAG_FAILED | FLAG_IN_DOUBT | FLAG_LOST | FLAG_REJECTED | FLAG_BATCH | FLAG_ALL, true,
     retry_command},
    {"dismiss", "[PATH]...", "settle by hand what won't be stored",
     "Such documents count as dismissed, make no exit code 1, are in failures.csv no\n"
     "longer, and are never sent: `retry PATH` takes one up again (retry --failed and\n"
     "the like pass it over), and so does a result that comes after all. PATHs are\n"
     "files, as failures.csv names them, with --all every one that was there.\n",
     "--rejected -s output.directory=out",
     FLAG_FAILED | FLAG_IN_DOUBT | FLAG_LOST | FLAG_REJECTED | FLAG_BATCH | FLAG_ALL | FLAG_NOTE,
     true, dismiss_command},
    {"serve", "", "stay: runs on their day, watched folders, webhooks",
     "Runs each batch when its schedule.when says so, takes files as they arrive\n"
     "(watch.enabled), and waits for webhooks (webhook.listen), until SIGTERM or\n"
     "Ctrl-C. A run that was missed is caught up, once. SIGHUP: the configuration,\n"
     "the certificate and the webhooks' secrets are read again. Tells systemd that it\n"
     "is ready and alive.\n",
     "-c /etc/mindee-batch.ini", 0, false, serve_command},
    {"explain", "PATH", "one document's whole history",
     "What was done with it, when, and why: each upload, its job, its result. PATH is\n"
     "the file that is there now; where there is none, or with --all, every file that\n"
     "was there, newest first. It is found by the path it came to and by where it was\n"
     "moved.\n",
     "-s output.directory=out invoices/17.pdf", FLAG_BATCH | FLAG_ALL, true, explain_command},
    {"verify", "[PATH]...", "every input in one place, every result intact",
     "Reads only, unless --repair is given.\n", "-s output.directory=out invoices/",
     FLAG_REPAIR | FLAG_BATCH, true, verify_command},
    {"ledger", "backup FILE | restored --yes", "copy the ledger; go on with one that was put back",
     "backup FILE: copies the ledger at one moment, also while a run is at work (and\n"
     "its file book to FILE.files; put back, both go together). Replaces nothing.\n"
     "restored --yes: says that the ledger was put back from a backup. What was\n"
     "queued or on its way then is held in doubt, for it may have been sent since,\n"
     "and so is a file that isn't in it and was there before, where uploads are\n"
     "missing from it: put lost files back first. `retry --in-doubt` sends what is\n"
     "held. Jobs that are known are asked for by the next run.\n",
     "backup -s output.directory=out monday.db", FLAG_BATCH | FLAG_YES, false, ledger_command},
    {"models", "", "models and webhooks of the key", "", "", 0, false, models_command},
    {"schedule", "", "the next N runs, as dates",
     "What schedule.when gives, with the rule and the period of each run.\n",
     "-s schedule.when=business-day+3 --next 6", FLAG_BATCH | FLAG_NEXT | FLAG_FROM | FLAG_JSON,
     false, schedule_command},
    {"config", "", "every option, its value and where that came from", "", "-c batch.ini",
     FLAG_BATCH, false, config_command},
    {"demo", "", "sample invoices through the sandbox, end to end",
     "Makes 60 sample invoices, starts a sandbox with Mindee's limits on this\n"
     "machine, and runs the batch against it. Nothing leaves the machine. Results are\n"
     "kept under $TMPDIR.\n",
     "", 0, false, demo_command},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS + 2] = {"sandbox"};
    for (int i = 0; i < COMMANDS; i++)
        names[i + 1] = commands[i].name;
    const char *near = text_nearest(name, names);
    return complain(EXIT_USAGE, "unknown command \"%s\"%s%s%s (see mindee-batch --help)",
                    text_show(name), near ? ", did you mean \"" : "", near ? near : "",
                    near ? "\"?" : "");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct configuration_sources from;
    struct command_line cl = {.program = argv[0], .sources = &from};
    struct config *config = NULL;
    struct error_list errors;
    struct error e;
    error_list_init(&errors);
    configuration_sources_init(&from, argc);
    int code = command_line_read(&cl, command, &from, argc, argv);
    if (code < 0 && !(config = configuration_read(&from, &errors)))
        code = complain_errors(EXIT_USAGE, &errors);
    error_list_release(&errors);
    if (code < 0 && configuration_open_log(&cl, config, command->run == serve_command, &e) < 0)
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
    const struct command *command = topic ? find_command(topic) : NULL;
    if (command)
        help_command(stdout, command);
    else if (!topic)
        help_program(stdout, commands, COMMANDS);
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
        help_program(stderr, commands, COMMANDS);
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
    const struct command *command = find_command(word);
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
