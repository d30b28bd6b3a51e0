/* Any bytes as an INI file: an error at most, which never shows a secret, and never two readings of
 * one file. The configuration that results must be whole: every getter's value in its range. */
#include "config/layers.h"
#include "config/options.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_errors(const struct error_list *errors, int rc)
{
    REQUIRE((rc < 0) == (errors->count > 0));
    for (size_t i = 0; i < errors->count; i++) {
        REQUIRE(errors->errors[i].code < 0);
        REQUIRE(errors->errors[i].text[0] != '\0');
        REQUIRE(strchr(errors->errors[i].text, '\n') == NULL);
    }
}

static bool is_word(const struct option_word *w, const struct value *v)
{
    while (w->word && strcmp(w->word, v->text) != 0)
        w++;
    return w->word && w->value == v->number;
}

/* Of a configuration, or of a batch of one. */
static void check_values(const struct config *c)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        const struct value *v = &setting_of(c, o)->value;
        if ((o->type == OPTION_INT && v->present) || o->type == OPTION_DURATION)
            REQUIRE(v->number >= o->min && v->number <= o->max);
        if (o->type == OPTION_CHOICE)
            REQUIRE(is_word(o->words, v));
        if (o->type == OPTION_FLAG)
            REQUIRE(v->number >= -1 && v->number <= 1);
    }
    REQUIRE(config_settings(c)->limits.share >= 1 && config_settings(c)->limits.share <= 100);
}

/* What is one for all is the very same in a batch. */
static void check_batch(const struct config *c, const struct config *batch)
{
    check_values(batch);
    for (size_t i = 0; i < option_count; i++)
        if (!(option_table[i].flags & OPTION_BY_BATCH))
            REQUIRE(strcmp(config_origin(batch, option_table[i].field),
                           config_origin(c, option_table[i].field)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz.ini", 0);
        REQUIRE(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    REQUIRE(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);

    struct config *c = config_new();
    struct error_list errors;
    struct buffer out;
    error_list_init(&errors);
    buffer_init(&out, 0);
    int rc = config_load_file(c, path, &errors);
    check_errors(&errors, rc);
    check_values(c);
    for (size_t i = 0; i < config_batch_count(c); i++)
        REQUIRE(config_batch_find(c, config_batch_name(c, i)) == (int)i); /* no name twice */
    for (size_t i = 0; i < config_batch_count(c) && i < 4; i++)
        check_batch(c, config_batch(c, i));
    error_list_release(&errors);
    rc = config_check(c, &errors);
    check_errors(&errors, rc);
    config_print(c, &out);
    REQUIRE(memchr(out.data, '\x1b', out.len) == NULL);
    buffer_release(&out);
    error_list_release(&errors);
    config_free(c);
    return 0;
}
