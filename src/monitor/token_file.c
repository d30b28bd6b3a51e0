/* See token_file.h. */
#include "monitor/token_file.h"

#include "base/secret_file.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { LINES_MAX = 16 };

static int look(const char *path, struct file_stamp *stamp, struct error *e)
{
    struct stat st;
    *stamp = (struct file_stamp){0};
    if (stat(path, &st) != 0)
        return error_system(e, ERR_USAGE, errno, "open");
    *stamp = file_stamp_of(&st);
    if (!S_ISREG(st.st_mode))
        return error_set(e, ERR_USAGE, "it isn't a file");
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return error_set(e, ERR_USAGE, "others than its owner may use it: chmod 600");
    return 0;
}

char *token_file_read(const char *path, struct file_stamp *stamp, struct error *e)
{
    char **lines = look(path, stamp, e) == 0
                       ? secret_file_lines(path, LINES_MAX, "config.secret_file", e)
                       : NULL;
    if (!lines) {
        e->code = ERR_USAGE;
        error_wrap(e, "http.token_file %s", text_show(path));
        return NULL;
    }
    char *token = xstrdup(lines[0]);
    secret_lines_free(lines);
    return token;
}

bool token_file_changed(const char *path, const struct file_stamp *stamp)
{
    struct stat st;
    struct file_stamp now = {0};
    if (stat(path, &st) == 0)
        now = file_stamp_of(&st);
    return !file_stamp_equal(&now, stamp);
}
