/* A broken invariant means that nothing this process believes can be trusted any more, least of all
 * with other people's money: it stops at once. The ledger was made for that. */
#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *file_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

#ifdef MB_LIBRARY /* somebody else's program: what it does then is for it to say */

_Noreturn void require_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "libmindee: internal error: %s (%s:%d)\n", cond, file_name(file), line);
    abort();
}

#else

enum { EXIT_BUG = 70 };

_Noreturn void require_failed(const char *cond, const char *file, int line)
{
    fprintf(
        stderr,
        "mindee-batch: internal error: %s (%s:%d). Nothing is lost: run the same command again, "
        "and please report this line.\n",
        cond, file_name(file), line);
    fflush(stderr);
    if (getenv("MINDEE_BATCH_ABORT"))
        abort();
    _Exit(EXIT_BUG);
}

#endif

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    REQUIRE(p != NULL);
    return p;
}

char *xstrdup(const char *s)
{
    char *p = strdup(s);
    REQUIRE(p != NULL);
    return p;
}
