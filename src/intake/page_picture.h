/* page_picture.h - a page of the TIFF or HEIC on standard input as a PNG on standard output. Inside the process that draws
 * (page_draw.h) alone: these libraries can be kept busy, or made to eat memory, by a file that wants to. */
#ifndef MB_INTAKE_PAGE_PICTURE_H
#define MB_INTAKE_PAGE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

enum { PICTURE_SIDE_MAX = 2000 };

enum page_picture { PICTURE_WRITTEN, PICTURE_FAILED, PICTURE_NO_LIBRARY };

enum page_picture page_picture_of_tiff(int page);
enum page_picture page_picture_of_heic(int page);

/* RGB, three bytes a pixel, rows of STRIDE bytes. It is made smaller in place, then written. */
enum page_picture page_picture_write(uint8_t *rgb, uint32_t width, uint32_t height, size_t stride);

#endif
