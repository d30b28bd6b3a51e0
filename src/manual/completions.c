/* See completions.h. The words come from the tables; what stays of each shell is one function. Names
 * are letters, digits, dots, dashes and underscores; texts are put between single quotes. */
#include "manual/completions.h"
#include "cli/command.h"
#include "config/options.h"

#include <string.h>

/* What a command's option may be, as its help says. */
static const struct choices {
    const char *command, *option, *words;
} choices[] = {
    {"export", "format", "csv xlsx jsonl sqlite"},
    {"export", "profile", "excel excel-eu rfc4180"},
    {"credits", "by", "day period model"},
};

static const char *choices_of(const struct command *c, const char *option)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strcmp(choices[i].command, c->name) == 0 && strcmp(choices[i].option, option) == 0)
            return choices[i].words;
    return NULL;
}

/* A sed script that prints the NAMEs of the [batch.NAME] sections of an INI file; without quotes of any shell. */
#define BATCH_NAMES "s/^[[:space:]]*\\[batch\\.\\([^]]*\\)\\].*/\\1/p"

static void put_commands(struct buffer *out)
{
    for (const struct command *const *c = commands; *c; c++)
        buffer_printf(out, "%s ", (*c)->name);
    buffer_put(out, "sandbox help");
}

/* "--json --batch " */
static void put_flags(struct buffer *out, const struct command *c)
{
    for (const struct command_option *o = c->options; o && o->name; o++)
        buffer_printf(out, "--%s ", o->name);
    buffer_put(out, c->by_batch ? "--batch " : "");
}

static bool is_secret(const struct option *o)
{
    return o->type == OPTION_SECRET; /* -s refuses it */
}

/* "api.product=extraction api.product=classification ..."; what has no words ends with its =. */
static void put_assignments(struct buffer *out, const char *between)
{
    const char *front = "";
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        bool yes_no = o->type == OPTION_BOOL || o->type == OPTION_FLAG;
        if (is_secret(o))
            continue;
        if (yes_no)
            buffer_printf(out, "%s%s=yes%s%s=no", front, o->name, between, o->name);
        else if (!o->words || o->type != OPTION_CHOICE)
            buffer_printf(out, "%s%s=", front, o->name);
        for (const struct option_word *w = o->type == OPTION_CHOICE ? o->words : NULL; w && w->word;
             w++, front = between)
            buffer_printf(out, "%s%s=%s", front, o->name, w->word);
        front = between;
    }
}

void completion_bash(struct buffer *out)
{
    buffer_put(out, "# bash completion of mindee-batch\n"
                    "_mindee_batch()\n"
                    "{\n"
                    "    local word line=${COMP_LINE:0:COMP_POINT} commands flags ini\n"
                    "    if [ -z \"$line\" ]; then # only the words are known\n"
                    "        line=\"${COMP_WORDS[*]:0:COMP_CWORD+1}\"\n"
                    "        line=${line// = /=}\n"
                    "        line=${line// =/=}\n"
                    "    fi\n"
                    "    word=${line##* }\n"
                    "    COMPREPLY=()\n"
                    "    compopt +o nospace 2>/dev/null\n"
                    "    commands='");
    put_commands(out);
    buffer_put(out,
               "'\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
               "        COMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$word\"))\n"
               "        return\n"
               "    fi\n"
               "    line=${line% *}\n"
               "    case ${line##* } in\n"
               "    -s)\n"
               "        # the line's words are cut at =: what stands before it is left out\n"
               "        COMPREPLY=($(compgen -W '");
    put_assignments(out, " ");
    buffer_put(
        out,
        "' -- \"$word\"))\n"
        "        [ \"${#COMPREPLY[@]}\" -eq 1 ] && [ \"${COMPREPLY[0]: -1}\" = = ] &&\n"
        "            compopt -o nospace 2>/dev/null\n"
        "        case $word in *=*) COMPREPLY=(\"${COMPREPLY[@]#*=}\") ;; esac\n"
        "        return ;;\n"
        "    -c) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
        "    --batch)\n"
        "        case $line in *' -c '*) ini=${line##* -c } ini=${ini%% *} ;; esac\n"
        "        COMPREPLY=($(compgen -W \"$(sed -n '" BATCH_NAMES
        "' \"${ini/#\\~/$HOME}\" 2>/dev/null)\" -- \"$word\"))\n"
        "        return ;;\n"
        "    help) COMPREPLY=($(compgen -W \"$commands options exit\" -- \"$word\")); return ;;\n"
        "    --log-format) COMPREPLY=($(compgen -W 'text json' -- \"$word\")); return ;;\n"
        "    esac\n"
        "    case \"${COMP_WORDS[1]} ${line##* }\" in\n");
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        buffer_printf(out,
                      "    '%s --%s') COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
                      choices[i].command, choices[i].option, choices[i].words);
    buffer_put(out, "    esac\n"
                    "    case ${COMP_WORDS[1]} in\n");
    for (const struct command *const *c = commands; *c; c++) {
        buffer_printf(out, "    %s) flags='", (*c)->name);
        put_flags(out, *c);
        buffer_put(out, "' ;;\n");
    }
    buffer_put(out, "    esac\n"
                    "    case $word in\n"
                    "    -*) COMPREPLY=($(compgen -W \"$flags -c -s -q -v --log-format --help\" -- "
                    "\"$word\")) ;;\n"
                    "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                    "    esac\n"
                    "}\n"
                    "complete -o filenames -F _mindee_batch mindee-batch\n");
}

