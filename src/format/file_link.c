/* See file_link.h. */
#include "format/file_link.h"

#include <string.h>

/* The next part of a path, without slashes and "."; its length, 0 at the end. */
static size_t path_part(const char **path)
{
    for (;;) {
        *path += strspn(*path, "/");
        size_t n = strcspn(*path, "/");
        if (n != 1 || **path != '.')
            return n;
        *path += 1;
    }
}

static void put_encoded(struct buffer *out, const char *part, size_t len)
{
    static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < len; i++) {
        if (part[i] && strchr(fit, part[i]))
            REQUIRE(buffer_append(out, part + i, 1) == 0);
        else
            buffer_printf(out, "%%%02X", (unsigned char)part[i]);
    }
}

bool file_link(struct buffer *out, const char *directory, const char *file)
{
    if (*directory != '/' || *file != '/')
        return false;
    size_t from, to;
    for (;;) { /* what both have in common; a ".." may lead anywhere */
        from = path_part(&directory);
        to = path_part(&file);
        if (!from || from != to || memcmp(directory, file, from) != 0 ||
            strncmp(file, "..", to) == 0)
            break;
        directory += from;
        file += to;
    }
    for (; from; directory += from, from = path_part(&directory))
        buffer_put(out, "../");
    for (bool first = true; to; file += to, to = path_part(&file), first = false) {
        if (!first)
            buffer_put(out, "/");
        put_encoded(out, file, to);
    }
    return true;
}
