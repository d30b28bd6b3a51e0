/* See resolved_path.h. */
#include "cli/resolved_path.h"
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends the components of REST to OUT, which holds an absolute path without a slash at its end.
 */
static void put_components(struct buffer *out, const char *rest)
{
    while (*rest) {
        size_t n = strcspn(rest, "/");
        if (n == 2 && memcmp(rest, "..", 2) == 0) {
            while (out->len && out->data[out->len - 1] != '/')
                out->len--;
            out->len -= out->len > 0;
            if (out->data)
                out->data[out->len] = '\0';
        } else if (n && !(n == 1 && *rest == '.')) {
            buffer_printf(out, "/%.*s", (int)n, rest);
        }
        rest += n + (rest[n] == '/');
    }
}

char *resolved_path(const char *path)
{
    struct buffer whole, out;
    buffer_init(&whole, 0);
    buffer_init(&out, 0);
    if (path[0] != '/') {
        char *cwd = getcwd(NULL, 0);
        buffer_put(&whole, cwd ? cwd : "");
        free(cwd);
    }
    buffer_printf(&whole, "/%s", path);
    size_t cut = whole.len; /* what is there ends here */
    char *real = NULL;
    while (cut && !real) {
        char kept = whole.data[cut];
        whole.data[cut] = '\0';
        real = realpath(whole.data, NULL);
        whole.data[cut] = kept;
        while (!real && cut && whole.data[cut - 1] != '/')
            cut--;
        while (!real && cut && whole.data[cut - 1] == '/')
            cut--;
    }
    buffer_put(&out, real && strcmp(real, "/") != 0 ? real : "");
    put_components(&out, whole.data + cut);
    if (out.len == 0)
        buffer_put(&out, "/");
    free(real);
    buffer_release(&whole);
    return buffer_detach(&out, NULL);
}

/* Where in PATH its last COUNT components begin; -1: see the header. */
static int begin_of_last(const char *path, size_t count)
{
    size_t at = strlen(path);
    for (; count > 0; count--) {
        while (at > 0 && path[at - 1] == '/')
            at--;
        size_t end = at;
        while (at > 0 && path[at - 1] != '/')
            at--;
        size_t n = end - at;
        if (n == 0 || (n <= 2 && memcmp(path + at, "..", n) == 0))
            return -1;
    }
    return (int)at;
}

char *resolved_but_last(const char *path, size_t count)
{
    struct buffer above, out;
    int at = begin_of_last(path, count);
    if (at < 0)
        return NULL;
    buffer_init(&above, 0);
    buffer_init(&out, 0);
    buffer_printf(&above, "%.*s", at, path);
    char *directory = resolved_path(buffer_text(&above)); /* of "": where we are */
    buffer_put(&out, strcmp(directory, "/") != 0 ? directory : "");
    put_components(&out, path + at);
    free(directory);
    buffer_release(&above);
    return buffer_detach(&out, NULL);
}
