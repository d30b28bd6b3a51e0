/* The table as people read it: with values (`config`), as --help, and as an INI file to start
 * from. */
#include "base/text.h"
#include "config/layers.h"

#include <string.h>

enum { SCREEN = 80, FILE_WIDTH = 96 };

const char *option_default(const struct option *o)
{
    if (o->fallback_shown)
        return o->fallback_shown;
    return o->fallback ? o->fallback : "not set";
}

/* The section's name if row I is the first of one, else NULL. */
static const char *new_section(size_t i, char out[32])
{
    const char *name = option_table[i].name;
    size_t n = (size_t)(strchr(name, '.') - name);
    if (i > 0 && strncmp(option_table[i - 1].name, name, n + 1) == 0)
        return NULL;
    REQUIRE(n < 32);
    memcpy(out, name, n);
    out[n] = '\0';
    return out;
}

static void put_padded(struct buffer *out, const char *text, size_t width)
{
    size_t columns = 0;
    for (const char *p = text; *p; p++)
        columns += ((unsigned char)*p & 0xc0) != 0x80; /* not the bytes that continue a character */
    buffer_put(out, text);
    for (; columns < width; columns++)
        buffer_put(out, " ");
}

static void print_option(const struct config *c, const struct option *o, struct buffer *out)
{
    enum { NAME_COLUMNS = 26, VALUE_COLUMNS = 38 };
    struct buffer value;
    buffer_init(&value, 0);
    value_show(&setting_of(c, o)->value, o, &value);
    put_padded(out, o->name, NAME_COLUMNS);
    buffer_put(out, " ");
    put_padded(out, buffer_text(&value), VALUE_COLUMNS);
    buffer_printf(out, " %s\n", text_show(config_origin(c, o->field)));
    buffer_release(&value);
}

void config_print(const struct config *c, struct buffer *out)
{
    for (size_t i = 0; i < option_count; i++)
        print_option(c, &option_table[i], out);
    for (size_t k = 0; k < c->batch_count; k++) {
        buffer_printf(out, "\nbatch %s, besides what is above:\n", c->batches[k]->name);
        for (size_t i = 0; i < option_count; i++)
            if (setting_is_own(c->batches[k], &option_table[i]))
                print_option(c->batches[k], &option_table[i], out);
    }
}

/* "api.key, api.key_file, ..." */
static void put_shared_names(struct buffer *out)
{
    for (size_t i = 0, n = 0; i < option_count; i++)
        if (!(option_table[i].flags & OPTION_BY_BATCH))
            buffer_printf(out, "%s%s", n++ ? ", " : "", option_table[i].name);
}

/* "directory (input.directory), model (api.model_id), ..." in the table's order */
static void put_short_names(struct buffer *out)
{
    for (size_t i = 0, n = 0; i < option_count; i++)
        if (option_short_name(&option_table[i]))
            buffer_printf(out, "%s%s (%s)", n++ ? ", " : "", option_short_name(&option_table[i]),
                          option_table[i].name);
}

void config_batches_text(struct buffer *out)
{
    buffer_put(out, "Several batches in one file: each section [batch.NAME] is one (NAME: letters, "
                    "digits, - and _). In it stand options under their full names, as in "
                    "retry.in_doubt = hold, or a short one: ");
    put_short_names(out);
    buffer_put(out,
               ". What it doesn't say holds as the other sections have it. Each batch needs an "
               "output directory of its own. -s batch.NAME.key=value sets one batch's; "
               "--batch NAME takes one alone. One for all batches: ");
    put_shared_names(out);
    buffer_put(out, ".");
}

static void put_help_line(const struct option *o, struct buffer *out)
{
    char shape[OPTION_SHAPE_MAX];
    struct buffer text;
    buffer_init(&text, 0);
    buffer_printf(&text, "%s [%s]", o->help, option_default(o));
    buffer_printf(out, "  %s=%s\n", o->name, option_shape(o, shape));
    text_wrap(out, "      ", "      ", SCREEN, buffer_text(&text));
    buffer_release(&text);
}

void config_help(struct buffer *out)
{
    char section[32];
    buffer_put(out, "Options, each with its default in brackets: in an INI file (-c FILE) below\n"
                    "[section], or after -s as section.key=value.\n");
    for (size_t i = 0; i < option_count; i++) {
        if (new_section(i, section))
            buffer_put(out, "\n");
        put_help_line(&option_table[i], out);
    }
    struct buffer batches;
    buffer_init(&batches, 0);
    config_batches_text(&batches);
    buffer_put(out, "\n");
    text_wrap(out, "", "", SCREEN, buffer_text(&batches));
    buffer_release(&batches);
    buffer_put(
        out, "\nA DURATION is written like 500ms, 2s, 15m, 1h, 5d; a LIST has commas between its\n"
             "items. A relative PATH in an INI file is relative to that file's directory.\n");
}

/* One batch, with its short names. */
static void put_example_batch(struct buffer *out)
{
    struct buffer text;
    buffer_init(&text, 0);
    config_batches_text(&text);
    buffer_put(out, "\n");
    text_wrap(out, "# ", "# ", FILE_WIDTH, buffer_text(&text));
    buffer_put(out, "#\n#[batch.acme]\n"
                    "#directory = acme/invoices\n"
                    "#output = acme/results\n"
                    "#model = 00000000-0000-0000-0000-000000000000\n"
                    "#schedule = last-business-day 18:00, business-day+2 06:30\n");
    buffer_release(&text);
}

void config_example(struct buffer *out)
{
    char section[32], shape[OPTION_SHAPE_MAX];
    buffer_put(out,
               "# Every option of mindee-batch with its default, for use with -c FILE.\n"
               "# To set one, take its # away.\n"
               "#\n"
               "# Relative paths are relative to the directory of this file; ~/ is the home\n"
               "# directory. A value goes on in the next line if that is indented; no line may be\n"
               "# longer than 199 bytes. A # or ; at the beginning of a line, and a ; behind a\n"
               "# blank, begin a comment.\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        if (new_section(i, section))
            buffer_printf(out, "\n[%s]\n", section);
        buffer_put(out, "\n");
        text_wrap(out, "# ", "# ", FILE_WIDTH, o->help);
        buffer_printf(out, "# %s; default: %s\n", option_shape(o, shape), option_default(o));
        buffer_printf(out, "#%s =%s%s\n", strchr(o->name, '.') + 1, o->fallback ? " " : "",
                      o->fallback ? o->fallback : "");
    }
    put_example_batch(out);
}
