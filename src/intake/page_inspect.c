/* Parses one file with qpdf or libtiff: how many pages, encrypted, broken. Runs in the helper
 * process alone, because either library can be kept busy, or made to eat memory,
 * by a file that wants to.
 *
 * A PDF is encrypted if it needs a password, opens with the empty one, or asks for a method that
 * qpdf doesn't know. A count that isn't positive is unknown; so is one that no document has. */
#include "intake/page_helper.h"

#include <qpdf/qpdf-c.h>
#include <string.h>
#include <tiffio.h>

enum { PAGES_MAX = 100000 };

static void take_pages(struct page_reply *reply, int64_t pages)
{
    reply->pages = pages > 0 && pages <= PAGES_MAX ? (int32_t)pages : 0;
}

static void take_error(qpdf_data pdf, struct page_reply *reply)
{
    qpdf_error error = qpdf_get_error(pdf);
    enum qpdf_error_code_e code = error ? qpdf_get_error_code(pdf, error) : qpdf_e_internal;
    const char *detail = error ? qpdf_get_error_message_detail(pdf, error) : NULL;
    bool method = code == qpdf_e_unsupported && detail && strstr(detail, "ncrypt");
    if (code == qpdf_e_password || method)
        reply->encrypted = 1;
    else
        reply->broken = 1;
}

static void inspect_pdf(const char *path, struct page_reply *reply)
{
    qpdf_data pdf = qpdf_init();
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    if (qpdf_read(pdf, path, NULL) & QPDF_ERRORS) {
        take_error(pdf, reply);
    } else {
        reply->encrypted = qpdf_is_encrypted(pdf) != QPDF_FALSE;
        int pages = qpdf_get_num_pages(pdf);
        if (qpdf_has_error(pdf))
            reply->broken = 1;
        else
            take_pages(reply, pages);
    }
    qpdf_cleanup(&pdf);
}

static void inspect_tiff(const char *path, struct page_reply *reply)
{
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    TIFF *tiff = TIFFOpen(path, "rm"); /* not mapped: a file cut meanwhile is no SIGBUS */
    if (!tiff) {
        reply->broken = 1;
        return;
    }
    take_pages(reply, TIFFNumberOfDirectories(tiff));
    TIFFClose(tiff);
}

void page_inspect(const char *path, enum file_type type, struct page_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    if (type == FILE_PDF)
        inspect_pdf(path, reply);
    else if (type == FILE_TIFF)
        inspect_tiff(path, reply);
    else
        reply->broken = 1;
}
