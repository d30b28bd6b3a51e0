/* See secret_file.h. */
#include "base/secret_file.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16384 };

int secret_file_open(const char *path, const char *event, struct error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(e, ERR_USAGE, errno, "open");
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
        LOG(LOG_WARNING, event, LOG_STR("path", path),
            LOG_STR("cause", "anybody on this machine may read it"), LOG_STR("next", "chmod 600"));
    return fd;
}

void secret_buffer_wipe(struct buffer *b)
{
    if (b->data)
        explicit_bzero(b->data, b->cap);
    buffer_release(b);
}

static bool begins_with(const struct buffer *b, const char *mark)
{
    return b->len >= strlen(mark) && memcmp(b->data, mark, strlen(mark)) == 0;
}

static void keep_from(struct buffer *b, size_t skip, size_t step)
{
    size_t len = 0;
    for (size_t i = skip; i < b->len; i += step)
        b->data[len++] = b->data[i];
    explicit_bzero(b->data + len, b->len - len);
    b->len = len;
}

/* Every second byte from FIRST on is zero. */
static bool is_wide_ascii(const struct buffer *b, size_t first)
{
    for (size_t i = first; i < b->len; i += 2)
        if (b->data[i] != '\0')
            return false;
    return true;
}

void secret_text_plain(struct buffer *text)
{
    if (begins_with(text, "\xef\xbb\xbf"))
        keep_from(text, 3, 1);
    else if (begins_with(text, "\xff\xfe") && is_wide_ascii(text, 3))
        keep_from(text, 2, 2);
    else if (begins_with(text, "\xfe\xff") && is_wide_ascii(text, 2))
        keep_from(text, 3, 2);
}

static int read_whole(int fd, struct buffer *out, struct error *e)
{
    /* Asked for at once: what grows leaves copies behind. */
    if (buffer_reserve(out, FILE_MAX) < 0)
        return error_set(e, ERR_MEMORY, "no memory");
    int rc = buffer_read(out, fd);
    if (rc == ERR_IO)
        return error_system(e, ERR_USAGE, errno, "read");
    return rc < 0 ? error_set(e, ERR_USAGE, "it is too large for a file of secrets") : 0;
}

static int take_lines(char **lines, size_t most, struct buffer *text, struct error *e)
{
    size_t count = 0;
    secret_text_plain(text);
    if (strlen(buffer_text(text)) != text->len)
        return error_set(e, ERR_USAGE, "it isn't text");
    char *rest = text->len ? text->data : NULL;
    for (char *line; (line = strsep(&rest, "\r\n")) != NULL;) {
        line += strspn(line, " \t");
        size_t len = strlen(line);
        while (len && strchr(" \t", line[len - 1]))
            line[--len] = '\0';
        if (len && count == most)
            return error_set(e, ERR_USAGE, "there are more than %zu secrets", most);
        if (len)
            lines[count++] = xstrdup(line);
    }
    return count ? 0 : error_set(e, ERR_USAGE, "there is no secret in it");
}

char **secret_file_lines(const char *path, size_t most, const char *event, struct error *e)
{
    struct buffer text;
    int fd = secret_file_open(path, event, e);
    if (fd < 0)
        return NULL;
    char **lines = xcalloc(most + 1, sizeof *lines);
    buffer_init(&text, FILE_MAX);
    int rc = read_whole(fd, &text, e);
    close(fd);
    if (rc == 0)
        rc = take_lines(lines, most, &text, e);
    secret_buffer_wipe(&text);
    if (rc == 0)
        return lines;
    secret_lines_free(lines);
    return NULL;
}

void secret_lines_free(char **lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        explicit_bzero(lines[i], strlen(lines[i]));
        free(lines[i]);
    }
    free(lines);
}
