/* Writing the samples: draw up, render, write, one after the other, so that memory holds one
 * document however many there are. A document that can't be written ends it with that file's name
 * and leaves no half of it behind.
 *
 * Names are what accounts payable has to live with: folders by month, by seller or by both, spaces,
 * umlauts, a seller's own way of numbering. The running number makes each one unique. */
#include "sandbox/samples.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/render.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes PATH's directories; its last component is left alone. */
static int make_parents(const char *path, struct error *e)
{
    char *directory = xstrdup(path);
    *strrchr(directory, '/') = '\0';
    int rc = directory_make(directory, ACCESS_PRIVATE, e);
    free(directory);
    return rc;
}

static int write_all(int fd, const struct buffer *b)
{
    for (size_t done = 0; done < b->len;) {
        ssize_t n = write(fd, b->data + done, b->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int write_file(const char *path, const struct buffer *bytes, struct error *e)
{
    int rc = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_system(e, ERR_IO, errno, "write %s", text_show(path));
    if (write_all(fd, bytes) != 0)
        rc = error_system(e, ERR_IO, errno, "write %s", text_show(path));
    if (close(fd) != 0 && rc == 0)
        rc = error_system(e, ERR_IO, errno, "write %s", text_show(path));
    if (rc != 0)
        unlink(path);
    return rc;
}

static const char *extension(const struct invoice *v, int index)
{
    switch (v->medium) {
    case MEDIUM_PNG:
        return ".png";
    case MEDIUM_JPEG:
        return index % 3 ? ".jpg" : ".JPG"; /* phones and cameras differ */
    case MEDIUM_PDF:
        break;
    }
    return ".pdf";
}

/* The path below DIRECTORY. */
static void name_file(const struct invoice *v, int index, const char *directory, struct buffer *out)
{
    const struct supplier *s = v->supplier;
    char number[sizeof v->number], date[DATE_TEXT_MAX], month[16];
    text_copy(number, sizeof number, v->number);
    for (char *p = number; *p; p++)
        if (*p == '/')
            *p = '-';
    date_show(DATE_ISO, v->date, date);
    text_copy(month, 8, date);
    buffer_clear(out);
    buffer_printf(out, "%s/", directory);
    if (invoice_is_receipt(v))
        buffer_printf(out, "%s/Receipts/%s %s %s", month, date, s->name, number);
    else if (s->layout == LAYOUT_SIDEBAR || s->layout == LAYOUT_ERP)
        buffer_printf(out, "%s/%s/%s", s->name, month, number);
    else if (s->layout == LAYOUT_MINIMAL)
        buffer_printf(out, "%s/%s %s", s->name, date, number);
    else
        buffer_printf(out, "%s/%s %s", month, s->name, number);
    buffer_put(out, v->medium != MEDIUM_PDF && !invoice_is_receipt(v) ? " (scan)" : "");
    buffer_put(out, extension(v, index));
}

struct work {
    struct invoice invoice;
    struct buffer bytes, path;
};

static int make_one(struct work *w, const char *directory, uint64_t seed, int index,
                    struct error *e)
{
    struct invoice *v = &w->invoice;
    invoice_draft(v, seed, index);
    name_file(v, index, directory, &w->path);
    int rc = v->medium == MEDIUM_PDF ? invoice_render_pdf(v, &w->bytes, e)
                                     : invoice_render_image(v, &w->bytes, e);
    if (rc != 0)
        return error_wrap(e, "make %s", text_show(buffer_text(&w->path)));
    rc = make_parents(buffer_text(&w->path), e);
    return rc ? rc : write_file(buffer_text(&w->path), &w->bytes, e);
}

int samples_make(const char *directory, int count, uint64_t seed, struct error *e)
{
    if (count < 1 || count > SAMPLES_MAX)
        return error_set(e, ERR_USAGE, "%d samples: give a number from 1 to %d", count,
                         SAMPLES_MAX);
    if (!*directory)
        return error_set(e, ERR_USAGE, "samples need a directory to go to");
    struct work *w = xcalloc(1, sizeof *w);
    int rc = 0;
    for (int i = 0; rc == 0 && i < count; i++)
        rc = make_one(w, directory, seed, i, e);
    invoice_render_end();
    buffer_release(&w->bytes);
    buffer_release(&w->path);
    free(w);
    return rc;
}
