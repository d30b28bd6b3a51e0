/* mindee-batch(1), and a page for each command. */
#include "base/log_id.h"
#include "base/log_words.h"
#include "cli/help.h"
#include "manual/mdoc.h"
#include "manual/pages.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* HELP begins with a small letter and has no full stop. */
static void put_sentence(struct buffer *out, const char *help)
{
    struct buffer sentence;
    buffer_init(&sentence, 0);
    buffer_printf(&sentence, "%c%s.", toupper((unsigned char)*help), help + 1);
    mdoc_text(out, buffer_text(&sentence));
    buffer_release(&sentence);
}

static void put_flag(struct buffer *out, const char *flag, const char *argument, const char *help)
{
    buffer_printf(out, ".It Fl %s", flag);
    if (argument) {
        buffer_put(out, " Ar ");
        mdoc_argument(out, argument);
    }
    buffer_put(out, "\n");
    put_sentence(out, help);
}

static void put_long_flag(struct buffer *out, const char *name, const char *argument,
                          const char *help)
{
    char flag[40];
    snprintf(flag, sizeof flag, "-%s", name);
    put_flag(out, flag, argument, help);
}

static void put_common_flags(struct buffer *out)
{
    put_flag(out, "c", "FILE", "options come from this INI file");
    put_flag(out, "s", "section.key=value",
             "sets one option over the file's; a secret excepted, which the process list would "
             "show");
    put_flag(out, "q", NULL, "say less");
    put_flag(out, "v", NULL, "say more");
    put_long_flag(out, "log-format", "text|json", "log lines for people or for programs");
}

static void put_exit_codes(struct buffer *out)
{
    mdoc_section(out, "EXIT STATUS");
    mdoc_text(out, "It speaks of all in the ledger that isn't settled.");
    buffer_put(out, ".Bl -tag -width Ds\n");
    for (const struct exit_meaning *e = exit_meanings; e->text; e++) {
        buffer_printf(out, ".It %d\n", e->code);
        put_sentence(out, e->text);
    }
    buffer_put(out, ".El\n");
}

static void put_example(struct buffer *out, const struct command *c)
{
    struct buffer line;
    buffer_init(&line, 0);
    buffer_printf(&line, "mindee-batch %s%s%s\n", c->name, *c->example ? " " : "", c->example);
    mdoc_section(out, "EXAMPLES");
    mdoc_literal(out, buffer_text(&line));
    buffer_release(&line);
}

/* "[PATH]..." and "backup FILE | restored --yes" as they stand. */
static void put_synopsis(struct buffer *out, const char *command, const char *arguments)
{
    mdoc_section(out, "SYNOPSIS");
    buffer_printf(out, ".Nm mindee-batch %s\n.Op Ar OPTION ...\n", command);
    if (*arguments) {
        buffer_put(out, ".Ar ");
        mdoc_argument(out, arguments);
        buffer_put(out, "\n");
    }
}

static void page_name(char out[64], const char *command)
{
    snprintf(out, 64, "mindee-batch-%s", command);
}

void page_command(struct buffer *out, const struct command *c)
{
    char name[64];
    page_name(name, c->name);
    mdoc_begin(out, name, 1, c->summary);
    put_synopsis(out, c->name, c->arguments);
    mdoc_section(out, "DESCRIPTION");
    if (*c->help)
        mdoc_text(out, c->help);
    else
        put_sentence(out, c->summary);
    buffer_put(out, ".Bl -tag -width Ds\n");
    for (const struct command_option *o = c->options; o && o->name; o++)
        put_long_flag(out, o->name, o->argument, o->help);
    if (c->by_batch)
        put_long_flag(out, "batch", "NAME", "the file's section [batch.NAME] alone");
    put_common_flags(out);
    buffer_put(out, ".El\n");
    put_exit_codes(out);
    put_example(out, c);
    mdoc_section(out, "SEE ALSO");
    buffer_put(out, ".Sy mindee-batch Ns (1) ,\n.Sy mindee-batch.ini Ns (5)\n");
}

