/* require.h - a broken invariant of ours stops the program; what the world can cause never does. */
#ifndef MB_BASE_REQUIRE_H
#define MB_BASE_REQUIRE_H

#include <stddef.h>

#ifndef __FILE_NAME__ /* without the path of who built it: GCC 12, Clang 9 */
#define __FILE_NAME__ __FILE__
#endif

#define REQUIRE(cond) ((cond) ? (void)0 : require_failed(#cond, __FILE_NAME__, __LINE__))

#define MUST_CHECK   __attribute__((warn_unused_result))
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

/* Prints the broken condition and exits with status 70 (a bug of ours, see --help). */
_Noreturn void require_failed(const char *cond, const char *file, int line);

/* Zeroed memory for structs of our own, of fixed size; running out of it is the end of the process.
 * Memory whose size comes from outside is asked for through struct buffer, which can fail. */
void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull, malloc));
char *xstrdup(const char *s) __attribute__((returns_nonnull, malloc));

#endif
