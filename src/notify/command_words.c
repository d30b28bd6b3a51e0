/* See command_words.h. A pass over the text that writes each word where it is read, as a word never
 * gets longer; then the search for the program, as execvp would do it, so that what is found is
 * what will run. */
#include "notify/command_words.h"
#include "base/buffer.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Reads one word from *FROM on and writes it to TO; returns its end, or NULL for an open quote. */
static char *take_word(const char **from, char *to)
{
    char quote = '\0';
    const char *p = *from;
    for (; *p && (quote || !is_space(*p)); p++) {
        if (quote ? *p == quote : *p == '\'' || *p == '"') {
            quote = quote ? '\0' : *p;
            continue;
        }
        bool escape = *p == '\\' && quote != '\'' && p[1];
        if (escape && (!quote || p[1] == '"' || p[1] == '\\'))
            p++;
        *to++ = *p;
    }
    *from = p;
    return quote ? NULL : to;
}

static bool can_be_run(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* NAME in the directories of $PATH: its path, to free, or NULL. */
static char *find_in_path(const char *name)
{
    const char *directories = getenv("PATH");
    struct buffer path;
    buffer_init(&path, 0);
    for (const char *p = directories ? directories : "/usr/bin:/bin"; *p;) {
        size_t n = strcspn(p, ":");
        buffer_clear(&path);
        buffer_printf(&path, "%.*s/%s", (int)n, p, name);
        if (*p == '/' && can_be_run(buffer_text(&path)))
            return buffer_detach(&path, NULL);
        p += n + (p[n] == ':');
    }
    buffer_release(&path);
    return NULL;
}

static int find_program(char **word, struct error *e)
{
    const char *shown = text_show(*word);
    if (!strchr(*word, '/')) {
        char *path = find_in_path(*word);
        if (!path)
            return error_set(e, ERR_USAGE,
                             "no program %s in $PATH: give its whole path, or install it", shown);
        free(*word);
        *word = path;
        return 0;
    }
    if (**word != '/')
        return error_set(e, ERR_USAGE,
                         "%s: give the program's whole path, or a name to be found in $PATH",
                         shown);
    if (can_be_run(*word))
        return 0;
    if (access(*word, F_OK) != 0)
        return error_system(e, ERR_USAGE, errno, "%s", shown);
    return error_set(e, ERR_USAGE, "%s isn't a program that may be run: chmod +x it", shown);
}

int command_words(char ***out, const char *command, struct error *e)
{
    size_t len = strlen(command), count = 0;
    char *text = xcalloc(1, len + 1);
    char **words = xcalloc(len / 2 + 2, sizeof *words);
    int rc = 0;
    for (const char *p = command; rc == 0; count++) {
        while (is_space(*p))
            p++;
        if (!*p)
            break;
        char *end = take_word(&p, text);
        if (!end) {
            rc = error_set(e, ERR_USAGE, "a quote is opened and not closed");
            break;
        }
        *end = '\0';
        words[count] = xstrdup(text);
    }
    if (rc == 0)
        rc = words[0] && *words[0] ? find_program(&words[0], e)
                                   : error_set(e, ERR_USAGE, "no program is named");
    free(text);
    if (rc < 0)
        command_words_free(words);
    else
        *out = words;
    return rc;
}

void command_words_free(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}
