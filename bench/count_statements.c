/* Loaded before a program (LD_PRELOAD): counts the statements that SQLite runs for it, in all its
 * databases, and writes the number to $COUNT_STATEMENTS when it ends. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_long statements, transactions;

/* Each statement as it starts; those of triggers come as comments. */
static int started(unsigned what, void *ctx, void *stmt, void *text)
{
    const char *sql = text;
    (void)what, (void)ctx, (void)stmt;
    if (sql[0] == '-' && sql[1] == '-')
        return 0;
    if (sqlite3_strnicmp(sql, "BEGIN", 5) == 0 || sqlite3_strnicmp(sql, "COMMIT", 6) == 0)
        atomic_fetch_add(&transactions, 1);
    else
        atomic_fetch_add(&statements, 1);
    return 0;
}

__attribute__((visibility("default"))) int sqlite3_open_v2(const char *path, sqlite3 **db,
                                                           int flags, const char *vfs)
{
    int (*real)(const char *, sqlite3 **, int, const char *);
    *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_open_v2");
    int rc = real(path, db, flags, vfs);
    if (rc == SQLITE_OK)
        sqlite3_trace_v2(*db, SQLITE_TRACE_STMT, started, NULL);
    return rc;
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("COUNT_STATEMENTS");
    FILE *out = path ? fopen(path, "w") : NULL;
    if (out == NULL)
        return;
    fprintf(out, "{\"statements\": %ld, \"transactions\": %ld}\n", atomic_load(&statements),
            atomic_load(&transactions));
    fclose(out);
}
