/* mindee-batch: from the command line to a command. Options are read in the order environment,
 * file, command line; every mistake in them is shown, not just the first. */
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct command commands[] = {
    {"run", "[PATH]...", "process a batch to its end",
     "Sends every document below the PATHs (or input.directory) and leaves Mindee's result for "
     "each in\n"
     "output.directory. Stopped at any moment, the same command goes on where it was.\n",
     0, run_command},
    {"plan", "[PATH]...", "documents, pages, credits, time; sends nothing", "", 0, plan_command},
    {"status", "[--json]", "what the ledger holds; also while a run is at work",
     "--json: the numbers of summary.json, and every file with its state and its result file.\n",
     FLAG_JSON, status_command},
    {"retry", "[--failed|--in-doubt|--lost|--rejected|PATH]...",
     "try documents again that ended otherwise than stored",
     "A document that has a job is asked for first, and sent (and paid) again only if the job failed or is\n"
     "gone. PATHs are files, as `failures.csv` names them.\n",
     FLAG_FAILED | FLAG_IN_DOUBT | FLAG_LOST | FLAG_REJECTED, retry_command},
    {"serve", "", "a batch, then stay: for webhooks that come late",
     "Sends every document below input.directory, as `run` does, and stays until SIGTERM or Ctrl-C. SIGHUP: the\n"
     "certificate is read again. Tells systemd that it is ready and alive (config/mindee-batch.service).\n",
     0, serve_command},
    {"explain", "PATH", "one document's whole history", "", 0, explain_command},
    {"verify", "[PATH]... [--repair]", "every input in one place, every result intact",
     "Reads only. --repair writes result files again that are missing or differ from the ledger.\n",
     FLAG_REPAIR, verify_command},
    {"models", "", "models and webhooks of the key", "", 0, models_command},
    {"config", "", "every option, its value and where that came from", "", 0, config_command},
    {"demo", "", "sample invoices through the sandbox, end to end",
     "Makes 60 sample invoices, starts a sandbox with Mindee's limits on this machine, and runs "
     "the batch\n"
     "against it. Nothing leaves the machine. Results are kept under $TMPDIR.\n",
     0, demo_command},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

int complain(int code, const char *format, ...)
{
    va_list ap;
    fputs("mindee-batch: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    return code;
}

static void print_usage(FILE *out)
{
    fputs("mindee-batch sends a directory of documents through the Mindee API and leaves a\n"
          "result for each one.\n\n"
          "  export MINDEE_V2_API_KEY=md_...\n"
          "  mindee-batch run -s api.model_id=UUID invoices/\n\n"
          "commands (COMMAND --help says more, and lists every option):\n",
          out);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    fputs("  sandbox   a local Mindee to try things on\n\n"
          "options of every command:\n"
          "  -c FILE                read options from an INI file\n"
          "  -s section.key=value   set one option, over the file; as often as you like\n"
          "  -q, -v                 say less, say more\n"
          "  --log-format text|json\n"
          "  --help, --version\n\n"
          "exit status:\n"
          "  0   every document is stored\n"
          "  1   finished, but some documents failed, were rejected, lost, or are in doubt\n"
          "  2   usage or configuration\n"
          "  3   the ledger can't be opened, is damaged, or is in use by another run\n"
          "  4   Mindee refuses us (401, 402, 403, or the first documents all alike)\n"
          "  5   interrupted, a budget reached, or jobs still processing: run it again\n"
          "  70  a bug\n",
          out);
}

static void print_command_help(const struct command *c)
{
    struct buffer options;
    buffer_init(&options, 0);
    config_help(&options);
    printf("mindee-batch %s [-c FILE] [-s section.key=value]... %s\n\n%s: %s.\n%s\n%s", c->name,
           c->arguments, c->name, c->summary, c->help, buffer_text(&options));
    buffer_release(&options);
}

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

static int show_errors(const struct error_list *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        complain(EXIT_USAGE, "%s", errors->errors[i].text);
    return EXIT_USAGE;
}

enum { OPT_LOG_FORMAT = 1000, OPT_HELP, OPT_VERSION, OPT_FLAG };

/* Reads the options; -1 to go on, or an exit code. */
static int read_options(struct command_line *cl, const struct command *command, int argc,
                        char **argv)
{
    static const struct option longs[] = {{"json", no_argument, NULL, OPT_FLAG + FLAG_JSON},
                                          {"repair", no_argument, NULL, OPT_FLAG + FLAG_REPAIR},
                                          {"failed", no_argument, NULL, OPT_FLAG + FLAG_FAILED},
                                          {"in-doubt", no_argument, NULL, OPT_FLAG + FLAG_IN_DOUBT},
                                          {"lost", no_argument, NULL, OPT_FLAG + FLAG_LOST},
                                          {"rejected", no_argument, NULL, OPT_FLAG + FLAG_REJECTED},
                                          {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {"help", no_argument, NULL, OPT_HELP},
                                          {"version", no_argument, NULL, OPT_VERSION},
                                          {0}};
    struct error_list errors = {0};
    struct buffer format;
    const char *file = NULL, **sets = xcalloc((size_t)argc + 1, sizeof *sets);
    int set_count = 0, option, result = -1;
    buffer_init(&format, 0);
    while (result < 0 && (option = getopt_long(argc, argv, "c:s:qvh", longs, NULL)) != -1) {
        switch (option) {
        case 'c':
            file = optarg;
            break;
        case 's':
            sets[set_count++] = optarg;
            break;
        case 'q':
            cl->quiet = true;
            break;
        case 'v':
            cl->verbose++;
            break;
        case OPT_LOG_FORMAT:
            buffer_printf(&format, "log.format=%s", optarg);
            break;
        case 'h':
        case OPT_HELP:
            print_command_help(command);
            result = 0;
            break;
        default:
            cl->flags |= option > OPT_FLAG ? (unsigned)(option - OPT_FLAG) : 0u;
            if (option < OPT_FLAG || cl->flags & ~command->flags)
                result = complain(EXIT_USAGE, "see mindee-batch %s --help", command->name);
        }
    }
    if (result < 0) {
        bool fine = config_load_environment(cl->config, &errors) == 0;
        fine = (!file || config_load_file(cl->config, file, &errors) == 0) && fine;
        for (int i = 0; i < set_count; i++)
            fine = config_set(cl->config, sets[i], &errors) == 0 && fine;
        if (format.len)
            fine = config_set(cl->config, format.data, &errors) == 0 && fine;
        fine = fine && config_check(cl->config, &errors) == 0;
        if (!fine)
            result = show_errors(&errors);
    }
    cl->paths = argv + optind;
    cl->path_count = argc - optind;
    error_list_release(&errors);
    buffer_release(&format);
    free(sets);
    return result;
}

static int open_log(const struct command_line *cl, struct error *e)
{
    struct log_options o = {.level = (enum log_level)config_choice(cl->config, "log.level"),
                            .format = (enum log_format)config_choice(cl->config, "log.format"),
                            .file = config_text(cl->config, "log.file"),
                            .clock = &system_clock};
    bool chosen = config_is_set(cl->config, "log.level");
    if (cl->quiet && !chosen)
        o.level = LOG_ERROR;
    else if (!chosen && !o.file && isatty(STDERR_FILENO)) /* the display tells the rest */
        o.level = LOG_WARNING;
    if (cl->verbose)
        o.level = LOG_DEBUG;
    return log_open(&o, e);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct command_line cl = {.config = config_new(), .program = argv[0]};
    struct error e;
    int code = read_options(&cl, command, argc, argv);
    if (code < 0)
        code = open_log(&cl, &e) < 0 ? complain(EXIT_USAGE, "%s", e.text) : command->run(&cl);
    log_close();
    config_free(cl.config);
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

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    keep_memory();
    raise_descriptor_limit();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    if (strcmp(word, "--version") == 0) {
        puts("mindee-batch " MB_VERSION);
        return 0;
    }
    char *tools = program_beside("mindee-batch-tools");
    if (strcmp(word, "sandbox") == 0)
        return become(tools, argv);
    page_helper_use(tools);
    free(tools);
    const struct command *command = find_command(word);
    if (!command)
        return unknown_command(word);
    return run(command, argc - 1, argv + 1);
}
