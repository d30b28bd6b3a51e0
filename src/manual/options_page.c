/* mindee-batch.ini(5): every option. */
#include "config/config.h"
#include "config/options.h"
#include "manual/mdoc.h"
#include "manual/pages.h"

#include <ctype.h>
#include <string.h>

static void put_option(struct buffer *out, const struct option *o)
{
    char shape[OPTION_SHAPE_MAX];
    struct buffer text;
    buffer_init(&text, 0);
    buffer_printf(&text, "%c%s.", toupper((unsigned char)*o->help), o->help + 1);
    buffer_printf(out, ".It Cm %s No = Ar %s\n", strchr(o->name, '.') + 1, option_shape(o, shape));
    mdoc_text(out, buffer_text(&text));
    buffer_put(out, ".Pp\nDefault:\n");
    mdoc_text(out, option_default(o));
    buffer_release(&text);
}

void page_options(struct buffer *out)
{
    struct buffer batches;
    mdoc_begin(out, "mindee-batch.ini", 5, "configuration of mindee-batch");
    mdoc_section(out, "DESCRIPTION");
    mdoc_text(out,
              "The file that -c names. Below a [section] stand lines of key = value; after -s the "
              "same is written section.key=value, and goes before the file. A # or ; at the "
              "beginning of a line, and a ; behind a blank, begin a comment. A value goes on in "
              "the next line if that is indented; a line holds at most 199 bytes.\n\n"
              "A DURATION is written like 500ms, 2s, 15m, 1h, 5d. A LIST has commas between its "
              "items. A relative PATH is relative to the directory of the file; ~/ is the home "
              "directory.");
    for (size_t i = 0; i < option_count; i++) {
        const char *name = option_table[i].name;
        size_t n = strcspn(name, ".") + 1;
        if (i == 0 || strncmp(option_table[i - 1].name, name, n) != 0)
            buffer_printf(out, "%s.Ss Section %.*s\n.Bl -tag -width Ds\n", i ? ".El\n" : "",
                          (int)n - 1, name);
        put_option(out, &option_table[i]);
    }
    buffer_put(out, ".El\n.Ss Sections batch.NAME\n");
    buffer_init(&batches, 0);
    config_batches_text(&batches);
    mdoc_text(out, buffer_text(&batches));
    buffer_release(&batches);
    mdoc_section(out, "SEE ALSO");
    buffer_put(out, ".Sy mindee-batch Ns (1)\n");
}
