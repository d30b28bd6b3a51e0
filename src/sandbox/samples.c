/* Writing the samples: draw up, render, write, one after the other, so that memory holds one
 * document however many there are. A document that can't be written ends it with that file's name
 * and leaves no half of it behind.
 *
 * With flaws the whole set is planned first (invoice/flaws.h); expected.json is written last,
 * so that who finds it has all the rest.
 *
 * Names are what accounts payable has to live with: folders by month, by seller or by both, spaces,
 * umlauts, a seller's own way of numbering. The running number makes each one unique. */
#include "sandbox/samples.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/flaws.h"
#include "sandbox/invoice/render.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

/* The path below the directory. */
static void name_file(const struct invoice *v, int index, const struct flaw *flaw,
                      struct buffer *out)
{
    const struct supplier *s = v->supplier;
    char number[sizeof v->number], date[DATE_TEXT_MAX], month[16];
    buffer_clear(out);
    if (flaw != NULL && flaw->kind == FLAW_DUPLICATE) { /* as the scanner calls it; sorted last */
        buffer_printf(out, "scans/scan-%04d%s", index + 1, extension(v, index));
        return;
    }
    if (*v->number)
        text_copy(number, sizeof number, v->number);
    else
        snprintf(number, sizeof number, "%04d", index + 1);
    for (char *p = number; *p; p++)
        if (*p == '/')
            *p = '-';
    date_show(DATE_ISO, v->date, date);
    text_copy(month, 8, date);
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
    const char *directory;
    struct flaw_plan plan;
    bool flawed; /* by that plan */
    struct samples_made *made;
    struct buffer name, path, bytes;
};

static const struct flaw *draft(struct work *w, uint64_t seed, int index)
{
    if (w->flawed)
        return flaw_plan_draft(&w->plan, &w->invoice, index);
    invoice_draft(&w->invoice, seed, index);
    return NULL;
}

static int write_below(struct work *w, const char *name, const struct buffer *bytes,
                       struct error *e)
{
    buffer_clear(&w->path);
    buffer_printf(&w->path, "%s/%s", w->directory, name);
    int rc = make_parents(buffer_text(&w->path), e);
    return rc ? rc : write_file(buffer_text(&w->path), bytes, e);
}

static int make_one(struct work *w, uint64_t seed, int index, struct error *e)
{
    struct invoice *v = &w->invoice;
    const struct flaw *flaw = draft(w, seed, index);
    name_file(v, index, flaw, &w->name);
    samples_made_count(w->made, v);
    if (flaw != NULL)
        samples_made_flaw(w->made, (int)(flaw - w->plan.flaws), buffer_text(&w->name));
    int rc = v->medium == MEDIUM_PDF ? invoice_render_pdf(v, &w->bytes, e)
                                     : invoice_render_image(v, &w->bytes, e);
    if (rc != 0)
        return error_wrap(e, "make %s", text_show(buffer_text(&w->name)));
    return write_below(w, buffer_text(&w->name), &w->bytes, e);
}

/* The originals' names, which their duplicates are told of. */
static void name_originals(struct work *w)
{
    for (int k = 0; k < w->plan.count; k++) {
        const struct flaw *f = &w->plan.flaws[k];
        if (f->kind != FLAW_DUPLICATE)
            continue;
        flaw_plan_draft(&w->plan, &w->invoice, f->of);
        name_file(&w->invoice, f->of, NULL, &w->name);
        samples_made_original(w->made, k, buffer_text(&w->name));
    }
}

static int write_expected(struct work *w, struct error *e)
{
    name_originals(w);
    buffer_clear(&w->bytes);
    samples_made_expected(w->made, &w->plan, &w->bytes);
    return write_below(w, "expected.json", &w->bytes, e);
}

int samples_make(const char *directory, const struct samples_order *order,
                 struct samples_made *made, struct error *e)
{
    if (order->count < 1 || order->count > SAMPLES_MAX)
        return error_set(e, ERR_USAGE, "%d samples: give a number from 1 to %d", order->count,
                         SAMPLES_MAX);
    if (!*directory)
        return error_set(e, ERR_USAGE, "samples need a directory to go to");
    struct work *w = xcalloc(1, sizeof *w);
    w->directory = directory;
    w->made = made;
    w->flawed = order->with_flaws;
    int rc = w->flawed ? flaw_plan_init(&w->plan, order->seed, order->count, order->flaws, e) : 0;
    for (int i = 0; rc == 0 && i < order->count; i++)
        rc = make_one(w, order->seed, i, e);
    if (rc == 0 && w->flawed)
        rc = write_expected(w, e);
    invoice_render_end();
    flaw_plan_release(&w->plan);
    buffer_release(&w->name);
    buffer_release(&w->path);
    buffer_release(&w->bytes);
    free(w);
    return rc;
}
