/* See new_database.h. All rows are one transaction without a journal, which is never rolled back: after an
 * error the file is thrown away. SQLite's own refusals of what could harm a database that lives on would
 * refuse that, so they aren't asked for. */
#include "store/new_database.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Where SQLite sorts what is larger than its memory. It has one such place for the process. */
static int sort_beside(struct database *d, const char *path)
{
    struct buffer sql;
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    buffer_init(&sql, 0);
    buffer_put(&sql, "PRAGMA temp_store_directory='");
    for (const char *p = path; p < slash; p++)
        buffer_printf(&sql, *p == '\'' ? "''" : "%c", *p);
    buffer_put(&sql, "'");
    int rc = database_script(d, buffer_text(&sql));
    buffer_release(&sql);
    return rc;
}

int new_database_open(struct database *d, const char *path, const char *shown, const char *way_out)
{
    int rc = database_open(d, path, DATABASE_NEW, way_out);
    free(d->path);
    d->path = xstrdup(shown);
    return rc < 0 ? rc : sort_beside(d, path);
}

int new_database_finish(struct database *d)
{
    int rc = database_commit(d);
    return rc < 0 ? rc : database_script(d, "PRAGMA temp_store_directory=''");
}

void new_database_put_name(struct buffer *sql, const char *name)
{
    buffer_put(sql, "\"");
    for (const char *p = name; *p; p++)
        buffer_printf(sql, *p == '"' ? "\"\"" : "%c", *p);
    buffer_put(sql, "\"");
}
