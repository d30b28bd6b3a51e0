/* libpng and libjpeg report errors by a jump. Each encoder keeps what the jump must free in a
 * struct of the caller, so that no local variable is read after it. */
#include "sandbox/invoice/image.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h wants FILE */
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

enum { JPEG_QUALITY = 74, JPEG_COMMENT_MAX = 65533 };

static uint32_t pixel(const struct pixels *p, int x, int y)
{
    uint32_t value;
    memcpy(&value, p->data + (size_t)y * (size_t)p->stride + (size_t)x * 4, sizeof value);
    return value;
}

struct png_work {
    png_structp png;
    png_infop info;
    png_bytep row;
    struct buffer *out;
    char message[128];
    bool failed;
};

static void png_failed(png_structp png, png_const_charp message)
{
    struct png_work *w = png_get_error_ptr(png);
    snprintf(w->message, sizeof w->message, "%s", message);
    w->failed = true;
    png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void png_write_bytes(png_structp png, png_bytep data, png_size_t len)
{
    struct png_work *w = png_get_io_ptr(png);
    if (buffer_append(w->out, data, len) != 0)
        png_error(png, "out of memory");
}

static void png_flush_nothing(png_structp png)
{
    (void)png;
}

/* Two pixels a byte; paper is nearly all white, so rows repeat and compress well. */
static void png_work_run(struct png_work *w, const struct pixels *p, const char *comment)
{
    char key[] = "Comment";
    if (setjmp(png_jmpbuf(w->png)))
        return;
    png_set_write_fn(w->png, w, png_write_bytes, png_flush_nothing);
    png_set_IHDR(w->png, w->info, (png_uint_32)p->width, (png_uint_32)p->height, 4,
                 PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_text chunk;
    memset(&chunk, 0, sizeof chunk);
    chunk.compression = PNG_TEXT_COMPRESSION_NONE;
    chunk.key = key;
    chunk.text = (char *)(uintptr_t)comment; /* libpng only reads it */
    chunk.text_length = strlen(comment);
    png_set_text(w->png, w->info, &chunk, 1);
    png_write_info(w->png, w->info);
    for (int y = 0; y < p->height; y++) {
        memset(w->row, 0, (size_t)p->width / 2 + 1);
        for (int x = 0; x < p->width; x++) {
            uint32_t c = pixel(p, x, y);
            uint32_t grey = ((c >> 16 & 0xff) * 77 + (c >> 8 & 0xff) * 150 + (c & 0xff) * 29) >> 8;
            uint32_t shade = (grey * 15 + 127) / 255;
            w->row[x / 2] = (png_byte)(w->row[x / 2] | shade << (x % 2 ? 0 : 4));
        }
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, w->info);
}

int image_encode_png(const struct pixels *p, const char *comment, struct buffer *out,
                     struct error *e)
{
    struct png_work w = {.out = out};
    buffer_clear(out);
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, png_failed, png_warned);
    REQUIRE(w.png != NULL);
    w.info = png_create_info_struct(w.png);
    w.row = xcalloc(1, (size_t)p->width / 2 + 1);
    REQUIRE(w.info != NULL);
    png_work_run(&w, p, comment);
    png_destroy_write_struct(&w.png, &w.info);
    free(w.row);
    return w.failed ? error_set(e, ERR_FORMAT, "libpng: %s", w.message) : 0;
}

struct jpeg_work {
    struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
    jmp_buf jump;
    struct jpeg_compress_struct jpeg;
    JSAMPLE *row;
    unsigned char *bytes; /* libjpeg's, by malloc */
    unsigned long len;
    char message[JMSG_LENGTH_MAX];
    bool failed;
};

static void jpeg_failed(j_common_ptr jpeg)
{
    struct jpeg_work *w = (struct jpeg_work *)(void *)jpeg->err;
    jpeg->err->format_message(jpeg, w->message);
    w->failed = true;
    longjmp(w->jump, 1);
}

static void jpeg_work_run(struct jpeg_work *w, const struct pixels *p, const char *comment)
{
    if (setjmp(w->jump))
        return;
    jpeg_create_compress(&w->jpeg);
    jpeg_mem_dest(&w->jpeg, &w->bytes, &w->len);
    w->jpeg.image_width = (JDIMENSION)p->width;
    w->jpeg.image_height = (JDIMENSION)p->height;
    w->jpeg.input_components = 3;
    w->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, JPEG_QUALITY, TRUE);
    jpeg_start_compress(&w->jpeg, TRUE);
    jpeg_write_marker(&w->jpeg, JPEG_COM, (const JOCTET *)comment, (unsigned)strlen(comment));
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            uint32_t c = pixel(p, x, y);
            w->row[3 * x] = (JSAMPLE)(c >> 16);
            w->row[3 * x + 1] = (JSAMPLE)(c >> 8);
            w->row[3 * x + 2] = (JSAMPLE)c;
        }
        jpeg_write_scanlines(&w->jpeg, &w->row, 1);
    }
    jpeg_finish_compress(&w->jpeg);
}

int image_encode_jpeg(const struct pixels *p, const char *comment, struct buffer *out,
                      struct error *e)
{
    REQUIRE(strlen(comment) <= JPEG_COMMENT_MAX);
    struct jpeg_work *w = xcalloc(1, sizeof *w);
    w->row = xcalloc((size_t)p->width, 3);
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->errors.error_exit = jpeg_failed;
    jpeg_work_run(w, p, comment);
    buffer_clear(out);
    int rc = w->failed ? error_set(e, ERR_FORMAT, "libjpeg: %s", w->message) : 0;
    if (rc == 0 && buffer_append(out, w->bytes, w->len) != 0)
        rc = error_set(e, ERR_MEMORY, "a JPEG of %lu bytes", w->len);
    jpeg_destroy_compress(&w->jpeg);
    free(w->bytes);
    free(w->row);
    free(w);
    return rc;
}
