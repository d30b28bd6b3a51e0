/* See workbook_file.h. The library writes a sheet's rows into a file without a name, and at the end puts
 * those into a second one and that into the zip file. It looks at what the zip file says, but not at the
 * others' writes: a full disk would leave a sheet that ends in the middle and a return code of 0. So the
 * first kind is flushed and asked before the end, and of the second the zip file is read back
 * (workbook_check.h). */
#include "workbook/workbook_file.h"
#include "workbook/workbook_check.h"
#include "workbook/workbook_zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ZIP64_FROM = 2000000000 /* bytes of rows in all: below, no part of the file nears 4 GB */ };

/* The file is there before the library opens it, so that it is nobody else's to read. */
enum { TINT = 0xe2efda };

static int make_file(const struct workbook_file *f, struct error *e)
{
    int fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_system(e, ERR_IO, errno, "make %s", f->shown);
    close(fd);
    return 0;
}

static int set_up(struct workbook_file *f, int64_t created_s, struct error *e)
{
    workbook_zip_use();
    lxw_workbook_options o = {.constant_memory = LXW_TRUE, .tmpdir = f->tmpdir};
    lxw_doc_properties p = {.author = "mindee-batch", .created = (time_t)created_s};
    f->lib = workbook_new_opt(f->path, &o);
    if (!f->lib || workbook_set_properties(f->lib, &p) ||
        workbook_styles_make(&f->styles, f->lib, 0) ||
        workbook_styles_make(&f->tinted, f->lib, TINT))
        return error_set(e, ERR_MEMORY, "make %s: not enough memory", f->shown);
    return 0;
}

int workbook_file_open(struct workbook_file **out, const char *path, const char *shown,
                       const char *tmpdir, int64_t created_s, struct error *e)
{
    struct workbook_file *f = xcalloc(1, sizeof *f);
    f->path = xstrdup(path);
    f->shown = xstrdup(shown);
    f->tmpdir = xstrdup(tmpdir);
    f->locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    if (!f->locale)
        f->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    REQUIRE(f->locale);
    int rc = make_file(f, e);
    if (!rc) {
        locale_t old = uselocale(f->locale);
        rc = set_up(f, created_s, e);
        uselocale(old);
    }
    if (rc) {
        workbook_file_free(f);
        return rc;
    }
    *out = f;
    return 0;
}

void workbook_file_free(struct workbook_file *f)
{
    if (!f)
        return;
    if (f->lib) { /* given up: the library leaves the sheets' files open */
        for (size_t i = 0; i < f->sheet_count; i++)
            if (f->sheets[i]->optimize_tmpfile)
                fclose(f->sheets[i]->optimize_tmpfile);
        lxw_workbook_free(f->lib);
    }
    freelocale(f->locale);
    buffer_release(&f->text);
    buffer_release(&f->plain);
    free(f->path);
    free(f->shown);
    free(f->tmpdir);
    free(f);
}

int workbook_file_sheet(struct workbook_file *f, const char *name, lxw_worksheet **out,
                        struct error *e)
{
    if (f->sheet_count == WORKBOOK_SHEETS_MOST)
        return error_set(e, ERR_LIMIT, "write %s: it has %d sheets, which is the most", f->shown,
                         WORKBOOK_SHEETS_MOST);
    errno = 0;
    lxw_worksheet *ws = workbook_add_worksheet(f->lib, name);
    if (!ws)
        return error_system(e, ERR_IO, errno ? errno : ENOMEM,
                            "write %s: add sheet %s, whose rows are in %s", f->shown, name,
                            f->tmpdir);
    f->sheets[f->sheet_count++] = ws;
    *out = ws;
    return 0;
}

int workbook_file_said(const struct workbook_file *f, lxw_error rc, const lxw_worksheet *ws,
                       lxw_row_t row, lxw_col_t column, struct error *e)
{
    if (rc == LXW_NO_ERROR)
        return 0;
    char cell[LXW_MAX_CELL_NAME_LENGTH];
    lxw_rowcol_to_cell(cell, row, column);
    return error_set(e, rc == LXW_ERROR_MEMORY_MALLOC_FAILED ? ERR_MEMORY : ERR_LIMIT,
                     "write %s, sheet %s, cell %s: %s", f->shown, ws->name, cell, lxw_strerror(rc));
}

int workbook_file_holds(const struct workbook_file *f, const lxw_worksheet *ws, struct error *e)
{
    if (!ferror(ws->optimize_tmpfile))
        return 0;
    return error_system(e, ERR_IO, errno ? errno : EIO, "write %s, rows of sheet %s", f->shown,
                        ws->name);
}

/* The rows of all sheets are in their files, and how much that is is known. */
static int measure(struct workbook_file *f, int64_t *all, struct error *e)
{
    *all = 0;
    for (size_t i = 0; i < f->sheet_count; i++) {
        lxw_worksheet *ws = f->sheets[i];
        errno = 0;
        lxw_worksheet_write_single_row(ws); /* the last one is still in memory */
        off_t at = fflush(ws->optimize_tmpfile) ? -1 : ftello(ws->optimize_tmpfile);
        if (at < 0 || ferror(ws->optimize_tmpfile))
            return error_system(e, ERR_IO, errno ? errno : EIO, "write %s, rows of sheet %s",
                                f->shown, ws->name);
        f->rows[i] = at;
        *all += at;
    }
    return 0;
}

static int sync_file(const struct workbook_file *f, struct error *e)
{
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int failed = fd < 0 || fsync(fd) ? errno : 0;
    if (fd >= 0)
        close(fd);
    return failed ? error_system(e, ERR_IO, failed, "write %s", f->shown) : 0;
}

int workbook_file_end(struct workbook_file *f, struct error *e)
{
    int64_t bytes;
    int rc = measure(f, &bytes, e);
    if (!rc) {
        f->lib->options.use_zip64 = bytes > ZIP64_FROM;
        errno = 0;
        lxw_error said = workbook_close(f->lib);
        f->lib = NULL; /* gone in any case */
        if (said != LXW_NO_ERROR)
            rc = error_system(e, ERR_IO, errno ? errno : EIO, "write %s: %s", f->shown,
                              lxw_strerror(said));
    }
    if (rc || (rc = sync_file(f, e)))
        return rc;
    return workbook_check(f->path, f->shown, f->rows, f->sheet_count, e);
}
