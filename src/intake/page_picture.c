/* See page_picture.h. */
#include "intake/page_picture.h"

#include "base/buffer.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#ifdef MB_HEIF
#include <libheif/heif.h>
#endif

#define PIXELS_MAX ((uint64_t)60 * 1000 * 1000)

/* The mean of FACTOR x FACTOR pixels each; a last row or column of fewer is left out. What is written never stands behind
 * what is still to be read. */
static void shrink(uint8_t *rgb, uint32_t *width, uint32_t *height, size_t stride, uint32_t factor)
{
    uint32_t w = *width / factor, h = *height / factor;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            for (size_t c = 0; c < 3; c++) {
                uint32_t sum = 0;
                for (uint32_t j = 0; j < factor; j++)
                    for (uint32_t i = 0; i < factor; i++)
                        sum += rgb[(size_t)(y * factor + j) * stride +
                                   ((size_t)x * factor + i) * 3 + c];
                rgb[((size_t)y * w + x) * 3 + c] = (uint8_t)(sum / (factor * factor));
            }
    *width = w;
    *height = h;
}

enum page_picture page_picture_write(uint8_t *rgb, uint32_t width, uint32_t height, size_t stride)
{
    uint32_t longer = width > height ? width : height;
    uint32_t factor = (longer + PICTURE_SIDE_MAX - 1) / PICTURE_SIDE_MAX;
    if (factor > 1) {
        shrink(rgb, &width, &height, stride, factor);
        stride = (size_t)width * 3;
    }
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = width,
                       .height = height,
                       .format = PNG_FORMAT_RGB,
                       .flags = PNG_IMAGE_FLAG_FAST};
    if (width == 0 || height == 0 ||
        !png_image_write_to_stdio(&image, stdout, 0, rgb, (png_int_32)stride, NULL) ||
        fflush(stdout) != 0)
        return PICTURE_FAILED;
    return PICTURE_WRITTEN;
}

/* In place: four bytes of a pixel become three, on white where it is transparent (colours come multiplied with alpha). */
static enum page_picture write_raster(uint32_t *raster, uint32_t width, uint32_t height)
{
    uint8_t *rgb = (uint8_t *)raster;
    for (size_t i = 0; i < (size_t)width * height; i++) {
        uint32_t pixel = raster[i], clear = 255 - TIFFGetA(pixel);
        uint32_t colours[3] = {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)};
        for (size_t c = 0; c < 3; c++)
            rgb[i * 3 + c] = (uint8_t)(colours[c] + clear > 255 ? 255 : colours[c] + clear);
    }
    return page_picture_write(rgb, width, height, (size_t)width * 3);
}

static enum page_picture read_tiff(TIFF *tiff, int page)
{
    uint32_t width = 0, height = 0;
    if (!TIFFSetDirectory(tiff, (tdir_t)(page - 1)) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height) || width == 0 || height == 0 ||
        (uint64_t)width * height > PIXELS_MAX)
        return PICTURE_FAILED;
    uint32_t *raster = malloc((size_t)width * height * sizeof *raster);
    enum page_picture code = PICTURE_FAILED;
    if (raster && TIFFReadRGBAImageOriented(tiff, width, height, raster, ORIENTATION_TOPLEFT, 0))
        code = write_raster(raster, width, height);
    free(raster);
    return code;
}

enum page_picture page_picture_of_tiff(int page)
{
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    TIFF *tiff = TIFFFdOpen(0, "page", "rm"); /* not mapped: a file cut meanwhile is no SIGBUS */
    if (!tiff)
        return PICTURE_FAILED;
    enum page_picture code = read_tiff(tiff, page);
    TIFFClose(tiff);
    return code;
}

#ifdef MB_HEIF
enum { FILE_MAX = 100 * 1000 * 1000 };

static enum page_picture write_heif(struct heif_image *image)
{
    int stride = 0;
    uint8_t *rgb = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    int width = heif_image_get_width(image, heif_channel_interleaved);
    int height = heif_image_get_height(image, heif_channel_interleaved);
    if (!rgb || width <= 0 || height <= 0 || stride < width * 3)
        return PICTURE_FAILED;
    return page_picture_write(rgb, (uint32_t)width, (uint32_t)height, (size_t)stride);
}

static enum page_picture decode_heif(struct heif_image_handle *handle)
{
    struct heif_image *image = NULL;
    int64_t width = heif_image_handle_get_width(handle);
    int64_t height = heif_image_handle_get_height(handle);
    if (width <= 0 || height <= 0 || (uint64_t)(width * height) > PIXELS_MAX ||
        heif_decode_image(handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGB, NULL)
                .code != heif_error_Ok)
        return PICTURE_FAILED;
    enum page_picture code = write_heif(image);
    heif_image_release(image);
    return code;
}

static enum page_picture read_heif(const struct buffer *bytes)
{
    struct heif_context *context = heif_context_alloc();
    struct heif_image_handle *handle = NULL;
    enum page_picture code = PICTURE_FAILED;
    if (context &&
        heif_context_read_from_memory_without_copy(context, bytes->data, bytes->len, NULL).code ==
            heif_error_Ok &&
        heif_context_get_primary_image_handle(context, &handle).code == heif_error_Ok)
        code = decode_heif(handle);
    if (handle)
        heif_image_handle_release(handle);
    if (context)
        heif_context_free(context);
    return code;
}

enum page_picture page_picture_of_heic(int page)
{
    struct buffer bytes;
    buffer_init(&bytes, FILE_MAX);
    enum page_picture code = PICTURE_FAILED;
    if (page == 1 && buffer_read(&bytes, 0) == 0 && bytes.len > 0)
        code = read_heif(&bytes);
    buffer_release(&bytes);
    return code;
}
#else
enum page_picture page_picture_of_heic(int page)
{
    (void)page;
    return PICTURE_NO_LIBRARY;
}
#endif
