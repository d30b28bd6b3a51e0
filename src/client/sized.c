/* Structs that begin with their size. See sized_copy in client_internal.h. */
#include "client/client_internal.h"

#include <string.h>

const char *mindee_version(void)
{
    return MB_VERSION;
}

int sized_copy(void *out, size_t out_size, const void *in, const char *what, struct error *e)
{
    enum { SIZE_MAX_BELIEVED = 4096 };
    size_t size;
    memcpy(&size, in, sizeof size);
    if (size < sizeof size || size > SIZE_MAX_BELIEVED)
        return error_set(e, ERR_USAGE, "the size in struct %s is %zu: begin with its _INIT", what,
                         size);
    const unsigned char *bytes = in;
    for (size_t i = out_size; i < size; i++)
        if (bytes[i])
            return error_set(e, ERR_USAGE,
                             "struct %s asks for what this libmindee (" MB_VERSION
                             ") doesn't have: it is older than the program",
                             what);
    memcpy(out, in, size < out_size ? size : out_size);
    memcpy(out, &out_size, sizeof out_size);
    return 0;
}