/* Between single quotes; zsh's lists have a colon before the description. */
static void put_quoted(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p == '\'')
            buffer_put(out, "'\\''");
        else
            buffer_printf(out, "%s%c", strchr(":[]", *p) ? "\\" : "", *p);
}

static void put_zsh_command(struct buffer *out, const struct command *c)
{
    buffer_printf(out, "    %s)\n        _arguments $common", c->name);
    for (const struct command_option *o = c->options; o && o->name; o++) {
        buffer_printf(out, " \\\n            '--%s[", o->name);
        put_quoted(out, o->help);
        buffer_put(out, "]");
        if (o->argument)
            buffer_printf(out, ":%s:", o->argument);
        if (choices_of(c, o->name))
            buffer_printf(out, "(%s)", choices_of(c, o->name));
        buffer_put(out, "'");
    }
    if (c->by_batch)
        buffer_put(out,
                   " \\\n            '--batch[the section of one batch alone]:NAME:($batches)'");
    buffer_put(out, *c->arguments ? " \\\n            '*:path:_files' ;;\n" : " ;;\n");
}

void completion_zsh(struct buffer *out)
{
    buffer_put(out, "#compdef mindee-batch\n"
                    "local -a commands settings common batches\n"
                    "local ini=${words[(I)-c]}\n"
                    "(( ini )) && batches=(${(f)\"$(sed -n '" BATCH_NAMES
                    "' ${~words[ini + 1]} 2>/dev/null)\"})\n"
                    "commands=(\n");
    for (const struct command *const *c = commands; *c; c++) {
        buffer_printf(out, "    '%s:", (*c)->name);
        put_quoted(out, (*c)->summary);
        buffer_put(out, "'\n");
    }
    buffer_put(out,
               "    'sandbox:a local Mindee to try things on'\n    'help:what there is to know'\n"
               ")\nsettings=(\n    ");
    put_assignments(out, "\n    ");
    buffer_put(out, "\n)\n"
                    "common=('*-c[options from an INI file]:file:_files'\n"
                    "    '*-s[set one option]:section.key=value:($settings)'\n"
                    "    '-q[say less]' '*-v[say more]' '--help[what the command does]'\n"
                    "    '--log-format[lines for people or for programs]:format:(text json)')\n"
                    "if (( CURRENT == 2 )); then\n"
                    "    _describe command commands\n"
                    "    return\n"
                    "fi\n"
                    "local command=$words[2]\n"
                    "shift words\n"
                    "(( CURRENT-- ))\n"
                    "case $command in\n");
    for (const struct command *const *c = commands; *c; c++)
        put_zsh_command(out, *c);
    buffer_put(out, "    help) _describe command commands ;;\nesac\n");
}

static void put_fish_text(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++)
        buffer_printf(out, "%s%c", *p == '\'' || *p == '\\' ? "\\" : "", *p);
}

static void put_fish_command(struct buffer *out, const struct command *c)
{
    buffer_printf(out, "complete -c mindee-batch -n __fish_use_subcommand -f -a %s -d '", c->name);
    put_fish_text(out, c->summary);
    buffer_put(out, "'\n");
    for (const struct command_option *o = c->options; o && o->name; o++) {
        buffer_printf(out,
                      "complete -c mindee-batch -n '__fish_seen_subcommand_from %s' -l %s%s -d '",
                      c->name, o->name, o->argument ? " -x" : "");
        put_fish_text(out, o->help);
        buffer_put(out, "'");
        if (choices_of(c, o->name))
            buffer_printf(out, " -a '%s'", choices_of(c, o->name));
        buffer_put(out, "\n");
    }
    if (c->by_batch)
        buffer_printf(out,
                      "complete -c mindee-batch -n '__fish_seen_subcommand_from %s' -l batch -x -a "
                      "'(__mindee_batch_names)' -d 'the section of one batch alone'\n",
                      c->name);
}

void completion_fish(struct buffer *out)
{
    buffer_put(out, "# fish completion of mindee-batch\n"
                    "function __mindee_batch_names\n"
                    "    set -l words (commandline -opc)\n"
                    "    set -l at (contains -i -- -c $words)\n"
                    "    and sed -n '" BATCH_NAMES
                    "' (string replace -r '^~' $HOME -- $words[(math $at + 1)]) 2>/dev/null\n"
                    "end\n");
    for (const struct command *const *c = commands; *c; c++)
        put_fish_command(out, *c);
    buffer_put(out, "complete -c mindee-batch -n __fish_use_subcommand -f -a 'sandbox help'\n"
                    "complete -c mindee-batch -s c -r -d 'options from an INI file'\n"
                    "complete -c mindee-batch -s q -d 'say less'\n"
                    "complete -c mindee-batch -s v -d 'say more'\n"
                    "complete -c mindee-batch -l log-format -x -a 'text json'\n"
                    "complete -c mindee-batch -s s -x -d 'set one option' -a '");
    put_assignments(out, " ");
    buffer_put(out, "'\n");
}
