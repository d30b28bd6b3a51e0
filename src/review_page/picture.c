/* See picture.h. A special file in the document's place is never waited for: it is opened without blocking and refused. */
#include "review_page/picture.h"

#include "base/text.h"
#include "intake/intake.h"
#include "review_page/page_child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static int open_file(const char *path, int *fd, struct error *e)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(e, ERR_NOT_FOUND, "the file isn't there any more: %s", text_show(path));
    if (*fd < 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(path));
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
        return 0;
    close(*fd);
    return error_set(e, ERR_CHANGED, "this isn't a file any more: %s", text_show(path));
}

/* Reads all of it: whether it is what was sent, and what kind of file it is. */
static int look(int fd, const struct desk_file *file, enum file_type *type, struct error *e)
{
    static _Thread_local char chunk[CHUNK];
    struct sha256 *hash = sha256_new();
    uint8_t digest[SHA256_BYTES];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(fd, chunk, sizeof chunk, at)) > 0) {
        if (at == 0)
            *type = file_type_of(chunk, (size_t)n < FILE_HEAD_BYTES ? (size_t)n : FILE_HEAD_BYTES);
        sha256_update(hash, chunk, (size_t)n);
        at += n;
    }
    int error = errno;
    sha256_final(hash, digest);
    sha256_free(hash);
    if (n < 0)
        return error_system(e, ERR_IO, error, "%s", text_show(file->path));
    if (memcmp(digest, file->sha256, sizeof digest) != 0)
        return error_set(e, ERR_CHANGED, "the file was changed since it was sent: %s",
                         text_show(file->path));
    return 0;
}

void picture_release(struct picture *p)
{
    if (p->fd >= 0)
        close(p->fd);
    buffer_release(&p->bytes);
    *p = (struct picture){.fd = -1};
}

/* FD is the picture's from here on, unless there is an error. */
static int take_as_it_is(struct picture *p, int fd, enum file_type type, int page, struct error *e)
{
    struct stat st;
    if (page != 1)
        return error_set(e, ERR_NOT_FOUND, "this file has one page");
    if (fstat(fd, &st) != 0)
        return error_system(e, ERR_IO, errno, "the picture");
    if (st.st_size > PICTURE_FILE_MAX)
        return error_set(e, ERR_LIMIT, "the picture is larger than %d MB",
                         PICTURE_FILE_MAX / 1000000);
    p->type = file_type_mime(type);
    p->fd = fd;
    p->size = st.st_size;
    return 0;
}

/* A JPEG of one pixel: what pdftoppm makes of a page that is too large for its memory. */
static bool is_a_dot(const struct buffer *jpeg)
{
    enum { SIZE = 9, START_OF_FRAME = 0xc0, HUFFMAN = 0xc4, LAST_OF_FRAMES = 0xcf };
    const uint8_t *p = (const uint8_t *)jpeg->data;
    for (size_t at = 2; at + SIZE <= jpeg->len && p[at] == 0xff;) {
        if (p[at + 1] >= START_OF_FRAME && p[at + 1] <= LAST_OF_FRAMES && p[at + 1] != HUFFMAN)
            return p[at + 5] == 0 && p[at + 6] <= 1 && p[at + 7] == 0 && p[at + 8] <= 1;
        at += 2 + ((size_t)p[at + 2] << 8 | p[at + 3]);
    }
    return false;
}

static int draw(struct picture *p, const char *tools, int fd, enum file_type type, int page,
                struct error *e)
{
    if (lseek(fd, 0, SEEK_SET) != 0)
        return error_system(e, ERR_IO, errno, "the file");
    p->type = type == FILE_PDF ? "image/jpeg" : "image/png";
    const char *word = type == FILE_PDF ? "pdf" : type == FILE_TIFF ? "tiff" : "heic";
    int err = page_child_draw(tools, word, page, fd, 0, &p->bytes, e);
    if (!err && type == FILE_PDF && is_a_dot(&p->bytes)) {
        buffer_release(&p->bytes);
        return error_set(e, ERR_LIMIT, "this page is too large to draw");
    }
    buffer_trim(&p->bytes);
    p->size = (int64_t)p->bytes.len;
    return err;
}

int picture_make(struct picture *p, const char *tools, const struct desk_file *file, int page,
                 struct error *e)
{
    enum file_type type = FILE_UNKNOWN;
    int fd;
    *p = (struct picture){.fd = -1};
    if (file->pages > 0 && page > file->pages)
        return error_set(e, ERR_NOT_FOUND, "the file has %d page%s", file->pages,
                         file->pages == 1 ? "" : "s");
    int err = open_file(file->path, &fd, e);
    if (err)
        return err;
    err = look(fd, file, &type, e);
    if (!err && (type == FILE_JPEG || type == FILE_PNG || type == FILE_WEBP))
        err = take_as_it_is(p, fd, type, page, e);
    else if (!err && type == FILE_UNKNOWN)
        err = error_set(e, ERR_FORMAT, "pages of this kind of file can't be shown");
    else if (!err)
        err = draw(p, tools, fd, type, page, e);
    if (err || p->fd < 0)
        close(fd);
    return err;
}
