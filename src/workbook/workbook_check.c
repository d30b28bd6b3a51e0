/* See workbook_check.h. Tags are counted, not understood: what a full disk leaves out of a part either cuts
 * it off or moves the end of its rows. */
#include "workbook/workbook_check.h"

#include <minizip/unzip.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tags {
    int64_t at;    /* bytes of the part so far */
    int64_t depth; /* elements that are open */
    int64_t rows_from, rows_to;
    char tag[16]; /* the beginning of the one that we are in */
    size_t tag_len;
    char last; /* the newest byte of it */
    bool inside, broken;
};

static void end_tag(struct tags *t)
{
    if (t->tag_len == 9 && memcmp(t->tag, "sheetData", 9) == 0)
        t->rows_from = t->at + 1;
    if (t->tag_len == 10 && memcmp(t->tag, "/sheetData", 10) == 0)
        t->rows_to = t->at - 11;
    if (t->tag_len == 0)
        t->broken = true;
    else if (t->tag[0] == '/')
        t->depth--;
    else if (t->tag[0] != '?' && t->last != '/')
        t->depth++;
    t->broken = t->broken || t->depth < 0;
    t->inside = false;
}

/* Of a tag up to END, or to its '>', which stands in no attribute: there it is escaped. */
static const char *read_tag(struct tags *t, const char *p, const char *end)
{
    const char *close = memchr(p, '>', (size_t)(end - p));
    size_t len = (size_t)((close ? close : end) - p);
    size_t room = sizeof t->tag - t->tag_len, kept = len < room ? len : room;
    memcpy(t->tag + t->tag_len, p, kept);
    t->tag_len += kept;
    t->at += (int64_t)len;
    if (len)
        t->last = p[len - 1];
    if (!close)
        return end;
    end_tag(t);
    t->at++;
    return close + 1;
}

static void read_tags(struct tags *t, const char *bytes, size_t len)
{
    const char *p = bytes, *end = bytes + len;
    while (p < end) {
        if (t->inside) {
            p = read_tag(t, p, end);
            continue;
        }
        const char *tag = memchr(p, '<', (size_t)(end - p));
        t->at += (tag ? tag + 1 : end) - p;
        if (!tag)
            return;
        p = tag + 1;
        t->inside = true;
        t->tag_len = 0;
        t->last = '<';
    }
}

static bool is_whole(const struct tags *t, int64_t rows)
{
    if (t->inside || t->broken || t->depth != 0 || t->at == 0)
        return false;
    return rows < 0 || t->rows_to - t->rows_from == rows || (rows == 0 && t->rows_to == 0);
}

/* ROWS: as of a sheet; -1 for another part. */
static bool part_is_whole(unzFile zip, int64_t rows)
{
    struct tags t = {0};
    char bytes[32768];
    int n;
    if (unzOpenCurrentFile(zip) != UNZ_OK)
        return false;
    while ((n = unzReadCurrentFile(zip, bytes, sizeof bytes)) > 0)
        read_tags(&t, bytes, (size_t)n);
    return unzCloseCurrentFile(zip) == UNZ_OK && n == 0 && is_whole(&t, rows);
}

int workbook_check(const char *path, const char *shown, const int64_t *rows, size_t sheets,
                   struct error *e)
{
    size_t seen = 0;
    bool whole = true;
    char name[256];
    unzFile zip = unzOpen64(path);
    for (int rc = zip ? unzGoToFirstFile(zip) : UNZ_ERRNO; whole && rc != UNZ_END_OF_LIST_OF_FILE;
         rc = unzGoToNextFile(zip)) {
        unsigned sheet;
        whole = rc == UNZ_OK &&
                unzGetCurrentFileInfo64(zip, NULL, name, sizeof name, NULL, 0, NULL, 0) == UNZ_OK;
        if (!whole)
            break;
        bool is_sheet =
            sscanf(name, "xl/worksheets/sheet%u.xml", &sheet) == 1 && sheet >= 1 && sheet <= sheets;
        seen += is_sheet;
        whole = part_is_whole(zip, is_sheet ? rows[sheet - 1] : -1);
    }
    if (zip)
        unzClose(zip);
    if (whole && seen == sheets)
        return 0;
    return error_set(e, ERR_IO,
                     "write %s: it isn't whole on the disk, which may be full or failing", shown);
}