static void put_commands(struct buffer *out)
{
    mdoc_section(out, "COMMANDS");
    buffer_put(out, ".Bl -tag -width Ds\n");
    for (const struct command *const *c = commands; *c; c++) {
        buffer_printf(out, ".It Sy mindee-batch-%s Ns (1)\n", (*c)->name);
        put_sentence(out, (*c)->summary);
    }
    buffer_put(out, ".It Sy mindee-batch-sandbox Ns (1)\nA local Mindee to try things on.\n.El\n");
}

static void put_rows(struct buffer *out, const char *title, const char *macro,
                     const char *const rows[][2])
{
    mdoc_section(out, title);
    buffer_put(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; rows[i][0]; i++) {
        buffer_printf(out, ".It %s ", macro);
        mdoc_argument(out, rows[i][0]);
        buffer_put(out, "\n");
        mdoc_text(out, rows[i][1]);
    }
    buffer_put(out, ".El\n");
}

static void put_journal(struct buffer *out)
{
    char id[LOG_ID_TEXT];
    const char *event;
    mdoc_section(out, "JOURNAL");
    mdoc_text(out, "Where systemd's journal takes standard error, and log.format is text, each "
                   "event is an entry with fields: MB_EVENT, its name, and MB_ and the name of "
                   "each of its fields, as in MB_DOC, MB_PATH, MB_CAUSE, MB_BATCH: journalctl "
                   "MB_DOC=17 tells what happened to document 17. MESSAGE_ID is for each event "
                   "always the same:");
    buffer_put(out, ".Bl -column serve.reload_refused 00000000000000000000000000000000\n");
    for (unsigned long i = 0; (event = log_event_at(i)) != NULL; i++)
        buffer_printf(out, ".It %s Ta %s\n", event, log_event_id(event, id));
    buffer_put(out, ".El\n");
}

void page_program(struct buffer *out)
{
    static const char *const environment[][2] = {
        {"MINDEE_V2_API_KEY", "The API key."},
        {"MINDEE_V2_BASE_URL", "Where Mindee is; https://api-v2.mindee.net if it isn't set."},
        {"MINDEE_V2_API_HOST", "The same, as a host alone."},
        {NULL, NULL}};
    static const char *const files[][2] = {
        {"results/", "Mindee's result for each document, byte for byte, under the document's name "
                     "with .json behind it."},
        {"failures.csv", "What isn't stored, each with the reason."},
        {"summary.json", "The batch in numbers."},
        {"ledger.db", "What was sent, and what became of it: keep it with the results."},
        {NULL, NULL}};
    mdoc_begin(out, "mindee-batch", 1, "send a directory of documents through the Mindee API");
    put_synopsis(out, "COMMAND", "[ARGUMENT]...");
    mdoc_section(out, "DESCRIPTION");
    mdoc_text(out, "Sends every document of a directory to Mindee, as fast as the limits of Mindee "
                   "allow, and leaves the result of each in the output directory. Stopped at any "
                   "moment, the same command goes on where it was, and nothing is paid twice "
                   "without being counted.");
    buffer_put(out, ".Bl -tag -width Ds\n");
    put_common_flags(out);
    put_long_flag(out, "version", NULL, "prints the version");
    buffer_put(out, ".El\n");
    put_commands(out);
    put_rows(out, "ENVIRONMENT", "Ev", environment);
    put_rows(out, "FILES", "Pa", files);
    put_exit_codes(out);
    put_journal(out);
    mdoc_section(out, "EXAMPLES");
    mdoc_literal(out, "export MINDEE_V2_API_KEY=md_...\n"
                      "mindee-batch plan invoices/\n"
                      "mindee-batch run -s api.model_id=UUID invoices/\n");
    mdoc_section(out, "SEE ALSO");
    buffer_put(out, ".Sy mindee-batch.ini Ns (5)\n");
}
