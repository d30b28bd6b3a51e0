/* See help.h. */
#include "cli/help.h"
#include "base/text.h"

#include <string.h>

enum { SCREEN_ROWS = 24, HELP_ROWS = 4 /* of the first page, beside its commands */ };

/* Blank lines stand between its parts as long as a screen has room for them. */
void help_program(FILE *out)
{
    size_t count = 0;
    while (commands[count])
        count++;
    const char *gap = count + HELP_ROWS + 2 <= SCREEN_ROWS ? "\n" : "";
    fprintf(out,
            "Documents through Mindee's API: mindee-batch run -s api.model_id=UUID invoices/\n%s",
            gap);
    for (const struct command *const *c = commands; *c; c++)
        fprintf(out, "  %-9s %s\n", (*c)->name, (*c)->summary);
    fprintf(out,
            "  sandbox   a local Mindee to try things on\n%s"
            "-c FILE, -s section.key=value; -q, -v; --log-format text|json; --version.\n"
            "help COMMAND, help options, help exit (the exit codes) say more.\n",
            gap);
}

static void put_option(FILE *out, const char *name, const char *argument, const char *help)
{
    char front[32];
    snprintf(front, sizeof front, "--%s%s%s", name, argument ? " " : "", argument ? argument : "");
    fprintf(out, "  %-14s %s\n", front, help);
}

void help_command(FILE *out, const struct command *c)
{
    fprintf(out, "mindee-batch %s [OPTION]...%s%s\n%s.\n", c->name, *c->arguments ? " " : "",
            c->arguments, c->summary);
    if (*c->help)
        fprintf(out, "\n%s", c->help);
    fputs("\n", out);
    for (const struct command_option *o = c->options; o && o->name; o++)
        put_option(out, o->name, o->argument, o->help);
    if (c->by_batch)
        put_option(out, "batch", "NAME", "the file's section [batch.NAME] alone");
    fprintf(out,
            "  -c FILE        options from an INI file; -s section.key=value sets one over it\n"
            "  -q, -v         say less, say more; --log-format text|json\n\n"
            "For example: mindee-batch %s%s%s\n"
            "Every option: mindee-batch help options. As they are: mindee-batch config\n",
            c->name, *c->example ? " " : "", c->example);
}

void help_options(FILE *out)
{
    struct buffer text;
    buffer_init(&text, 0);
    config_help(&text);
    fputs(buffer_text(&text), out);
    buffer_release(&text);
}

const struct exit_meaning exit_meanings[] = {
    {0, "every document is stored or dismissed, or no files were found"},
    {1, "finished, but some documents failed, were rejected, lost, or are held in doubt: "
        "failures.csv names them"},
    {2, "the command line or the configuration is wrong"},
    {3,
     "the ledger can't be opened, is damaged or put back from a backup, or belongs to another run "
     "at work"},
    {4, "Mindee, or what stands between, refuses us (401, 402, 403, the first documents all alike, "
        "answers that can't be read): stopped, resumable"},
    {5,
     "interrupted, a budget reached, jobs still processing, no answer for api.patience, or files "
     "that can't be read for now: the same command goes on"},
    {70, "a fault of this program"},
    {0, NULL}};

void help_exit_codes(FILE *out)
{
    struct buffer text;
    buffer_init(&text, 0);
    buffer_put(&text, "The exit code speaks of all in the ledger that isn't settled:\n\n");
    for (const struct exit_meaning *e = exit_meanings; e->text; e++) {
        char front[16];
        snprintf(front, sizeof front, "  %-3d ", e->code);
        text_wrap(&text, front, "      ", 80, e->text);
    }
    fputs(buffer_text(&text), out);
    buffer_release(&text);
}
