/* See name_cut.h. Names are bytes: UTF-8 where they are UTF-8. */
#include "base/name_cut.h"

#include "base/digest.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { MARK = 17 /* "~" and 16 hex digits */ };

/* At most ROOM bytes of COMPONENT, so that no UTF-8 sequence is split. */
static size_t cut_length(const char *component, size_t room)
{
    size_t keep = room;
    while (keep > 0 && ((unsigned char)component[keep] & 0xc0) == 0x80)
        keep--;
    return keep ? keep : room;
}

static void put_component(struct buffer *out, const char *component, size_t len, size_t longest)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    if (len <= longest) {
        REQUIRE(buffer_append(out, component, len) == 0);
        return;
    }
    sha256(component, len, digest);
    hex_encode(digest, 8, hex);
    buffer_printf(out, "%.*s~%s", (int)cut_length(component, longest - MARK), component, hex);
}

void name_cut(struct buffer *out, const char *path, size_t longest, const char *suffix)
{
    const char *slash;
    while ((slash = strchr(path, '/')) != NULL) {
        put_component(out, path, (size_t)(slash - path), longest);
        buffer_put(out, "/");
        path = slash + 1;
    }
    put_component(out, path, strlen(path), longest - strlen(suffix));
    buffer_put(out, suffix);
}

size_t name_cut_longest(int fd)
{
    long longest = fpathconf(fd, _PC_NAME_MAX);
    if (longest <= 0 || longest > NAME_CUT_MOST)
        return NAME_CUT_MOST;
    return longest < NAME_CUT_LEAST ? NAME_CUT_LEAST : (size_t)longest;
}
