/* See csv_read.h. Cells are taken apart in place: quotes make a cell shorter, never longer. */
#include "cli/csv_read.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char delimiter_of(const char *text)
{
    size_t len = strcspn(text, "\r\n");
    static const char known[] = ",;\t";
    char best = ',';
    size_t most = 0;
    for (const char *d = known; *d; d++) {
        size_t n = 0;
        for (size_t i = 0; i < len; i++)
            n += text[i] == *d;
        if (n > most) {
            most = n;
            best = *d;
        }
    }
    return best;
}

int csv_reader_open(struct csv_reader *r, const char *path, struct error *e)
{
    static const char mark[] = "\xef\xbb\xbf";
    *r = (struct csv_reader){.lines = 1};
    buffer_init(&r->text, CSV_FILE_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_system(e, ERR_USAGE, errno, "%s", text_show(path));
    int err = buffer_read(&r->text, fd);
    int why = errno;
    close(fd);
    if (err == ERR_IO)
        return error_system(e, ERR_USAGE, why, "read %s", text_show(path));
    if (err)
        return error_set(e, ERR_USAGE, "%s has more than %d MB", text_show(path),
                         CSV_FILE_MAX / 1024 / 1024);
    if (strlen(buffer_text(&r->text)) != r->text.len ||
        !text_is_utf8(buffer_text(&r->text), r->text.len))
        return error_set(e, ERR_USAGE, "%s isn't a CSV file in UTF-8: save it as \"CSV UTF-8\"",
                         text_show(path));
    if (strncmp(buffer_text(&r->text), mark, sizeof mark - 1) == 0)
        r->at = sizeof mark - 1;
    r->delimiter = delimiter_of(buffer_text(&r->text) + r->at);
    return 0;
}

void csv_reader_close(struct csv_reader *r)
{
    buffer_release(&r->text);
}

/* The quoted cell from AT, behind its quote: where it ends, behind the closing one; NULL: it never does. */
static char *unquote(struct csv_reader *r, char *at)
{
    char *to = at, *from = at;
    for (; *from; from++) {
        if (*from == '"' && from[1] != '"')
            break;
        from += *from == '"';
        r->lines += *from == '\n';
        *to++ = *from;
    }
    if (!*from)
        return NULL;
    from++;
    if (to != from)
        memset(to, '\0', (size_t)(from - to));
    return from;
}

static int refuse(struct csv_reader *r, struct error *e, const char *why)
{
    return error_set(e, ERR_USAGE, "line %lld: %s", (long long)r->line, why);
}

static int read_row(struct csv_reader *r, struct error *e)
{
    const char ends[] = {r->delimiter, '\r', '\n', '\0'};
    char *text = r->text.data;
    for (;;) {
        if (r->count == CSV_CELLS_MAX)
            return refuse(r, e, "too many cells");
        bool quoted = text[r->at] == '"';
        char *cell = text + r->at + quoted;
        char *end = quoted ? unquote(r, cell) : cell + strcspn(cell, ends);
        if (!end)
            return refuse(r, e, "a quote is never closed");
        char what = *end;
        if (quoted && what && !strchr(ends, what))
            return refuse(r, e, "something stands behind a closing quote");
        *end = '\0';
        r->cells[r->count++] = *cell == '\'' ? cell + 1 : cell;
        r->at = (size_t)(end - text) + (what != '\0');
        if (what == '\r' && text[r->at] == '\n')
            r->at++;
        if (what != r->delimiter) {
            r->lines++;
            return 1;
        }
    }
}

int csv_reader_next(struct csv_reader *r, struct error *e)
{
    const char *text = buffer_text(&r->text);
    for (; text[r->at] == '\r' || text[r->at] == '\n'; r->at++)
        r->lines += text[r->at] == '\n';
    r->count = 0;
    r->line = r->lines;
    return r->at < r->text.len ? read_row(r, e) : 0;
}
