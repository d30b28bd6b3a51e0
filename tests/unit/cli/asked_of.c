#include "asked_of.h"

#include <stdio.h>
#include <string.h>

static void set(struct config *config, const char *text)
{
    struct error_list errors;
    error_list_init(&errors);
    if (config_set(config, text, &errors) != 0)
        fail_msg("%s: %s", text, errors.errors[0].text);
    error_list_release(&errors);
}

int asked_in(const struct command *command, const char *directory, const char *const *words,
             const char *const *sets)
{
    struct config *config = config_new();
    char text[600];
    snprintf(text, sizeof text, "output.directory=%s", directory);
    set(config, text);
    snprintf(text, sizeof text, "limits.state=%s/state", directory);
    set(config, text);
    for (; sets && *sets; sets++)
        set(config, *sets);
    int code = run_words(command, config, words);
    config_free(config);
    return code;
}

int asked_of(const struct command *command, const struct fixture *f, const char *const *words,
             const char *const *sets)
{
    return asked_in(command, f->directory, words, sets);
}

void assert_told(const char *words)
{
    if (!strstr(captured_out, words))
        fail_msg("\"%s\" isn't in: %s", words, captured_out);
}

void assert_complained(const char *words)
{
    if (!strstr(captured_err, words))
        fail_msg("\"%s\" isn't in: %s", words, captured_err);
}
