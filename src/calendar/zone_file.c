/* The name becomes a path below the directory after it was looked at letter by letter: with no dot
 * and no slash at an end in it, it can't lead elsewhere. What isn't a regular file of a modest size
 * isn't read; whether it is a zone, zone_parse tells. */
#include "calendar/zone_file.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usual_directory[] = "/usr/share/zoneinfo";

enum { NAME_MAX_BYTES = 100, PATH_MAX_BYTES = 1024, FILE_MAX_BYTES = 256 * 1024 };

/* A header and a block twice over, for 32 and 64 bits, with one kind of local time, which is UTC
 * with an empty name; and the rule. */
#define HEADER "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define COUNTS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1"
#define TYPE   "\0\0\0\0\0\0\0"
static const char utc_file[] = HEADER COUNTS TYPE HEADER COUNTS TYPE "\nUTC0\n";

static bool name_is_sane(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_MAX_BYTES || name[0] == '/' || name[len - 1] == '/')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("_+-/", name[i]))
            return false;
    return !strstr(name, "//");
}

static int not_there(const char *name, const char *directory, struct error *e)
{
    struct stat st;
    if (stat(directory, &st) < 0 || !S_ISDIR(st.st_mode))
        return error_set(e, ERR_NOT_FOUND,
                         "%s isn't there: install the time zone database (on Debian, the package "
                         "tzdata), set TZDIR to where it is, or use the zone UTC, which needs none",
                         text_show(directory));
    return error_set(e, ERR_USAGE,
                     "\"%s\" isn't a time zone of %s: write one as in Europe/Paris or "
                     "America/New_York (`timedatectl list-timezones` lists them)",
                     text_show(name), text_show(directory));
}

static int read_all(int fd, struct buffer *out, struct error *e)
{
    struct buffer file;
    buffer_init(&file, FILE_MAX_BYTES);
    int rc = buffer_read(&file, fd);
    if (rc == ERR_IO)
        error_system(e, rc, errno, "read");
    else if (rc == ERR_LIMIT)
        error_set(e, rc, "it is too large for a time zone");
    else if (rc < 0 || (rc = buffer_append(out, file.data, file.len)) < 0)
        error_set(e, rc, "it doesn't fit into memory");
    buffer_release(&file);
    return rc;
}

static int read_file(const char *name, const char *path, struct buffer *out, struct error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_system(e, ERR_IO, errno, "open %s", text_show(path));
    int rc = 0;
    if (fstat(fd, &st) < 0)
        rc = error_system(e, ERR_IO, errno, "open %s", text_show(path));
    else if (S_ISDIR(st.st_mode))
        rc = error_set(e, ERR_USAGE,
                       "\"%s\" is a group of time zones: write which, as in Europe/Paris",
                       text_show(name));
    else if (!S_ISREG(st.st_mode))
        rc = error_set(e, ERR_USAGE, "%s isn't a file", text_show(path));
    else if (read_all(fd, out, e) < 0)
        rc = error_wrap(e, "%s", text_show(path));
    close(fd);
    return rc;
}

int zone_file_read(const char *name, const char *directory, struct buffer *out, struct error *e)
{
    char path[PATH_MAX_BYTES];
    const char *given = getenv("TZDIR");
    if (!directory)
        directory = given && *given ? given : usual_directory;
    if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0)
        return buffer_append(out, utc_file, sizeof utc_file - 1) < 0
                   ? error_set(e, ERR_MEMORY, "it doesn't fit into memory")
                   : 0;
    if (!name_is_sane(name))
        return error_set(
            e, ERR_USAGE,
            "\"%s\" isn't the name of a time zone: write one as in Europe/Paris or UTC",
            text_show(name));
    if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, name) >= sizeof path)
        return error_set(e, ERR_LIMIT, "the directory's name is too long: %s",
                         text_show(directory));
    if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return not_there(name, directory, e);
    return read_file(name, path, out, e);
}
