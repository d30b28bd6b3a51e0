/* make-manual DIRECTORY MINDEE-BATCH-TOOLS: writes the manual's pages and the shells' completions, as
 * they are installed, below DIRECTORY. Part of the build; not installed itself. */
#include "base/program.h"
#include "manual/completions.h"
#include "manual/pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
    fprintf(stderr, "make-manual: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* OUT, which is empty again then. */
static void save(const char *directory, const char *name, struct buffer *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "w");
    if (!f || fputs(buffer_text(out), f) < 0 || fclose(f) != 0)
        fail(path);
    buffer_clear(out);
}

/* What `mindee-batch sandbox --help-all` says. */
static void read_help(const char *tools, struct buffer *out)
{
    char command[4096];
    snprintf(command, sizeof command, "'%s' sandbox --help-all", tools);
    FILE *f = popen(command, "r");
    if (!f || buffer_read(out, fileno(f)) < 0 || pclose(f) != 0)
        fail(tools);
}

int main(int argc, char **argv)
{
    struct buffer out, help;
    program_begin();
    if (argc != 3) {
        fputs("usage: make-manual DIRECTORY MINDEE-BATCH-TOOLS\n", stderr);
        return 2;
    }
    buffer_init(&out, 0);
    buffer_init(&help, 0);
    page_program(&out);
    save(argv[1], "mindee-batch.1", &out);
    for (const struct command *const *c = commands; *c; c++) {
        char name[64];
        snprintf(name, sizeof name, "mindee-batch-%s.1", (*c)->name);
        page_command(&out, *c);
        save(argv[1], name, &out);
    }
    read_help(argv[2], &help);
    page_sandbox(&out, buffer_text(&help));
    save(argv[1], "mindee-batch-sandbox.1", &out);
    page_options(&out);
    save(argv[1], "mindee-batch.ini.5", &out);
    completion_bash(&out);
    save(argv[1], "mindee-batch.bash", &out);
    completion_zsh(&out);
    save(argv[1], "_mindee-batch", &out);
    completion_fish(&out);
    save(argv[1], "mindee-batch.fish", &out);
    buffer_release(&out);
    buffer_release(&help);
    return 0;
}
