/* A command over the batches of a file: one after the other, each as if it were alone, and the
 * worst of their exit codes. A refusal by Mindee ends the rest, for all have the same key; so does
 * whoever stops a run. */
#include "cli/batches.h"
#include "batch/batch.h"
#include "cli/complain.h"

#include <stdio.h>

/* The lower the worse; a code that isn't here (70) is the worst. */
static int rank(int code)
{
    static const int worst_first[] = {EXIT_LEDGER,    EXIT_USAGE,       EXIT_REFUSED,
                                      EXIT_RESUMABLE, EXIT_SOME_FAILED, EXIT_ALL_STORED};
    for (int i = 0; i < (int)(sizeof worst_first / sizeof *worst_first); i++)
        if (worst_first[i] == code)
            return i;
    return -1;
}

int worse_exit(int a, int b)
{
    return rank(a) <= rank(b) ? a : b;
}

/* The names from batch I on, with commas. */
static void put_names(const struct config *c, size_t i, struct buffer *out)
{
    for (const char *comma = ""; i < config_batch_count(c); i++, comma = ", ")
        buffer_printf(out, "%s%s", comma, config_batch_name(c, i));
}

static int whose_paths(const struct command_line *cl)
{
    struct buffer names;
    buffer_init(&names, 0);
    put_names(cl->config, 0, &names);
    complain(EXIT_USAGE, "a PATH belongs to one batch: say which with --batch NAME (%s)",
             buffer_text(&names));
    buffer_release(&names);
    return EXIT_USAGE;
}

static void tell_not_begun(const struct config *c, size_t i)
{
    struct buffer names;
    buffer_init(&names, 0);
    put_names(c, i, &names);
    if (names.len)
        complain(0, "not begun: %s", buffer_text(&names));
    buffer_release(&names);
}

int each_batch(const struct command_line *cl, int (*work)(const struct command_line *))
{
    size_t count = config_batch_count(cl->config);
    int worst = EXIT_ALL_STORED;
    if (count == 0)
        return work(cl);
    if (cl->path_count)
        return whose_paths(cl);
    for (size_t i = 0; i < count; i++) {
        bool interrupted = false;
        struct command_line one = *cl;
        one.whole = cl->config;
        one.config = config_batch(cl->config, i);
        one.batch = config_batch_name(cl->config, i);
        one.interrupted = &interrupted;
        one.of_several = count > 1;
        if (!cl->quiet)
            printf("%sbatch %s:\n", i ? "\n" : "", one.batch);
        fflush(stdout); /* before what goes to standard error */
        complain_of(one.batch);
        int code = work(&one);
        complain_of(NULL);
        worst = worse_exit(worst, code);
        if (code == EXIT_REFUSED || interrupted) {
            tell_not_begun(cl->config, i + 1);
            break;
        }
    }
    return worst;
}
