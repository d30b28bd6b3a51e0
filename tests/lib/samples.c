/* See samples.h. */
#include "samples.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <qpdf/qpdf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void folder_make(struct folder *f)
{
    snprintf(f->path, sizeof f->path, "/tmp/mb-intake-XXXXXX");
    REQUIRE(mkdtemp(f->path) != NULL);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

void folder_remove(struct folder *f)
{
    REQUIRE(nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

const char *folder_path(const struct folder *f, const char *name)
{
    static char ring[8][PATH_MAX];
    static unsigned next;
    char *path = ring[next++ % 8];
    REQUIRE(snprintf(path, PATH_MAX, "%s/%s", f->path, name) < PATH_MAX);
    return path;
}

const char *folder_put(const struct folder *f, const char *name, const void *data, size_t len)
{
    const char *path = folder_path(f, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    REQUIRE(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    close(fd);
    return path;
}

const char *folder_put_buffer(const struct folder *f, const char *name, const struct buffer *b)
{
    return folder_put(f, name, b->data, b->len);
}

static void put_bytes(struct buffer *out, const void *data, size_t len)
{
    REQUIRE(buffer_append(out, data, len) == 0);
}

void sample_pdf(struct buffer *out, int pages, const char *text)
{
    enum { MAX = 64 };
    size_t offsets[MAX + 3], start = out->len;
    REQUIRE(pages <= MAX);
    buffer_printf(out, "%%PDF-1.4\n%% %s\n", text);
    offsets[1] = out->len - start;
    buffer_put(out, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    offsets[2] = out->len - start;
    buffer_put(out, "2 0 obj\n<</Type/Pages/Kids[");
    for (int i = 0; i < pages; i++)
        buffer_printf(out, "%d 0 R ", i + 3);
    buffer_printf(out, "]/Count %d>>\nendobj\n", pages);
    for (int i = 0; i < pages; i++) {
        offsets[i + 3] = out->len - start;
        buffer_printf(out, "%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n",
                      i + 3);
    }
    size_t xref = out->len - start;
    buffer_printf(out, "xref\n0 %d\n0000000000 65535 f \n", pages + 3);
    for (int i = 1; i < pages + 3; i++)
        buffer_printf(out, "%010zu 00000 n \n", offsets[i]);
    buffer_printf(out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", pages + 3,
                  xref);
}

static void put_le(struct buffer *out, uint32_t value, size_t bytes)
{
    uint8_t le[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                     (uint8_t)(value >> 24)};
    put_bytes(out, le, bytes);
}

void sample_tiff(struct buffer *out, int pages)
{
    /* Each page one grey pixel, whose byte is the file's first. */
    static const uint16_t tags[][2] = {{256, 1}, {257, 1}, {258, 8}, {259, 1}, {262, 1},
                                       {273, 0}, {277, 1}, {278, 1}, {279, 1}};
    enum { TAGS = sizeof tags / sizeof *tags, DIRECTORY = 2 + 12 * TAGS + 4 };
    put_bytes(out, "II*\0", 4);
    put_le(out, 8, 4);
    for (int i = 0; i < pages; i++) {
        put_le(out, TAGS, 2);
        for (size_t t = 0; t < TAGS; t++) {
            put_le(out, tags[t][0], 2);
            put_le(out, 3, 2); /* a short */
            put_le(out, 1, 4);
            put_le(out, tags[t][1], 4);
        }
        put_le(out, i + 1 < pages ? 8 + (uint32_t)(i + 1) * DIRECTORY : 0, 4);
    }
}

static void put_chunk(struct buffer *out, const char *type, uint32_t len)
{
    uint8_t be[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    put_bytes(out, be, 4);
    put_bytes(out, type, 4);
    for (uint32_t i = 0; i < len + 4; i++) /* contents and check sum */
        put_bytes(out, "a", 1);
}

void sample_png(struct buffer *out, bool animated, uint32_t text_chunk_bytes)
{
    put_bytes(out, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", 13);
    if (text_chunk_bytes)
        put_chunk(out, "iTXt", text_chunk_bytes);
    if (animated)
        put_chunk(out, "acTL", 8);
    put_chunk(out, "IDAT", 20);
    put_chunk(out, "acTL", 8); /* too late to mean anything */
    put_chunk(out, "IEND", 0);
}

void sample_ftyp(struct buffer *out, const char *major, const char *compatible)
{
    uint8_t size[4] = {0, 0, 0, (uint8_t)(16 + strlen(compatible))};
    put_bytes(out, size, 4);
    put_bytes(out, "ftyp", 4);
    put_bytes(out, major, 4);
    put_bytes(out, "\0\0\0\0", 4);
    put_bytes(out, compatible, strlen(compatible));
    put_bytes(out, "\0\0\0\1meta", 8);
}

void sample_encrypted_pdf(const char *path, const char *user_password)
{
    struct buffer plain;
    buffer_init(&plain, 0);
    sample_pdf(&plain, 1, "");
    qpdf_data pdf = qpdf_init();
    REQUIRE(qpdf_read_memory(pdf, "sample", plain.data, plain.len, NULL) == QPDF_SUCCESS);
    REQUIRE(qpdf_init_write(pdf, path) == QPDF_SUCCESS);
    qpdf_set_r6_encryption_parameters2(pdf, user_password, "owner", QPDF_TRUE, QPDF_TRUE, QPDF_TRUE,
                                       QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, qpdf_r3p_full, QPDF_TRUE);
    REQUIRE(qpdf_write(pdf) == QPDF_SUCCESS);
    qpdf_cleanup(&pdf);
    buffer_release(&plain);
}

const char *shared_input(const char *name)
{
    static char path[PATH_MAX];
    const char *shared = getenv("MB_SHARED");
    snprintf(path, sizeof path, "%s/inputs/%s", shared ? shared : MB_SOURCE_DIR "/../shared", name);
    return access(path, R_OK) == 0 ? path : NULL;
}
